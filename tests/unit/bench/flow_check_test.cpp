// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/durations.hpp"
#include "apps/bench/flow_check.hpp"

#include <gtest/gtest.h>

#include <initializer_list>

namespace {

using bench::Durations;
using bench::FlowCheck;
using bench::FlowCounts;

FlowCounts counts_after(std::initializer_list<std::uint32_t> sequences) {
    FlowCheck flow;
    for (const std::uint32_t sequence : sequences)
        flow.see(sequence);
    return flow.counts();
}

void expect(const FlowCounts &counts, std::uint64_t received, std::uint64_t lost,
            std::uint64_t duplicated, std::uint64_t reordered) {
    EXPECT_EQ(counts.received, received);
    EXPECT_EQ(counts.lost(), lost);
    EXPECT_EQ(counts.duplicated, duplicated);
    EXPECT_EQ(counts.reordered, reordered);
    EXPECT_EQ(counts.too_old, 0U);
}

TEST(FlowChecks, FindNothingWrongWithPacketsInOrder) {
    expect(counts_after({0, 1, 2, 3}), 4, 0, 0, 0);
}

TEST(FlowChecks, CallWhatNeverCameLostAndNothingElse) {
    expect(counts_after({0, 1, 3, 4}), 4, 1, 0, 0);
    expect(counts_after({2}), 1, 2, 0, 0); // numbers begin at 0
}

TEST(FlowChecks, CallTheSecondOfTwoADuplicateAndNothingElse) {
    expect(counts_after({0, 1, 1, 2, 3}), 4, 0, 1, 0);
    expect(counts_after({0, 1, 2, 3, 1, 1}), 4, 0, 2, 0);
}

TEST(FlowChecks, CallThePacketThatWasOvertakenReorderedAndNothingElse) {
    expect(counts_after({0, 2, 1, 3}), 4, 0, 0, 1);
    expect(counts_after({3, 2, 1, 0}), 4, 0, 0, 3);
}

TEST(FlowChecks, SetNoneOffAgainstAnother) {
    // 1 is lost, 4 comes twice, 3 late
    expect(counts_after({0, 2, 4, 4, 3}), 4, 1, 1, 1);
}

TEST(FlowChecks, LearnFromTheEndMarkWhatWasLostAtTheEnd) {
    FlowCheck flow;
    flow.see(0);
    EXPECT_FALSE(flow.has_ended());
    flow.end(5);
    flow.end(5);
    EXPECT_TRUE(flow.has_ended());
    expect(flow.counts(), 1, 4, 0, 0);
    flow.see(4); // after the mark
    expect(flow.counts(), 2, 3, 0, 1);
}

TEST(FlowChecks, KnowOfAFlowOfWhichOnlyTheMarkCame) {
    FlowCheck flow;
    flow.end(3);
    EXPECT_TRUE(flow.is_seen());
    expect(flow.counts(), 0, 3, 0, 0);
}

TEST(FlowChecks, TellDuplicatesFromLateOnesAsFarBackAsTheWindowGoes) {
    FlowCheck flow;
    for (std::uint32_t number = 0; number <= FlowCheck::kWindow; ++number)
        if (number != 1 && number != 7)
            flow.see(number);
    flow.see(1);
    flow.see(2);
    expect(flow.counts(), FlowCheck::kWindow, 1, 1, 1);
    flow.see(0); // one beyond
    EXPECT_EQ(flow.counts().too_old, 1U);
    EXPECT_EQ(flow.counts().duplicated, 1U);
}

TEST(FlowChecks, ForgetTheWindowWhenALongRunIsLost) {
    FlowCheck flow;
    flow.see(0);
    flow.see(3 * FlowCheck::kWindow);
    flow.see(3 * FlowCheck::kWindow - 5);
    expect(flow.counts(), 3, 3 * FlowCheck::kWindow + 1 - 3, 0, 1);
}

TEST(FlowChecks, CountOnBehindTheLargestNumber) {
    FlowCheck flow;
    for (std::uint32_t number = 0; number < 4; ++number)
        flow.see(number * 0x4000'0000U);
    flow.see(UINT32_MAX);
    flow.see(0);
    flow.see(1);
    flow.see(UINT32_MAX);
    expect(flow.counts(), 7, (std::uint64_t{1} << 32U) + 2 - 7, 1, 0);
}

TEST(Durations, KeepBothEndsAndTheMeanExactly) {
    Durations durations;
    for (const std::uint64_t cycles : {1'000'003U, 7U, 90U})
        durations.add(cycles);
    EXPECT_EQ(durations.count(), 3U);
    EXPECT_EQ(durations.least(), 7U);
    EXPECT_EQ(durations.most(), 1'000'003U);
    EXPECT_DOUBLE_EQ(durations.mean(), (1'000'003.0 + 7 + 90) / 3);
    EXPECT_EQ(Durations().percentile(0.5), 0U);
    EXPECT_EQ(Durations().least(), 0U);
}

TEST(Durations, GivePercentilesToAThirtySecond) {
    Durations durations;
    for (std::uint64_t k = 1; k <= 100'000; ++k)
        durations.add(k * 10);
    for (const double share : {0.001, 0.5, 0.9, 0.99, 0.9999}) {
        const double exact = share * 1'000'000;
        EXPECT_GE(static_cast<double>(durations.percentile(share)), exact);
        EXPECT_LE(static_cast<double>(durations.percentile(share)), exact * (1 + 1.0 / 32) + 10);
    }
    EXPECT_EQ(durations.percentile(1), 1'000'000U);
}

TEST(Durations, TakeTheLargestNumberThereIs) {
    Durations durations;
    durations.add(~std::uint64_t{0});
    durations.add(0);
    EXPECT_EQ(durations.percentile(1), ~std::uint64_t{0});
    EXPECT_EQ(durations.percentile(0.5), 0U);
}

} // namespace
