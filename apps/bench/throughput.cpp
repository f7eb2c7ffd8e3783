// SPDX-License-Identifier: BSD-3-Clause
// Trials at a load, with a ring that overflows as a NIC's does, and the search for the highest.
#include "apps/bench/measure.hpp"
#include "apps/bench/paced_ingress.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {

namespace {

constexpr double kPartialDrop = 0.005; ///< PDR
constexpr double kMostOverFull = 1.1;  ///< of full speed, where the search begins

bool was_disturbed(const LoadTrial &trial) {
    const Offered &offered = trial.offered;
    if (offered.cpu_share < kLeastCpuShare)
        return true;
    // Loss that the worker's absence explains; a router that is too slow loses more than that.
    const double absent = offered.stalled_seconds * offered.pps * 2;
    return offered.overrun != 0 && static_cast<double>(offered.overrun) <= absent;
}

LoadTrial try_once(RouterRun &run, double pps, const MeasureSettings &settings) {
    LoadTrial trial;
    Load load;
    load.pps = pps;
    load.seconds = settings.seconds;
    load.descriptors = settings.descriptors;
    trial.offered = run.run(load, Stamping::kNone);
    trial.complete(run);
    return trial;
}

/// A few disturbed ones a search gets over: each bound is tried more than once.
constexpr double kMostDisturbed = 0.1;

std::string objection_to(const std::vector<LoadTrial> &trials) {
    const auto disturbed = std::count_if(trials.begin(), trials.end(),
                                         [](const LoadTrial &trial) { return trial.is_disturbed; });
    if (static_cast<double>(disturbed) > kMostDisturbed * static_cast<double>(trials.size()))
        return fmt::format("the worker was disturbed in {} of {} trials, {} times each", disturbed,
                           trials.size(), kAttempts);
    for (const LoadTrial &trial : trials)
        if (trial.offered.falls_short())
            return fmt::format("generator shortfall: {:.0f} packets/s offered of {:.0f}",
                               trial.offered.pps, trial.offered.intended_pps);
    return {};
}

} // namespace

void LoadTrial::complete(const RouterRun &run) {
    const double wanted = static_cast<double>(offered.offered()) * run.scenario().fan_out;
    const auto copies = static_cast<double>(run.copies());
    loss = wanted == 0 ? 0 : std::max(0.0, 1 - copies / wanted);
    output_pps = copies / offered.seconds;
    is_disturbed = was_disturbed(*this);
}

LoadTrial try_load(RouterRun &run, double pps, const MeasureSettings &settings) {
    LoadTrial best = try_once(run, pps, settings);
    for (unsigned attempt = 2; attempt <= kAttempts && best.is_disturbed; ++attempt) {
        LoadTrial trial = try_once(run, pps, settings);
        if (!trial.is_disturbed || trial.loss < best.loss)
            best = trial;
        best.attempts = attempt;
    }
    return best;
}

LoadTrial try_limit(RouterRun &run, double pps, const MeasureSettings &settings) {
    constexpr double kHidden = 0.005;
    MeasureSettings bounded = settings;
    const double most = std::max(2.0 * PacedIngress::kBurst, pps * settings.seconds * kHidden);
    bounded.descriptors = static_cast<std::uint32_t>(std::min<double>(settings.descriptors, most));
    return try_load(run, pps, bounded);
}

double full_speed_of(RouterRun &run, double seconds) {
    Load load;
    load.seconds = seconds;
    run.run(load, Stamping::kNone); // warms caches, is not counted
    double best = 0;
    for (unsigned k = 0; k < 3; ++k)
        best = std::max(best, run.run(load, Stamping::kNone).pps);
    return best;
}

ThroughputResult search_throughput(RouterRun &run, const MeasureSettings &settings) {
    ThroughputResult result;
    Load load;
    load.seconds = settings.seconds;
    result.loopback = run.run_loopback(load, UINT32_MAX).pps;
    result.full_speed = full_speed_of(run, settings.seconds);
    SearchSettings bounds;
    bounds.most = result.full_speed * kMostOverFull;
    RateSearch search(bounds);
    const auto reach = [&](double loss) {
        search.aim(loss);
        while (const std::optional<double> rate = search.next()) {
            result.trials.push_back(try_limit(run, *rate, settings));
            search.add(*rate, result.trials.back().loss);
        }
        return search.bounds();
    };
    result.pdr = reach(kPartialDrop);
    result.ndr = reach(0);
    return result;
}

std::string objection_to(const ThroughputResult &result) {
    std::string objection = objection_to(result.trials);
    if (objection.empty() && result.ndr.lower == 0)
        objection = "even the least rate lost packets";
    return objection;
}

void measure_throughput(RouterRun &run, const MeasureSettings &settings, MeasuredRow &row) {
    ThroughputResult result = search_throughput(run, settings);
    row.invalid = objection_to(result);
    row.result = std::move(result);
}

void measure_forwarding(RouterRun &run, const MeasureSettings &settings, MeasuredRow &row) {
    constexpr double kHalf = 0.5;
    ForwardingResult result;
    const double whole = full_speed_of(run, settings.seconds);
    for (const double pps : loads_of(row.row, whole, {kHalf}))
        result.trials.push_back(try_load(run, pps, settings));
    row.invalid = objection_to(result.trials);
    row.result = std::move(result);
}

} // namespace bench
