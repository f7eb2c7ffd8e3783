// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmd_daemon.hpp"

#include "apps/mgmd_once.hpp"
#include "apps/mgmd_summary.hpp"
#include "apps/reloadable_config.hpp"
#include "apps/version.hpp"
#include "apps/worker_lcores.hpp"
#include "control/control_thread.hpp"
#include "dataplane/eal.hpp"
#include "dataplane/mbuf_pool.hpp"
#include "dataplane/port_manager.hpp"
#include "dataplane/rewrite.hpp"
#include "dataplane/spread.hpp"
#include "dataplane/tx_rings.hpp"
#include "mgm/grace_period.hpp"
#include "mgm/inject_ring.hpp"
#include "mgm/log.hpp"
#include "mgm/segment.hpp"
#include "mgm/signal_ring.hpp"
#include "mgm/table_writer.hpp"

#include <fmt/format.h>
#include <rte_memory.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>

namespace apps {

namespace {

const mgm::Log kLog("mgm.daemon");

ExitCode failed(const mgm::Error &error, ExitCode code) {
    fmt::print(stderr, "mgmd: {}\n", error.what);
    return code;
}

/// Between control and each worker.
struct Rings {
    std::vector<mgm::InjectRing> inject;
    std::vector<mgm::SignalRing> signals; ///< none when no entry is made by data
};

mgm::Result<Rings> make_rings(const Config &config) {
    Rings rings;
    for (std::uint32_t worker = 0; worker < config.geometry.workers; ++worker) {
        mgm::Result<mgm::InjectRing> inject = mgm::InjectRing::create(worker);
        if (!inject)
            return tl::unexpected<mgm::Error>(std::move(inject.error()));
        rings.inject.push_back(std::move(*inject));
        if (!config.is_data_driven())
            continue;
        mgm::Result<mgm::SignalRing> signals = mgm::SignalRing::create(worker);
        if (!signals)
            return tl::unexpected<mgm::Error>(std::move(signals.error()));
        rings.signals.push_back(std::move(*signals));
    }
    return rings;
}

/// Small buffers are used up before large ones only where many ports keep copies for long: then
/// copies are whole ones.
constexpr std::uint32_t kFramesPerHead = 2;

struct Pools {
    dataplane::MbufPool frames;               ///< received ones, and whole copies
    std::optional<dataplane::MbufPool> heads; ///< short copies, and heads of long ones
    [[nodiscard]] std::uint32_t in_use() const noexcept {
        return frames.in_use() + (heads ? heads->in_use() : 0);
    }
};

mgm::Result<Pools> make_pools(const Config &config) {
    mgm::Result<dataplane::MbufPool> frames = dataplane::MbufPool::create(
        "mgm_mbufs", config.mbufs, longest_frame(config), SOCKET_ID_ANY);
    if (!frames)
        return tl::unexpected<mgm::Error>(std::move(frames.error()));
    mgm::Result<dataplane::MbufPool> heads = dataplane::MbufPool::create(
        "mgm_heads", config.mbufs / kFramesPerHead, dataplane::kHeadRoom, SOCKET_ID_ANY);
    if (heads)
        return Pools{std::move(*frames), std::move(*heads)};
    kLog.warning("{}; without it, copies with different layer 2 headers are made more slowly",
                 heads.error().what);
    return Pools{std::move(*frames), std::nullopt};
}

/// Between workers, as long as the queues that they stand in for. None with one worker.
struct WorkerLanes {
    std::optional<dataplane::SpreadRings> spread;
    std::optional<dataplane::TxRings> tx;
    WorkerLanes(const Config &config, mgm::Tables tables) {
        if (config.geometry.workers < 2)
            return;
        spread.emplace(config.geometry.workers, config.rx_descriptors);
        tx.emplace(config.geometry.workers, config.tx_descriptors, tables);
    }
};

/// Everything between EAL and the last clean-up. Members are made in this order and destroyed in
/// the opposite one.
class Daemon {
public:
    Daemon(const Options &options, Config config, dataplane::Eal &eal, mgm::SharedSegment segment,
           Pools pools, Rings rings)
        : options_(options),
          config_(std::move(config)),
          eal_(eal),
          segment_(std::move(segment)),
          pools_(std::move(pools)),
          rings_(std::move(rings)),
          grace_(config_.running().geometry.workers),
          writer_(segment_.tables(), grace_),
          lanes_(config_.running(), segment_.tables()),
          ports_(port_manager_config()),
          control_(control_config()),
          workers_(worker_config(), eal_.worker_lcores(), rings_.inject, rings_.signals) {}

    ExitCode run(std::uint64_t packets_to_expect);

private:
    mgm::Result<void> start();
    bool tick();
    ExitCode finish();
    [[nodiscard]] dataplane::PortManagerConfig port_manager_config();
    [[nodiscard]] control::ControlConfig control_config();
    [[nodiscard]] dataplane::WorkerConfig worker_config();

    const Options &options_;
    ReloadableConfig config_;
    dataplane::Eal &eal_;
    mgm::SharedSegment segment_;
    Pools pools_;
    Rings rings_;
    mgm::GracePeriod grace_;
    mgm::TableWriter writer_;
    mgm::PortEventQueue port_events_;
    dataplane::ActivePorts active_ports_;
    WorkerLanes lanes_;
    dataplane::PortManager ports_;
    control::ControlThread control_;
    WorkerLcores workers_;
    std::optional<OnceProgress> once_;
    OnceProgress::State once_state_ = OnceProgress::State::kRunning;
};

dataplane::PortManagerConfig Daemon::port_manager_config() {
    const Config &config = config_.running();
    return {.workers = config.geometry.workers,
            .rx_descriptors = config.rx_descriptors,
            .tx_descriptors = config.tx_descriptors,
            .pool = pools_.frames.raw(),
            .active = &active_ports_,
            .spread = lanes_.spread ? &*lanes_.spread : nullptr,
            .tx_rings = lanes_.tx ? &*lanes_.tx : nullptr,
            .grace = &grace_,
            .events = &port_events_};
}

control::ControlConfig Daemon::control_config() {
    const Config &config = config_.running();
    control::ControlConfig control;
    control.writer = &writer_;
    control.port_events = &port_events_;
    control.instance = config.name;
    control.version = kVersion;
    control.config_file = config.file;
    control.socket_path = options_.once ? "" : config.socket_path;
    for (mgm::InjectRing &ring : rings_.inject)
        control.inject.push_back(&ring);
    for (mgm::SignalRing &ring : rings_.signals)
        control.signals.push_back(&ring);
    for (const Protocol &protocol : config.protocols)
        control.modules.push_back({.path = protocol.module, .arguments = protocol.arguments});
    control.manager = config.manager;
    control.acknowledge_port = [this](std::uint16_t port_id) { ports_.acknowledge(port_id); };
    control.load = [this] { return config_.load_next(); };
    control.applied = [this](const mgm::DesiredState &) {
        config_.next_is_running();
        for (const std::string &warning : config_.running().warnings)
            kLog.warning("reload: {}", warning);
        ports_.reconcile(config_.running().ports);
    };
    control.mbuf_usage = [this] {
        return control::MbufUsage{.used = pools_.frames.in_use(),
                                  .capacity = config_.running().mbufs};
    };
    control.on_tick = [this] { return tick(); };
    return control;
}

dataplane::WorkerConfig Daemon::worker_config() {
    const Config &config = config_.running();
    dataplane::WorkerConfig worker;
    worker.tables = segment_.tables();
    worker.grace = &grace_;
    worker.ports = &active_ports_;
    worker.pool = pools_.frames.raw();
    worker.heads = pools_.heads ? pools_.heads->raw() : nullptr;
    worker.spread = lanes_.spread ? &*lanes_.spread : nullptr;
    worker.waits_for_lanes = options_.once;
    worker.tx_rings = lanes_.tx ? &*lanes_.tx : nullptr;
    worker.policy = config.policy;
    worker.idle = config.idle;
    return worker;
}

/// Tables first, then workers, then ports: a worker finds its tables complete and polls nothing
/// until a port came up.
mgm::Result<void> Daemon::start() {
    const Config &config = config_.running();
    if (mgm::Result<void> opened = control_.open(); !opened)
        return opened;
    const auto begin = std::chrono::steady_clock::now();
    if (mgm::Result<void> applied = control_.apply(config.state); !applied)
        return applied;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    kLog.notice("loaded {} routes in {:.2f} s; {} MiB of tables", config.state.routes.size(),
                took.count(), segment_.tables().header().layout.total_octets >> 20);
    segment_.publish();
    workers_.launch();
    return ports_.start(config.ports).and_then([this] { return control_.start_modules(); });
}

ExitCode Daemon::run(std::uint64_t packets_to_expect) {
    if (options_.once)
        once_.emplace(segment_.tables(), packets_to_expect);
    if (const mgm::Result<void> started = start(); !started)
        return failed(started.error(), ExitCode::kResources);
    const Config &config = config_.running();
    kLog.notice("{}: {} interfaces on {} ports, {} workers; control socket {}", config.name,
                config.state.interfaces.size(), config.ports.size(), config.geometry.workers,
                options_.once ? "none" : config.socket_path);
    control_.run();
    return finish();
}

bool Daemon::tick() {
    if (!once_)
        return true;
    once_state_ = once_->update(std::chrono::steady_clock::now());
    return once_state_ == OnceProgress::State::kRunning;
}

/// Drain: workers end after the turn they are in, with everything they received sent or dropped;
/// then the ports close, which writes what they buffered; then every packet buffer must be back.
ExitCode Daemon::finish() {
    control::ControlThread::unblock_signals(); // a second SIGTERM ends a drain that hangs, at once
    workers_.stop();
    ports_.stop();
    const Summary summary = summarise(segment_.tables());
    ExitCode code = ExitCode::kOk;
    if (options_.once)
        fmt::print("{}\n", options_.json ? to_json(summary) : to_text(summary));
    kLog.notice("stopped; {}", to_line(summary));
    if (once_state_ == OnceProgress::State::kStuck) {
        fmt::print(stderr,
                   "mgmd: --once: {} of {} packets after {} s without progress; is every input "
                   "port up? see the log above\n",
                   once_->settled(), once_->expected(), OnceProgress::kPatience.count());
        code = ExitCode::kFailure;
    }
    if (!summary.packets_add_up() || !summary.copies_add_up())
        code = ExitCode::kFailure;
    if (const std::uint32_t missing = pools_.in_use(); missing != 0) {
        fmt::print(stderr, "mgmd: {} packet buffers did not come back to the pool: a leak\n",
                   missing);
        code = ExitCode::kFailure;
    }
    return code;
}

} // namespace

ExitCode run_daemon(const Options &options, Config config) {
    std::uint64_t packets = 0;
    if (options.once) {
        const mgm::Result<std::uint64_t> counted = count_input(config.ports);
        if (!counted)
            return failed(counted.error(), ExitCode::kUsage);
        packets = *counted;
    }
    control::ControlThread::block_signals();
    mgm::Result<dataplane::Eal> eal = dataplane::Eal::start(
        {.instance = config.name, .args = config.eal_args, .workers = config.geometry.workers});
    if (!eal)
        return failed(eal.error(), eal.error().code == mgm::Errc::kInvalidArgument
                                       ? ExitCode::kUsage
                                       : ExitCode::kResources);
    mgm::Result<mgm::SharedSegment> segment =
        mgm::SharedSegment::create(config.geometry, config.name);
    if (!segment)
        return failed(segment.error(), ExitCode::kResources);
    mgm::Result<Pools> pools = make_pools(config);
    if (!pools)
        return failed(pools.error(), ExitCode::kResources);
    mgm::Result<Rings> rings = make_rings(config);
    if (!rings)
        return failed(rings.error(), ExitCode::kResources);
    Daemon daemon(options, std::move(config), *eal, std::move(*segment), std::move(*pools),
                  std::move(*rings));
    return daemon.run(packets);
}

} // namespace apps
