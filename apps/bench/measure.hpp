// SPDX-License-Identifier: BSD-3-Clause
// What is measured beside cost: a result type for each Measure, and who fills it.
//
// Thread: main.
#pragma once

#include "apps/bench/bed.hpp"
#include "apps/bench/checker.hpp"
#include "apps/bench/fault.hpp"
#include "apps/bench/histogram.hpp"
#include "apps/bench/rate_search.hpp"
#include "apps/bench/router_run.hpp"
#include "apps/bench/rx_ring.hpp"

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace bench {

struct MeasureSettings {
    double seconds = 0.1;       ///< of a trial
    double latency_seconds = 1; ///< of one that needs samples
    /// Of the rx ring in trials with a rate: 0.2 ms at 20 Mpps, longer than most pauses that a host
    /// makes of a virtual CPU. With 1,024 a search finds those pauses, another each time.
    std::uint32_t descriptors = 4096;
    std::uint64_t seed = 1;
    std::uint64_t packets = 100'000; ///< of a verified trial
    unsigned samples = 200;          ///< joins or leaves
    Fault fault = Fault::kNone;
};

/// Every copy of one trial was looked at.
struct VerifyResult {
    Offered offered;
    std::vector<Faults> ports;
    std::uint64_t digest = 0;
    std::uint64_t updates = 0;
    DropCounts drops; ///< what the router's counters say
};

/// One trial of a search or a step at one load.
struct LoadTrial {
    Offered offered;
    double loss = 0;           ///< share of the copies that should have left
    double output_pps = 0;     ///< copies a second
    unsigned attempts = 1;     ///< those before were disturbed
    bool is_disturbed = false; ///< so were all

    /// From what was offered and what the ports took in the run that is over.
    void complete(const RouterRun &run);
};

struct ThroughputResult {
    RateBounds ndr, pdr;
    double full_speed = 0; ///< packets a second that are fetched and forwarded when all wait
    double loopback = 0;   ///< the same of a loop that only sends what it receives
    std::vector<LoadTrial> trials;
};

struct ForwardingResult {
    std::vector<LoadTrial> trials; ///< one for each load
};

/// TSC cycles.
struct LatencyLoad {
    double pps = 0;
    bool is_unloaded = false;
    LoadTrial trial;
    std::vector<Histogram> ports;
    Histogram all;
    Histogram spread;   ///< from the earliest port to the latest, of one packet
    Histogram loopback; ///< of a loop that only sends what it receives, at the same load
};
struct LatencyResult {
    std::optional<ThroughputResult> throughput; ///< where shares of it were wanted
    std::vector<LatencyLoad> loads;
};

/// Of a flow's entry added or removed through TableWriter.
struct DelayResult {
    double pps = 0;
    Histogram delay;       ///< TSC cycles: call to first copy, or to last
    Histogram frames;      ///< missed before the first copy; copied after the call
    unsigned timeouts = 0; ///< nothing came for a second
};

struct CapacityStep {
    std::uint64_t groups = 0;
    LoadTrial trial;
    std::uint64_t table_octets = 0;
    double load_seconds = 0;
};
struct CapacityResult {
    std::uint64_t groups = 0; ///< the most that lost nothing
    bool is_bounded = false;  ///< more did lose; else nothing larger was tried
    std::vector<CapacityStep> steps;
};

struct MeasuredRow {
    Row row;
    std::variant<VerifyResult, ForwardingResult, ThroughputResult, LatencyResult, DelayResult,
                 CapacityResult>
        result;
    std::string invalid; ///< why it does not count; empty: it does
    [[nodiscard]] bool has_faults() const;
};

using MeasureProgress = std::function<void(const Scenario &)>;
/// Rows of any measure but kCost. Fails as Router::create() does, and when buffers leak.
mgm::Result<std::vector<MeasuredRow>> measure_rows(Bed &bed, const std::vector<Row> &rows,
                                                   const MeasureSettings &settings,
                                                   const MeasureProgress &progress);

void verify(RouterRun &run, const MeasureSettings &settings, MeasuredRow &row);
void measure_forwarding(RouterRun &run, const MeasureSettings &settings, MeasuredRow &row);
void measure_throughput(RouterRun &run, const MeasureSettings &settings, MeasuredRow &row);
void measure_latency(RouterRun &run, const MeasureSettings &settings, MeasuredRow &row);
void measure_delay(RouterRun &run, const MeasureSettings &settings, MeasuredRow &row);
mgm::Result<void> measure_capacity(Bed &bed, const MeasureSettings &settings, MeasuredRow &row);

/// What a load of a row means where it is not a share of what the router can do.
inline constexpr double kUnloadedPps = 9'000;
inline constexpr double kLargestShare = 10; ///< loads below are shares
ThroughputResult search_throughput(RouterRun &run, const MeasureSettings &settings);
/// Why it does not count; empty: it does.
std::string objection_to(const ThroughputResult &result);
/// One trial with a NIC's ring; made again while it is disturbed.
LoadTrial try_load(RouterRun &run, double pps, const MeasureSettings &settings);
/// The same for a search. What is in the ring at a trial's end is overload that nobody sees: at
/// most half a percent of the load, and never less than two bursts.
LoadTrial try_limit(RouterRun &run, double pps, const MeasureSettings &settings);
/// Packets a second of an endless queue, once warm.
double full_speed_of(RouterRun &run, double seconds);
/// Loads of the row, shares of `whole` made into packets a second; `otherwise` where it has none.
std::vector<double> loads_of(const Row &row, double whole, const std::vector<double> &otherwise);

} // namespace bench
