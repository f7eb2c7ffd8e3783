// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/icmpv6.hpp"

#include "dataplane/ethernet.hpp"
#include "dataplane/frame_view.hpp"
#include "dataplane/ipv6_header.hpp"

#include <rte_cycles.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <optional>
#include <span>

namespace dataplane {

namespace {

constexpr std::uint8_t kPacketTooBig = 2;
constexpr std::uint8_t kParameterProblem = 4;
constexpr std::uint8_t kUnrecognizedOption = 2;
constexpr std::uint8_t kFirstInformational = 128; // types below are errors
constexpr std::uint8_t kRedirect = 137;
constexpr std::uint8_t kErrorHopLimit = 64;
constexpr std::uint32_t kMinMtu = 1280;
constexpr std::uint32_t kIcmpv6Header = 8;
constexpr std::uint8_t kNextRouting = 43;
constexpr std::uint8_t kNextFragment = 44;
constexpr std::uint8_t kNextDestinationOptions = 60;
constexpr unsigned kMaxExtensions = 16; // bounded work; behind a longer chain is nobody's ICMPv6

bool is_link_local(const mgm::Ipv6Address &address) noexcept {
    return mgm::classify_source(address) == mgm::SourceClass::kLinkLocal;
}

/// An address of the interface to send from: of the destination's scope where there is one (RFC
/// 6724 rule 2), else any.
std::optional<mgm::Ipv6Address> choose_source(const mgm::InterfaceRecord &interface,
                                              const mgm::Ipv6Address &destination) noexcept {
    std::optional<mgm::Ipv6Address> chosen;
    for (const mgm::Ipv6Net &net : std::span(interface.ipv6_addresses(), interface.ipv6_count)) {
        if (is_link_local(net.address) == is_link_local(destination))
            return net.address;
        chosen = net.address;
    }
    return chosen;
}

struct UpperLayer {
    std::uint8_t protocol;
    std::uint32_t offset; ///< in the packet
};

/// One step over an extension header; nullopt when `next` is not one or the packet ends.
std::optional<UpperLayer> skip_extension(const rte_mbuf &frame, const PacketHeader &packet,
                                         const UpperLayer &at) noexcept {
    const bool is_options = at.protocol == kNextHopByHop || at.protocol == kNextRouting ||
                            at.protocol == kNextDestinationOptions;
    if ((!is_options && at.protocol != kNextFragment) || at.offset + 8 > packet.packet_octets)
        return std::nullopt;
    std::array<std::uint8_t, 8> scratch{};
    const std::uint8_t *header = view(frame, packet.l3_offset + at.offset, 8, scratch.data());
    if (at.protocol == kNextFragment) {
        const bool is_first = (rte_be_to_cpu_16(load<std::uint16_t>(header + 2)) & 0xfff8U) == 0;
        if (!is_first)
            return std::nullopt; // what follows is payload
        return UpperLayer{header[0], at.offset + 8};
    }
    return UpperLayer{header[0], at.offset + 8 * (std::uint32_t{header[1]} + 1)};
}

/// The type of the ICMPv6 message in the packet, if it is one and its type can be found.
std::optional<std::uint8_t> icmpv6_type(const rte_mbuf &frame,
                                        const PacketHeader &packet) noexcept {
    std::uint8_t next = 0;
    UpperLayer at{*view(frame, packet.l3_offset + offsetof(rte_ipv6_hdr, proto), 1, &next),
                  kIpv6Header};
    for (unsigned n = 0; n < kMaxExtensions; ++n) {
        const std::optional<UpperLayer> behind = skip_extension(frame, packet, at);
        if (!behind)
            break;
        at = *behind;
    }
    if (at.protocol != kNextIcmpv6 || at.offset >= packet.packet_octets)
        return std::nullopt;
    return *view(frame, packet.l3_offset + at.offset, 1, &next);
}

/// Ethernet and IPv6 header and the ICMPv6 header with the checksum still open; the quoted packet
/// follows at the returned place.
std::uint8_t *write_headers(std::uint8_t *at, const EthernetPrefix &prefix,
                            const mgm::Ipv6Address &source, const mgm::Ipv6Address &destination,
                            std::uint32_t quoted_octets, const Icmpv6Error &error) noexcept {
    std::memcpy(at, prefix.octets.data(), prefix.length);
    at += prefix.length;
    rte_ipv6_hdr header{};
    header.vtc_flow = rte_cpu_to_be_32(6U << 28);
    header.payload_len =
        rte_cpu_to_be_16(static_cast<std::uint16_t>(kIcmpv6Header + quoted_octets));
    header.proto = kNextIcmpv6;
    header.hop_limits = kErrorHopLimit;
    std::memcpy(header.src_addr, source.octets.data(), sizeof header.src_addr);
    std::memcpy(header.dst_addr, destination.octets.data(), sizeof header.dst_addr);
    store(at, header);
    at += sizeof header;
    at[0] = error.type;
    at[1] = error.code;
    store(at + 2, std::uint16_t{0});
    store(at + 4, rte_cpu_to_be_32(error.parameter));
    return at + kIcmpv6Header;
}

Icmpv6Error error_about(const Burst &burst, unsigned i) noexcept {
    if (burst.too_big_for[i] != 0)
        return {kPacketTooBig, 0, burst.too_big_for[i]};
    return {kParameterProblem, kUnrecognizedOption, burst.headers[i].problem_pointer};
}

} // namespace

bool may_cause_icmpv6_error(const Context &context, const Burst &burst, unsigned i) noexcept {
    const mgm::Ipv6Address &source = burst.ipv6_flows[i].source;
    const mgm::SourceClass kind = mgm::classify_source(source);
    if (kind != mgm::SourceClass::kUsable && kind != mgm::SourceClass::kLinkLocal)
        return false;
    if (context.tables.is_own_address<mgm::Family::kIpv6>(burst.arrivals[i]->vrf, source))
        return false;
    const std::optional<std::uint8_t> type = icmpv6_type(*burst.mbufs[i], burst.headers[i]);
    return !type || (*type >= kFirstInformational && *type != kRedirect);
}

rte_mbuf *make_icmpv6_error(const Context &context, const Burst &burst, unsigned i,
                            const Icmpv6Error &error) noexcept {
    const mgm::InterfaceRecord &arrival = *burst.arrivals[i];
    const PacketHeader &packet = burst.headers[i];
    const mgm::Ipv6Address &destination = burst.ipv6_flows[i].source;
    const std::optional<mgm::Ipv6Address> source = choose_source(arrival, destination);
    if (!source || arrival.port_id >= mgm::kMaxPorts)
        return nullptr;
    rte_mbuf *frame = rte_pktmbuf_alloc(context.pool);
    if (frame == nullptr)
        return nullptr;
    const mgm::MacAddress next_hop =
        context.tables.neighbor_mac(burst.iifs[i], destination).value_or(packet.source_mac);
    const EthernetPrefix prefix =
        make_prefix(next_hop, arrival.mac, arrival.vlan, mgm::Family::kIpv6);
    const std::uint32_t headers = prefix.length + kIpv6Header + kIcmpv6Header;
    const std::uint32_t quoted =
        std::min({packet.packet_octets, kMinMtu - kIpv6Header - kIcmpv6Header,
                  std::max<std::uint32_t>(rte_pktmbuf_tailroom(frame), headers) - headers});
    auto *at = reinterpret_cast<std::uint8_t *>(
        rte_pktmbuf_append(frame, static_cast<std::uint16_t>(headers + quoted)));
    std::uint8_t *quote = write_headers(at, prefix, *source, destination, quoted, error);
    gather(*burst.mbufs[i], packet.l3_offset, quoted, quote);

    std::uint8_t *icmpv6 = quote - kIcmpv6Header;
    const auto *ip = reinterpret_cast<const rte_ipv6_hdr *>(icmpv6 - kIpv6Header);
    store(icmpv6 + 2, rte_ipv6_udptcp_cksum(ip, icmpv6));
    return frame;
}

void answer_packet(const Context &context, Burst &burst, unsigned i, TokenBucket &bucket,
                   TxBuffers &tx) noexcept {
    if (!may_cause_icmpv6_error(context, burst, i))
        return;
    const Icmpv6Error error = error_about(burst, i);
    const bool too_big = error.type == kPacketTooBig;
    if (!bucket.take(rte_rdtsc())) {
        context.count(too_big ? mgm::Event::kPtbRateLimited : mgm::Event::kParamProblemRateLimited);
        return;
    }
    rte_mbuf *frame = make_icmpv6_error(context, burst, i, error);
    if (frame == nullptr) {
        context.count(mgm::Event::kIcmpLost);
        return;
    }
    tx.stage(context, burst, burst.arrivals[i]->port_id, frame,
             {burst.iifs[i],
              {},
              rte_pktmbuf_pkt_len(frame),
              static_cast<std::uint8_t>(i),
              too_big ? FrameKind::kPacketTooBig : FrameKind::kParameterProblem});
}

} // namespace dataplane
