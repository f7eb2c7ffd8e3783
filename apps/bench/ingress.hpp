// SPDX-License-Identifier: BSD-3-Clause
// Where packets come from: a net_null port whose rx callback makes the frames of a Traffic, at the
// price that a NIC's refill has: a buffer from the pool, three fields, one line written.
//
// Thread: the callback runs on whoever polls the port; the rest on the main thread.
#pragma once

#include "apps/bench/traffic.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>

struct rte_mbuf;
struct rte_mempool;
struct rte_eth_rxtx_callback;

namespace bench {

/// What one trial cost its worker, from the first burst to the last.
struct Meter {
    std::uint64_t packets = 0;
    std::uint64_t octets = 0;   ///< of frames, FCS not counted
    std::uint64_t cycles = 0;   ///< TSC
    double cpu_share = 0;       ///< of the time, so much the worker had the CPU
    std::uint64_t no_mbufs = 0; ///< bursts that the pool was too empty for

    /// Of another worker, at the same time.
    void add(const Meter &other) noexcept {
        packets += other.packets;
        octets += other.octets;
        cycles = std::max(cycles, other.cycles);
        cpu_share = std::min(cpu_share, other.cpu_share);
        no_mbufs += other.no_mbufs;
    }
};

class Ingress {
public:
    static constexpr unsigned kBurst = 32;

    /// Takes over an rx queue of `port_id`. The pool's buffers hold the longest frame of any
    /// traffic.
    Ingress(std::uint16_t port_id, rte_mempool *pool, std::uint16_t queue = 0);
    ~Ingress();
    Ingress(const Ingress &) = delete;
    Ingress &operator=(const Ingress &) = delete;

    /// The next burst that is asked for begins a trial of `seconds`; when it is over, the port is
    /// empty. Nobody polls the port now. `traffic` outlives the trial; its packets from number
    /// `first` on.
    void arm(const Traffic &traffic, double seconds, std::size_t first = 0);
    [[nodiscard]] bool is_over() const noexcept {
        return is_over_.load(std::memory_order_acquire); // pairs with end(): meter() is complete
    }
    /// Blocks until it is.
    void wait() const noexcept {
        is_over_.wait(false, std::memory_order_acquire); // pairs with end(), as above
    }
    /// Of the trial that is over.
    [[nodiscard]] const Meter &meter() const noexcept { return meter_; }

private:
    static std::uint16_t receive(std::uint16_t port, std::uint16_t queue, rte_mbuf **frames,
                                 std::uint16_t received, std::uint16_t room, void *self);
    std::uint16_t make_burst(rte_mbuf **frames, std::uint16_t room) noexcept;
    void begin() noexcept;
    void end() noexcept;

    std::uint16_t port_id_, queue_;
    rte_mempool *pool_;
    const rte_eth_rxtx_callback *callback_;
    const Traffic *traffic_ = nullptr;
    std::size_t next_ = 0; ///< in the stream
    double seconds_ = 0;
    bool has_begun_ = false;
    std::uint64_t begin_cycles_ = 0;
    std::uint64_t begin_cpu_ns_ = 0;
    std::uint64_t deadline_ = 0;
    Meter meter_;
    std::atomic<bool> is_over_{true};
};

} // namespace bench
