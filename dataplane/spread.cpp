// SPDX-License-Identifier: BSD-3-Clause
// What a receiving worker does with each frame of a port that it spreads.
#include "dataplane/spread.hpp"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include <algorithm>
#include <cstddef>
#include <cstring>

namespace dataplane {

namespace {

constexpr std::uint8_t kHopByHop = 0, kIgmp = 2, kIcmpv6 = 58, kPim = 103;
/// Ethernet, a tag, IPv6, and who comes after hop-by-hop options: no more is looked at.
constexpr std::uint32_t kLook = RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN + sizeof(rte_ipv6_hdr) + 1;
constexpr std::size_t kProtocolOffset = offsetof(rte_ipv4_hdr, next_proto_id);
constexpr std::size_t kNextHeaderOffset = offsetof(rte_ipv6_hdr, proto);

/// What a frame's first octets say of it.
struct Head {
    const std::uint8_t *octets;
    std::uint32_t length;
    [[nodiscard]] std::uint16_t type_at(std::uint32_t offset) const noexcept {
        return rte_be_to_cpu_16(load<std::uint16_t>(octets + offset));
    }
    [[nodiscard]] bool reaches(std::uint32_t offset) const noexcept { return offset <= length; }
};

bool is_ipv4_flow(const std::uint8_t *packet) noexcept {
    const std::uint8_t *group = packet + offsetof(rte_ipv4_hdr, dst_addr);
    const std::uint8_t protocol = packet[kProtocolOffset];
    const bool is_multicast = (group[0] & 0xf0U) == 0xe0U;
    const bool stays_on_its_link = group[0] == 224 && group[1] == 0 && group[2] == 0;
    return is_multicast && !stays_on_its_link && protocol != kIgmp && protocol != kPim;
}

/// `behind`: the next header of a hop-by-hop header, where there is one.
bool is_ipv6_flow(const std::uint8_t *packet, std::uint8_t behind) noexcept {
    const std::uint8_t *group = packet + offsetof(rte_ipv6_hdr, dst_addr);
    const std::uint8_t next = packet[kNextHeaderOffset];
    const std::uint8_t protocol = next == kHopByHop ? behind : next;
    constexpr std::uint8_t kLinkLocalScope = 2;
    return group[0] == 0xff && (group[1] & 0x0fU) > kLinkLocalScope && protocol != kIcmpv6 &&
           protocol != kPim;
}

} // namespace

/// `addresses`: source and destination as they lie in the header.
template <mgm::Family F>
std::uint32_t FlowWorkers::worker_of(const std::uint8_t *addresses) const noexcept {
    mgm::FlowKey<F> flow; // of no VRF: a flow that several know still has one worker
    std::memcpy(&flow.source, addresses, sizeof flow.source);
    std::memcpy(&flow.group, addresses + sizeof flow.source, sizeof flow.group);
    // Not the halves of the hash, by which tables find their buckets: each worker would use but a
    // part of its own.
    const std::uint64_t high = mgm::hash_of(flow, salt_) * mgm::detail::kOddDigits >> 32U;
    return static_cast<std::uint32_t>(high * workers_ >> 32U);
}

std::uint32_t FlowWorkers::worker_of(const rte_mbuf &frame, std::uint32_t receiver) const noexcept {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): view() fills what it gives out
    std::array<std::uint8_t, kLook> scratch;
    Head head{nullptr, std::min(rte_pktmbuf_pkt_len(&frame), kLook)};
    head.octets = view(frame, 0, head.length, scratch.data());
    std::uint32_t l3 = RTE_ETHER_HDR_LEN;
    if (head.octets == nullptr || !head.reaches(l3 + RTE_VLAN_HLEN))
        return receiver;
    std::uint16_t type = head.type_at(RTE_ETHER_ADDR_LEN * 2);
    if (type == RTE_ETHER_TYPE_VLAN) {
        type = head.type_at(l3 + 2);
        l3 += RTE_VLAN_HLEN;
    }
    const std::uint8_t *packet = head.octets + l3;
    if (type == RTE_ETHER_TYPE_IPV4 && head.reaches(l3 + sizeof(rte_ipv4_hdr)) &&
        is_ipv4_flow(packet))
        return worker_of<mgm::Family::kIpv4>(packet + offsetof(rte_ipv4_hdr, src_addr));
    if (type != RTE_ETHER_TYPE_IPV6 || !head.reaches(l3 + sizeof(rte_ipv6_hdr)))
        return receiver;
    const bool has_more = head.reaches(l3 + sizeof(rte_ipv6_hdr) + 1);
    if (!is_ipv6_flow(packet, has_more ? packet[sizeof(rte_ipv6_hdr)] : kIcmpv6))
        return receiver;
    return worker_of<mgm::Family::kIpv6>(packet + offsetof(rte_ipv6_hdr, src_addr));
}

bool Spreader::has_room() const noexcept {
    for (std::uint32_t to = 0; to < rings_.workers(); ++to) {
        const Lane *lane = rings_.lane(worker_, to);
        if (to != worker_ && lane != nullptr && lane->room() < Burst::kCapacity)
            return false;
    }
    return true;
}

void Spreader::spread(Burst &burst) noexcept {
    constexpr unsigned kAhead = 4; // as parse() does: headers on their way to the cache
    no_room_count_ = 0;
    unsigned kept = 0;
    for (unsigned i = 0; i < kAhead && i < burst.size; ++i)
        rte_prefetch0(rte_pktmbuf_mtod(burst.mbufs[i], const void *));
    for (unsigned i = 0; i < burst.size; ++i) {
        if (i + kAhead < burst.size)
            rte_prefetch0(rte_pktmbuf_mtod(burst.mbufs[i + kAhead], const void *));
        rte_mbuf *frame = burst.mbufs[i];
        const std::uint32_t to = flows_.worker_of(*frame, worker_);
        if (to == worker_) {
            burst.mbufs[kept++] = frame;
            continue;
        }
        Staged &staged = staged_[to];
        staged.frames[staged.count++] = {frame, burst.port_id};
    }
    burst.size = kept;
    for (std::uint32_t to = 0; to < rings_.workers(); ++to)
        if (staged_[to].count != 0)
            push(to);
}

void Spreader::push(std::uint32_t to) noexcept {
    Staged &staged = staged_[to];
    const unsigned pushed = rings_.lane(worker_, to)->push(staged.frames.data(), staged.count);
    for (unsigned i = pushed; i < staged.count; ++i)
        no_room_[no_room_count_++] = staged.frames[i].frame;
    staged.count = 0;
}

} // namespace dataplane
