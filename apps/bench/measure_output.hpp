// SPDX-License-Identifier: BSD-3-Clause
// Results of measures other than cost, for people and for machines.
#pragma once

#include "apps/bench/machine.hpp"
#include "apps/bench/measure.hpp"

#include <string>
#include <vector>

namespace bench {

struct MeasuredReport {
    Machine machine;
    MeasureSettings settings;
    std::string suite;
    std::string command; ///< as a shell would take it
    std::vector<MeasuredRow> rows;
};

[[nodiscard]] bool has_ring(const MeasuredReport &report);
std::string to_text(const MeasuredReport &report);
std::string to_json(const MeasuredReport &report);
/// A line for each port of a verified trial, each trial at a load, each percentile of a latency.
std::string to_csv(const MeasuredReport &report);

/// Percentiles that are reported.
inline constexpr std::array kPercentiles{50.0, 75.0, 90.0, 95.0, 99.0, 99.9, 99.99};

} // namespace bench
