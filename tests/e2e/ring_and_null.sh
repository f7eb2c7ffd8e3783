#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Ports in memory: net_null takes every copy, net_ring (a loop to itself here) gives back what it got, and what comes
# back is our own frame and dropped as such.
. "$(dirname "$0")/lib.sh"

pcap write "$files/in.pcap" 100
configure router
interface p2 22 net_null2,no-rx=1 198.51.100.17/28
interface p3 37 net_ring3 198.51.100.33/28
interface p1 11 "net_pcap1,rx_pcap=$files/in.pcap" 198.51.100.1/28 2001:db8:1::1/64
route 198.51.100.2 239.255.3.7 p1 p2 p3
start_mgmd router

ring_is_quiet() { [ "$(value router "['verdicts'].get('l2_src', 0)" counters --all)" -eq 50 ]; }
wait_for "50 frames came back through the ring and were dropped" ring_is_quiet
expect "copies to null and ring" "$(value router "['copies_sent']" counters)" -eq 100
expect "IPv6 packets without a route" "$(value router "['verdicts']['no_entry']" counters)" -eq 50
stop_mgmd router
passed "ring and null take what is sent"
