// SPDX-License-Identifier: BSD-3-Clause
// RFC 3918 4.4: how many groups until one of them loses a packet at the given load.
#include "apps/bench/measure.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {

using mgm::Result;

namespace {

constexpr double kHalf = 0.5;
constexpr std::uint32_t kFirst = 1000;
constexpr double kWidth = 0.1; ///< of the result

/// One number of groups.
class CapacitySteps {
public:
    CapacitySteps(Bed &bed, const MeasureSettings &settings, const Row &row, CapacityResult &result)
        : bed_(bed), settings_(settings), row_(row), result_(result) {}

    Result<bool> is_enough_for(std::uint32_t groups) {
        Scenario scenario = row_.scenario;
        scenario.groups = groups;
        Result<std::unique_ptr<RouterRun>> run = RouterRun::create(bed_, scenario, settings_.seed);
        if (!run)
            return tl::unexpected(std::move(run.error()));
        if (pps_ == 0) // a share means that of the first step
            pps_ = loads_of(row_, full_speed_of(**run, settings_.seconds), {kHalf}).front();
        // Long enough for a packet to each group.
        MeasureSettings settings = settings_;
        settings.seconds = std::max(settings_.seconds, 2.0 * groups / pps_);
        const LoadTrial trial = try_limit(**run, pps_, settings);
        result_.steps.push_back(
            {groups, trial, (*run)->router().table_octets(), (*run)->router().load_seconds()});
        return trial.loss == 0;
    }

private:
    Bed &bed_;
    const MeasureSettings &settings_;
    const Row &row_;
    CapacityResult &result_;
    double pps_ = 0;
};

/// After the most groups that were enough and the fewest that were not (0: none yet). 0: found.
std::uint32_t next_step(std::uint32_t good, std::uint32_t bad, std::uint32_t most) {
    if (bad != 0)
        return bad - good <= kWidth * bad ? 0 : good + (bad - good) / 2;
    if (good == most)
        return 0;
    return static_cast<std::uint32_t>(std::min<std::uint64_t>(most, std::uint64_t{good} * 4));
}

} // namespace

Result<void> measure_capacity(Bed &bed, const MeasureSettings &settings, MeasuredRow &row) {
    CapacityResult result;
    const std::uint32_t most = row.row.scenario.groups; // of what the bed has memory for
    CapacitySteps steps(bed, settings, row.row, result);
    std::uint32_t good = 0, bad = 0, next = std::min(kFirst, most);
    while (next != 0) {
        const Result<bool> is_enough = steps.is_enough_for(next);
        if (!is_enough)
            return tl::unexpected(is_enough.error());
        (*is_enough ? good : bad) = next;
        next = next_step(good, bad, most);
    }
    result.groups = good;
    result.is_bounded = bad != 0;
    if (std::any_of(result.steps.begin(), result.steps.end(),
                    [](const CapacityStep &step) { return step.trial.is_disturbed; }))
        row.invalid = fmt::format("in a step, {} times: {}", kAttempts, kNoisy);
    else if (good == 0)
        row.invalid = "even the fewest groups lost packets";
    row.result = std::move(result);
    return {};
}

} // namespace bench
