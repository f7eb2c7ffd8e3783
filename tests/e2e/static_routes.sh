#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# [[route]] beside protocols (mgm-spec 8.1): it keeps none from taking an interface, its entry gains what they join, and a
# route for a range of sources acts on the entry that data makes, whatever is vetoed.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
. "$e2e/puppets.sh"
needs_namespaces

R=239.255.9.7 # in the range of the second route
toml_extra=$(
    cat <<TOML
[[route]]
source = "$S"
group = "$G"
iifs = ["p1"]
oifs = ["p2"]
# begin: the range
[[route]]
source = "198.51.100.0/28"
group = "239.255.9.0/24"
oifs = ["p3"]
# end: the range
TOML
)
three_protocols # each takes its interface
receive receiver1 -- $G $R
receive receiver2 -- $G $R

mfe_is $S $G "in $p1 of protocol 0, out $p2, time-out 0"
send source $G $count >/dev/null
gets receiver1 $G $count

tell C add $any $G $p3 $join
mfe_is $S $G "in $p1 of protocol 0, out $p2 $p3, time-out 0"
send source $G $count --first $count >/dev/null
gets receiver1 $G $((2 * count))
gets receiver2 $G $count

tell C delete $any $G $p3 $join
send source $G $count --first $((2 * count)) >/dev/null
gets receiver1 $G $((3 * count))
expect "packets at the interface that nobody wants any more" "$(received receiver2 $G packets)" -eq $count
told A "RPF ($S,$G)" && fail "the owner of p1 is asked about an entry that a route has made"

tell C veto 0
outcome C veto $p3
send source $R $count --rate $slow >/dev/null
gets receiver2 $R $count
is_told A "RPF ($S,$R) $p1"
is_told C "CREATION ($S,$R) $p1 to $p3 vetoed"
mfe_is $S $R "in $p1 of protocol 0x4000001f, out $p3, time-out 900"

sed -i '/^# begin: the range/,/^# end: the range/d' "$toml"
ctl router reload >/dev/null || fail "the reload is refused"
send source $R $count --first $count >/dev/null
mfe_is $S $R "in $p1 of protocol 0x4000001f, out, time-out 900"
expect "packets of a route that is gone" "$(received receiver2 $R packets)" -eq $count
expect "packets that nobody asked for" "$(received receiver1 $R packets)" -eq 0
finish_three
passed "static routes: beside protocols, with what they join, and for a range of sources"
