// SPDX-License-Identifier: BSD-3-Clause
#include "apps/worker_lcores.hpp"

#include <rte_launch.h>

#include <cstdint>

namespace apps {

WorkerLcores::WorkerLcores(dataplane::WorkerConfig config, const std::vector<unsigned> &lcores,
                           std::vector<mgm::InjectRing> &inject,
                           std::vector<mgm::SignalRing> &signals)
    : lcores_(lcores) {
    for (std::uint32_t id = 0; id < lcores_.size(); ++id) {
        config.id = id;
        config.inject = &inject[id];
        config.signals = signals.empty() ? nullptr : &signals[id];
        workers_.push_back(std::make_unique<dataplane::Worker>(config));
    }
}

WorkerLcores::~WorkerLcores() {
    stop();
}

void WorkerLcores::launch() {
    is_running_ = true;
    for (std::size_t i = 0; i < lcores_.size(); ++i)
        rte_eal_remote_launch(
            [](void *worker) {
                static_cast<dataplane::Worker *>(worker)->run();
                return 0;
            },
            workers_[i].get(), lcores_[i]);
}

void WorkerLcores::stop() {
    if (!is_running_)
        return;
    for (const auto &worker : workers_)
        worker->stop();
    for (const unsigned lcore : lcores_)
        rte_eal_wait_lcore(lcore);
    for (const auto &worker : workers_)
        worker->finish();
    is_running_ = false;
}

} // namespace apps
