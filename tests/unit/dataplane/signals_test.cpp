// SPDX-License-Identifier: BSD-3-Clause
// What a worker tells control of: flows without an entry, wrong interfaces.
#include "signal_fixture.hpp"

namespace dataplane_test {
namespace {

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
    router_->put(kArrival,
                 support::make_frame(support::Pools::get().received, packet.build(), {14, 20, 1}));
    router_->turn();

    const auto signals = drained();
    ASSERT_EQ(signals.size(), 1U);
    EXPECT_EQ(signals[0].length, 560);
    ASSERT_EQ(signals[0].octets, 96);
    const Octets shown(signals[0].packet.begin(), signals[0].packet.end());
    const Octets sent = packet.build_packet();
    EXPECT_EQ(shown, Octets(sent.begin(), sent.begin() + 96));
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
    const auto negative = router_->route(kSource4, kGroup4, action({11}, {}));
    EXPECT_EQ(router_->verdict_of(good4()), Verdict::kNoOif);
    EXPECT_EQ(counted(negative), 1U) << "it is there to drop them";
    EXPECT_TRUE(drained().empty());
    receive(good4(), kPlainOif);
    EXPECT_EQ(drained().size(), 1U) << "the interface is checked first (mgm-spec 1.5)";
    EXPECT_EQ(router_->tables().different_in_if<mgm::Family::kIpv4>(0, negative).read(), 1U);
    EXPECT_EQ(counted(negative), 1U);
}

TEST_F(Signals_S1_6, AnEntryThatAcceptsNoInterfaceHasNoWrongOne) {
    make_router();
    const auto negative = router_->route(kSource4, kGroup4, action({}, {}));
    router_->route(kSource6, kGroup6, action({}, {22}));
    EXPECT_EQ(router_->verdict_of(good4()), Verdict::kNoOif);
    EXPECT_EQ(router_->verdict_of(good6()), Verdict::kWrongIif);
    EXPECT_EQ(router_->tables().different_in_if<mgm::Family::kIpv4>(0, negative).read(), 0U);
    EXPECT_EQ(counted(negative), 1U);
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
