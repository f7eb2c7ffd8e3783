// SPDX-License-Identifier: BSD-3-Clause
#include "control/control_thread.hpp"

#include "control/command_queue.hpp"
#include "control/descriptor.hpp"
#include "control/interface_ports.hpp"
#include "control/reloader.hpp"
#include "control/rpc/segment_pages.hpp"
#include "control/rpc/server.hpp"
#include "control/static_routes.hpp"
#include "control/tracer.hpp"
#include "mgm/log.hpp"

#include <array>
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <utility>

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

namespace control {

namespace {

using rpc::lines_of;

const mgm::Log kLog("mgm.control");

// Bounded work per turn: a flood of one kind does not keep the others waiting.
constexpr unsigned kCommandsPerTurn = 64;
constexpr unsigned kPortEventsPerTurn = 32;

sigset_t our_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGHUP, SIGINT, SIGTERM})
        sigaddset(&set, signal);
    return set;
}

/// Descriptors are made once, at start: without them there is no control thread.
Descriptor must(int fd, const char *what) {
    if (fd < 0) {
        std::perror(what);
        std::abort();
    }
    return Descriptor(fd);
}

Descriptor make_timer() {
    Descriptor timer =
        must(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create");
    const timespec tick{.tv_sec = 0,
                        .tv_nsec = std::chrono::nanoseconds(ControlThread::kTick).count()};
    const itimerspec every{.it_interval = tick, .it_value = tick};
    ::timerfd_settime(timer.get(), 0, &every, nullptr);
    return timer;
}

Descriptor make_signal_descriptor() {
    const sigset_t set = our_signals();
    return must(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd");
}

} // namespace

class ControlThread::Impl {
public:
    explicit Impl(ControlConfig config)
        : config_(std::move(config)),
          ports_(*config_.writer),
          routes_(*config_.writer, ports_),
          reloader_(routes_, commands_, config_.load,
                    [this](const mgm::Result<void> &outcome) { reload_finished(outcome); }),
          tracer_(config_.inject),
          epoll_(must(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")),
          signals_(make_signal_descriptor()),
          timer_(make_timer()) {
        watch(signals_.get());
        watch(timer_.get());
        watch(commands_.descriptor());
        watch(config_.port_events->descriptor());
    }

    ~Impl() { commands_.close(); } // calls that wait for us end, and so the server can

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
        if (done)
            kLog.notice("applied {} interfaces, {} neighbors, {} routes in {} ms",
                        state.interfaces.size(), state.neighbors.size(), state.routes.size(),
                        std::chrono::duration_cast<std::chrono::milliseconds>(
                            std::chrono::steady_clock::now() - started)
                            .count());
        return done;
    }

    /// One turn: what woke us, then a slice of a reload, then port events, then acknowledgements.
    void run() {
        while (!is_stopping()) {
            wait_for_work();
            reloader_.step();
            handle_port_events();
            acknowledge_ports();
        }
        reloader_.abandon();
        tracer_.stop();
        commands_.close();
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

    void watch(int descriptor) {
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = descriptor;
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
            std::perror("epoll_ctl");
            std::abort();
        }
    }

    void wait_for_work() {
        std::array<epoll_event, 8> events{};
        const int timeout = port_events_.empty() ? reloader_.wait_ms() : 0;
        const int count = ::epoll_wait(epoll_.get(), events.data(), events.size(), timeout);
        for (int i = 0; i < count; ++i) // count is -1 when interrupted: nothing to do
            dispatch(events[static_cast<std::size_t>(i)].data.fd);
    }

    void dispatch(int descriptor) {
        if (descriptor == signals_.get())
            handle_signals();
        else if (descriptor == timer_.get())
            handle_tick();
        else if (descriptor == commands_.descriptor())
            commands_.run(kCommandsPerTurn);
        else
            for (mgm::PortEvent &event : config_.port_events->drain())
                port_events_.push_back(std::move(event));
    }

    void handle_signals() {
        signalfd_siginfo signal{};
        while (::read(signals_.get(), &signal, sizeof signal) == sizeof signal) {
            if (signal.ssi_signo == SIGHUP) {
                kLog.notice("SIGHUP: reading the configuration again");
                reloader_.request(nullptr);
            } else {
                kLog.notice("{}: stopping", signal.ssi_signo == SIGTERM ? "SIGTERM" : "SIGINT");
                stop();
            }
        }
    }

    void handle_tick() {
        std::uint64_t ticks = 0;
        if (::read(timer_.get(), &ticks, sizeof ticks) < 0)
            return;
        config_.writer->reclaim();
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
        if (config_.applied)
            config_.applied(state);
    }

    ControlConfig config_;
    CommandQueue commands_;
    InterfacePorts ports_;
    StaticRoutes routes_;
    Reloader reloader_;
    Tracer tracer_;
    Descriptor epoll_;
    Descriptor signals_;
    Descriptor timer_;
    std::deque<mgm::PortEvent> port_events_;
    std::uint64_t failed_reloads_ = 0;
    std::atomic<bool> stop_{false};
    std::unique_ptr<rpc::Server> server_; ///< goes first: its calls use all of the above
};

ControlThread::ControlThread(ControlConfig config)
    : impl_(std::make_unique<Impl>(std::move(config))) {}
ControlThread::~ControlThread() = default;

void ControlThread::block_signals() {
    const sigset_t set = our_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void ControlThread::unblock_signals() {
    const sigset_t set = our_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

mgm::Result<void> ControlThread::open() {
    return impl_->open();
}
mgm::Result<void> ControlThread::apply(const mgm::DesiredState &state) {
    return impl_->apply(state);
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
