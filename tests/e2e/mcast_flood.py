#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sends one UDP datagram from each of many made-up sources to a group, through a raw socket."""
import argparse
import ipaddress
import socket
import struct
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--interface", required=True)
parser.add_argument("--group", required=True)
parser.add_argument("--sources", required=True, help="the network that they are from")
parser.add_argument("--count", type=int, required=True)
parser.add_argument("--rate", type=int, required=True, help="datagrams a second")
args = parser.parse_args()

sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
device = socket.if_nametoindex(args.interface)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("4s4si", b"", b"", device))
group = socket.inet_aton(args.group)
first = int(ipaddress.ip_network(args.sources).network_address) + 1
udp = struct.pack("!HHHH", 5007, 5007, 8 + 16, 0) + bytes(16)  # 0: without a checksum
began = time.monotonic()
for number in range(args.count):
    source = (first + number).to_bytes(4, "big")
    header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 16, socket.IPPROTO_UDP, 0, source, group)
    sender.sendto(header + udp, (args.group, 0))  # the kernel fills in the checksum
    late = time.monotonic() - began - number / args.rate
    if late < 0:
        time.sleep(-late)
print(f"{args.count} sources in {time.monotonic() - began:.2f} s")
