// SPDX-License-Identifier: BSD-3-Clause
// Plots of lines over what rows differ in. A part of report_plots.cpp.
#pragma once

#include "apps/bench/plot.hpp"
#include "apps/bench/saved_result.hpp"

#include <string>
#include <vector>

namespace bench {

/// What a plot may vary; all else of the scenario is the same for its rows.
enum Varied : unsigned {
    kSize = 1,
    kFanOut = 2,
    kMac = 4,
    kEntries = 8,
    kFamily = 16,
    kUpdates = 32
};

struct Circumstances {
    std::string text; ///< "64 octets, parked sinks"
    std::string slug; ///< "-64-parked"

    void add(const std::string &words, const std::string &mark);
};
/// What is the same, as far as it does not go without saying.
Circumstances circumstances_of(const SavedRow &row, unsigned varied);

/// "1k", "4M".
std::string short_number(double value);
/// The row's cycles a packet, spread and all; nullptr: not measured. "floor" is the cheaper one.
const Spread *cost_of(const SavedRow &row, const std::string &subject);
PlotPoint point_of(double x, const Spread &spread, double by);

/// By fan-out, by size, by entries: for whatever has at least three points.
void add_line_plots(std::vector<Plot> &plots, const SavedResult &result);

} // namespace bench
