#!/usr/bin/env bash
# SPDX-License-Identifier: BSD-3-Clause
# mgmd --once replays a pcap file into two others and ends by itself.
. "$(dirname "$0")/lib.sh"

pcap write "$files/in.pcap" 300
configure router
interface p1 11 "net_pcap1,rx_pcap=$files/in.pcap" 198.51.100.1/28 2001:db8:1::1/64
interface p2 22 "net_pcap2,tx_pcap=$files/out2.pcap" 198.51.100.17/28 2001:db8:2::1/64
echo 'mac = "02:00:00:00:22:01"' >>"$toml"
interface p3 37 "net_pcap3,tx_pcap=$files/out3.pcap" 198.51.100.33/28 2001:db8:3::1/64
echo 'mac = "02:00:00:00:37:01"' >>"$toml"
route 198.51.100.2 239.255.3.7 p1 p2 p3
route '*' ff1e::3:7 p1 p3 p2

"$build/apps/mgmd" --config "$toml" --once --json >"$files/summary" 2>"$files/router.log" || fail "mgmd ended with $?"

pcap check "$files/in.pcap" "$files/out2.pcap" 1 02:00:00:00:22:01 >"$files/2.log" 2>&1 || fail "out2.pcap differs"
pcap check "$files/in.pcap" "$files/out3.pcap" 1 02:00:00:00:37:01 >"$files/3.log" 2>&1 || fail "out3.pcap differs"
passed "pcap: 300 frames in, 300 out of each of two ports, byte for byte"
