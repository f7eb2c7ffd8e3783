#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# A reload adds an interface on a new port and takes one away with its port; the others go on without a gap.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

three_hosts
configure router
interface p1 11 net_af_packet1,iface=r1 198.51.100.1/28
interface p2 22 net_af_packet2,iface=r2 198.51.100.17/28
route '*' $group4 p1 p2
start_mgmd router router
wait_until_up router p1 p2
receive receiver1 -- $group4
receive receiver2 -- $group4
send source $group4 40 >/dev/null
wait_for "receiver1 has 40" has_received receiver1 $group4 40

configure router
interface p1 11 net_af_packet1,iface=r1 198.51.100.1/28
interface p3 37 net_af_packet3,iface=r3 198.51.100.33/28
route '*' $group4 p1 p3
ctl router reload >/dev/null
wait_until_up router p3
is_not_promiscuous() { ! in_ns router ip link show r2 | grep -q PROMISC; }
wait_for "the port on r2 is closed" is_not_promiscuous
send source $group4 40 --first 40 >/dev/null

wait_for "receiver2 has the second 40" has_received receiver2 $group4 40
expect "packets at receiver1" "$(received receiver1 $group4 packets)" -eq 40
expect "packets in" "$(value router "['verdicts']['forwarded']" counters)" -eq 80
stop_mgmd router
passed "a reload opens new ports, closes others and leaves the rest alone"
