# SPDX-License-Identifier: BSD-3-Clause
"""Which entry is found, which interfaces it accepts, and where copies go."""
from book import FAR, IN, OUT, SOURCED, Book, replace, route
from frames import GROUP4, GROUP6, SOURCE4, SOURCE6, ether, hop, ipv4, ipv6, leave, packet_of

book = Book()
PAIR = [ether(ipv4()), ether(ipv6())]


def send(case, frame, iif, *oifs):
    """`frame` arrives on `iif`, leaves by `oifs`."""
    case.receive(frame, "forwarded", iif)
    for oif in oifs:
        case.copy(oif, leave(hop(packet_of(frame)), oif))


book.drop("DropsPacketsThatMatchNoEntry_S1_6",
          [ether(ipv4(group="239.129.3.8")), ether(ipv4(source="198.51.100.8")),
           ether(ipv4(group="239.1.3.7")), ether(ipv6(group="ff0e::db8:8129:308")),
           ether(ipv6(group="ff1e::db8:8129:307")), ether(ipv6(source="2001:db8:37::8"))], "no_entry")
book.drop("DropsEverythingWithoutRoutes_S1_6", PAIR, "no_entry", routes=())
book.drop("DropsPacketsOnAnInterfaceThatTheEntryDoesNotAccept_S1_3", PAIR, "wrong_iif", iif=FAR,
          routes=(route(source=SOURCE4, oifs=(OUT,)), route(GROUP6, source=SOURCE6, oifs=(OUT,))))
book.drop("DropsPacketsThatArriveOnAnOutgoingInterface_S1_3", PAIR, "wrong_iif", iif=OUT)
book.drop("AWrongInterfaceIsNotRescuedByAWiderEntry_S1_3", PAIR, "wrong_iif", iif=FAR,
          routes=SOURCED + (route(iifs=(FAR,), oifs=(OUT,)), route(GROUP6, iifs=(FAR,), oifs=(OUT,))))

BIDIR = tuple(route(g, iifs=(IN, OUT), oifs=(IN, OUT, FAR)) for g in (GROUP4, GROUP6))
case = book.case("AcceptsFromEveryInterfaceOfTheSetAndNeverSendsBack_S1_6", routes=BIDIR)
for frame in PAIR:
    send(case, frame, IN, OUT, FAR)
    case.lose(IN, "iif_in_oif")
for frame in [ether(ipv4(source="203.0.113.40", seed=5)), ether(ipv6(source="2001:db8:41::9", seed=5))]:
    send(case, frame, OUT, IN, FAR)
    case.lose(OUT, "iif_in_oif")
case.ordered = False
case = book.case("ASetOfAcceptedInterfacesStillRefusesOthers_S1_3", routes=BIDIR)
for frame in PAIR:
    case.receive(frame, "wrong_iif", FAR)
EVERY = tuple(route(g, iifs=(IN, OUT, FAR), oifs=(OUT,)) for g in (GROUP4, GROUP6))
case = book.case("NeverSendsBackOutOfTheArrivalInterface_S1_6", routes=EVERY)
for frame in PAIR:
    case.receive(frame, "no_oif", OUT)
    case.lose(OUT, "iif_in_oif")
case = book.case("TheReasonOfOtherLossesWinsOverTheArrivalInterface_S1_6",
                 interfaces=(IN, OUT, replace(FAR, ttl_threshold=200)), routes=BIDIR)
for frame in (ether(ipv4()), ether(ipv6())):
    case.receive(frame, "forwarded", IN)
    case.copy(OUT, leave(hop(packet_of(frame)), OUT))
    case.lose(IN, "iif_in_oif")
    case.lose(FAR, "ttl_threshold")

ORDER = []
for any_group, group, wide, source, start in ((GROUP4, GROUP4, "239.129.0.0/16", SOURCE4, "239.0.0.0/8"),
                                              (GROUP6, GROUP6, "ff0e:0:0:0:0:db8::/96", SOURCE6, "ff0e::/16")):
    ORDER += [route(group, source, oifs=(OUT, FAR)), route(any_group, oifs=(FAR,)),
              route(wide, oifs=(OUT,)), route(start, oifs=(FAR,))]
case = book.case("PrefersTheSourceThenTheGroupThenTheLongestRange_S1_6", routes=tuple(ORDER))
send(case, ether(ipv4()), IN, OUT, FAR)
send(case, ether(ipv4(source="198.51.100.8")), IN, FAR)
send(case, ether(ipv4(group="239.129.3.8")), IN, OUT)
send(case, ether(ipv4(group="239.130.3.7")), IN, FAR)
case.receive(ether(ipv4(group="238.129.3.7")), "no_entry")
send(case, ether(ipv6()), IN, OUT, FAR)
send(case, ether(ipv6(source="2001:db8:37::8")), IN, FAR)
send(case, ether(ipv6(group="ff0e::db8:8129:308")), IN, OUT)
send(case, ether(ipv6(group="ff0e::db9:8129:307")), IN, FAR)
case.receive(ether(ipv6(group="ff0d::db8:8129:307")), "no_entry")
LENGTHS = (4, 5, 7, 8, 9, 11, 12, 15, 16, 17, 23, 24, 25, 31)
import ipaddress  # noqa: E402 (stands where it is used)

ranges = [ipaddress.ip_network(f"{GROUP4}/{n}", strict=False) for n in LENGTHS]
case = book.case("FindsTheLongestOfManyNestedRanges_S1_6",
                 routes=tuple(route(str(r), oifs=(OUT if i % 2 else FAR,)) for i, r in enumerate(ranges)))
for i, (inner, outer) in enumerate(zip(ranges, ranges[1:] + [None])):
    # an address of `inner` that is outside the next longer one
    host = next(a for a in (inner.broadcast_address, inner.network_address)
                if outer is None or a not in outer)
    if not ipaddress.ip_address("232.0.0.0") <= host <= ipaddress.ip_address("232.255.255.255") \
            and host > ipaddress.ip_address("224.0.0.255"):
        send(case, ether(ipv4(group=str(host), id=i)), IN, OUT if i % 2 else FAR)
case = book.case("AnEmptyOlistDrops_S6", routes=(route(source=SOURCE4, oifs=()),
                                                route(GROUP6, SOURCE6, oifs=())))
for frame in PAIR:
    case.receive(frame, "no_oif")

IN7, OUT7, FAR7 = (replace(i, vrf=v) for i, v in ((IN, 0), (OUT, 1), (FAR, 1)))
case = book.case("KeepsRoutingInstancesApart_S1_6", interfaces=(IN7, OUT7, FAR7),
                 routes=(route(iifs=(IN7,), oifs=()), route(iifs=(OUT7,), oifs=(FAR7,), vrf=1)))
case.receive(ether(ipv4()), "no_oif", IN7)
send(case, ether(ipv4(source="203.0.113.40")), OUT7, FAR7)
case.receive(ether(ipv6()), "no_entry", OUT7)
case = book.case("AnotherInstancesAddressIsNoSpoof_S1_3", interfaces=(IN7, OUT7, FAR7),
                 routes=(route(iifs=(OUT7,), oifs=(FAR7,), vrf=1),))
send(case, ether(ipv4(source="198.51.100.1")), OUT7, FAR7)
case.receive(ether(ipv4(source="192.0.2.129")), "src_own", OUT7)

HOPS = (("203.0.113.34", "02:00:00:00:29:34"), ("203.0.113.35", "02:00:00:00:29:35"))
NEIGHBORS = tuple((OUT, a, m) for a, m in HOPS)
case = book.case("SendsToTheMacOfANextHop_S1_6", neighbors=NEIGHBORS,
                 routes=(route(oifs=((OUT, {"next_hop": HOPS[0][0]}), FAR)),))
for size in (60, 577):
    packet = ipv4(size=size)
    case.receive(ether(packet), "forwarded")
    case.copy(OUT, leave(hop(packet), OUT, HOPS[0][1]))
    case.copy(FAR, leave(hop(packet), FAR))
case = book.case("SendsToSeveralNextHopsAndTheGroupOfOneInterface_S1_6", neighbors=NEIGHBORS, ordered=False,
                 routes=(route(oifs=[(OUT, {"next_hop": a}) for a, _ in HOPS] + [OUT]),))
case.receive(ether(ipv4()), "forwarded")
for mac in (HOPS[0][1], HOPS[1][1], None):
    case.copy(OUT, leave(hop(ipv4()), OUT, mac))
WIDE = replace(OUT, addresses=("198.18.0.1/16",))
MANY = [(f"198.18.{n % 3 + 1}.{n // 3 + 1}", f"02:00:0a:00:{n // 256:02x}:{n % 256:02x}") for n in range(709)]
case = book.case("ReplicatesToMoreNextHopsThanThereArePortsOrOctetValues_S1_6", interfaces=(IN, WIDE, FAR),
                 neighbors=tuple((WIDE, a, m) for a, m in MANY), ordered=False,
                 routes=(route(oifs=[(WIDE, {"next_hop": a}) for a, _ in MANY] + [FAR]),))
case.receive(ether(ipv4(size=28)), "forwarded")
for _, mac in MANY:
    case.copy(WIDE, leave(hop(ipv4(size=28)), WIDE, mac))
case.copy(FAR, leave(hop(ipv4(size=28)), FAR))
case = book.case("SendsIpv6ToTheMacOfANextHop_S1_6",
                 neighbors=((OUT, "2001:db8:41::34", "02:00:00:00:29:36"),),
                 routes=(route(GROUP6, oifs=((OUT, {"next_hop": "2001:db8:41::34"}), FAR)),))
case.receive(ether(ipv6()), "forwarded")
case.copy(OUT, leave(hop(ipv6()), OUT, "02:00:00:00:29:36"))
case.copy(FAR, leave(hop(ipv6()), FAR))
case = book.case("LosesOnlyTheCopyWhoseNextHopIsUnknown_S1_6",
                 routes=(route(oifs=((OUT, {"next_hop": "203.0.113.36"}), FAR)),))
case.receive(ether(ipv4()), "forwarded")
case.lose(OUT, "no_neighbor")
case.copy(FAR, leave(hop(ipv4()), FAR))
case = book.case("EndsWithNoNeighborWhenNoNextHopIsKnown_S1_6",
                 routes=(route(oifs=((OUT, {"next_hop": "203.0.113.36"}),)),))
case.receive(ether(ipv4()), "no_neighbor")
case.lose(OUT, "no_neighbor")
