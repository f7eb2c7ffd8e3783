#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Multicast from a kernel's socket reaches the sockets of two others over net_tap: mgmd makes the tap devices, a bridge
# joins each to a host's cable.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

three_hosts
for n in 1 2 3; do
    link router add br$n type bridge mcast_snooping 0
    link router set r$n master br$n
    link router set br$n up
done
configure router
three_interfaces net_tap1,iface=tap1 net_tap2,iface=tap2 net_tap3,iface=tap3
start_mgmd router router
for n in 1 2 3; do
    wait_for "mgmd has made tap$n" link router show tap$n
    link router set tap$n master br$n
    link router set tap$n up
done
wait_until_up router p1 p2 p3

both_receive_everything
stop_mgmd router
wait_for "the tap devices are gone" bash -c "! ip -n $id-router link show tap1 2>/dev/null"
passed "tap: kernel to two kernels, IPv4 and IPv6"
