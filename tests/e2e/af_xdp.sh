#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Multicast from a kernel's socket reaches the sockets of two others over net_af_xdp.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

three_hosts
configure router
sed -i 's/"-m", "192"/"-m", "320"/' "$toml" # each af_xdp port has a pool of its own
three_interfaces net_af_xdp1,iface=r1 net_af_xdp2,iface=r2 net_af_xdp3,iface=r3
start_mgmd router router
wait_until_up router p1 p2 p3

both_receive_everything
stop_mgmd router
passed "af_xdp: kernel to two kernels, IPv4 and IPv6"
