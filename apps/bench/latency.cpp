// SPDX-License-Identifier: BSD-3-Clause
// From the moment that rx_burst returns a packet to the moment that tx_burst is called with a copy.
#include "apps/bench/measure.hpp"
#include "apps/bench/sink_tap.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <memory>

namespace bench {

namespace {

constexpr double kSamplesASecond = 100'000; ///< at most: what is looked at costs time itself

/// Earliest and latest copy of the packets in flight.
class Spreads {
public:
    Spreads(unsigned copies, Histogram &spreads) : copies_(copies), spreads_(spreads) {}

    void note(std::uint32_t packet, std::uint64_t now) noexcept {
        Copies &slot = slots_[packet % slots_.size()];
        if (slot.count == 0 || slot.packet != packet)
            slot = {packet, 0, now};
        if (++slot.count == copies_)
            spreads_.record(now - slot.first);
    }

private:
    struct Copies {
        std::uint32_t packet = 0, count = 0;
        std::uint64_t first = 0;
    };
    unsigned copies_;
    Histogram &spreads_;
    std::array<Copies, 1024> slots_{};
};

class LatencyTap final : public SinkTap {
public:
    LatencyTap(std::uint16_t port_id, mgm::Family family, Histogram &latency, Spreads &spreads)
        : SinkTap(port_id),
          at_(static_cast<std::uint32_t>(stamp_offset(family))),
          latency_(latency),
          spreads_(spreads) {}

    void see(rte_mbuf **frames, std::uint16_t count) override {
        const std::uint64_t now = rte_rdtsc();
        for (std::uint16_t i = 0; i < count; ++i) {
            const std::optional<Stamp> stamp = read_timed_stamp(*frames[i], at_);
            if (!stamp)
                continue;
            latency_.record((now - stamp->time) & kTimeMask);
            spreads_.note(stamp->sequence, now);
        }
    }

private:
    std::uint32_t at_;
    Histogram &latency_;
    Spreads &spreads_;
};

using Taps = std::vector<std::unique_ptr<LatencyTap>>;

LatencyLoad try_latency(RouterRun &run, double pps, const MeasureSettings &settings) {
    LatencyLoad result;
    result.pps = pps;
    result.ports.resize(run.port_ids().size());
    Load load;
    load.pps = pps;
    load.seconds = settings.latency_seconds;
    load.descriptors = settings.descriptors;
    const auto every = static_cast<std::uint32_t>(std::max(1.0, pps / kSamplesASecond));
    const mgm::Family family = run.scenario().family;
    {
        Spreads spreads(run.scenario().fan_out, result.spread);
        Taps taps;
        for (std::size_t k = 0; k < result.ports.size(); ++k)
            taps.push_back(
                std::make_unique<LatencyTap>(run.port_ids()[k], family, result.ports[k], spreads));
        result.trial.offered = run.run(load, Stamping::kTimed, every);
        result.trial.complete(run);
    }
    for (const Histogram &port : result.ports)
        result.all.add(port);
    Histogram none;
    Spreads spreads(1, none);
    const LatencyTap tap(run.port_ids().front(), family, result.loopback, spreads);
    run.run_loopback(load, every);
    return result;
}

LatencyLoad try_until_undisturbed(RouterRun &run, double pps, const MeasureSettings &settings) {
    LatencyLoad best = try_latency(run, pps, settings);
    for (unsigned attempt = 2; attempt <= kAttempts && best.trial.is_disturbed; ++attempt) {
        LatencyLoad again = try_latency(run, pps, settings);
        if (again.trial.offered.stalled_seconds < best.trial.offered.stalled_seconds)
            best = std::move(again);
        best.trial.attempts = attempt;
    }
    return best;
}

bool is_share(double load) {
    return load > 0 && load < kLargestShare;
}

} // namespace

void measure_latency(RouterRun &run, const MeasureSettings &settings, MeasuredRow &row) {
    LatencyResult result;
    const std::vector<double> standard{0, 0.1, 0.5, 0.9};
    const std::vector<double> &wanted = row.row.loads.empty() ? standard : row.row.loads;
    double whole = 0;
    if (std::any_of(wanted.begin(), wanted.end(), is_share)) {
        result.throughput = search_throughput(run, settings);
        whole = result.throughput->pdr.lower;
        row.invalid = objection_to(*result.throughput);
    }
    for (const double load : loads_of(row.row, whole, standard)) {
        if (load == 0 && wanted[result.loads.size()] != 0)
            break; // a share of nothing
        const double pps = load == 0 ? kUnloadedPps : load;
        LatencyLoad best = try_until_undisturbed(run, pps, settings);
        best.is_unloaded = load == 0;
        if (best.trial.is_disturbed)
            row.invalid = fmt::format("at {:.0f} packets/s, {} times: {}", pps, kAttempts, kNoisy);
        if (best.all.count() == 0)
            row.invalid = "no packet was sampled: longer --seconds or a higher --load";
        result.loads.push_back(std::move(best));
    }
    row.result = std::move(result);
}

} // namespace bench
