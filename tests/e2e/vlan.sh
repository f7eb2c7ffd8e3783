#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# VLAN interfaces over kernel devices: what arrives tagged 100 leaves tagged 37 on one port and untagged on another.
# (A raw socket sends and tcpdump receives the tags: not every kernel has VLAN devices.)
. "$(dirname "$0")/lib.sh"
. "$e2e/kernels.sh"
needs_namespaces
command -v tcpdump >/dev/null || skip "needs tcpdump"

three_hosts
configure router
interface v1 12 net_af_packet1,iface=r1 203.0.113.1/28
echo 'vlan = 100' >>"$toml"
interface v2 23 net_af_packet2,iface=r2 203.0.113.17/28
echo 'vlan = 37' >>"$toml"
interface p3 37 net_af_packet3,iface=r3 198.51.100.33/28
route '*' $group4 v1 v2 p3
route '*' $group6 v1 v2 p3
start_mgmd router router
wait_until_up router v1 v2 p3
capture() { # HOST
    ip netns exec "$id-$1" tcpdump -i eth0 -Unw "$files/$1.pcap" 'udp port 5007 or vlan' 2>"$files/$1.log" &
    helpers+=($!)
    wait_for "tcpdump listens at $1" grep -q 'listening on' "$files/$1.log"
}
capture receiver1
capture receiver2

in_ns source python3 "$e2e/pcap_tool.py" send eth0 100 60
in_ns source python3 "$e2e/pcap_tool.py" send eth0 101 7

wait_for "receiver1 has 60 frames" has_frames receiver1.pcap 60
wait_for "receiver2 has 60 frames" has_frames receiver2.pcap 60
unknown_are_dropped() { [ "$(value router "['verdicts'].get('vlan_unknown', 0)" counters --all)" -ge 7 ]; }
wait_for "VLAN 101 leads nowhere" unknown_are_dropped
expect "tags at receiver1" "$(pcap tags "$files/receiver1.pcap")" = 37
expect "tags at receiver2" "$(pcap tags "$files/receiver2.pcap")" = 0
expect "frames at receiver1" "$(pcap count "$files/receiver1.pcap")" -eq 60
stop_mgmd router
passed "tagged in, tagged with another VLAN and untagged out"
