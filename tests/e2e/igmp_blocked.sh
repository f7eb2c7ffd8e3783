#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# IGMP never returns from DISABLE: the protocol that gives its interface back waits until IGMP's time is up and no longer,
# flows and other protocols' calls do not notice, and IGMP is told to go on when it comes back (mgm-spec 8.8).
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
. "$e2e/puppets.sh"
needs_namespaces

toml_extra=$(puppet I 10)
three_protocols
wait_for "IGMP runs" told I "register: 0"
tell I take $p3
tell B add $any $G $p2 $join
tell I add $any $G $p3 $join
receive receiver1 -- $G
receive receiver2 -- $G
send source $G 10 --rate $slow >/dev/null
gets receiver1 $G 10
gets receiver2 $G 10

tell I hang DISABLE
send source $G 1000 --first 10 --rate 500 >/dev/null & # beside all that follows
flow=$!
echo "release $p3" >"$files/C.pipe"
is_told I "DISABLE $p3"
tell B probe 239.255.9.9 $p2 100 # while IGMP's answer is waited for
told C "release $p3: " && fail "C's call ends although IGMP has not answered"
wait_for "C's call ends without IGMP" told C "release $p3: 0"
log_has router 'event 60001: protocol 1073741834 .* has not answered in 1000 ms' || fail "no log line about IGMP"
wait $flow
gets receiver1 $G 1010
gets receiver2 $G 1010 # what IGMP had there stays until it has had the time to say it again

tell I hang 0
is_told I "ENABLE $p3"
finish_three
passed "an IGMP that hangs holds up nobody else"
