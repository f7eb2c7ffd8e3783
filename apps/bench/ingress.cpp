// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/ingress.hpp"

#include "apps/bench/frame_writer.hpp"
#include "apps/bench/thread_clock.hpp"

#include <rte_cycles.h>
#include <rte_ethdev.h>

#include <stdexcept>

namespace bench {

namespace {

constexpr std::uint64_t kClockEvery = 1024; ///< packets between two looks at the clock

} // namespace

Ingress::Ingress(std::uint16_t port_id, rte_mempool *pool, std::uint16_t queue)
    : port_id_(port_id),
      queue_(queue),
      pool_(pool),
      callback_(rte_eth_add_rx_callback(port_id, queue, receive, this)) {
    if (callback_ == nullptr)
        throw std::runtime_error("the rx callback of the ingress port is refused");
}

Ingress::~Ingress() {
    rte_eth_remove_rx_callback(port_id_, queue_, callback_);
}

void Ingress::arm(const Traffic &traffic, double seconds, std::size_t first) {
    traffic_ = &traffic;
    seconds_ = seconds;
    next_ = first;
    has_begun_ = false;
    meter_ = {};
    // release: what is written above is there for the thread that polls the port; pairs with
    // receive()
    is_over_.store(false, std::memory_order_release);
}

std::uint16_t Ingress::receive(std::uint16_t, std::uint16_t, rte_mbuf **frames,
                               std::uint16_t received, std::uint16_t room, void *self) {
    auto &ingress = *static_cast<Ingress *>(self);
    if (ingress.is_over()) // pairs with arm()
        return received;
    return ingress.make_burst(frames, room);
}

void Ingress::begin() noexcept {
    has_begun_ = true;
    begin_cpu_ns_ = thread_cpu_ns();
    begin_cycles_ = rte_rdtsc();
    deadline_ = begin_cycles_ +
                static_cast<std::uint64_t>(seconds_ * static_cast<double>(rte_get_tsc_hz()));
}

/// The worker has done all packets of before when it asks for more.
void Ingress::end() noexcept {
    meter_.cycles = rte_rdtsc() - begin_cycles_;
    const double cpu_ns = static_cast<double>(thread_cpu_ns() - begin_cpu_ns_);
    const double wall_ns =
        static_cast<double>(meter_.cycles) / static_cast<double>(rte_get_tsc_hz()) * kNanoseconds;
    meter_.cpu_share = wall_ns == 0 ? 0 : cpu_ns / wall_ns;
    is_over_.store(true, std::memory_order_release); // pairs with is_over() and wait()
    is_over_.notify_all();
}

std::uint16_t Ingress::make_burst(rte_mbuf **frames, std::uint16_t room) noexcept {
    if (!has_begun_)
        begin();
    if (meter_.packets % kClockEvery == 0 && rte_rdtsc() >= deadline_) {
        end();
        return 0;
    }
    const unsigned count = room < kBurst ? room : kBurst;
    if (rte_pktmbuf_alloc_bulk(pool_, frames, count) != 0) {
        ++meter_.no_mbufs;
        if (rte_rdtsc() >= deadline_)
            end();
        return 0;
    }
    meter_.octets += write_frames(frames, count, port_id_, *traffic_, next_);
    next_ += count;
    meter_.packets += count;
    return static_cast<std::uint16_t>(count);
}

} // namespace bench
