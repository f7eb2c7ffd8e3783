// SPDX-License-Identifier: BSD-3-Clause
// The workers on their lcores: launched together, stopped together.
#pragma once

#include "dataplane/worker.hpp"
#include "mgm/inject_ring.hpp"
#include "mgm/signal_ring.hpp"

#include <memory>
#include <vector>

namespace apps {

class WorkerLcores {
public:
    /// One worker for each of `lcores`; worker i gets id i, inject[i] and signals[i], if there are
    /// any; the rest of `config` is the same for all. The rings outlive the workers.
    WorkerLcores(dataplane::WorkerConfig config, const std::vector<unsigned> &lcores,
                 std::vector<mgm::InjectRing> &inject, std::vector<mgm::SignalRing> &signals);
    ~WorkerLcores(); ///< stop()
    WorkerLcores(const WorkerLcores &) = delete;
    WorkerLcores &operator=(const WorkerLcores &) = delete;

    void launch();
    /// Returns when every worker has left its loop, holding no packet.
    void stop();

private:
    std::vector<std::unique_ptr<dataplane::Worker>> workers_;
    std::vector<unsigned> lcores_;
    bool is_running_ = false;
};

} // namespace apps
