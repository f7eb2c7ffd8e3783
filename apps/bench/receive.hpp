// SPDX-License-Identifier: BSD-3-Clause
// `mgmbench rx`: what arrives on one port, against what `mgmbench tx` sent.
//
// Thread: made and asked on the main thread, run() on a worker's lcore.
#pragma once

#include "apps/bench/durations.hpp"
#include "apps/bench/flow_check.hpp"
#include "apps/bench/wire_frame.hpp"

#include <atomic>
#include <cstdint>
#include <span>
#include <vector>

struct rte_mbuf;

namespace bench {

struct ReceiveSettings {
    double seconds = 0;            ///< 0: until every flow that was seen has ended
    bool measures_latency = false; ///< the sender's TSC is ours; the port is polled without rest
};

struct ReceiveCounts {
    FlowCounts packets; ///< of all flows
    std::uint64_t corrupted = 0;
    std::uint64_t other = 0; ///< frames that nobody stamped
    std::uint64_t flows = 0;
    std::uint64_t ended_flows = 0;
    std::uint64_t octets = 0; ///< of stamped frames, end marks too, without FCS
    std::uint64_t cycles = 0; ///< from the first data packet to the last
    Durations latency;        ///< in TSC cycles

    /// Something came, all of it once, in order, unchanged, and every flow to its end.
    [[nodiscard]] bool is_flawless() const noexcept;
};

class Receiver {
public:
    Receiver(std::uint16_t port_id, const ReceiveSettings &settings, const std::atomic<bool> &stop);

    void run() noexcept;
    /// Frames so far. Any thread.
    [[nodiscard]] std::uint64_t received() const noexcept {
        return received_.load(std::memory_order_relaxed); // a number to show
    }
    /// After run().
    [[nodiscard]] const ReceiveCounts &counts() const noexcept { return counts_; }

private:
    [[nodiscard]] bool is_over(std::uint64_t now) const noexcept;
    void take(const rte_mbuf &frame, std::uint64_t now) noexcept;
    void take(const WireStamp &stamp, std::uint64_t now) noexcept;
    void sum_up() noexcept;

    std::uint16_t port_id_;
    ReceiveSettings settings_;
    const std::atomic<bool> &stop_;
    std::vector<FlowCheck> flows_; ///< by flow
    std::vector<std::uint8_t> buffer_;
    std::uint64_t begin_ = 0;        ///< of run()
    std::uint64_t first_ = 0;        ///< data packet
    std::uint64_t last_ = 0;         ///< data packet
    std::uint64_t last_stamped_ = 0; ///< of any kind
    ReceiveCounts counts_;
    std::atomic<std::uint64_t> received_{0};
};

} // namespace bench
