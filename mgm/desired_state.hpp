// SPDX-License-Identifier: BSD-3-Clause
// All that the operator asks for, as plain values: the configuration produces it, control turns the
// difference between two of them into table updates. No DPDK.
#pragma once

#include "mgm/result.hpp"
#include "mgm/spec.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mgm {

/// Data from `key.source`, from `source_range` or, without both, from anywhere, to `key.group`.
/// Unlike an entry's, the key may have a source and a range of groups.
struct RouteSpec {
    RouteKey key;
    RouteAction action;                     ///< no iifs: accepted from where the multicast RIB says
    std::optional<IpPrefix> source_range{}; ///< network form; neither one source nor all
    bool is_per_source = false;             ///< acts when data makes an entry of its own

    /// True: there is an entry from the start. False: it acts on entries that data makes.
    [[nodiscard]] bool makes_entry() const noexcept {
        return !action.iifs.empty() && !is_per_source && !source_range &&
               (!key.source || key.group.is_host());
    }
    friend bool operator==(const RouteSpec &, const RouteSpec &) = default;
};

/// What the route may not be: kInvalidArgument with the reason. Of the interfaces nothing is said.
Result<void> validate(const RouteSpec &route);
std::string to_string(const RouteSpec &route); ///< like its key, "(10.1.0.0/16,232.1.1.1)"

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
    std::vector<RouteSpec> routes; ///< any order; two of one key and source range are an error
    std::vector<MembershipSpec> memberships{};
    std::vector<MrouteSpec> mroutes{};
    friend bool operator==(const DesiredState &, const DesiredState &) = default;
};

} // namespace mgm

template <>
struct fmt::formatter<mgm::RouteSpec> : fmt::formatter<std::string_view> {
    auto format(const mgm::RouteSpec &v, format_context &c) const {
        return formatter<std::string_view>::format(mgm::to_string(v), c);
    }
};
