// SPDX-License-Identifier: BSD-3-Clause
// Which worker a frame goes to, and what happens on the way there.
#include "two_workers.hpp"

#include <rte_mbuf.h>

#include <array>
#include <set>

namespace dataplane_test {
namespace {

using support::kPlainOif;
using support::kTaggedOif;

constexpr std::uint32_t kReceiver = 37; ///< no worker of the two: a frame that stays shows it

bool stays(const TestRouter &router, const PacketBuilder &packet) {
    return worker_of(router, packet.build(), kReceiver) == kReceiver;
}

TEST(Spread, AFlowHasOneWorkerWhateverElseItsFramesSay) {
    const auto router = two_workers();
    for (unsigned k = 0; k < 50; ++k) {
        const std::string group = "239.255.3." + std::to_string(k);
        const std::uint32_t worker = worker_of(*router, ipv4(kSource4, group).build(), kReceiver);
        ASSERT_LT(worker, 2U);
        for (const PacketBuilder &packet :
             {ipv4(kSource4, group).tag(100), ipv4(kSource4, group).tag(0), // priority tag
              ipv4(kSource4, group).payload(900), ipv4(kSource4, group).fragment_offset(3),
              ipv4(kSource4, group).protocol(6), ipv4(kSource4, group).options({1, 1, 1, 0}),
              ipv4(kSource4, group).from_mac("02:00:00:00:00:37")})
            EXPECT_EQ(worker_of(*router, packet.build(), kReceiver), worker);
        const std::string group6 = "ff1e::" + std::to_string(k);
        const std::uint32_t worker6 = worker_of(*router, ipv6(kSource6, group6).build(), kReceiver);
        ASSERT_LT(worker6, 2U);
        for (const PacketBuilder &packet :
             {ipv6(kSource6, group6).tag(100), ipv6(kSource6, group6).hop_by_hop({1, 4}),
              ipv6(kSource6, group6).payload(900)})
            EXPECT_EQ(worker_of(*router, packet.build(), kReceiver), worker6);
    }
}

TEST(Spread, EveryWorkerHasItsShareOfTheFlows) {
    const auto router = two_workers();
    std::array<unsigned, 2> groups{}, sources{};
    for (unsigned k = 1; k < 251; ++k) {
        const std::string low = std::to_string(k);
        ++groups.at(worker_of(*router, ipv4(kSource4, "239.255.3." + low).build()));
        ++sources.at(worker_of(*router, ipv4("192.0.2." + low, "239.255.3.7").build()));
    }
    for (const auto &flows : {groups, sources}) {
        EXPECT_GT(flows[0], 70U); // of 250; less is out of a million
        EXPECT_GT(flows[1], 70U);
    }
}

TEST(Spread, FramesOfNoFlowStayWithTheReceiver) {
    const auto router = two_workers();
    EXPECT_TRUE(stays(*router, ipv4(kSource4, kGroup4).ethertype(0x0806)));
    EXPECT_TRUE(stays(*router, ipv4(kSource4, "224.0.0.5")));
    EXPECT_TRUE(stays(*router, ipv4(kSource4, "192.0.2.7")));
    EXPECT_TRUE(stays(*router, ipv4(kSource4, kGroup4).protocol(2)));   // IGMP
    EXPECT_TRUE(stays(*router, ipv4(kSource4, kGroup4).protocol(103))); // PIM
    EXPECT_TRUE(stays(*router, ipv6(kSource6, "ff02::16")));
    EXPECT_TRUE(stays(*router, ipv6(kSource6, kGroup6).protocol(58))); // ICMPv6
    EXPECT_TRUE(
        stays(*router, ipv6(kSource6, kGroup6).protocol(58).hop_by_hop({5, 2, 0, 0}))); // MLD
    EXPECT_TRUE(stays(*router, ipv4(kSource4, kGroup4).tag(7).tag(8)));
    EXPECT_FALSE(stays(*router, good4()));
    EXPECT_FALSE(stays(*router, good6()));
}

TEST(Spread_S6, AFrameThatEndsAnywhereOrIsCutAnywhereIsLookedAtSafely) {
    const auto router = two_workers();
    const dataplane::FlowWorkers flows(router->tables().header().salt, 2);
    for (const PacketBuilder &packet : {good4(), good6(), ipv6(kSource6, kGroup6).tag(100)}) {
        const Octets whole = packet.build();
        const std::uint32_t worker = worker_of(*router, whole, kReceiver);
        for (std::size_t length = 0; length <= 60; ++length) {
            const Octets part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
            const std::uint32_t now = worker_of(*router, part, kReceiver);
            EXPECT_TRUE(now == worker || now == kReceiver) << length;
        }
        for (std::size_t cut = 1; cut < 60; ++cut) {
            rte_mbuf *frame = support::make_frame(support::Pools::get().received, whole, {cut, 0});
            EXPECT_EQ(flows.worker_of(*frame, kReceiver), worker) << cut;
            rte_pktmbuf_free(frame);
        }
    }
}

TEST(Spread, EachWorkerForwardsAndCountsItsOwnFlows) {
    const auto router = two_workers();
    for (int k = 0; k < 7; ++k)
        router->put(TestRouter::kArrival, flow_of(*router, 0).build());
    for (int k = 0; k < 11; ++k)
        router->put(TestRouter::kArrival, flow_of(*router, 1).build());

    router->settle();

    const mgm::IfSlot arrival = router->slot(TestRouter::kArrival);
    EXPECT_EQ(router->counters(arrival, 0).in_frames.read(), 7U);
    EXPECT_EQ(router->counters(arrival, 1).in_frames.read(), 11U);
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), 18U);
    EXPECT_EQ(router->sent(kPlainOif).size(), 18U);
    EXPECT_EQ(router->sent(kTaggedOif).size(), 18U);
}

TEST(Spread, AFlowStaysInOrder) {
    const auto router = two_workers();
    constexpr unsigned kFlows = 13, kFrames = 90;
    for (unsigned k = 0; k < kFrames; ++k)
        router->put(TestRouter::kArrival, ipv4(kSource4, "239.255.3." + std::to_string(k % kFlows))
                                              .payload(Octets{static_cast<std::uint8_t>(k)})
                                              .build());
    router->settle();

    for (const mgm::IfIndex oif : {kPlainOif, kTaggedOif}) {
        std::array<int, kFlows> last{};
        last.fill(-1);
        const std::vector<Octets> frames = router->sent(oif);
        ASSERT_EQ(frames.size(), kFrames);
        for (const Octets &frame : frames) {
            int &before = last.at(frame.back() % kFlows);
            EXPECT_LT(before, frame.back());
            before = frame.back();
        }
    }
}

TEST(SpreadFull_S6, WhatAWorkerCannotTakeIsDroppedAndCountedOnce) {
    const auto router = two_workers(7);
    for (int k = 0; k < 20; ++k)
        router->put(TestRouter::kArrival, flow_of(*router, 1).build());
    router->put(TestRouter::kArrival, flow_of(*router, 0).build());

    router->worker(0).turn();

    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kSpreadFull), 13U);
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), 1U);
    router->settle();
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), 8U);
    EXPECT_EQ(router->counters(router->slot(TestRouter::kArrival), 0).in_frames.read(), 14U);
}

TEST(SpreadFull_S6, WhatIsWrongWithTheFrameItselfIsItsVerdict) {
    const auto router = two_workers(7);
    for (int k = 0; k < 7; ++k)
        router->put(TestRouter::kArrival, flow_of(*router, 1).build());
    router->put(TestRouter::kArrival, flow_of(*router, 1).wrong_checksum().build());
    router->put(TestRouter::kArrival, flow_of(*router, 1).tag(99).build());

    router->worker(0).turn();

    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kHdrCsum), 1U);
    EXPECT_EQ(router->counters(mgm::kNoSlot)
                  .verdicts[static_cast<std::size_t>(Verdict::kVlanUnknown)]
                  .read(),
              1U);
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kSpreadFull), 0U);
}

TEST(Spread, FinishForwardsWhatAStoppedWorkerHadBeenGiven) {
    const auto router = two_workers();
    for (int k = 0; k < 20; ++k)
        router->put(TestRouter::kArrival, flow_of(*router, 1).build());
    router->worker(0).turn();
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), 0U);

    router->worker(1).finish();

    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), 20U);
}

TEST(Spread, AWorkerThatIsGoneDropsWhatItHadBeenGiven) { // the router's end looks for mbufs
    const auto router = two_workers();
    for (int k = 0; k < 20; ++k)
        router->put(TestRouter::kArrival, flow_of(*router, 1).build());
    router->worker(0).turn();
    EXPECT_EQ(router->counters(router->slot(TestRouter::kArrival), 1).in_frames.read(), 0U);
}

TEST(Spread, AMarkIsPassedWhenTheFramesBeforeItHaveEnded) {
    const auto router = two_workers();
    const auto before = router->spread_rings().mark();
    EXPECT_TRUE(router->spread_rings().is_past(before));
    router->put(TestRouter::kArrival, flow_of(*router, 1).build());
    router->worker(0).turn();
    const auto mark = router->spread_rings().mark();
    EXPECT_TRUE(router->spread_rings().is_past(before));
    EXPECT_FALSE(router->spread_rings().is_past(mark));

    router->worker(1).turn();

    EXPECT_TRUE(router->spread_rings().is_past(mark));
}

TEST(Spread, AnEntryThatIsMissingIsMissedByTheWorkerOfTheFlow) {
    const auto router = two_workers();
    unsigned k = 0;
    PacketBuilder packet = ipv4(kSource4, "238.0.0.1");
    while (worker_of(*router, packet.build()) != 1)
        packet = ipv4(kSource4, "238.0.1." + std::to_string(++k));
    router->put(TestRouter::kArrival, packet.build());

    router->settle();

    const auto &row = router->counters(router->slot(TestRouter::kArrival), 1);
    EXPECT_EQ(row.verdicts[static_cast<std::size_t>(Verdict::kNoEntry)].read(), 1U);
}

} // namespace
} // namespace dataplane_test
