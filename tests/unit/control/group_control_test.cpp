// SPDX-License-Identifier: BSD-3-Clause
// The manager on real tables: what the configuration's memberships and mroutes make of data, and
// what becomes of entries when interfaces go.
#include "control/group_control.hpp"
#include "control_fixture.hpp"
#include "mgm/segment_reader.hpp"

#include <gmock/gmock.h>

namespace control {
namespace {

using test::three_interfaces;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

mgm::IpAddress address(const char *text) {
    return *mgm::IpAddress::parse(text);
}

/// Interface 3 leads to 10.9.8.0/24 and, by an mroute, to 10.0.0.0/8.
mgm::DesiredState desired() {
    mgm::DesiredState state = three_interfaces();
    state.routes.clear();
    state.interfaces[0].addresses = {*mgm::IpPrefix::parse("10.9.8.1/24")};
    state.mroutes = {{.prefix = *mgm::IpPrefix::parse("10.0.0.0/8"),
                      .interface = mgm::IfIndex{3},
                      .neighbor = address("10.9.8.2")}};
    state.memberships = {{mgm::IfIndex{7}, address("239.255.3.7"), std::nullopt}};
    return state;
}

class GroupControlTest : public ::testing::Test {
protected:
    void apply(const mgm::DesiredState &state) {
        const mgm::Result<void> done = routes.apply(state);
        ASSERT_TRUE(done) << done.error().what;
        groups.apply(state);
    }
    void packet(const char *source, const char *group, std::uint32_t on) {
        groups.manager().new_source(
            {.key = key(source, group), .interface = mgm::IfIndex{on}, .header = {}},
            LocalTransport::now());
    }
    static manager::Key key(const char *source, const char *group) {
        return {.vrf = {}, .group = address(group), .source = address(source)};
    }
    struct Shown {
        std::vector<std::uint32_t> iifs, oifs;
    };
    /// As a tool sees it in the tables.
    [[nodiscard]] std::optional<Shown> entry(const char *source, const char *group) const {
        const auto index = tables.writer.find(
            {.vrf = {}, .source = address(source), .group = {address(group), 32}});
        if (!index)
            return std::nullopt;
        const auto copy =
            mgm::SegmentReader(tables.segment.tables()).entry<mgm::Family::kIpv4>(*index);
        Shown shown;
        for (const mgm::IfSlot iif : copy->iifs)
            shown.iifs.push_back(static_cast<std::uint32_t>(*tables.writer.index_of(iif)));
        for (const mgm::Oif &oif : copy->oifs)
            shown.oifs.push_back(static_cast<std::uint32_t>(*tables.writer.index_of(oif.slot)));
        return shown;
    }
    void matched(const char *source, const char *group, std::uint64_t packets) {
        const auto index = tables.writer.find(
            {.vrf = {}, .source = address(source), .group = {address(group), 32}});
        const mgm::Tables view = tables.segment.tables();
        const auto counting = view.action(view.mfe<mgm::Family::kIpv4>(*index)).counting;
        auto &counters = view.entry_counters<mgm::Family::kIpv4>(1, *index);
        counters.packets[(counting & mgm::kSecondBank) != 0 ? 1 : 0].add(packets);
    }
    [[nodiscard]] EntryStatistics statistics(const char *source, const char *group) {
        EntryStatistics read;
        const auto info = groups.manager().entry(key(source, group), LocalTransport::now());
        EXPECT_TRUE(info);
        return info ? plane_statistics(*info) : read;
    }
    [[nodiscard]] EntryStatistics plane_statistics(const manager::EntryInfo &info) {
        return groups.statistics().read(info);
    }

    test::Tables tables;
    InterfacePorts ports{tables.writer};
    CommandQueue commands;
    std::vector<manager::Key> released, dropped;
    GroupControl groups{manager::Options{},
                        tables.writer,
                        commands,
                        {.release = [this](const manager::Key &key) { released.push_back(key); },
                         .drop = [this](const manager::Key &key) { dropped.push_back(key); }}};
    StaticRoutes routes{tables.writer, ports, groups};
};

TEST_F(GroupControlTest, AMembershipAndTheRibAreEnoughToForward_R8_2) {
    apply(desired());
    packet("10.9.8.7", "239.255.3.7", 3);
    packet("10.200.1.1", "239.255.3.7", 37); // on whatever interface it came

    for (const char *source : {"10.9.8.7", "10.200.1.1"}) {
        const auto shown = entry(source, "239.255.3.7");
        ASSERT_TRUE(shown);
        EXPECT_THAT(shown->iifs, ElementsAre(3));
        EXPECT_THAT(shown->oifs, ElementsAre(7));
    }
    EXPECT_THAT(released,
                ElementsAre(key("10.9.8.7", "239.255.3.7"), key("10.200.1.1", "239.255.3.7")));
}

TEST_F(GroupControlTest, ASourceThatNobodyKnowsTheWayToGetsAnEntryThatAcceptsNothing_R8_2) {
    apply(desired());
    packet("192.0.2.9", "239.255.3.7", 3);
    const auto shown = entry("192.0.2.9", "239.255.3.7");
    ASSERT_TRUE(shown);
    EXPECT_THAT(shown->iifs, IsEmpty());
    EXPECT_THAT(shown->oifs, IsEmpty());
    EXPECT_THAT(dropped, ElementsAre(key("192.0.2.9", "239.255.3.7")));
}

TEST_F(GroupControlTest, AReloadChangesLiveEntries) {
    apply(desired());
    packet("10.9.8.7", "239.255.3.7", 3);
    mgm::DesiredState next = desired();
    next.memberships.push_back({mgm::IfIndex{37}, address("239.255.3.7"), address("10.9.8.7")});
    apply(next);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, UnorderedElementsAre(7, 37));

    next.memberships.erase(next.memberships.begin());
    apply(next);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, ElementsAre(37));

    next.mroutes[0].interface = mgm::IfIndex{37}; // the connected network still wins
    next.mroutes[0].neighbor = std::nullopt;
    apply(next);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->iifs, ElementsAre(3));
}

TEST_F(GroupControlTest, AnInterfaceThatGoesLeavesEntriesAndComesBackIntoThem_R8_25) {
    apply(desired());
    packet("10.9.8.7", "239.255.3.7", 3);
    mgm::DesiredState without = desired();
    std::erase_if(without.interfaces,
                  [](const auto &spec) { return spec.index == mgm::IfIndex{7}; });
    without.memberships.clear();
    apply(without);
    ASSERT_TRUE(entry("10.9.8.7", "239.255.3.7"));
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, IsEmpty());

    apply(desired());
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, ElementsAre(7));
}

TEST_F(GroupControlTest, TheInterfaceTowardsTheSourceTakesItsEntriesAlong) {
    apply(desired());
    packet("10.9.8.7", "239.255.3.7", 3);
    mgm::DesiredState without = desired();
    without.interfaces.erase(without.interfaces.begin());
    without.mroutes.clear();
    apply(without);
    EXPECT_FALSE(entry("10.9.8.7", "239.255.3.7"));
}

TEST_F(GroupControlTest, AStaticRouteTakesTheEntryOverAndGivesItBack_R8_1) {
    apply(desired());
    packet("10.9.8.7", "239.255.3.7", 3);
    mgm::DesiredState next = desired();
    next.routes = {test::route("10.9.8.7", "239.255.3.7", {37}, {3})};
    apply(next);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->iifs, ElementsAre(37));

    apply(desired());
    EXPECT_FALSE(entry("10.9.8.7", "239.255.3.7"));
    packet("10.9.8.7", "239.255.3.7", 3);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, ElementsAre(7));
}

TEST_F(GroupControlTest, AStaticRouteGainsWhatOthersJoin_R8_1) {
    mgm::DesiredState state = desired();
    state.routes = {test::route("10.9.8.7", "239.255.3.7", {3}, {37})};
    apply(state);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, UnorderedElementsAre(7, 37));

    state.memberships.clear();
    apply(state);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, ElementsAre(37));
}

TEST_F(GroupControlTest, ARangeOfSourcesActsOnEntriesThatDataMakes_R8_1) {
    mgm::DesiredState state = desired();
    mgm::RouteSpec rule = test::route("", "239.0.0.0/8", {}, {37});
    rule.source_range = *mgm::IpPrefix::parse("10.9.0.0/16");
    state.routes = {rule};
    apply(state);
    EXPECT_FALSE(entry("10.9.8.7", "239.255.3.7"));
    packet("10.9.8.7", "239.255.3.7", 3);
    packet("10.200.1.1", "239.255.3.7", 3); // outside
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, UnorderedElementsAre(7, 37));
    EXPECT_THAT(entry("10.200.1.1", "239.255.3.7")->oifs, ElementsAre(7));

    state.routes[0].action.iifs = {mgm::IfIndex{7}};
    apply(state);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->iifs, ElementsAre(7));
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, ElementsAre(37));
    state.routes.clear();
    apply(state);
    packet("10.9.8.7", "239.255.3.7", 3);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->iifs, ElementsAre(3));
}

TEST_F(GroupControlTest, AnInterfaceThatLeavesAndComesBackInOneRouteIsInIt_R8_25) {
    mgm::DesiredState state = desired();
    state.routes = {test::route("10.9.8.7", "239.255.3.7", {3}, {7, 37})};
    apply(state);
    mgm::DesiredState without = desired();
    std::erase_if(without.interfaces,
                  [](const auto &spec) { return spec.index == mgm::IfIndex{37}; });
    without.routes = {test::route("10.9.8.7", "239.255.3.7", {3}, {7})};
    apply(without);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, ElementsAre(7));
    apply(state);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, UnorderedElementsAre(7, 37));
}

TEST_F(GroupControlTest, AChangeThatIsTakenBackLeavesInterfacesWhereTheyWere_R8_25) {
    apply(desired());
    packet("10.9.8.7", "239.255.3.7", 3);
    mgm::DesiredState next = desired();
    std::erase_if(next.interfaces, [](const auto &spec) { return spec.index == mgm::IfIndex{37}; });
    next.interfaces[1] = test::interface(8, "net_null7"); // 7 goes
    next.memberships.clear();
    for (unsigned i = 0; i < test::small_geometry().ipv4_entries;
         ++i) // with the live entry: too many
        next.routes.push_back(test::route("10.1.1.1", fmt::format("239.1.1.{}", i), {3}, {8}));
    EXPECT_FALSE(routes.apply(next));
    groups.tick();
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, ElementsAre(7));
    EXPECT_FALSE(tables.writer.find(next.routes[0].key));
}

TEST_F(GroupControlTest, AnInterfaceThatWasAboutToGoAndStaysIsInItsEntriesAgain_R8_25) {
    mgm::DesiredState state = desired();
    state.routes = {test::route("10.9.8.8", "239.255.3.7", {3}, {37})};
    apply(state);
    packet("10.9.8.7", "239.255.3.7", 3);
    const std::array both{mgm::IfIndex{7}, mgm::IfIndex{37}};
    groups.interfaces_go(both);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, IsEmpty());
    EXPECT_THAT(entry("10.9.8.8", "239.255.3.7")->oifs, IsEmpty());

    groups.interfaces_come(both);
    groups.tick();
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, ElementsAre(7));
    EXPECT_THAT(entry("10.9.8.8", "239.255.3.7")->oifs, UnorderedElementsAre(7, 37));
}

TEST_F(GroupControlTest, AnInterfaceThatChangesItsVrfLeavesTheEntriesOfTheOldOne_R8_25) {
    apply(desired());
    packet("10.9.8.7", "239.255.3.7", 3);
    mgm::DesiredState moved = desired();
    moved.interfaces[1].vrf = mgm::Vrf{1};
    apply(moved);
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, IsEmpty());
    apply(desired());
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, ElementsAre(7));
}

TEST_F(GroupControlTest, AChangeOfVrfThatIsTakenBackLeavesEntriesAsTheyWere_R8_25) {
    apply(desired());
    packet("10.9.8.7", "239.255.3.7", 3);
    mgm::DesiredState moved = desired();
    moved.interfaces[1].vrf = mgm::Vrf{1};
    for (unsigned i = 0; i < test::small_geometry().ipv4_entries;
         ++i) // with the live one: too many
        moved.routes.push_back(test::route("10.1.1.1", fmt::format("239.1.1.{}", i), {3}, {37}));
    EXPECT_FALSE(routes.apply(moved));
    groups.tick();
    EXPECT_THAT(entry("10.9.8.7", "239.255.3.7")->oifs, ElementsAre(7));
}

TEST_F(GroupControlTest, WhatANegativeEntryDropsIsToldApart_T20) {
    mgm::DesiredState state = desired();
    state.memberships.clear();
    apply(state);
    packet("10.9.8.7", "239.255.3.7", 3);
    matched("10.9.8.7", "239.255.3.7", 17);
    EXPECT_EQ(statistics("10.9.8.7", "239.255.3.7").negative, 17U);

    apply(desired());
    tables.writer.reclaim(); // no worker runs: none has a packet of before
    matched("10.9.8.7", "239.255.3.7", 100);
    EXPECT_EQ(statistics("10.9.8.7", "239.255.3.7").negative, 17U);
    EXPECT_EQ(statistics("10.9.8.7", "239.255.3.7").packets, 117U);

    apply(state);
    tables.writer.reclaim();
    matched("10.9.8.7", "239.255.3.7", 5);
    EXPECT_EQ(statistics("10.9.8.7", "239.255.3.7").negative, 22U);
}

TEST_F(GroupControlTest, AnOifWasGivenWhatCameWhileItWasInTheOlist_T25) {
    mgm::DesiredState state = desired();
    state.routes = {test::route("10.9.8.8", "239.255.3.9", {3}, {7})};
    apply(state);
    matched("10.9.8.8", "239.255.3.9", 17);
    state.routes = {test::route("10.9.8.8", "239.255.3.9", {3}, {7, 37})};
    apply(state);
    tables.writer.reclaim();
    matched("10.9.8.8", "239.255.3.9", 100);

    const auto read = statistics("10.9.8.8", "239.255.3.9");
    EXPECT_EQ(read.packets, 117U);
    ASSERT_EQ(read.oifs.size(), 2U);
    EXPECT_EQ(read.oifs[0].packets, 117U);
    EXPECT_EQ(read.oifs[1].packets, 100U);
}

TEST_F(GroupControlTest, AFullTableHasRoomForTheNextPacketsEntryLater) {
    apply(desired());
    unsigned made = 0;
    for (; made < 1000; ++made) {
        const std::string source = fmt::format("10.1.{}.{}", made / 250, made % 250 + 1);
        packet(source.c_str(), "239.255.3.7", 3);
        if (!entry(source.c_str(), "239.255.3.7"))
            break;
    }
    EXPECT_EQ(made, test::small_geometry().ipv4_entries);
    EXPECT_EQ(dropped.size(), 1U);
    const std::string refused = fmt::format("10.1.{}.{}", made / 250, made % 250 + 1);
    EXPECT_FALSE(
        groups.manager().entry(key(refused.c_str(), "239.255.3.7"), LocalTransport::now()));

    mgm::DesiredState none = desired();
    none.mroutes.clear(); // their source is behind nothing: they go
    apply(none);
    apply(desired());
    tables.writer.reclaim();
    packet(refused.c_str(), "239.255.3.7", 3);
    EXPECT_TRUE(entry(refused.c_str(), "239.255.3.7"));
}

} // namespace
} // namespace control
