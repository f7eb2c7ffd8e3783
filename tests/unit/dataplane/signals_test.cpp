// SPDX-License-Identifier: BSD-3-Clause
// What a worker tells control of, and what it holds meanwhile. The test plays control.
#include "mgm/inject_ring.hpp"
#include "mgm/signal_ring.hpp"
#include "packet_case.hpp"

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <thread>

namespace dataplane_test {
namespace {

using mgm::AnyFlow;
using mgm::Signal;
using support::action;
using support::interface_spec;
using support::kPlainOif;
using support::kTaggedOif;
using support::Pools;

constexpr mgm::IfIndex kArrival = TestRouter::kArrival;

AnyFlow flow4(std::string_view source, std::string_view group, std::uint32_t vrf = 0) {
    return mgm::any_flow<mgm::Family::kIpv4>(
        {mgm::IpAddress::parse(source)->v4(), mgm::IpAddress::parse(group)->v4(), vrf});
}
AnyFlow flow6(std::string_view source, std::string_view group) {
    return mgm::any_flow<mgm::Family::kIpv6>(
        {mgm::IpAddress::parse(source)->v6(), mgm::IpAddress::parse(group)->v6(), 0});
}
/// A packet of 198.51.100.k.
PacketBuilder from_host(unsigned k) {
    return ipv4("198.51.100." + std::to_string(k), kGroup4);
}

class SignalTest : public ::testing::Test {
protected:
    SignalTest()
        : signals_(mgm::SignalRing::create(0).value()),
          inject_(mgm::InjectRing::create(0).value()) {}
    void make_router(const dataplane::Policy &policy = {}, rte_mempool *copies = nullptr) {
        router_ = std::make_unique<TestRouter>(TestRouter::Options{
            .policy = policy, .copies = copies, .inject = &inject_, .signals = &signals_});
        router_->add(interface_spec(11, {"198.51.100.1/24", "2001:db8:1::1/64"}), 3);
        router_->add(interface_spec(22), 0);
        router_->add(interface_spec(37, {}, 100), 5);
    }
    /// Puts it in on `arrival`, turns once.
    void receive(const PacketBuilder &packet, mgm::IfIndex arrival = kArrival) {
        router_->put(arrival, packet.build());
        router_->turn();
    }
    void release(const AnyFlow &flow) {
        ASSERT_TRUE(inject_.release_held(flow));
        router_->turn();
    }
    std::vector<Signal> drained() {
        std::vector<Signal> signals(mgm::SignalRing::kSignals);
        signals.resize(signals_.drain(signals));
        return signals;
    }
    [[nodiscard]] std::uint64_t count(Verdict verdict) const {
        return router_->count(kArrival, verdict);
    }
    [[nodiscard]] std::uint64_t received() const {
        return router_->counters(router_->slot(kArrival)).in_frames.read();
    }

    mgm::SignalRing signals_;
    mgm::InjectRing inject_;
    std::unique_ptr<TestRouter> router_;
};
using Signals_S1_6 = SignalTest;

TEST_F(Signals_S1_6, AFlowWithoutAnEntryIsToldOfOnceAndItsPacketsWait) {
    make_router();
    const Octets first = good4().payload(5).build_packet();

    receive(good4().payload(5));
    receive(good4().payload(300));
    receive(good6());

    const auto signals = drained();
    ASSERT_EQ(signals.size(), 2U);
    EXPECT_EQ(signals[0].kind, Signal::Kind::kNoEntry);
    EXPECT_EQ(signals[0].flow, flow4(kSource4, kGroup4));
    EXPECT_EQ(signals[0].iif, router_->slot(kArrival));
    EXPECT_NE(signals[0].tsc, 0U);
    EXPECT_EQ(signals[0].length, first.size());
    ASSERT_EQ(signals[0].octets, first.size());
    EXPECT_TRUE(std::equal(first.begin(), first.end(), signals[0].packet.begin()));
    EXPECT_EQ(signals[1].flow, flow6(kSource6, kGroup6));
    EXPECT_EQ(router_->held(), 3U);
    EXPECT_EQ(received(), 3U);
    EXPECT_EQ(count(Verdict::kNoEntry), 0U);
    EXPECT_EQ(router_->count(Event::kSignalsSent), 2U);
    router_->expect_identities();
}

TEST_F(Signals_S1_6, ShowThePacketAsItCameUpToNinetySixOctets) {
    make_router();
    const PacketBuilder packet = good4().options(Octets(40, 1)).payload(500).padding(3);
    router_->put(kArrival, support::make_frame(Pools::get().received, packet.build(), {14, 20, 1}));
    router_->turn();

    const auto signals = drained();
    ASSERT_EQ(signals.size(), 1U);
    EXPECT_EQ(signals[0].length, 560);
    ASSERT_EQ(signals[0].octets, 96);
    const Octets shown(signals[0].packet.begin(), signals[0].packet.end());
    const Octets sent = packet.build_packet();
    EXPECT_EQ(shown, Octets(sent.begin(), sent.begin() + 96));
}

TEST_F(Signals_S1_6, AReleasedFlowLeavesInOrderAsIfItsEntryHadBeenThere) {
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
    EXPECT_EQ(router_->tables().entry_counters<mgm::Family::kIpv4>(0, entry).packets.read(), 3U);
    router_->expect_identities();
}

TEST_F(Signals_S1_6, AReleaseConcernsItsFlowOnly) {
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

TEST_F(Signals_S1_6, AReleaseIntoNothingEndsAsUnresolvedAndTheNextPacketIsToldOfAgain) {
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

TEST_F(Signals_S1_6, HeldPacketsOnAnInterfaceThatTurnsOutWrongAreCountedWithoutASignal) {
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

TEST_F(Signals_S1_6, ADroppedFlowIsUnresolved) {
    make_router();
    receive(good4());
    receive(good6());
    ASSERT_TRUE(inject_.drop_held(flow6(kSource6, kGroup6)));
    router_->turn();
    EXPECT_EQ(count(Verdict::kUnresolved), 1U);
    EXPECT_EQ(router_->held(), 1U);
}

TEST_F(Signals_S1_6, AFlowHoldsEightPacketsAndCountsWhatIsMore) {
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

TEST_F(Signals_S1_6, AFloodOfFlowsFillsItsTableAndNothingElse) {
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
    EXPECT_EQ(router_->tables().entry_counters<mgm::Family::kIpv4>(0, entry).packets.read(), 200U);
    const auto frames = router_->sent(kPlainOif);
    ASSERT_EQ(frames.size(), 200U);
    for (unsigned k = 0; k < 200; ++k)
        EXPECT_EQ(frames[k].size(), 34U + k + 2) << "what is held leaves the others in order";
}

TEST_F(Signals_S1_6, AnEighthOfThePoolIsHeldAtMost) {
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

TEST_F(Signals_S1_6, AFrameOfThePoolWaitsAsItIsAndAnotherAsACopy) {
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

TEST_F(Signals_S1_6, WhenThereIsNoMbufForTheCopyThePacketIsNotHeld) {
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

TEST_F(Signals_S1_6, AFlowThatNobodyAnswersForIsDroppedWhenItsLifeIsOver) {
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

TEST_F(Signals_S1_6, AFlowMayWaitTenSeconds) {
    make_router();
    receive(good4());
    for (int turns = 0; turns < 1000; ++turns)
        router_->turn();
    EXPECT_EQ(router_->held(), 1U);
    EXPECT_EQ(count(Verdict::kUnresolved), 0U);
}

TEST_F(Signals_S1_6, AWorkerThatStopsDropsWhatItHolds) {
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

TEST_F(Signals_S1_6, WhatArrivedOnAnInterfaceThatHasGoneIsDropped) {
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

TEST_F(Signals_S1_6, AReleasedPacketMayStillBeTooBig) {
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

TEST_F(Signals_S1_6, ASignalThatWasLostIsRaisedAgainWithTheNextPacket) {
    make_router();
    while (signals_.raise({}))
        ;
    receive(good4());
    EXPECT_EQ(router_->count(Event::kSignalsLost), 1U);
    EXPECT_EQ(router_->held(), 1U);
    EXPECT_EQ(drained().size(), mgm::SignalRing::kSignals - 1U);
    receive(good4());
    receive(good4());
    const auto signals = drained();
    ASSERT_EQ(signals.size(), 1U);
    EXPECT_EQ(signals[0].flow, flow4(kSource4, kGroup4));
}

TEST_F(Signals_S1_6, ATraceTellsOfAHeldPacketWhenItEnds) {
    make_router();
    mgm::TraceRequest request;
    request.count = 9;
    ASSERT_TRUE(inject_.arm_trace(request));
    receive(good4().ttl(9));
    receive(from_host(9));
    EXPECT_TRUE(inject_.drain_traces().empty());
    router_->route(kSource4, kGroup4, action({11}, {22}));
    release(flow4(kSource4, kGroup4));
    ASSERT_TRUE(inject_.drop_held(flow4("198.51.100.9", kGroup4)));
    router_->turn();

    const auto records = inject_.drain_traces();
    ASSERT_EQ(records.size(), 2U);
    EXPECT_EQ(records[0].verdict, Verdict::kForwarded);
    EXPECT_EQ(records[0].ttl, 9);
    EXPECT_EQ(records[0].oifs_sent, 1U);
    EXPECT_EQ(records[1].verdict, Verdict::kUnresolved);
}

// --- wrong interfaces

using WrongIifSignals_S1_3 = SignalTest;

TEST_F(WrongIifSignals_S1_3, AWrongInterfaceIsToldOfOnceForEachEntryAndInterface) {
    make_router();
    router_->route("*", kGroup4, action({37}, {22}));
    router_->route("*", "239.255.3.9", action({37}, {22}));
    router_->route("*", kGroup6, action({37}, {22}));

    for (int times = 0; times < 3; ++times) {
        receive(good4());
        receive(ipv4("198.51.100.9", kGroup4)); // the same entry
        receive(good4(), kPlainOif);
        receive(ipv4(kSource4, "239.255.3.9"));
        receive(good6());
    }

    const auto signals = drained();
    ASSERT_EQ(signals.size(), 4U);
    for (const Signal &signal : signals)
        EXPECT_EQ(signal.kind, Signal::Kind::kWrongIif);
    EXPECT_EQ(signals[0].flow, flow4(kSource4, kGroup4));
    EXPECT_EQ(signals[0].iif, router_->slot(kArrival));
    EXPECT_EQ(signals[0].octets, good4().build_packet().size());
    EXPECT_EQ(signals[1].iif, router_->slot(kPlainOif));
    EXPECT_EQ(signals[3].flow, flow6(kSource6, kGroup6));
    EXPECT_EQ(count(Verdict::kWrongIif), 12U) << "told of or not, each is counted";
    EXPECT_EQ(router_->held(), 0U);
}

TEST_F(WrongIifSignals_S1_3, AWrongInterfaceIsToldOfAgainAfterTheInterval) {
    make_router({.wrong_iif_interval_ms = 0});
    router_->route(kSource4, kGroup4, action({22}, {37}));
    receive(good4());
    receive(good4());
    EXPECT_EQ(drained().size(), 2U);
}

TEST_F(WrongIifSignals_S1_3, ALostWrongInterfaceSignalBeginsNoInterval) {
    make_router();
    router_->route(kSource4, kGroup4, action({22}, {37}));
    while (signals_.raise({}))
        ;
    receive(good4());
    EXPECT_EQ(router_->count(Event::kSignalsLost), 1U);
    EXPECT_EQ(drained().size(), mgm::SignalRing::kSignals - 1U);
    receive(good4());
    EXPECT_EQ(drained().size(), 1U);
}

// --- negative entries

TEST_F(Signals_S1_6, ANegativeEntryDropsWithoutASignal) {
    make_router();
    const auto entry = router_->route(kSource4, kGroup4, action({11}, {}));
    EXPECT_EQ(router_->verdict_of(good4()), Verdict::kNoOif);
    EXPECT_TRUE(drained().empty());
    receive(good4(), kPlainOif);
    EXPECT_EQ(drained().size(), 1U) << "the interface is checked first (mgm-spec 1.5)";
    EXPECT_EQ(router_->tables().different_in_if<mgm::Family::kIpv4>(0, entry).read(), 1U);
}

TEST_F(Signals_S1_6, AnEntryThatAcceptsNoInterfaceHasNoWrongOne) {
    make_router();
    const auto negative = router_->route(kSource4, kGroup4, action({}, {}));
    router_->route(kSource6, kGroup6, action({}, {22}));
    EXPECT_EQ(router_->verdict_of(good4()), Verdict::kNoOif);
    EXPECT_EQ(router_->verdict_of(good6()), Verdict::kWrongIif);
    EXPECT_EQ(router_->tables().different_in_if<mgm::Family::kIpv4>(0, negative).read(), 0U);
    EXPECT_TRUE(drained().empty());
    EXPECT_EQ(router_->held(), 0U);
}

TEST_F(Signals_S1_6, PacketsHeldForAFlowThatBecomesNegativeEndAsItsPacketsDo) {
    make_router();
    receive(good4());
    receive(good6());
    router_->route(kSource4, kGroup4, action({11}, {}));
    router_->route(kSource6, kGroup6, action({}, {}));
    release(flow4(kSource4, kGroup4));
    release(flow6(kSource6, kGroup6));
    EXPECT_EQ(count(Verdict::kNoOif), 2U);
}

} // namespace
} // namespace dataplane_test
