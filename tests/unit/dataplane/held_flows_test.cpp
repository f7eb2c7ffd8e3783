// SPDX-License-Identifier: BSD-3-Clause
// Packets that wait for an entry: how many, how long, and what becomes of them.
#include "signal_fixture.hpp"

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <thread>

namespace dataplane_test {
namespace {

using support::kTaggedOif;
using support::Pools;
using HeldFlows_S1_6 = SignalTest;

TEST_F(HeldFlows_S1_6, AReleasedFlowLeavesInOrderAsIfItsEntryHadBeenThere) {
    make_router();
    for (unsigned k = 0; k < 3; ++k)
        receive(good4().payload(10 + k));
    ASSERT_EQ(router_->sent(kPlainOif).size(), 0U);
    const auto entry = router_->route(kSource4, kGroup4, action({11}, {22, 37}));

    release(flow4(kSource4, kGroup4));

    const auto frames = router_->sent(kPlainOif);
    ASSERT_EQ(frames.size(), 3U);
    for (unsigned k = 0; k < 3; ++k)
        EXPECT_EQ(frames[k], good4().payload(10 + k).ttl(32).from_mac("02:00:00:00:00:16").build());
    EXPECT_EQ(router_->sent(kTaggedOif).size(), 3U);
    EXPECT_EQ(count(Verdict::kForwarded), 3U);
    EXPECT_EQ(received(), 3U);
    EXPECT_EQ(router_->held(), 0U);
    EXPECT_EQ(router_->tables().entry_counters<mgm::Family::kIpv4>(0, entry).packets[0].read(), 3U);
    router_->expect_identities();
}

TEST_F(HeldFlows_S1_6, AReleaseConcernsItsFlowOnly) {
    make_router();
    receive(good4());
    receive(from_host(9));
    receive(good6());
    router_->route(kSource4, kGroup4, action({11}, {22}));
    router_->route(kSource6, kGroup6, action({11}, {22}));

    release(flow4(kSource4, kGroup4, 3));
    release(flow4(kSource4, "239.255.3.8"));
    EXPECT_EQ(router_->held(), 3U);
    release(flow6(kSource6, kGroup6));
    EXPECT_EQ(router_->held(), 2U);
    release(flow6(kSource6, kGroup6));

    EXPECT_EQ(router_->held(), 2U);
    EXPECT_EQ(count(Verdict::kForwarded), 1U);
}

TEST_F(HeldFlows_S1_6, AReleaseIntoNothingEndsAsUnresolvedAndTheNextPacketIsToldOfAgain) {
    make_router();
    receive(good4());
    receive(good4());

    release(flow4(kSource4, kGroup4));

    EXPECT_EQ(count(Verdict::kUnresolved), 2U);
    EXPECT_EQ(router_->held(), 0U);
    EXPECT_EQ(drained().size(), 1U);
    receive(good4());
    EXPECT_EQ(drained().size(), 1U);
    EXPECT_EQ(router_->held(), 1U);
}

TEST_F(HeldFlows_S1_6, HeldPacketsOnAnInterfaceThatTurnsOutWrongAreCountedWithoutASignal) {
    make_router({.wrong_iif_interval_ms = 0});
    receive(good4());
    router_->put(kPlainOif, good4().build());
    router_->turn();
    ASSERT_EQ(drained().size(), 1U) << "one flow, wherever it arrives";
    const auto entry = router_->route(kSource4, kGroup4, action({22}, {37}));

    release(flow4(kSource4, kGroup4));

    EXPECT_EQ(count(Verdict::kWrongIif), 1U);
    EXPECT_EQ(router_->count(kPlainOif, Verdict::kForwarded), 1U);
    EXPECT_EQ(router_->tables().different_in_if<mgm::Family::kIpv4>(0, entry).read(), 1U);
    EXPECT_TRUE(drained().empty());
}

TEST_F(HeldFlows_S1_6, ADroppedFlowIsUnresolved) {
    make_router();
    receive(good4());
    receive(good6());
    ASSERT_TRUE(inject_.drop_held(flow6(kSource6, kGroup6)));
    router_->turn();
    EXPECT_EQ(count(Verdict::kUnresolved), 1U);
    EXPECT_EQ(router_->held(), 1U);
}

TEST_F(HeldFlows_S1_6, AFlowHoldsEightPacketsAndCountsWhatIsMore) {
    make_router();
    for (unsigned k = 0; k < 11; ++k)
        receive(good4().payload(k));
    receive(good6());

    EXPECT_EQ(router_->held(), 9U);
    EXPECT_EQ(count(Verdict::kHoldOverflow), 3U);
    EXPECT_EQ(drained().size(), 2U);
    router_->route(kSource4, kGroup4, action({11}, {22}));
    release(flow4(kSource4, kGroup4));
    const auto frames = router_->sent(kPlainOif);
    ASSERT_EQ(frames.size(), 8U);
    EXPECT_EQ(frames.front().size(), 34U) << "the first ones, not the last";
}

TEST_F(HeldFlows_S1_6, AFloodOfFlowsFillsItsTableAndNothingElse) {
    make_router({.held_flows = 37});
    const auto entry = router_->route(kSource4, "239.255.3.9", action({11}, {22}));
    for (unsigned k = 2; k < 202; ++k) {
        router_->put(kArrival, from_host(k).build());
        router_->put(kArrival, ipv4(kSource4, "239.255.3.9").payload(k).build());
    }
    while (router_->turn() != 0)
        router_->expect_identities();

    EXPECT_EQ(router_->held(), 37U);
    EXPECT_EQ(drained().size(), 37U);
    EXPECT_EQ(count(Verdict::kHoldFull), 163U);
    EXPECT_EQ(count(Verdict::kForwarded), 200U);
    EXPECT_EQ(router_->tables().entry_counters<mgm::Family::kIpv4>(0, entry).packets[0].read(),
              200U);
    const auto frames = router_->sent(kPlainOif);
    ASSERT_EQ(frames.size(), 200U);
    for (unsigned k = 0; k < 200; ++k)
        EXPECT_EQ(frames[k].size(), 34U + k + 2) << "what is held leaves the others in order";
}

TEST_F(HeldFlows_S1_6, AnEighthOfThePoolIsHeldAtMost) {
    rte_mempool *small = rte_pktmbuf_pool_create("small", 255, 0, 0, 2048 + 128, 0);
    ASSERT_NE(small, nullptr);
    make_router({}, small);
    for (unsigned k = 2; k < 202; ++k)
        receive(from_host(k));

    EXPECT_EQ(router_->held(), 31U);
    EXPECT_EQ(rte_mempool_in_use_count(small), 31U);
    EXPECT_EQ(count(Verdict::kHoldFull), 169U);
    EXPECT_EQ(drained().size(), 200U) << "control is told all the same";
    router_.reset();
    rte_mempool_free(small);
}

TEST_F(HeldFlows_S1_6, AFrameOfThePoolWaitsAsItIsAndAnotherAsACopy) {
    make_router();
    rte_mbuf *own = support::make_frame(Pools::get().copies, good4().payload(600).build(), {50});
    router_->put(kArrival, own);
    receive(good4().payload(3000).padding(4)); // over two mbufs of another pool
    EXPECT_EQ(rte_mempool_in_use_count(Pools::get().received), 0U);
    EXPECT_EQ(rte_mempool_in_use_count(Pools::get().copies), 3U);
    EXPECT_EQ(router_->counters(router_->slot(kArrival)).in_octets.read(), 634U + 3038U);
    mgm::InterfaceSpec wide = interface_spec(22);
    wide.mtu = 9000;
    ASSERT_TRUE(router_->writer().upsert_interface(wide));
    router_->route(kSource4, kGroup4, action({11}, {22}));

    release(flow4(kSource4, kGroup4));

    const auto frames = router_->sent(kPlainOif);
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0], good4().payload(600).ttl(32).from_mac("02:00:00:00:00:16").build());
    EXPECT_EQ(frames[1], good4().payload(3000).ttl(32).from_mac("02:00:00:00:00:16").build());
}

TEST_F(HeldFlows_S1_6, WhenThereIsNoMbufForTheCopyThePacketIsNotHeld) {
    rte_mempool *small = rte_pktmbuf_pool_create("small", 63, 0, 0, 2048 + 128, 0);
    ASSERT_NE(small, nullptr);
    make_router({}, small);
    std::vector<rte_mbuf *> all(63);
    ASSERT_EQ(rte_pktmbuf_alloc_bulk(small, all.data(), 63), 0);
    receive(good4());
    rte_pktmbuf_free_bulk(all.data(), 63);

    EXPECT_EQ(count(Verdict::kHoldFull), 1U);
    EXPECT_EQ(router_->held(), 0U);
    router_.reset();
    rte_mempool_free(small);
}

TEST_F(HeldFlows_S1_6, AFlowThatNobodyAnswersForIsDroppedWhenItsLifeIsOver) {
    make_router({.held_life_ms = 0});
    for (unsigned k = 2; k < 32; ++k)
        router_->put(kArrival, from_host(k).build());
    router_->turn();
    ASSERT_EQ(router_->held(), 30U);

    router_->turn();
    EXPECT_EQ(count(Verdict::kUnresolved), 8U) << "a few flows a turn";
    for (int turns = 0; turns < 3; ++turns)
        router_->turn();

    EXPECT_EQ(count(Verdict::kUnresolved), 30U);
    EXPECT_EQ(router_->held(), 0U);
    EXPECT_EQ(rte_mempool_in_use_count(Pools::get().copies), 0U);
}

TEST_F(HeldFlows_S1_6, AFlowMayWaitTenSeconds) {
    make_router();
    receive(good4());
    for (int turns = 0; turns < 1000; ++turns)
        router_->turn();
    EXPECT_EQ(router_->held(), 1U);
    EXPECT_EQ(count(Verdict::kUnresolved), 0U);
}

TEST_F(HeldFlows_S1_6, AWorkerThatStopsDropsWhatItHolds) {
    make_router();
    receive(good4());
    receive(good6());
    router_->worker().stop();
    std::thread([this] { router_->worker().run(); }).join();

    EXPECT_EQ(router_->held(), 0U);
    EXPECT_EQ(count(Verdict::kUnresolved), 2U);
    EXPECT_EQ(rte_mempool_in_use_count(Pools::get().copies), 0U);
    router_->expect_identities();
}

TEST_F(HeldFlows_S1_6, WhatArrivedOnAnInterfaceThatHasGoneIsDropped) {
    make_router();
    const mgm::IfSlot slot = router_->slot(kArrival);
    receive(good4());
    receive(good6());
    ASSERT_TRUE(router_->writer().remove_interface(kArrival));
    router_->turn(); // the slot may be used again
    router_->writer().reclaim();
    router_->route(kSource4, kGroup4, action({22}, {37}));
    release(flow4(kSource4, kGroup4));
    ASSERT_EQ(router_->writer().upsert_interface(interface_spec(12)).value(), slot);
    release(flow6(kSource6, kGroup6));

    const auto &verdicts = router_->counters(slot).verdicts;
    EXPECT_EQ(verdicts[static_cast<std::size_t>(Verdict::kIifDown)].read(), 2U);
    EXPECT_EQ(router_->held(), 0U);
}

TEST_F(HeldFlows_S1_6, AReleasedPacketMayStillBeTooBig) {
    make_router();
    mgm::InterfaceSpec narrow = interface_spec(22);
    narrow.mtu = 1280;
    ASSERT_TRUE(router_->writer().upsert_interface(narrow));
    receive(good6().payload(1241));
    router_->route(kSource6, kGroup6, action({11}, {22}));
    release(flow6(kSource6, kGroup6));
    EXPECT_EQ(count(Verdict::kMtuPtb), 1U);
    EXPECT_EQ(router_->count(Event::kPtbSent), 1U);
    EXPECT_EQ(router_->sent(kArrival).size(), 1U);
}

TEST_F(HeldFlows_S1_6, LeaveAfterWhatControlAskedForBefore) {
    make_router();
    receive(from_host(7));
    router_->route("*", kGroup4, action({11}, {22}));
    const Octets asked = good6().build();
    ASSERT_TRUE(inject_.send_frame(support::received_frame(asked), router_->slot(kPlainOif)));
    ASSERT_TRUE(inject_.release_held(flow4("198.51.100.7", kGroup4)));

    router_->turn();

    const std::vector<Octets> sent = router_->sent(kPlainOif);
    ASSERT_EQ(sent.size(), 2U);
    EXPECT_EQ(sent.front(), asked);
}

} // namespace
} // namespace dataplane_test
