#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# One port takes nothing any more (its peer is stopped in a debugger): its copies are lost as tx_full and counted, the
# other oif gets everything, and no packet buffer is missing at the end.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

router_namespace router
host source router r1 198.51.100.2/28 2001:db8:1::2/64
host receiver2 router r3 198.51.100.34/28 2001:db8:3::2/64
configure peer
interface in 41 "net_virtio_user0,path=$files/vhost.sock" 198.51.100.18/28
configure router
three_interfaces net_af_packet1,iface=r1 "net_vhost0,iface=$files/vhost.sock" net_af_packet3,iface=r3
start_mgmd router router
start_mgmd peer
wait_until_up peer in
wait_until_up router p1 p2 p3
receive receiver2 -- $group4

kill -STOP "${mgmd_pid[peer]}"
send source $group4 2000 >/dev/null
wait_for "the other oif has all 2000" has_received receiver2 $group4 2000
full=$(tx_full_of router p2)
expect "copies lost at the blocked port" "$full" -gt 0
expect "copies lost at the other port" "$(tx_full_of router p3)" -eq 0
expect "packets at the other oif" "$(received receiver2 $group4 packets)" -eq 2000
expect "copies wanted" "$(value router "['copies_wanted']" counters)" -eq 4000
expect "copies sent" "$(value router "['copies_sent']" counters)" -eq $((4000 - full))
expect "packets with no copy sent at all" "$(value router "['verdicts'].get('tx_full', 0)" counters --all)" -eq 0
expect "identities that do not hold" "$(identities_broken router)" -eq 0

kill -CONT "${mgmd_pid[peer]}"
stop_mgmd router
stop_mgmd peer
passed "a blocked port loses its own copies ($full of 2000) and nothing else"
