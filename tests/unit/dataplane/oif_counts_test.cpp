// SPDX-License-Identifier: BSD-3-Clause
// What each oif of an entry was given, with frames on ports. That it stays exact whatever workers
// have in their hands: tests/property/oif_property_test.cpp.
#include "mgm/segment_reader.hpp"
#include "packet_case.hpp"

#include <fmt/format.h>

namespace dataplane_test {
namespace {

using mgm::EntryReport;
using mgm::IfIndex;
using mgm::OifKey;
using mgm::OifSums;
using support::action;
using support::interface_spec;
using support::kPlainOif;
using support::kTaggedOif;
using support::Pools;

mgm::RouteKey key_of(std::string_view group) {
    mgm::RouteKey key;
    key.group = mgm::IpPrefix::parse(group).value();
    return key;
}

/// Of whom nobody knows the MAC.
mgm::IpAddress next_hop(unsigned k) {
    return mgm::IpAddress::parse(fmt::format("198.51.100.{}", 64 + k)).value();
}

class OifCounts : public testing::Test {
protected:
    EntryReport report(std::string_view group = support::kGroup4) {
        router_->writer().reclaim(); // no worker is at work between two turns
        return router_->writer().report(key_of(group)).value();
    }
    OifSums given(IfIndex oif, std::string_view group = support::kGroup4) {
        for (const auto &[key, sums] : report(group).oifs)
            if (key == OifKey{oif, std::nullopt})
                return sums;
        ADD_FAILURE() << fmt::format("{}", oif) << " is not in the olist";
        return {};
    }
    void send(unsigned count, const PacketBuilder &packet = good4()) {
        for (unsigned k = 0; k < count; ++k)
            router_->put(TestRouter::kArrival, packet.build());
        router_->turn();
    }
    std::unique_ptr<TestRouter> router_ = small_router();
};

TEST_F(OifCounts, FollowFromTheEntryWhileTheOlistStays) {
    send(5);

    EXPECT_EQ(given(kPlainOif).packets, 5U);
    EXPECT_EQ(given(kTaggedOif).packets, 5U);
    EXPECT_EQ(report().dropped, 0U);
}

TEST_F(OifCounts, AnOifThatJoinsLaterHasThePacketsFromThenOn) {
    router_->route("*", kGroup4, action({11}, {22}));
    send(3);
    router_->route("*", kGroup4, action({11}, {22, 37}));
    send(4);

    EXPECT_EQ(given(kPlainOif).packets, 7U);
    EXPECT_EQ(given(kTaggedOif).packets, 4U);
}

TEST_F(OifCounts, AnAttachedReaderSeesAllPacketsOfAnEntryWhoseOlistHasJustChanged) {
    send(3);
    const mgm::MfeIndex entry = router_->route("*", kGroup4, action({11}, {22}));
    send(4); // told apart: nothing has been reclaimed
    const auto copy = mgm::SegmentReader(router_->tables()).entry<mgm::Family::kIpv4>(entry);

    ASSERT_TRUE(copy);
    EXPECT_EQ(copy->sums.packets, 7U);
    EXPECT_EQ(copy->oifs.size(), 1U);
    EXPECT_EQ(report().sums.packets, 7U);
}

TEST_F(OifCounts, AnOifThatComesBackGoesOnWhereItWas) {
    send(3);
    router_->route("*", kGroup4, action({11}, {22}));
    send(4);
    router_->route("*", kGroup4, action({11}, {37}));
    send(6);

    EXPECT_EQ(given(kTaggedOif).packets, 9U);
    EXPECT_EQ(report().oifs.size(), 1U);
    EXPECT_EQ(report().sums.packets, 13U);
}

TEST_F(OifCounts, WhatAnEmptyOlistDroppedIsToldApartFromWhatWasForwarded) {
    send(3);
    router_->route("*", kGroup4, action({11}, {}));
    send(5);
    EXPECT_EQ(report().dropped, 5U);
    router_->route("*", kGroup4, action({11}, {22}));
    send(7);

    EXPECT_EQ(report().dropped, 5U);
    EXPECT_EQ(report().sums.packets, 15U);
    EXPECT_EQ(given(kPlainOif).packets, 10U);
}

TEST_F(OifCounts, ALossIsItsOifsAloneAndHasItsReason) {
    mgm::RouteAction with_threshold = action({11}, {22, 37});
    with_threshold.oifs[1].ttl_threshold = 64;
    router_->route("*", kGroup4, with_threshold);
    send(2, good4().ttl(64));
    send(3, good4().ttl(65));
    router_->port(kPlainOif).leave_room_for(1, Pools::get().received);
    send(4, good4().ttl(65));
    send(1, good4().ttl(65).payload(1600).dont_fragment());

    EXPECT_EQ(given(kTaggedOif),
              (OifSums{.packets = 7, .ttl_too_low = 2, .too_big = 1, .discarded = 0}));
    EXPECT_EQ(given(kPlainOif),
              (OifSums{.packets = 6, .ttl_too_low = 0, .too_big = 1, .discarded = 3}));
    EXPECT_EQ(report().sums.packets, 9U) << "the last one left nowhere";
}

TEST_F(OifCounts, TooBigForIpv6IsTooBigToo) {
    send(3, good6().payload(1461));
    send(2, good6());

    EXPECT_EQ(given(kPlainOif, kGroup6),
              (OifSums{.packets = 2, .ttl_too_low = 0, .too_big = 3, .discarded = 0}));
}

TEST_F(OifCounts, AnInterfaceThatIsDownDiscards) {
    router_->set_link(kTaggedOif, mgm::LinkState::kDown);
    send(3);

    EXPECT_EQ(given(kTaggedOif),
              (OifSums{.packets = 0, .ttl_too_low = 0, .too_big = 0, .discarded = 3}));
    EXPECT_EQ(given(kPlainOif).packets, 3U);
}

TEST_F(OifCounts, NotSendingBackWhereItCameFromIsNoLoss) {
    router_->add(interface_spec(51), 8);
    router_->route("*", kGroup4, action({11, 51}, {11, 51, 22}));
    send(3);
    router_->put(IfIndex{51}, good4().build());
    router_->turn();

    EXPECT_EQ(given(IfIndex{51}),
              (OifSums{.packets = 3, .ttl_too_low = 0, .too_big = 0, .discarded = 0}));
    EXPECT_EQ(given(IfIndex{11}).packets, 1U);
    EXPECT_EQ(given(kPlainOif).packets, 4U);
}

TEST_F(OifCounts, NextHopsOfOneInterfaceCountApart) {
    const auto hop = mgm::IpAddress::parse("198.51.100.18").value();
    const auto unknown = mgm::IpAddress::parse("198.51.100.19").value();
    ASSERT_TRUE(router_->writer().set_neighbor(kPlainOif, hop, support::mac("02:00:00:00:99:12")));
    router_->route("*", kGroup4, {{IfIndex{11}}, {{kPlainOif, 0, hop}, {kPlainOif, 0, unknown}}});
    send(3);

    const EntryReport now = report();
    ASSERT_EQ(now.oifs.size(), 2U);
    EXPECT_EQ(now.oifs[0].first, (OifKey{kPlainOif, hop}));
    EXPECT_EQ(now.oifs[0].second.packets, 3U);
    EXPECT_EQ(now.oifs[1].second,
              (OifSums{.packets = 0, .ttl_too_low = 0, .too_big = 0, .discarded = 3}));
}

TEST_F(OifCounts, AnotherInterfaceInTheSamePlaceInheritsNothing) {
    router_->set_link(kTaggedOif, mgm::LinkState::kDown);
    send(3);
    const mgm::IfSlot place = router_->slot(kTaggedOif);
    router_->route("*", kGroup4, action({11}, {22}));
    router_->route("*", kGroup6, action({11}, {22}));
    ASSERT_TRUE(router_->writer().remove_interface(kTaggedOif));
    router_->writer().reclaim();
    ASSERT_EQ(router_->add(interface_spec(53), 9), place);
    router_->route("*", kGroup4, action({11}, {22, 53}));
    send(2);

    EXPECT_EQ(given(IfIndex{53}),
              (OifSums{.packets = 2, .ttl_too_low = 0, .too_big = 0, .discarded = 0}));
}

TEST_F(OifCounts, AnotherEntryInTheSamePlaceInheritsNothing) {
    const auto place = router_->route("*", "239.255.3.9", action({11}, {22}));
    router_->set_link(kPlainOif, mgm::LinkState::kDown);
    send(3, ipv4(kSource4, "239.255.3.9"));
    ASSERT_TRUE(router_->writer().remove(key_of("239.255.3.9")));
    router_->writer().reclaim();
    ASSERT_EQ(router_->route("*", "239.255.3.10", action({11}, {22})), place);
    router_->set_link(kPlainOif, mgm::LinkState::kUp);
    send(2, ipv4(kSource4, "239.255.3.10"));

    EXPECT_EQ(given(kPlainOif, "239.255.3.10"),
              (OifSums{.packets = 2, .ttl_too_low = 0, .too_big = 0, .discarded = 0}));
}

TEST_F(OifCounts, RowsOfEntriesThatAreGoneAreUsedAgain) {
    constexpr unsigned kOifs = 60, kRounds = 40; // 2,400 rows, of which there are 1,024
    mgm::RouteAction all = action({11}, {});
    for (unsigned k = 0; k < kOifs; ++k)
        all.oifs.push_back({kTaggedOif, 0, next_hop(k)});
    for (unsigned round = 0; round < kRounds; ++round) {
        router_->route("*", "239.255.9.9", all);
        send(1, ipv4(kSource4, "239.255.9.9"));
        for (const auto &[oif, sums] : report("239.255.9.9").oifs)
            ASSERT_EQ(sums.discarded, 1U) << "round " << round;
        ASSERT_TRUE(router_->writer().remove(key_of("239.255.9.9")));
    }
    EXPECT_EQ(router_->count(Event::kOifUncounted), 0U);
}

/// There are rows for 1,024 pairs of entry and oif. Nothing else suffers when they are used up.
TEST_F(OifCounts, LossesThatNoRowIsLeftForAreCountedAsThat) {
    constexpr unsigned kOifs = 60, kGroups = 60;
    mgm::RouteAction all = action({11}, {22});
    for (unsigned k = 0; k < kOifs; ++k)
        all.oifs.push_back({kTaggedOif, 0, next_hop(k)});
    for (unsigned g = 0; g < kGroups; ++g)
        router_->route("*", fmt::format("239.255.9.{}", g), all);
    for (unsigned g = 0; g < kGroups; ++g)
        send(1, ipv4(kSource4, fmt::format("239.255.9.{}", g)));

    std::uint64_t known = 0;
    for (unsigned g = 0; g < kGroups; ++g)
        for (const auto &[oif, sums] : report(fmt::format("239.255.9.{}", g)).oifs)
            known += sums.discarded;
    EXPECT_GT(known, 700U);
    EXPECT_EQ(known + router_->count(Event::kOifUncounted), kOifs * kGroups);
    EXPECT_EQ(router_->copy_drops(kTaggedOif, Verdict::kNoNeighbor), kOifs * kGroups);
    EXPECT_EQ(router_->copies_sent(kPlainOif), kGroups);
}

} // namespace
} // namespace dataplane_test
