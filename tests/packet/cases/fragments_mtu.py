# SPDX-License-Identifier: BSD-3-Clause
"""Fragments pass; over the MTU, IPv4 is cut or silently dropped, IPv6 is answered, per copy."""
from book import FAR, IN, OUT, Book, replace, route
from frames import SOURCE4, ether, fragments, hop, ipv4, leave

book = Book()
BIG = replace(IN, mtu=9000)
DF, MF = 2, 1


def cut(name, packets, mtu, *, pad=0):
    """OUT has a small MTU, FAR takes packets whole."""
    far = replace(FAR, mtu=9600)
    small = replace(OUT, mtu=mtu, addresses=("203.0.113.33/27",))
    case = book.case(name, interfaces=(replace(IN, mtu=9600), small, far), routes=(route(source=SOURCE4),))
    for packet in packets:
        case.receive(ether(packet, pad=pad), "forwarded")
        pieces = fragments(hop(packet), mtu)
        assert len(pieces) > 1 and all(len(p) <= mtu for p in pieces)
        case.copy(small, *(leave(p, small) for p in pieces))
        case.copy(far, leave(hop(packet), far))
        if pad:
            case.event("trimmed")
    return case


book.forward("PassesFirstMiddleAndLastFragments_S1_5",
             [ether(ipv4(size=n, flags=f, frag=o)) for n, f, o in
              ((1500, MF, 0), (1500, MF, 185), (577, 0, 370), (60, MF, 1), (61, 0, 8190))])
book.forward("PassesTinyAndOverlappingFragments_S6",
             [ether(ipv4(size=28, flags=MF, frag=0)), ether(ipv4(size=36, flags=MF, frag=1)),
              ether(ipv4(size=36, flags=MF, frag=1, seed=9)), ether(ipv4(size=44, frag=2)),
              ether(ipv4(size=21, payload=b"x", frag=4)), ether(ipv4(size=27, flags=MF, frag=3)),
              ether(ipv4(size=20, payload=b"", frag=3))])
book.forward("PassesFragmentsThatClaimToEndBehind65535_S6",
             [ether(ipv4(size=1500, frag=8189)), ether(ipv4(size=61, flags=MF, frag=8191))])
book.forward("PassesFragmentsWithDontFragmentSet_S6",
             [ether(ipv4(size=577, flags=DF | MF)), ether(ipv4(size=61, flags=DF, frag=69))])
book.forward("PassesFragmentsOfAnyProtocolWithoutReadingLayer4_S1_5",
             [ether(ipv4(size=28, proto=p, frag=3, payload=bytes(8))) for p in (1, 6, 17, 58, 103)])

case = book.case("DropsDontFragmentOverTheMtuSilentlyAndSendsTheOtherCopy_S1_5",
                 interfaces=(BIG, replace(OUT, mtu=1400), replace(FAR, mtu=9000)))
for size in (1401, 1499, 1500, 9000):
    packet = ipv4(size=size, flags=DF)
    case.receive(ether(packet), "forwarded")
    case.lose(OUT, "mtu")
    case.copy(FAR, leave(hop(packet), FAR))
case = book.case("EndsWithMtuWhenDontFragmentFitsNoOif_S1_5",
                 interfaces=(BIG, replace(OUT, mtu=577), replace(FAR, mtu=1400)),
                 routes=(route(source=SOURCE4),))
case.interfaces = tuple(replace(i, addresses=(i.addresses[0],)) for i in case.interfaces)
for size in (1401, 1500):
    case.receive(ether(ipv4(size=size, flags=DF)), "mtu")
    case.lose(OUT, "mtu")
    case.lose(FAR, "mtu")
small = tuple(replace(i, addresses=(i.addresses[0],), mtu=m)
              for i, m in ((IN, 1500), (OUT, 577), (FAR, 68)))
case = book.forward("ForwardsWhatJustFitsTheMtu_S1_5",
                    [ether(ipv4(size=n, flags=f)) for n in (60, 61) for f in (0, DF)],
                    oifs=(OUT, FAR), interfaces=small,
                    routes=(route(source=SOURCE4),))
book.forward("ComparesTheMtuWithThePacketNotTheFrame_S1_5",
             [ether(ipv4(size=577), pad=500)], oifs=(OUT,), event="trimmed",
             interfaces=small, routes=(route(source=SOURCE4, oifs=(OUT,)),))

cut("FragmentsOneOctetOverTheMtu_S1_5", [ipv4(size=578), ipv4(size=579, id=0), ipv4(size=580, id=65535)],
    577)
cut("FragmentsWithOffsetsOfEightOctets_S1_5",
    [ipv4(size=n) for n in (1499, 1500, 1514)], 576)
cut("FragmentsToTheSmallestMtu_S1_5", [ipv4(size=n) for n in (69, 577, 1500)], 68)
cut("FragmentsJumboPackets_S1_5", [ipv4(size=9000), ipv4(size=8981)], 1500)
cut("FragmentsIntoManyPieces_S1_5", [ipv4(size=9000)], 68)
cut("FragmentsWithoutTheFramesPadding_S1_5", [ipv4(size=1401)], 1400, pad=33)
cut("CarriesTosIdentAndProtocolIntoEveryFragment_S1_5",
    [ipv4(size=1500, tos=0xB9, id=0xFEDC, proto=50), ipv4(size=1500, ttl=2, flags=4),
     ipv4(size=1500, ttl=255, proto=0)], 577)
cut("FragmentsAFirstFragmentKeepingMoreFragments_S1_5", [ipv4(size=1500, flags=MF)], 577)
cut("FragmentsAMiddleFragmentKeepingItsOffset_S1_5",
    [ipv4(size=1500, flags=MF, frag=185), ipv4(size=1500, flags=MF, frag=1),
     ipv4(size=580, flags=MF, frag=7000)], 577)
cut("FragmentsALastFragmentKeepingItsOffset_S1_5", [ipv4(size=1499, frag=185), ipv4(size=700, frag=8000)],
    577)
RA, UNCOPIED, COPIED = b"\x94\4\0\0", b"\x1e\4ab", b"\x9e\6abcd"
RECORD = b"\7\x0b\4" + bytes(8)
cut("CopiesOnlyOptionsWithTheCopiedFlagIntoLaterFragments_S1_5",
    [ipv4(size=1500, options=o) for o in
     (RA, UNCOPIED, RA + UNCOPIED, UNCOPIED + RA, RECORD + b"\1", b"\1" + RECORD + RA,
      b"\1\1" + COPIED + RECORD + b"\0", COPIED + b"\0\0", b"\1" * 40, RA * 10,
      b"\x9e\x28" + b"c" * 38, b"\7\x27\4" + bytes(37))], 577)
cut("KeepsAllOptionsWhenALaterFragmentIsCut_S1_5",
    [ipv4(size=1500, flags=MF, frag=37, options=RA), ipv4(size=1500, frag=37, options=COPIED + b"\0\0")],
    577)
cut("CopiesOptionsOnceWhenAFirstFragmentIsCut_S1_5",
    [ipv4(size=1500, flags=MF, options=RA + UNCOPIED)], 577)

packet = ipv4(size=1500)
sizes = {OUT.name: 577, FAR.name: 1400}
small = tuple(replace(i, addresses=(i.addresses[0],), mtu=sizes.get(i.name, 1500)) for i in (IN, OUT, FAR))
case = book.case("FragmentsEachCopyToItsOwnMtu_S1_5", interfaces=small, routes=(route(source=SOURCE4),))
for n in (1500, 1401, 1400, 578, 577):
    packet = ipv4(size=n)
    case.receive(ether(packet), "forwarded")
    for oif in small[1:]:
        case.copy(oif, *(leave(p, oif) for p in fragments(hop(packet), oif.mtu)))
case = book.case("GivesUpFragmentsWhoseOffsetDoesNotFit_S6", interfaces=small,
                 routes=(route(source=SOURCE4, oifs=(OUT,)),))
case.receive(ether(ipv4(size=1400, frag=8191)), "frag_failed")
case.lose(OUT, "frag_failed")
case = book.case("FragmentsOnATaggedInterface_S1_5",
                 interfaces=(IN, replace(OUT, vlan=1009, mtu=577, addresses=("203.0.113.33/27",)), FAR),
                 routes=(route(source=SOURCE4, oifs=(OUT,)),))
packet = ipv4(size=1499)
case.receive(ether(packet), "forwarded")
case.copy(case.interfaces[1], *(leave(p, case.interfaces[1]) for p in fragments(hop(packet), 577)))
