#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# The mgmd at the other end of a vhost-user socket ends and starts again: the first one uses it again.
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces

router_namespace router
host source router r1 198.51.100.2/28 2001:db8:1::2/64
host receiver2 router r3 198.51.100.34/28 2001:db8:3::2/64
configure first
interface p1 11 net_af_packet1,iface=r1 198.51.100.1/28
interface p2 22 "net_virtio_user0,path=$files/vhost.sock" 198.51.100.17/28
route '*' $group4 p1 p2
configure second
interface in 41 "net_vhost0,iface=$files/vhost.sock" 198.51.100.18/28
interface out 53 net_af_packet3,iface=r3 198.51.100.33/28
route '*' $group4 in out
start_mgmd first router
start_mgmd second router
receive receiver2 -- $group4

for round in 0 1 2; do
    wait_until_up second in out
    wait_until_up first p1 p2
    send source $group4 30 --first $((30 * round)) >/dev/null
    wait_for "receiver2 has all of round $round" has_received receiver2 $group4 $((30 * round + 30))
    stop_mgmd second
    is_not_up() { ! is_up first p2; }
    wait_for "p2 is not up without its peer" is_not_up
    [ $round -eq 2 ] || start_mgmd second router
done
expect "lost at receiver2" "$(received receiver2 $group4 lost)" -eq 0
stop_mgmd first
passed "a peer that ends and starts again is used again"
