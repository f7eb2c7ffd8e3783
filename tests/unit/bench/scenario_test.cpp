// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/scenario.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

namespace {

using bench::parse_sizes;
using bench::Scenario;
using bench::SizeShare;
using bench::validate;
using ::testing::HasSubstr;

TEST(Sizes, AreOneSeveralOrTheMix) {
    EXPECT_EQ(parse_sizes("1518").value(), (std::vector<SizeShare>{{1518, 1}}));
    EXPECT_EQ(parse_sizes("64,9000,65").value(),
              (std::vector<SizeShare>{{64, 1}, {9000, 1}, {65, 1}}));
    EXPECT_EQ(parse_sizes("imix").value(),
              (std::vector<SizeShare>{{64, 28}, {570, 16}, {1518, 4}}));
    EXPECT_EQ(to_string(parse_sizes("imix").value()), "imix");
    EXPECT_EQ(to_string(parse_sizes("64,1400").value()), "64,1400");
}

TEST(Sizes, ThatAreNoneAreRefusedByName) {
    for (const char *text : {"", "64,", ",64", "big", "64 ", "-64", "70000", "imix,64"}) {
        const auto sizes = parse_sizes(text);
        ASSERT_FALSE(sizes) << text;
        EXPECT_EQ(sizes.error().code, mgm::Errc::kInvalidArgument);
        EXPECT_THAT(sizes.error().what, HasSubstr("frame size '"));
    }
}

TEST(Scenarios, AreRefusedWithEveryValueThatIsWrong) {
    Scenario scenario;
    scenario.sizes = {{63, 1}};
    scenario.fan_out = 29;
    scenario.groups = 0;
    const auto valid = validate(scenario);
    ASSERT_FALSE(valid);
    EXPECT_EQ(valid.error().what,
              "frame size 63: want 64..9018; fan-out 29: want 1..28; groups 0: want 1..8000000");
}

TEST(Scenarios, HaveNoMoreEntriesThanThereIsRoomFor) {
    Scenario scenario;
    scenario.groups = 1001;
    scenario.sources = 8000;
    EXPECT_THAT(validate(scenario).error().what, HasSubstr("8008000: want 1..8000000"));
    scenario.groups = 1000;
    EXPECT_TRUE(validate(scenario));
}

TEST(Scenarios, WithABlockedPortSendEveryPacketThere) {
    Scenario scenario;
    scenario.fan_out = 5;
    scenario.has_blocked_port = true;
    EXPECT_TRUE(validate(scenario));
    EXPECT_LT(scenario.blocked_port(), scenario.ports());
    EXPECT_EQ(scenario.taken_copies(), 4);

    scenario.olists = 2;
    EXPECT_THAT(validate(scenario).error().what,
                HasSubstr("a blocked port with fan-out 5, 2 olists and 0 updates/s: want at least "
                          "2 copies, one olist and no updates"));
    scenario.olists = 1;
    scenario.fan_out = 1;
    EXPECT_FALSE(validate(scenario));
}

TEST(Scenarios, OfSeveralWorkersHaveSinksThatAllOfThemMaySendTo) {
    Scenario scenario;
    scenario.workers = 2;
    EXPECT_TRUE(validate(scenario));
    scenario.sink = bench::Sink::kParked;
    ASSERT_FALSE(validate(scenario));
    EXPECT_THAT(validate(scenario).error().what, HasSubstr("2 workers with a parked sink"));
    scenario.sink = bench::Sink::kNull;
    scenario.workers = 17;
    EXPECT_THAT(validate(scenario).error().what, HasSubstr("workers 17: want 1..16"));
}

TEST(Scenarios, OfIpv6NeedLongerFrames) {
    Scenario scenario;
    scenario.family = mgm::Family::kIpv6;
    EXPECT_THAT(validate(scenario).error().what, HasSubstr("frame size 64: want 84"));
    scenario.sizes = {{84, 1}};
    EXPECT_TRUE(validate(scenario));
}

TEST(Scenarios, HaveOnePortForEachCopyAndOneMoreForEachFurtherOlist) {
    Scenario scenario;
    scenario.fan_out = 5;
    EXPECT_EQ(scenario.ports(), 5);
    scenario.olists = 8;
    EXPECT_EQ(scenario.ports(), 12);
    scenario.updates_per_second = 1;
    EXPECT_EQ(scenario.ports(), 13);
    scenario.fan_out = 28;
    EXPECT_EQ(scenario.ports(), 28);
    EXPECT_THAT(validate(scenario).error().what, HasSubstr("fan-out 28 with updates"));
}

TEST(Suites, NameEachScenarioOnceAndAllAreValid) {
    for (const bench::Suite &suite : bench::all_suites()) {
        std::set<std::string> names;
        for (const bench::Row &row : suite.rows) {
            EXPECT_TRUE(validate(row.scenario)) << row.scenario.name;
            EXPECT_TRUE(names.insert(row.scenario.name).second) << row.scenario.name;
        }
        for (const bench::Row &row : suite.rows) {
            const std::string against = row.target ? row.target->against : "";
            EXPECT_TRUE(against.empty() || names.contains(against)) << against;
        }
        EXPECT_EQ(bench::find_suite(suite.name), &suite);
    }
    EXPECT_EQ(bench::find_suite("fastest"), nullptr);
}

} // namespace
