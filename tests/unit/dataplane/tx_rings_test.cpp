// SPDX-License-Identifier: BSD-3-Clause
// Ports with one tx queue and two workers: who sends, who waits, who is told that there is no room.
#include "dataplane/lane.hpp"
#include "two_workers.hpp"

#include <rte_mbuf.h>

namespace dataplane_test {
namespace {

using support::kPlainOif;
using support::kTaggedOif;
using support::Pools;

/// The worker that has the queue of if22's port, and the one that has not.
struct Roles {
    std::uint32_t owner, other;
};
Roles roles(const TestRouter &router) {
    const std::uint32_t owner = router.port(kPlainOif).id() % 2;
    return {owner, 1 - owner};
}

/// `count` packets to if22 alone, of a flow of this worker, which is given them and forwards them.
void forward(TestRouter &router, std::uint32_t worker, unsigned count) {
    const Octets frame = flow_of(router, worker).build();
    for (unsigned k = 0; k < count; ++k)
        router.put(TestRouter::kArrival, frame);
    for (unsigned turns = 0; turns < (count + 31) / 32; ++turns) {
        router.worker(0).turn();
        if (worker == 1)
            router.worker(1).turn();
    }
}

std::unique_ptr<TestRouter> router_with_one_oif(TestRouter::Options options) {
    options.geometry.workers = 2;
    auto router = std::make_unique<TestRouter>(options);
    router->add(support::interface_spec(11), 3);
    router->add(support::interface_spec(22), 0);
    router->route("*", "239.255.0.0/16", support::action({11}, {22}));
    return router;
}
std::unique_ptr<TestRouter> router_with_one_oif(std::uint16_t lane_frames = 63) {
    TestRouter::Options options;
    options.lane_frames = lane_frames;
    return router_with_one_oif(options);
}

TEST(TxRings, TheOwnerSendsAtOnceAndPassesOnWhatOthersSend) {
    const auto router = router_with_one_oif();
    const auto [owner, other] = roles(*router);

    forward(*router, owner, 3);
    EXPECT_EQ(router->port(kPlainOif).sent(), 3U);
    // The flow's worker is not the owner: its frames wait until the owner turns.
    router->sent(kPlainOif);
    const Octets frame = flow_of(*router, other).build();
    for (int k = 0; k < 5; ++k)
        router->put(TestRouter::kArrival, frame);
    router->settle();

    EXPECT_EQ(router->port(kPlainOif).sent(), 5U);
    EXPECT_EQ(router->copies_sent(kPlainOif), 8U);
    EXPECT_EQ(router->counters(router->slot(kPlainOif), other).copies_sent.read(), 5U);
}

TEST(TxFull_S6, AFullPortFillsTheLaneAndThenTheSenderSeesIt) {
    const auto router = router_with_one_oif(63);
    const auto [owner, other] = roles(*router);
    router->port(kPlainOif).leave_room_for(5, Pools::get().received);

    forward(*router, other, 96);
    router->settle();

    // 5 are in the port, 63 in the lane at most; the rest was refused when it was sent.
    const std::uint64_t sent = router->copies_sent(kPlainOif);
    EXPECT_EQ(sent + router->copy_drops(kPlainOif, Verdict::kTxFull), 96U);
    EXPECT_GE(sent, 63U);
    EXPECT_LE(sent, 5U + 63);
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), sent);
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kTxFull), 96 - sent);

    router->sent(kPlainOif); // there is room again
    router->settle();
    EXPECT_EQ(router->port(kPlainOif).sent(), sent - 5);
    EXPECT_EQ(router->count(Event::kTxRingLost), 0U);
}

TEST(Lane, HoldsWhatItIsAskedForAndNoMore) { // the mbufs of a blocked port are reckoned by it
    for (const std::uint32_t asked : {64U, 100U, 1024U}) {
        const auto lane = dataplane::Lane::make(sizeof(std::uint64_t), asked);
        ASSERT_NE(lane, nullptr);
        const std::vector<std::uint64_t> elements(3UL * asked);
        EXPECT_EQ(lane->room(), asked);
        EXPECT_EQ(lane->push(elements.data(), 3 * asked), asked);
        EXPECT_EQ(lane->room(), 0U);
    }
}

TEST(TxRings, HaveRoomWhileEveryLaneIsLessThanHalfFull) {
    const auto router = router_with_one_oif(64);
    const auto [owner, other] = roles(*router);
    router->port(kPlainOif).leave_room_for(0, Pools::get().received);

    forward(*router, other, 32);
    EXPECT_TRUE(router->tx_rings().has_room(other));
    forward(*router, other, 1);
    EXPECT_FALSE(router->tx_rings().has_room(other));
    EXPECT_TRUE(router->tx_rings().has_room(owner));

    router->sent(kPlainOif);
    router->settle();
    EXPECT_TRUE(router->tx_rings().has_room(other));
}

/// With its lane to the port full from the beginning.
void finish_with_a_full_lane(bool waits_for_lanes) {
    constexpr unsigned kLane = 64;
    TestRouter::Options options;
    options.lane_frames = kLane;
    options.waits_for_lanes = waits_for_lanes;
    options.geometry.workers = 2;
    TestRouter router(options);
    router.add(support::interface_spec(11), 3);
    unsigned port = 0; // whose queue is worker 0's, who has stopped
    while (port == 3 || support::RingPort::get(port).id() % 2 != 0)
        ++port;
    router.add(support::interface_spec(22), port);
    router.add(support::interface_spec(23, {}, 100), port); // two copies by one port
    router.route("*", "239.255.0.0/16", support::action({11}, {22, 23}));
    ASSERT_EQ(roles(router).owner, 0U);
    const Octets frame = flow_of(router, 1).build();
    for (unsigned k = 0; k < kLane; ++k)
        router.put(TestRouter::kArrival, frame);
    router.worker(0).turn();
    router.worker(0).turn();
    router.worker(1).turn(); // 32 of them
    ASSERT_EQ(router.copies_sent(kPlainOif) + router.copies_sent(mgm::IfIndex{23}), kLane);

    router.worker(1).finish();

    EXPECT_EQ(router.copy_drops(kPlainOif, Verdict::kTxFull), 0U);
    EXPECT_EQ(router.copies_sent(kPlainOif), kLane);
    EXPECT_EQ(router.copies_sent(mgm::IfIndex{23}), kLane);
    router.settle();
}

TEST(TxRings, AWorkerThatFinishesFindsRoomForAllThatItHadBeenGiven) {
    finish_with_a_full_lane(false);
}
TEST(TxRings, AWorkerThatWaitsForLanesFindsRoomWhenItFinishes) {
    finish_with_a_full_lane(true);
}

TEST(TxRings, AWorkerThatWaitsForLanesLosesNothingToAPortThatIsFullForAWhile) {
    TestRouter::Options options;
    options.lane_frames = 64;
    options.waits_for_lanes = true;
    const auto router = router_with_one_oif(options);
    const auto [owner, other] = roles(*router);
    router->port(kPlainOif).leave_room_for(0, Pools::get().received);
    forward(*router, other, 33);
    const Octets frame = flow_of(*router, other).build();
    for (unsigned k = 0; k < 200; ++k) // more than all lanes hold
        router->put(TestRouter::kArrival, frame);
    for (unsigned turns = 0; turns < 30; ++turns) {
        router->worker(0).turn();
        router->worker(1).turn();
    }
    EXPECT_EQ(router->copies_sent(kPlainOif), 33U); // the lane is over half full: no burst is taken

    std::size_t got = 0;
    for (unsigned turns = 0; turns < 30; ++turns) {
        got += router->sent(kPlainOif).size();
        router->settle();
    }
    EXPECT_EQ(router->copies_sent(kPlainOif), 233U);
    EXPECT_EQ(router->copy_drops(kPlainOif, Verdict::kTxFull), 0U);
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kSpreadFull), 0U);
    EXPECT_GE(got, 233U); // and what filled the port before
}

TEST(TxFull_S6, WhatWaitsForAFullPortLeavesInOrder) {
    const auto router = router_with_one_oif(63);
    const auto [owner, other] = roles(*router);
    router->port(kPlainOif).leave_room_for(3, Pools::get().received);
    std::vector<Octets> got;
    for (unsigned k = 0; k < 60; ++k) {
        router->put(TestRouter::kArrival,
                    flow_of(*router, other).payload(Octets{static_cast<std::uint8_t>(k)}).build());
        router->settle();
    }
    unsigned next = 0;
    const auto check = [&](const std::vector<Octets> &frames) {
        for (const Octets &frame : frames)
            if (frame.size() > 30) { // not a filler
                EXPECT_EQ(frame.back(), next);
                ++next;
            }
    };
    check(router->sent(kPlainOif));
    router->settle();
    check(router->sent(kPlainOif));
    EXPECT_EQ(next, 60U);
}

TEST(TxRings_S6, OneFullPortCostsTheOthersNothing) {
    const auto router = two_workers();
    router->port(kPlainOif).leave_room_for(0, Pools::get().received);
    for (unsigned worker = 0; worker < 2; ++worker)
        for (int k = 0; k < 90; ++k) {
            router->put(TestRouter::kArrival, flow_of(*router, worker).build());
            if (k % 30 == 29)
                router->settle();
        }
    router->settle();

    EXPECT_EQ(router->copies_sent(kTaggedOif), 180U);
    EXPECT_EQ(router->sent(kTaggedOif).size(), 180U);
    EXPECT_EQ(router->copies_sent(kPlainOif), 63U); // one lane full
    EXPECT_EQ(router->copy_drops(kPlainOif, Verdict::kTxFull), 117U);
}

TEST(TxRings, APortThatEndsIsOfferedWhatWaitsAndTheRestIsCountedAsLost) {
    const auto router = router_with_one_oif(63);
    const auto [owner, other] = roles(*router);
    const std::uint16_t id = router->port(kPlainOif).id();
    router->port(kPlainOif).leave_room_for(0, Pools::get().received);
    forward(*router, other, 40);
    router->settle();
    ASSERT_EQ(router->copies_sent(kPlainOif), 40U);
    EXPECT_FALSE(router->tx_rings().is_empty(id));
    router->port(kPlainOif).drain();
    router->port(kPlainOif).leave_room_for(11, Pools::get().received);

    router->tx_rings().end(id);
    router->worker(other).turn();
    EXPECT_FALSE(router->tx_rings().is_empty(id)) << "only the owner may";
    router->worker(owner).turn();

    EXPECT_TRUE(router->tx_rings().is_empty(id));
    EXPECT_EQ(router->count(Event::kTxRingLost), 40U - 11);
    router->tx_rings().close(id);
}

TEST(TxRings, APortThatOpensAgainUnderTheSameNumberWithMoreQueuesNeedsNoLane) {
    const auto router = router_with_one_oif();
    const std::uint16_t id = router->port(kPlainOif).id();
    router->tx_rings().end(id);
    router->settle();
    router->tx_rings().close(id);
    ASSERT_TRUE(router->tx_rings().open(id, 2));

    forward(*router, 0, 3); // on queue 0, its own

    EXPECT_EQ(router->port(kPlainOif).sent(), 3U);
}

TEST(TxRings, OfThreeWorkersAndTwoQueuesOneHasALane) {
    const mgm::PrivateSegment segment([] {
        mgm::Geometry geometry;
        geometry.workers = 3;
        return geometry;
    }());
    support::RingPort &port = support::RingPort::get(7);
    dataplane::TxRings rings(3, 31, segment.tables());
    ASSERT_TRUE(rings.open(port.id(), 2));
    unsigned by_lane = 0;
    for (std::uint32_t worker = 0; worker < 3; ++worker) {
        if (worker != (port.id() + 2U) % 3)
            continue;
        rte_mbuf *frame = support::received_frame(good4().build());
        EXPECT_EQ(rings.send(worker, port.id(), &frame, 1), 1U);
        by_lane += rings.is_empty(port.id()) ? 0 : 1;
    }
    EXPECT_EQ(by_lane, 1U);
    EXPECT_EQ(rings.pass_on((port.id() + 1U) % 3), 0U);
    EXPECT_EQ(rings.pass_on(port.id() % 3U), 1U);
    EXPECT_EQ(port.take().size(), 1U);
    rings.finish(port.id());
}

} // namespace
} // namespace dataplane_test
