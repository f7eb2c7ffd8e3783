// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/compare.hpp"
#include "apps/bench/output.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace {

using bench::compare;
using bench::Subject;
using ::testing::HasSubstr;
using ::testing::Not;

/// Cycles a packet of the router in each repeat; the floor has 100 in all.
bench::RowResult row(std::string name, const std::vector<std::uint64_t> &costs) {
    bench::RowResult made;
    made.row.scenario.name = std::move(name);
    unsigned repeat = 0;
    for (const std::uint64_t cost : costs) {
        ++repeat;
        for (const Subject subject : {Subject::kRouter, Subject::kFloor}) {
            bench::Trial trial;
            trial.subject = subject;
            trial.repeat = repeat;
            trial.meter.packets = 1;
            trial.meter.cycles = subject == Subject::kRouter ? cost : 100;
            made.trials.push_back(trial);
        }
    }
    return made;
}

std::string json_of(std::vector<bench::RowResult> rows, std::string cpu = "one") {
    bench::Report report;
    report.machine.cpu = std::move(cpu);
    report.machine.tsc_hz = 1e9;
    report.rows = std::move(rows);
    return bench::to_json(report);
}

TEST(Compare, CallsDifferentWhatLiesOutsideBothSpreads) {
    const auto comparison =
        compare(json_of({row("up", {110, 120, 130}), row("down", {110, 120, 130}),
                         row("near", {110, 120, 130})}),
                json_of({row("up", {131, 140, 150}), row("down", {90, 99, 109}),
                         row("near", {130, 140, 150})}));
    ASSERT_TRUE(comparison);
    EXPECT_EQ(comparison->slower, 1U);
    EXPECT_EQ(comparison->faster, 1U);
    EXPECT_THAT(comparison->text, HasSubstr("SLOWER +16.7 %"));
    EXPECT_THAT(comparison->text, HasSubstr("faster -17.5 %"));
    EXPECT_THAT(comparison->text, HasSubstr("same"));
}

TEST(Compare, ListsWhatOnlyOneOfThemHas) {
    const auto comparison = compare(json_of({row("old", {1})}), json_of({row("young", {1})}));
    ASSERT_TRUE(comparison);
    EXPECT_THAT(comparison->text, HasSubstr("gone"));
    EXPECT_THAT(comparison->text, HasSubstr("new"));
    EXPECT_EQ(comparison->slower + comparison->faster, 0U);
}

TEST(Compare, SaysThatTheMachinesDiffer) {
    const std::string one = json_of({row("a", {1})});
    EXPECT_THAT(compare(one, json_of({row("a", {1})}, "another"))->text,
                HasSubstr("not the same cpu: 'one' and 'another'"));
    EXPECT_THAT(compare(one, one)->text, Not(HasSubstr("not the same")));
}

TEST(Compare, RefusesWhatIsNoResult) {
    const std::string good = json_of({row("a", {1})});
    for (const char *text : {"", "{", "[]", "{}", "3", R"({"schema": 99, "rows": []})",
                             R"({"schema": 2})", R"({"schema": 2, "rows": [{}], "machine": {}})",
                             R"({"schema": 2, "rows": 7, "machine": {"cpu": 3}})"}) {
        EXPECT_FALSE(compare(text, good)) << text;
        EXPECT_FALSE(compare(good, text)) << text;
    }
    EXPECT_THAT(compare(good, R"({"schema": 99})").error().what,
                HasSubstr("the second result has schema 99, this mgmbench reads 2"));
}

} // namespace
