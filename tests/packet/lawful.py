# SPDX-License-Identifier: BSD-3-Clause
"""Two short oracles, from the RFCs' text: what a cut frame ends with, and what must never leave."""
import ipaddress
import struct

from frames import checksum, group_mac, mac_bytes

TAGS = (b"\x81\x00", b"\x88\xa8", b"\x91\x00")
# What is decided by the Ethernet header and its tag alone.
LAYER2 = {"non_ip", "l2_src", "l2_dst", "vlan_unknown"}


def verdict_of_cut(cut, fate):
    """`cut`: the first octets of a frame that ended with `fate`."""
    if len(cut) < 14:
        return "err_short"
    at = 14
    if cut[12:14] in TAGS:
        if len(cut) < 18:
            return "err_short"
        at = 18
    if fate == "vlan_stacked" or (fate in LAYER2 and not is_about_the_group(cut, at, fate)):
        return fate
    packet, ethertype = cut[at:], cut[at - 2:at]
    check = cut_ipv4 if ethertype == b"\x08\x00" else cut_ipv6
    return check(packet) or fate


def is_about_the_group(cut, at, fate):
    """Strict mode looks at the MAC when it knows the group: after the lengths."""
    return fate == "l2_dst" and cut[0] & 1 == 1 and cut[at - 2:at] in (b"\x08\x00", b"\x86\xdd")


def cut_ipv4(packet):
    """RFC 1812 5.2.2, the checks that look at lengths."""
    if len(packet) < 20:
        return "err_short"
    header, total = (packet[0] & 15) * 4, struct.unpack("!H", packet[2:4])[0]
    if packet[0] >> 4 != 4:
        return "hdr_version"
    if header < 20 or header > len(packet):
        return "hdr_ihl"
    return "hdr_len" if total < header or total > len(packet) else None


def cut_ipv6(packet):
    if len(packet) < 40:
        return "err_short"
    payload = struct.unpack("!H", packet[4:6])[0]
    if packet[0] >> 4 != 6:
        return "hdr_version"
    if payload == 0:
        return "v6_jumbo"
    return "hdr_len" if 40 + payload > len(packet) else None


NETS4 = [(ipaddress.ip_network(net), switch) for net, switch in (
    ("0.0.0.0/8", None), ("127.0.0.0/8", None), ("224.0.0.0/4", None), ("255.255.255.255/32", None),
    ("240.0.0.0/4", "allow_reserved_sources"), ("169.254.0.0/16", "allow_link_local_sources"))]
NETS6 = [(ipaddress.ip_network(net), None) for net in
         ("::/128", "::1/128", "::ffff:0:0/96", "ff00::/8", "fe80::/10")]


def objection(frame, switches):
    """Why this frame must not have left, or None. An ICMPv6 error is the router's own."""
    at = 18 if frame[12:14] == b"\x81\x00" else 14
    packet = frame[at:]
    if packet[0] >> 4 == 4:
        return objection4(frame, packet, switches)
    return objection6(frame, packet)


def unlawful_source(source, nets, switches):
    return any(source in net and not switches.get(switch) for net, switch in nets)


def objection4(frame, packet, switches):
    header = (packet[0] & 15) * 4
    source, group = (ipaddress.ip_address(packet[n:n + 4]) for n in (12, 16))
    if frame[at_type(frame):at_type(frame) + 2] != b"\x08\x00" or header < 20:
        return "is no IPv4 frame"
    if struct.unpack("!H", packet[2:4])[0] != len(packet):
        return "has octets behind its total length, or lacks some"
    if checksum(packet[:header]) != 0:
        return "has a bad checksum"
    if not group.is_multicast or group in ipaddress.ip_network("224.0.0.0/24"):
        return f"goes to {group}"
    if frame[0] & 1 and frame[:6] != mac_bytes(group_mac(group)):
        return "has the MAC of another group"
    if packet[8] == 0 or packet[9] == 2:
        return "has TTL 0, or is IGMP"
    return f"comes from {source}" if unlawful_source(source, NETS4, switches) else None


def objection6(frame, packet):
    source, group = (ipaddress.ip_address(packet[n:n + 16]) for n in (8, 24))
    if frame[at_type(frame):at_type(frame) + 2] != b"\x86\xdd" or packet[0] >> 4 != 6:
        return "is no IPv6 frame"
    if struct.unpack("!H", packet[4:6])[0] != len(packet) - 40:
        return "has octets behind its payload length, or lacks some"
    if packet[7] == 0:
        return "has hop limit 0"
    if not group.is_multicast:  # an error to a source
        is_error = packet[6] == 58 and packet[40] in (2, 4) and packet[7] == 64
        return None if is_error and not unlawful_source(group, NETS6[:4], {}) else f"goes to {group}"
    if packet[25] & 15 < 3:
        return f"goes to {group}"
    if frame[0] & 1 and frame[:6] != mac_bytes(group_mac(group)):
        return "has the MAC of another group"
    return f"comes from {source}" if unlawful_source(source, NETS6, {}) else None


def at_type(frame):
    return 16 if frame[12:14] == b"\x81\x00" else 12
