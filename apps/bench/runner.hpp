// SPDX-License-Identifier: BSD-3-Clause
// Runs rows: for each, the router and everything it is compared with take turns on one lcore, so
// that what disturbs the machine disturbs all of them.
//
// Thread: main.
#pragma once

#include "apps/bench/bed.hpp"
#include "apps/bench/trial.hpp"

#include <cstdint>
#include <functional>
#include <vector>

namespace bench {

struct RunSettings {
    unsigned repeats = 5;
    double seconds = 0.1; ///< of a trial
    std::uint64_t seed = 1;
};

/// Told before each trial, with how many are done of how many.
using Progress = std::function<void(const Scenario &, std::size_t done, std::size_t of)>;

/// kNoMemory, kTableFull; kInternal when buffers are missing after a row.
mgm::Result<std::vector<RowResult>> run_rows(Bed &bed, const std::vector<Row> &rows,
                                             const RunSettings &settings, const Progress &progress);

} // namespace bench
