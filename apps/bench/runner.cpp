// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/runner.hpp"

#include "apps/bench/churn.hpp"
#include "apps/bench/disturbance.hpp"
#include "apps/bench/router.hpp"
#include "apps/bench/sinks.hpp"

#include <rte_cycles.h>
#include <rte_launch.h>

#include <algorithm>
#include <optional>
#include <utility>

namespace bench {

using mgm::Result;

namespace {

constexpr double kWarmUpSeconds = 0.02;

std::vector<Subject> subjects_of(const Scenario &scenario) {
    std::vector<Subject> subjects(kAllSubjects.begin(), kAllSubjects.end());
    if (scenario.mac_mode == MacMode::kRouter) // whole copies are never the cheapest there
        std::erase(subjects, Subject::kFlat);
    return subjects;
}

FloorKind floor_kind(Subject subject) {
    switch (subject) {
    case Subject::kFlat:
        return FloorKind::kFlat;
    case Subject::kClone:
        return FloorKind::kClone;
    case Subject::kCeiling:
        return FloorKind::kCeiling;
    case Subject::kGenerator:
        return FloorKind::kGenerator;
    case Subject::kRouter:
    case Subject::kFloor:
        break;
    }
    return FloorKind::kFloor;
}

/// One row: everything that its trials need.
class RowRun {
public:
    RowRun(Bed &bed, const Row &row, const RunSettings &settings, std::unique_ptr<Router> router)
        : bed_(bed),
          scenario_(row.scenario),
          settings_(settings),
          sinks_(bed.sink_ports(scenario_.ports()), scenario_, bed.floor_pools().heads),
          router_(std::move(router)),
          floor_(scenario_, bed.ingress_port(), sinks_.port_ids(), bed.floor_pools()),
          traffic_(scenario_, scenario_.entries(), settings.seed) {
        if (scenario_.entries() > Floor::kMostEntries)
            floor_traffic_.emplace(scenario_, Floor::kMostEntries, settings.seed);
    }

    Trial run(Subject subject, unsigned repeat, double seconds) {
        Trial trial = attempt(subject, repeat, seconds);
        for (unsigned k = 1; k < kAttempts && trial.invalid == kNoisy; ++k)
            trial = attempt(subject, repeat, seconds);
        return trial;
    }
    [[nodiscard]] const Router &router() const noexcept { return *router_; }

private:
    Trial attempt(Subject subject, unsigned repeat, double seconds) {
        Trial trial;
        trial.subject = subject;
        trial.repeat = repeat;
        const bool is_router = subject == Subject::kRouter;
        const std::size_t workers = is_router ? scenario_.workers : 1;
        for (std::size_t w = 0; w < workers; ++w)
            bed_.ingresses()[w]->arm(is_router || !floor_traffic_ ? traffic_ : *floor_traffic_,
                                     seconds, w * (Traffic::kStreamLength / workers));
        trial.updates = is_router ? run_router() : run_floor(floor_kind(subject));
        trial.meter = bed_.ingress().meter();
        for (std::size_t w = 1; w < workers; ++w)
            trial.meter.add(bed_.ingresses()[w]->meter());
        trial.copies = sinks_.take_sent();
        trial.invalid = is_router ? check_router(trial) : check_floor(trial);
        if (trial.invalid.empty() && trial.meter.cpu_share < kLeastCpuShare)
            trial.invalid = kNoisy;
        return trial;
    }
    std::uint64_t run_router() {
        std::vector<std::unique_ptr<dataplane::Worker>> workers;
        for (std::uint32_t id = 0; id < scenario_.workers; ++id)
            workers.push_back(router_->make_worker(id));
        for (std::size_t id = 0; id < workers.size(); ++id)
            launch(
                [](void *w) {
                    static_cast<dataplane::Worker *>(w)->run();
                    return 0;
                },
                workers[id].get(), id);
        Churn churn(*router_, scenario_, settings_.seed);
        while (scenario_.updates_per_second != 0 && !bed_.ingress().is_over())
            churn.catch_up(); // no rest: what is due grows while this CPU sleeps
        for (std::size_t id = 0; id < workers.size(); ++id) {
            bed_.ingresses()[id]->wait();
            workers[id]->stop();
            rte_eal_wait_lcore(bed_.worker_lcore(id));
        }
        router_->reclaim();
        return churn.made();
    }
    std::uint64_t run_floor(FloorKind kind) {
        struct Task {
            Floor &floor;
            FloorKind kind;
            const Ingress &ingress;
        } task{floor_, kind, bed_.ingress()};
        launch(
            [](void *t) {
                const auto &given = *static_cast<Task *>(t);
                given.floor.run(given.kind, given.ingress);
                return 0;
            },
            &task, 0);
        bed_.ingress().wait(); // rte_eal_wait_lcore() would spin
        rte_eal_wait_lcore(bed_.worker_lcore());
        return 0;
    }
    void launch(lcore_function_t *function, void *argument, std::size_t worker) {
        rte_eal_remote_launch(function, argument, bed_.worker_lcore(worker));
    }

    /// A figure counts only when every packet went where it should.
    std::string check_router(const Trial &trial) {
        const RouterCounts counts = router_->take_counts();
        const std::uint64_t packets = trial.meter.packets;
        if (counts.received != packets || counts.forwarded != packets)
            return fmt::format("{} packets made, {} received, {} forwarded", packets,
                               counts.received, counts.forwarded);
        if (counts.entry_packets != packets)
            return fmt::format("{} packets forwarded, {} counted on entries", packets,
                               counts.entry_packets);
        const std::uint64_t refused =
            packets * static_cast<unsigned>(scenario_.fan_out - scenario_.taken_copies());
        if (counts.copies_sent + refused != counts.copies_wanted ||
            counts.copies_sent != trial.copies || counts.copies_refused != refused)
            return fmt::format("{} copies wanted, {} sent, {} taken by the ports; {} refused, {} "
                               "were to be",
                               counts.copies_wanted, counts.copies_sent, trial.copies,
                               counts.copies_refused, refused);
        const double due = scenario_.updates_per_second * static_cast<double>(trial.meter.cycles) /
                           static_cast<double>(rte_get_tsc_hz());
        if (static_cast<double>(trial.updates) < kLeastUpdates * due)
            return fmt::format("{} updates made of {:.0f} that were due", trial.updates, due);
        return check_floor(trial);
    }
    [[nodiscard]] std::string check_floor(const Trial &trial) const {
        const std::uint64_t wanted = trial.subject == Subject::kGenerator
                                         ? 0
                                         : trial.meter.packets * scenario_.taken_copies();
        if (trial.meter.packets == 0)
            return "no packet was made";
        if (trial.meter.no_mbufs != 0)
            return fmt::format("{} bursts found too few buffers", trial.meter.no_mbufs);
        if (trial.copies != wanted)
            return fmt::format("{} copies wanted, {} taken by the ports", wanted, trial.copies);
        return scenario_.has_blocked_port ? check_ports(trial) : std::string();
    }
    /// Beside the blocked port every other one has a copy of each packet.
    [[nodiscard]] std::string check_ports(const Trial &trial) const {
        const std::uint64_t all = trial.subject == Subject::kGenerator ? 0 : trial.meter.packets;
        for (std::size_t k = 0; k < sinks_.sent_by_port().size(); ++k) {
            const std::uint64_t wanted = k == scenario_.blocked_port() ? 0 : all;
            if (sinks_.sent_by_port()[k] != wanted)
                return fmt::format("port {} has taken {} copies of {}", k, sinks_.sent_by_port()[k],
                                   wanted);
        }
        return {};
    }

    Bed &bed_;
    const Scenario &scenario_;
    const RunSettings &settings_;
    Sinks sinks_;
    std::unique_ptr<Router> router_;
    Floor floor_;
    Traffic traffic_;
    std::optional<Traffic> floor_traffic_; ///< over the flows that the floor knows
};

Result<RowResult> run_row(Bed &bed, const Row &row, const RunSettings &settings,
                          const std::function<void()> &before_trial) {
    Result<std::unique_ptr<Router>> router =
        Router::create(row.scenario, bed.ingress_port(), bed.sink_ports(row.scenario.ports()),
                       {bed.received(), bed.floor_pools().heads});
    if (!router)
        return tl::unexpected(std::move(router.error()));
    RowResult result;
    result.row = row;
    {
        RowRun run(bed, row, settings, std::move(*router));
        result.load_seconds = run.router().load_seconds();
        result.table_octets = run.router().table_octets();
        const std::vector<Subject> subjects = subjects_of(row.scenario);
        for (const Subject subject : subjects)
            run.run(subject, 0, kWarmUpSeconds);
        for (unsigned repeat = 1; repeat <= settings.repeats; ++repeat)
            for (const Subject subject : subjects) {
                before_trial();
                result.trials.push_back(run.run(subject, repeat, settings.seconds));
            }
    }
    if (const std::uint32_t missing = bed.mbufs_in_use(); missing != 0)
        return mgm::fail(mgm::Errc::kInternal, "{}: {} packet buffers did not come back: a leak",
                         row.scenario.name, missing);
    return result;
}

} // namespace

Result<std::vector<RowResult>> run_rows(Bed &bed, const std::vector<Row> &rows,
                                        const RunSettings &settings, const Progress &progress) {
    std::size_t of = 0, done = 0;
    for (const Row &row : rows)
        of += subjects_of(row.scenario).size() * settings.repeats;
    std::vector<RowResult> results;
    for (const Row &row : rows) {
        Result<RowResult> result =
            run_row(bed, row, settings, [&] { progress(row.scenario, done++, of); });
        if (!result)
            return tl::unexpected(std::move(result.error()));
        results.push_back(std::move(*result));
    }
    progress(rows.back().scenario, of, of);
    return results;
}

} // namespace bench
