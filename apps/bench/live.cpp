// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/live.hpp"

#include "apps/bench/capture_ingress.hpp"
#include "apps/bench/ingress.hpp"
#include "apps/bench/live_bed.hpp"
#include "apps/bench/live_producer.hpp"
#include "apps/bench/live_router.hpp"

#include <rte_cycles.h>
#include <rte_launch.h>

#include <algorithm>
#include <optional>
#include <thread>

#include <unistd.h>

namespace bench {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

constexpr std::size_t kMostPorts = 32;       ///< of Debian's DPDK
constexpr std::uint64_t kTableOctets = 1024; ///< for each entry, all in all
constexpr std::string_view kRing = "ring";
constexpr std::string_view kPcap = "pcap:";
constexpr double kQuietSeconds = 0.05; ///< nothing moves any more
constexpr double kLinkSeconds = 10;

/// A sink for each copy.
std::vector<std::string> sinks_of(const LiveSettings &settings, std::uint16_t fan_out) {
    if (settings.sinks.empty())
        return std::vector<std::string>(fan_out, "null");
    if (settings.sinks.size() == 1 && LiveWire::is_word(settings.sinks.front()))
        return std::vector<std::string>(fan_out, settings.sinks.front());
    return settings.sinks;
}

Result<void> check_ports(const std::string &ingress, const std::vector<std::string> &sinks) {
    const auto ports =
        static_cast<std::size_t>(1 + (ingress == kRing ? 1 : 0) + static_cast<long>(sinks.size()) +
                                 std::count(sinks.begin(), sinks.end(), kRing));
    if (std::find(sinks.begin(), sinks.end(), "parked") != sinks.end())
        return fail(Errc::kInvalidArgument, "--sink parked: only in a run without --ingress, and "
                                            "for all ports");
    if (ports > kMostPorts)
        return fail(Errc::kInvalidArgument,
                    "{} sinks and the ingress are {} DPDK ports, both ends of rings counted; "
                    " this DPDK has {}; lower --fan-out",
                    sinks.size(), ports, kMostPorts);
    return {};
}

double seconds_since(std::uint64_t begin) {
    return static_cast<double>(rte_rdtsc() - begin) / static_cast<double>(rte_get_tsc_hz());
}

class LiveRun {
public:
    LiveRun(LiveBed &bed, const LiveSettings &settings, LiveRouter &router, const Capture *capture,
            const Traffic &traffic)
        : bed_(bed), settings_(settings), router_(router), traffic_(traffic) {
        if (capture != nullptr)
            capture_.emplace(bed.ingress().port_id(), bed.frames(), *capture);
        else if (bed.ingress().has_far_end())
            producer_.emplace(bed.ingress(), bed.frames(), traffic);
        else if (settings.ingress.empty())
            made_.emplace(bed.ingress().port_id(), bed.frames());
    }

    LiveTrial run() {
        LiveTrial trial;
        const mgm::InterfaceSums before = router_.sums();
        const std::unique_ptr<dataplane::Worker> worker = router_.make_worker();
        const unsigned lcore = bed_.worker_lcore();
        rte_eal_remote_launch(
            [](void *w) {
                static_cast<dataplane::Worker *>(w)->run();
                return 0;
            },
            worker.get(), lcore);
        measure(trial, before.in_frames);
        settle(trial);
        worker->stop();
        rte_eal_wait_lcore(lcore);
        settle(trial); // what the worker's last turn sent
        trial.sums = router_.sums();
        trial.sums.subtract(before);
        if (capture_)
            trial.offered = capture_->made();
        if (made_)
            trial.offered = made_->meter().packets;
        trial.invalid = check(trial);
        return trial;
    }

private:
    void measure(LiveTrial &trial, std::uint64_t received_before) {
        while (!router_.is_running()) // a trial is short beside what a busy CPU may need to begin
            std::this_thread::yield();
        const std::uint64_t begin = rte_rdtsc();
        if (capture_)
            capture_->open();
        if (made_)
            made_->arm(traffic_, settings_.run.seconds);
        while (made_ ? !made_->is_over()
                     : seconds_since(begin) < settings_.run.seconds || is_owed(received_before))
            serve(trial);
        trial.measured = router_.sums().in_frames - received_before;
        trial.cycles = rte_rdtsc() - begin;
        trial.seconds = static_cast<double>(trial.cycles) / static_cast<double>(rte_get_tsc_hz());
        if (capture_)
            capture_->close();
        if (producer_)
            producer_->drop();
    }
    /// What is made here comes for sure: the worker's CPU is busy with others.
    [[nodiscard]] bool is_owed(std::uint64_t received_before) const {
        return (capture_ || producer_) && router_.sums().in_frames == received_before;
    }
    /// The far ends' turn.
    void serve(LiveTrial &trial) {
        std::uint64_t moved = 0;
        if (producer_) {
            const Producer::Fed fed = producer_->feed();
            moved = fed.taken;
            trial.offered += fed.taken;
            ++trial.feeds;
            trial.full += fed.taken < fed.offered ? 1 : 0;
        }
        const std::uint64_t drained = bed_.drain();
        trial.drained += drained;
        moved += drained;
        if (moved == 0)
            std::this_thread::yield(); // the worker may share this CPU
    }
    /// Until nothing has moved for a while.
    void settle(LiveTrial &trial) {
        std::uint64_t seen = router_.sums().in_frames + trial.drained;
        std::uint64_t since = rte_rdtsc();
        while (seconds_since(since) < kQuietSeconds) {
            trial.drained += bed_.drain();
            const std::uint64_t now = router_.sums().in_frames + trial.drained;
            if (std::exchange(seen, now) != now)
                since = rte_rdtsc();
        }
    }
    [[nodiscard]] std::string check(const LiveTrial &trial) const {
        const mgm::InterfaceSums &sums = trial.sums;
        std::uint64_t ended = 0, lost = 0;
        for (std::size_t v = 0; v < mgm::kVerdictCount; ++v) {
            ended += sums.verdicts.at(v);
            lost += sums.copy_drops.at(v);
        }
        if (sums.in_frames == 0)
            return "no packet was received";
        if (sums.in_frames != ended)
            return fmt::format("{} packets received, {} have a verdict", sums.in_frames, ended);
        if (sums.copies_wanted != sums.copies_sent + lost)
            return fmt::format("{} copies wanted, {} sent, {} lost", sums.copies_wanted,
                               sums.copies_sent, lost);
        if (trial.offered != 0 && trial.offered != sums.in_frames)
            return fmt::format("{} packets offered, {} received", trial.offered, sums.in_frames);
        const bool sees_all = std::all_of(bed_.sinks().begin(), bed_.sinks().end(),
                                          [](const LiveWire &wire) { return wire.has_far_end(); });
        if (sees_all && trial.drained != sums.out_frames)
            return fmt::format("{} frames sent, {} came to the other ends", sums.out_frames,
                               trial.drained);
        return {};
    }

    LiveBed &bed_;
    const LiveSettings &settings_;
    LiveRouter &router_;
    const Traffic &traffic_;
    std::optional<CaptureIngress> capture_;
    std::optional<Producer> producer_;
    std::optional<Ingress> made_;
};

/// "pcap:FILE" -> the file, or nothing when packets come from elsewhere.
Result<std::optional<Capture>> read_capture(const std::string &ingress) {
    if (!ingress.starts_with(kPcap))
        return std::nullopt;
    Result<Capture> read = Capture::read(ingress.substr(kPcap.size()));
    if (!read)
        return tl::unexpected(std::move(read.error()));
    if (read->longest() > kMaxFrame)
        return fail(Errc::kInvalidArgument,
                    "'{}': its longest frame has {} octets, more than {}; capture with offloads "
                    "(GRO, LRO) turned off",
                    ingress, read->longest(), kMaxFrame);
    return std::optional<Capture>(std::move(*read));
}

/// Entries for what will come.
LivePlan plan_for(const std::optional<Capture> &capture, const Scenario &scenario) {
    LivePlan plan;
    plan.mac_mode = scenario.mac_mode;
    if (capture) {
        CaptureFlows found = flows_of(*capture);
        plan.vlans = std::move(found.vlans);
        plan.flows = std::move(found.flows);
        return plan;
    }
    for (std::uint64_t k = 0; k < scenario.entries(); ++k)
        plan.flows.push_back(flow_addresses(scenario, k));
    return plan;
}

std::uint16_t room_for(const std::optional<Capture> &capture, const Traffic &traffic) {
    constexpr std::uint16_t kLeast = 2048;
    const std::uint32_t captured = capture ? capture->longest() : 0;
    return static_cast<std::uint16_t>(
        std::max({std::uint32_t{kLeast}, captured, std::uint32_t{traffic.longest()}}));
}

Result<void> wait_until_up(const LiveBed &bed) {
    for (const std::uint64_t begin = rte_rdtsc(); !bed.are_up();)
        if (seconds_since(begin) > kLinkSeconds)
            return fail(Errc::kUnavailable, "not all ports have a link after {} s", kLinkSeconds);
    return {};
}

} // namespace

Result<LiveResult> run_live(const LiveSettings &settings, const Scenario &scenario) {
    const std::vector<std::string> sinks = sinks_of(settings, scenario.fan_out);
    const Result<std::optional<Capture>> read = read_capture(settings.ingress);
    if (!read)
        return tl::unexpected(read.error());
    const std::optional<Capture> &capture = *read;
    const std::string from =
        capture || settings.ingress.empty() ? std::string("null") : settings.ingress;
    if (Result<void> fits = check_ports(from, sinks); !fits)
        return tl::unexpected(std::move(fits.error()));
    const LivePlan plan = plan_for(capture, scenario);
    const Traffic traffic(scenario, scenario.entries(), settings.run.seed);

    LiveBed bed;
    if (Result<void> started = bed.start(from, sinks, room_for(capture, traffic),
                                         kTableOctets * (plan.flows.size() + 65'536));
        !started)
        return tl::unexpected(std::move(started.error()));
    Result<std::unique_ptr<LiveRouter>> router =
        LiveRouter::create(plan, bed.ingress(), bed.sinks(), {bed.frames(), bed.heads()});
    if (!router)
        return tl::unexpected(std::move(router.error()));
    if (Result<void> up = wait_until_up(bed); !up)
        return tl::unexpected(std::move(up.error()));
    LiveResult result{settings,
                      static_cast<std::uint16_t>(sinks.size()),
                      (*router)->entries(),
                      plan.vlans.size(),
                      bed.cores(),
                      {}};
    LiveRun run(bed, settings, **router, capture ? &*capture : nullptr, traffic);
    for (unsigned repeat = 0; repeat < settings.run.repeats; ++repeat)
        result.trials.push_back(run.run());
    return result;
}

} // namespace bench
