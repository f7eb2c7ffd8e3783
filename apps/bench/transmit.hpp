// SPDX-License-Identifier: BSD-3-Clause
// `mgmbench tx`: stamped frames out of one port, at a rate, and an end mark for each flow.
//
// Thread: made and asked on the main thread, run() on a worker's lcore.
#pragma once

#include "apps/bench/port_feed.hpp"
#include "apps/bench/wire_frame.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

struct rte_mempool;

namespace bench {

struct TransmitSettings {
    double rate = 0;           ///< packets a second; 0: as fast as the port takes them
    std::uint64_t packets = 0; ///< 0: until the time is over
    double seconds = 0;        ///< 0: until all packets are sent
};

struct TransmitCounts {
    std::uint64_t sent = 0;   ///< end marks not counted
    std::uint64_t octets = 0; ///< of them, without FCS
    std::uint64_t flows = 0;  ///< that had at least one
    std::uint64_t cycles = 0; ///< from the first to the last
    std::uint64_t short_calls = 0;
    std::uint64_t no_mbufs = 0;
    bool is_blocked = false; ///< the port took nothing for seconds: given up
};

class Transmitter {
public:
    Transmitter(std::uint16_t port_id, rte_mempool *pool, const Traffic &traffic,
                const TransmitSettings &settings, const std::atomic<bool> &stop);

    void run() noexcept;
    /// How many so far. Any thread.
    [[nodiscard]] std::uint64_t sent() const noexcept {
        return sent_.load(std::memory_order_relaxed); // a number to show
    }
    [[nodiscard]] const TransmitCounts &counts() const noexcept { return counts_; }

private:
    [[nodiscard]] bool is_over(std::uint64_t now) const noexcept;
    [[nodiscard]] std::uint64_t due_by(std::uint64_t now) const noexcept;
    [[nodiscard]] std::uint32_t flow_at(std::size_t position) const noexcept;
    void send_data() noexcept;
    void send_burst(unsigned count) noexcept;
    void send_end_marks() noexcept;
    void send_end_mark(std::uint32_t flow) noexcept;

    rte_mempool *pool_;
    const Traffic &traffic_;
    TransmitSettings settings_;
    const std::atomic<bool> &stop_;
    PortFeed feed_;
    double cycles_a_packet_; ///< 0: no pace
    std::uint64_t begin_ = 0;
    std::size_t position_ = 0;             ///< in the stream
    std::vector<std::uint32_t> sequences_; ///< by flow: of its next packet
    std::vector<std::size_t> positions_;   ///< by flow: of one of its frames
    TransmitCounts counts_;
    std::atomic<std::uint64_t> sent_{0};
};

} // namespace bench
