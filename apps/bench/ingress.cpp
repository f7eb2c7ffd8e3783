// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/ingress.hpp"

#include <rte_byteorder.h>
#include <rte_cycles.h>
#include <rte_ethdev.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_memcpy.h>
#include <rte_prefetch.h>
#include <rte_udp.h>

#include <cstring>
#include <stdexcept>

#include <time.h>

namespace bench {

namespace {

constexpr std::size_t kMask = Traffic::kStreamLength - 1;
constexpr std::uint64_t kClockEvery = 1024; ///< packets between two looks at the clock
constexpr std::uint64_t kNanoseconds = 1'000'000'000;

std::uint64_t thread_cpu_ns() noexcept {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * kNanoseconds +
           static_cast<std::uint64_t>(now.tv_nsec);
}

template <class T>
void put(std::uint8_t *at, const T &value) noexcept {
    std::memcpy(at, &value, sizeof value);
}

/// Group MAC octets 2..5 of 01:00:5e and the low 23 bits of the group (RFC 1112 6.4).
std::uint32_t ipv4_mac_tail(std::uint32_t group_be) noexcept {
    return (group_be & rte_cpu_to_be_32(0x007f'ffffU)) | rte_cpu_to_be_32(0x5e00'0000U);
}

void address(std::uint8_t *frame, const StreamItem4 &item) noexcept {
    std::uint8_t *ip = frame + RTE_ETHER_HDR_LEN;
    put(frame + 2, ipv4_mac_tail(item.group_be));
    put(ip + offsetof(rte_ipv4_hdr, src_addr), item.source_be);
    put(ip + offsetof(rte_ipv4_hdr, dst_addr), item.group_be);
    put(ip + offsetof(rte_ipv4_hdr, hdr_checksum), item.checksum_be);
}

void address(std::uint8_t *frame, const StreamItem6 &item) noexcept {
    std::uint8_t *ip = frame + RTE_ETHER_HDR_LEN;
    std::memcpy(frame + 2, &item.group[12], 4); // RFC 2464 7
    std::memcpy(ip + offsetof(rte_ipv6_hdr, src_addr), item.source.data(), item.source.size());
    std::memcpy(ip + offsetof(rte_ipv6_hdr, dst_addr), item.group.data(), item.group.size());
    put(ip + sizeof(rte_ipv6_hdr) + offsetof(rte_udp_hdr, dgram_cksum), item.checksum_be);
}

/// Returns how many octets the frames have.
template <class Item>
std::uint64_t write_frames(rte_mbuf **frames, unsigned count, std::uint16_t port_id,
                           const std::vector<Traffic::Size> &sizes, const std::vector<Item> &stream,
                           std::size_t first) noexcept {
    std::uint64_t octets = 0;
    for (unsigned i = 0; i < count; ++i) {
        const Item &item = stream[(first + i) & kMask];
        rte_prefetch_non_temporal(&stream[(first + i + 256) & kMask]);
        const Traffic::Size &size = sizes[item.size];
        rte_mbuf *frame = frames[i];
        auto *at = rte_pktmbuf_mtod(frame, std::uint8_t *);
        rte_mov64(at, size.head.data());
        address(at, item);
        frame->data_len = size.octets;
        frame->pkt_len = size.octets;
        frame->port = port_id;
        octets += size.octets;
    }
    return octets;
}

} // namespace

Ingress::Ingress(std::uint16_t port_id, rte_mempool *pool)
    : port_id_(port_id),
      pool_(pool),
      callback_(rte_eth_add_rx_callback(port_id, 0, receive, this)) {
    if (callback_ == nullptr)
        throw std::runtime_error("the rx callback of the ingress port is refused");
}

Ingress::~Ingress() {
    rte_eth_remove_rx_callback(port_id_, 0, callback_);
}

void Ingress::arm(const Traffic &traffic, double seconds) {
    traffic_ = &traffic;
    seconds_ = seconds;
    next_ = 0;
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
    meter_.octets +=
        traffic_->family() == mgm::Family::kIpv4
            ? write_frames(frames, count, port_id_, traffic_->sizes(), traffic_->ipv4(), next_)
            : write_frames(frames, count, port_id_, traffic_->sizes(), traffic_->ipv6(), next_);
    next_ += count;
    meter_.packets += count;
    return static_cast<std::uint16_t>(count);
}

} // namespace bench
