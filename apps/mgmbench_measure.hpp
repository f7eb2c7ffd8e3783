// SPDX-License-Identifier: BSD-3-Clause
// mgmbench run for everything but cost: its options, and what it prints.
#pragma once

#include "apps/bench/bed.hpp"
#include "apps/bench/measure.hpp"
#include "apps/bench/measure_output.hpp"

#include <CLI/CLI.hpp>

#include <optional>
#include <string>
#include <vector>

namespace apps {

struct MeasureOptions {
    bench::Measure measure = bench::Measure::kCost;
    bench::MeasureSettings settings;
    std::optional<std::uint32_t> descriptors;
    std::vector<std::string> loads;
};

/// `suite`: names its own measures.
void add_measure(CLI::App &app, MeasureOptions &options, CLI::Option *suite);
/// Measure and loads as the command line wants them. kInvalidArgument.
mgm::Result<void> apply(const MeasureOptions &options, std::vector<bench::Row> &rows,
                        bool has_suite);
/// Fills `report` with what was measured.
mgm::Result<void> measure(bench::Bed &bed, const std::vector<bench::Row> &rows,
                          bench::MeasuredReport &report);
/// Every row counts, and every copy was as it should be.
bool is_clean(const bench::MeasuredReport &report);

} // namespace apps
