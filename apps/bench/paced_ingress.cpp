// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/paced_ingress.hpp"

#include "apps/bench/frame_writer.hpp"
#include "apps/bench/stamp.hpp"
#include "apps/bench/thread_clock.hpp"

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include <algorithm>
#include <stdexcept>

namespace bench {

namespace {

/// Longer than a burst takes with any table and any fan-out: the worker was not running.
constexpr double kStallSeconds = 50e-6;

} // namespace

PacedIngress::PacedIngress(std::uint16_t port_id, rte_mempool *pool)
    : port_id_(port_id),
      pool_(pool),
      callback_(rte_eth_add_rx_callback(port_id, 0, receive, this)) {
    if (callback_ == nullptr)
        throw std::runtime_error("the rx callback of the ingress port is refused");
}

PacedIngress::~PacedIngress() {
    rte_eth_remove_rx_callback(port_id_, 0, callback_);
}

void PacedIngress::arm(const Traffic &traffic, const Load &load, Stamping stamping,
                       std::uint32_t sample_every) {
    traffic_ = &traffic;
    load_ = load;
    stamping_ = stamping;
    sample_every_ = sample_every;
    ring_.emplace(load, static_cast<double>(rte_get_tsc_hz()));
    sequences_.assign(traffic.flows(), 0);
    next_ = 0;
    has_begun_ = false;
    offered_ = {};
    must_end_.store(false, std::memory_order_relaxed);
    // release: what is written above is there for the thread that polls; pairs with receive()
    is_over_.store(false, std::memory_order_release);
}

std::uint16_t PacedIngress::receive(std::uint16_t, std::uint16_t, rte_mbuf **frames,
                                    std::uint16_t received, std::uint16_t room, void *self) {
    auto &ingress = *static_cast<PacedIngress *>(self);
    if (ingress.is_over()) // pairs with arm()
        return received;
    return ingress.poll(frames, room);
}

void PacedIngress::begin() noexcept {
    has_begun_ = true;
    begin_cpu_ns_ = thread_cpu_ns();
    const auto hz = static_cast<double>(rte_get_tsc_hz());
    stall_ = static_cast<std::uint64_t>(kStallSeconds * hz);
    stalled_ = 0;
    begin_ = last_poll_ = rte_rdtsc();
    deadline_ =
        load_.seconds == 0 ? UINT64_MAX : begin_ + static_cast<std::uint64_t>(load_.seconds * hz);
}

/// The worker has done all packets of before when it asks for more.
void PacedIngress::end(std::uint64_t now) noexcept {
    const auto hz = static_cast<double>(rte_get_tsc_hz());
    offered_.seconds = static_cast<double>(now - begin_) / hz;
    offered_.cpu_share =
        static_cast<double>(thread_cpu_ns() - begin_cpu_ns_) / kNanoseconds / offered_.seconds;
    offered_.taken = ring_->taken();
    offered_.overrun = ring_->lost();
    offered_.intended_pps = load_.pps;
    // What arrives in a ring arrives in its time, however late its last packets are fetched.
    const double over = load_.descriptors != 0 && load_.packets == 0 && load_.pps != 0
                            ? std::min(offered_.seconds, load_.seconds)
                            : offered_.seconds;
    offered_.pps = static_cast<double>(offered_.offered()) / over;
    offered_.stalled_seconds = static_cast<double>(stalled_) / hz;
    is_over_.store(true, std::memory_order_release); // pairs with is_over() and wait()
    is_over_.notify_all();
}

std::uint16_t PacedIngress::poll(rte_mbuf **frames, std::uint16_t room) noexcept {
    if (!has_begun_)
        begin();
    const std::uint64_t now = rte_rdtsc();
    if (now - last_poll_ > stall_) {
        ++offered_.stalls;
        stalled_ += now - last_poll_;
    }
    last_poll_ = now;
    const std::uint32_t count = ring_->waiting(now - begin_, std::min<std::uint32_t>(room, kBurst));
    const bool is_late = now >= deadline_ && (count == 0 || load_.descriptors == 0);
    if (is_late || ring_->is_done() || must_end_.load(std::memory_order_relaxed)) {
        end(now);
        return 0;
    }
    if (count == 0)
        return 0;
    if (rte_pktmbuf_alloc_bulk(pool_, frames, count) != 0) {
        ++offered_.no_mbufs;
        return 0;
    }
    write_frames(frames, count, port_id_, *traffic_, next_);
    if (stamping_ != Stamping::kNone)
        stamp(frames, count);
    next_ += count;
    ring_->take(count);
    return static_cast<std::uint16_t>(count);
}

std::uint32_t PacedIngress::flow_of(std::size_t item) const noexcept {
    item %= Traffic::kStreamLength;
    return traffic_->family() == mgm::Family::kIpv4 ? traffic_->ipv4()[item].flow
                                                    : traffic_->ipv6()[item].flow;
}

void PacedIngress::stamp(rte_mbuf **frames, unsigned count) noexcept {
    const std::size_t at = stamp_offset(traffic_->family());
    const std::uint64_t now = rte_rdtsc();
    for (unsigned i = 0; i < count; ++i) {
        auto *frame = rte_pktmbuf_mtod(frames[i], std::uint8_t *);
        const std::size_t number = next_ + i;
        if (stamping_ == Stamping::kTimed) {
            // What lies behind the head is the buffer's last packet: no stamp of it may survive.
            if (number % sample_every_ == 0)
                write_timed_stamp(frame + at, {0, static_cast<std::uint32_t>(number), now});
            else
                frame[at] = 0;
            continue;
        }
        const std::uint32_t flow = flow_of(number);
        const std::uint32_t sequence = sequences_[flow];
        std::atomic_ref(sequences_[flow]).store(sequence + 1, std::memory_order_relaxed);
        if (stamping_ == Stamping::kFlow)
            write_timed_stamp(frame + at, {flow, sequence, now});
        else
            write_checked_stamp({frame, frames[i]->data_len}, traffic_->family(),
                                {flow, sequence, 0});
    }
}

} // namespace bench
