// SPDX-License-Identifier: BSD-3-Clause
// Copies made one by one, each a whole frame of its own: whatever the received mbuf looks like, and
// with every reason why a copy may not leave. What a program (replicate.hpp) makes is the same,
// octet for octet.
//
// Reads: burst.mbufs (the received frame is never written), headers, sets, interface table,
// neighbors.  Writes: tx, copy counters, last_losses, too_big_for.  Thread: one worker.
#pragma once

#include "dataplane/ethernet.hpp"
#include "dataplane/fragment.hpp"
#include "dataplane/hop.hpp"
#include "dataplane/ipv4_header.hpp"
#include "dataplane/ipv6_header.hpp"
#include "dataplane/tx.hpp"

#include <rte_mbuf.h>

#include <algorithm>
#include <span>

namespace dataplane {

[[nodiscard]] inline bool is_inside_boundary(const mgm::InterfaceRecord &interface,
                                             const Burst &burst, unsigned i) noexcept {
    return burst.is_ipv4(i) ? is_inside_boundary(interface, burst.ipv4_flows[i].group)
                            : is_inside_boundary(interface, burst.ipv6_flows[i].group);
}

/// Everything but size that keeps a copy of packet `i` from leaving by `oif`. The order is fixed:
/// see README.md.
[[nodiscard]] inline mgm::Verdict check_oif(const Burst &burst, unsigned i, const mgm::Oif &oif,
                                            const mgm::InterfaceRecord *interface) noexcept {
    if (interface == nullptr || interface->state != mgm::LinkState::kUp ||
        interface->port_id >= mgm::kMaxPorts)
        return mgm::Verdict::kOifDown;
    if (oif.slot == burst.iifs[i])
        return mgm::Verdict::kIifInOif;
    if (burst.headers[i].ttl <= std::max(interface->ttl_threshold, oif.ttl_threshold))
        return mgm::Verdict::kTtlThreshold;
    return is_inside_boundary(*interface, burst, i) ? mgm::Verdict::kBoundaryOut
                                                    : mgm::Verdict::kForwarded;
}

/// The group's own MAC, or the next hop's; kNoNeighbor while that is unknown.
[[nodiscard]] inline mgm::Verdict resolve(const Context &context, const Burst &burst, unsigned i,
                                          const mgm::Oif &oif, mgm::MacAddress &mac) noexcept {
    if (oif.neighbor == mgm::kGroupMac) {
        mac = burst.is_ipv4(i) ? mgm::group_mac(burst.ipv4_flows[i].group)
                               : mgm::group_mac(burst.ipv6_flows[i].group);
        return mgm::Verdict::kForwarded;
    }
    const std::optional<mgm::MacAddress> known = context.tables.neighbor_mac(oif.neighbor);
    mac = known.value_or(mgm::MacAddress{});
    return known ? mgm::Verdict::kForwarded : mgm::Verdict::kNoNeighbor;
}

/// A frame of its own for one oif: `prefix`, then the packet as it leaves. Nullptr: pool exhausted,
/// or the frame does not fit into one mbuf of the pool (its data room is sized for the largest
/// MTU).
[[nodiscard]] inline rte_mbuf *make_copy(const Context &context, const rte_mbuf &frame,
                                         const PacketHeader &packet, const Hop &hop,
                                         const EthernetPrefix &prefix) noexcept {
    rte_mbuf *copy = rte_pktmbuf_alloc(context.pool);
    if (copy == nullptr)
        return nullptr;
    const std::uint32_t octets = prefix.length + packet.packet_octets;
    if (octets > rte_pktmbuf_tailroom(copy)) {
        rte_pktmbuf_free(copy);
        return nullptr;
    }
    auto *at = reinterpret_cast<std::uint8_t *>(
        rte_pktmbuf_append(copy, static_cast<std::uint16_t>(octets)));
    std::memcpy(at, prefix.octets.data(), prefix.length);
    gather(frame, packet.l3_offset, packet.packet_octets, at + prefix.length);
    hop.apply(at + prefix.length);
    return copy;
}

/// Over the MTU: IPv4 without DF leaves in fragments; with DF, and for IPv6, it does not leave.
[[gnu::cold, gnu::noinline]] inline mgm::Verdict
send_oversized(const Context &context, Burst &burst, unsigned i, const mgm::Oif &oif,
               const mgm::InterfaceRecord &interface, const Hop &hop, const EthernetPrefix &prefix,
               TxBuffers &tx) noexcept {
    if (!burst.is_ipv4(i)) {
        std::uint16_t &smallest = burst.too_big_for[i];
        smallest = smallest == 0 ? interface.mtu : std::min(smallest, interface.mtu);
        return mgm::Verdict::kMtuPtb;
    }
    if (burst.headers[i].dont_fragment)
        return mgm::Verdict::kMtu; // silent: no ICMP about multicast (RFC 1112 6.1)
    FragmentBuffer fragments;
    const mgm::Verdict verdict = make_fragments(context, *burst.mbufs[i], burst.headers[i], hop,
                                                interface.mtu, prefix, fragments);
    if (verdict == mgm::Verdict::kForwarded)
        tx.stage_fragments(
            context, burst, interface.port_id, std::span(fragments.frames.data(), fragments.count),
            {oif.slot, oif.neighbor, 0, static_cast<std::uint8_t>(i), FrameKind::kFragment});
    return verdict;
}

/// Stages one copy, or says why not.
[[nodiscard]] inline mgm::Verdict send_copy(const Context &context, Burst &burst, unsigned i,
                                            const mgm::Oif &oif, const Hop &hop,
                                            TxBuffers &tx) noexcept {
    const mgm::InterfaceRecord *interface = context.tables.interface(oif.slot);
    mgm::MacAddress destination;
    mgm::Verdict verdict = check_oif(burst, i, oif, interface);
    if (verdict == mgm::Verdict::kForwarded)
        verdict = resolve(context, burst, i, oif, destination);
    if (verdict != mgm::Verdict::kForwarded)
        return verdict;

    const PacketHeader &packet = burst.headers[i];
    const EthernetPrefix prefix =
        make_prefix(destination, interface->mac, interface->vlan, packet.family);
    if (packet.packet_octets > interface->mtu)
        return send_oversized(context, burst, i, oif, *interface, hop, prefix, tx);
    rte_mbuf *copy = make_copy(context, *burst.mbufs[i], packet, hop, prefix);
    if (copy == nullptr)
        return mgm::Verdict::kNoMbuf;
    tx.stage(context, burst, interface->port_id, copy,
             {oif.slot, oif.neighbor, rte_pktmbuf_pkt_len(copy), static_cast<std::uint8_t>(i),
              FrameKind::kCopy});
    return mgm::Verdict::kForwarded;
}

/// The copy of packet `i` to one oif.
inline void copy_plainly(const Context &context, Burst &burst, unsigned i, const mgm::Oif &oif,
                         const Hop &hop, TxBuffers &tx) noexcept {
    context.counters(oif.slot).copies_wanted.add(1);
    const mgm::Verdict verdict = send_copy(context, burst, i, oif, hop, tx);
    if (verdict != mgm::Verdict::kForwarded)
        lose_copy(context, burst, i, oif.slot, oif.neighbor, verdict);
}

/// All of them.
inline void copy_plainly(const Context &context, Burst &burst, unsigned i, TxBuffers &tx) noexcept {
    const mgm::ForwardSet &set = *burst.sets[i];
    const Hop hop = next_hop_of(burst.headers[i]);
    for (const mgm::Oif &oif : std::span(set.oifs(), set.oif_count))
        copy_plainly(context, burst, i, oif, hop, tx);
}

} // namespace dataplane
