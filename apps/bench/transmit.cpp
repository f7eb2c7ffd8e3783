// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/transmit.hpp"

#include <rte_cycles.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>

namespace bench {

namespace {

constexpr unsigned kBurst = 32;
constexpr std::size_t kMask = Traffic::kStreamLength - 1;
constexpr unsigned kEndMarks = 3; ///< of each flow: one may be lost

double hertz() noexcept {
    return static_cast<double>(rte_get_tsc_hz());
}

void set_length(rte_mbuf *frame, std::uint16_t octets) noexcept {
    frame->data_len = octets;
    frame->pkt_len = octets;
}

} // namespace

Transmitter::Transmitter(std::uint16_t port_id, rte_mempool *pool, const Traffic &traffic,
                         const TransmitSettings &settings, const std::atomic<bool> &stop)
    : pool_(pool),
      traffic_(traffic),
      settings_(settings),
      stop_(stop),
      feed_(port_id, stop),
      cycles_a_packet_(settings.rate == 0 ? 0 : hertz() / settings.rate),
      sequences_(traffic.flows()),
      positions_(traffic.flows()) {}

void Transmitter::run() noexcept {
    send_data();
    if (!feed_.is_blocked())
        send_end_marks();
    counts_.flows = static_cast<std::uint64_t>(
        std::count_if(sequences_.begin(), sequences_.end(), [](auto next) { return next != 0; }));
    counts_.short_calls = feed_.short_calls();
    counts_.is_blocked = feed_.is_blocked();
}

bool Transmitter::is_over(std::uint64_t now) const noexcept {
    const bool is_time_over =
        settings_.seconds != 0 && static_cast<double>(now - begin_) >= settings_.seconds * hertz();
    return is_time_over || feed_.is_blocked() || stop_.load(std::memory_order_relaxed) ||
           (settings_.packets != 0 && counts_.sent >= settings_.packets);
}

/// Packets that should have been sent by `now`, from the first on.
std::uint64_t Transmitter::due_by(std::uint64_t now) const noexcept {
    std::uint64_t due = counts_.sent + kBurst;
    if (cycles_a_packet_ != 0)
        due = std::min(
            due,
            static_cast<std::uint64_t>(static_cast<double>(now - begin_) / cycles_a_packet_) + 1);
    return settings_.packets == 0 ? due : std::min(due, settings_.packets);
}

std::uint32_t Transmitter::flow_at(std::size_t position) const noexcept {
    return traffic_.family() == mgm::Family::kIpv4 ? traffic_.ipv4()[position].flow
                                                   : traffic_.ipv6()[position].flow;
}

void Transmitter::send_data() noexcept {
    begin_ = rte_rdtsc();
    for (std::uint64_t now = begin_; !is_over(now); now = rte_rdtsc()) {
        const std::uint64_t due = due_by(now);
        if (due > counts_.sent)
            send_burst(static_cast<unsigned>(due - counts_.sent));
        else
            rest_until(begin_ + static_cast<std::uint64_t>(static_cast<double>(counts_.sent) *
                                                           cycles_a_packet_));
    }
    counts_.cycles = rte_rdtsc() - begin_;
}

void Transmitter::send_burst(unsigned count) noexcept {
    count = std::min(count, kBurst);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before read
    std::array<rte_mbuf *, kBurst> frames;
    if (rte_pktmbuf_alloc_bulk(pool_, frames.data(), count) != 0) {
        ++counts_.no_mbufs;
        return;
    }
    std::array<std::uint16_t, kBurst> octets{};
    for (unsigned i = 0; i < count; ++i) {
        const std::size_t position = (position_ + i) & kMask;
        const std::uint32_t flow = flow_at(position);
        positions_[flow] = position;
        octets[i] = write_wire_frame(rte_pktmbuf_mtod(frames[i], std::uint8_t *), traffic_,
                                     position, {flow, sequences_[flow]++, rte_rdtsc(), false});
        set_length(frames[i], octets[i]);
    }
    const unsigned sent = feed_.send(frames.data(), count);
    for (unsigned i = sent; i < count; ++i) // never left: their numbers are free
        --sequences_[flow_at((position_ + i) & kMask)];
    for (unsigned i = 0; i < sent; ++i)
        counts_.octets += octets[i];
    position_ += sent;
    counts_.sent += sent;
    sent_.store(counts_.sent, std::memory_order_relaxed); // a number to show
}

/// No faster than the data were: many flows' marks would else be the burst that is lost.
void Transmitter::send_end_marks() noexcept {
    const double pace =
        counts_.sent == 0 ? 0
                          : static_cast<double>(counts_.cycles) / static_cast<double>(counts_.sent);
    double due = static_cast<double>(rte_rdtsc());
    for (unsigned round = 0; round < kEndMarks; ++round)
        for (std::uint32_t flow = 0; flow < sequences_.size() && !feed_.is_blocked(); ++flow) {
            if (sequences_[flow] == 0)
                continue;
            while (static_cast<double>(rte_rdtsc()) < due)
                rest_until(static_cast<std::uint64_t>(due));
            due += pace;
            send_end_mark(flow);
        }
}

void Transmitter::send_end_mark(std::uint32_t flow) noexcept {
    rte_mbuf *frame = rte_pktmbuf_alloc(pool_);
    if (frame == nullptr)
        return;
    set_length(frame,
               write_wire_frame(rte_pktmbuf_mtod(frame, std::uint8_t *), traffic_, positions_[flow],
                                {flow, sequences_[flow], rte_rdtsc(), true}));
    feed_.send(&frame, 1);
}

} // namespace bench
