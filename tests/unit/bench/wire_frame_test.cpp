// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/wire_frame.hpp"
#include "support/packet_builder.hpp"

#include <gtest/gtest.h>

namespace {

using bench::read_wire_frame;
using bench::Scenario;
using bench::Traffic;
using bench::WireFrame;
using bench::WireStamp;
using support::Octets;
using Kind = WireFrame::Kind;

constexpr WireStamp kStamp{4711, 0xfedc'ba98, 0x0123'4567'89ab'cdef, false};

Scenario scenario_of(mgm::Family family, std::uint16_t octets) {
    Scenario scenario;
    scenario.family = family;
    scenario.sizes = {{octets, 1}};
    scenario.groups = 3;
    return scenario;
}
Octets frame_of(mgm::Family family, std::uint16_t octets, const WireStamp &stamp = kStamp) {
    const Traffic traffic(scenario_of(family, octets), 3, 1);
    Octets frame(traffic.longest(), 0xff);
    EXPECT_EQ(write_wire_frame(frame.data(), traffic, 5, stamp), frame.size());
    return frame;
}
Kind kind_of(const Octets &frame) {
    return read_wire_frame(frame).kind;
}

class WireFrames : public ::testing::TestWithParam<std::tuple<mgm::Family, std::uint16_t>> {
protected:
    static Octets frame(const WireStamp &stamp = kStamp) {
        return frame_of(std::get<0>(GetParam()), std::get<1>(GetParam()), stamp);
    }
};

TEST_P(WireFrames, AreAsLongAsTheirSizeSaysAndCarryTheStamp) {
    for (const bool is_end : {false, true}) {
        WireStamp stamp = kStamp;
        stamp.is_end = is_end;
        const Octets octets = frame(stamp);
        EXPECT_EQ(octets.size(), std::get<1>(GetParam()) - 4U); // without FCS

        const WireFrame read = read_wire_frame(octets);

        ASSERT_EQ(read.kind, Kind::kStamped);
        EXPECT_EQ(read.stamp.flow, stamp.flow);
        EXPECT_EQ(read.stamp.sequence, stamp.sequence);
        EXPECT_EQ(read.stamp.cycles, stamp.cycles);
        EXPECT_EQ(read.stamp.is_end, is_end);
    }
}

TEST_P(WireFrames, AreReadBehindAVlanTagToo) {
    Octets octets = frame();
    octets.insert(octets.begin() + 12, {0x81, 0x00, 0x00, 0x64});
    EXPECT_EQ(kind_of(octets), Kind::kStamped);
}

TEST_P(WireFrames, SurviveWhatARouterChanges) {
    Octets octets = frame();
    octets[6] = 0x02; // source MAC
    if (std::get<0>(GetParam()) == mgm::Family::kIpv4) {
        octets[14 + 8] = static_cast<std::uint8_t>(octets[14 + 8] - 1);
        octets[14 + 10] = octets[14 + 11] = 0;
        const std::uint16_t sum =
            support::internet_checksum(Octets(octets.begin() + 14, octets.begin() + 34));
        octets[14 + 10] = static_cast<std::uint8_t>(sum >> 8U);
        octets[14 + 11] = static_cast<std::uint8_t>(sum);
    } else {
        octets[14 + 7] = static_cast<std::uint8_t>(octets[14 + 7] - 1);
    }
    EXPECT_EQ(kind_of(octets), Kind::kStamped);
}

TEST_P(WireFrames, AreCorruptedWhereverABitOfThePayloadIsWrong) {
    const Octets right = frame();
    const std::size_t payload = std::get<0>(GetParam()) == mgm::Family::kIpv4 ? 42 : 62;
    for (std::size_t at = payload; at < right.size(); ++at) {
        Octets wrong = right;
        wrong[at] ^= static_cast<std::uint8_t>(1U << (at % 8));
        ASSERT_EQ(kind_of(wrong), Kind::kCorrupted) << "octet " << at;
    }
}

TEST_P(WireFrames, AreNeverTakenForStampedWhenCutShort) {
    const Octets right = frame();
    for (std::size_t octets = 0; octets < right.size(); ++octets)
        ASSERT_NE(kind_of(Octets(right.begin(), right.begin() + static_cast<int>(octets))),
                  Kind::kStamped)
            << octets;
}

INSTANTIATE_TEST_SUITE_P(Families, WireFrames,
                         ::testing::Values(std::tuple(mgm::Family::kIpv4, 64),
                                           std::tuple(mgm::Family::kIpv4, 1518),
                                           std::tuple(mgm::Family::kIpv6, 84),
                                           std::tuple(mgm::Family::kIpv6, 601)));

TEST(OtherFrames, AreNotOurs) {
    EXPECT_EQ(kind_of(support::ipv4("198.51.100.2", "225.0.0.7").payload(60).build()),
              Kind::kOther);
    EXPECT_EQ(kind_of(support::ipv6("2001:db8::2", "ff1e::7").payload(60).build()), Kind::kOther);
    EXPECT_EQ(kind_of(Octets(200, 0)), Kind::kOther);
    EXPECT_EQ(kind_of({}), Kind::kOther);
}

TEST(OtherFrames, AreThoseOfMoreFlowsThanAreKeptApart) {
    WireStamp stamp = kStamp;
    stamp.flow = WireStamp::kMostFlows - 1;
    EXPECT_EQ(kind_of(frame_of(mgm::Family::kIpv4, 64, stamp)), Kind::kStamped);
    stamp.flow = WireStamp::kMostFlows;
    EXPECT_EQ(kind_of(frame_of(mgm::Family::kIpv4, 64, stamp)), Kind::kOther);
}

} // namespace
