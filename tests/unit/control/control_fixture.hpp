// SPDX-License-Identifier: BSD-3-Clause
// A segment in plain memory, its writer, and short ways to say what is desired.
#pragma once

#include "mgm/desired_state.hpp"
#include "mgm/grace_period.hpp"
#include "mgm/segment.hpp"
#include "mgm/table_writer.hpp"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace control::test {

inline mgm::Geometry small_geometry() {
    mgm::Geometry geometry;
    geometry.interfaces = 40;
    geometry.neighbors = 64;
    geometry.vrfs = 4;
    geometry.ipv4_entries = 64;
    geometry.ipv6_entries = 64;
    geometry.ipv4_ranges = 16;
    geometry.ipv6_ranges = 16;
    geometry.block_units = 8192;
    geometry.workers = 2;
    return geometry;
}

inline mgm::InterfaceSpec interface(std::uint32_t index, std::string port, std::uint16_t vlan = 0) {
    mgm::InterfaceSpec spec;
    spec.name = fmt::format("p{}", index);
    spec.index = mgm::IfIndex{index};
    spec.port = std::move(port);
    spec.vlan = vlan;
    return spec;
}

inline mgm::IpPrefix prefix(const std::string &text) {
    return mgm::IpPrefix::parse(text).value();
}

/// `source` "" = any. Thresholds and next hops: change the result.
inline mgm::RouteSpec route(const std::string &source, const std::string &group,
                            const std::vector<std::uint32_t> &iifs,
                            const std::vector<std::uint32_t> &oifs) {
    mgm::RouteSpec spec;
    if (!source.empty())
        spec.key.source = mgm::IpAddress::parse(source).value();
    spec.key.group = prefix(group);
    for (const std::uint32_t iif : iifs)
        spec.action.iifs.push_back(mgm::IfIndex{iif});
    for (const std::uint32_t oif : oifs)
        spec.action.oifs.push_back({.interface = mgm::IfIndex{oif}, .next_hop = std::nullopt});
    return spec;
}

/// Interfaces 3, 7, 37, each on a port of its own, and two routes.
inline mgm::DesiredState three_interfaces() {
    mgm::DesiredState state;
    state.interfaces = {interface(3, "net_null3"), interface(7, "net_null7"),
                        interface(37, "net_null37")};
    state.routes = {route("10.9.8.7", "239.255.3.7", {3}, {7, 37}),
                    route("", "225.1.0.0/16", {7}, {37}),
                    route("2001:db8::9", "ff3e::4321", {37}, {3})};
    return state;
}

/// True when it holds within five seconds; asks again and again, without sleeping long.
inline bool eventually(const std::function<bool()> &holds) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(5);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::yield();
    }
    return true;
}

class Tables {
public:
    explicit Tables(const mgm::Geometry &geometry = small_geometry())
        : segment(geometry), grace(geometry.workers), writer(segment.tables(), grace) {}

    [[nodiscard]] const mgm::InterfaceRecord *record(std::uint32_t index) const {
        const auto slot = writer.slot_of(mgm::IfIndex{index});
        return slot ? segment.tables().interface(*slot) : nullptr;
    }
    /// The interface that a frame of this port with this VLAN arrives on; 0 = none.
    [[nodiscard]] std::uint32_t index_at(std::uint16_t port_id, std::uint16_t vlan) const {
        const auto index = writer.index_of(segment.tables().slot_of(port_id, vlan));
        return index ? static_cast<std::uint32_t>(*index) : 0;
    }

    mgm::PrivateSegment segment;
    mgm::GracePeriod grace;
    mgm::TableWriter writer;
};

} // namespace control::test
