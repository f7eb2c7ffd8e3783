// SPDX-License-Identifier: BSD-3-Clause
// IPv4 over the MTU without DF. A receiver's reassembly, written here from RFC 791, judges.
#include "packet_case.hpp"

#include <rte_mbuf.h>

#include <map>

namespace dataplane_test {
namespace {

using support::action;
using support::interface_spec;
using support::kPlainOif;

constexpr std::size_t kEthernet = 14;

unsigned get16(const Octets &octets, std::size_t at) {
    return static_cast<unsigned>(octets[at] << 8 | octets[at + 1]);
}

struct Fragment {
    Octets header; ///< with options
    Octets payload;
    unsigned offset = 0;
    bool more = false;
};

Fragment dissect(const Octets &frame) {
    const std::size_t header_octets = (frame[kEthernet] & 0x0fU) * std::size_t{4};
    const unsigned total = get16(frame, kEthernet + 2);
    EXPECT_EQ(frame.size(), kEthernet + total);
    const auto begin = frame.begin() + kEthernet;
    Fragment fragment;
    fragment.header = {begin, begin + static_cast<std::ptrdiff_t>(header_octets)};
    fragment.payload = {begin + static_cast<std::ptrdiff_t>(header_octets), frame.end()};
    fragment.offset = (get16(frame, kEthernet + 6) & 0x1fffU) * 8;
    fragment.more = (get16(frame, kEthernet + 6) & 0x2000U) != 0;
    EXPECT_EQ(get16(frame, kEthernet + 6) & 0xc000U, 0U) << "no DF, no reserved bit";
    EXPECT_EQ(support::internet_checksum(fragment.header), 0);
    EXPECT_EQ(get16(frame, kEthernet + 4), 0x4d47U) << "identification kept";
    EXPECT_EQ(fragment.header[8], 32) << "TTL one down";
    return fragment;
}

/// The payload of the datagram (part) that starts at `start`, whole, in order and within `mtu`.
Octets reassemble(const std::vector<Octets> &frames, std::size_t mtu, unsigned start,
                  bool more_at_the_end) {
    Octets payload;
    for (std::size_t k = 0; k < frames.size(); ++k) {
        const Fragment fragment = dissect(frames[k]);
        EXPECT_LE(frames[k].size() - kEthernet, mtu);
        EXPECT_EQ(fragment.offset, start + payload.size());
        const bool is_last = k + 1 == frames.size();
        EXPECT_EQ(fragment.more, !is_last || more_at_the_end);
        EXPECT_TRUE(is_last || fragment.payload.size() % 8 == 0);
        payload.insert(payload.end(), fragment.payload.begin(), fragment.payload.end());
    }
    return payload;
}

Octets counting(std::size_t octets) {
    Octets payload(octets);
    for (std::size_t i = 0; i < octets; ++i)
        payload[i] = static_cast<std::uint8_t>(i * 7 + i / 256);
    return payload;
}

std::unique_ptr<TestRouter> router_with_mtu(std::uint16_t mtu) {
    auto router = small_router();
    mgm::InterfaceSpec narrow = interface_spec(22);
    narrow.mtu = mtu;
    EXPECT_TRUE(router->writer().upsert_interface(narrow));
    router->route("*", kGroup4, action({11}, {22}));
    return router;
}

TEST(Fragments_S1_5, AReceiverCanPutThemTogetherAgain) {
    for (const std::uint16_t mtu :
         std::initializer_list<std::uint16_t>{68, 69, 75, 576, 999, 1499}) {
        const auto router = router_with_mtu(mtu);
        const Octets payload = counting(1480);

        EXPECT_EQ(router->verdict_of(good4().payload(payload)), Verdict::kForwarded);

        const auto frames = router->sent(kPlainOif);
        EXPECT_EQ(reassemble(frames, mtu, 0, false), payload) << "mtu " << mtu;
        EXPECT_EQ(router->copies_sent(kPlainOif), 1U);
        EXPECT_EQ(router->counters(router->slot(kPlainOif)).out_frames.read(), frames.size());
        EXPECT_EQ(router->count(Event::kFragmentedCopies), 1U);
        EXPECT_EQ(router->count(Event::kFragmentsCreated), frames.size());
    }
}

TEST(Fragments_S1_5, OneOctetDecides) {
    const auto router = router_with_mtu(1000);

    router->verdict_of(good4().payload(980));
    EXPECT_EQ(router->sent(kPlainOif).size(), 1U);
    router->verdict_of(good4().payload(981));
    EXPECT_EQ(router->sent(kPlainOif).size(), 2U);
}

TEST(Fragments_S1_5, OnlyOptionsWithTheCopiedFlagGoIntoLaterOnes) {
    const auto router = router_with_mtu(576);
    const Octets payload = counting(1400);
    const Octets record_route{7, 7, 4, 0, 0, 0, 0}, router_alert{0x94, 4, 0, 0};
    Octets options = record_route;
    options.insert(options.end(), router_alert.begin(), router_alert.end());
    options.push_back(0);

    router->verdict_of(good4().options(options).payload(payload));

    const auto frames = router->sent(kPlainOif);
    ASSERT_GT(frames.size(), 2U);
    EXPECT_EQ(reassemble(frames, 576, 0, false), payload);
    const Octets first = dissect(frames[0]).header;
    EXPECT_EQ(Octets(first.begin() + 20, first.end()), options);
    for (std::size_t k = 1; k < frames.size(); ++k) {
        const Octets later = dissect(frames[k]).header;
        EXPECT_EQ(Octets(later.begin() + 20, later.end()), router_alert);
    }
}

TEST(Fragments_S1_5, AFragmentIsCutFurther) {
    const auto router = router_with_mtu(576);
    const Octets payload = counting(1200);

    router->verdict_of(good4().payload(payload).fragment_offset(185).more_fragments());
    EXPECT_EQ(reassemble(router->sent(kPlainOif), 576, 185 * 8, true), payload);

    router->verdict_of(good4().payload(payload).fragment_offset(185));
    EXPECT_EQ(reassemble(router->sent(kPlainOif), 576, 185 * 8, false), payload);
}

TEST(Fragments_S6, OnePastTheEndOfAllDatagramsIsNotCut) {
    const auto router = router_with_mtu(576);

    EXPECT_EQ(router->verdict_of(good4().payload(1200).fragment_offset(8100)),
              Verdict::kFragFailed);
    EXPECT_EQ(router->verdict_of(good4().payload(735).fragment_offset(8100)),
              Verdict::kForwarded); // ends at 65,535
    EXPECT_EQ(router->verdict_of(good4().payload(736).fragment_offset(8100)), Verdict::kFragFailed);
}

TEST(Fragments_S1_5, AJumboOverSegmentsIsCutToo) {
    const auto router = router_with_mtu(1500);
    const Octets payload = counting(8980);

    EXPECT_EQ(router->verdict_of(good4().payload(payload)), Verdict::kForwarded);

    EXPECT_EQ(reassemble(router->sent(kPlainOif), 1500, 0, false), payload);
}

TEST(Fragments_S1_5, MoreThanABufferHoldsIsACopyLost) {
    const auto router = router_with_mtu(68);
    constexpr std::size_t kPiece =
        48; // payload octets a fragment: 200 of them fit a buffer, 300 do not
    EXPECT_EQ(router->verdict_of(good4().payload(counting(200 * kPiece))), Verdict::kForwarded);
    EXPECT_EQ(router->sent(kPlainOif).size(), 200U);
    EXPECT_EQ(router->verdict_of(good4().payload(counting(300 * kPiece))), Verdict::kFragFailed);
    EXPECT_EQ(router->sent(kPlainOif).size(), 0U);
}

TEST(Fragments_S6, ACopyIsLostWhenThePortTakesOnlySomeOfThem) {
    const auto router = router_with_mtu(576);
    router->port(kPlainOif).leave_room_for(2, support::Pools::get().received);

    EXPECT_EQ(router->verdict_of(good4().payload(1480)), Verdict::kTxFull);

    EXPECT_EQ(router->copies_sent(kPlainOif), 0U);
    EXPECT_EQ(router->copy_drops(kPlainOif, Verdict::kTxFull), 1U);
    EXPECT_EQ(router->counters(router->slot(kPlainOif)).out_frames.read(), 2U);
}

TEST(Fragments_S6, GroupsNeverStraddleAFlush) {
    const auto router = router_with_mtu(68);
    for (int k = 0; k < 9; ++k) // 31 fragments each: the buffer fills in the middle of the ninth
        router->put(TestRouter::kArrival, good4().payload(counting(1480)).build());

    router->turn();

    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), 9U);
    EXPECT_EQ(router->copies_sent(kPlainOif), 9U);
    EXPECT_EQ(router->sent(kPlainOif).size(), 9U * 31);
}

} // namespace
} // namespace dataplane_test
