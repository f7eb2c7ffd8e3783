// SPDX-License-Identifier: BSD-3-Clause
// Changes that fail part way: everything is as before, or told to be otherwise.
#include "static_routes_fixture.hpp"

namespace control {
namespace {

using StaticRoutesUndoTest = test::StaticRoutesTest;
using test::interface;
using test::route;
using test::small_geometry;
using test::three_interfaces;

TEST(StaticRoutesUndo, TakesEverythingBackWhenBlocksRunOutPartWay) {
    mgm::Geometry geometry = small_geometry();
    geometry.block_units = 1024;
    geometry.ipv4_entries = 1024;
    test::Tables tables(geometry);
    InterfacePorts ports(tables.writer);
    CommandQueue commands;
    GroupControl groups(
        {}, tables.writer, commands,
        {.release = [](const manager::Key &) {}, .drop = [](const manager::Key &) {}});
    StaticRoutes routes(tables.writer, ports, groups);
    const mgm::DesiredState before = three_interfaces();
    ASSERT_TRUE(routes.apply(before));
    const mgm::TableUsage usage = tables.writer.usage();
    const auto index = tables.writer.find(before.routes[0].key);
    mgm::DesiredState after = before;
    after.interfaces[0].mtu = 1400;
    after.routes.erase(after.routes.begin() + 1);
    for (std::uint32_t i = 0; i < 35; ++i)
        after.interfaces.push_back(
            interface(100 + i, "net_null100", static_cast<std::uint16_t>(i + 1)));
    // 400 olists of their own, 7 blocks each
    for (std::uint16_t i = 0; i < 400; ++i) {
        mgm::RouteSpec spec =
            route("10.1.1.1", fmt::format("239.1.{}.{}", i / 256, i % 256), {3}, {});
        for (std::uint32_t oif = 0; oif < 35; ++oif)
            spec.action.oifs.push_back({.interface = mgm::IfIndex{100 + oif},
                                        .ttl_threshold = static_cast<std::uint16_t>(i % 256),
                                        .next_hop = std::nullopt});
        spec.action.oifs[i / 256].ttl_threshold = mgm::kTtlThresholdBlock;
        after.routes.push_back(std::move(spec));
    }

    const mgm::Result<void> done = routes.apply(after);

    ASSERT_FALSE(done);
    EXPECT_EQ(done.error().code, mgm::Errc::kTableFull) << done.error().what;
    while (tables.writer.reclaim() != 0) {
    }
    EXPECT_EQ(tables.writer.usage().ipv4_entries, usage.ipv4_entries);
    EXPECT_EQ(tables.writer.usage().interfaces, usage.interfaces);
    EXPECT_EQ(tables.writer.usage().block_units, usage.block_units);
    EXPECT_EQ(tables.writer.find(before.routes[0].key), index);
    EXPECT_EQ(tables.record(3)->mtu, 1500);
    EXPECT_TRUE(routes.apply(before));
}

TEST_F(StaticRoutesUndoTest, TakesRoutesOfEveryKindBackInReverse) {
    mgm::DesiredState before = three_interfaces();
    before.routes.push_back(route("10.1.1.1", "239.1.1.1", {3}, {7})); // will act per source
    before.routes.push_back(route("10.1.1.1", "239.1.1.2", {3}, {7})); // will go
    apply(before);
    const mgm::TableUsage usage = tables.writer.usage();
    mgm::DesiredState after = before;
    after.routes[0].action.oifs.pop_back();
    after.routes[3].is_per_source = true;
    after.routes.pop_back();
    after.interfaces.push_back(interface(8, "net_null8"));
    after.routes.push_back(route("10.1.1.1", "239.1.1.3", {8}, {7}));
    after.routes.push_back(route("10.1.1.1", "239.255.9.9", {3}, {7}));
    target.refuses = [](const mgm::RouteSpec &spec) {
        return mgm::to_string(spec.key) == "(10.1.1.1,239.255.9.9)";
    };

    EXPECT_FALSE(routes.apply(after));

    while (tables.writer.reclaim() != 0) {
    }
    EXPECT_EQ(tables.writer.usage().ipv4_entries, usage.ipv4_entries);
    EXPECT_EQ(tables.writer.usage().interfaces, usage.interfaces);
    EXPECT_EQ(tables.writer.usage().block_units, usage.block_units);
    EXPECT_EQ(static_cast<const mgm::DesiredState &>(routes.current()).routes.size(), 5U);
    for (const mgm::RouteSpec &spec : before.routes)
        EXPECT_NE(entry(spec), mgm::kNoMfe) << mgm::to_string(spec);
    target.refuses = nullptr;
    apply(after);
    EXPECT_EQ(entry(before.routes[3]), mgm::kNoMfe);
}

TEST_F(StaticRoutesUndoTest, BringsARouteThatCouldNotBePutBackWithTheNextChange) {
    const mgm::DesiredState before = three_interfaces();
    apply(before);
    mgm::DesiredState after = before;
    after.routes[0].action.oifs.pop_back();
    after.routes.push_back(route("10.1.1.1", "239.255.9.9", {3}, {7}));
    bool is_undoing = false;
    target.refuses = [&](const mgm::RouteSpec &spec) {
        is_undoing = is_undoing || mgm::to_string(spec.key) == "(10.1.1.1,239.255.9.9)";
        return is_undoing;
    };
    EXPECT_FALSE(routes.apply(after));
    EXPECT_EQ(routes.current().routes.size(), 2U); // it is not what it was

    target.refuses = nullptr;
    apply(before);

    const mgm::Tables view = tables.segment.tables();
    const auto &set = view.forward_set(view.mfe<mgm::Family::kIpv4>(entry(before.routes[0])));
    EXPECT_EQ(set.oif_count, 2U);
}

TEST_F(StaticRoutesUndoTest, RemovesARouteThatIsNotThere) {
    apply(three_interfaces());
    ASSERT_TRUE(groups.remove_route(three_interfaces().routes[0]));
    mgm::DesiredState after = three_interfaces();
    after.routes.erase(after.routes.begin());

    apply(after);

    EXPECT_EQ(routes.current().routes.size(), 2U);
}

} // namespace
} // namespace control
