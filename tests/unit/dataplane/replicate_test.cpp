// SPDX-License-Identifier: BSD-3-Clause
// What leaves, and why something does not.
#include "packet_case.hpp"

namespace dataplane_test {
namespace {

using support::action;
using support::interface_spec;
using support::kPlainOif;
using support::kTaggedOif;
using support::mac;

/// The frame that a copy of `packet` must be, octet by octet.
Octets expected_copy(PacketBuilder packet, unsigned ttl, const char *from, std::uint16_t vlan = 0) {
    packet.ttl(ttl).from_mac(from);
    if (vlan != 0)
        packet.tag(vlan);
    return packet.build();
}

TEST(Copies_S1_6, AnIpv4CopyDiffersInMacsTagTtlAndChecksumOnly) {
    const auto router = small_router();
    const PacketBuilder packet =
        good4().traffic_class(0xb9).payload(333).options({7, 3, 4, 1}).more_fragments();

    ASSERT_EQ(router->verdict_of(PacketBuilder(packet).ttl(16)), Verdict::kForwarded);

    EXPECT_EQ(router->sent(kPlainOif),
              std::vector<Octets>{expected_copy(packet, 15, "02:00:00:00:00:16")});
    EXPECT_EQ(router->sent(kTaggedOif),
              std::vector<Octets>{expected_copy(packet, 15, "02:00:00:00:00:25", 100)});
}

TEST(Copies_S1_6, AnIpv6CopyDiffersInMacsTagAndHopLimitOnly) {
    const auto router = small_router();
    const PacketBuilder packet = good6().traffic_class(0xb9).payload(77);

    ASSERT_EQ(router->verdict_of(PacketBuilder(packet).ttl(255)), Verdict::kForwarded);

    EXPECT_EQ(router->sent(kPlainOif),
              std::vector<Octets>{expected_copy(packet, 254, "02:00:00:00:00:16")});
    EXPECT_EQ(router->sent(kTaggedOif),
              std::vector<Octets>{expected_copy(packet, 254, "02:00:00:00:00:25", 100)});
}

TEST(Copies_S1_2, OctetsBehindThePacketAreCutOffAndCounted) {
    const auto router = small_router();

    EXPECT_EQ(router->verdict_of(good4().payload(9).padding(17)), Verdict::kForwarded);
    EXPECT_EQ(router->verdict_of(good6().payload(9).padding(5)), Verdict::kForwarded);

    const auto frames = router->sent(kPlainOif);
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0], expected_copy(good4().payload(9), 32, "02:00:00:00:00:16"));
    EXPECT_EQ(frames[1], expected_copy(good6().payload(9), 32, "02:00:00:00:00:16"));
    EXPECT_EQ(router->count(Event::kTrimmed), 2U);
}

TEST(Counters_S6, InterfacesAndTheEntryCountWhatTheyShould) {
    const auto router = small_router();
    const auto entry = router->route("*", "239.255.3.9", action({11}, {22, 37}));
    const Octets frame = ipv4(kSource4, "239.255.3.9").payload(100).padding(7).build();

    router->put(TestRouter::kArrival, frame);
    router->put(TestRouter::kArrival, frame);
    router->turn();

    const auto &arrival = router->counters(router->slot(TestRouter::kArrival));
    EXPECT_EQ(arrival.in_frames.read(), 2U);
    EXPECT_EQ(arrival.in_octets.read(), 2U * 141);
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), 2U);
    const auto &tagged = router->counters(router->slot(kTaggedOif));
    EXPECT_EQ(tagged.copies_wanted.read(), 2U);
    EXPECT_EQ(tagged.copies_sent.read(), 2U);
    EXPECT_EQ(tagged.out_frames.read(), 2U);
    EXPECT_EQ(tagged.out_octets.read(), 2U * 138);
    const auto &entry_counters = router->tables().entry_counters<mgm::Family::kIpv4>(0, entry);
    EXPECT_EQ(entry_counters.packets[0].read(), 2U);
    EXPECT_EQ(entry_counters.octets.read(), 2U * 120);
}

TEST(Rpf_S1_3, APacketFromAnotherInterfaceIsCountedWithItsEntry) {
    const auto router = small_router();
    const auto ipv4_entry = router->route(kSource4, "239.255.3.9", action({22}, {37}));
    const auto ipv6_entry = router->route(kSource6, "ff1e::9", action({22}, {37}));

    EXPECT_EQ(router->verdict_of(ipv4(kSource4, "239.255.3.9")), Verdict::kWrongIif);
    EXPECT_EQ(router->verdict_of(ipv6(kSource6, "ff1e::9")), Verdict::kWrongIif);

    EXPECT_EQ(router->tables().different_in_if<mgm::Family::kIpv4>(0, ipv4_entry).read(), 1U);
    EXPECT_EQ(router->tables().different_in_if<mgm::Family::kIpv6>(0, ipv6_entry).read(), 1U);
    EXPECT_EQ(router->sent(kTaggedOif).size(), 0U);
    EXPECT_EQ(router->copies_wanted(kTaggedOif), 0U);
}

TEST(Rpf_S1_3, ABidirectionalEntryAcceptsEachOfItsInterfaces) {
    const auto router = small_router();
    router->add(interface_spec(51), 8);
    router->add(interface_spec(53), 9);
    router->route("*", "239.255.3.9", action({11, 51, 53}, {22}));
    const Octets frame = ipv4(kSource4, "239.255.3.9").build();

    EXPECT_EQ(router->verdict_of(frame, mgm::IfIndex{11}), Verdict::kForwarded);
    EXPECT_EQ(router->verdict_of(frame, mgm::IfIndex{51}), Verdict::kForwarded);
    EXPECT_EQ(router->verdict_of(frame, mgm::IfIndex{53}), Verdict::kForwarded);
    EXPECT_EQ(router->verdict_of(frame, mgm::IfIndex{22}), Verdict::kWrongIif);
    EXPECT_EQ(router->sent(kPlainOif).size(), 3U);
}

TEST(Rpf_S1_6, ABidirectionalEntryNeverSendsBackWhereThePacketCameFrom) {
    const auto router = small_router();
    router->add(interface_spec(51), 8);
    router->route("*", "239.255.3.9", action({11, 22, 51}, {11, 22, 51, 37}));
    const Octets frame = ipv4(kSource4, "239.255.3.9").build();

    for (const mgm::IfIndex arrival : {mgm::IfIndex{11}, mgm::IfIndex{22}, mgm::IfIndex{51}}) {
        EXPECT_EQ(router->verdict_of(frame, arrival), Verdict::kForwarded);
        EXPECT_EQ(router->copy_drops(arrival, Verdict::kIifInOif), 1U);
        for (const mgm::IfIndex oif : {mgm::IfIndex{11}, mgm::IfIndex{22}, mgm::IfIndex{51}})
            EXPECT_EQ(router->sent(oif).size(), oif == arrival ? 0U : 1U);
    }
    EXPECT_EQ(router->copies_sent(kTaggedOif), 3U);
}

TEST(NoOif_S6, TheReasonOfAnotherLossWinsOverTheArrivalInterface) {
    const auto router = small_router();
    router->route("*", "239.255.3.9", action({11, 22}, {11, 22}));
    router->set_link(kPlainOif, mgm::LinkState::kDown);

    EXPECT_EQ(router->verdict_of(ipv4(kSource4, "239.255.3.9")), Verdict::kOifDown);
    EXPECT_EQ(router->copy_drops(TestRouter::kArrival, Verdict::kIifInOif), 1U);
}

TEST(NoOif_S6, AnEmptyOlistEndsThePacket) {
    const auto router = small_router();
    router->route("*", "239.255.3.9", action({11}, {}));

    EXPECT_EQ(router->verdict_of(ipv4(kSource4, "239.255.3.9")), Verdict::kNoOif);
}

TEST(NoOif_S1_6, NothingGoesBackOutOfTheArrivalInterface) {
    const auto router = small_router();
    const auto entry = router->route("*", "239.255.3.9", action({11}, {22, 37}));
    router->oif(entry, mgm::Family::kIpv4, 0).slot = router->slot(TestRouter::kArrival);

    EXPECT_EQ(router->verdict_of(ipv4(kSource4, "239.255.3.9")), Verdict::kForwarded);

    EXPECT_EQ(router->sent(TestRouter::kArrival).size(), 0U);
    EXPECT_EQ(router->copies_wanted(TestRouter::kArrival), 1U);
    EXPECT_EQ(router->copy_drops(TestRouter::kArrival, Verdict::kIifInOif), 1U);
}

TEST(NoOif_S1_6, AnOlistOfOnlyTheArrivalInterfaceIsAnEmptyOne) {
    const auto router = small_router();
    const auto entry = router->route("*", "ff1e::9", action({11}, {22}));
    router->oif(entry, mgm::Family::kIpv6, 0).slot = router->slot(TestRouter::kArrival);

    EXPECT_EQ(router->verdict_of(ipv6(kSource6, "ff1e::9")), Verdict::kNoOif);
    EXPECT_EQ(router->copy_drops(TestRouter::kArrival, Verdict::kIifInOif), 1U);
}

TEST(OifDown_S6, TheOthersStillGoWhenOneIsDown) {
    const auto router = small_router();
    router->set_link(kPlainOif, mgm::LinkState::kDown);

    EXPECT_EQ(router->verdict_of(good4()), Verdict::kForwarded);
    EXPECT_EQ(router->copy_drops(kPlainOif, Verdict::kOifDown), 1U);
    EXPECT_EQ(router->sent(kTaggedOif).size(), 1U);

    router->set_link(kTaggedOif, mgm::LinkState::kPending);
    EXPECT_EQ(router->verdict_of(good4()), Verdict::kOifDown);
}

TEST(Threshold_S1_4, TheReceivedTtlMustExceedTheLargerOfBothThresholds) {
    const auto router = small_router();
    mgm::RouteAction routed = action({11}, {22, 37});
    routed.oifs[0].ttl_threshold = 16;
    router->route("*", "239.255.3.9", routed);
    mgm::InterfaceSpec tagged = interface_spec(37, {}, 100);
    tagged.ttl_threshold = 17;
    ASSERT_TRUE(router->writer().upsert_interface(tagged));
    const PacketBuilder packet = ipv4(kSource4, "239.255.3.9");

    EXPECT_EQ(router->verdict_of(PacketBuilder(packet).ttl(16)), Verdict::kTtlThreshold);
    EXPECT_EQ(router->verdict_of(PacketBuilder(packet).ttl(17)), Verdict::kForwarded);
    EXPECT_EQ(router->copies_sent(kPlainOif), 1U);
    EXPECT_EQ(router->copies_sent(kTaggedOif), 0U);
    EXPECT_EQ(router->verdict_of(PacketBuilder(packet).ttl(18)), Verdict::kForwarded);
    EXPECT_EQ(router->copies_sent(kTaggedOif), 1U);
}

TEST(Threshold_S1_4, NothingLeavesOverThreshold256) {
    const auto router = small_router();
    mgm::RouteAction routed = action({11}, {22});
    routed.oifs[0].ttl_threshold = mgm::kTtlThresholdBlock;
    router->route("*", "239.255.3.9", routed);

    EXPECT_EQ(router->verdict_of(ipv4(kSource4, "239.255.3.9").ttl(255)), Verdict::kTtlThreshold);
}

TEST(Boundary_S1_6, GroupsInsideNeitherEnterNorLeave) {
    const auto router = small_router();
    mgm::InterfaceSpec inner = interface_spec(22);
    inner.boundaries = {mgm::IpPrefix::parse("239.255.0.0/16").value(),
                        mgm::IpPrefix::parse("ff1e::3:0/113").value()};
    ASSERT_TRUE(router->writer().upsert_interface(inner));
    router->route("*", "239.254.3.7", action({11}, {22}));
    router->route("*", "239.255.9.9", action({22}, {37}));

    EXPECT_EQ(router->verdict_of(good4()), Verdict::kForwarded); // over the other oif
    EXPECT_EQ(router->verdict_of(good6()), Verdict::kForwarded);
    EXPECT_EQ(router->copy_drops(kPlainOif, Verdict::kBoundaryOut), 2U);
    EXPECT_EQ(router->copies_sent(kTaggedOif), 2U);
    EXPECT_EQ(router->verdict_of(ipv4(kSource4, "239.254.3.7")), Verdict::kForwarded);
    EXPECT_EQ(router->verdict_of(ipv4("10.0.0.9", "239.255.9.9").build(), kPlainOif),
              Verdict::kBoundaryIn);
    EXPECT_EQ(router->verdict_of(ipv6("2001:db8:2::9", kGroup6).build(), kPlainOif),
              Verdict::kBoundaryIn);
}

TEST(Boundary_S1_6, AnIpv6ScopeBoundaryStopsItsScopeAndAllNarrower) {
    const auto router = small_router();
    mgm::InterfaceSpec arrival = interface_spec(11);
    arrival.scope_boundary = 5;
    ASSERT_TRUE(router->writer().upsert_interface(arrival));

    EXPECT_EQ(router->verdict_of(ipv6(kSource6, "ff13::3:7")), Verdict::kBoundaryIn);
    EXPECT_EQ(router->verdict_of(ipv6(kSource6, "ff15::3:7")), Verdict::kBoundaryIn);
    EXPECT_EQ(router->verdict_of(ipv6(kSource6, "ff16::3:7")), Verdict::kNoEntry);
    EXPECT_EQ(router->verdict_of(good6()), Verdict::kForwarded);
}

TEST(NextHop_S1_6, ACopyGoesToTheNeighborOnceItIsKnown) {
    const auto router = small_router();
    const auto next_hop = mgm::IpAddress::parse("198.51.100.18").value();
    mgm::RouteAction routed = action({11}, {22});
    routed.oifs[0].next_hop = next_hop;
    router->route("*", "239.255.3.9", routed);
    const PacketBuilder packet = ipv4(kSource4, "239.255.3.9");

    EXPECT_EQ(router->verdict_of(packet), Verdict::kNoNeighbor);
    ASSERT_TRUE(router->writer().set_neighbor(kPlainOif, next_hop, mac("02:00:00:00:03:02")));
    EXPECT_EQ(router->verdict_of(packet), Verdict::kForwarded);
    EXPECT_EQ(router->sent(kPlainOif),
              std::vector<Octets>{expected_copy(PacketBuilder(packet).to_mac("02:00:00:00:03:02"),
                                                32, "02:00:00:00:00:16")});
    ASSERT_TRUE(router->writer().set_neighbor(kPlainOif, next_hop, std::nullopt));
    EXPECT_EQ(router->verdict_of(packet), Verdict::kNoNeighbor);
}

TEST(Mtu_S1_5, DontFragmentOverTheMtuIsSilentAndTheOthersStillGo) {
    const auto router = small_router();
    mgm::InterfaceSpec narrow = interface_spec(22);
    narrow.mtu = 999;
    ASSERT_TRUE(router->writer().upsert_interface(narrow));

    EXPECT_EQ(router->verdict_of(good4().dont_fragment().payload(980)), Verdict::kForwarded);
    EXPECT_EQ(router->copy_drops(kPlainOif, Verdict::kMtu), 1U);
    EXPECT_EQ(router->verdict_of(good4().dont_fragment().payload(979)), Verdict::kForwarded);
    EXPECT_EQ(router->copies_sent(kPlainOif), 1U);
    EXPECT_EQ(router->copies_sent(kTaggedOif), 2U);
    EXPECT_EQ(router->sent(TestRouter::kArrival).size(), 0U);
}

TEST(Olist_S6, AThousandOifsOverVlansAndNextHopsAllGetTheirCopy) {
    TestRouter router;
    router.add(interface_spec(7, {"198.51.100.1/28"}), 1);
    mgm::RouteAction routed = action({7}, {});
    for (unsigned k = 0; k < 1000; ++k) {
        const unsigned index = 2000 + 3 * k;
        router.add(interface_spec(index, {}, static_cast<std::uint16_t>(k % 250 + 5)), 2 + k / 250);
        routed.oifs.push_back({mgm::IfIndex{index}, 0, {}});
    }
    const auto next_hop = mgm::IpAddress::parse("10.9.8.7").value();
    ASSERT_TRUE(
        router.writer().set_neighbor(mgm::IfIndex{2000}, next_hop, mac("02:00:00:00:03:02")));
    routed.oifs.push_back({mgm::IfIndex{2000}, 0, next_hop});
    router.route(kSource4, kGroup4, routed);
    router.put(mgm::IfIndex{7}, good4().build());
    router.put(mgm::IfIndex{7}, good4().build());

    EXPECT_EQ(router.turn(), 2U);

    EXPECT_EQ(router.count(mgm::IfIndex{7}, Verdict::kForwarded), 2U);
    EXPECT_EQ(router.sent(mgm::IfIndex{2000}).size(), 2U * 251);
    for (const unsigned first : {2750U, 3500U, 4250U})
        EXPECT_EQ(router.sent(mgm::IfIndex{first}).size(), 2U * 250);
}

} // namespace
} // namespace dataplane_test
