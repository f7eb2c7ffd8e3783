// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/receive.hpp"

#include "dataplane/idle.hpp"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <array>

namespace bench {

namespace {

constexpr unsigned kBurst = 32;
constexpr double kQuietSeconds = 0.5; ///< so long behind the last end mark late packets may come

double seconds_of(std::uint64_t cycles) noexcept {
    return static_cast<double>(cycles) / static_cast<double>(rte_get_tsc_hz());
}

} // namespace

bool ReceiveCounts::is_flawless() const noexcept {
    return packets.received != 0 && packets.lost() == 0 && packets.duplicated == 0 &&
           packets.reordered == 0 && packets.too_old == 0 && corrupted == 0 && flows == ended_flows;
}

Receiver::Receiver(std::uint16_t port_id, const ReceiveSettings &settings,
                   const std::atomic<bool> &stop)
    : port_id_(port_id),
      settings_(settings),
      stop_(stop),
      flows_(WireStamp::kMostFlows),
      buffer_(UINT16_MAX) {}

bool Receiver::is_over(std::uint64_t now) const noexcept {
    if (stop_.load(std::memory_order_relaxed))
        return true;
    if (settings_.seconds != 0)
        return seconds_of(now - begin_) >= settings_.seconds;
    return counts_.flows != 0 && counts_.ended_flows == counts_.flows &&
           seconds_of(now - last_stamped_) >= kQuietSeconds;
}

void Receiver::run() noexcept {
    dataplane::Backoff backoff(settings_.measures_latency ? dataplane::Idle::kPoll
                                                          : dataplane::Idle::kAdaptive);
    std::array<rte_mbuf *, kBurst> frames{};
    begin_ = rte_rdtsc();
    for (std::uint64_t now = begin_; !is_over(now); now = rte_rdtsc()) {
        const std::uint16_t count = rte_eth_rx_burst(port_id_, 0, frames.data(), kBurst);
        const std::uint64_t arrival = rte_rdtsc();
        for (std::uint16_t i = 0; i < count; ++i)
            take(*frames[i], arrival);
        rte_pktmbuf_free_bulk(frames.data(), count);
        if (count != 0)
            received_.fetch_add(count, std::memory_order_relaxed); // a number to show
        backoff.rest(count != 0);
    }
    sum_up();
}

void Receiver::take(const rte_mbuf &frame, std::uint64_t now) noexcept {
    const std::uint32_t octets = rte_pktmbuf_pkt_len(&frame);
    if (octets > buffer_.size()) {
        ++counts_.other;
        return;
    }
    // In the mbuf itself where it is one; else put together.
    const auto *at =
        static_cast<const std::uint8_t *>(rte_pktmbuf_read(&frame, 0, octets, buffer_.data()));
    const WireFrame read = read_wire_frame({at, octets});
    switch (read.kind) {
    case WireFrame::Kind::kOther:
        ++counts_.other;
        return;
    case WireFrame::Kind::kCorrupted:
        ++counts_.corrupted;
        return;
    case WireFrame::Kind::kStamped:
        counts_.octets += octets;
        last_stamped_ = now;
        take(read.stamp, now);
    }
}

void Receiver::take(const WireStamp &stamp, std::uint64_t now) noexcept {
    FlowCheck &flow = flows_[stamp.flow];
    counts_.flows += flow.is_seen() ? 0 : 1;
    if (stamp.is_end) {
        counts_.ended_flows += flow.has_ended() ? 0 : 1;
        return flow.end(stamp.sequence);
    }
    flow.see(stamp.sequence);
    first_ = first_ == 0 ? now : first_;
    last_ = now;
    if (settings_.measures_latency && now > stamp.cycles)
        counts_.latency.add(now - stamp.cycles);
}

void Receiver::sum_up() noexcept {
    for (const FlowCheck &flow : flows_)
        counts_.packets += flow.counts();
    counts_.cycles = last_ - first_;
}

} // namespace bench
