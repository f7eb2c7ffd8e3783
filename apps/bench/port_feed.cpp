// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/port_feed.hpp"

#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_pause.h>

#include <time.h>

namespace bench {

namespace {

constexpr std::uint64_t kPatienceSeconds = 2;
constexpr std::uint64_t kShortestSleepUs = 200; ///< a sleep may be late by a quarter of it

} // namespace

unsigned PortFeed::send(rte_mbuf **frames, unsigned count) noexcept {
    unsigned sent = 0;
    std::uint64_t since = 0; // when the port began to take nothing
    for (;;) {
        const std::uint16_t taken =
            rte_eth_tx_burst(port_id_, 0, frames + sent, static_cast<std::uint16_t>(count - sent));
        sent += taken;
        if (sent == count)
            return sent;
        ++short_calls_;
        const std::uint64_t now = rte_rdtsc();
        if (taken != 0 || since == 0)
            since = now;
        is_blocked_ = now - since > kPatienceSeconds * rte_get_tsc_hz();
        if (is_blocked_ || stop_.load(std::memory_order_relaxed))
            break;
        rte_pause();
    }
    rte_pktmbuf_free_bulk(frames + sent, count - sent);
    return sent;
}

void rest_until(std::uint64_t deadline) noexcept {
    const std::uint64_t now = rte_rdtsc();
    const std::uint64_t cycles_a_us = rte_get_tsc_hz() / 1'000'000;
    const std::uint64_t left_us = deadline > now ? (deadline - now) / cycles_a_us : 0;
    if (left_us < kShortestSleepUs)
        return rte_pause();
    constexpr std::uint64_t kLongestSleepUs = 10'000; // then look whether to stop
    const std::uint64_t sleep_us = left_us / 2 < kLongestSleepUs ? left_us / 2 : kLongestSleepUs;
    const timespec duration{0, static_cast<long>(sleep_us * 1000)};
    nanosleep(&duration, nullptr);
}

} // namespace bench
