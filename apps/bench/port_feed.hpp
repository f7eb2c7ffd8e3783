// SPDX-License-Identifier: BSD-3-Clause
// Frames into a port, all of them: what it does not take is offered again.
//
// Thread: a worker's lcore.
#pragma once

#include <atomic>
#include <cstdint>

struct rte_mbuf;

namespace bench {

class PortFeed {
public:
    PortFeed(std::uint16_t port_id, const std::atomic<bool> &stop) noexcept
        : port_id_(port_id), stop_(stop) {}

    /// Takes `frames`. Returns how many the port took: all, unless it took none for 2 s or the
    /// program is to stop; the rest is freed.
    unsigned send(rte_mbuf **frames, unsigned count) noexcept;
    /// Calls that ended with fewer taken than offered.
    [[nodiscard]] std::uint64_t short_calls() const noexcept { return short_calls_; }
    [[nodiscard]] bool is_blocked() const noexcept { return is_blocked_; }

private:
    std::uint16_t port_id_;
    const std::atomic<bool> &stop_;
    std::uint64_t short_calls_ = 0;
    bool is_blocked_ = false;
};

/// Sleeps, or only pauses when it is soon, on the way to `deadline` in TSC cycles; may return
/// before.
void rest_until(std::uint64_t deadline) noexcept;

} // namespace bench
