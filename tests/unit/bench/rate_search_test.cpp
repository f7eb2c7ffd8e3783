// SPDX-License-Identifier: BSD-3-Clause
// The search for the highest rate, against routers that are formulas.
#include "apps/bench/rate_search.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <vector>

namespace {

using bench::RateBounds;
using bench::RateSearch;
using bench::SearchSettings;

constexpr double kMost = 10e6;

/// Loses what is beyond `capacity`.
double loss_at(double rate, double capacity) {
    return rate <= capacity ? 0 : 1 - capacity / rate;
}

RateBounds find(RateSearch &search, double goal, const std::function<double(double)> &loss) {
    search.aim(goal);
    while (const std::optional<double> rate = search.next())
        search.add(*rate, loss(*rate));
    return search.bounds();
}

SearchSettings settings() {
    SearchSettings settings;
    settings.most = kMost;
    return settings;
}

class Capacities : public ::testing::TestWithParam<double> {};
INSTANTIATE_TEST_SUITE_P(RateSearch, Capacities,
                         ::testing::Values(9'500, 50e3, 1e6, 3.3e6, 9.9e6, 9.99e6));

TEST_P(Capacities, AreFoundToHalfAPercent) {
    RateSearch search(settings());
    const auto loss = [](double rate) { return loss_at(rate, GetParam()); };
    const RateBounds ndr = find(search, 0, loss);
    EXPECT_TRUE(ndr.is_exact);
    EXPECT_LE(ndr.lower, GetParam());
    EXPECT_GT(ndr.upper, GetParam());
    EXPECT_LE(ndr.upper - ndr.lower, 0.005 * ndr.upper);
    EXPECT_LE(search.trials(), 40U);
}

TEST_P(Capacities, ServeTheNextGoal) {
    RateSearch search(settings());
    const auto loss = [](double rate) { return loss_at(rate, GetParam()); };
    find(search, 0.005, loss);
    const unsigned before = search.trials();
    const RateBounds ndr = find(search, 0, loss);
    EXPECT_TRUE(ndr.is_exact);
    EXPECT_LE(ndr.lower, GetParam());
    EXPECT_LE(search.trials() - before, 20U);
}

TEST(RateSearch, AllowsTheLossOfItsGoal) {
    RateSearch search(settings());
    const RateBounds pdr = find(search, 0.005, [](double rate) { return loss_at(rate, 2e6); });
    EXPECT_LE(loss_at(pdr.lower, 2e6), 0.005);
    EXPECT_GT(loss_at(pdr.upper, 2e6), 0.005);
    EXPECT_GE(pdr.lower, 2e6 * 0.995);
}

TEST(RateSearch, EndsAtTheHighestRateWhereNothingIsLost) {
    RateSearch search(settings());
    const RateBounds bounds = find(search, 0, [](double) { return 0; });
    EXPECT_TRUE(bounds.is_exact);
    EXPECT_EQ(bounds.lower, kMost);
    EXPECT_EQ(bounds.upper, 0);
    EXPECT_EQ(search.trials(), 2U); // one alone may be luck
}

TEST(RateSearch, SaysThatEvenTheLeastRateLoses) {
    RateSearch search(settings());
    const RateBounds bounds = find(search, 0, [](double) { return 0.5; });
    EXPECT_EQ(bounds.lower, 0);
    EXPECT_EQ(bounds.upper, 9'000);
    EXPECT_LE(search.trials(), 40U);
}

TEST(RateSearch, ForgivesATrialThatFailedOnce) {
    for (unsigned spoilt = 0; spoilt < 12; ++spoilt) {
        RateSearch search(settings());
        unsigned number = 0;
        const RateBounds bounds = find(
            search, 0, [&](double rate) { return number++ == spoilt ? 0.01 : loss_at(rate, 4e6); });
        EXPECT_TRUE(bounds.is_exact);
        EXPECT_NEAR(bounds.lower, 4e6, 4e6 * 0.006) << spoilt;
    }
}

TEST(RateSearch, EndsWhenItMayTryNoMore) {
    SearchSettings few = settings();
    few.most_trials = 5;
    RateSearch search(few);
    const RateBounds bounds = find(search, 0, [](double rate) { return loss_at(rate, 3e6); });
    EXPECT_EQ(search.trials(), 5U);
    EXPECT_FALSE(bounds.is_exact);
    EXPECT_LE(bounds.lower, 3e6);
    EXPECT_GT(bounds.upper, 3e6);
}

} // namespace
