// SPDX-License-Identifier: BSD-3-Clause
// What needs memzones and rings, so a running EAL.
#include "mgm/inject_ring.hpp"
#include "mgm/segment_reader.hpp"
#include "mgm/signal_ring.hpp"
#include "table_fixture.hpp"
#include "tests/support/eal_environment.hpp"

#include <rte_mbuf.h>
#include <rte_memzone.h>
#include <rte_ring.h>

namespace mgm_test {
namespace {

[[maybe_unused]] const auto *const kEal = support::start_eal();

TEST(SharedTables, LiveInOneNamedMemzone) {
    {
        Result<SharedSegment> segment = SharedSegment::create(small_geometry(), "mgm-unit");
        ASSERT_TRUE(segment) << segment.error().what;
        const rte_memzone *zone = rte_memzone_lookup(kSegmentZone);
        ASSERT_NE(zone, nullptr);
        const std::span memory(static_cast<const std::byte *>(zone->addr), zone->len);
        EXPECT_FALSE(SegmentReader::open(memory).has_value()) << "not published yet";
        segment->publish();
        const auto reader = SegmentReader::open(memory);
        ASSERT_TRUE(reader.has_value()) << reader.error().what;
        EXPECT_EQ(reader->identity().instance, "mgm-unit");
        EXPECT_EQ(reader->identity().pid, static_cast<std::uint32_t>(getpid()));

        const Result<SharedSegment> second = SharedSegment::create(small_geometry(), "mgm-unit");
        ASSERT_FALSE(second.has_value());
        EXPECT_EQ(second.error().code, Errc::kExists);
        SharedSegment moved = std::move(*segment);
        EXPECT_EQ(moved.tables().base(), zone->addr);
    }
    EXPECT_EQ(rte_memzone_lookup(kSegmentZone), nullptr);
}

TEST(SharedTables, SayHowMuchMemoryTheyWanted) {
    Geometry geometry;
    geometry.ipv4_entries = 1U << 24U;
    const Result<SharedSegment> segment = SharedSegment::create(geometry, "mgm-unit");
    ASSERT_FALSE(segment.has_value());
    EXPECT_EQ(segment.error().code, Errc::kNoMemory);
    EXPECT_NE(segment.error().what.find("MiB"), std::string::npos);
    geometry.ipv4_entries = 0;
    EXPECT_EQ(SharedSegment::create(geometry, "mgm-unit").error().code, Errc::kInvalidArgument);
}

class Inject : public testing::Test {
protected:
    Inject()
        : pool(rte_pktmbuf_pool_create("inject", 1023, 0, 0, 256, SOCKET_ID_ANY)),
          ring(InjectRing::create(3)) {}
    ~Inject() override { rte_mempool_free(pool); }

    rte_mempool *pool;
    Result<InjectRing> ring;
};

TEST_F(Inject, CarriesFramesAndTraceRequestsInOrder) {
    ASSERT_TRUE(ring.has_value());
    rte_mbuf *frame = rte_pktmbuf_alloc(pool);
    ASSERT_TRUE(ring->send_frame(frame, IfSlot{17}));
    TraceRequest request;
    request.count = 5;
    request.any_group = false;
    request.group = {232, 1, 1, 1};
    ASSERT_TRUE(ring->arm_trace(request));
    std::array<InjectMessage, 8> taken;
    ASSERT_EQ(ring->take(taken), 2U);
    EXPECT_EQ(taken[0].kind, InjectMessage::Kind::kSendFrame);
    EXPECT_EQ(taken[0].frame, frame);
    EXPECT_EQ(taken[0].interface, IfSlot{17});
    EXPECT_EQ(taken[1].kind, InjectMessage::Kind::kArmTrace);
    EXPECT_EQ(taken[1].trace.count, 5U);
    EXPECT_EQ(taken[1].trace.group[0], 232);
    EXPECT_EQ(ring->take(taken), 0U);
    rte_pktmbuf_free(frame);
}

TEST_F(Inject, LeavesAFrameToItsSenderWhenItIsFull) {
    ASSERT_TRUE(ring.has_value());
    unsigned sent = 0;
    rte_mbuf *frame = rte_pktmbuf_alloc(pool);
    for (; ring->send_frame(frame, IfSlot{17}); ++sent)
        frame = rte_pktmbuf_alloc(pool);
    EXPECT_EQ(sent, InjectRing::kMessages - 1);
    rte_pktmbuf_free(frame);
    EXPECT_FALSE(ring->arm_trace({}));
    { const InjectRing gone = std::move(*ring); }
    EXPECT_EQ(rte_mempool_in_use_count(pool), 0U) << "frames that nobody took must go back";
    EXPECT_EQ(rte_ring_lookup("mgm_inject_3"), nullptr);
}

TEST_F(Inject, LosesTraceRecordsBeyondItsBound) {
    ASSERT_TRUE(ring.has_value());
    TraceRecord record;
    record.verdict = Verdict::kTtl;
    unsigned kept = 0;
    for (; ring->answer(record); ++kept)
        record.length = static_cast<std::uint16_t>(kept + 1);
    EXPECT_EQ(kept, InjectRing::kTraceRecords - 1);
    const std::vector<TraceRecord> records = ring->drain_traces();
    ASSERT_EQ(records.size(), kept);
    EXPECT_EQ(records[37].length, 37);
    EXPECT_EQ(records[37].verdict, Verdict::kTtl);
    EXPECT_TRUE(ring->drain_traces().empty());
}

TEST_F(Inject, CarriesWhatIsToBeReleasedAndWhatDropped) {
    ASSERT_TRUE(ring.has_value());
    const AnyFlow first = any_flow(flow4("10.7.0.1", "225.1.2.3", 4));
    const AnyFlow second = any_flow(flow6("2001:db8::7", "ff1e::3:7"));
    ASSERT_TRUE(ring->release_held(first));
    ASSERT_TRUE(ring->drop_held(second));
    std::array<InjectMessage, 8> taken;
    ASSERT_EQ(ring->take(taken), 2U);
    EXPECT_EQ(taken[0].kind, InjectMessage::Kind::kReleaseHeld);
    EXPECT_EQ(taken[0].flow, first);
    EXPECT_EQ(taken[1].kind, InjectMessage::Kind::kDropHeld);
    EXPECT_EQ(taken[1].flow, second);
    while (ring->drop_held(first)) {
    }
    EXPECT_FALSE(ring->release_held(first));
}

TEST_F(Inject, IsOneForEachWorker) {
    ASSERT_TRUE(ring.has_value());
    const Result<InjectRing> again = InjectRing::create(3);
    ASSERT_FALSE(again.has_value());
    EXPECT_EQ(again.error().code, Errc::kExists);
    EXPECT_TRUE(InjectRing::create(4).has_value());
}

TEST(Signals, AreFetchedInOrderAFewAtATime) {
    auto ring = SignalRing::create(7).value();
    std::array<Signal, 5> fetched;
    EXPECT_EQ(ring.drain(fetched), 0U);
    for (std::uint16_t k = 0; k < 13; ++k) {
        Signal signal;
        signal.kind = k % 2 == 0 ? Signal::Kind::kNoEntry : Signal::Kind::kWrongIif;
        signal.flow = any_flow(flow4("10.7.0.1", "225.1.2.3", k));
        signal.packet.back() = static_cast<std::uint8_t>(k);
        ASSERT_TRUE(ring.raise(signal));
    }
    unsigned seen = 0;
    while (const unsigned count = ring.drain(fetched))
        for (unsigned i = 0; i < count; ++i, ++seen) {
            EXPECT_EQ(fetched[i].flow.vrf, seen);
            EXPECT_EQ(fetched[i].packet.back(), seen);
        }
    EXPECT_EQ(seen, 13U);
}

TEST(Signals, AreLostBeyondTheBoundAndTheRingIsOneForEachWorker) {
    {
        auto ring = SignalRing::create(7).value();
        unsigned kept = 0;
        while (ring.raise({}))
            ++kept;
        EXPECT_EQ(kept, SignalRing::kSignals - 1);
        const auto again = SignalRing::create(7);
        ASSERT_FALSE(again.has_value());
        EXPECT_EQ(again.error().code, Errc::kExists);
        SignalRing moved = std::move(ring);
        std::vector<Signal> fetched(SignalRing::kSignals);
        EXPECT_EQ(moved.drain(fetched), kept);
    }
    EXPECT_EQ(rte_ring_lookup("mgm_signal_7"), nullptr);
}

} // namespace
} // namespace mgm_test
