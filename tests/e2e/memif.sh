#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# Two mgmd in a row over memif: a pcap file into the first, out of the second, byte for byte.
. "$(dirname "$0")/lib.sh"
needs_hugepages

pcap write "$files/in.pcap" 400
configure second
interface in 41 "net_memif0,role=server,id=3,socket=$files/memif.sock,socket-abstract=no,rsize=11" 198.51.100.18/28 2001:db8:2::2/64
interface out 53 "net_pcap0,tx_pcap=$files/out.pcap" 198.51.100.65/28 2001:db8:5::1/64
echo 'mac = "02:00:00:00:53:01"' >>"$toml"
route 198.51.100.2 239.255.3.7 in out
route '*' ff1e::3:7 in out
configure first
interface p2 22 "net_memif0,role=client,id=3,socket=$files/memif.sock,socket-abstract=no,rsize=11" 198.51.100.17/28 2001:db8:2::1/64

start_mgmd second
expect "state of memif without a peer" "$(of_interface second in state)" = down
start_mgmd first
wait_until_up first p2
wait_until_up second in
# Only now the traffic: the file is read as fast as it can be.
interface p1 11 "net_pcap1,rx_pcap=$files/in.pcap" 198.51.100.1/28 2001:db8:1::1/64
route 198.51.100.2 239.255.3.7 p1 p2
route '*' ff1e::3:7 p1 p2
ctl first reload

all_forwarded() { [ "$(value second "['copies_sent']" counters)" -eq 400 ]; }
wait_for "the second mgmd has forwarded 400 frames" all_forwarded
stop_mgmd first
is_down() { [ "$(of_interface second in state)" = down ]; }
wait_for "memif is down without its peer" is_down
stop_mgmd second
pcap check "$files/in.pcap" "$files/out.pcap" 2 02:00:00:00:53:01 >"$files/check.log" 2>&1 || fail "out.pcap differs"
passed "memif: 400 frames through two routers, byte for byte"
