# SPDX-License-Identifier: BSD-3-Clause
"""The two ICMPv6 errors that a multicast packet may cause, whole frames; and hop-by-hop options."""
from book import FAR, IN, OUT, Book, replace, route
from frames import (BROADCAST, GROUP6, HOST_MAC, SOURCE6, ether, hop, ipv6, leave, options6, packet_of,
                    parameter_problem, too_big)

book = Book()
BIG_IN, BIG_FAR = replace(IN, mtu=9000), replace(FAR, mtu=9000)
SMALL = replace(OUT, mtu=1400)
LAB = (BIG_IN, SMALL, BIG_FAR)


def answer_too_big(case, frame, iif, mtu, source=None, mac=HOST_MAC, event="ptb_sent"):
    error = too_big(source or iif.global6, packet_of(frame), mtu)
    case.answer(iif, leave(error, iif, mac), event)


def one_copy_too_big(name, frames, iif=BIG_IN, small=SMALL, source=None, mac=HOST_MAC, **arrangement):
    """OUT is too small, FAR gets its copy all the same."""
    case = book.case(name, interfaces=(iif, small, BIG_FAR), **arrangement)
    for frame in frames:
        case.receive(frame, "forwarded", iif)
        case.lose(small, "mtu_ptb")
        case.copy(BIG_FAR, leave(hop(packet_of(frame)), BIG_FAR))
        answer_too_big(case, frame, iif, small.mtu, source, mac)
    return case


one_copy_too_big("AnswersPacketTooBigWhileOtherCopiesLeave_S1_5",
                 [ether(ipv6(size=n)) for n in (1401, 1499, 1500)])
one_copy_too_big("QuotesAtMost1280OctetsOfAJumboPacket_S1_5", [ether(ipv6(size=9000))])
one_copy_too_big("NamesTheSmallestMtuOfIpv6_S1_5", [ether(ipv6(size=1281))], small=replace(OUT, mtu=1280))
one_copy_too_big("QuotesThePacketAsItArrived_S1_5",
                 [ether(ipv6(size=1401, hlim=255, tc=0xB9, fl=0xABCDE)), ether(ipv6(size=1401, hlim=2))])
one_copy_too_big("QuotesExtensionHeadersToo_S1_5",
                 [ether(ipv6(size=1500, nh=0, headers=options6(17, b"\5\2\0\0\1\0"))),
                  ether(ipv6(size=1500, nh=44, headers=b"\x11\0\0\1\0\0\x37\x25"))])
one_copy_too_big("AnswersToTheRouterThatSentTheFrame_S1_5",
                 [ether(ipv6(source="2001:db8:77::9", size=1500))], routes=(route(GROUP6),))
NEIGHBOR_MAC = "02:00:00:00:25:99"
one_copy_too_big("AnswersToTheMacOfANeighborThatIsConfigured_S1_5", [ether(ipv6(size=1500))], mac=NEIGHBOR_MAC,
                 neighbors=((BIG_IN, "2001:db8:37::77", "02:00:00:00:25:98"), (BIG_IN, SOURCE6, NEIGHBOR_MAC)))
one_copy_too_big("AnswersToTheSenderWhenOnlyOthersAreConfigured_S1_5", [ether(ipv6(size=1500))],
                 neighbors=((BIG_IN, "2001:db8:37::77", NEIGHBOR_MAC),))
one_copy_too_big("AnswersPacketsThatCameAsBroadcastOrToOurMac_S1_5",
                 [ether(ipv6(size=1500), dst=BROADCAST), ether(ipv6(size=1500), dst=IN.mac)])
one_copy_too_big("AnswersFromTheLinkLocalAddressWhenThereIsNoOther_S1_5", [ether(ipv6(size=1500))],
                 iif=replace(BIG_IN, addresses=("198.51.100.1/28", "fe80::37/64")), source="fe80::37")
one_copy_too_big("AnswersFromTheFirstGlobalAddress_S1_5", [ether(ipv6(size=1500))],
                 iif=replace(BIG_IN, addresses=("fe80::37/64", "2001:db8:1::37/64", "2001:db8:37::1/64")),
                 source="2001:db8:1::37")
TAGGED = replace(BIG_IN, vlan=37)
one_copy_too_big("AnswersWithTheTagOfTheArrivalInterface_S1_5",
                 [ether(ipv6(size=1500), tags=[(0x8100, 37)])], iif=TAGGED)
one_copy_too_big("AnswersOverTheMtuInformationalMessages_S1_5",
                 [ether(ipv6(size=1500, nh=58, payload=b"\x80\0" + bytes(1458)))])

case = book.case("AnswersOnceWithTheSmallestMtuOfSeveral_S1_5",
                 interfaces=(BIG_IN, SMALL, replace(FAR, mtu=1300)))
for size in (1401, 1500):
    frame = ether(ipv6(size=size))
    case.receive(frame, "mtu_ptb")
    case.lose(OUT, "mtu_ptb")
    case.lose(FAR, "mtu_ptb")
    answer_too_big(case, frame, BIG_IN, 1300)
case.receive(ether(ipv6(size=1301)), "forwarded")
case.copy(SMALL, leave(hop(ipv6(size=1301)), SMALL))
case.lose(FAR, "mtu_ptb")
answer_too_big(case, ether(ipv6(size=1301)), BIG_IN, 1300)

case = book.case("NeverAnswersAnIcmpv6ErrorOrRedirect_S1_5", interfaces=LAB, garbage=True)
for kind in (1, 2, 3, 4, 100, 127, 137):
    packet = ipv6(size=1500, nh=58, payload=bytes([kind, 0]) + bytes(1458))
    case.receive(ether(packet), "forwarded")
    case.lose(OUT, "mtu_ptb")
    case.copy(BIG_FAR, leave(hop(packet), BIG_FAR))
case = book.case("SendsNothingWithoutAnIpv6AddressToSendFrom_S1_5",
                 interfaces=(replace(BIG_IN, addresses=("198.51.100.1/28",)), SMALL, BIG_FAR))
case.receive(ether(ipv6(size=1500)), "forwarded")
case.lose(OUT, "mtu_ptb")
case.copy(BIG_FAR, leave(hop(ipv6(size=1500)), BIG_FAR))
case.event("icmp_lost")

RATE = {"icmpv6_errors_per_second": 1}
case = book.case("LimitsThePacketTooBigRate_S1_5", interfaces=LAB, forwarding=RATE)
for n in range(5):
    frame = ether(ipv6(size=1500, seed=n))
    case.receive(frame, "forwarded")
    case.lose(OUT, "mtu_ptb")
    case.copy(BIG_FAR, leave(hop(packet_of(frame)), BIG_FAR))
    if n == 0:
        answer_too_big(case, frame, BIG_IN, 1400)
    else:
        case.event("ptb_ratelimited")
OFF = {"icmpv6_errors_per_second": 0}
case = book.case("SendsNoErrorsWhenTheRateIsZero_S1_5", interfaces=LAB, forwarding=OFF)
case.receive(ether(ipv6(size=1500)), "forwarded")
case.lose(OUT, "mtu_ptb")
case.copy(BIG_FAR, leave(hop(ipv6(size=1500)), BIG_FAR))
case.event("ptb_ratelimited")


def hbh(*options, next_header=17, size=93, **fields):
    return ether(ipv6(nh=0, headers=options6(next_header, *options), size=size, **fields))


def problem(name, frames, iif=IN, source=None, mac=HOST_MAC, **arrangement):
    """`frames`: (frame, offset of the option in the packet)."""
    case = book.case(name, interfaces=(iif, OUT, FAR), **arrangement)
    for frame, pointer in frames:
        case.receive(frame, "v6_param_problem", iif)
        error = parameter_problem(source or iif.global6, packet_of(frame), pointer)
        case.answer(iif, leave(error, iif, mac), "param_problem_sent")
    return case


problem("AnswersUnknownOptionsOfClass10WithTheirPlace_S1_5",
        [(hbh(b"\xbe\4abcd"), 42), (hbh(b"\x9e\4abcd"), 42), (hbh(b"\x80\4abcd"), 42),
         (hbh(b"\xbf\4abcd"), 42), (hbh(b"\0\x9e\3abc"), 43), (hbh(b"\0\0\0\0\xbe\0"), 46),
         (hbh(b"\5\2\0\0", b"\x9e\0"), 46), (hbh(b"\1\4\0\0\0\0", b"\xbe\6abcdef"), 48),
         (hbh(b"\x1e\4abcd", b"\x9e\6abcdef"), 48)])
problem("TheFirstUnknownOptionDecides_S1_5",
        [(hbh(b"\xbe\4abcd", b"\x7e\6abcdef"), 42), (hbh(b"\x3e\4abcd", b"\xbe\1a\xfe\1b\0\0"), 48)])
problem("AnswersALinkLocalHostFromTheLinkLocalAddress_S1_5",
        [(hbh(b"\xbe\4abcd", source="fe80::9"), 42)], source="fe80::37")
problem("AnswersParameterProblemsToTheMacOfANeighborThatIsConfigured_S1_5",
        [(hbh(b"\xbe\4abcd"), 42)], mac=NEIGHBOR_MAC, neighbors=((IN, SOURCE6, NEIGHBOR_MAC),))
problem("QuotesAtMost1280OctetsInAParameterProblem_S1_5", [(hbh(b"\xbe\4abcd", size=1500), 42)])
problem("AnswersParameterProblemsWithTheTagOfTheArrivalInterface_S1_5",
        [(ether(packet_of(hbh(b"\xbe\4abcd")), tags=[(0x8100, 37)]), 42)], iif=replace(IN, vlan=37))
book.drop("DropsUnknownOptionsOfClass01Silently_S1_5",
          [hbh(b"\x7e\4abcd"), hbh(b"\x40\0\0\0\0\0"), hbh(b"\1\0\x5e\2ab"),
           hbh(b"\x7e\4abcd", b"\xbe\6abcdef")], "v6_opt_drop")
book.drop("DropsUnknownOptionsOfClass11SilentlyBecauseTheDestinationIsAGroup_S1_5",
          [hbh(b"\xfe\4abcd"), hbh(b"\xc2\4\0\1\0\x28"), hbh(b"\1\0\xc0\2ab")], "v6_opt_drop")
book.forward("SkipsUnknownOptionsOfClass00_S1_5",
             [hbh(b"\x3e\4abcd"), hbh(b"\x1e\0\x02\2ab"), hbh(b"\x3a\4abcd")])
book.forward("PassesPaddingAndRouterAlert_S1_5",
             [hbh(b"\0\0\0\0\0\0"), hbh(b"\1\4\0\0\0\0"), hbh(b"\5\2\0\0\1\0"), hbh(b"\5\2\xff\xff\0\0"),
              hbh(b"\1\0\1\0\1\0"), hbh(b"\1\x0c" + bytes(12)), hbh(b"\0\5\2\0\0\0")])
book.forward("PassesLongHopByHopHeaders_S6",
             [ether(ipv6(nh=0, headers=options6(59, b"\0" * (8 * n - 2)), size=49 + 8 * n,
                         payload=b"x" * 9)) for n in (2, 17, 180)]
             + [ether(ipv6(nh=0, headers=options6(59, b"\1\0" * (4 * n - 1)), size=49 + 8 * n,
                           payload=b"x" * 9)) for n in (1, 50, 150)])
book.drop("DropsMalformedHopByHopHeaders_S6",
          [hbh(b"\1\5\0\0\0\0"), hbh(b"\x3e\xff\0\0\0\0"), hbh(b"\0\0\0\0\0\1"), hbh(b"\0\0\0\0\0\x9e"),
           hbh(b"\1\3\0\0\0\x3e"),
           ether(ipv6(nh=0, headers=b"\x11\7" + b"\0" * 6, size=61)),
           ether(ipv6(nh=0, headers=b"\x11\xff" + b"\0" * 6, size=577)),
           ether(ipv6(nh=0, payload=b"\x11\0\0\0\0\0\0", size=47)),
           ether(ipv6(nh=0, payload=b"\x11", size=41))], "v6_hbh_bad")
OFF = {"process_hop_by_hop": False}
book.forward("SkipsHopByHopOptionsUnreadWhenToldTo_S1_5",
             [hbh(b"\xbe\4abcd"), hbh(b"\x7e\4abcd"), hbh(b"\xfe\4abcd"), hbh(b"\5\2\0\0\1\0")],
             forwarding=OFF)
case = book.case("LimitsTheParameterProblemRate_S1_5", forwarding={"icmpv6_errors_per_second": 2})
for n in range(5):
    frame = hbh(b"\xbe\4abcd", seed=n)
    case.receive(frame, "v6_param_problem")
    if n < 2:
        case.answer(IN, leave(parameter_problem(IN.global6, packet_of(frame), 42), IN, HOST_MAC),
                    "param_problem_sent")
    else:
        case.event("param_problem_ratelimited")
case = book.case("AnswersNoIcmpv6ErrorWithAParameterProblem_S1_5")
for kind in (1, 4, 137):
    case.receive(ether(ipv6(nh=0, headers=options6(58, b"\xbe\4abcd"), size=64,
                            payload=bytes([kind, 0]) + bytes(14))), "v6_param_problem")
case = book.case("AnswersNoSourceThatIsNotOneHost_S1_5")
for source in ("::", "ff0e::9", "::1"):
    case.receive(hbh(b"\xbe\4abcd", source=source), "v6_param_problem")
book.drop("SendsNoErrorAboutGroupsThatStayOnTheirLink_S1_5",
          [hbh(b"\xbe\4abcd", group="ff02::99")], "dst_linklocal")
