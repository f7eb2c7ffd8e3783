// SPDX-License-Identifier: BSD-3-Clause
#include "control/control_thread.hpp"

#include "control/client/c_api.hpp"
#include "control/command_queue.hpp"
#include "control/event_loop.hpp"
#include "control/group_control.hpp"
#include "control/interface_ports.hpp"
#include "control/packet_signals.hpp"
#include "control/reloader.hpp"
#include "control/rpc/segment_pages.hpp"
#include "control/rpc/server.hpp"
#include "control/static_routes.hpp"
#include "control/tracer.hpp"
#include "mgm/log.hpp"

#include <atomic>
#include <csignal>
#include <deque>
#include <memory>
#include <utility>

namespace control {

namespace {

using rpc::lines_of;

const mgm::Log kLog("mgm.control");

// Bounded work per turn: a flood of one kind does not keep the others waiting.
constexpr unsigned kCommandsPerTurn = 64;
constexpr unsigned kPortEventsPerTurn = 32;

} // namespace

class ControlThread::Impl {
public:
    explicit Impl(ControlConfig config)
        : config_(std::move(config)),
          ports_(*config_.writer),
          packets_(*config_.writer, config_.signals, config_.inject),
          groups_(config_.manager, *config_.writer, commands_,
                  {.release = [this](const manager::Key &key) { packets_.release_held(key); },
                   .drop = [this](const manager::Key &key) { packets_.drop_held(key); }}),
          routes_(*config_.writer, ports_, groups_),
          reloader_(routes_, commands_, config_.load,
                    [this](const mgm::Result<void> &outcome) { reload_finished(outcome); }),
          tracer_(config_.inject) {
        loop_.on_signal([this](int signal) { handle_signal(signal); });
        loop_.on_tick(kTick, [this] { handle_tick(); });
        loop_.watch(commands_.descriptor(), [this] { commands_.run(kCommandsPerTurn); });
        loop_.watch(config_.port_events->descriptor(), [this] {
            for (mgm::PortEvent &event : config_.port_events->drain())
                port_events_.push_back(std::move(event));
        });
    }

    ~Impl() {
        commands_.close(); // calls that wait for us end, and so the server and modules can
        bind_c_api(nullptr);
    }

    mgm::Result<void> open() {
        if (config_.socket_path.empty())
            return {};
        mgm::Result<std::unique_ptr<rpc::Server>> server = rpc::Server::open(
            config_.socket_path,
            rpc::Backend{
                .segment = mgm::SegmentReader(config_.writer->tables()),
                .report =
                    [this](std::function<void(ControlReport)> done) {
                        post([this, done = std::move(done)] { done(report()); });
                    },
                .reload = [this](Reloader::Done done) { reload(std::move(done)); },
                .trace =
                    [this](const mgm::TraceRequest &request, std::shared_ptr<TraceSink> sink) {
                        post([this, request, sink = std::move(sink)] {
                            tracer_.start(request, sink);
                        });
                    },
                .cancel_trace =
                    [this](const std::weak_ptr<TraceSink> &sink) {
                        post([this, sink] { tracer_.cancel(sink); });
                    }});
        if (!server)
            return tl::unexpected<mgm::Error>(std::move(server.error()));
        server_ = std::move(*server);
        return {};
    }

    mgm::Result<void> apply(const mgm::DesiredState &state) {
        const auto started = std::chrono::steady_clock::now();
        mgm::Result<void> done = routes_.apply(state);
        if (done) {
            groups_.apply(routes_.current());
            kLog.notice("applied {} interfaces, {} neighbors, {} routes in {} ms",
                        state.interfaces.size(), state.neighbors.size(), state.routes.size(),
                        std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::steady_clock::now() - started)
                            .count());
        }
        return done;
    }

    /// One turn: what woke us, then a slice of a reload, then port events, then acknowledgements.
    void run() {
        while (!is_stopping())
            turn();
        modules_.stop([this] { turn(); });
        reloader_.abandon();
        tracer_.stop();
        commands_.close();
    }

    mgm::Result<void> start_modules() {
        return modules_.start(groups_.transport(), config_.modules);
    }

    void stop() noexcept {
        // relaxed: a flag only, it publishes no data; pairs with is_stopping()
        stop_.store(true, std::memory_order_relaxed);
        commands_.wake();
    }

    void post(std::function<void()> command) { commands_.post(std::move(command)); }

    void reload(Reloader::Done done) {
        post([this, done = std::move(done)] { reloader_.request(done); });
    }

private:
    void turn() {
        loop_.wait(port_events_.empty() ? reloader_.wait_ms() : 0);
        reloader_.step();
        handle_port_events();
        acknowledge_ports();
    }

    [[nodiscard]] ControlReport report() const {
        ControlReport report{.instance = config_.instance,
                             .version = config_.version,
                             .config_file = config_.config_file,
                             .failed_reloads = failed_reloads_,
                             .usage = config_.writer->usage(),
                             .mbufs = config_.mbuf_usage ? config_.mbuf_usage() : MbufUsage{},
                             .ports = {}};
        for (const mgm::InterfaceSpec &spec : routes_.current().interfaces)
            report.ports.emplace(spec.index, ports_.status_of(spec.index));
        return report;
    }

    [[nodiscard]] bool is_stopping() const noexcept {
        return stop_.load(std::memory_order_relaxed); // relaxed: see stop()
    }

    void handle_signal(int signal) {
        if (signal == SIGHUP) {
            kLog.notice("SIGHUP: reading the configuration again");
            reloader_.request(nullptr);
        } else {
            kLog.notice("{}: stopping", signal == SIGTERM ? "SIGTERM" : "SIGINT");
            stop();
        }
    }

    void handle_tick() {
        config_.writer->reclaim();
        packets_.drain(groups_.manager());
        groups_.tick();
        tracer_.poll();
        if (config_.on_tick && !config_.on_tick())
            stop();
    }

    void handle_port_events() {
        for (unsigned i = 0; i < kPortEventsPerTurn && !port_events_.empty(); ++i) {
            ports_.handle(port_events_.front());
            port_events_.pop_front();
        }
    }

    void acknowledge_ports() {
        for (const std::uint16_t port_id : ports_.settle())
            if (config_.acknowledge_port)
                config_.acknowledge_port(port_id);
    }

    void reload_finished(const mgm::Result<void> &outcome) {
        if (!outcome) {
            ++failed_reloads_;
            for (const std::string_view mistake : lines_of(outcome.error().what))
                kLog.error("reload: nothing changed: {}", mistake);
            return;
        }
        // relaxed: a statistic for whoever attaches, orders nothing
        config_.writer->tables().header().reloads.fetch_add(1, std::memory_order_relaxed);
        const NormalState &state = routes_.current();
        kLog.notice("reload: {} interfaces, {} neighbors, {} routes", state.interfaces.size(),
                    state.neighbors.size(), state.routes.size());
        groups_.apply(state);
        if (config_.applied)
            config_.applied(state);
    }

    ControlConfig config_;
    CommandQueue commands_;
    InterfacePorts ports_;
    PacketSignals packets_;
    GroupControl groups_;
    StaticRoutes routes_;
    ProtocolModules modules_;
    Reloader reloader_;
    Tracer tracer_;
    EventLoop loop_;
    std::deque<mgm::PortEvent> port_events_;
    std::uint64_t failed_reloads_ = 0;
    std::atomic<bool> stop_{false};
    std::unique_ptr<rpc::Server> server_; ///< goes first: its calls use all of the above
};

ControlThread::ControlThread(ControlConfig config)
    : impl_(std::make_unique<Impl>(std::move(config))) {}
ControlThread::~ControlThread() = default;

void ControlThread::block_signals() {
    EventLoop::block_signals();
}

void ControlThread::unblock_signals() {
    EventLoop::unblock_signals();
}

mgm::Result<void> ControlThread::open() {
    return impl_->open();
}
mgm::Result<void> ControlThread::apply(const mgm::DesiredState &state) {
    return impl_->apply(state);
}
mgm::Result<void> ControlThread::start_modules() {
    return impl_->start_modules();
}
void ControlThread::run() {
    impl_->run();
}
void ControlThread::stop() noexcept {
    impl_->stop();
}
void ControlThread::post(std::function<void()> command) {
    impl_->post(std::move(command));
}
void ControlThread::reload(std::function<void(mgm::Result<void>)> done) {
    impl_->reload(std::move(done));
}

} // namespace control
