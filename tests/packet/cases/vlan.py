# SPDX-License-Identifier: BSD-3-Clause
"""VLAN tags: none, priority only, known, unknown, stacked, cut off; and changes of tag on the way."""
from book import FAR, IN, OUT, SHARED, Book, Interface, replace, route
from frames import GROUP6, SERVICE_TAG, TAG, ether, hop, ipv4, ipv6, leave, packet_of

book = Book()
IN37 = replace(IN, vlan=37)
PLAIN = Interface("plain5", 5, "a", IN.mac, ("198.18.5.1/24",))


def tagged(*tags, **more):
    return [ether(ipv4(), tags=tags, **more), ether(ipv6(), tags=tags, **more)]


book.forward("TreatsPriorityTagsAsUntagged_S1_6",
             tagged((TAG, 0)) + tagged((TAG, 0xE000)) + tagged((TAG, 0x1000)) + tagged((TAG, 0xF000)))
book.forward("ForwardsFromAKnownVlanToUntagged_S1_6",
             tagged((TAG, 37)) + tagged((TAG, 0xE000 | 37)) + tagged((TAG, 0x1000 | 37)), iif=IN37,
             interfaces=(IN37, OUT, FAR))
TAGGED_OUT = replace(OUT, vlan=4094)
book.forward("ForwardsFromUntaggedToAVlan_S1_6", [ether(ipv4()), ether(ipv6()), ether(ipv4(size=1500))],
             oifs=(TAGGED_OUT, FAR), interfaces=(IN, TAGGED_OUT, FAR))
book.forward("ForwardsFromOneVlanToAnother_S1_6",
             tagged((TAG, 37)) + [ether(ipv4(size=n), tags=[(TAG, 37)]) for n in (60, 1499, 1500)],
             iif=IN37, oifs=(TAGGED_OUT, FAR), interfaces=(IN37, TAGGED_OUT, FAR))
book.forward("TrimsPaddingOfTaggedFrames_S1_6",
             [ether(ipv4(size=29), tags=[(TAG, 37)], pad=13), ether(ipv6(size=49), tags=[(TAG, 37)], pad=1)],
             iif=IN37, event="trimmed", interfaces=(IN37, OUT, FAR))
SIBLING = Interface("sibling2009", 2009, "a", IN.mac, ("198.18.7.1/24", "2001:db8:7::1/64"),
                    vlan=1009)
ONE_PORT = (route(oifs=(SIBLING, FAR), iifs=(IN37,)), route(GROUP6, oifs=(SIBLING, FAR), iifs=(IN37,)))
book.forward("SendsBackOutOfTheSamePortByAnotherInterface_S1_6", tagged((TAG, 37)), iif=IN37,
             oifs=(SIBLING, FAR), interfaces=(IN37, SIBLING, FAR), routes=ONE_PORT)
book.forward("SendsFromUntaggedToAVlanOfTheSamePort_S1_6", [ether(ipv4()), ether(ipv6())],
             oifs=(SIBLING, FAR), interfaces=(IN, SIBLING, FAR),
             routes=(route(oifs=(SIBLING, FAR)), route(GROUP6, oifs=(SIBLING, FAR))))
MIXED = (PLAIN, IN37, OUT)
case = book.case("KnowsTheInterfaceByPortAndTag_S1_6", interfaces=MIXED,
                 routes=(route(iifs=(IN37,), oifs=(OUT,)), route("239.1.3.7", iifs=(PLAIN,), oifs=(OUT,))))
for frame, iif, verdict in ((ether(ipv4(), tags=[(TAG, 37)]), IN37, "forwarded"),
                            (ether(ipv4()), PLAIN, "wrong_iif"),
                            (ether(ipv4(group="239.1.3.7")), PLAIN, "forwarded"),
                            (ether(ipv4(group="239.1.3.7"), tags=[(TAG, 37)]), IN37, "wrong_iif"),
                            (ether(ipv4(group="239.1.3.7"), tags=[(TAG, 0)]), PLAIN, "forwarded")):
    case.receive(frame, verdict, iif)
    if verdict == "forwarded":
        case.copy(OUT, leave(hop(packet_of(frame)), OUT))
book.drop("DropsUnknownVlans_S1_6",
          tagged((TAG, 38)) + tagged((TAG, 36)) + tagged((TAG, 1)) + tagged((TAG, 4094)) + tagged((TAG, 4095))
          + tagged((TAG, 0xE000 | 293)), "vlan_unknown", iif=None, port="a", interfaces=MIXED, routes=SHARED[:0])
book.drop("DropsTaggedFramesOnAPortWithoutVlans_S1_6", tagged((TAG, 37)), "vlan_unknown", iif=None, port="a")
book.drop("DropsUntaggedFramesOnAPortWithVlansOnly_S1_6",
          [ether(ipv4()), ether(ipv6())] + tagged((TAG, 0)), "vlan_unknown", iif=None, port="a",
          interfaces=(IN37, OUT, FAR))
STACKS = [[(TAG, 37)] * n for n in range(2, 9)]
STACKS += [[(TAG, 0), (TAG, 37)], [(TAG, 37), (TAG, 0)], [(SERVICE_TAG, 37), (TAG, 37)],
           [(SERVICE_TAG, 37), (SERVICE_TAG, 38), (TAG, 37)], [(TAG, 37), (SERVICE_TAG, 37)],
           [(0x9100, 37), (TAG, 37)], [(TAG, 37), (0x9100, 9), (TAG, 37)], [(TAG, 999), (TAG, 37)]]
book.drop("DropsStackedTags_S1_6", [f for tags in STACKS for f in tagged(*tags)], "vlan_stacked",
          iif=None, port="a", interfaces=MIXED, routes=(route(iifs=(IN37, PLAIN), oifs=(OUT,)),))
book.drop("DropsServiceTagsAlone_S6", tagged((SERVICE_TAG, 37)) + tagged((SERVICE_TAG, 0)), "vlan_stacked",
          iif=None, port="a", interfaces=MIXED, routes=(route(iifs=(IN37, PLAIN), oifs=(OUT,)),))
WHOLE = ether(ipv4(), tags=[(TAG, 37)])
book.drop("DropsFramesThatEndInTheTag_S6", [WHOLE[:n] for n in (14, 15, 16, 17)], "err_short", iif=None,
          port="a", interfaces=(IN37, OUT, FAR))
book.drop("DropsTaggedFramesThatEndInTheIpHeader_S6", [WHOLE[:n] for n in range(18, 38)], "err_short",
          iif=IN37, interfaces=(IN37, OUT, FAR))
ARP = bytes.fromhex("0001080006040001") + bytes(20)
book.drop("CountsTaggedArpOnItsVlan_S6", [ether(ARP, dst="ff:ff:ff:ff:ff:ff", ethertype=0x0806, pad=14,
                                                tags=[(TAG, 37)])], "non_ip", iif=IN37,
          interfaces=(IN37, OUT, FAR))
book.drop("ChecksTheMacsOfTaggedFramesToo_S6", tagged((TAG, 37), src="01:00:5e:01:03:07")
          + tagged((TAG, 37), src=IN.mac), "l2_src", iif=IN37, interfaces=(IN37, OUT, FAR))

VLANS = tuple(Interface(f"v{n}", 5000 + n, "b", "02:00:00:00:29:02", vlan=n) for n in range(1, 301))
case = book.case("ReplicatesToThreeHundredVlansOfOnePort_S1_6", interfaces=(IN,) + VLANS,
                 routes=(route(oifs=VLANS),), ordered=False)
for size in (60, 577):
    packet = ipv4(size=size)
    case.receive(ether(packet), "forwarded")
    for oif in VLANS:
        case.copy(oif, leave(hop(packet), oif))
