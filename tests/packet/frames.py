# SPDX-License-Identifier: BSD-3-Clause
"""Packets and what one router hop makes of them, by scapy and the RFCs' text alone: nothing here
comes from mgm's code or output."""
import ipaddress
import struct

from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import ICMPv6PacketTooBig, ICMPv6ParamProblem, IPv6
from scapy.layers.l2 import Dot1Q, Ether
from scapy.packet import Raw
from scapy.utils import checksum

SOURCE4 = "198.51.100.9"  # on the arrival network 198.51.100.0/28
SOURCE6 = "2001:db8:37::9"
GROUP4 = "239.129.3.7"  # bit 23 is set: it must not reach the MAC
GROUP6 = "ff0e::db8:8129:307"
HOST_MAC = "02:00:5e:10:00:09"  # the host before us
BROADCAST = "ff:ff:ff:ff:ff:ff"
IPV4, IPV6, TAG, SERVICE_TAG = 0x0800, 0x86DD, 0x8100, 0x88A8
MIN_MTU6 = 1280


def mac_bytes(text):
    return bytes.fromhex(text.replace(":", ""))


def group_mac(group):
    """RFC 1112 6.4: 01:00:5e and 23 bits. RFC 2464 7: 33:33 and 32 bits."""
    address = ipaddress.ip_address(group)
    if address.version == 4:
        low = int(address) & 0x7FFFFF
        return "01:00:5e:%02x:%02x:%02x" % (low >> 16, low >> 8 & 0xFF, low & 0xFF)
    return "33:33:%02x:%02x:%02x:%02x" % tuple(address.packed[12:])


def pattern(octets, seed=3):
    """Payload in which no two neighbours are equal."""
    return bytes((i * 7 + i // 251 + seed) & 0xFF for i in range(octets))


def sum_header4(packet):
    """The packet with its header checksum made again by scapy."""
    length = (packet[0] & 15) * 4
    header = packet[:10] + b"\0\0" + packet[12:length]
    return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + packet[length:]


def ipv4(source=SOURCE4, group=GROUP4, *, size=61, options=b"", payload=None, seed=3, **fields):
    """IPv4 packet of `size` octets: UDP unless `payload` or `proto` says otherwise. `fields` are
    scapy's names; a given len, ihl or chksum stays as it is, however wrong."""
    assert len(options) % 4 == 0
    ip = {"src": source, "dst": group, "ttl": 17, "id": 0x3725, "proto": 17}
    ip.update(fields)
    room = size - 20 - len(options)
    if payload is None and ip["proto"] == 17 and not ip.get("frag") and room >= 8:
        datagram = bytes(IP(src=source, dst=group) / UDP(sport=4109, dport=5007)
                         / Raw(pattern(room - 8, seed)))
        payload = datagram[20:]
    elif payload is None:
        payload = pattern(room, seed)
    given = {name: ip.pop(name) for name in ("len", "ihl", "chksum") if name in ip}
    total = given.get("len", 20 + len(options) + len(payload))
    header = bytearray(bytes(IP(len=total, ihl=5, chksum=0, **ip)))
    header[0] = (header[0] & 0xF0) | given.get("ihl", 5 + len(options) // 4)
    packet = bytes(header) + options + payload
    if "chksum" in given:
        return packet[:10] + struct.pack("!H", given["chksum"]) + packet[12:]
    whole = 20 + len(options)
    return packet[:10] + struct.pack("!H", checksum(packet[:whole])) + packet[12:]


def ipv6(source=SOURCE6, group=GROUP6, *, size=77, headers=b"", nh=17, payload=None, seed=3,
         **fields):
    """IPv6 packet of `size` octets. `headers`: extension headers, ready made; `nh`: type of the
    first of them."""
    ip = {"src": source, "dst": group, "hlim": 17}
    ip.update(fields)
    room = size - 40 - len(headers)
    if payload is None and room >= 8:
        datagram = bytes(IPv6(src=source, dst=group) / UDP(sport=4109, dport=5007)
                         / Raw(pattern(room - 8, seed)))
        payload = datagram[40:]
    elif payload is None:
        payload = pattern(room, seed)
    plen = ip.pop("plen", len(headers) + len(payload))
    return bytes(IPv6(plen=plen, nh=nh, **ip)) + headers + payload


def ether(packet, *, dst=None, src=HOST_MAC, tags=(), ethertype=None, pad=0):
    """Frame around `packet`. `tags`: (ethertype, TCI) from the outside in. `pad`: octets behind."""
    version = packet[0] >> 4 if packet else 4
    if ethertype is None:
        ethertype = IPV6 if version == 6 else IPV4
    if dst is None:
        at = packet[24:40] if version == 6 else packet[16:20]
        dst = group_mac(ipaddress.ip_address(bytes(at)))
    types = [t for t, _ in tags] + [ethertype]
    frame = mac_bytes(dst) + mac_bytes(src) + struct.pack("!H", types[0])
    for (_, tci), inner in zip(tags, types[1:]):
        frame += struct.pack("!HH", tci, inner)
    return frame + packet + b"\xa5" * pad


def packet_of(frame):
    """The IP packet in a frame with one tag at most, without what lies behind its length."""
    at = 18 if frame[12:14] == struct.pack("!H", TAG) else 14
    packet = frame[at:]
    if packet[0] >> 4 == 4:
        return packet[:struct.unpack("!H", packet[2:4])[0]]
    return packet[:40 + struct.unpack("!H", packet[4:6])[0]]


def hop(packet):
    """RFC 1812 5.3.1, RFC 8200 3: one less, and a checksum from scratch."""
    if packet[0] >> 4 == 6:
        return packet[:7] + bytes([packet[7] - 1]) + packet[8:]
    return sum_header4(packet[:8] + bytes([packet[8] - 1]) + packet[9:])


def copied_options(options):
    """RFC 791 3.1: what later fragments repeat, padded to a whole word with End of Option List."""
    kept = b""
    while options and options[0] != 0:
        length = 1 if options[0] == 1 else options[1]
        if options[0] & 0x80:
            kept += options[:length]
        options = options[length:]
    return kept + b"\0" * (-len(kept) % 4)


def fragments(packet, mtu):
    """RFC 791 3.2 for a packet that has made its hop: all pieces but the last carry the same number
    of octets, the most that fits behind the first header."""
    if len(packet) <= mtu:
        return [packet]
    header_octets = (packet[0] & 15) * 4
    options, payload = packet[20:header_octets], packet[header_octets:]
    flags_offset = struct.unpack("!H", packet[6:8])[0]
    first, more = flags_offset & 0x1FFF, flags_offset & 0x2000
    step = (mtu - header_octets) // 8 * 8
    pieces = []
    for at in range(0, len(payload), step):
        part = payload[at:at + step]
        kept = options if at == 0 or first != 0 else copied_options(options)
        is_last = at + step >= len(payload)
        word = (flags_offset & 0x8000) | (first + at // 8) | (more if is_last else 0x2000)
        header = bytes([0x40 | (5 + len(kept) // 4)]) + packet[1:2] \
            + struct.pack("!H", 20 + len(kept) + len(part)) + packet[4:6] \
            + struct.pack("!H", word) + packet[8:20] + kept
        pieces.append(sum_header4(header + part))
    return pieces


def _icmpv6(source, packet, message):
    room = MIN_MTU6 - 40 - 8  # RFC 4443 2.4 (c)
    receiver = str(ipaddress.ip_address(packet[8:24]))
    return bytes(IPv6(src=source, dst=receiver, hlim=64) / message / Raw(packet[:room]))


def too_big(source, packet, mtu):
    """RFC 4443 3.2 about `packet` as it arrived."""
    return _icmpv6(source, packet, ICMPv6PacketTooBig(mtu=mtu))


def parameter_problem(source, packet, pointer):
    """RFC 4443 3.4, code 2: unrecognized option."""
    return _icmpv6(source, packet, ICMPv6ParamProblem(code=2, ptr=pointer))


def options6(header_next, *options):
    """A hop-by-hop or destination options header of `options`, which must fill it."""
    body = b"".join(options)
    assert (len(body) + 2) % 8 == 0
    return bytes([header_next, (len(body) + 2) // 8 - 1]) + body


def leave(packet, interface, mac=None):
    """The frame in which `packet` leaves by `interface`, to the group's MAC or to `mac`."""
    if mac is None:
        at = packet[24:40] if packet[0] >> 4 == 6 else packet[16:20]
        mac = group_mac(ipaddress.ip_address(bytes(at)))
    layer2 = Ether(dst=mac, src=interface.mac)
    ethertype = IPV6 if packet[0] >> 4 == 6 else IPV4
    if interface.vlan:
        return bytes(layer2 / Dot1Q(vlan=interface.vlan, type=ethertype)) + packet
    layer2.type = ethertype
    return bytes(layer2) + packet
