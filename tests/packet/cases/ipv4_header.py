# SPDX-License-Identifier: BSD-3-Clause
"""IPv4 header: every check of RFC 1812 5.2.2 and what must pass untouched."""
import struct

from book import IN, SHARED, Book, route
from frames import IPV4, IPV6, checksum, ether, ipv4, ipv6

book = Book()
GOOD = ipv4(size=61)


def with_octets(packet, at, octets):
    return packet[:at] + octets + packet[at + len(octets):]


book.drop("DropsEveryVersionButFour_S1_2",
          [ether(ipv4(version=v), dst="01:00:5e:01:03:07", ethertype=IPV4)
           for v in range(16) if v != 4], "hdr_version")
book.drop("DropsIpv6BehindTheIpv4Ethertype_S6",
          [ether(ipv6(), ethertype=IPV4), ether(ipv6(size=49), ethertype=IPV4)], "hdr_version")
book.drop("DropsHeaderLengthsBelowFive_S1_2", [ether(ipv4(ihl=n)) for n in range(5)], "hdr_ihl")
book.drop("DropsAHeaderLongerThanTheFrame_S1_2",
          [ether(ipv4(size=n, ihl=15, len=n)) for n in (20, 28, 43, 59)], "hdr_ihl")
book.drop("DropsTotalLengthsBelowTheHeader_S1_2",
          [ether(ipv4(len=n)) for n in (0, 1, 10, 19)]
          + [ether(ipv4(size=61, options=b"\1" * 40, len=n)) for n in (20, 59)]
          + [ether(ipv4(size=64, options=b"\1" * 4, len=23))], "hdr_len")
book.drop("DropsTotalLengthsBeyondTheFrame_S1_2",
          [ether(ipv4(size=61, len=n)) for n in (62, 63, 1500, 0x7FFF, 65535)]
          + [ether(ipv4(size=43, len=47), pad=3)], "hdr_len")
book.forward("TrimsPaddingBehindTheTotalLength_S1_2",
             [ether(ipv4(size=29), pad=17), ether(ipv4(size=43), pad=3), ether(ipv4(size=45), pad=1),
              ether(ipv4(size=61), pad=1439), ether(ipv4(size=20, payload=b""), pad=26)],
             event="trimmed")
book.forward("ForwardsAHeaderWithoutPayload_S1_2",
             [ether(ipv4(size=20, payload=b"")), ether(ipv4(size=24, options=b"\1\1\1\1", payload=b""))])

def flipped_words():
    """The check sum is wrong by one bit in every position, and the header is in the same way."""
    for bit in range(16):
        word = struct.unpack("!H", GOOD[10:12])[0] ^ 1 << bit
        yield ether(with_octets(GOOD, 10, struct.pack("!H", word)))
    for at in (1, 4, 5, 6, 8, 9, 12, 15):
        yield ether(with_octets(GOOD, at, bytes([GOOD[at] ^ 0x10])))


book.drop("DropsABadHeaderChecksum_S1_2", list(flipped_words()), "hdr_csum")
book.drop("SumsTheOptionsToo_S1_2",
          [ether(with_octets(ipv4(size=64, options=b"\1" * 12), 20 + n, b"\0")) for n in range(12)],
          "hdr_csum")
book.drop("ChecksTheSumBeforeTheAddresses_S1_2",
          [ether(ipv4(group="224.0.0.5", chksum=0x1234)), ether(ipv4(source="127.0.0.1", chksum=1)),
           ether(ipv4(ttl=1, chksum=0xABCD))], "hdr_csum")
book.drop("ChecksLengthsBeforeTheSum_S1_2",
          [ether(ipv4(size=61, len=62, chksum=0x1234)), ether(ipv4(len=19, chksum=7))], "hdr_len")


def with_sum(wanted, **fields):
    """A packet whose right checksum is `wanted`, by choice of its identification."""
    fields.setdefault("proto", 253)
    first = ipv4(size=29, id=0, payload=b"payload!!", **fields)
    missing = struct.unpack("!H", first[10:12])[0] - wanted
    packet = ipv4(size=29, id=missing % 0xFFFF, payload=b"payload!!", **fields)
    assert struct.unpack("!H", packet[10:12])[0] == wanted
    return packet


ZERO = with_sum(0)
assert checksum(ZERO[:20]) == 0
book.forward("AcceptsAChecksumOfZeroWhereItIsRight_S1_2", [ether(ZERO)])
book.forward("AcceptsTheOtherFormOfChecksumZero_S1_2", [ether(with_octets(ZERO, 10, b"\xff\xff"))])
# TTL and protocol are one word of the sum: one less TTL adds 0x0100 to the checksum.
CORNERS = (0xFEFF, 0xFEFE, 0xFEFD, 0xFF00, 0xFFFE, 0x0001, 0x00FF, 0x0100)
book.forward("KeepsTheChecksumRightInEveryCornerOfTheHop_S1_4",
             [ether(with_sum(n)) for n in CORNERS] + [ether(with_sum(0xFEFF, ttl=2, proto=255))]
             + [ether(with_sum(0, ttl=255, proto=254))])
book.forward("KeepsTheChecksumRightForEveryTtl_S1_4",
             [ether(ipv4(size=28, ttl=t, id=t * 257)) for t in range(2, 256)])

book.forward("PassesABadUdpChecksum_S1_2",
             [ether(ipv4(size=61, payload=bytes.fromhex("100d138f0029") + s + bytes(33)))
              for s in (b"\x12\x34", b"\xff\xff", b"\0\0")])
book.forward("PassesAWrongUdpLength_S1_2",
             [ether(ipv4(size=36, payload=bytes.fromhex("100d138f") + n + bytes(10)))
              for n in (b"\0\0", b"\0\7", b"\xff\xff")], garbage=True)
book.forward("CarriesDscpAndEcnUnchanged_S1_4",
             [ether(ipv4(tos=t)) for t in (1, 2, 3, 0x2E << 2, 0xB9, 0xE0, 0xFC, 0xFF)])
book.forward("CarriesProtocolIdentAndReservedBitUnchanged_S1_4",
             [ether(ipv4(proto=p, id=i)) for p, i in ((0, 0), (1, 65535), (6, 1), (50, 0x8000),
                                                      (103, 0xFF), (132, 0xFF00), (255, 0x1234))]
             + [ether(ipv4(flags=4)), ether(ipv4(flags=2)), ether(ipv4(flags=6))], garbage=True)
book.forward("MixesBothFamiliesInOneBurst_S1_2",
             [f for n in range(33, 70) for f in (ether(ipv4(size=n)), ether(ipv6(size=n + 21)))],
             routes=SHARED)
book.drop("DropsIpv4BehindTheIpv6Ethertype_S6",
          [ether(ipv4(), dst="01:00:5e:01:03:07", ethertype=IPV6),
           ether(ipv4(size=40), dst="01:00:5e:01:03:07", ethertype=IPV6)], "hdr_version")
assert IN and route
