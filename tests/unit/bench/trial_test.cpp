// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/trial.hpp"

#include <gtest/gtest.h>

namespace {

using bench::RowResult;
using bench::Spread;
using bench::Subject;
using bench::Target;
using bench::Trial;

Trial trial(Subject subject, unsigned repeat, std::uint64_t cycles, std::string invalid = {}) {
    Trial made;
    made.subject = subject;
    made.repeat = repeat;
    made.meter.packets = 1000;
    made.meter.cycles = cycles * 1000;
    made.copies = 4000;
    made.invalid = std::move(invalid);
    return made;
}

RowResult row(std::string name, std::vector<Trial> trials, std::optional<Target> target = {}) {
    RowResult made;
    made.row.scenario.name = std::move(name);
    made.row.target = std::move(target);
    made.trials = std::move(trials);
    return made;
}

TEST(Spreads, AreTheMedianAndBothEnds) {
    const Spread odd = Spread::of({9, 2, 4});
    EXPECT_EQ(odd.median, 4);
    EXPECT_EQ(odd.least, 2);
    EXPECT_EQ(odd.most, 9);
    EXPECT_DOUBLE_EQ(odd.share(), 3.5 / 4);
    EXPECT_EQ(Spread::of({1, 2, 4, 100}).median, 3);
    EXPECT_EQ(Spread::of({}).median, 0);
    EXPECT_EQ(Spread::of({}).share(), 0);
}

TEST(Results, LeaveOutTrialsThatDoNotCount) {
    const RowResult result =
        row("a", {trial(Subject::kRouter, 1, 100), trial(Subject::kRouter, 2, 999, "noise"),
                  trial(Subject::kRouter, 3, 120)});
    EXPECT_EQ(result.cost(Subject::kRouter).median, 110);
    EXPECT_EQ(result.cost(Subject::kRouter).most, 120);
    EXPECT_FALSE(result.has(Subject::kFloor));
}

TEST(Results, CompareTrialsOfTheSameRoundOnly) {
    // The machine was twice as slow in the second round: the ratio does not notice.
    const RowResult result =
        row("a", {trial(Subject::kRouter, 1, 110), trial(Subject::kFloor, 1, 100),
                  trial(Subject::kRouter, 2, 220), trial(Subject::kFloor, 2, 200)});
    EXPECT_DOUBLE_EQ(result.ratio().median, 1.1);
    EXPECT_DOUBLE_EQ(result.ratio().share(), 0);
}

TEST(Results, TakeTheCheaperFloor) {
    const RowResult result =
        row("a", {trial(Subject::kRouter, 1, 90), trial(Subject::kFloor, 1, 100),
                  trial(Subject::kFlat, 1, 60)});
    EXPECT_EQ(result.best_floor(), Subject::kFlat);
    EXPECT_DOUBLE_EQ(result.ratio().median, 1.5);
}

TEST(Results, SayWhenMakingPacketsWasMostOfTheCost) {
    EXPECT_TRUE(row("a", {trial(Subject::kRouter, 1, 100), trial(Subject::kGenerator, 1, 81)})
                    .is_generator_limited());
    EXPECT_FALSE(row("a", {trial(Subject::kRouter, 1, 100), trial(Subject::kGenerator, 1, 79)})
                     .is_generator_limited());
}

TEST(Results, AreRatesByTheTsc) {
    const RowResult result = row("a", {trial(Subject::kRouter, 1, 100)});
    EXPECT_DOUBLE_EQ(result.million_packets(Subject::kRouter, 2.5e9), 25);
    EXPECT_DOUBLE_EQ(result.copies_a_packet(Subject::kRouter), 4);
}

TEST(Targets, AreMetUpToTheirLimit) {
    const std::vector<RowResult> all{
        row("quiet", {trial(Subject::kRouter, 1, 100), trial(Subject::kFloor, 1, 80)},
            Target{1.25, ""}),
        row("busy", {trial(Subject::kRouter, 1, 141)}, Target{1.4, "quiet"}),
        row("lost", {trial(Subject::kRouter, 1, 1)}, Target{1.4, "nowhere"}),
        row("free", {trial(Subject::kRouter, 1, 1)})};
    ASSERT_TRUE(judge(all[0], all));
    EXPECT_TRUE(judge(all[0], all)->is_met);
    EXPECT_DOUBLE_EQ(judge(all[0], all)->value, 1.25);
    EXPECT_FALSE(judge(all[1], all)->is_met);
    EXPECT_DOUBLE_EQ(judge(all[1], all)->value, 1.41);
    EXPECT_FALSE(judge(all[2], all));
    EXPECT_FALSE(judge(all[3], all));
}

} // namespace
