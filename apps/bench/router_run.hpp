// SPDX-License-Identifier: BSD-3-Clause
// A router on the bed's ports, run for as long as a load lasts. What the measurements share.
//
// Thread: main; the router's worker on its lcore.
#pragma once

#include "apps/bench/bed.hpp"
#include "apps/bench/disturbance.hpp"
#include "apps/bench/paced_ingress.hpp"
#include "apps/bench/router.hpp"
#include "apps/bench/traffic.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

using DropCounts = std::vector<std::pair<std::string_view, std::uint64_t>>;

class RouterRun {
public:
    static mgm::Result<std::unique_ptr<RouterRun>> create(Bed &bed, const Scenario &scenario,
                                                          std::uint64_t seed);

    /// `meanwhile` is called again and again until the load is over; without it main sleeps.
    Offered run(const Load &load, Stamping stamping, std::uint32_t sample_every = 1,
                const std::function<void()> &meanwhile = {});
    /// The same with a loop that sends what it receives to the first port, in place of the router.
    Offered run_loopback(const Load &load, std::uint32_t sample_every);

    [[nodiscard]] Router &router() noexcept { return *router_; }
    [[nodiscard]] PacedIngress &ingress() noexcept { return ingress_; }
    [[nodiscard]] const Scenario &scenario() const noexcept { return scenario_; }
    [[nodiscard]] const std::vector<std::uint16_t> &port_ids() const noexcept { return port_ids_; }
    /// Copies that the ports took in the last run().
    [[nodiscard]] std::uint64_t copies() const noexcept { return copies_; }

private:
    RouterRun(Bed &bed, const Scenario &scenario, std::uint64_t seed,
              std::unique_ptr<Router> router);

    Bed &bed_;
    Scenario scenario_;
    std::vector<std::uint16_t> port_ids_;
    PacedIngress ingress_;
    std::unique_ptr<Router> router_;
    Traffic traffic_;
    std::uint64_t copies_ = 0;
};

} // namespace bench
