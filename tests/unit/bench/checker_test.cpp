// SPDX-License-Identifier: BSD-3-Clause
// Every fault of a copy is found, and counted as what it is and nothing else.
#include "apps/bench/checker.hpp"
#include "apps/bench/fault.hpp"
#include "apps/bench/stamp.hpp"
#include "support/packet_builder.hpp"

#include <gtest/gtest.h>

namespace {

using bench::Checker;
using bench::Fault;
using bench::Faults;
using bench::FaultyWire;
using bench::FrameOctets;
using bench::SequenceCheck;
using bench::Stamp;
using support::Octets;

constexpr mgm::MacAddress kMac{{2, 0, 0, 0, 0, 9}};

/// A stamped packet as it leaves: one hop further, checksum and all, from the port's MAC.
Octets copy_of(const Stamp &stamp, mgm::Family family = mgm::Family::kIpv4,
               std::size_t payload = 40) {
    const bool is_ipv4 = family == mgm::Family::kIpv4;
    const auto packet = [&](unsigned ttl, const Octets &body) {
        return support::PacketBuilder(is_ipv4 ? "198.18.0.9" : "2001:2::9",
                                      is_ipv4 ? "225.1.2.3" : "ff1e::3")
            .from_mac("02:00:00:00:00:09")
            .protocol(17)
            .ttl(ttl)
            .payload(body)
            .build();
    };
    Octets udp(8 + payload);
    udp[5] = static_cast<std::uint8_t>(udp.size());
    Octets received = packet(64, udp);
    bench::write_checked_stamp(received, family, stamp);
    const std::size_t udp_at = bench::stamp_offset(family) - 8;
    return packet(63,
                  Octets(received.begin() + static_cast<std::ptrdiff_t>(udp_at), received.end()));
}

/// What a port reports of flows 0 and 1, five packets each, over a wire with one fault.
Faults over_wire(Fault fault, std::uint64_t at, std::uint64_t random, mgm::Family family) {
    Checker checker({1, 1, 1, 2, false}, family, {kMac});
    FaultyWire wire(fault, at, random, family, [&](FrameOctets frame) { checker.check(0, frame); });
    for (std::uint32_t sequence = 0; sequence < 5; ++sequence)
        for (std::uint32_t flow = 0; flow < 2; ++flow)
            wire.pass(copy_of({flow, sequence, 0}, family));
    wire.end();
    EXPECT_EQ(wire.has_happened(), fault != Fault::kNone);
    return checker.finish({5, 5}).front();
}

class EachFamily : public ::testing::TestWithParam<mgm::Family> {};
INSTANTIATE_TEST_SUITE_P(Checker, EachFamily,
                         ::testing::Values(mgm::Family::kIpv4, mgm::Family::kIpv6));

TEST_P(EachFamily, NothingIsWrongWithWhatIsRight) {
    EXPECT_EQ(over_wire(Fault::kNone, 0, 0, GetParam()), (Faults{10, 0, 0, 0, 0, 0}));
}

TEST_P(EachFamily, ASpoiltOctetIsOneCorruptedFrameWhereverItIs) {
    const std::size_t octets = copy_of({0, 0, 0}, GetParam()).size() - bench::kStampIdentity;
    for (std::uint64_t octet = 0; octet < octets; ++octet)
        EXPECT_EQ(over_wire(Fault::kCorrupt, 4, octet, GetParam()), (Faults{10, 1, 0, 0, 0, 0}))
            << octet;
}

TEST_P(EachFamily, ADroppedFrameIsLostAndTheLastOfItsFlowToo) {
    for (const std::uint64_t at : {0U, 4U, 9U})
        EXPECT_EQ(over_wire(Fault::kDrop, at, 0, GetParam()), (Faults{9, 0, 1, 0, 0, 0}));
}

TEST_P(EachFamily, ASecondCopyIsADuplicate) {
    EXPECT_EQ(over_wire(Fault::kDuplicate, 4, 0, GetParam()), (Faults{11, 0, 0, 1, 0, 0}));
}

TEST_P(EachFamily, AnOvertakenFrameIsReorderedAndNotLost) {
    EXPECT_EQ(over_wire(Fault::kReorder, 4, 0, GetParam()), (Faults{10, 0, 0, 0, 1, 0}));
}

TEST(Checker, KnowsNotWhichFrameItWasWhenTheStampIsSpoilt) {
    Checker checker({1, 1, 1, 1, false}, mgm::Family::kIpv4, {kMac});
    Octets frame = copy_of({0, 0, 0});
    frame[bench::stamp_offset(mgm::Family::kIpv4) + 3] ^= 1U; // its number
    checker.check(0, frame);
    checker.check(0, copy_of({0, 1, 0}));
    EXPECT_EQ(checker.finish({2}).front(), (Faults{2, 1, 1, 0, 0, 0}));
}

TEST(Checker, TakesNoPaddingAndNoFragmentForAFrame) {
    Checker checker({1, 1, 1, 1, false}, mgm::Family::kIpv4, {kMac});
    Octets longer = copy_of({0, 0, 0});
    longer.push_back(0);
    checker.check(0, longer);
    checker.check(0, FrameOctets(longer).first(30));
    EXPECT_EQ(checker.finish({1}).front().corrupted, 2U);
}

TEST(Checker, DoesNotSetOffALossAgainstADuplicate) {
    Checker checker({1, 1, 1, 1, false}, mgm::Family::kIpv4, {kMac});
    for (const std::uint32_t sequence : {0U, 0U, 2U})
        checker.check(0, copy_of({0, sequence, 0}));
    EXPECT_EQ(checker.finish({3}).front(), (Faults{3, 0, 1, 1, 0, 0}));
}

TEST(Checker, SaysThatACopyIsNotForThisPort) {
    // Flow 0 leaves by ports 0 and 1 of three, flow 1 by 1 and 2; flow 2 has no entry.
    Checker checker({2, 2, 3, 2, false}, mgm::Family::kIpv4, {kMac, kMac, kMac});
    for (std::uint16_t port = 0; port < 3; ++port)
        for (std::uint32_t flow = 0; flow < 3; ++flow)
            checker.check(port, copy_of({flow, 0, 0}));
    const std::vector<Faults> ports = checker.finish({1, 1, 1});
    EXPECT_EQ(ports[0], (Faults{3, 0, 0, 0, 0, 2}));
    EXPECT_EQ(ports[1], (Faults{3, 0, 0, 0, 0, 1}));
    EXPECT_EQ(ports[2], (Faults{3, 0, 0, 0, 0, 2}));
}

/// Flow 1 may change from ports 0, 1 to 1, 2, flow 0 may not.
class Changes : public ::testing::Test {
protected:
    Checker checker{{2, 1, 3, 2, true}, mgm::Family::kIpv4, {kMac, kMac, kMac}};
    void copy(std::uint32_t sequence, const std::vector<std::uint16_t> &ports) {
        for (const std::uint16_t port : ports)
            checker.check(port, copy_of({1, sequence, 0}));
    }
};

TEST_F(Changes, BetweenTwoOlistsAreNoFault) {
    copy(0, {0, 1});
    copy(1, {1, 2});
    copy(2, {0, 1});
    for (const Faults &port : checker.finish({0, 3}))
        EXPECT_FALSE(port.any());
}

TEST_F(Changes, ToBothOlistsAtOnceAreADuplicate) {
    copy(0, {0, 1, 2});
    EXPECT_EQ(checker.finish({0, 1})[2].duplicated, 1U);
}

TEST_F(Changes, ToNeitherOfThemAreALoss) {
    copy(0, {1});
    copy(1, {0, 1});
    EXPECT_EQ(checker.finish({0, 2})[0].lost, 1U);
}

TEST_F(Changes, AreNotForFlowsThatKeepTheirOlist) {
    checker.check(1, copy_of({0, 0, 0}));
    checker.check(2, copy_of({0, 0, 0}));
    const std::vector<Faults> ports = checker.finish({1, 0});
    EXPECT_EQ(ports[0].lost, 1U);
    EXPECT_EQ(ports[2].misdirected, 1U);
}

TEST(Sequences, KnowALateOneFromASecondOne) {
    using Arrival = SequenceCheck::Arrival;
    SequenceCheck check(2);
    EXPECT_EQ(check.note(1, 0), Arrival::kInOrder);
    EXPECT_EQ(check.note(1, 5), Arrival::kInOrder);
    EXPECT_EQ(check.lost(1, 6), 4U);
    EXPECT_EQ(check.note(1, 3), Arrival::kReordered);
    EXPECT_EQ(check.note(1, 3), Arrival::kDuplicate);
    EXPECT_EQ(check.note(1, 1), Arrival::kReordered);
    EXPECT_EQ(check.note(1, 4), Arrival::kReordered);
    EXPECT_EQ(check.note(1, 0), Arrival::kDuplicate);
    EXPECT_EQ(check.lost(1, 6), 1U);
    EXPECT_EQ(check.lost(1, 8), 3U);
    EXPECT_EQ(check.lost(0, 0), 0U);
}

TEST(Stamps, ComeBackAsTheyWere) {
    const Stamp stamp{0xabcdef, 0xffff'fffe, bench::kTimeMask - 3};
    const Octets frame = copy_of(stamp);
    EXPECT_EQ(bench::read_checked_stamp(frame, mgm::Family::kIpv4), stamp);
    Octets payload(bench::kStampOctets);
    EXPECT_FALSE(bench::read_timed_stamp(payload.data()));
    bench::write_timed_stamp(payload.data(), stamp);
    EXPECT_EQ(bench::read_timed_stamp(payload.data()), stamp);
}

} // namespace
