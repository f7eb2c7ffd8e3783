// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/capture_ingress.hpp"

#include <rte_byteorder.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <set>
#include <stdexcept>

namespace bench {

namespace {

constexpr unsigned kBurst = 32;
constexpr std::uint16_t kMostVlan = 4094;

template <class T>
std::optional<T> get(std::span<const std::uint8_t> octets, std::size_t offset) {
    T value{};
    if (octets.size() < offset + sizeof value)
        return std::nullopt;
    std::memcpy(&value, octets.data() + offset, sizeof value);
    return value;
}

std::uint16_t word(std::span<const std::uint8_t> octets, std::size_t offset) {
    return rte_be_to_cpu_16(get<std::uint16_t>(octets, offset).value_or(0));
}

std::optional<FlowAddresses> flow4(std::span<const std::uint8_t> packet) {
    const auto ip = get<rte_ipv4_hdr>(packet, 0);
    if (!ip || !RTE_IS_IPV4_MCAST(rte_be_to_cpu_32(ip->dst_addr)))
        return std::nullopt;
    return FlowAddresses{mgm::IpAddress(mgm::Ipv4Address{ip->src_addr}),
                         mgm::IpAddress(mgm::Ipv4Address{ip->dst_addr})};
}

std::optional<FlowAddresses> flow6(std::span<const std::uint8_t> packet) {
    const auto ip = get<rte_ipv6_hdr>(packet, 0);
    if (!ip || ip->dst_addr[0] != 0xff)
        return std::nullopt;
    mgm::Ipv6Address source{}, group{};
    std::memcpy(source.octets.data(), ip->src_addr, source.octets.size());
    std::memcpy(group.octets.data(), ip->dst_addr, group.octets.size());
    return FlowAddresses{mgm::IpAddress(source), mgm::IpAddress(group)};
}

struct Seen {
    std::uint16_t vlan = 0;
    std::optional<FlowAddresses> flow;
};

Seen look_at(std::span<const std::uint8_t> frame) {
    Seen seen;
    std::size_t offset = RTE_ETHER_HDR_LEN;
    std::uint16_t type = word(frame, offset - 2);
    if (type == RTE_ETHER_TYPE_VLAN) {
        seen.vlan = word(frame, offset) & 0x0fffU;
        offset += RTE_VLAN_HLEN;
        type = word(frame, offset - 2);
    }
    if (frame.size() < offset)
        return {};
    if (type == RTE_ETHER_TYPE_IPV4)
        seen.flow = flow4(frame.subspan(offset));
    else if (type == RTE_ETHER_TYPE_IPV6)
        seen.flow = flow6(frame.subspan(offset));
    return seen;
}

using FlowKey = std::pair<std::array<std::uint8_t, 16>, std::array<std::uint8_t, 16>>;

FlowKey key_of(const FlowAddresses &flow) {
    return {flow.source.octets(), flow.group.octets()};
}

} // namespace

CaptureFlows flows_of(const Capture &capture) {
    std::set<std::uint16_t> vlans{0};
    std::array<std::set<FlowKey>, 2> known; // by family
    CaptureFlows found;
    for (const Capture::Frame &frame : capture.frames()) {
        const Seen seen = look_at(capture.octets(frame));
        if (seen.vlan <= kMostVlan)
            vlans.insert(seen.vlan);
        if (!seen.flow)
            continue;
        const bool is_ipv4 = seen.flow->group.family() == mgm::Family::kIpv4;
        if (known.at(is_ipv4 ? 0 : 1).insert(key_of(*seen.flow)).second)
            found.flows.push_back(*seen.flow);
    }
    found.vlans.assign(vlans.begin(), vlans.end());
    return found;
}

CaptureIngress::CaptureIngress(std::uint16_t port_id, rte_mempool *pool, const Capture &capture)
    : port_id_(port_id),
      pool_(pool),
      capture_(capture),
      callback_(rte_eth_add_rx_callback(port_id, 0, receive, this)) {
    if (callback_ == nullptr)
        throw std::runtime_error("the rx callback of the ingress port is refused");
}

CaptureIngress::~CaptureIngress() {
    rte_eth_remove_rx_callback(port_id_, 0, callback_);
}

void CaptureIngress::open() noexcept {
    next_ = 0;
    made_.store(0, std::memory_order_relaxed);       // published by the next line
    is_open_.store(true, std::memory_order_release); // pairs with receive()
}

std::uint16_t CaptureIngress::receive(std::uint16_t, std::uint16_t, rte_mbuf **frames,
                                      std::uint16_t received, std::uint16_t room, void *self) {
    auto &ingress = *static_cast<CaptureIngress *>(self);
    if (!ingress.is_open_.load(std::memory_order_acquire)) // pairs with open()
        return received;
    return ingress.make_burst(frames, room);
}

std::uint16_t CaptureIngress::make_burst(rte_mbuf **frames, std::uint16_t room) noexcept {
    const unsigned count = std::min<unsigned>(room, kBurst);
    if (rte_pktmbuf_alloc_bulk(pool_, frames, count) != 0)
        return 0;
    for (unsigned i = 0; i < count; ++i) {
        const Capture::Frame &frame = capture_.frames()[next_];
        std::memcpy(rte_pktmbuf_mtod(frames[i], void *), capture_.octets(frame).data(),
                    frame.octets);
        frames[i]->data_len = static_cast<std::uint16_t>(frame.octets);
        frames[i]->pkt_len = frame.octets;
        frames[i]->port = port_id_;
        next_ = next_ + 1 == capture_.frames().size() ? 0 : next_ + 1;
    }
    made_.fetch_add(count, std::memory_order_relaxed); // read behind close()
    return static_cast<std::uint16_t>(count);
}

} // namespace bench
