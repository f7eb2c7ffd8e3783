#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The kernel's queue behind one af_packet port stands still: its ring fills, its copies are lost as tx_full and counted on
# that oif alone, the worker goes on, and the other oif gets everything.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

three_hosts
# One frame, then nothing for as long as this takes.
in_ns router tc qdisc add dev r3 root tbf rate 8bit burst 1600 limit 1000000000 2>/dev/null ||
    skip "needs the kernel's token bucket queue (sch_tbf)"
configure router
three_interfaces net_af_packet1,iface=r1 net_af_packet2,iface=r2 net_af_packet3,iface=r3,qdisc_bypass=0,framecnt=512
start_mgmd router router
wait_until_up router p1 p2 p3
receive receiver1 -- $group4

send source $group4 3000 >/dev/null
wait_for "the other oif has all 3000" has_received receiver1 $group4 3000
expect "packets at the other oif" "$(received receiver1 $group4 packets)" -eq 3000
full=$(tx_full_of router p3)
expect "copies lost at the blocked port" "$full" -gt 0
expect "copies lost at the other port" "$(tx_full_of router p2)" -eq 0
expect "copies wanted" "$(value router "['copies_wanted']" counters)" -eq 6000
expect "copies sent" "$(value router "['copies_sent']" counters)" -eq $((6000 - full))
expect "identities that do not hold" "$(identities_broken router)" -eq 0
stop_mgmd router
passed "a full af_packet ring loses its own copies ($full of 3000), and nobody waits for it"
