// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/wire_frame.hpp"

#include "mgm/address_class.hpp"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_udp.h>

#include <algorithm>
#include <cstring>

#include <netinet/in.h>

namespace bench {

namespace {

constexpr std::uint16_t kDataMagic = 0x6d67; // "mg"
constexpr std::uint16_t kEndMagic = 0x6d65;
/// DPDK's checksum over a datagram that has its own: 0, which UDP writes as all ones.
constexpr std::uint16_t kSumIsRight = 0xffff;

template <class T>
void put(std::uint8_t *at, const T &value) noexcept {
    std::memcpy(at, &value, sizeof value);
}
template <class T>
T get(const std::uint8_t *at) noexcept {
    T value{};
    std::memcpy(&value, at, sizeof value);
    return value;
}

void put_stamp(std::uint8_t *at, const WireStamp &stamp) noexcept {
    put(at, rte_cpu_to_be_16(stamp.is_end ? kEndMagic : kDataMagic));
    put(at + 2, rte_cpu_to_be_32(stamp.flow));
    put(at + 6, rte_cpu_to_be_32(stamp.sequence));
    put(at + 10, rte_cpu_to_be_64(stamp.cycles));
}

/// The checksum of a datagram of which all octets behind the stamp are zero, from its
/// pseudo-header's sum.
std::uint16_t udp_checksum(const std::uint8_t *udp, std::uint16_t pseudo_header) noexcept {
    std::uint32_t sum = pseudo_header;
    sum += rte_raw_cksum(udp, sizeof(rte_udp_hdr) + WireStamp::kOctets);
    sum = (sum & 0xffffU) + (sum >> 16U);
    sum = (sum & 0xffffU) + (sum >> 16U);
    const auto checksum = static_cast<std::uint16_t>(~sum);
    return checksum == 0 ? 0xffffU : checksum; // 0 says that there is none
}

/// Behind the L3 header at `udp`, whose sum with the pseudo-header is `pseudo_header`.
void finish(std::uint8_t *udp, const WireStamp &stamp, std::uint16_t pseudo_header) noexcept {
    put_stamp(udp + sizeof(rte_udp_hdr), stamp);
    put(udp + offsetof(rte_udp_hdr, dgram_cksum), std::uint16_t{0});
    put(udp + offsetof(rte_udp_hdr, dgram_cksum), udp_checksum(udp, pseudo_header));
}

void write4(std::uint8_t *frame, const StreamItem4 &item, const WireStamp &stamp) noexcept {
    std::uint8_t *at = frame + RTE_ETHER_HDR_LEN;
    auto ip = get<rte_ipv4_hdr>(at);
    ip.src_addr = item.source_be;
    ip.dst_addr = item.group_be;
    ip.hdr_checksum = item.checksum_be;
    put(at, ip);
    const mgm::MacAddress mac = mgm::group_mac(mgm::Ipv4Address{item.group_be});
    std::memcpy(frame, mac.octets.data(), mac.octets.size());
    finish(at + sizeof ip, stamp, rte_ipv4_phdr_cksum(&ip, 0));
}

void write6(std::uint8_t *frame, const StreamItem6 &item, const WireStamp &stamp) noexcept {
    std::uint8_t *at = frame + RTE_ETHER_HDR_LEN;
    auto ip = get<rte_ipv6_hdr>(at);
    std::memcpy(ip.src_addr, item.source.data(), item.source.size());
    std::memcpy(ip.dst_addr, item.group.data(), item.group.size());
    put(at, ip);
    const mgm::MacAddress mac = mgm::group_mac(mgm::Ipv6Address{item.group});
    std::memcpy(frame, mac.octets.data(), mac.octets.size());
    finish(at + sizeof ip, stamp, rte_ipv6_phdr_cksum(&ip, 0));
}

/// What lies behind the L2 header.
struct Packet {
    std::uint16_t ethertype;
    std::span<const std::uint8_t> octets;
};

Packet packet_of(std::span<const std::uint8_t> frame) noexcept {
    std::size_t offset = RTE_ETHER_HDR_LEN;
    if (frame.size() < offset + RTE_VLAN_HLEN)
        return {0, {}};
    std::uint16_t type = rte_be_to_cpu_16(get<std::uint16_t>(&frame[offset - 2]));
    if (type == RTE_ETHER_TYPE_VLAN) {
        offset += RTE_VLAN_HLEN;
        type = rte_be_to_cpu_16(get<std::uint16_t>(&frame[offset - 2]));
    }
    return {type, frame.subspan(offset)};
}

/// The UDP datagram, and whether what is around it is whole.
struct Datagram {
    const std::uint8_t *udp = nullptr; ///< nullptr: none, or cut short before the ports
    std::size_t octets = 0;            ///< as the IP header says
    bool is_whole = false;
};

Datagram datagram4(std::span<const std::uint8_t> packet) noexcept {
    if (packet.size() < sizeof(rte_ipv4_hdr) + sizeof(rte_udp_hdr) || packet[0] != 0x45)
        return {};
    const auto ip = get<rte_ipv4_hdr>(packet.data());
    const std::size_t total = rte_be_to_cpu_16(ip.total_length);
    if (ip.next_proto_id != IPPROTO_UDP)
        return {};
    const std::uint8_t *udp = &packet[sizeof ip];
    const bool fits = total <= packet.size() && total >= sizeof ip + sizeof(rte_udp_hdr);
    const bool is_whole = fits && rte_raw_cksum(&ip, sizeof ip) == 0xffff &&
                          rte_ipv4_udptcp_cksum(&ip, udp) == kSumIsRight;
    return {udp, fits ? total - sizeof ip : 0, is_whole};
}

Datagram datagram6(std::span<const std::uint8_t> packet) noexcept {
    if (packet.size() < sizeof(rte_ipv6_hdr) + sizeof(rte_udp_hdr) || packet[0] >> 4U != 6)
        return {};
    const auto ip = get<rte_ipv6_hdr>(packet.data());
    const std::size_t payload = rte_be_to_cpu_16(ip.payload_len);
    if (ip.proto != IPPROTO_UDP)
        return {};
    const std::uint8_t *udp = &packet[sizeof ip];
    const bool fits = payload <= packet.size() - sizeof ip && payload >= sizeof(rte_udp_hdr);
    return {udp, fits ? payload : 0, fits && rte_ipv6_udptcp_cksum(&ip, udp) == kSumIsRight};
}

Datagram datagram_of(const Packet &packet) noexcept {
    if (packet.ethertype == RTE_ETHER_TYPE_IPV4)
        return datagram4(packet.octets);
    return packet.ethertype == RTE_ETHER_TYPE_IPV6 ? datagram6(packet.octets) : Datagram{};
}

} // namespace

std::uint16_t write_wire_frame(std::uint8_t *at, const Traffic &traffic, std::size_t position,
                               const WireStamp &stamp) {
    const bool is_ipv4 = traffic.family() == mgm::Family::kIpv4;
    const Traffic::Size &size =
        traffic.sizes()[is_ipv4 ? traffic.ipv4()[position].size : traffic.ipv6()[position].size];
    const std::size_t head = std::min<std::size_t>(size.octets, kHeadOctets);
    std::memcpy(at, size.head.data(), head);
    std::memset(at + head, 0, size.octets - head);
    if (is_ipv4)
        write4(at, traffic.ipv4()[position], stamp);
    else
        write6(at, traffic.ipv6()[position], stamp);
    return size.octets;
}

WireFrame read_wire_frame(std::span<const std::uint8_t> frame) {
    const Datagram datagram = datagram_of(packet_of(frame));
    if (datagram.udp == nullptr)
        return {};
    const auto udp = get<rte_udp_hdr>(datagram.udp);
    if (udp.dst_port != rte_cpu_to_be_16(kUdpPort) || udp.src_port != udp.dst_port ||
        udp.dgram_cksum == 0)
        return {};
    if (!datagram.is_whole || rte_be_to_cpu_16(udp.dgram_len) != datagram.octets)
        return {WireFrame::Kind::kCorrupted, {}};
    if (datagram.octets < sizeof udp + WireStamp::kOctets)
        return {};
    const std::uint8_t *at = datagram.udp + sizeof udp;
    const std::uint16_t magic = rte_be_to_cpu_16(get<std::uint16_t>(at));
    WireStamp stamp{rte_be_to_cpu_32(get<std::uint32_t>(at + 2)),
                    rte_be_to_cpu_32(get<std::uint32_t>(at + 6)),
                    rte_be_to_cpu_64(get<std::uint64_t>(at + 10)), magic == kEndMagic};
    if ((magic != kDataMagic && magic != kEndMagic) || stamp.flow >= WireStamp::kMostFlows)
        return {};
    return {WireFrame::Kind::kStamped, stamp};
}

} // namespace bench
