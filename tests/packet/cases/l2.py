# SPDX-License-Identifier: BSD-3-Clause
"""Layer 2: which frames are taken, and which MACs they leave with."""

from book import ALL_GROUPS, FAR, IN, OUT, SHARED, Book, route
from frames import BROADCAST, ether, group_mac, hop, ipv4, ipv6, leave

book = Book()
STRICT = {"strict_group_mac": True}
OTHER_MAC = "02:00:00:00:25:02"  # one bit from ours


def both(**layer2):
    return [ether(ipv4(), **layer2), ether(ipv6(), **layer2)]


book.forward("ClearsBit23OfTheGroupInTheDestinationMac_S1_6", [ether(ipv4(size=60))])
book.forward("MapsThe32LowBitsOfAnIpv6GroupToTheDestinationMac_S1_6", [ether(ipv6())])
book.forward("MapsEveryBitOfTheGroupToTheDestinationMac_S1_6",
             [ether(ipv4(group=g)) for g in ("224.0.1.0", "225.255.255.255", "239.128.0.1",
                                             "238.127.255.254", "233.1.128.0")]
             + [ether(ipv6(group=g)) for g in ("ff1e:99::ffff:ffff", "ff05::8000:1", "ff0e::1")],
             routes=ALL_GROUPS)

case = book.case("KeepsGroupsApartThatShareAMac_S1_6",
                 routes=(route("224.1.3.7", oifs=(OUT,)), route("225.129.3.7", oifs=(FAR,)),
                         route("239.1.3.7", oifs=(OUT, FAR))))
for group, oifs in (("224.1.3.7", (OUT,)), ("225.129.3.7", (FAR,)), ("239.1.3.7", (OUT, FAR)),
                    ("239.129.3.7", ())):
    packet = ipv4(group=group)
    assert group_mac(group) == "01:00:5e:01:03:07"
    case.receive(ether(packet), "forwarded" if oifs else "no_entry")
    for oif in oifs:
        case.copy(oif, leave(hop(packet), oif))

book.forward("AcceptsItsOwnUnicastMac_S1_6", both(dst=IN.mac))
book.forward("AcceptsBroadcastFramesThatCarryAGroup_S1_6", both(dst=BROADCAST))
book.forward("ForwardsAndCountsAMacOfAnotherGroup_S1_6",
             both(dst="01:00:5e:01:03:08") + both(dst="33:33:81:29:03:06")
             + both(dst="01:80:c2:00:00:0e"), event="l2_mismatch")
book.drop("StrictModeDropsAMacOfAnotherGroup_S1_6",
          both(dst="01:00:5e:01:03:06") + [ether(ipv4(), dst="01:00:5e:81:03:07"),
                                           ether(ipv6(), dst="33:33:01:29:03:07")],
          "l2_dst", forwarding=STRICT).event("l2_mismatch", 4)
book.forward("StrictModeAcceptsTheGroupsMacOurOwnAndBroadcast_S1_6",
             both() + both(dst=IN.mac) + both(dst=BROADCAST), forwarding=STRICT)
book.drop("IgnoresAnotherHostsUnicastMac_S1_6",
          both(dst=OTHER_MAC) + both(dst="00:00:00:00:00:00") + both(dst="02:ff:ff:ff:ff:ff"),
          "l2_dst")
book.drop("IgnoresTheMacOfAnotherOfOurInterfaces_S1_6", both(dst=OUT.mac), "l2_dst")
book.drop("DropsAGroupMacAsSource_S6",
          both(src="01:00:5e:01:03:07") + both(src="33:33:00:00:00:01") + both(src=BROADCAST)
          + both(src="03:00:00:00:25:09"), "l2_src")
book.drop("DropsItsOwnMacAsSource_S6", both(src=IN.mac) + both(src=IN.mac, dst=IN.mac), "l2_src")
book.forward("KnowsNoHostBySourceMac_S1_6",
             both(src="00:00:00:00:00:00") + both(src="fe:ff:ff:ff:ff:ff") + both(src=OTHER_MAC))

ARP = bytes.fromhex("0001080006040001") + bytes(20)
LLC = bytes.fromhex("424203000000") + bytes(40)
book.drop("CountsArpAsNotIp_S6", [ether(ARP, dst=BROADCAST, ethertype=0x0806, pad=18)], "non_ip")
book.drop("CountsLlcFramesAsNotIp_S6",
          [ether(LLC, dst="01:80:c2:00:00:00", ethertype=n) for n in (0, 38, 1500)], "non_ip")
book.drop("CountsOtherEthertypesAsNotIp_S6",
          [ether(ipv4(), ethertype=t) for t in (0x0600, 0x07FF, 0x0801, 0x8847, 0x8848, 0x8863,
                                               0x88CC, 0x86DC, 0x86DE, 0xFFFF)], "non_ip")

FULL = ether(ipv4(size=46))
case = book.drop("DropsFramesThatEndInTheEthernetHeader_S6", [FULL[:n] for n in range(1, 14)],
                 "err_short")
case = book.drop("DropsFramesThatEndInTheIpv4Header_S6",
                 [FULL[:14 + n] for n in range(20)], "err_short")
case = book.drop("DropsFramesThatEndInTheIpv6Header_S6",
                 [ether(ipv6())[:14 + n] for n in range(40)], "err_short")

SIZES = (28, 29, 45, 46, 47, 60, 61, 64, 127, 577, 1280, 1499, 1500)
book.forward("ForwardsPacketsOfAwkwardSizesWhole_S1_6",
             [ether(ipv4(size=n, seed=n)) for n in SIZES]
             + [ether(ipv6(size=n, seed=n)) for n in (49, 61, 577, 1279, 1499, 1500)],
             routes=SHARED)
BIG = tuple(i.__class__(**{**vars(i), "mtu": 9000}) for i in (IN, OUT, FAR))
book.forward("ForwardsJumboFramesWhereTheMtuAllows_S1_6",
             [ether(ipv4(size=n, seed=n)) for n in (1501, 2035, 4097, 8999, 9000)]
             + [ether(ipv6(size=9000))],
             interfaces=BIG)
