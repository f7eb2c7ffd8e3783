// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/router_run.hpp"

#include "apps/bench/sinks.hpp"

#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_mbuf.h>

#include <array>

namespace bench {

using mgm::Result;

namespace {

struct Loopback {
    std::uint16_t from, to;
    const PacedIngress &ingress;
};

int loop_back(void *argument) {
    const auto &loop = *static_cast<const Loopback *>(argument);
    std::array<rte_mbuf *, PacedIngress::kBurst> frames{};
    while (!loop.ingress.is_over()) {
        const std::uint16_t count =
            rte_eth_rx_burst(loop.from, 0, frames.data(), PacedIngress::kBurst);
        const std::uint16_t sent = rte_eth_tx_burst(loop.to, 0, frames.data(), count);
        rte_pktmbuf_free_bulk(frames.data() + sent, count - sent);
    }
    return 0;
}

} // namespace

RouterRun::RouterRun(Bed &bed, const Scenario &scenario, std::uint64_t seed,
                     std::unique_ptr<Router> router)
    : bed_(bed),
      scenario_(scenario),
      port_ids_(bed.sink_ports(scenario.ports())),
      ingress_(bed.ingress_port(), bed.received()),
      router_(std::move(router)),
      traffic_(scenario, scenario.flows(), seed) {}

Result<std::unique_ptr<RouterRun>> RouterRun::create(Bed &bed, const Scenario &scenario,
                                                     std::uint64_t seed) {
    Result<std::unique_ptr<Router>> router =
        Router::create(scenario, bed.ingress_port(), bed.sink_ports(scenario.ports()),
                       {bed.received(), bed.floor_pools().heads});
    if (!router)
        return tl::unexpected(std::move(router.error()));
    return std::unique_ptr<RouterRun>(new RouterRun(bed, scenario, seed, std::move(*router)));
}

Offered RouterRun::run(const Load &load, Stamping stamping, std::uint32_t sample_every,
                       const std::function<void()> &meanwhile) {
    // Made now, so that taps see a copy before it is parked.
    Sinks sinks(port_ids_, scenario_, bed_.floor_pools().heads);
    ingress_.arm(traffic_, load, stamping, sample_every);
    const std::unique_ptr<dataplane::Worker> worker = router_->make_worker();
    rte_eal_remote_launch(
        [](void *w) {
            static_cast<dataplane::Worker *>(w)->run();
            return 0;
        },
        worker.get(), bed_.worker_lcore());
    while (meanwhile && !ingress_.is_over())
        meanwhile();
    ingress_.wait();
    worker->stop();
    rte_eal_wait_lcore(bed_.worker_lcore());
    router_->reclaim();
    copies_ = sinks.take_sent();
    return ingress_.offered();
}

Offered RouterRun::run_loopback(const Load &load, std::uint32_t sample_every) {
    Sinks sinks(port_ids_, scenario_, bed_.floor_pools().heads);
    ingress_.arm(traffic_, load, Stamping::kTimed, sample_every);
    Loopback loop{bed_.ingress_port(), port_ids_.front(), ingress_};
    rte_eal_remote_launch(loop_back, &loop, bed_.worker_lcore());
    ingress_.wait();
    rte_eal_wait_lcore(bed_.worker_lcore());
    copies_ = sinks.take_sent();
    return ingress_.offered();
}

} // namespace bench
