// SPDX-License-Identifier: BSD-3-Clause
// A reload as a small state machine: idle -> loading (helper thread: read, check, plan) ->
// applying (control thread, slices) -> idle. Requests that come meanwhile get one more reload.
#pragma once

#include "control/command_queue.hpp"
#include "control/static_routes.hpp"

#include <chrono>
#include <functional>
#include <thread>
#include <vector>

namespace control {

class Reloader {
public:
    using Done = std::function<void(mgm::Result<void>)>;
    using Load = std::function<mgm::Result<mgm::DesiredState>()>;

    /// `finished` is told of each outcome before those who asked are.
    Reloader(StaticRoutes &routes, CommandQueue &commands, Load load,
             std::function<void(const mgm::Result<void> &)> finished);
    ~Reloader(); ///< waits for a load that runs
    Reloader(const Reloader &) = delete;
    Reloader &operator=(const Reloader &) = delete;

    // --- control thread
    void request(Done done);
    /// One slice of table updates, when there are any to do.
    void step();
    /// How long the loop may sleep before the next step(), in ms: -1 = nothing to do.
    [[nodiscard]] int wait_ms() const noexcept;
    /// Tells everybody who waits that nothing will come.
    void abandon();

private:
    void start_load();
    void loaded(mgm::Result<StaticRoutes::Plan> plan);
    void finish(const mgm::Result<void> &outcome);

    StaticRoutes &routes_;
    CommandQueue &commands_;
    Load load_;
    std::function<void(const mgm::Result<void> &)> finished_;
    bool is_loading_ = false;
    StaticRoutes::Progress progress_ = StaticRoutes::Progress::kDone;
    std::vector<Done> served_;  ///< by the reload in work
    std::vector<Done> waiting_; ///< for the next one
    std::thread loader_;
};

} // namespace control
