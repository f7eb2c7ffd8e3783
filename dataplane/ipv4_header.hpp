// SPDX-License-Identifier: BSD-3-Clause
// IPv4 header checks of a router (RFC 1812 5.2.2, 4.2.2, 5.3.7), in the order in which they count.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/frame_view.hpp"
#include "mgm/address_class.hpp"

#include <rte_ip.h>
#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <optional>
#include <span>

namespace dataplane {

inline constexpr std::uint32_t kIpv4MaxHeader = 60;
inline constexpr std::uint8_t kProtocolIgmp = 2;

/// Option types (RFC 791 3.1).
inline constexpr std::uint8_t kOptionEnd = 0;
inline constexpr std::uint8_t kOptionNop = 1;
inline constexpr std::uint8_t kOptionLooseRoute = 131;
inline constexpr std::uint8_t kOptionStrictRoute = 137;

/// Sum over the header must be all ones. A port's verdict of GOOD or BAD saves the sum.
[[nodiscard]] inline bool has_good_checksum(const rte_mbuf &frame, const std::uint8_t *header,
                                            std::uint32_t octets) noexcept {
    const std::uint64_t flags = frame.ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK;
    if (flags == RTE_MBUF_F_RX_IP_CKSUM_GOOD)
        return true;
    if (flags == RTE_MBUF_F_RX_IP_CKSUM_BAD)
        return false;
    return rte_raw_cksum(header, octets) == 0xffff; // UNKNOWN, and NONE: not known to be right
}

/// Walks the options (RFC 791 3.1). kOptBad: a length that cannot be. kOptSrr: loose or strict
/// source route (RFC 7126 4.3, 4.4). Everything else goes through unmodified, unknown ones too.
[[nodiscard]] inline mgm::Verdict check_options(std::span<const std::uint8_t> options) noexcept {
    std::size_t at = 0;
    while (at < options.size()) {
        const std::uint8_t type = options[at];
        if (type == kOptionEnd)
            break;
        if (type == kOptionNop) {
            ++at;
            continue;
        }
        if (at + 1 >= options.size())
            return mgm::Verdict::kOptBad;
        const std::size_t length = options[at + 1];
        if (length < 2 || at + length > options.size())
            return mgm::Verdict::kOptBad;
        if (type == kOptionLooseRoute || type == kOptionStrictRoute)
            return mgm::Verdict::kOptSrr;
        at += length;
    }
    return mgm::Verdict::kForwarded;
}

/// RFC 1812 5.2.2 checks 1 to 5. `scratch` holds kIpv4MaxHeader octets; `*header` is the whole
/// header afterwards.
[[nodiscard]] inline mgm::Verdict check_ipv4_lengths(const rte_mbuf &frame, PacketHeader &packet,
                                                     std::uint8_t *scratch,
                                                     const std::uint8_t **header) noexcept {
    const std::uint32_t present = rte_pktmbuf_pkt_len(&frame) - packet.l3_offset;
    const std::uint8_t *fixed = view(frame, packet.l3_offset, sizeof(rte_ipv4_hdr), scratch);
    if (fixed == nullptr)
        return mgm::Verdict::kErrShort;
    if (fixed[0] >> 4 != 4)
        return mgm::Verdict::kHdrVersion;
    packet.header_octets = static_cast<std::uint16_t>((fixed[0] & 0x0fU) * 4);
    if (packet.header_octets < sizeof(rte_ipv4_hdr) || packet.header_octets > present)
        return mgm::Verdict::kHdrIhl;
    packet.packet_octets = rte_be_to_cpu_16(load<std::uint16_t>(fixed + 2));
    if (packet.packet_octets < packet.header_octets || packet.packet_octets > present)
        return mgm::Verdict::kHdrLen;
    *header = view(frame, packet.l3_offset, packet.header_octets, scratch);
    return has_good_checksum(frame, *header, packet.header_octets) ? mgm::Verdict::kForwarded
                                                                   : mgm::Verdict::kHdrCsum;
}

/// standards 1.1. IGMP to a routable group is for routers, whatever its TTL and options.
[[nodiscard]] inline mgm::Verdict check_destination(mgm::Ipv4Address group,
                                                    std::uint8_t protocol) noexcept {
    if (!mgm::is_multicast(group))
        return mgm::Verdict::kDstNotMc;
    if (mgm::is_link_local_group(group))
        return mgm::Verdict::kDstLinkLocal;
    return protocol == kProtocolIgmp ? mgm::Verdict::kDstControl : mgm::Verdict::kForwarded;
}

/// The network's broadcast address. A /31 and a /32 have none (RFC 3021).
[[nodiscard]] inline std::optional<mgm::Ipv4Address>
broadcast_of(const mgm::Ipv4Net &net) noexcept {
    const std::uint32_t host_31 = mgm::from_host(0xffff'fffeU).be;
    if ((net.mask_be & host_31) == host_31)
        return std::nullopt;
    return mgm::Ipv4Address{net.address_be | ~net.mask_be};
}

/// The source is the broadcast address of a network of the arrival interface.
[[nodiscard]] inline bool is_subnet_broadcast(const mgm::InterfaceRecord &arrival,
                                              mgm::Ipv4Address source) noexcept {
    for (const mgm::Ipv4Net &net : std::span(arrival.ipv4_addresses(), arrival.ipv4_count))
        if (broadcast_of(net) == source)
            return true;
    return false;
}

/// RFC 1812 5.3.7, RFC 3927 7.
[[nodiscard]] inline mgm::Verdict check_source(const Context &context,
                                               const mgm::InterfaceRecord &arrival,
                                               mgm::Ipv4Address source) noexcept {
    switch (mgm::classify_source(source)) {
    case mgm::SourceClass::kUnspecified:
        return mgm::Verdict::kSrcUnspecified;
    case mgm::SourceClass::kLoopback:
        return mgm::Verdict::kSrcLoopback;
    case mgm::SourceClass::kMulticast:
        return mgm::Verdict::kSrcMulticast;
    case mgm::SourceClass::kBroadcast:
        return mgm::Verdict::kSrcBroadcast;
    case mgm::SourceClass::kReserved:
        if (!context.policy.allow_reserved_sources)
            return mgm::Verdict::kSrcReserved;
        break;
    case mgm::SourceClass::kLinkLocal:
        if (!context.policy.allow_link_local_sources)
            return mgm::Verdict::kSrcLinkLocal;
        break;
    case mgm::SourceClass::kMapped: // IPv6 only
    case mgm::SourceClass::kUsable:
        break;
    }
    if (context.tables.is_own_address<mgm::Family::kIpv4>(arrival.vrf, source))
        return mgm::Verdict::kSrcOwn;
    return is_subnet_broadcast(arrival, source) ? mgm::Verdict::kSrcSubnetBroadcast
                                                : mgm::Verdict::kForwarded;
}

/// RFC 2365: groups inside a boundary neither enter nor leave by the interface.
[[nodiscard]] inline bool is_inside_boundary(const mgm::InterfaceRecord &interface,
                                             mgm::Ipv4Address group) noexcept {
    for (const mgm::Ipv4Net &net :
         std::span(interface.ipv4_boundaries(), interface.ipv4_boundary_count))
        if (((group.be ^ net.address_be) & net.mask_be) == 0)
            return true;
    return false;
}

/// Headers and addresses of one IPv4 packet. Order: lengths and checksum, options, destination,
/// source, TTL, boundary.
[[nodiscard]] inline mgm::Verdict read_ipv4(const Context &context, const rte_mbuf &frame,
                                            const mgm::InterfaceRecord &arrival,
                                            PacketHeader &packet,
                                            mgm::FlowKey<mgm::Family::kIpv4> &flow) noexcept {
    std::array<std::uint8_t, kIpv4MaxHeader> scratch{};
    const std::uint8_t *header = nullptr;
    mgm::Verdict verdict = check_ipv4_lengths(frame, packet, scratch.data(), &header);
    if (verdict != mgm::Verdict::kForwarded)
        return verdict;
    if (packet.header_octets > sizeof(rte_ipv4_hdr)) {
        verdict = check_options({header + sizeof(rte_ipv4_hdr), header + packet.header_octets});
        if (verdict != mgm::Verdict::kForwarded)
            return verdict;
    }
    const auto fixed = load<rte_ipv4_hdr>(header);
    const std::uint16_t fragment = rte_be_to_cpu_16(fixed.fragment_offset);
    packet.family = mgm::Family::kIpv4;
    packet.ttl = fixed.time_to_live;
    packet.dont_fragment = (fragment & RTE_IPV4_HDR_DF_FLAG) != 0;
    packet.fragment_offset = fragment & RTE_IPV4_HDR_OFFSET_MASK;
    packet.checksum_be = fixed.hdr_checksum;
    flow = {{fixed.src_addr}, {fixed.dst_addr}, arrival.vrf};

    verdict = check_destination(flow.group, fixed.next_proto_id);
    if (verdict == mgm::Verdict::kForwarded)
        verdict = check_source(context, arrival, flow.source);
    if (verdict != mgm::Verdict::kForwarded)
        return verdict;
    if (packet.ttl <= 1) // RFC 1812 5.3.1, and silent: RFC 1112 6.1 forbids errors about multicast
        return mgm::Verdict::kTtl;
    return is_inside_boundary(arrival, flow.group) ? mgm::Verdict::kBoundaryIn
                                                   : mgm::Verdict::kForwarded;
}

} // namespace dataplane
