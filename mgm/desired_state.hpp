// SPDX-License-Identifier: BSD-3-Clause
// All that the operator asks for, as plain values: the configuration produces it, control turns the
// difference between two of them into table updates. No DPDK.
#pragma once

#include "mgm/spec.hpp"

#include <vector>

namespace mgm {

struct RouteSpec {
    RouteKey key;
    RouteAction action;
    friend bool operator==(const RouteSpec &, const RouteSpec &) = default;
};

struct DesiredState {
    std::vector<InterfaceSpec> interfaces;
    std::vector<NeighborSpec> neighbors;
    std::vector<RouteSpec> routes; ///< any order; two with one key are an error
    friend bool operator==(const DesiredState &, const DesiredState &) = default;
};

} // namespace mgm
