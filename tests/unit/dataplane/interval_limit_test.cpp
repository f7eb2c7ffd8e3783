// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/interval_limit.hpp"

#include <gtest/gtest.h>

#include <map>
#include <random>

namespace dataplane_test {
namespace {

using dataplane::IntervalLimit;
using Answer = IntervalLimit::Answer;

constexpr std::uint64_t kKey = 0x1234'5678'9abc'def0, kInterval = 3000;

TEST(IntervalLimit_S6, SaysYesOnceInAnInterval) {
    IntervalLimit limit(37, kInterval);
    EXPECT_EQ(limit.ask(kKey, 77), Answer::kYes);
    limit.note(kKey, 77);
    EXPECT_EQ(limit.ask(kKey, 77), Answer::kTooSoon);
    EXPECT_EQ(limit.ask(kKey, 77 + kInterval - 1), Answer::kTooSoon);
    EXPECT_EQ(limit.ask(kKey + 1, 78), Answer::kYes) << "another key";
    EXPECT_EQ(limit.ask(kKey, 77 + kInterval), Answer::kYes);
    EXPECT_EQ(limit.ask(kKey, 76), Answer::kTooSoon) << "a clock that steps back ends no interval";
}

TEST(IntervalLimit_S6, AYesThatWasNotUsedCostsNothing) {
    IntervalLimit limit(37, kInterval);
    EXPECT_EQ(limit.ask(kKey, 5), Answer::kYes);
    EXPECT_EQ(limit.ask(kKey, 5), Answer::kYes);
    EXPECT_EQ(limit.ask(0, 0), Answer::kYes) << "no key is special";
}

TEST(IntervalLimit_S6, RefusesAKeyRatherThanForgettingOne) {
    IntervalLimit limit(0, kInterval); // one set of four
    for (std::uint64_t key = 0; key < 4; ++key) {
        ASSERT_EQ(limit.ask(key, 100 + key), Answer::kYes);
        limit.note(key, 100 + key);
    }
    EXPECT_EQ(limit.ask(37, 200), Answer::kNoRoom);
    for (std::uint64_t key = 0; key < 4; ++key)
        EXPECT_EQ(limit.ask(key, 200), Answer::kTooSoon);
    EXPECT_EQ(limit.ask(37, 100 + kInterval), Answer::kYes) << "the first one's place";
    limit.note(37, 100 + kInterval);
    EXPECT_EQ(limit.ask(0, 100 + kInterval), Answer::kNoRoom);
    EXPECT_EQ(limit.ask(1, 100 + kInterval), Answer::kTooSoon);
}

TEST(IntervalLimit_S6, AFloodOfKeysNeverGetsTwoInAnInterval) {
    IntervalLimit limit(64, kInterval);
    std::minstd_rand random(37);
    std::map<std::uint64_t, std::uint64_t> last;
    unsigned yes = 0;
    for (std::uint64_t now = 1; now < 100'000; ++now) {
        const std::uint64_t key = (random() % 500) * 0x9e37'79b9'7f4a'7c15;
        if (limit.ask(key, now) != Answer::kYes)
            continue;
        limit.note(key, now);
        const auto [known, is_new] = last.try_emplace(key, now);
        ASSERT_TRUE(is_new || now - known->second >= kInterval);
        known->second = now;
        ++yes;
    }
    EXPECT_GT(yes, 64U * 30) << "it still says yes as often as it has places";
}

} // namespace
} // namespace dataplane_test
