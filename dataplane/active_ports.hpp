// SPDX-License-Identifier: BSD-3-Clause
// Which rx queues of which ports each worker polls, as the port manager wants it now.
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

/// A set of a port's rx queues as bits.
using QueueMask = std::uint64_t;
inline constexpr unsigned kMaxRxQueues = 64;

class ActivePorts {
public:
    /// Port manager only, after the port was started: worker `worker` polls rx queue 0 of `port_id`
    /// from now on.
    void poll(std::uint32_t worker, std::uint16_t port_id) noexcept { poll(worker, port_id, 1); }
    /// The same of these queues. What they bring is this worker's to forward.
    void poll(std::uint32_t worker, std::uint16_t port_id, QueueMask queues) noexcept {
        begin(workers_[worker], port_id, queues, 0);
    }
    /// The same; but every frame is the worker's that its flow belongs to (spread.hpp).
    void poll_and_spread(std::uint32_t worker, std::uint16_t port_id, QueueMask queues) noexcept {
        begin(workers_[worker], port_id, queues, PortMask{1} << port_id);
    }
    /// Port manager only: nobody polls it once a grace period has passed.
    void forget(std::uint16_t port_id) noexcept {
        for (Polled &polled : workers_)
            // relaxed: publishes nothing; the grace period that follows orders the close
            polled.ports.fetch_and(~(PortMask{1} << port_id), std::memory_order_relaxed);
    }
    [[nodiscard]] PortMask polled_by(std::uint32_t worker) const noexcept {
        return workers_[worker].ports.load(std::memory_order_acquire); // pairs with begin()
    }
    /// Only of a port in polled_by().
    [[nodiscard]] QueueMask queues(std::uint32_t worker, std::uint16_t port_id) const noexcept {
        // relaxed: polled_by() has ordered it
        return workers_[worker].queues[port_id].load(std::memory_order_relaxed);
    }
    /// Of the ports in polled_by(): those whose frames are spread.
    [[nodiscard]] PortMask spread_by(std::uint32_t worker) const noexcept {
        return workers_[worker].spread.load(std::memory_order_relaxed); // as queues()
    }

private:
    struct alignas(mgm::kLine) Polled {
        std::atomic<PortMask> ports{0};
        std::atomic<PortMask> spread{0};
        std::array<std::atomic<QueueMask>, mgm::kMaxPorts> queues{};
    };
    static void begin(Polled &polled, std::uint16_t port_id, QueueMask queues,
                      PortMask spread) noexcept {
        const PortMask bit = PortMask{1} << port_id;
        // relaxed: nobody reads them before the port's bit is set. One writer.
        polled.queues[port_id].store(queues, std::memory_order_relaxed);
        polled.spread.store((polled.spread.load(std::memory_order_relaxed) & ~bit) | spread,
                            std::memory_order_relaxed);
        // release: the port's set-up and its queues are visible to the worker that sees the bit;
        // pairs with polled_by()
        polled.ports.fetch_or(bit, std::memory_order_release);
    }
    std::array<Polled, mgm::kMaxWorkers> workers_{};
};

} // namespace dataplane
