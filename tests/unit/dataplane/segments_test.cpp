// SPDX-License-Identifier: BSD-3-Clause
// Frames cut short, frames in pieces, frames that others hold too.
#include "packet_case.hpp"

#include <rte_mbuf.h>

namespace dataplane_test {
namespace {

using support::kPlainOif;
using support::kTaggedOif;
using support::Pools;

/// Packets whose headers have something at every place that a check looks at.
std::vector<PacketBuilder> samples() {
    return {good4().payload(21),
            good4().tag(0).options({7, 7, 4, 0, 0, 0, 0, 0x94, 4, 0, 0, 0}),
            good4().options({0x44, 9, 1, 1}),
            good4().protocol(2),
            good4().ttl(1),
            good6().payload(9),
            good6().tag(0).hop_by_hop({1, 1, 0, 0x3e, 2, 0, 0, 5, 2, 0, 0, 1, 0, 0}),
            good6().hop_by_hop({0xbe, 4, 1, 2, 3, 4}),
            good6().protocol(58).payload({143, 0, 0, 0}).hop_by_hop({5, 2, 0, 0, 1, 0}),
            ipv6("fe80::7", kGroup6),
            good4().tag(100).tag(7)};
}

struct Outcome {
    Verdict verdict;
    std::vector<Octets> plain, tagged, back;
    friend bool operator==(const Outcome &, const Outcome &) = default;
};

Outcome outcome_of(TestRouter &router, rte_mbuf *frame) {
    const Verdict verdict = router.verdict_of(frame);
    return {verdict, router.sent(kPlainOif), router.sent(kTaggedOif),
            router.sent(TestRouter::kArrival)};
}

TEST(Segments_S6, AHeaderSplitAtAnyOctetEndsAsTheLinearFrameDoes) {
    const auto router = small_router({.icmpv6_errors_per_second = 100'000});
    for (const PacketBuilder &packet : samples()) {
        const Octets frame = packet.build();
        const Outcome linear = outcome_of(*router, support::received_frame(frame));
        for (std::size_t at = 0; at <= frame.size(); ++at)
            ASSERT_TRUE(outcome_of(*router, support::make_frame(Pools::get().received, frame,
                                                                {at})) == linear)
                << "split at " << at << " of " << frame.size() << ", verdict "
                << mgm::name_of(linear.verdict);
    }
}

TEST(Segments_S6, OneOctetASegmentEndsAsTheLinearFrameDoes) {
    const auto router = small_router({.icmpv6_errors_per_second = 100'000});
    for (const PacketBuilder &packet : samples()) {
        const Octets frame = packet.build();
        const Outcome linear = outcome_of(*router, support::received_frame(frame));
        const std::vector<std::size_t> splits(frame.size() - 1, 1);

        EXPECT_TRUE(outcome_of(*router,
                               support::make_frame(Pools::get().received, frame, splits)) == linear)
            << mgm::name_of(linear.verdict);
    }
}

TEST(Truncation_S6, EveryLengthFrom0To60EndsInOneDrop) {
    const auto router = small_router();
    for (const PacketBuilder &packet : samples()) {
        const Octets whole = packet.build();
        for (std::size_t length = 0; length < std::min<std::size_t>(whole.size(), 61); ++length) {
            const Octets frame(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(length));
            const Verdict verdict = router->verdict_of(frame);
            ASSERT_TRUE(mgm::is_drop(verdict)) << length;
            if (length < 14) {
                ASSERT_EQ(verdict, Verdict::kErrShort) << length;
            }
        }
    }
}

TEST(Truncation_S6, AFrameThatEndsInsideAHeaderIsShort) {
    const auto router = small_router();
    const Octets ipv4_frame = good4().build(), ipv6_frame = good6().build(),
                 tagged = good4().tag(0).build();
    for (std::size_t length = 0; length < 34; ++length)
        ASSERT_EQ(router->verdict_of(
                      Octets(ipv4_frame.begin(), ipv4_frame.begin() + static_cast<int>(length))),
                  Verdict::kErrShort);
    for (std::size_t length = 0; length < 54; ++length)
        ASSERT_EQ(router->verdict_of(
                      Octets(ipv6_frame.begin(), ipv6_frame.begin() + static_cast<int>(length))),
                  Verdict::kErrShort);
    for (std::size_t length = 14; length < 38; ++length)
        ASSERT_EQ(
            router->verdict_of(Octets(tagged.begin(), tagged.begin() + static_cast<int>(length))),
            Verdict::kErrShort);
}

TEST(SharedFrames_S1_4, AFrameThatOthersHoldIsNeverWritten) {
    const auto router = small_router();
    const Octets octets = good4().payload(90).build();
    rte_mbuf *frame = support::received_frame(octets);
    rte_mbuf_refcnt_update(frame, 1);

    EXPECT_EQ(router->verdict_of(frame), Verdict::kForwarded);

    EXPECT_EQ(rte_mbuf_refcnt_read(frame), 1);
    EXPECT_EQ(support::octets_of(*frame), octets);
    rte_pktmbuf_free(frame);
}

TEST(SharedFrames_S1_4, AnIndirectFrameIsForwardedLikeADirectOne) {
    const auto router = small_router();
    const Octets octets = good6().payload(90).build();
    rte_mbuf *frame = support::received_frame(octets);
    rte_mbuf *clone = rte_pktmbuf_clone(frame, Pools::get().received);
    ASSERT_NE(clone, nullptr);

    EXPECT_EQ(router->verdict_of(clone), Verdict::kForwarded);

    EXPECT_EQ(support::octets_of(*frame), octets);
    EXPECT_EQ(router->sent(kPlainOif).size(), 1U);
    rte_pktmbuf_free(frame);
}

TEST(SharedFrames_S6, AReferenceCountNearItsEndIsNoDanger) {
    const auto router = small_router();
    rte_mbuf *frame = support::received_frame(good4().build());
    rte_mbuf_refcnt_set(frame, 0xfffe);

    EXPECT_EQ(router->verdict_of(frame), Verdict::kForwarded);

    EXPECT_EQ(rte_mbuf_refcnt_read(frame), 0xfffd);
    rte_mbuf_refcnt_set(frame, 1);
    rte_pktmbuf_free(frame);
}

} // namespace
} // namespace dataplane_test
