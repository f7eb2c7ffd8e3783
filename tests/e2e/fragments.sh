#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Datagrams longer than the MTU come in as fragments and go out as the same fragments, over af_packet and af_xdp.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

three_hosts
configure router
sed -i 's/"-m", "192"/"-m", "256"/' "$toml"
three_interfaces net_af_packet1,iface=r1 net_af_packet2,iface=r2 net_af_xdp3,iface=r3
start_mgmd router router
wait_until_up router p1 p2 p3
receive receiver1 -- $group4 $group6
receive receiver2 -- $group4 $group6

send source $group4 50 --size 4000 >/dev/null # three fragments
send source $group6 50 --size 4000 >/dev/null

for receiver in receiver1 receiver2; do
    for group in $group4 $group6; do
        wait_for "$receiver has 50 datagrams of $group" has_received $receiver $group 50
        expect "spoiled ones" "$(received $receiver $group spoiled)" -eq 0
    done
done
expect "fragments in" "$(value router "['verdicts']['forwarded']" counters)" -eq 300
expect "copies that were fragmented here" "$(value router "['events'].get('frag_ok', 0)" counters --all)" -eq 0
stop_mgmd router
passed "fragments are passed on as they are, IPv4 and IPv6"
