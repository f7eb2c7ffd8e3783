// SPDX-License-Identifier: BSD-3-Clause
// Results as a table for people and as JSON and CSV for machines.
#pragma once

#include "apps/bench/machine.hpp"
#include "apps/bench/runner.hpp"
#include "apps/bench/trial.hpp"

#include <string>
#include <vector>

namespace bench {

/// Moves when a field is renamed, removed or means something else.
inline constexpr unsigned kSchemaVersion = 2;

struct Report {
    Machine machine;
    RunSettings settings;
    std::string suite;
    std::string command; ///< that was typed
    std::vector<RowResult> rows;
};

/// A line for each row, then what does not count and why.
std::string to_text(const Report &report);
/// Every trial, with what was derived from them.
std::string to_json(const Report &report);
/// A line for each trial.
std::string to_csv(const Report &report);

} // namespace bench
