// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/replay.hpp"

#include <rte_cycles.h>
#include <rte_mbuf.h>
#include <rte_pause.h>

#include <cstring>

namespace bench {

namespace {

constexpr double kNanoseconds = 1e9;

} // namespace

Replay::Replay(std::uint16_t port_id, rte_mempool *pool, const Capture &capture,
               const ReplaySettings &settings, const std::atomic<bool> &stop)
    : pool_(pool),
      capture_(capture),
      settings_(settings),
      stop_(stop),
      feed_(port_id, stop),
      cycles_a_ns_(settings.speed == 0
                       ? 0
                       : static_cast<double>(rte_get_tsc_hz()) / kNanoseconds / settings.speed) {}

/// Between two loops lies the mean distance of two frames.
void Replay::run() noexcept {
    const std::size_t gaps = capture_.frames().size() - 1;
    const std::uint64_t period = capture_.duration() + (gaps == 0 ? 0 : capture_.duration() / gaps);
    begin_ = rte_rdtsc();
    for (std::uint64_t loop = 0; loop < settings_.loops && !is_stopped(); ++loop)
        for (const Capture::Frame &frame : capture_.frames()) {
            send(frame, loop * period + frame.nanoseconds);
            if (is_stopped())
                break;
        }
    counts_.cycles = rte_rdtsc() - begin_;
    counts_.short_calls = feed_.short_calls();
    counts_.is_blocked = feed_.is_blocked();
}

std::uint64_t Replay::due(std::uint64_t nanoseconds) const noexcept {
    return begin_ + static_cast<std::uint64_t>(static_cast<double>(nanoseconds) * cycles_a_ns_);
}

/// The frame is ready before its time, which the CPU then waits for.
void Replay::send(const Capture::Frame &frame, std::uint64_t nanoseconds) noexcept {
    rte_mbuf *mbuf = rte_pktmbuf_alloc(pool_);
    while (mbuf == nullptr && !is_stopped()) { // the port's ring has them all
        rte_pause();
        mbuf = rte_pktmbuf_alloc(pool_);
    }
    if (mbuf == nullptr)
        return;
    std::memcpy(rte_pktmbuf_append(mbuf, static_cast<std::uint16_t>(frame.octets)),
                capture_.octets(frame).data(), frame.octets);
    if (cycles_a_ns_ != 0) {
        const std::uint64_t wanted = due(nanoseconds);
        std::uint64_t now = rte_rdtsc();
        for (; now < wanted && !stop_.load(std::memory_order_relaxed); now = rte_rdtsc())
            rte_pause();
        if (now >= wanted)
            counts_.lateness.add(now - wanted);
    }
    if (feed_.send(&mbuf, 1) == 0)
        return;
    ++counts_.sent;
    counts_.octets += frame.octets;
    sent_.store(counts_.sent, std::memory_order_relaxed); // a number to show
}

} // namespace bench
