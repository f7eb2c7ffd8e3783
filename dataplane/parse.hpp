// SPDX-License-Identifier: BSD-3-Clause
// Stage 2: headers -> flows and verdicts. Every check that looks at the frame alone is made here;
// the order is fixed and listed in README.md.
//
// Reads: burst.mbufs, interface table, own addresses.  Writes: iifs, arrivals, verdicts, headers,
// flows.  Thread: one worker.  Bounds: nothing is read behind the frame's end, wherever its
// segments end (tests/fuzz/parse_fuzz.cpp).
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/ethernet.hpp"
#include "dataplane/ipv4_header.hpp"
#include "dataplane/ipv6_header.hpp"
#include "dataplane/ordinary.hpp"
#include "dataplane/rx.hpp"

#include <rte_mbuf.h>

#include <bit>
#include <cstdint>

namespace dataplane {

inline constexpr mgm::MacAddress kBroadcastMac{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};

/// Interface that the frame arrived on, and whether layer 2 lets it in.
[[nodiscard]] inline mgm::Verdict accept_frame(const Context &context, Burst &burst, unsigned i,
                                               EthernetHeader &ethernet) noexcept {
    const mgm::Verdict verdict = read_ethernet(*burst.mbufs[i], ethernet);
    const mgm::IfSlot slot = context.tables.slot_of(burst.port_id, ethernet.vlan);
    burst.iifs[i] = slot;
    if (verdict != mgm::Verdict::kForwarded)
        return verdict;
    if (slot == mgm::kNoSlot)
        return mgm::Verdict::kVlanUnknown;
    const mgm::InterfaceRecord *arrival = context.tables.interface(slot);
    burst.arrivals[i] = arrival;
    if (arrival == nullptr || arrival->state != mgm::LinkState::kUp)
        return mgm::Verdict::kIifDown;
    if (ethernet.ethertype != RTE_ETHER_TYPE_IPV4 && ethernet.ethertype != RTE_ETHER_TYPE_IPV6)
        return mgm::Verdict::kNonIp;
    if (ethernet.source.is_group() || ethernet.source == arrival->mac)
        return mgm::Verdict::kL2Source;
    // Our own unicast address is one way to send multicast (RFC 6085); broadcast has the group bit.
    if (!ethernet.destination.is_group() && ethernet.destination != arrival->mac)
        return mgm::Verdict::kL2Dst;
    return mgm::Verdict::kForwarded;
}

/// 32 IPv4 groups share a MAC, so it can only ever be a hint (RFC 1112 6.4): counted, and dropped
/// in strict mode.
template <mgm::Family F>
[[nodiscard]] mgm::Verdict check_group_mac(const Context &context, const EthernetHeader &ethernet,
                                           const mgm::Address<F> &group) noexcept {
    const mgm::MacAddress &mac = ethernet.destination;
    if (!mac.is_group() || mac == kBroadcastMac || mac == mgm::group_mac(group))
        return mgm::Verdict::kForwarded;
    context.count(mgm::Event::kL2Mismatch);
    return context.policy.strict_group_mac ? mgm::Verdict::kL2Dst : mgm::Verdict::kForwarded;
}

template <mgm::Family F>
[[nodiscard]] mgm::Verdict parse_packet(const Context &context, Burst &burst, unsigned i,
                                        const EthernetHeader &ethernet,
                                        mgm::FlowKey<F> &flow) noexcept {
    PacketHeader &packet = burst.headers[i];
    const rte_mbuf &frame = *burst.mbufs[i];
    mgm::Verdict verdict;
    if constexpr (F == mgm::Family::kIpv4)
        verdict = read_ipv4(context, frame, *burst.arrivals[i], packet, flow);
    else
        verdict = read_ipv6(context, frame, *burst.arrivals[i], packet, flow);
    if (verdict == mgm::Verdict::kForwarded)
        verdict = check_group_mac<F>(context, ethernet, flow.group);
    if (verdict == mgm::Verdict::kForwarded &&
        packet.l3_offset + packet.packet_octets < rte_pktmbuf_pkt_len(&frame))
        context.count(mgm::Event::kTrimmed);
    return verdict;
}

[[nodiscard]] inline mgm::Verdict parse_frame(const Context &context, Burst &burst,
                                              unsigned i) noexcept {
    EthernetHeader ethernet;
    burst.headers[i].family = {}; // until its addresses are known: no trace looks at it
    const mgm::Verdict verdict = accept_frame(context, burst, i, ethernet);
    if (verdict != mgm::Verdict::kForwarded)
        return verdict;
    burst.headers[i].source_mac = ethernet.source;
    burst.headers[i].l3_offset = ethernet.l3_offset;
    return ethernet.ethertype == RTE_ETHER_TYPE_IPV4
               ? parse_packet(context, burst, i, ethernet, burst.ipv4_flows[i])
               : parse_packet(context, burst, i, ethernet, burst.ipv6_flows[i]);
}

/// Out of line: what it needs of registers the short way would have to do without.
[[gnu::noinline]] inline void parse_the_long_way(const Context &context, Burst &burst,
                                                 unsigned i) noexcept {
    burst.octets[i] = received_octets(*burst.mbufs[i]);
    burst.verdicts[i] = parse_frame(context, burst, i);
}

/// The family of a frame that ordinary ones may follow.
[[nodiscard]] inline bool begins_with_ipv6(const Burst &burst) noexcept {
    const rte_mbuf &frame = *burst.mbufs.front();
    return frame.data_len >= RTE_ETHER_HDR_LEN &&
           load<std::uint16_t>(rte_pktmbuf_mtod(&frame, const std::uint8_t *) + kEthertypeOffset) ==
               __builtin_bswap16(RTE_ETHER_TYPE_IPV6);
}

/// What is not ordinary in the way of the others.
template <mgm::Family F>
[[gnu::noinline]] void parse_others(const Context &context, Burst &burst,
                                    const OrdinaryFrames &ordinary, std::uint32_t others) noexcept {
    others &= ~ordinary.accept<F>(burst, others);
    for (; others != 0; others &= others - 1)
        parse_the_long_way(context, burst, static_cast<unsigned>(std::countr_zero(others)));
}

/// F: of most frames, as it seems.
template <mgm::Family F>
void parse_mostly(const Context &context, Burst &burst) noexcept {
    constexpr mgm::Family kOther =
        F == mgm::Family::kIpv4 ? mgm::Family::kIpv6 : mgm::Family::kIpv4;
    const OrdinaryFrames ordinary(context, burst.port_id);
    ordinary.expect_them(burst);
    const std::uint32_t all = burst.all_packets();
    const std::uint32_t accepted = ordinary.accept<F>(burst, all);
    burst.family_of_all = accepted == all ? F : mgm::Family{};
    if (accepted != all) [[unlikely]]
        parse_others<kOther>(context, burst, ordinary, all & ~accepted);
}

/// The burst is not empty.
inline void parse(const Context &context, Burst &burst) noexcept {
    if (begins_with_ipv6(burst))
        parse_mostly<mgm::Family::kIpv6>(context, burst);
    else
        parse_mostly<mgm::Family::kIpv4>(context, burst);
}

} // namespace dataplane
