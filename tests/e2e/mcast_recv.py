#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Joins groups with ordinary UDP sockets and counts what mcast_send.py numbered.

The report is a JSON file, replaced as a whole several times a second; it exists as soon as the groups are joined.
Per group: packets, repeated (a number seen before), lost (numbers missing below the highest), spoiled (payload is not
what was sent), ttl (of the last one).
"""
import argparse
import ipaddress
import json
import os
import select
import signal
import socket
import struct
import sys
import time

IP_RECVTTL = 12  # linux/in.h; Python has no name for it

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("--interface", required=True)
parser.add_argument("--port", type=int, default=5007)
parser.add_argument("--report", required=True)
parser.add_argument("groups", nargs="+")
args = parser.parse_args()


class Group:
    def __init__(self, address):
        self.address = address
        self.numbers = set()
        self.packets = self.repeated = self.spoiled = 0
        self.ttl = None
        device = socket.if_nametoindex(args.interface)
        if ipaddress.ip_address(address).version == 4:
            self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind((address, args.port))
            self.socket.setsockopt(socket.IPPROTO_IP, IP_RECVTTL, 1)
            membership = struct.pack("4s4si", socket.inet_aton(address), b"", device)
            self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        else:
            self.socket = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            self.socket.bind((address, args.port, 0, device))
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
            membership = socket.inet_pton(socket.AF_INET6, address) + struct.pack("@I", device)
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, membership)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
        self.socket.setblocking(False)

    def take(self):
        for _ in range(512):
            try:
                payload, control, _, _ = self.socket.recvmsg(65535, 64)
            except BlockingIOError:
                return
            number = struct.unpack("!Q", payload[:8])[0]
            self.packets += 1
            self.repeated += number in self.numbers
            self.numbers.add(number)
            expected = bytes((number + i) & 0xFF for i in range(len(payload) - 8))
            self.spoiled += payload[8:] != expected
            for _, _, value in control:
                self.ttl = struct.unpack("@i", value)[0]

    def report(self):
        # Missing from the first one on: a receiver may join in the middle of a flow.
        span = max(self.numbers) - min(self.numbers) + 1 if self.numbers else 0
        return {"packets": self.packets, "repeated": self.repeated, "spoiled": self.spoiled,
                "lost": span - len(self.numbers), "ttl": self.ttl}


def write(groups):
    temporary = args.report + ".new"
    with open(temporary, "w", encoding="ascii") as file:
        json.dump({group.address: group.report() for group in groups}, file)
    os.replace(temporary, args.report)


signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
joined = [Group(address) for address in args.groups]
written = 0.0
while True:
    select.select([group.socket for group in joined], [], [], 0.1)
    for group in joined:
        group.take()
    if time.monotonic() - written > 0.1:
        write(joined)
        written = time.monotonic()
