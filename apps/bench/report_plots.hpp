// SPDX-License-Identifier: BSD-3-Clause
// Which plots a result can show: each row belongs to as many as it has something to say to.
#pragma once

#include "apps/bench/plot.hpp"
#include "apps/bench/saved_result.hpp"

#include <vector>

namespace bench {

/// Rows that differ in their fan-out, size or number of entries alone make lines (from three
/// points on), those that differ in their updates alone make bars, latencies a curve each, rates
/// of a search bars. Ids are unique.
std::vector<Plot> plots_of(const SavedResult &result);

} // namespace bench
