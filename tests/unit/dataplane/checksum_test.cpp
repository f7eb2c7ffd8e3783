// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/checksum.hpp"
#include "dataplane/token_bucket.hpp"
#include "support/packet_builder.hpp"

#include <gtest/gtest.h>

namespace dataplane_test {
namespace {

using support::Octets;

/// A header of which only three words count: TTL with protocol, the checksum, and one that brings
/// the sum to any value.
Octets header_with(unsigned ttl_word, unsigned filler) {
    return {0x45,
            0,
            static_cast<std::uint8_t>(filler >> 8),
            static_cast<std::uint8_t>(filler),
            static_cast<std::uint8_t>(ttl_word >> 8),
            static_cast<std::uint8_t>(ttl_word)};
}

TEST(Checksum_S1_4, EqualsTheFullSumForEveryChecksumAndEveryTtl) {
    for (unsigned ttl = 1; ttl <= 255; ++ttl) {
        const unsigned protocol = (ttl * 37) & 0xff;
        for (unsigned filler = 0; filler <= 0xffff; filler += ttl % 16 == 1 ? 1 : 251) {
            Octets header = header_with(ttl << 8 | protocol, filler);
            const std::uint16_t before = support::internet_checksum(header);
            --header[4];
            const std::uint16_t after = support::internet_checksum(header);

            const std::uint16_t incremental =
                dataplane::checksum_after_hop(rte_cpu_to_be_16(before));

            ASSERT_EQ(rte_be_to_cpu_16(incremental), after) << "ttl " << ttl << " sum " << filler;
        }
    }
}

TEST(Checksum_S1_4, AFieldOfAllOnesCountsAsZero) {
    EXPECT_EQ(dataplane::checksum_after_hop(0xffff), dataplane::checksum_after_hop(0x0000));
}

TEST(TokenBucket_S1_5, GivesASecondsWorthAtOnceAndThenTheRate) {
    dataplane::TokenBucket bucket(5, 1000);
    for (int k = 0; k < 5; ++k)
        EXPECT_TRUE(bucket.take(70'000));
    EXPECT_FALSE(bucket.take(70'000));
    EXPECT_FALSE(bucket.take(70'199));
    EXPECT_TRUE(bucket.take(70'200));
    EXPECT_FALSE(bucket.take(70'201));
    for (int k = 0; k < 5; ++k) // a long pause saves up no more than a second
        EXPECT_TRUE(bucket.take(900'000));
    EXPECT_FALSE(bucket.take(900'000));
}

TEST(TokenBucket_S1_5, AClockThatStepsBackGivesNothing) {
    dataplane::TokenBucket bucket(1, 1000);
    EXPECT_TRUE(bucket.take(5000));
    EXPECT_FALSE(bucket.take(3000));
    EXPECT_FALSE(bucket.take(5500));
    EXPECT_TRUE(bucket.take(6000));
}

TEST(TokenBucket_S1_5, RateZeroNeverGivesAToken) {
    dataplane::TokenBucket bucket(0, 1000);
    EXPECT_FALSE(bucket.take(1));
    EXPECT_FALSE(bucket.take(1'000'000));
}

} // namespace
} // namespace dataplane_test
