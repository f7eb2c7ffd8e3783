// SPDX-License-Identifier: BSD-3-Clause
// IPv6 header checks of a router (RFC 8200, RFC 4291), hop-by-hop options included. No other
// extension header concerns a router on the way.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/frame_view.hpp"
#include "mgm/address_class.hpp"

#include <rte_ip.h>
#include <rte_mbuf.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <span>

namespace dataplane {

inline constexpr std::uint32_t kIpv6Header = 40;
inline constexpr std::uint8_t kNextHopByHop = 0;
inline constexpr std::uint8_t kNextIcmpv6 = 58;
inline constexpr std::uint32_t kMaxExtension = 2048; ///< longest extension header

/// Hop-by-hop option types (RFC 8200 4.2, RFC 2711).
inline constexpr std::uint8_t kOptionPad1 = 0;
inline constexpr std::uint8_t kOptionPadN = 1;
inline constexpr std::uint8_t kOptionRouterAlert = 5;

/// MLD messages: query, report, done (RFC 2710), version 2 report (RFC 9777).
[[nodiscard]] constexpr bool is_mld(std::uint8_t icmpv6_type) noexcept {
    return (icmpv6_type >= 130 && icmpv6_type <= 132) || icmpv6_type == 143;
}

/// standards 1.1: scopes 0 (reserved) and 1 (this node) must not be on a wire, 2 stays on its link.
[[nodiscard]] inline mgm::Verdict check_destination(const mgm::Ipv6Address &group) noexcept {
    if (!mgm::is_multicast(group))
        return mgm::Verdict::kDstNotMc;
    if (mgm::is_link_local_group(group))
        return mgm::Verdict::kDstLinkLocal;
    return mgm::is_forwardable_group(group) ? mgm::Verdict::kForwarded : mgm::Verdict::kDstScope;
}

/// The two highest bits of an option that we do not know say what to do with the packet (RFC 8200
/// 4.2); to a multicast destination the last of them asks for silence.
[[nodiscard]] constexpr mgm::Verdict unknown_option(std::uint8_t type) noexcept {
    switch (type >> 6) {
    case 0:
        return mgm::Verdict::kForwarded;
    case 2:
        return mgm::Verdict::kV6ParamProblem;
    default:
        return mgm::Verdict::kV6OptDrop;
    }
}

/// `options`: what follows the two fixed octets of the hop-by-hop header. `at_fault` is set to the
/// offset in it of the option that decided.
[[nodiscard]] inline mgm::Verdict check_hop_options(std::span<const std::uint8_t> options,
                                                    std::size_t &at_fault) noexcept {
    for (std::size_t at = 0; at < options.size();) {
        const std::uint8_t type = options[at];
        if (type == kOptionPad1) {
            ++at;
            continue;
        }
        if (at + 2 > options.size() || at + 2 + options[at + 1] > options.size())
            return mgm::Verdict::kV6HbhBad;
        if (type == kOptionRouterAlert && options[at + 1] != 2) // RFC 2711 2.1
            return mgm::Verdict::kV6HbhBad;
        if (type != kOptionPadN && type != kOptionRouterAlert) {
            const mgm::Verdict verdict = unknown_option(type);
            if (verdict != mgm::Verdict::kForwarded) {
                at_fault = at;
                return verdict;
            }
        }
        at += std::size_t{2} + options[at + 1];
    }
    return mgm::Verdict::kForwarded;
}

/// A hop-by-hop header stands first or is not one (RFC 8200 4.1). `next` is set to what follows it
/// and `*offset` (in the packet) behind it.
[[nodiscard, gnu::noinline]] inline mgm::Verdict
check_hop_by_hop(const Context &context, const rte_mbuf &frame, PacketHeader &packet,
                 std::uint8_t &next, std::uint32_t &offset) noexcept {
    std::array<std::uint8_t, kMaxExtension> scratch{};
    const mgm::Verdict malformed = context.policy.process_hop_by_hop
                                       ? mgm::Verdict::kV6HbhBad
                                       : mgm::Verdict::kForwarded; // none of our business
    if (offset + 8 > packet.packet_octets)
        return malformed;
    const std::uint8_t *fixed = view(frame, packet.l3_offset + offset, 8, scratch.data());
    const std::uint32_t octets = 8 * (std::uint32_t{fixed[1]} + 1);
    if (offset + octets > packet.packet_octets)
        return malformed;
    const std::uint8_t *header = view(frame, packet.l3_offset + offset, octets, scratch.data());
    next = header[0];
    std::size_t at_fault = 0;
    mgm::Verdict verdict = mgm::Verdict::kForwarded;
    if (context.policy.process_hop_by_hop)
        verdict = check_hop_options({header + 2, header + octets}, at_fault);
    packet.problem_pointer = static_cast<std::uint16_t>(offset + 2 + at_fault);
    offset += octets;
    return verdict;
}

/// Hop-by-hop options, then MLD to a routable group, with Router Alert or without: for routers,
/// never forwarded.
[[nodiscard]] inline mgm::Verdict check_extensions(const Context &context, const rte_mbuf &frame,
                                                   PacketHeader &packet,
                                                   std::uint8_t next) noexcept {
    std::uint32_t offset = kIpv6Header;
    if (next == kNextHopByHop) {
        const mgm::Verdict verdict = check_hop_by_hop(context, frame, packet, next, offset);
        if (verdict != mgm::Verdict::kForwarded)
            return verdict;
    }
    if (next != kNextIcmpv6 || offset >= packet.packet_octets)
        return mgm::Verdict::kForwarded;
    std::uint8_t scratch = 0;
    return is_mld(*view(frame, packet.l3_offset + offset, 1, &scratch)) ? mgm::Verdict::kDstControl
                                                                        : mgm::Verdict::kForwarded;
}

/// RFC 4291 2.5.2, 2.5.3, 2.5.5, 2.5.6, 2.7.
[[nodiscard]] inline mgm::Verdict check_source(const Context &context,
                                               const mgm::InterfaceRecord &arrival,
                                               const mgm::Ipv6Address &source) noexcept {
    switch (mgm::classify_source(source)) {
    case mgm::SourceClass::kUnspecified:
        return mgm::Verdict::kSrcUnspecified;
    case mgm::SourceClass::kLoopback:
        return mgm::Verdict::kSrcLoopback;
    case mgm::SourceClass::kMulticast:
        return mgm::Verdict::kSrcMulticast;
    case mgm::SourceClass::kLinkLocal:
        return mgm::Verdict::kSrcLinkLocal;
    case mgm::SourceClass::kMapped:
        return mgm::Verdict::kSrcMapped;
    case mgm::SourceClass::kBroadcast: // IPv4 only
    case mgm::SourceClass::kReserved:
    case mgm::SourceClass::kUsable:
        break;
    }
    return context.tables.is_own_address<mgm::Family::kIpv6>(arrival.vrf, source)
               ? mgm::Verdict::kSrcOwn
               : mgm::Verdict::kForwarded;
}

[[nodiscard]] inline bool shares_prefix(const mgm::Ipv6Address &address,
                                        const mgm::Ipv6Net &net) noexcept {
    const std::size_t whole = net.length / 8;
    if (std::memcmp(address.octets.data(), net.address.octets.data(), whole) != 0)
        return false;
    const unsigned rest = net.length % 8;
    return rest == 0 || ((address.octets[whole] ^ net.address.octets[whole]) >> (8 - rest)) == 0;
}

/// RFC 4007 5: a zone's boundary stops its own scope and everything narrower; prefixes as in RFC
/// 2365.
[[nodiscard]] inline bool is_inside_boundary(const mgm::InterfaceRecord &interface,
                                             const mgm::Ipv6Address &group) noexcept {
    if (mgm::scope_of(group) <= interface.scope_boundary)
        return true;
    for (const mgm::Ipv6Net &net :
         std::span(interface.ipv6_boundaries(), interface.ipv6_boundary_count))
        if (shares_prefix(group, net))
            return true;
    return false;
}

/// RFC 8200 3. `scratch` holds kIpv6Header octets; `*header` is the fixed header afterwards.
[[nodiscard]] inline mgm::Verdict check_ipv6_lengths(const rte_mbuf &frame, PacketHeader &packet,
                                                     std::uint8_t *scratch,
                                                     const std::uint8_t **header) noexcept {
    const std::uint32_t present = rte_pktmbuf_pkt_len(&frame) - packet.l3_offset;
    *header = view(frame, packet.l3_offset, kIpv6Header, scratch);
    if (*header == nullptr)
        return mgm::Verdict::kErrShort;
    if ((*header)[0] >> 4 != 6)
        return mgm::Verdict::kHdrVersion;
    const std::uint32_t payload = rte_be_to_cpu_16(load<std::uint16_t>(*header + 4));
    if (payload == 0) // a jumbogram (RFC 2675), or nothing to forward
        return mgm::Verdict::kV6Jumbo;
    packet.header_octets = kIpv6Header;
    packet.packet_octets = kIpv6Header + payload;
    return packet.packet_octets > present ? mgm::Verdict::kHdrLen : mgm::Verdict::kForwarded;
}

/// Headers and addresses of one IPv6 packet. Order: lengths, destination, hop-by-hop, MLD, source,
/// hop limit, boundary. The destination comes before the options: a packet that stays on its link
/// is nobody's reason to send an ICMPv6 error.
[[nodiscard]] inline mgm::Verdict read_ipv6(const Context &context, const rte_mbuf &frame,
                                            const mgm::InterfaceRecord &arrival,
                                            PacketHeader &packet,
                                            mgm::FlowKey<mgm::Family::kIpv6> &flow) noexcept {
    std::array<std::uint8_t, kIpv6Header> scratch{};
    const std::uint8_t *header = nullptr;
    mgm::Verdict verdict = check_ipv6_lengths(frame, packet, scratch.data(), &header);
    if (verdict != mgm::Verdict::kForwarded)
        return verdict;
    packet.family = mgm::Family::kIpv6;
    packet.dont_fragment = true; // a router never fragments IPv6
    packet.ttl = header[offsetof(rte_ipv6_hdr, hop_limits)];
    flow = {load<mgm::Ipv6Address>(header + offsetof(rte_ipv6_hdr, src_addr)),
            load<mgm::Ipv6Address>(header + offsetof(rte_ipv6_hdr, dst_addr)), arrival.vrf};

    verdict = check_destination(flow.group);
    if (verdict == mgm::Verdict::kForwarded)
        verdict = check_extensions(context, frame, packet, header[offsetof(rte_ipv6_hdr, proto)]);
    if (verdict == mgm::Verdict::kForwarded)
        verdict = check_source(context, arrival, flow.source);
    if (verdict != mgm::Verdict::kForwarded)
        return verdict;
    if (packet.ttl <= 1) // silent for multicast: RFC 4443 2.4 (e.3)
        return mgm::Verdict::kTtl;
    return is_inside_boundary(arrival, flow.group) ? mgm::Verdict::kBoundaryIn
                                                   : mgm::Verdict::kForwarded;
}

} // namespace dataplane
