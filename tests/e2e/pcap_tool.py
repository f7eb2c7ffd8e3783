#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-3-Clause
"""Frames in pcap files for the end-to-end tests.

write FILE COUNT                   IPv4 and IPv6 UDP in turn, of growing length, to 239.255.3.7 and ff1e::3:7
check IN OUT HOPS SOURCE_MAC       OUT must be IN byte for byte, but for what HOPS routers change: TTL or hop limit,
                                   the header checksum, the source MAC
send INTERFACE VLAN COUNT          puts the same frames, tagged, on a link
tags FILE                          prints the VLAN ids of the frames in FILE, each once
count FILE                         prints the number of frames
"""
import socket
import struct
import sys

GROUP4, GROUP6 = "239.255.3.7", "ff1e::3:7"
SOURCE4, SOURCE6 = "198.51.100.2", "2001:db8:1::2"


def checksum(octets):
    if len(octets) % 2:
        octets += b"\0"
    total = sum(struct.unpack(f"!{len(octets) // 2}H", octets))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ethernet(group, ethertype):
    packed = group[-3:]
    to = b"\x01\x00\x5e" + bytes([packed[0] & 0x7F]) + packed[1:] if ethertype == 0x0800 else b"\x33\x33" + group[-4:]
    return to + bytes.fromhex("02aaaaaaaa02") + struct.pack("!H", ethertype)


def udp(source, group, data, pseudo):
    length = 8 + len(data)
    header = struct.pack("!HHHH", 5006, 5007, length, 0)
    value = checksum(source + group + pseudo(length) + header + data) or 0xFFFF
    return struct.pack("!HHHH", 5006, 5007, length, value) + data


def frame(number):
    data = struct.pack("!Q", number) + bytes((number * 7 + i) & 0xFF for i in range(number * 13 % 1400))
    if number % 2 == 0:
        source, group = socket.inet_aton(SOURCE4), socket.inet_aton(GROUP4)
        segment = udp(source, group, data, lambda length: struct.pack("!BBH", 0, 17, length))
        header = struct.pack("!BBHHHBBH", 0x45, 0, 20 + len(segment), number & 0xFFFF, 0, 33, 17, 0) + source + group
        header = header[:10] + struct.pack("!H", checksum(header)) + header[12:]
        packet, ethertype = header + segment, 0x0800
    else:
        source, group = (socket.inet_pton(socket.AF_INET6, a) for a in (SOURCE6, GROUP6))
        segment = udp(source, group, data, lambda length: struct.pack("!IBBBB", length, 0, 0, 0, 17))
        packet = struct.pack("!IHBB", 6 << 28, len(segment), 17, 33) + source + group + segment
        ethertype = 0x86DD
    return ethernet(group, ethertype) + packet


def write(path, count):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for number in range(count):
            octets = frame(number)
            file.write(struct.pack("<IIII", 0, number, len(octets), len(octets)) + octets)


def read(path):
    with open(path, "rb") as file:
        magic = file.read(24)[:4]
        order = "<" if magic in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
        while len(header := file.read(16)) == 16:
            kept = struct.unpack(order + "IIII", header)[2]
            if len(octets := file.read(kept)) < kept:
                return
            yield octets


def forwarded(octets, hops, source_mac):
    """What comes out of `hops` routers, worked out anew."""
    head, packet = octets[:6] + source_mac + octets[12:14], octets[14:]
    if packet[0] >> 4 == 4:
        header = packet[:8] + bytes([packet[8] - hops, packet[9], 0, 0]) + packet[12:20]
        return head + header[:10] + struct.pack("!H", checksum(header)) + header[12:] + packet[20:]
    return head + packet[:7] + bytes([packet[7] - hops]) + packet[8:]


def check(before, after, hops, mac):
    source_mac = bytes.fromhex(mac.replace(":", ""))
    wanted = [forwarded(octets, hops, source_mac) for octets in read(before)]
    got = list(read(after))
    for number, (left, right) in enumerate(zip(wanted, got)):
        if left != right:
            sys.exit(f"frame {number} differs:\nwanted {left.hex()}\ngot    {right.hex()}")
    if len(wanted) != len(got):
        sys.exit(f"{len(wanted)} frames wanted, {len(got)} there")


def send(interface, vlan, count):
    raw = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
    raw.bind((interface, 0))
    for number in range(count):
        octets = frame(number)
        raw.send(octets[:12] + struct.pack("!HH", 0x8100, vlan) + octets[12:])


def tags(path):
    return {struct.unpack("!H", f[14:16])[0] & 0xFFF if f[12:14] == b"\x81\x00" else 0 for f in read(path)}


if sys.argv[1] == "send":
    send(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
elif sys.argv[1] == "tags":
    print(*sorted(tags(sys.argv[2])))
elif sys.argv[1] == "write":
    write(sys.argv[2], int(sys.argv[3]))
elif sys.argv[1] == "check":
    check(sys.argv[2], sys.argv[3], int(sys.argv[4]), sys.argv[5])
else:
    print(sum(1 for _ in read(sys.argv[2])))
