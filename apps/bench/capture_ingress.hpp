// SPDX-License-Identifier: BSD-3-Clause
// Packets out of a capture, again and again: which flows and VLANs are in it, and a net_null port
// whose rx callback makes its frames in buffers of the pool.
//
// Thread: the callback runs on whoever polls the port; the rest on the main thread.
#pragma once

#include "apps/bench/capture.hpp"
#include "apps/bench/traffic.hpp"

#include <atomic>
#include <cstdint>
#include <vector>

struct rte_mbuf;
struct rte_mempool;
struct rte_eth_rxtx_callback;

namespace bench {

struct CaptureFlows {
    std::vector<std::uint16_t> vlans; ///< each once; 0 is untagged, and always there
    std::vector<FlowAddresses> flows; ///< (S,G) of what could be forwarded, each once
};
/// Looks no closer than it must: what is wrong with a frame is the router's to find.
CaptureFlows flows_of(const Capture &capture);

class CaptureIngress {
public:
    /// Takes over rx queue 0 of `port_id`. The pool's buffers hold the longest frame.
    CaptureIngress(std::uint16_t port_id, rte_mempool *pool, const Capture &capture);
    ~CaptureIngress();
    CaptureIngress(const CaptureIngress &) = delete;
    CaptureIngress &operator=(const CaptureIngress &) = delete;

    /// From now on, or not any more, a poll finds frames; from the first of the file on.
    void open() noexcept;
    void close() noexcept { is_open_.store(false, std::memory_order_relaxed); } // a flag only
    /// Since open(). Exact while nobody polls, or behind close() once it finds nothing.
    [[nodiscard]] std::uint64_t made() const noexcept {
        return made_.load(std::memory_order_relaxed); // a number to compare later
    }

private:
    static std::uint16_t receive(std::uint16_t port, std::uint16_t queue, rte_mbuf **frames,
                                 std::uint16_t received, std::uint16_t room, void *self);
    std::uint16_t make_burst(rte_mbuf **frames, std::uint16_t room) noexcept;

    std::uint16_t port_id_;
    rte_mempool *pool_;
    const Capture &capture_;
    const rte_eth_rxtx_callback *callback_;
    std::size_t next_ = 0;
    std::atomic<bool> is_open_{false};
    std::atomic<std::uint64_t> made_{0};
};

} // namespace bench
