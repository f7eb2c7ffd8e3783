// SPDX-License-Identifier: BSD-3-Clause
// Ports that do not take everything, pools that are empty, and that nothing is missing afterwards.
#include "packet_case.hpp"

#include <rte_mbuf.h>
#include <rte_mempool.h>

namespace dataplane_test {
namespace {

using support::action;
using support::interface_spec;
using support::kPlainOif;
using support::kTaggedOif;
using support::Pools;

TEST(TxFull_S6, AFullPortCostsOnlyItsOwnCopies) {
    const auto router = small_router();
    router->port(kPlainOif).leave_room_for(5, Pools::get().received);
    for (int k = 0; k < 32; ++k)
        router->put(TestRouter::kArrival, good4().build());

    EXPECT_EQ(router->turn(), 32U);

    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), 32U);
    EXPECT_EQ(router->copies_sent(kPlainOif), 5U);
    EXPECT_EQ(router->copy_drops(kPlainOif, Verdict::kTxFull), 27U);
    EXPECT_EQ(router->copies_sent(kTaggedOif), 32U);
    EXPECT_EQ(router->sent(kTaggedOif).size(), 32U);
}

TEST(TxFull_S6, APacketThatNobodyTookEndsAsTxFull) {
    const auto router = small_router();
    const auto entry = router->route("*", "239.255.3.9", action({11}, {22}));
    router->port(kPlainOif).leave_room_for(1, Pools::get().received);
    const Octets frame = ipv4(kSource4, "239.255.3.9").build();
    for (int k = 0; k < 3; ++k)
        router->put(TestRouter::kArrival, frame);

    router->turn();

    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), 1U);
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kTxFull), 2U);
    EXPECT_EQ(router->tables().entry_counters<mgm::Family::kIpv4>(0, entry).packets[0].read(), 1U);
}

TEST(PoolExhausted_S6, WhatCannotBeCopiedIsCountedAndTheRestGoes) {
    rte_mempool *tiny = rte_pktmbuf_pool_create("tiny", 37, 0, 0, 2048 + 128, 0);
    ASSERT_NE(tiny, nullptr);
    {
        TestRouter router(TestRouter::Options{.policy = {}, .copies = tiny});
        router.add(interface_spec(11), 3);
        router.add(interface_spec(22), 0);
        router.add(interface_spec(37, {}, 100), 5);
        router.route("*", kGroup4, action({11}, {22, 37}));
        for (int k = 0; k < 32; ++k)
            router.put(TestRouter::kArrival, good4().build());

        router.turn();

        EXPECT_EQ(router.copies_sent(kPlainOif) + router.copies_sent(kTaggedOif), 37U);
        EXPECT_EQ(router.copy_drops(kPlainOif, Verdict::kNoMbuf) +
                      router.copy_drops(kTaggedOif, Verdict::kNoMbuf),
                  2U * 32 - 37);
        EXPECT_EQ(router.count(TestRouter::kArrival, Verdict::kForwarded), 19U);
        EXPECT_EQ(router.count(TestRouter::kArrival, Verdict::kNoMbuf), 13U);

        router.sent(kPlainOif); // mbufs come back
        router.sent(kTaggedOif);
        EXPECT_EQ(router.verdict_of(good4()), Verdict::kForwarded);
    }
    EXPECT_EQ(rte_mempool_avail_count(tiny), 37U);
    rte_mempool_free(tiny);
}

TEST(PoolExhausted_S6, WithoutSmallMbufsCopiesAreMadeOneByOne) {
    rte_mempool *tiny = rte_pktmbuf_pool_create("tiny_heads", 5, 0, 0, 128 + 320, 0);
    ASSERT_NE(tiny, nullptr);
    {
        TestRouter router(TestRouter::Options{.policy = {}, .heads = tiny});
        router.add(interface_spec(11), 3);
        router.add(interface_spec(22), 0);
        router.add(interface_spec(37, {}, 100), 5);
        router.route("*", kGroup4, action({11}, {22, 37}));
        for (const std::size_t payload : {std::size_t{26}, std::size_t{900}}) { // whole, and heads
            for (const unsigned packets : {2U, 32U}) {
                for (unsigned k = 0; k < packets; ++k)
                    router.put(TestRouter::kArrival,
                               support::received_frame(good4().payload(payload).build()));
                router.turn();
                // A whole copy for the first of the two oifs, a head for each; or all or none.
                const unsigned taken = packets == 32 ? 0 : payload < 256 ? 2 : 4;
                EXPECT_EQ(rte_mempool_avail_count(tiny), 5 - taken);
                for (const mgm::IfIndex oif : {kPlainOif, kTaggedOif}) {
                    const std::vector<Octets> sent = router.sent(oif);
                    ASSERT_EQ(sent.size(), packets);
                    for (const Octets &frame : sent)
                        EXPECT_EQ(frame, sent.front());
                }
            }
        }
        EXPECT_EQ(router.copies_sent(kPlainOif), 68U);
        EXPECT_EQ(router.copies_sent(kTaggedOif), 68U);
        EXPECT_EQ(router.count(TestRouter::kArrival, Verdict::kForwarded), 68U);
    }
    EXPECT_EQ(rte_mempool_avail_count(tiny), 5U);
    rte_mempool_free(tiny);
}

TEST(PoolExhausted_S6, FragmentsAndErrorsThatCannotBeMadeLeaveNothingBehind) {
    rte_mempool *tiny = rte_pktmbuf_pool_create("tiny", 7, 0, 0, 2048 + 128, 0);
    ASSERT_NE(tiny, nullptr);
    {
        TestRouter router(TestRouter::Options{.policy = {}, .copies = tiny});
        router.add(interface_spec(11, {"2001:db8:1::1/64"}), 3);
        mgm::InterfaceSpec narrow = interface_spec(22);
        narrow.mtu = 1280;
        router.add(narrow, 0);
        router.route("*", kGroup4, action({11}, {22}));
        router.route("*", kGroup6, action({11}, {22}));
        EXPECT_EQ(router.verdict_of(good4().payload(1480)), Verdict::kForwarded); // 3, then 2 left
        EXPECT_EQ(router.verdict_of(good4().payload(1480)), Verdict::kForwarded);
        for (int k = 0; k < 3; ++k)
            EXPECT_EQ(router.verdict_of(good4().payload(1480)),
                      k == 0 ? Verdict::kForwarded : Verdict::kNoMbuf)
                << k;
        EXPECT_EQ(router.verdict_of(good4()), Verdict::kForwarded); // the last one
        EXPECT_EQ(router.verdict_of(good6().payload(1400)), Verdict::kMtuPtb);
        EXPECT_EQ(router.count(Event::kIcmpLost), 1U);
    }
    EXPECT_EQ(rte_mempool_avail_count(tiny), 7U);
    rte_mempool_free(tiny);
}

TEST(DataRoom_S6, ACopyThatDoesNotFitOneMbufIsNotMade) {
    rte_mempool *small = rte_pktmbuf_pool_create("small", 15, 0, 0, 512 + 128, 0);
    ASSERT_NE(small, nullptr);
    {
        TestRouter router(TestRouter::Options{.policy = {}, .copies = small});
        router.add(interface_spec(11), 3);
        router.add(interface_spec(22), 0);
        router.route("*", kGroup4, action({11}, {22}));

        EXPECT_EQ(router.verdict_of(good4().payload(512 - 34)), Verdict::kForwarded);
        EXPECT_EQ(router.verdict_of(good4().payload(512 - 33)), Verdict::kNoMbuf);
    }
    rte_mempool_free(small);
}

TEST(DataRoom_S6, FragmentsAreCutToFitOneMbufWhereTheMtuIsLarger) {
    rte_mempool *small = rte_pktmbuf_pool_create("small", 15, 0, 0, 512 + 128, 0);
    ASSERT_NE(small, nullptr);
    {
        TestRouter router(TestRouter::Options{.policy = {}, .copies = small});
        router.add(interface_spec(11), 3);
        mgm::InterfaceSpec wide = interface_spec(22);
        wide.mtu = 1000;
        router.add(wide, 0);
        router.route("*", kGroup4, action({11}, {22}));

        EXPECT_EQ(router.verdict_of(good4().payload(1400)), Verdict::kForwarded);

        const auto frames = router.sent(kPlainOif); // 488 payload octets each
        ASSERT_EQ(frames.size(), 3U);
        EXPECT_EQ(frames[0].size(), 14U + 20 + 488);
        EXPECT_EQ(frames[2].size(), 14U + 20 + 1400 - 2 * 488);
    }
    rte_mempool_free(small);
}

TEST(Bursts_S6, EverySizeAndEveryMixtureEndsExactly) {
    for (const unsigned size : {1U, 31U, 32U, 33U, 77U}) {
        const auto router = small_router();
        unsigned forwarded = 0;
        for (unsigned k = 0; k < size; ++k) {
            switch (k % 5) {
            case 0:
                router->put(TestRouter::kArrival, good4().payload(k).build());
                ++forwarded;
                break;
            case 1:
                router->put(TestRouter::kArrival, good6().payload(k).build());
                ++forwarded;
                break;
            case 2:
                router->put(TestRouter::kArrival, ipv4(kSource4, "239.9.9.9").build());
                break;
            case 3:
                router->put(TestRouter::kArrival, ipv6("fe80::1", kGroup6).build());
                break;
            default:
                router->put(TestRouter::kArrival, Octets(k % 60, 0x45));
            }
        }
        while (router->turn() != 0) {
        }
        EXPECT_EQ(router->counters(router->slot(TestRouter::kArrival)).in_frames.read(), size);
        EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), forwarded);
        EXPECT_EQ(router->sent(kTaggedOif).size(), forwarded);
    }
}

TEST(Bursts_S6, FramesKeepTheirOrder) {
    const auto router = small_router();
    for (unsigned k = 0; k < 100; ++k)
        router->put(
            TestRouter::kArrival,
            (k % 3 == 0 ? good6() : good4()).payload(Octets{static_cast<std::uint8_t>(k)}).build());
    while (router->turn() != 0) {
    }
    const auto frames = router->sent(kPlainOif);
    ASSERT_EQ(frames.size(), 100U);
    for (unsigned k = 0; k < 100; ++k)
        EXPECT_EQ(frames[k].back(), k);
}

TEST(Worker_S6, EveryPolledPortGetsItsTurn) {
    const auto router = small_router();
    router->route("*", "239.255.3.9", action({37}, {22}));
    router->put(TestRouter::kArrival, good4().build());
    router->put(kTaggedOif, ipv4(kSource4, "239.255.3.9").tag(100).build());

    EXPECT_EQ(router->turn(), 2U);

    EXPECT_EQ(router->sent(kPlainOif).size(), 2U);
    EXPECT_EQ(router->tables().worker_status(0).busy_loops.read(), 1U);
    EXPECT_EQ(router->turn(), 0U);
    EXPECT_EQ(router->tables().worker_status(0).loops.read(), 2U);
}

TEST(Changes_S6, AnOifThatGoesBetweenBurstsIsAnOifThatIsDown) {
    const auto router = small_router();
    EXPECT_EQ(router->verdict_of(good4()), Verdict::kForwarded);

    ASSERT_TRUE(router->writer().attach_port(kPlainOif, {}));
    EXPECT_EQ(router->verdict_of(good4()), Verdict::kForwarded);
    EXPECT_EQ(router->copy_drops(kPlainOif, Verdict::kOifDown), 1U);

    router->set_link(kPlainOif, mgm::LinkState::kUp);
    EXPECT_EQ(router->verdict_of(good4()), Verdict::kForwarded);
    EXPECT_EQ(router->copies_sent(kPlainOif), 2U);
}

} // namespace
} // namespace dataplane_test
