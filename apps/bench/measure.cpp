// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/measure.hpp"

#include <algorithm>
#include <utility>

namespace bench {

using mgm::Result;

namespace {

Result<void> measure_on_router(Bed &bed, const MeasureSettings &settings, MeasuredRow &row) {
    Result<std::unique_ptr<RouterRun>> made =
        RouterRun::create(bed, row.row.scenario, settings.seed);
    if (!made)
        return tl::unexpected(std::move(made.error()));
    RouterRun &run = **made;
    switch (row.row.measure) {
    case Measure::kVerify:
        verify(run, settings, row);
        break;
    case Measure::kForwarding:
        measure_forwarding(run, settings, row);
        break;
    case Measure::kThroughput:
        measure_throughput(run, settings, row);
        break;
    case Measure::kLatency:
        measure_latency(run, settings, row);
        break;
    case Measure::kJoinDelay:
    case Measure::kLeaveDelay:
        measure_delay(run, settings, row);
        break;
    case Measure::kCost:
    case Measure::kCapacity:
        break;
    }
    return {};
}

} // namespace

bool MeasuredRow::has_faults() const {
    const auto *verified = std::get_if<VerifyResult>(&result);
    return verified != nullptr && std::any_of(verified->ports.begin(), verified->ports.end(),
                                              [](const Faults &faults) { return faults.any(); });
}

Result<std::vector<MeasuredRow>> measure_rows(Bed &bed, const std::vector<Row> &rows,
                                              const MeasureSettings &settings,
                                              const MeasureProgress &progress) {
    std::vector<MeasuredRow> results;
    for (const Row &row : rows) {
        progress(row.scenario);
        MeasuredRow result;
        result.row = row;
        const Result<void> measured = row.measure == Measure::kCapacity
                                          ? measure_capacity(bed, settings, result)
                                          : measure_on_router(bed, settings, result);
        if (!measured)
            return tl::unexpected(measured.error());
        if (const std::uint32_t missing = bed.mbufs_in_use(); missing != 0)
            return mgm::fail(mgm::Errc::kInternal,
                             "{}: {} packet buffers did not come back: a leak", row.scenario.name,
                             missing);
        results.push_back(std::move(result));
    }
    return results;
}

std::vector<double> loads_of(const Row &row, double whole, const std::vector<double> &otherwise) {
    std::vector<double> loads = row.loads.empty() ? otherwise : row.loads;
    for (double &load : loads)
        if (load < kLargestShare)
            load *= whole;
    return loads;
}

} // namespace bench
