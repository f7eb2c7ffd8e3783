// SPDX-License-Identifier: BSD-3-Clause
// Packets at a rate, stamped: what trials that are not about cost are offered. Beside Ingress on
// the same port; the one that is armed makes the frames.
//
// Thread: the callback runs on whoever polls the port; sequence() anywhere; the rest on main.
#pragma once

#include "apps/bench/rx_ring.hpp"
#include "apps/bench/traffic.hpp"

#include <atomic>
#include <cstdint>
#include <optional>
#include <vector>

struct rte_mbuf;
struct rte_mempool;
struct rte_eth_rxtx_callback;

namespace bench {

enum class Stamping : std::uint8_t {
    kNone,
    kChecked, ///< each packet, whole content
    kTimed,   ///< each n-th, with the time that it was received at
    kFlow,    ///< each, with the time, numbered within its flow
};

class PacedIngress {
public:
    static constexpr unsigned kBurst = 32;

    PacedIngress(std::uint16_t port_id, rte_mempool *pool);
    ~PacedIngress();
    PacedIngress(const PacedIngress &) = delete;
    PacedIngress &operator=(const PacedIngress &) = delete;

    /// The next poll begins a trial; when it is over the port is empty. Nobody polls now. `traffic`
    /// outlives the trial; kTimed stamps every `sample_every`-th packet.
    void arm(const Traffic &traffic, const Load &load, Stamping stamping,
             std::uint32_t sample_every = 1);
    /// Before its time, from any thread.
    void finish() noexcept { must_end_.store(true, std::memory_order_relaxed); }
    [[nodiscard]] bool is_over() const noexcept {
        return is_over_.load(std::memory_order_acquire); // pairs with end()
    }
    void wait() const noexcept {
        is_over_.wait(false, std::memory_order_acquire); // pairs with end()
    }
    /// Of the trial that is over.
    [[nodiscard]] const Offered &offered() const noexcept { return offered_; }
    [[nodiscard]] const std::vector<std::uint32_t> &sequences() const noexcept {
        return sequences_;
    }
    /// Packets of this flow so far, while the trial runs.
    [[nodiscard]] std::uint32_t sequence(std::uint32_t flow) noexcept {
        return std::atomic_ref(sequences_[flow]).load(std::memory_order_relaxed);
    }

private:
    static std::uint16_t receive(std::uint16_t port, std::uint16_t queue, rte_mbuf **frames,
                                 std::uint16_t received, std::uint16_t room, void *self);
    std::uint16_t poll(rte_mbuf **frames, std::uint16_t room) noexcept;
    void begin() noexcept;
    void end(std::uint64_t now) noexcept;
    void stamp(rte_mbuf **frames, unsigned count) noexcept;
    [[nodiscard]] std::uint32_t flow_of(std::size_t item) const noexcept;

    std::uint16_t port_id_;
    rte_mempool *pool_;
    const rte_eth_rxtx_callback *callback_;
    const Traffic *traffic_ = nullptr;
    Load load_;
    Stamping stamping_ = Stamping::kNone;
    std::uint32_t sample_every_ = 1;
    std::optional<RxRing> ring_;
    std::vector<std::uint32_t> sequences_; ///< by flow: its next
    std::size_t next_ = 0;
    bool has_begun_ = false;
    std::uint64_t begin_ = 0, last_poll_ = 0, deadline_ = 0; ///< TSC
    std::uint64_t stall_ = 0, stalled_ = 0;                  ///< cycles
    std::uint64_t begin_cpu_ns_ = 0;
    Offered offered_;
    std::atomic<bool> must_end_{false};
    std::atomic<bool> is_over_{true};
};

} // namespace bench
