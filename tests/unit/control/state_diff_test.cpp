// SPDX-License-Identifier: BSD-3-Clause
#include "control/state_diff.hpp"
#include "control_fixture.hpp"

#include <gmock/gmock.h>

#include <algorithm>

namespace control {
namespace {

using test::interface;
using test::route;
using test::small_geometry;
using test::three_interfaces;
using ::testing::HasSubstr;

NormalState normal(mgm::DesiredState state) {
    auto result = normalise(std::move(state), small_geometry());
    EXPECT_TRUE(result) << result.error().what;
    return result.value_or(NormalState{});
}

std::vector<Step> steps(const mgm::DesiredState &before, const mgm::DesiredState &after) {
    auto result = diff(normal(before), normal(after), small_geometry());
    EXPECT_TRUE(result) << result.error().what;
    return result.value_or(std::vector<Step>{});
}

std::size_t position(const std::vector<Step> &steps, Step::Kind kind) {
    return static_cast<std::size_t>(
        std::find_if(steps.begin(), steps.end(), [&](const Step &s) { return s.kind == kind; }) -
        steps.begin());
}

mgm::Error refusal(mgm::DesiredState state) {
    auto result = normalise(std::move(state), small_geometry());
    EXPECT_FALSE(result);
    return result ? mgm::Error{} : result.error();
}

TEST(Normalise, SortsRoutesByKeyAndMergesRepeatsInAnOlist) {
    mgm::DesiredState state = three_interfaces();
    state.routes[0].action.oifs.push_back(state.routes[0].action.oifs[0]);
    std::reverse(state.routes.begin(), state.routes.end());

    const NormalState result = normal(state);

    EXPECT_TRUE(std::is_sorted(result.routes.begin(), result.routes.end(),
                               [](const auto &a, const auto &b) { return a.key < b.key; }));
    for (const mgm::RouteSpec &spec : result.routes)
        EXPECT_LE(spec.action.oifs.size(), 2U);
}

TEST(Normalise, NamesEveryMistakeInOneAnswer) {
    mgm::DesiredState state = three_interfaces();
    state.routes.push_back(route("", "224.0.0.5", {3}, {7}));
    state.routes.push_back(route("10.1.1.1", "239.1.1.1", {99}, {7}));
    state.routes.push_back(state.routes[0]);

    const mgm::Error error = refusal(state);

    EXPECT_THAT(error.what, HasSubstr("224.0.0.5"));
    EXPECT_THAT(error.what, HasSubstr("there is no interface if99"));
    EXPECT_THAT(error.what, HasSubstr("(10.9.8.7,239.255.3.7) is there twice"));
}

TEST(Normalise, RefusesAnOifThatIsAnIif) {
    mgm::DesiredState state = three_interfaces();
    state.routes.push_back(route("10.1.1.1", "239.1.1.1", {37}, {3, 37}));

    EXPECT_THAT(refusal(state).what, HasSubstr("if37 is both an iif and an oif"));
}

TEST(Normalise, LetsAnIifOfABidirectionalTreeBeAnOifForTheOthers) {
    mgm::DesiredState state = three_interfaces();
    state.routes.push_back(route("10.1.1.1", "239.1.1.1", {7, 37}, {3, 37}));

    EXPECT_TRUE(normalise(std::move(state), small_geometry()));
}

TEST(Normalise, TellsRoutesOfOneKeyApartByTheirSourceRange) {
    mgm::DesiredState state = three_interfaces();
    mgm::RouteSpec rule = route("", "225.1.0.0/16", {}, {37});
    rule.source_range = mgm::IpPrefix::parse("10.9.0.0/16");
    state.routes.push_back(rule);
    EXPECT_TRUE(normalise(state, small_geometry()));

    state.routes.push_back(rule);
    EXPECT_THAT(refusal(state).what, HasSubstr("(10.9.0.0/16,225.1.0.0/16) is there twice"));
}

TEST(Normalise, CountsNoEntryForARouteThatWaitsForData) {
    mgm::DesiredState state = three_interfaces();
    for (unsigned i = 0; i < small_geometry().ipv4_entries; ++i) {
        state.routes.push_back(route("10.1.1.1", fmt::format("239.1.1.{}", i), {3}, {7}));
        state.routes.back().is_per_source = true;
    }
    EXPECT_TRUE(normalise(std::move(state), small_geometry()));
}

TEST(Normalise, RefusesATtlThresholdOver256) {
    mgm::DesiredState state = three_interfaces();
    state.routes[0].action.oifs[0].ttl_threshold = 257;

    EXPECT_EQ(refusal(state).code, mgm::Errc::kInvalidArgument);
}

TEST(Normalise, RefusesTwoInterfacesWithOneIndexOneNameOrOnePlace) {
    mgm::DesiredState state = three_interfaces();
    state.interfaces.push_back(interface(7, "net_null9"));
    state.interfaces.push_back(interface(9, "net_null37"));

    const mgm::Error error = refusal(state);

    EXPECT_THAT(error.what, HasSubstr("the same index 7"));
    EXPECT_THAT(error.what, HasSubstr("the same name p7"));
    EXPECT_THAT(error.what, HasSubstr("are both vlan 0 of port net_null37"));
}

TEST(Normalise, RefusesMoreThanTheCapacityAndSaysWhichKeyToRaise) {
    mgm::DesiredState state = three_interfaces();
    for (unsigned i = 0; i < small_geometry().ipv4_entries; ++i)
        state.routes.push_back(route("10.1.1.1", fmt::format("239.1.1.{}", i), {3}, {7}));

    const mgm::Error error = refusal(state);

    EXPECT_EQ(error.code, mgm::Errc::kTableFull);
    EXPECT_THAT(error.what, HasSubstr("capacity.ipv4_entries"));
}

TEST(Normalise, CountsTheMistakesThatItDoesNotPrint) {
    mgm::DesiredState state = three_interfaces();
    for (unsigned i = 0; i < 63; ++i)
        state.routes.push_back(route("10.1.1.1", fmt::format("239.1.1.{}", i), {99}, {7}));

    EXPECT_THAT(refusal(state).what, HasSubstr("and 14 more mistakes")); // one is the capacity
}

TEST(Diff, OfAStateAndItselfIsEmpty) {
    EXPECT_TRUE(steps(three_interfaces(), three_interfaces()).empty());
}

TEST(Diff, LeavesAloneWhatIsOnlyWrittenInAnotherOrder) {
    mgm::DesiredState shuffled = three_interfaces();
    std::reverse(shuffled.routes.begin(), shuffled.routes.end());
    std::reverse(shuffled.interfaces.begin(), shuffled.interfaces.end());
    std::reverse(shuffled.routes[2].action.oifs.begin(), shuffled.routes[2].action.oifs.end());

    EXPECT_TRUE(steps(three_interfaces(), shuffled).empty());
}

TEST(Diff, MakesNewRoutesBeforeOldOnesGo) {
    mgm::DesiredState after = three_interfaces();
    after.routes[0] = route("10.9.8.7", "239.255.3.8", {3}, {7});

    const std::vector<Step> result = steps(three_interfaces(), after);

    ASSERT_EQ(result.size(), 2U);
    EXPECT_EQ(result[0].kind, Step::Kind::kUpsertRoute);
    EXPECT_EQ(result[1].kind, Step::Kind::kRemoveRoute);
}

TEST(Diff, LetsOldRoutesGoFirstWhenBothDoNotFit) {
    mgm::DesiredState before = three_interfaces();
    mgm::DesiredState after = three_interfaces();
    for (unsigned i = 0; i < 60; ++i) {
        before.routes.push_back(route("10.1.1.1", fmt::format("239.1.1.{}", i), {3}, {7}));
        after.routes.push_back(route("10.1.1.1", fmt::format("239.1.2.{}", i), {3}, {7}));
    }

    const std::vector<Step> result = steps(before, after);

    EXPECT_LT(position(result, Step::Kind::kRemoveRoute),
              position(result, Step::Kind::kUpsertRoute));
}

TEST(Diff, LetsOldRoutesGoFirstWhenRulesBecomeEntries) {
    mgm::DesiredState before = three_interfaces();
    for (unsigned i = 0; i < 40; ++i) {
        before.routes.push_back(route("10.1.1.1", fmt::format("239.1.1.{}", i), {3}, {7}));
        before.routes.push_back(route("10.1.1.1", fmt::format("239.1.2.{}", i), {3}, {7}));
        before.routes.back().is_per_source = true;
    }
    mgm::DesiredState after = three_interfaces();
    for (unsigned i = 0; i < 40; ++i)
        after.routes.push_back(route("10.1.1.1", fmt::format("239.1.2.{}", i), {3}, {7}));

    const std::vector<Step> result = steps(before, after);

    EXPECT_LT(position(result, Step::Kind::kRemoveRoute),
              position(result, Step::Kind::kUpsertRoute));
}

TEST(Diff, RemovesAnInterfaceAfterTheRoutesThatNamedIt) {
    mgm::DesiredState after = three_interfaces();
    after.interfaces.erase(after.interfaces.begin() + 2);
    after.routes = {route("10.9.8.7", "239.255.3.7", {3}, {7})};

    const std::vector<Step> result = steps(three_interfaces(), after);

    ASSERT_FALSE(result.empty());
    EXPECT_EQ(result.back().kind, Step::Kind::kRemoveInterface);
    EXPECT_LT(position(result, Step::Kind::kRemoveRoute), position(result, Step::Kind::kDetach));
}

TEST(Diff, FreesAPortBeforeAnotherInterfaceTakesIt) {
    mgm::DesiredState after = three_interfaces();
    std::swap(after.interfaces[0].port, after.interfaces[1].port);

    const std::vector<Step> result = steps(three_interfaces(), after);

    std::vector<Step::Kind> kinds;
    kinds.reserve(result.size());
    for (const Step &step : result)
        kinds.push_back(step.kind);
    using Kind = Step::Kind;
    EXPECT_EQ(kinds, (std::vector<Kind>{Kind::kDetach, Kind::kDetach, Kind::kUpsertInterface,
                                        Kind::kUpsertInterface, Kind::kAttach, Kind::kAttach}));
}

TEST(Diff, RefusesWhenOldAndNewInterfacesDoNotFitTogether) {
    mgm::DesiredState before;
    mgm::DesiredState after;
    for (std::uint32_t i = 1; i <= 30; ++i) {
        before.interfaces.push_back(interface(i, fmt::format("net_null{}", i)));
        after.interfaces.push_back(interface(100 + i, fmt::format("net_null{}", i)));
    }

    const auto result = diff(normal(before), normal(after), small_geometry());

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, mgm::Errc::kTableFull);
}

} // namespace
} // namespace control
