// SPDX-License-Identifier: BSD-3-Clause
// The one thread that writes the tables: an epoll loop over signals, port events, commands from
// other threads and a timer, and the owner of the gRPC service. control/README.md walks through it.
//
// Order in main: block_signals() before any other thread starts, then construct, open(), apply(),
// start workers and ports, run() on this thread until stop().
#pragma once

#include "control/manager/manager.hpp"
#include "control/protocol_modules.hpp"
#include "control/report.hpp"
#include "mgm/desired_state.hpp"
#include "mgm/port_events.hpp"
#include "mgm/result.hpp"
#include "mgm/table_writer.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace mgm {
class InjectRing;
class SignalRing;
} // namespace mgm

namespace control {

struct ControlConfig {
    mgm::TableWriter *writer = nullptr;         ///< outlives the control thread
    mgm::PortEventQueue *port_events = nullptr; ///< outlives the control thread
    std::string instance = "mgm";
    std::string version;                   ///< for GetStatus
    std::string config_file;               ///< for GetStatus
    std::string socket_path;               ///< unix socket of the gRPC service, "" = none
    std::vector<mgm::InjectRing *> inject; ///< one for each worker; empty: no traces
    /// One for each worker; empty: workers raise no signals, and no entry is made by data.
    std::vector<mgm::SignalRing *> signals;
    std::vector<ProtocolModuleSpec> modules; ///< loaded by start_modules()
    manager::Options manager;
    /// dataplane::PortManager::acknowledge. Control thread.
    std::function<void(std::uint16_t)> acknowledge_port;
    /// Reads the configuration again. On a helper thread, one call at a time, so that a large
    /// file does not hold up port events. An error's `what` has one line per mistake.
    std::function<mgm::Result<mgm::DesiredState>()> load;
    /// After each successful reload (not after apply()): ports are reconciled here. Control thread.
    std::function<void(const mgm::DesiredState &)> applied;
    /// For GetStatus; absent: it does not say. Control thread.
    std::function<MbufUsage()> mbuf_usage;
    /// About every 10 ms; false = stop (--once). Control thread.
    std::function<bool()> on_tick;
};

class ControlThread {
public:
    static constexpr std::chrono::milliseconds kTick{10};

    explicit ControlThread(ControlConfig config);
    ~ControlThread(); ///< closes the socket and removes its file
    ControlThread(const ControlThread &) = delete;
    ControlThread &operator=(const ControlThread &) = delete;

    /// SIGHUP, SIGINT, SIGTERM go to the control thread's descriptor only. Call early in main: a
    /// thread started before would still take them.
    static void block_signals();
    /// After run(): they have their default effect again.
    static void unblock_signals();

    /// Starts the gRPC service. kExists: a live daemon answers on the socket. Without socket_path
    /// does nothing.
    mgm::Result<void> open();

    /// Makes the tables what `state` says, all or nothing. Before run(), or on the control thread.
    mgm::Result<void> apply(const mgm::DesiredState &state);

    /// Loads the protocols; they run from here on, and their calls are answered by run().
    /// kNotFound: a module that cannot be loaded.
    mgm::Result<void> start_modules();

    /// Returns after stop(), SIGTERM, SIGINT or when on_tick said so.
    void run();

    /// Any thread, also before run(); async-signal-safe.
    void stop() noexcept;

    /// `command` runs on the control thread, in order. Any thread. Never run after run() returned.
    void post(std::function<void()> command);

    /// Same as SIGHUP. `done` gets the outcome, on the control thread. Any thread.
    void reload(std::function<void(mgm::Result<void>)> done);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace control
