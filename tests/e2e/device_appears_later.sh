#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# An interface whose device is not there yet is pending; it comes up when the device appears.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

router_namespace router
configure router
three_interfaces net_af_packet1,iface=r1 net_af_packet2,iface=r2 net_af_packet3,iface=r3
start_mgmd router router
for interface in p1 p2 p3; do
    expect "state of $interface" "$(of_interface router $interface state)" = pending
done

host source router r1 198.51.100.2/28 2001:db8:1::2/64
host receiver1 router r2 198.51.100.18/28 2001:db8:2::2/64
host receiver2 router r3 198.51.100.34/28 2001:db8:3::2/64
wait_until_up router p1 p2 p3

both_receive_everything
expect "log lines about r2 before it was there" "$(grep -c "no device 'r2'" "$files/router.log")" -eq 1
stop_mgmd router
passed "a pending interface comes up when its device appears"
