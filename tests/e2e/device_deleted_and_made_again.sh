#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The device under a port is deleted and made again: the interface is pending meanwhile, then used again.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

three_hosts
configure router
three_interfaces net_af_packet1,iface=r1 net_af_packet2,iface=r2 net_af_packet3,iface=r3
start_mgmd router router
wait_until_up router p1 p2 p3
receive receiver2 -- $group4

for round in 1 2; do
    link router delete r2
    is_pending() { [ "$(of_interface router p2 state)" = pending ]; }
    wait_for "p2 is pending" is_pending
    send source $group4 20 --first $((40 * round)) >/dev/null
    wait_for "receiver2 has those sent meanwhile" has_received receiver2 $group4 $((40 * round - 20))

    cable receiver1 eth0 router r2
    ip -n "$id-receiver1" address add 198.51.100.18/28 dev eth0
    wait_until_up router p2
    receive receiver1 -- $group4 # once more: the membership went with the old device
    send source $group4 20 --first $((40 * round + 20)) >/dev/null
    wait_for "receiver1 has those sent afterwards" has_received receiver1 $group4 20
done
wait_for "receiver2 has everything" has_received receiver2 $group4 80
expect "lost at receiver2" "$(received receiver2 $group4 lost)" -eq 0
log_has router 'net_af_packet2,iface=r2: closing' || fail "no log line about the device that went"
stop_mgmd router
passed "a device that is deleted and made again is used again"
