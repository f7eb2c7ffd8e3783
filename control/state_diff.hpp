// SPDX-License-Identifier: BSD-3-Clause
// Two desired states -> the steps that lead from one to the other, in an order that hides no
// half-made state from flows that stay. Pure: touches no table, so a helper thread may run it.
#pragma once

#include "mgm/desired_state.hpp"
#include "mgm/layout.hpp"
#include "mgm/result.hpp"

#include <cstdint>
#include <limits>
#include <tuple>
#include <vector>

namespace control {

/// What tells routes apart, in the order in which the group manager keeps its own: in that order a
/// million of them come several times as fast as in another.
[[nodiscard]] inline auto name_of(const mgm::RouteSpec &route) {
    return std::tie(route.key.vrf, route.key.group, route.key.source, route.source_range);
}

/// A desired state with everything sorted by its key, repeats within an olist merged: only
/// normalise() makes one, and it has checked the values against each other and the capacity:
/// interfaces by index, neighbors by (interface, address), routes by name_of().
struct NormalState : mgm::DesiredState {};

/// Every mistake at once, a line each (kInvalidArgument; kNotFound for an interface that does not
/// exist; kTableFull when it is more than the capacity): the code is the first one's.
mgm::Result<NormalState> normalise(mgm::DesiredState state, const mgm::Geometry &geometry);

/// One table update. Done in order, undone in reverse.
struct Step {
    enum class Kind : std::uint8_t {
        kDetach,          ///< interface `before` leaves its port
        kUpsertInterface, ///< `before` (or none) -> `after`
        kAttach,          ///< interface `after` goes on its port
        kSetNeighbor,     ///< `before` (or none) -> `after`
        kUpsertRoute,     ///< `before` (or none) -> `after`
        kRemoveRoute,     ///< `before`
        kForgetNeighbor,  ///< `before`
        kRemoveInterface, ///< `before`
    };
    static constexpr std::uint32_t kNone = std::numeric_limits<std::uint32_t>::max();

    Kind kind{};
    std::uint32_t before = kNone; ///< position in the old state's vector
    std::uint32_t after = kNone;  ///< position in the new state's vector
    friend bool operator==(const Step &, const Step &) = default;
};

/// New things are made before the old ones that they replace go, but where the capacity is too
/// small for both: then routes leave first. kTableFull when that does not help either (interfaces).
mgm::Result<std::vector<Step>> diff(const NormalState &before, const NormalState &after,
                                    const mgm::Geometry &geometry);

} // namespace control
