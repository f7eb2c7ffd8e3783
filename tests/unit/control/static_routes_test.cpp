// SPDX-License-Identifier: BSD-3-Clause
#include "static_routes_fixture.hpp"

#include <gmock/gmock.h>

#include <thread>

namespace control {
namespace {

using StaticRoutesTest = test::StaticRoutesTest;
using test::interface;
using test::route;
using test::three_interfaces;

TEST_F(StaticRoutesTest, MakesInterfacesAndRoutesOfAnEmptyTable) {
    apply(three_interfaces());

    for (const mgm::RouteSpec &spec : three_interfaces().routes)
        EXPECT_NE(entry(spec), mgm::kNoMfe) << mgm::to_string(spec.key);
    ASSERT_NE(tables.record(37), nullptr);
    EXPECT_EQ(tables.record(37)->state, mgm::LinkState::kPending);
}

TEST_F(StaticRoutesTest, DoesNotTouchARouteThatStays) {
    apply(three_interfaces());
    const mgm::RouteSpec stays = three_interfaces().routes[0];
    const mgm::MfeIndex index = entry(stays);
    const auto &mfe = tables.segment.tables().mfe<mgm::Family::kIpv4>(index);
    const std::uint32_t generation = mfe.generation.load();
    const std::uint32_t set = mfe.forward_set.load();
    tables.segment.tables().entry_counters<mgm::Family::kIpv4>(1, index).packets[0].add(4711);
    mgm::DesiredState after = three_interfaces();
    after.routes.erase(after.routes.begin() + 1);
    after.routes.push_back(route("10.9.8.8", "239.255.3.7", {3}, {7}));

    apply(after);

    EXPECT_EQ(entry(stays), index);
    EXPECT_EQ(mfe.generation.load(), generation);
    EXPECT_EQ(mfe.forward_set.load(), set);
    EXPECT_EQ(
        tables.segment.tables().entry_counters<mgm::Family::kIpv4>(1, index).packets[0].read(),
        4711U);
    EXPECT_EQ(entry(three_interfaces().routes[1]), mgm::kNoMfe);
}

TEST_F(StaticRoutesTest, KeepsTheCountersOfARouteWhoseOlistChanges) {
    apply(three_interfaces());
    const mgm::RouteSpec changes = three_interfaces().routes[0];
    const mgm::MfeIndex index = entry(changes);
    tables.segment.tables().entry_counters<mgm::Family::kIpv4>(0, index).packets[0].add(31);
    mgm::DesiredState after = three_interfaces();
    after.routes[0].action.oifs.pop_back();

    apply(after);

    EXPECT_EQ(entry(changes), index);
    EXPECT_EQ(
        tables.segment.tables().entry_counters<mgm::Family::kIpv4>(0, index).packets[0].read(),
        31U);
}

TEST_F(StaticRoutesTest, KeepsTheSlotsOfInterfacesThatStay) {
    apply(three_interfaces());
    const auto slot = tables.writer.slot_of(mgm::IfIndex{37});
    mgm::DesiredState after = three_interfaces();
    after.interfaces[2].mtu = 1280;
    after.interfaces.insert(after.interfaces.begin(), interface(1, "net_null1"));

    apply(after);

    EXPECT_EQ(tables.writer.slot_of(mgm::IfIndex{37}), slot);
    EXPECT_EQ(tables.record(37)->mtu, 1280);
}

TEST_F(StaticRoutesTest, ChangesNothingWhenTheNewStateHasAMistake) {
    apply(three_interfaces());
    mgm::DesiredState after = three_interfaces();
    after.routes.erase(after.routes.begin());
    after.routes.push_back(route("10.1.1.1", "232.1.1.1", {99}, {7}));

    EXPECT_FALSE(routes.apply(after));

    EXPECT_NE(entry(three_interfaces().routes[0]), mgm::kNoMfe);
    EXPECT_EQ(routes.current().routes.size(), 3U);
}

TEST_F(StaticRoutesTest, ReplacesAFullTableOnceWorkersHaveLetGo) {
    mgm::DesiredState before = three_interfaces();
    mgm::DesiredState after = three_interfaces();
    for (unsigned i = 0; i < 62; ++i) {
        before.routes.push_back(route("10.1.1.1", fmt::format("239.1.1.{}", i), {3}, {7}));
        after.routes.push_back(route("10.1.1.1", fmt::format("239.1.2.{}", i), {3}, {7}));
    }
    apply(before);
    tables.grace.online(0);
    std::atomic<bool> done{false};
    std::thread worker([&] {
        while (!done.load())
            tables.grace.quiescent(0);
        tables.grace.offline(0);
    });

    apply(after);
    done.store(true);
    worker.join();

    EXPECT_EQ(entry(before.routes.back()), mgm::kNoMfe);
    EXPECT_NE(entry(after.routes.back()), mgm::kNoMfe);
    EXPECT_NE(entry(three_interfaces().routes[0]), mgm::kNoMfe);
}

TEST_F(StaticRoutesTest, WorksInSlicesOfTheBudget) {
    routes.begin(routes.plan(three_interfaces()).value());

    unsigned turns = 0;
    while (routes.step(1).value() != StaticRoutes::Progress::kDone)
        ++turns;

    EXPECT_EQ(turns, 3U + 3U + 3U - 1U); // upsert and attach of 3 interfaces, 3 routes
    EXPECT_FALSE(routes.is_busy());
}

TEST_F(StaticRoutesTest, SwapsTheVlansOfTwoInterfacesOnOnePort) {
    mgm::DesiredState before;
    before.interfaces = {interface(3, "net_null0", 103), interface(7, "net_null0", 107)};
    apply(before);
    open_port("net_null0", 5);
    ASSERT_EQ(tables.index_at(5, 103), 3U);
    std::swap(before.interfaces[0].vlan, before.interfaces[1].vlan);

    apply(before);

    EXPECT_EQ(tables.index_at(5, 103), 7U);
    EXPECT_EQ(tables.index_at(5, 107), 3U);
    EXPECT_EQ(tables.record(3)->state, mgm::LinkState::kUp);
}

TEST_F(StaticRoutesTest, MovesAnInterfaceToAPortThatIsOpenAlready) {
    apply(three_interfaces());
    open_port("net_null3", 4);
    mgm::DesiredState after = three_interfaces();
    after.interfaces[1].port = "net_null3";
    after.interfaces[1].vlan = 4094;

    apply(after);

    EXPECT_EQ(tables.index_at(4, 4094), 7U);
    EXPECT_EQ(tables.index_at(4, 0), 3U);
    EXPECT_EQ(tables.record(7)->port_id, 4);
}

TEST_F(StaticRoutesTest, GivesThePlaceOfARemovedInterfaceToANewOne) {
    apply(three_interfaces());
    open_port("net_null37", 9);
    mgm::DesiredState after = three_interfaces();
    after.interfaces[2] = interface(38, "net_null37");
    after.routes = {route("10.9.8.7", "239.255.3.7", {3}, {7, 38})};

    apply(after);

    EXPECT_EQ(tables.index_at(9, 0), 38U);
    EXPECT_EQ(tables.record(37), nullptr);
    EXPECT_EQ(tables.record(38)->state, mgm::LinkState::kUp);
}

TEST_F(StaticRoutesTest, LearnsChangesAndForgetsANeighborsMac) {
    const mgm::IpAddress host = mgm::IpAddress::parse("198.51.100.34").value();
    mgm::DesiredState state = three_interfaces();
    state.neighbors = {{mgm::IfIndex{7}, host, *mgm::MacAddress::parse("02:00:00:00:03:02")}};
    state.routes[0].action.oifs = {{.interface = mgm::IfIndex{7}, .next_hop = host}};
    apply(state);
    const auto mac = [&] {
        const mgm::Tables view = tables.segment.tables();
        const auto &set = view.forward_set(view.mfe<mgm::Family::kIpv4>(entry(state.routes[0])));
        return view.neighbor_mac(set.oifs()[0].neighbor);
    };
    ASSERT_EQ(mac(), mgm::MacAddress::parse("02:00:00:00:03:02"));

    state.neighbors[0].mac = *mgm::MacAddress::parse("02:00:00:00:03:03");
    apply(state);
    EXPECT_EQ(mac(), mgm::MacAddress::parse("02:00:00:00:03:03"));

    state.neighbors.clear();
    apply(state);
    EXPECT_EQ(mac(), std::nullopt);
}

} // namespace
} // namespace control
