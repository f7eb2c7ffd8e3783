// SPDX-License-Identifier: BSD-3-Clause
// The table alone; its packets have no mbufs, and are told apart by their length.
#include "dataplane/held_packets.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <map>
#include <random>

namespace dataplane_test {
namespace {

using dataplane::HeldPacket;
using dataplane::HeldPackets;
using Room = HeldPackets::Room;

constexpr mgm::HashSalt kSalt{0x0123'4567'89ab'cdef, 0xfedc'ba98'7654'3210};
constexpr auto kNowhere = HeldPackets::kNoPlace;

mgm::AnyFlow flow(std::uint32_t number, std::uint32_t vrf = 0) {
    return mgm::any_flow<mgm::Family::kIpv4>({{0x0a000000U + number}, {0x0703ffefU}, vrf});
}

HeldPacket packet(std::uint32_t number) {
    HeldPacket packet{nullptr, mgm::IfSlot{7}, mgm::IfIndex{11}, {}};
    packet.header.packet_octets = number;
    return packet;
}

/// Everything that is held for `flow`, as numbers; the flow is forgotten.
std::vector<std::uint32_t> take_all(HeldPackets &held, const mgm::AnyFlow &flow) {
    std::vector<std::uint32_t> numbers;
    const auto place = held.find(flow);
    std::array<HeldPacket, 5> packets;
    while (const unsigned count = held.take(place, packets))
        for (unsigned i = 0; i < count; ++i)
            numbers.push_back(packets[i].header.packet_octets);
    held.close(place);
    return numbers;
}

TEST(HeldPackets_S6, GiveAFlowsPacketsBackInTheirOrder) {
    HeldPackets held({.flows = 37, .packets_per_flow = 13, .packets = 100, .life = 10}, kSalt);
    const auto place = held.open(flow(1), 5);
    const auto other = held.open(flow(2), 5);
    for (std::uint32_t k = 1; k <= 13; ++k) {
        ASSERT_EQ(held.room_for(place), Room::kYes);
        held.add(place, packet(k));
        if (k % 3 == 0)
            held.add(other, packet(100 + k));
    }
    EXPECT_EQ(held.room_for(place), Room::kFlowFull);
    EXPECT_EQ(held.packets(), 17U);
    EXPECT_EQ(take_all(held, flow(1)),
              (std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13}));
    EXPECT_EQ(take_all(held, flow(2)), (std::vector<std::uint32_t>{103, 106, 109, 112}));
    EXPECT_EQ(held.packets(), 0U);
    EXPECT_EQ(held.flows(), 0U);
}

TEST(HeldPackets_S6, TellFlowsApartByEveryField) {
    HeldPackets held({.flows = 37, .packets_per_flow = 1, .packets = 9, .life = 10}, kSalt);
    const mgm::AnyFlow first = flow(1);
    ASSERT_NE(held.open(first, 1), kNowhere);
    mgm::AnyFlow other_source = first, other_group = first, other_family = first;
    other_source.source[15] = 1;
    other_group.group[15] = 1;
    other_family.family = mgm::Family::kIpv6;
    for (const mgm::AnyFlow &other : {other_source, other_group, other_family, flow(1, 3)})
        EXPECT_EQ(held.find(other), kNowhere);
    EXPECT_EQ(held.open(first, 2), held.find(first)) << "it has its place";
    EXPECT_EQ(held.flows(), 1U);
}

TEST(HeldPackets_S6, KnowTheFlowThatHasWaitedLongest) {
    HeldPackets held({.flows = 5, .packets_per_flow = 1, .packets = 5, .life = 100}, kSalt);
    EXPECT_EQ(held.oldest(), kNowhere);
    const auto first = held.open(flow(31), 1000);
    const auto second = held.open(flow(17), 1007);
    const auto third = held.open(flow(23), 1009);
    EXPECT_EQ(held.open(flow(31), 1090), first) << "asking again makes it no younger";
    EXPECT_EQ(held.oldest(), first);
    EXPECT_FALSE(held.is_over(first, 1099));
    EXPECT_TRUE(held.is_over(first, 1100));
    EXPECT_FALSE(held.is_over(first, 999)) << "a clock that steps back ends no life";
    held.close(second);
    held.close(first);
    EXPECT_EQ(held.oldest(), third);
    EXPECT_EQ(held.flow(third), flow(23));
    held.close(third);
    EXPECT_EQ(held.oldest(), kNowhere);
}

TEST(HeldPackets_S6, ForgetWithTheFlowThatItWasSignalled) {
    HeldPackets held({.flows = 1, .packets_per_flow = 1, .packets = 1, .life = 1}, kSalt);
    const auto place = held.open(flow(1), 1);
    EXPECT_FALSE(held.is_signalled(place));
    held.set_signalled(place);
    EXPECT_TRUE(held.is_signalled(held.open(flow(1), 2)));
    held.close(place);
    EXPECT_FALSE(held.is_signalled(held.open(flow(2), 3)));
}

TEST(HeldPackets_S6, TakeAllTheFlowsThatTheyAreMadeForAndNotOneMore) {
    HeldPackets held({.flows = 4096, .packets_per_flow = 8, .packets = 3, .life = 1}, kSalt);
    for (std::uint32_t k = 0; k < 4096; ++k)
        ASSERT_NE(held.open(flow(k), k), kNowhere) << k;
    EXPECT_EQ(held.open(flow(4096), 5000), kNowhere);
    EXPECT_NE(held.open(flow(4095), 5000), kNowhere) << "a known one has its place";
    for (std::uint32_t k = 0; k < 3; ++k)
        held.add(held.find(flow(k)), packet(k + 1));
    EXPECT_EQ(held.room_for(held.find(flow(7))), Room::kFull);
    EXPECT_EQ(take_all(held, flow(1)), std::vector<std::uint32_t>{2});
    EXPECT_EQ(held.room_for(held.find(flow(7))), Room::kYes);
    EXPECT_NE(held.open(flow(4096), 5000), kNowhere);
}

TEST(HeldPackets_S6, OfNoSizeHoldNothing) {
    HeldPackets none({}, kSalt);
    EXPECT_EQ(none.open(flow(1), 1), kNowhere);
    EXPECT_EQ(none.find(flow(1)), kNowhere);
    EXPECT_EQ(none.oldest(), kNowhere);
}

/// The same as queues in a map.
struct Model {
    std::map<std::uint32_t, std::deque<std::uint32_t>> flows;
    std::size_t packets = 0;

    [[nodiscard]] Room room_for(std::uint32_t flow) const {
        if (flows.at(flow).size() == 7)
            return Room::kFlowFull;
        return packets == 150 ? Room::kFull : Room::kYes;
    }
};

/// A packet comes for a flow.
void hold(HeldPackets &held, Model &model, std::uint32_t number, std::uint32_t step) {
    const bool is_known = model.flows.contains(number);
    const auto place = held.open(flow(number), step);
    ASSERT_EQ(place == kNowhere, !is_known && model.flows.size() == 61);
    if (place == kNowhere)
        return;
    auto &queue = model.flows[number];
    ASSERT_EQ(held.room_for(place), model.room_for(number));
    if (held.room_for(place) != Room::kYes)
        return;
    held.add(place, packet(step));
    queue.push_back(step);
    ++model.packets;
}

/// A flow is let go, if it waits.
void let_go(HeldPackets &held, Model &model, std::uint32_t number) {
    const auto known = model.flows.find(number);
    ASSERT_EQ(held.find(flow(number)) == kNowhere, known == model.flows.end());
    if (known == model.flows.end())
        return;
    const auto taken = take_all(held, flow(number));
    ASSERT_EQ(taken, std::vector(known->second.begin(), known->second.end()));
    model.packets -= taken.size();
    model.flows.erase(known);
}

TEST(HeldPackets_S6, DoWhatQueuesInAMapDo) {
    HeldPackets held({.flows = 61, .packets_per_flow = 7, .packets = 150, .life = 1}, kSalt);
    Model model;
    std::minstd_rand random(37);
    for (std::uint32_t step = 1; step < 50'000; ++step) {
        const auto number = static_cast<std::uint32_t>(random() % 97);
        if (random() % 8 != 0)
            hold(held, model, number, step);
        else
            let_go(held, model, number);
        ASSERT_FALSE(HasFatalFailure()) << "in step " << step;
        ASSERT_EQ(held.packets(), model.packets);
        ASSERT_EQ(held.flows(), model.flows.size());
    }
}

} // namespace
} // namespace dataplane_test
