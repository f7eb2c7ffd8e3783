#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Sends numbered UDP datagrams to a group from an ordinary socket. mcast_recv.py counts them."""
import argparse
import ipaddress
import signal
import socket
import struct
import time

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--interface", required=True)
parser.add_argument("--group", required=True)
parser.add_argument("--port", type=int, default=5007)
parser.add_argument("--count", type=int, required=True, help="0: until SIGTERM")
parser.add_argument("--first", type=int, default=0, help="number of the first datagram")
parser.add_argument("--rate", type=int, default=2000, help="datagrams a second")
parser.add_argument("--size", type=int, default=120, help="octets of UDP payload")
parser.add_argument("--ttl", type=int, default=16)
parser.add_argument("--source", help="an IPv4 address of this host to send from")
args = parser.parse_args()

device = socket.if_nametoindex(args.interface)
if ipaddress.ip_address(args.group).version == 4:
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("4s4si", b"", b"", device))
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, args.ttl)
    if args.source:
        sender.bind((args.source, 0))
else:
    sender = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, device)
    sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, args.ttl)

stopped = False


def stop(_signal, _frame):
    global stopped
    stopped = True


signal.signal(signal.SIGTERM, stop)
begun = time.monotonic()
sent = 0
while not stopped and (args.count == 0 or sent < args.count):
    due = int((time.monotonic() - begun) * args.rate) + 1
    while sent < due and (args.count == 0 or sent < args.count):
        number = struct.pack("!Q", args.first + sent)
        sender.sendto(number + bytes((args.first + sent + i) & 0xFF for i in range(args.size - 8)),
                      (args.group, args.port))
        sent += 1
    time.sleep(0.0005)
print(sent)
