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
#include <rte_prefetch.h>

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

inline void parse(const Context &context, Burst &burst) noexcept {
    constexpr unsigned kAhead = 4; // frames whose headers are on their way to the cache
    const OrdinaryFrames ordinary(context, burst.port_id);
    for (unsigned i = 0; i < kAhead && i < burst.size; ++i)
        rte_prefetch0(rte_pktmbuf_mtod(burst.mbufs[i], const void *));
    for (unsigned i = 0; i < burst.size; ++i) {
        if (i + kAhead < burst.size)
            rte_prefetch0(rte_pktmbuf_mtod(burst.mbufs[i + kAhead], const void *));
        if (!ordinary.accept(burst, i)) [[unlikely]]
            parse_the_long_way(context, burst, i);
    }
}

} // namespace dataplane
