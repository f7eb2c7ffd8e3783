# SPDX-License-Identifier: BSD-3-Clause
"""IPv6 header: lengths, versions, and the extension headers that are no router's business."""
from book import Book
from frames import GROUP6, IPV6, ether, group_mac, ipv6, options6, pattern

book = Book()
MAC = group_mac(GROUP6)

book.drop("DropsEveryVersionButSix_S1_2",
          [ether(ipv6(version=v), dst=MAC, ethertype=IPV6) for v in range(16) if v != 6],
          "hdr_version")
book.drop("DropsPayloadLengthsBeyondTheFrame_S1_2",
          [ether(ipv6(size=77, plen=n)) for n in (38, 39, 1460, 0x7FFF, 65535)]
          + [ether(ipv6(size=61, plen=25), pad=3)], "hdr_len")
book.forward("TrimsOctetsBehindThePayloadLength_S1_2",
             [ether(ipv6(size=49), pad=11), ether(ipv6(size=61), pad=1),
              ether(ipv6(size=77, plen=9)), ether(ipv6(size=77, plen=36)),
              ether(ipv6(size=77, plen=1))], event="trimmed", garbage=True)
book.drop("DropsPayloadLengthZero_S1_2",
          [ether(ipv6(plen=0)), ether(ipv6(size=40, payload=b"")),
           # a jumbogram (RFC 2675) that says 65,576 octets and is not that long
           ether(ipv6(size=77, plen=0, nh=0,
                      headers=options6(17, b"\xc2\4\0\1\0\x28")))], "v6_jumbo")
book.forward("CarriesTrafficClassAndFlowLabelUnchanged_S1_4",
             [ether(ipv6(tc=t, fl=f)) for t, f in ((0xFF, 0xFFFFF), (0xB8, 0), (3, 1), (1, 0x80000),
                                                   (0, 0xABCDE), (0xE1, 0x10001))])
book.forward("PassesUnknownNextHeaders_S6",
             [ether(ipv6(nh=n)) for n in (1, 2, 4, 6, 41, 50, 51, 59, 89, 103, 135, 253, 255)],
             garbage=True)
FRAGMENT = bytes([17, 0, 0, 1]) + b"\0\0\x37\x25"
LATER = bytes([17, 0, 5, 0xA9]) + b"\0\0\x37\x25"
LAST = bytes([17, 0, 5, 0xA8]) + b"\0\0\x37\x25"
ATOMIC = bytes([17, 0, 0, 0]) + b"\0\0\x37\x25"
ODD = bytes([17, 0xFF, 0xFF, 0xFF]) + b"\xff\xff\xff\xff"
book.forward("PassesFragmentsWhole_S1_5",
             [ether(ipv6(nh=44, headers=h)) for h in (FRAGMENT, LATER, LAST, ODD)])
book.forward("PassesAtomicFragments_S6", [ether(ipv6(nh=44, headers=ATOMIC)),
                                          ether(ipv6(size=48, nh=44, headers=ATOMIC, payload=b""))],
             garbage=True)
ROUTING0 = bytes([17, 2, 0, 1]) + bytes(4) + bytes.fromhex("20010db8004100000000000000000009")
book.forward("DoesNotProcessRoutingHeaders_S1_5",
             [ether(ipv6(nh=43, headers=ROUTING0)),
              ether(ipv6(nh=43, headers=bytes([17, 2, 4, 9]) + ROUTING0[4:])),
              ether(ipv6(nh=43, headers=bytes([17, 200, 0, 1, 0, 0, 0, 0])))], garbage=True)
BAD_OPTION = b"\x9e\4abcd"
book.forward("LeavesDestinationOptionsToTheDestination_S6",
             [ether(ipv6(nh=60, headers=options6(17, option)))
              for option in (BAD_OPTION, b"\x7e\4abcd", b"\xfe\4abcd", b"\x1e\4abcd",
                             b"\x9e\xffabcd")], garbage=True)
book.forward("LeavesHopByHopHeadersThatAreNotFirstAlone_S6",
             [ether(ipv6(nh=60, headers=options6(0, b"\1\4\0\0\0\0") + options6(17, BAD_OPTION))),
              ether(ipv6(nh=0, headers=options6(0, b"\1\4\0\0\0\0") + options6(17, BAD_OPTION)))])
CHAIN = [options6(60, b"\1\4\0\0\0\0") * n + options6(59, b"\1\4\0\0\0\0") for n in (1, 7, 99, 150)]
book.forward("PassesLongChainsOfExtensionHeaders_S6",
             [ether(ipv6(size=41 + len(c), nh=60, headers=c, payload=b"!")) for c in CHAIN])
book.forward("PassesHeadersThatEndTheirPacketEarly_S6",
             [ether(ipv6(size=41, nh=n, payload=b"\x3a")) for n in (43, 44, 60, 51, 58)]
             + [ether(ipv6(size=44, nh=60, payload=b"\x3a\xff\0\0"))], garbage=True)
book.forward("PassesABadUdpChecksum_S1_2",
             [ether(ipv6(payload=bytes.fromhex("100d138f0025") + s + pattern(29)))
              for s in (b"\x12\x34", b"\xff\xff", b"\0\0")])
