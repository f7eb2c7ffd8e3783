// SPDX-License-Identifier: BSD-3-Clause
// Which ports each worker polls and may send to, as the port manager wants it now.
//
// Writes: the port manager's thread.  Reads: workers, once per turn.
// Taking a port away: clear its bits here, let control detach its interfaces, wait a grace period;
// after that no worker touches the port and it may be closed.
#pragma once

#include "mgm/layout.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace dataplane {

/// A set of DPDK port ids as bits: Debian's DPDK has 32 ports at most.
using PortMask = std::uint32_t;
static_assert(mgm::kMaxPorts <= 32);

class ActivePorts {
public:
    /// Port manager only, after the port was started: worker `worker` polls rx queue 0 of `port_id`
    /// from now on.
    void poll(std::uint32_t worker, std::uint16_t port_id) noexcept {
        // release: the port's set-up is visible to the worker that sees the bit; pairs with
        // polled_by()
        rx_[worker].fetch_or(PortMask{1} << port_id, std::memory_order_release);
    }
    /// Port manager only: nobody polls it once a grace period has passed.
    void forget(std::uint16_t port_id) noexcept {
        for (auto &mask : rx_)
            // relaxed: publishes nothing; the grace period that follows orders the close
            mask.fetch_and(~(PortMask{1} << port_id), std::memory_order_relaxed);
    }
    [[nodiscard]] PortMask polled_by(std::uint32_t worker) const noexcept {
        return rx_[worker].load(std::memory_order_acquire); // pairs with poll()
    }

private:
    std::array<std::atomic<PortMask>, mgm::kMaxWorkers> rx_{};
};

} // namespace dataplane
