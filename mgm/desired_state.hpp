// SPDX-License-Identifier: BSD-3-Clause
// All that the operator asks for, as plain values: the configuration produces it, control turns the
// difference between two of them into table updates. No DPDK.
#pragma once

#include "mgm/spec.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace mgm {

struct RouteSpec {
    RouteKey key;
    RouteAction action;
    friend bool operator==(const RouteSpec &, const RouteSpec &) = default;
};

/// A static receiver: `group` is wanted on `interface`.
struct MembershipSpec {
    IfIndex interface {};
    IpAddress group;
    std::optional<IpAddress> source; ///< absent: any
    friend auto operator<=>(const MembershipSpec &, const MembershipSpec &) = default;
};

/// A route of the multicast RIB: sources in `prefix` lie behind `interface`.
struct MrouteSpec {
    IpPrefix prefix; ///< network form
    IfIndex interface {};
    std::optional<IpAddress> neighbor; ///< absent: the network is on the link
    std::uint32_t preference = 1;      ///< the lowest wins; a connected network has 0
    friend auto operator<=>(const MrouteSpec &, const MrouteSpec &) = default;
};

struct DesiredState {
    std::vector<InterfaceSpec> interfaces;
    std::vector<NeighborSpec> neighbors;
    std::vector<RouteSpec> routes; ///< any order; two with one key are an error
    std::vector<MembershipSpec> memberships{};
    std::vector<MrouteSpec> mroutes{};
    friend bool operator==(const DesiredState &, const DesiredState &) = default;
};

} // namespace mgm
