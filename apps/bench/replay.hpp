// SPDX-License-Identifier: BSD-3-Clause
// `mgmbench replay`: the frames of a capture out of one port, each at its time.
//
// Thread: made and asked on the main thread, run() on a worker's lcore.
#pragma once

#include "apps/bench/capture.hpp"
#include "apps/bench/durations.hpp"
#include "apps/bench/port_feed.hpp"

#include <atomic>
#include <cstdint>

struct rte_mempool;

namespace bench {

struct ReplaySettings {
    double speed = 1; ///< times as fast as it was captured; 0: as fast as the port takes it
    std::uint64_t loops = 1;
};

struct ReplayCounts {
    std::uint64_t sent = 0;
    std::uint64_t octets = 0;
    std::uint64_t cycles = 0; ///< from the first frame to behind the last
    std::uint64_t short_calls = 0;
    bool is_blocked = false; ///< the port took nothing for seconds: given up
    Durations lateness;      ///< in TSC cycles, of handing a frame to the port; nothing at speed 0
};

class Replay {
public:
    Replay(std::uint16_t port_id, rte_mempool *pool, const Capture &capture,
           const ReplaySettings &settings, const std::atomic<bool> &stop);

    void run() noexcept;
    /// How many so far. Any thread.
    [[nodiscard]] std::uint64_t sent() const noexcept {
        return sent_.load(std::memory_order_relaxed); // a number to show
    }
    [[nodiscard]] const ReplayCounts &counts() const noexcept { return counts_; }

private:
    [[nodiscard]] bool is_stopped() const noexcept {
        return feed_.is_blocked() || stop_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t due(std::uint64_t nanoseconds) const noexcept;
    void send(const Capture::Frame &frame, std::uint64_t nanoseconds) noexcept;

    rte_mempool *pool_;
    const Capture &capture_;
    ReplaySettings settings_;
    const std::atomic<bool> &stop_;
    PortFeed feed_;
    double cycles_a_ns_; ///< of the capture
    std::uint64_t begin_ = 0;
    ReplayCounts counts_;
    std::atomic<std::uint64_t> sent_{0};
};

} // namespace bench
