// SPDX-License-Identifier: BSD-3-Clause
// Routes, neighbors and interfaces of the configuration on real tables, through the group manager.
#pragma once

#include "control/group_control.hpp"
#include "control/static_routes.hpp"
#include "control_fixture.hpp"

#include <functional>

namespace control::test {

/// The group manager, which refuses what the test says.
class Refusing : public RouteTarget {
public:
    explicit Refusing(GroupControl &groups) : groups_(groups) {}
    mgm::Result<void> put_route(const mgm::RouteSpec &route, bool is_new) override {
        if (refuses && refuses(route))
            return mgm::fail(mgm::Errc::kInternal, "refused");
        return groups_.put_route(route, is_new);
    }
    mgm::Result<void> remove_route(const mgm::RouteSpec &route) override {
        return groups_.remove_route(route);
    }
    void interfaces_come(std::span<const mgm::IfIndex> interfaces) override {
        groups_.interfaces_come(interfaces);
    }
    void interfaces_go(std::span<const mgm::IfIndex> interfaces) override {
        groups_.interfaces_go(interfaces);
    }

    std::function<bool(const mgm::RouteSpec &)> refuses;

private:
    GroupControl &groups_;
};

class StaticRoutesTest : public ::testing::Test {
protected:
    void apply(const mgm::DesiredState &state) {
        const mgm::Result<void> done = routes.apply(state);
        ASSERT_TRUE(done) << done.error().what;
    }
    void open_port(const std::string &port, std::uint16_t port_id) {
        ports.handle({.kind = mgm::PortEvent::Kind::kOpened,
                      .port = port,
                      .port_id = port_id,
                      .mac = *mgm::MacAddress::parse("02:00:00:00:03:02"),
                      .link = mgm::LinkState::kUp,
                      .what = {}});
    }
    [[nodiscard]] mgm::MfeIndex entry(const mgm::RouteSpec &spec) const {
        return tables.writer.find(spec.key).value_or(mgm::kNoMfe);
    }

    Tables tables;
    InterfacePorts ports{tables.writer};
    CommandQueue commands;
    GroupControl groups{
        manager::Options{},
        tables.writer,
        commands,
        {.release = [](const manager::Key &) {}, .drop = [](const manager::Key &) {}}};
    Refusing target{groups};
    StaticRoutes routes{tables.writer, ports, target};
};

} // namespace control::test
