#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Without any protocol, static memberships and the networks of the interfaces are enough to forward (mgm-spec 8.2): the
# entry is made by the first packet, which is held meanwhile and not lost. Others are asked for by a reload.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

membership() { # INTERFACE GROUP [SOURCE]
    printf '[[membership]]\ninterface = "%s"\ngroup = "%s"\n' "$1" "$2" >>"$toml"
    [ $# -lt 3 ] || printf 'source = "%s"\n' "$3" >>"$toml"
}
count=300
slow=300 # packets a second: eight are held for a new source, and control comes by every 10 ms
all_arrive() { # RECEIVER GROUP
    wait_for "$1 has $count packets of $2" has_received "$1" "$2" $count
    expect "packets of $2 at $1" "$(received "$1" "$2" packets)" -eq $count
    expect "repeated ones" "$(received "$1" "$2" repeated)" -eq 0
    expect "spoiled ones" "$(received "$1" "$2" spoiled)" -eq 0
}

three_hosts
configure router
interface p1 11 net_af_packet1,iface=r1 198.51.100.1/28 2001:db8:1::1/64
interface p2 22 net_af_packet2,iface=r2 198.51.100.17/28 2001:db8:2::1/64
interface p3 37 net_af_packet3,iface=r3 198.51.100.33/28 2001:db8:3::1/64
membership p2 $group4
membership p3 $group6 2001:db8:1::2
start_mgmd router router
wait_until_up router p1 p2 p3
receive receiver1 -- $group4 $group6
receive receiver2 -- $group4 $group6

send source $group4 $count --ttl 9 --rate $slow >/dev/null
send source $group6 $count --ttl 9 --rate $slow >/dev/null
all_arrive receiver1 $group4
all_arrive receiver2 $group6
expect "packets of $group4 where nobody wants them" "$(received receiver2 $group4 packets)" -eq 0
expect "packets of $group6 where nobody wants them" "$(received receiver1 $group6 packets)" -eq 0

# A group that nobody wants: its entry is negative, and its packets are drops.
send source 239.255.3.99 $count >/dev/null
expect "identities that do not hold" "$(identities_broken router)" -eq 0

# The live entry of $group4 gains an interface.
membership p3 $group4
ctl router reload >/dev/null || fail "the reload is refused"
send source $group4 $count --ttl 9 >/dev/null
count=$count all_arrive receiver2 $group4
expect "identities that do not hold" "$(identities_broken router)" -eq 0
stop_mgmd router
passed "memberships: entries made by data, none of the first packets lost"
