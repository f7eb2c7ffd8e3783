// SPDX-License-Identifier: BSD-3-Clause
// Packets that say which of their flow they are, made in an rx callback, and who looks at them in a
// tx callback.
//
// Thread: whoever polls the rx queue, or sends to the tx queue; the results once it has ended.
#pragma once

#include "mutex_pool.hpp"
#include "support/packet_builder.hpp"

#include <gtest/gtest.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

namespace stress {

inline constexpr std::uint32_t kFlows = 61;

/// Behind the headers.
struct Number {
    std::uint32_t flow;
    std::uint32_t sequence;
};

inline std::string group_of(std::uint32_t flow) {
    return "239.255.7." + std::to_string(flow + 1);
}

/// Makes the packets of the flows that an rx queue receives. Runs on the worker that polls it.
class Source {
public:
    /// Flows `first`, `first + step`, …; `packets` of them all, one flow after the other.
    Source(std::uint16_t port, std::uint16_t queue, std::uint32_t first, std::uint32_t step,
           std::uint64_t packets)
        : port_(port), queue_(queue), step_(step), first_(first), flow_(first), left_(packets) {
        for (std::uint32_t flow = 0; flow < kFlows; ++flow)
            frames_.push_back(support::ipv4("198.51.100.2", group_of(flow)).payload(40).build());
        callback_ = rte_eth_add_rx_callback(port, queue, receive, this);
    }
    ~Source() { rte_eth_remove_rx_callback(port_, queue_, callback_); }
    Source(const Source &) = delete;
    Source &operator=(const Source &) = delete;
    [[nodiscard]] bool is_over() const { return is_over_.load(std::memory_order_acquire); }

private:
    static std::uint16_t receive(std::uint16_t, std::uint16_t, rte_mbuf **frames, std::uint16_t,
                                 std::uint16_t room, void *self) {
        return static_cast<Source *>(self)->make(frames, room);
    }
    std::uint16_t make(rte_mbuf **frames, std::uint16_t room) {
        const auto count = static_cast<std::uint16_t>(std::min<std::uint64_t>(room, left_));
        if (count == 0 || rte_pktmbuf_alloc_bulk(pool(), frames, count) != 0) {
            is_over_.store(left_ == 0, std::memory_order_release);
            return 0;
        }
        left_ -= count;
        for (unsigned i = 0; i < count; ++i)
            write(*frames[i]);
        return count;
    }
    void write(rte_mbuf &frame) {
        const support::Octets &octets = frames_[flow_];
        char *at = rte_pktmbuf_append(&frame, static_cast<std::uint16_t>(octets.size()));
        std::memcpy(at, octets.data(), octets.size());
        const Number number{flow_, next_[flow_]++};
        std::memcpy(at + octets.size() - sizeof number, &number, sizeof number);
        flow_ = flow_ + step_ < kFlows ? flow_ + step_ : first_;
    }

    std::uint16_t port_, queue_;
    const rte_eth_rxtx_callback *callback_;
    std::vector<support::Octets> frames_;
    std::array<std::uint32_t, kFlows> next_{};
    std::uint32_t step_, first_, flow_;
    std::uint64_t left_;
    std::atomic<bool> is_over_{false};
};

/// Looks at what leaves by a tx queue, and takes it or, being slow, only a part of it. Runs on the
/// worker that owns the queue.
class Sink {
public:
    Sink(std::uint16_t port, std::uint16_t queue, bool is_slow)
        : port_(port), queue_(queue), is_slow_(is_slow) {
        next_.fill(0);
        decoy_ = rte_pktmbuf_alloc(pool());
        callback_ = rte_eth_add_tx_callback(port, queue, send, this);
    }
    ~Sink() {
        rte_eth_remove_tx_callback(port_, queue_, callback_);
        rte_pktmbuf_free(decoy_);
    }
    Sink(const Sink &) = delete;
    Sink &operator=(const Sink &) = delete;

    std::uint64_t frames = 0;
    std::uint64_t out_of_order = 0;
    std::array<bool, kFlows> has_seen{};

private:
    static std::uint16_t send(std::uint16_t, std::uint16_t, rte_mbuf **frames, std::uint16_t count,
                              void *self) {
        return static_cast<Sink *>(self)->take(frames, count);
    }
    std::uint16_t take(rte_mbuf **offered, std::uint16_t count) {
        const std::uint16_t room = is_slow_ ? static_cast<std::uint16_t>(++calls_ % 7 * 3) : count;
        const std::uint16_t taken = std::min(room, count);
        for (unsigned i = 0; i < taken; ++i) {
            look_at(*offered[i]);
            rte_pktmbuf_free(offered[i]); // here, and not in the driver, which TSan cannot see
            offered[i] = decoy_;
        }
        rte_mbuf_refcnt_update(decoy_, static_cast<std::int16_t>(taken)); // the driver's
        frames += taken;
        return taken;
    }
    void look_at(const rte_mbuf &frame) {
        Number number{};
        std::memcpy(&number,
                    rte_pktmbuf_mtod_offset(&frame, const char *, frame.data_len - sizeof number),
                    sizeof number);
        ASSERT_LT(number.flow, kFlows);
        out_of_order += number.sequence < next_[number.flow] ? 1 : 0;
        next_[number.flow] = number.sequence + 1;
        has_seen[number.flow] = true;
    }

    std::uint16_t port_, queue_;
    const rte_eth_rxtx_callback *callback_;
    bool is_slow_;
    std::uint64_t calls_ = 0;
    rte_mbuf *decoy_;
    std::array<std::uint32_t, kFlows> next_{};
};

} // namespace stress
