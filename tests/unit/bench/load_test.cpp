// SPDX-License-Identifier: BSD-3-Clause
// Packets that arrive by a clock, and what is counted of them.
#include "apps/bench/histogram.hpp"
#include "apps/bench/rx_ring.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using bench::Histogram;
using bench::Load;
using bench::Offered;
using bench::RxRing;

constexpr double kHz = 1e9; ///< a cycle is a nanosecond
constexpr std::uint64_t kMicrosecond = 1000;

Load load(double pps, double seconds, std::uint64_t packets, std::uint32_t descriptors) {
    return {pps, seconds, packets, descriptors};
}

TEST(RxRing, GivesWhatHasArrivedSoFar) {
    RxRing ring(load(1e6, 1, 0, 1024), kHz);
    EXPECT_EQ(ring.waiting(0, 32), 0U);
    EXPECT_EQ(ring.waiting(5 * kMicrosecond, 32), 5U);
    EXPECT_EQ(ring.waiting(5 * kMicrosecond, 3), 3U);
    ring.take(3);
    EXPECT_EQ(ring.waiting(7 * kMicrosecond, 32), 4U);
}

TEST(RxRing, LosesWhatHasNoDescriptor) {
    RxRing ring(load(1e6, 1, 0, 16), kHz);
    EXPECT_EQ(ring.waiting(16 * kMicrosecond, 32), 16U);
    EXPECT_EQ(ring.lost(), 0U);
    EXPECT_EQ(ring.waiting(20 * kMicrosecond, 32), 16U);
    EXPECT_EQ(ring.lost(), 4U);
    ring.take(16);
    EXPECT_EQ(ring.waiting(21 * kMicrosecond, 32), 1U);
    EXPECT_EQ(ring.lost(), 4U);
}

TEST(RxRing, WithoutDescriptorsLosesNothing) {
    RxRing ring(load(1e6, 1, 0, 0), kHz);
    EXPECT_EQ(ring.waiting(100'000 * kMicrosecond, 200'000), 100'000U);
    EXPECT_EQ(ring.lost(), 0U);
}

TEST(RxRing, IsDoneWhenAllIsFetchedOrLost) {
    RxRing ring(load(1e6, 20e-6, 0, 16), kHz);
    EXPECT_EQ(ring.waiting(500 * kMicrosecond, 32), 16U); // 20 have arrived, no more ever will
    EXPECT_FALSE(ring.is_done());
    ring.take(16);
    EXPECT_TRUE(ring.is_done());
    EXPECT_EQ(ring.taken() + ring.lost(), 20U);
}

TEST(RxRing, WithoutARateGivesAllThatIsAskedFor) {
    RxRing ring(load(0, 0, 40, 0), kHz);
    EXPECT_EQ(ring.waiting(0, 32), 32U);
    ring.take(32);
    EXPECT_EQ(ring.waiting(0, 32), 8U);
    ring.take(8);
    EXPECT_TRUE(ring.is_done());
}

TEST(Offered, FallsShortBelowAThousandth) {
    Offered offered;
    offered.pps = 5; // no rate was wanted
    EXPECT_FALSE(offered.falls_short());
    offered.intended_pps = 1'000'000;
    offered.pps = 999'001;
    EXPECT_FALSE(offered.falls_short());
    offered.pps = 998'999;
    EXPECT_TRUE(offered.falls_short());
}

TEST(Histogram, KnowsSmallValuesExactly) {
    Histogram histogram;
    for (std::uint64_t value = 0; value < 100; ++value)
        histogram.record(value);
    EXPECT_EQ(histogram.percentile(50), 49U);
    EXPECT_EQ(histogram.percentile(99), 98U);
    EXPECT_EQ(histogram.percentile(100), 99U);
    EXPECT_EQ(histogram.count(), 100U);
    EXPECT_DOUBLE_EQ(histogram.average(), 49.5);
}

TEST(Histogram, KnowsLargeValuesToASixtyFourth) {
    for (std::uint64_t value = 1; value < (1ULL << 62U); value = value * 3 + 1) {
        Histogram histogram;
        histogram.record(0);
        histogram.record(value);
        histogram.record(UINT64_MAX);
        const std::uint64_t middle = histogram.percentile(60);
        EXPECT_GE(middle, value);
        EXPECT_LE(middle - value, value / 64);
    }
}

TEST(Histogram, NeverSaysMoreThanTheMostNorLessThanTheLeast) {
    Histogram histogram;
    histogram.record(1'000'001);
    EXPECT_EQ(histogram.percentile(0), 1'000'001U);
    EXPECT_EQ(histogram.percentile(99.99), 1'000'001U);
    EXPECT_EQ(histogram.min(), histogram.max());
}

TEST(Histogram, OfSeveralPortsIsThatOfAllTheirValues) {
    Histogram first, second;
    first.record(10);
    second.record(30);
    second.record(20);
    first.add(second);
    EXPECT_EQ(first.count(), 3U);
    EXPECT_EQ(first.min(), 10U);
    EXPECT_EQ(first.percentile(50), 20U);
    EXPECT_EQ(first.max(), 30U);
    first.add(Histogram());
    EXPECT_EQ(first.min(), 10U);
}

TEST(Histogram, OfNothingIsZero) {
    EXPECT_EQ(Histogram().percentile(99.9), 0U);
    EXPECT_EQ(Histogram().min(), 0U);
    EXPECT_EQ(Histogram().average(), 0);
}

} // namespace
