# SPDX-License-Identifier: BSD-3-Clause
"""Scope boundaries, both ways: RFC 2365 ranges and RFC 4007 scopes."""
from book import ALL_GROUPS, FAR, IN, OUT, Book, replace
from frames import ether, hop, ipv4, ipv6, leave, packet_of

book = Book()
LOCAL, ORGANISATION = "239.255.0.0/16", "239.192.0.0/14"
INSIDE = ("239.255.0.0", "239.255.129.7", "239.255.255.255")
BESIDE = ("239.254.255.255", "239.191.255.255", "224.0.1.1", "238.255.3.7")


def groups(*addresses):
    return [ether(ipv6(group=g) if ":" in g else ipv4(group=g)) for g in addresses]


def blocked_out(name, frames, oif):
    """FAR gets what OUT must not."""
    case = book.case(name, interfaces=(IN, oif, FAR), routes=ALL_GROUPS)
    for frame in frames:
        case.receive(frame, "forwarded")
        case.lose(oif, "boundary_out")
        case.copy(FAR, leave(hop(packet_of(frame)), FAR))
    return case


def blocked_in(name, frames, iif):
    book.drop(name, frames, "boundary_in", iif=iif, interfaces=(iif, OUT, FAR), routes=ALL_GROUPS)


def passes(name, frames, iif=IN, oif=OUT):
    book.forward(name, frames, iif=iif, oifs=(oif, FAR), interfaces=(iif, oif, FAR), routes=ALL_GROUPS)


IN_LOCAL, OUT_LOCAL = (replace(i, boundaries=(LOCAL,)) for i in (IN, OUT))
blocked_in("ABoundaryKeepsItsGroupsFromComingIn_S1_6", groups(*INSIDE), IN_LOCAL)
blocked_out("ABoundaryKeepsItsGroupsFromLeaving_S1_6", groups(*INSIDE), OUT_LOCAL)
passes("ABoundaryDoesNotConcernGroupsBesideItsRange_S1_6", groups(*BESIDE), IN_LOCAL, OUT_LOCAL)
TWO = replace(OUT, boundaries=(LOCAL, ORGANISATION))
blocked_out("EveryBoundaryOfAnInterfaceCounts_S1_6",
            groups("239.192.0.0", "239.195.255.255", "239.255.1.1"), TWO)
passes("BoundariesEndWhereTheirPrefixEnds_S1_6",
       groups("239.191.255.255", "239.196.0.0", "239.254.0.1"), oif=TWO)
blocked_in("ABoundaryMayBeOneGroup_S1_6", groups("239.129.3.7"),
           replace(IN, boundaries=("239.129.3.7/32",)))
passes("ABoundaryOfOneGroupStopsNoOther_S1_6", groups("239.129.3.6", "239.1.3.7"),
       replace(IN, boundaries=("239.129.3.7/32",)))


def scopes(*numbers):
    return groups(*("ff%x%x:30:2001:db8::8129:307" % (flags, n) for n in numbers for flags in (0, 1, 3, 7)))


IN5, OUT5 = replace(IN, scope_boundary=5), replace(OUT, scope_boundary=5)
blocked_in("AScopeBoundaryKeepsItsScopeAndNarrowerFromComingIn_S1_6", scopes(3, 4, 5), IN5)
blocked_out("AScopeBoundaryKeepsItsScopeAndNarrowerFromLeaving_S1_6", scopes(3, 4, 5), OUT5)
passes("AScopeBoundaryLetsWiderScopesPass_S1_6", scopes(6, 7, 8, 13, 14, 15), IN5, OUT5)
passes("AScopeBoundaryDoesNotConcernIpv4_S1_6", groups("239.255.3.7", "224.0.1.1"), IN5, OUT5)
blocked_out("AScopeBoundaryOf14LetsOnlyScope15Pass_S1_6", scopes(3, 8, 14), replace(OUT, scope_boundary=14))
passes("ScopeBoundary14DoesNotStopScope15_S1_6", scopes(15), oif=replace(OUT, scope_boundary=14))
passes("WithoutABoundaryScope3Passes_S1_6", scopes(3))
PREFIX6 = "ff08:0:99::/48"
blocked_in("ABoundaryMayBeAnIpv6Prefix_S1_6", groups("ff08:0:99::1", "ff08:0:99:ffff::1"),
           replace(IN, boundaries=(PREFIX6,)))
passes("AnIpv6BoundaryEndsWhereItsPrefixEnds_S1_6",
       groups("ff08:0:98:ffff::1", "ff08:0:9a::1", "ff18:0:99::1"), replace(IN, boundaries=(PREFIX6,)))
ODD = "ff18:8000::/17"
blocked_out("AnIpv6BoundaryMayEndInsideAnOctet_S1_6", groups("ff18:8000::1", "ff18:ffff::1"),
            replace(OUT, boundaries=(ODD,)))
passes("AnIpv6BoundaryThatEndsInsideAnOctetComparesItsBits_S1_6", groups("ff18:7fff::1", "ff18::8000"),
       oif=replace(OUT, boundaries=(ODD,)))

FAR_LOCAL = replace(FAR, boundaries=(LOCAL,))
case = book.case("EndsWithBoundaryWhenEveryOifIsBehindOne_S1_6", interfaces=(IN, OUT_LOCAL, FAR_LOCAL),
                 routes=ALL_GROUPS)
for frame in groups(*INSIDE):
    case.receive(frame, "boundary_out")
    case.lose(OUT_LOCAL, "boundary_out")
    case.lose(FAR_LOCAL, "boundary_out")
book.drop("LinkLocalGroupsStopWithoutAnyBoundary_S1_6", groups("224.0.0.99", "ff02::99", "ff72::99"),
          "dst_linklocal", routes=ALL_GROUPS)
