// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/traffic.hpp"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>

namespace bench {

namespace {

constexpr std::uint8_t kTtl = 64;
constexpr std::uint16_t kFcsOctets = RTE_ETHER_CRC_LEN;

constexpr std::uint32_t spread(std::uint32_t k) noexcept {
    k ^= k >> 16U;
    k *= 0x7feb'352dU;
    k ^= k >> 15U;
    k *= 0x846c'a68bU;
    return k ^ (k >> 16U);
}

constexpr std::uint32_t kFirstGroup = 0xe100'0000; // 225.0.0.0: neither reserved nor SSM
constexpr std::uint32_t kGroupMask = 0x00ff'ffff;
constexpr std::uint32_t kBenchmarkNet = 0xc612'0000; // 198.18.0.0/15, RFC 2544
constexpr std::uint32_t kHosts = (1U << 17U) - 4;    // without network, ours, and broadcast

/// Group numbers far apart, so that no hash is lucky; one for each number below 2^24.
constexpr std::uint32_t scatter(std::uint32_t number) noexcept {
    return number * 0x9e37'79b1U + 12345U;
}

FlowAddresses ipv4_flow(std::uint32_t group, std::uint32_t source) {
    const std::uint32_t host = kBenchmarkNet + 2 + (spread(group) % kHosts + source) % kHosts;
    return {mgm::IpAddress(mgm::Ipv4Address{rte_cpu_to_be_32(host)}),
            mgm::IpAddress(
                mgm::Ipv4Address{rte_cpu_to_be_32(kFirstGroup | (scatter(group) & kGroupMask))})};
}

FlowAddresses ipv6_flow(std::uint32_t group, std::uint32_t source) {
    mgm::Ipv6Address to{{0xff, 0x1e}};                     // transient, global scope
    mgm::Ipv6Address from{{0x20, 0x01, 0, 2, 0, 0, 0, 1}}; // 2001:2::/48, RFC 5180; not ours
    const std::uint32_t group_be = rte_cpu_to_be_32(scatter(group));
    const std::uint32_t source_be = rte_cpu_to_be_32(spread(group) + source);
    std::memcpy(&to.octets[12], &group_be, sizeof group_be);
    std::memcpy(&from.octets[12], &source_be, sizeof source_be);
    return {mgm::IpAddress(from), mgm::IpAddress(to)};
}

template <class T>
void put(FrameHead &head, std::size_t offset, const T &value) {
    std::memcpy(head.data() + offset, &value, sizeof value);
}

/// The largest IP packet that an Ethernet frame of `octets` without FCS holds.
constexpr std::uint16_t ip_octets(std::uint16_t octets) noexcept {
    return static_cast<std::uint16_t>(octets - RTE_ETHER_HDR_LEN);
}

FrameHead ipv4_head(std::uint16_t octets) {
    FrameHead head{};
    rte_ipv4_hdr ip{};
    ip.version_ihl = RTE_IPV4_VHL_DEF;
    ip.total_length = rte_cpu_to_be_16(ip_octets(octets));
    ip.time_to_live = kTtl;
    ip.next_proto_id = IPPROTO_UDP;
    put(head, RTE_ETHER_HDR_LEN, ip);
    const rte_udp_hdr udp{
        rte_cpu_to_be_16(kUdpPort), rte_cpu_to_be_16(kUdpPort),
        rte_cpu_to_be_16(static_cast<std::uint16_t>(ip_octets(octets) - sizeof(rte_ipv4_hdr))),
        0}; // no checksum: IPv4 allows it
    put(head, RTE_ETHER_HDR_LEN + sizeof ip, udp);
    put(head, 12, rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV4));
    head[0] = 0x01;
    return head;
}

FrameHead ipv6_head(std::uint16_t octets) {
    FrameHead head{};
    const auto payload = static_cast<std::uint16_t>(ip_octets(octets) - sizeof(rte_ipv6_hdr));
    rte_ipv6_hdr ip{};
    ip.vtc_flow = rte_cpu_to_be_32(6U << 28U);
    ip.payload_len = rte_cpu_to_be_16(payload);
    ip.proto = IPPROTO_UDP;
    ip.hop_limits = kTtl;
    put(head, RTE_ETHER_HDR_LEN, ip);
    const rte_udp_hdr udp{rte_cpu_to_be_16(kUdpPort), rte_cpu_to_be_16(kUdpPort),
                          rte_cpu_to_be_16(payload), 0};
    put(head, RTE_ETHER_HDR_LEN + sizeof ip, udp);
    put(head, 12, rte_cpu_to_be_16(RTE_ETHER_TYPE_IPV6));
    head[0] = head[1] = 0x33;
    return head;
}

/// Which flow comes next.
class Picker {
public:
    Picker(Pick pick, std::uint64_t flows, std::uint64_t seed)
        : pick_(pick), flows_(flows), random_(seed) {}

    std::uint64_t next() {
        switch (pick_) {
        case Pick::kUniform:
            return below(flows_);
        case Pick::kHot:
            return below(10) != 0 ? below(std::max<std::uint64_t>(flows_ / 100, 1)) : below(flows_);
        case Pick::kZipf:
            break;
        }
        // The inverse of the distribution's integral: exact enough for a load, and any table size.
        const double share = std::uniform_real_distribution<double>(0, 1)(random_);
        const double rank = std::pow(static_cast<double>(flows_) + 1, share) - 1;
        return std::min(static_cast<std::uint64_t>(rank), flows_ - 1);
    }
    std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

private:
    Pick pick_;
    std::uint64_t flows_;
    std::mt19937_64 random_;
};

std::uint16_t header_checksum(const FrameHead &head, const StreamItem4 &item) {
    rte_ipv4_hdr ip{};
    std::memcpy(&ip, head.data() + RTE_ETHER_HDR_LEN, sizeof ip);
    ip.src_addr = item.source_be;
    ip.dst_addr = item.group_be;
    return rte_ipv4_cksum(&ip);
}

/// Of an IPv6 packet whose payload is zero: routers do not look, receivers do.
std::uint16_t udp_checksum(const FrameHead &head, const StreamItem6 &item) {
    rte_ipv6_hdr ip{};
    std::memcpy(&ip, head.data() + RTE_ETHER_HDR_LEN, sizeof ip);
    std::memcpy(ip.src_addr, item.source.data(), item.source.size());
    std::memcpy(ip.dst_addr, item.group.data(), item.group.size());
    rte_udp_hdr udp{};
    std::memcpy(&udp, head.data() + RTE_ETHER_HDR_LEN + sizeof ip, sizeof udp);
    std::uint32_t sum = rte_ipv6_phdr_cksum(&ip, 0);
    sum += rte_raw_cksum(&udp, sizeof udp);
    sum = (sum & 0xffffU) + (sum >> 16U);
    sum = (sum & 0xffffU) + (sum >> 16U);
    return static_cast<std::uint16_t>(~sum);
}

} // namespace

FlowAddresses flow_addresses(const Scenario &scenario, std::uint64_t k) {
    const auto group = static_cast<std::uint32_t>(k / scenario.sources);
    const auto source = static_cast<std::uint32_t>(k % scenario.sources);
    return scenario.family == mgm::Family::kIpv4 ? ipv4_flow(group, source)
                                                 : ipv6_flow(group, source);
}

mgm::IpPrefix arrival_network(mgm::Family family) {
    return family == mgm::Family::kIpv4 ? mgm::IpPrefix::parse("198.18.0.1/15").value()
                                        : mgm::IpPrefix::parse("2001:2::1/48").value();
}

Traffic::Traffic(const Scenario &scenario, std::uint64_t flows, std::uint64_t seed)
    : family_(scenario.family), flows_(flows) {
    const bool is_ipv4 = family_ == mgm::Family::kIpv4;
    std::vector<std::uint16_t> weighted; // a size as often as its weight
    for (const SizeShare &share : scenario.sizes) {
        const auto octets = static_cast<std::uint16_t>(share.octets - kFcsOctets);
        FrameHead head = is_ipv4 ? ipv4_head(octets) : ipv6_head(octets);
        std::copy(kGeneratorMac.octets.begin(), kGeneratorMac.octets.end(), &head[6]);
        weighted.insert(weighted.end(), share.weight, static_cast<std::uint16_t>(sizes_.size()));
        sizes_.push_back({head, octets});
    }
    Picker picker(scenario.pick, flows, seed);
    for (std::size_t i = 0; i < kStreamLength; ++i) {
        const auto flow = static_cast<std::uint32_t>(picker.next());
        const std::uint16_t size = weighted[picker.below(weighted.size())];
        const FlowAddresses addresses = flow_addresses(scenario, flow);
        if (is_ipv4) {
            StreamItem4 item{addresses.source.v4().be, addresses.group.v4().be, 0, size, flow};
            item.checksum_be = header_checksum(sizes_[size].head, item);
            ipv4_.push_back(item);
        } else {
            StreamItem6 item{addresses.source.v6().octets, addresses.group.v6().octets, 0, size,
                             flow};
            item.checksum_be = udp_checksum(sizes_[size].head, item);
            ipv6_.push_back(item);
        }
    }
}

std::uint16_t Traffic::longest() const noexcept {
    return std::max_element(sizes_.begin(), sizes_.end(),
                            [](const Size &a, const Size &b) { return a.octets < b.octets; })
        ->octets;
}

} // namespace bench
