#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Many flows from one socket, interleaved, and a receiver that sees at a packet socket whether each is in order.

A flow is a group of 239.255.9.0/24 or of ff1e::9:0/112. `receive` prints "listening" when it does, and writes an octet to
its FIFO for each window that it got; `send` waits for those of all receivers, so that no more packets are on their way
than the ring of a port holds. `receive` ends with 0 when every packet of every flow has come once and in order, with 1
when one has not, or after ten seconds without any.
"""
import argparse
import os
import select
import socket
import struct
import sys

PORT = 5009
ETH_P_ALL = 3
WINDOW = 10  # packets of each flow

parser = argparse.ArgumentParser(description=__doc__)
parser.add_argument("role", choices=["send", "receive"])
parser.add_argument("--interface", required=True)
parser.add_argument("--flows", type=int, required=True)
parser.add_argument("--count", type=int, required=True, help="packets of each flow")
parser.add_argument("--windows", nargs="+", required=True, help="FIFO of the receiver, or of all of them")
args = parser.parse_args()
windows = {name: os.open(name, os.O_RDWR) for name in args.windows}  # neither end waits for the other to open


def group(flow):
    return f"ff1e::9:{flow + 1:x}" if flow % 3 == 2 else f"239.255.9.{flow + 1}"


def await_window():
    for name, fifo in windows.items():
        if not select.select([fifo], [], [], 20)[0]:
            sys.exit(f"{name}: a window of packets has not come in 20 seconds")
        os.read(fifo, 1)


def send():
    device = socket.if_nametoindex(args.interface)
    ipv4 = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    ipv4.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("4s4si", b"", b"", device))
    ipv4.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 16)
    ipv6 = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    ipv6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, device)
    ipv6.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_HOPS, 16)
    for number in range(args.count):
        if number % WINDOW == 0 and number != 0:
            await_window()
        for flow in range(args.flows):
            sender = ipv6 if flow % 3 == 2 else ipv4
            sender.sendto(struct.pack("!4sII", b"flow", flow, number), (group(flow), PORT))


def receive():
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
    tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 << 20)
    tap.bind((args.interface, 0))
    tap.settimeout(10)
    print("listening", flush=True)
    expected = [0] * args.flows
    got = overtaken = 0
    while got < args.flows * args.count:
        try:
            frame, source = tap.recvfrom(2048)
        except TimeoutError:
            break
        at = frame.find(b"flow", 42)
        if at < 0 or source[2] == socket.PACKET_OUTGOING:
            continue
        got += 1
        if got % (WINDOW * args.flows) == 0:
            os.write(*windows.values(), b".")
        flow, number = struct.unpack("!II", frame[at + 4:at + 12])
        if number < expected[flow]:
            print(f"flow {flow}: packet {number} after {expected[flow] - 1}")
            overtaken += 1
        expected[flow] = max(expected[flow], number + 1)
    print(f"{got} of {args.flows * args.count} packets, {overtaken} overtaken or doubled")
    return 0 if got == args.flows * args.count and overtaken == 0 else 1


sys.exit(send() if args.role == "send" else receive())
