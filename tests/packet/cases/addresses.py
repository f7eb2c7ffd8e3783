# SPDX-License-Identifier: BSD-3-Clause
"""Addresses: groups that never cross a router, sources that nobody may have."""
from book import ALL_GROUPS, FAR, IN, OUT, SHARED, Book, replace, route
from frames import SOURCE4, SOURCE6, ether, group_mac, ipv4, ipv6, options6

book = Book()
MAC = "01:00:5e:01:03:07"


def to(*groups, **fields):
    return [ether(ipv4(group=g, **fields)) for g in groups]


def to6(*groups, **fields):
    return [ether(ipv6(group=g, **fields)) for g in groups]


def scoped(scope, flags=range(16)):
    """Groups of one scope with all flags nibbles; outside ff3x::/32, which is for (S,G) alone."""
    return ["ff%x%x:30:2001:db8::8129:307" % (f, scope) for f in flags]


book.drop("NeverForwardsLinkLocalGroups_S1_1",
          to("224.0.0.0", "224.0.0.1", "224.0.0.5", "224.0.0.99", "224.0.0.251", "224.0.0.255", ttl=64)
          + to("224.0.0.22", ttl=1), "dst_linklocal", routes=ALL_GROUPS)
book.forward("ForwardsTheFirstGroupsBehindTheLinkLocalRange_S1_1",
             to("224.0.1.0", "224.0.1.1", "224.1.0.0", "239.255.255.255"), routes=ALL_GROUPS)
book.drop("DropsUnicastDestinationsInMulticastFrames_S1_1",
          [ether(ipv4(group=d), dst=MAC) for d in ("203.0.113.40", "10.1.2.3", "223.255.255.255",
                                                   "0.0.0.0", "127.0.0.1", "203.0.113.33")],
          "dst_notmc", routes=ALL_GROUPS)
book.drop("DropsUnicastDestinationsToOurOwnMac_S1_1",
          [ether(ipv4(group="203.0.113.40"), dst=IN.mac), ether(ipv6(group="2001:db8:41::9"), dst=IN.mac)],
          "dst_notmc", routes=ALL_GROUPS)
book.drop("DropsReservedAndBroadcastDestinations_S1_1",
          [ether(ipv4(group=d), dst=m) for d in ("240.0.0.0", "240.0.0.1", "254.1.2.3",
                                                 "255.255.255.255", "198.51.100.15")
           for m in (MAC, "ff:ff:ff:ff:ff:ff")], "dst_notmc", routes=ALL_GROUPS)
book.drop("DropsUnicastIpv6InMulticastFrames_S1_1",
          [ether(ipv6(group=d), dst="33:33:00:00:00:09")
           for d in ("2001:db8:41::9", "fe80::9", "fe00::1", "::1", "::", "7f0e::1", "fd0e::1")],
          "dst_notmc", routes=ALL_GROUPS)

book.drop("NeverForwardsScope0WhateverTheFlags_S1_1", to6(*scoped(0)), "dst_scope", routes=ALL_GROUPS)
book.drop("NeverForwardsInterfaceLocalScopeWhateverTheFlags_S1_1", to6(*scoped(1), "ff01::1"),
          "dst_scope", routes=ALL_GROUPS)
book.drop("NeverForwardsLinkLocalScopeWhateverTheFlags_S1_1",
          to6(*scoped(2), "ff02::1", "ff02::fb", "ff32::8000:1", hlim=64), "dst_linklocal",
          routes=ALL_GROUPS)
for scope in range(3, 16):
    name = {15: "ForwardsReservedScope15AsGlobal"}.get(scope, f"ForwardsScope{scope}")
    book.forward(f"{name}WhateverTheFlags_S1_1", to6(*scoped(scope)), routes=ALL_GROUPS)

SSM4, SSM6 = "232.129.3.7", "ff3e::8129:307"
book.forward("ForwardsSourceSpecificRangesByTheirSource_S1_1",
             to(SSM4, "232.0.0.0", "232.255.255.255") + to6(SSM6, "ff35::4000:1"),
             routes=[route(g, SOURCE4) for g in (SSM4, "232.0.0.0", "232.255.255.255")]
             + [route(g, SOURCE6) for g in (SSM6, "ff35::4000:1")])
book.drop("WildcardsNeverMatchSourceSpecificRanges_S1_1",
          to(SSM4, "232.0.0.0", "232.255.255.255") + to6(SSM6, "ff3e::1", "ff35:0:ffff::4000:1"), "no_entry",
          routes=ALL_GROUPS)
book.forward("WildcardsMatchBesideTheSourceSpecificRanges_S1_1",
             to("231.255.255.255", "233.0.0.0") + to6("ff3e:1::8129:307", "ff3e:20:2001:db8::1",
                                                      "ff2e::8129:307", "ff7e::8129:307"),
             routes=ALL_GROUPS)


def sources(*addresses, **layer2):
    return [ether(ipv6(source=s) if ":" in s else ipv4(source=s), **layer2) for s in addresses]


def refuse(name, verdict, *addresses):
    book.drop(name, sources(*addresses), verdict, routes=SHARED)


refuse("DropsUnspecifiedSources_S1_3", "src_unspecified",
       "0.0.0.0", "0.0.0.1", "0.129.3.7", "0.255.255.255", "::")
refuse("DropsLoopbackSources_S1_3", "src_loopback", "127.0.0.0", "127.0.0.1", "127.255.255.255", "::1")
refuse("DropsMulticastSources_S1_3", "src_multicast", "224.0.0.1", "239.129.3.7", "239.255.255.255",
       "ff00::", "ff02::1", "ff0e::9", "ffff::1")
refuse("DropsTheBroadcastAddressAsSource_S1_3", "src_broadcast", "255.255.255.255")
refuse("DropsReservedSources_S1_3", "src_reserved", "240.0.0.0", "240.0.0.1", "254.255.255.255",
       "255.255.255.254")
refuse("DropsLinkLocalSources_S1_3", "src_linklocal", "169.254.0.0", "169.254.1.1", "169.254.255.255",
       "fe80::9", "fe80::", "febf:ffff::1")
refuse("DropsIpv4MappedSources_S1_3", "src_mapped", "::ffff:10.1.2.3", "::ffff:0:0", "::ffff:198.51.100.9")
refuse("DropsItsOwnAddressesAsSource_S1_3", "src_own", "198.51.100.1", "203.0.113.33", "192.0.2.129",
       "2001:db8:37::1", "2001:db8:1009::1")
refuse("DropsTheArrivalNetsBroadcastAddressAsSource_S1_3", "src_subnet_broadcast", "198.51.100.15")
book.forward("ForwardsSourcesBesideTheRefusedRanges_S1_3",
             sources("1.0.0.0", "126.255.255.255", "128.0.0.1", "223.255.255.255", "169.253.255.255",
                     "169.255.0.1", "198.51.100.0", "198.51.100.14", "198.51.100.16",
                     "203.0.113.63", "203.0.113.34", "10.77.3.9", "::10.1.2.3", "::2", "fe7f::1",
                     "fec0::9", "feff::9", "::fffe:10.1.2.3", "2001:db8:37::2", "1::ffff:a01:203"),
             routes=SHARED)
ALLOW4, ALLOW_LL = {"allow_reserved_sources": True}, {"allow_link_local_sources": True}
book.forward("ASwitchAllowsReservedSources_S1_3", sources("240.0.0.1", "254.255.255.255"),
             routes=SHARED, forwarding=ALLOW4)
book.drop("TheSwitchForReservedSourcesAllowsNothingElse_S1_3", sources("255.255.255.255"),
          "src_broadcast", routes=SHARED, forwarding=ALLOW4)
book.forward("ASwitchAllowsIpv4LinkLocalSources_S1_3", sources("169.254.1.1", "169.254.255.254"),
             routes=SHARED, forwarding=ALLOW_LL)
book.drop("NoSwitchAllowsIpv6LinkLocalSources_S1_3", sources("fe80::9"), "src_linklocal",
          routes=SHARED, forwarding=ALLOW_LL)
POINT = replace(IN, addresses=("198.51.100.2/31", "203.0.113.129/32"))
book.forward("PointToPointNetsHaveNoBroadcastAddress_S1_3", sources("198.51.100.3"), iif=POINT,
             interfaces=(POINT, OUT, FAR), routes=SHARED)
TWO = replace(IN, addresses=("198.51.100.1/28", "10.8.0.1/13"))
book.drop("KnowsTheBroadcastAddressOfEveryArrivalNet_S1_3", sources("10.15.255.255", "198.51.100.15"),
          "src_subnet_broadcast", iif=TWO, interfaces=(TWO, OUT, FAR), routes=SHARED)

RA4 = b"\x94\4\0\0"
IGMP = b"\x16\0\xe9\xf7" + b"\xef\x81\3\7"
book.drop("NeverForwardsIgmpToRoutableGroups_S1_5",
          [ether(ipv4(proto=2, payload=IGMP, size=28, ttl=t)) for t in (1, 5, 255)]
          + [ether(ipv4(proto=2, payload=IGMP, size=32, options=RA4, ttl=5)),
             ether(ipv4(proto=2, payload=b"\x22" + IGMP[1:], size=28)),
             ether(ipv4(proto=2, payload=IGMP, size=28, frag=3))], "dst_control", routes=SHARED)
RA6 = b"\5\2\0\0\1\0"


def icmp6(*types, headers=b"", nh=58, **fields):
    return [ether(ipv6(nh=nh, headers=headers, payload=bytes([t, 0]) + bytes(22), size=64, **fields))
            for t in types]


book.drop("NeverForwardsMldToRoutableGroups_S1_5",
          icmp6(130, 131, 132, 143, headers=options6(58, RA6), nh=0) + icmp6(130, 131, 132, 143)
          + icmp6(143, hlim=1), "dst_control", routes=SHARED)
book.drop("KnowsMldWithHopByHopProcessingSwitchedOff_S1_5",
          icmp6(130, 131, 132, 143, headers=options6(58, RA6), nh=0)
          + icmp6(143, headers=options6(58, b"\x9e\4abcd"), nh=0), "dst_control", routes=SHARED,
          forwarding={"process_hop_by_hop": False})
book.forward("ForwardsOtherIcmpv6ToRoutableGroups_S1_5",
             icmp6(1, 2, 127, 128, 129, 133, 135, 137, 142, 144, 255)
             + icmp6(128, headers=options6(58, RA6), nh=0), routes=SHARED, garbage=True)
assert group_mac(SSM6)
