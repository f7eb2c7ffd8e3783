// SPDX-License-Identifier: BSD-3-Clause
// Frames that a program makes: the received mbuf rewritten in place, small whole copies, and heads
// chained to what is left of the received frame.
//
// From the first hand-out on nobody writes to a frame: it is complete before its references leave.
// Thread: one worker.
#pragma once

#include "dataplane/all_hold.hpp"
#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/ethernet.hpp"
#include "dataplane/frame_view.hpp"
#include "dataplane/hop.hpp"
#include "mgm/replication_program.hpp"

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_memcpy.h>

#include <cstddef>
#include <cstdint>

namespace dataplane {

/// A frame up to so long is copied whole into a small mbuf, a longer one gets a head.
inline constexpr std::uint16_t kSmallFrame = 256;
inline constexpr std::uint16_t kLongestPrefix = 18;
/// Where the IP packet begins in a copy: an untagged frame begins with a cache line, then.
inline constexpr std::uint16_t kHeadPacketOffset = RTE_PKTMBUF_HEADROOM + RTE_ETHER_HDR_LEN;
/// Octets of the packet that a head carries: with an untagged header 64 octets of frame.
inline constexpr std::uint16_t kHeadPacketOctets = RTE_CACHE_LINE_SIZE - RTE_ETHER_HDR_LEN;
/// Room behind a small mbuf's headroom: copies are made in lines, so the last may be begun.
inline constexpr std::uint16_t kHeadRoom = kSmallFrame + 64;

/// The packet's own mbuf may become one of its copies: it is ours alone, in one piece, of the pool
/// that copies come from (another pool is a port's own and as large as its rings), with room for
/// any layer 2 header.
[[nodiscard]] inline bool may_rewrite(const Context &context, const rte_mbuf &frame,
                                      const PacketHeader &packet) noexcept {
    constexpr std::uint64_t kForeign = RTE_MBUF_F_INDIRECT | RTE_MBUF_F_EXTERNAL;
    return all_hold(rte_mbuf_refcnt_read(&frame) == 1, frame.nb_segs == 1,
                    (frame.ol_flags & kForeign) == 0, frame.pool == context.pool,
                    frame.data_off + packet.l3_offset >= kLongestPrefix);
}

/// A destination MAC, as mac_word() makes it.
enum class Destination : std::uint64_t {};

[[nodiscard]] inline Destination group_destination(const Burst &burst, unsigned i) noexcept {
    return Destination{burst.is_ipv4(i) ? group_mac_word(burst.ipv4_flows[i].group)
                                        : group_mac_word(burst.ipv6_flows[i].group)};
}

/// Layer 2 header in front of `packet`. `family` 0: IPv4.
inline void write_prefix(std::uint8_t *packet, unsigned family, const mgm::Rewrite &rewrite,
                         Destination destination) noexcept {
    std::uint8_t *at = packet - rewrite.prefix_octets;
    const std::uint8_t *tail = rewrite.tails[family];
    store(at, destination); // two octets too many; the next store is over them
    store(at + RTE_ETHER_ADDR_LEN, load<std::uint64_t>(tail));
    if (rewrite.prefix_octets == kLongestPrefix) [[unlikely]]
        store(at + RTE_ETHER_ADDR_LEN + 8, load<std::uint32_t>(tail + 8));
}

/// A cache line in registers.
using Line = std::uint64_t __attribute__((vector_size(RTE_CACHE_LINE_SIZE)));

/// What an mbuf says of its frame but for lengths, in two stores. What the arrival port said of it
/// is no wish for the next.
inline void describe(rte_mbuf *frame, std::uint32_t data_offset, std::uint16_t references,
                     std::uint16_t segments) noexcept {
    static_assert(offsetof(rte_mbuf, data_off) == offsetof(rte_mbuf, rearm_data));
    static_assert(offsetof(rte_mbuf, refcnt) == offsetof(rte_mbuf, rearm_data) + 2);
    static_assert(offsetof(rte_mbuf, nb_segs) == offsetof(rte_mbuf, rearm_data) + 4);
    static_assert(offsetof(rte_mbuf, port) == offsetof(rte_mbuf, rearm_data) + 6);
    const std::uint64_t rearm = std::uint64_t{RTE_MBUF_PORT_INVALID} << 48U |
                                std::uint64_t{segments} << 32U | std::uint64_t{references} << 16U |
                                data_offset;
    std::memcpy(&frame->rearm_data, &rearm, sizeof rearm);
    frame->ol_flags = 0;
}
/// And the lengths: `data_octets` of the `octets` are in this mbuf.
inline void describe(rte_mbuf *frame, std::uint32_t data_offset, std::uint16_t references,
                     std::uint16_t segments, std::uint32_t data_octets,
                     std::uint32_t octets) noexcept {
    static_assert(offsetof(rte_mbuf, data_len) == offsetof(rte_mbuf, pkt_len) + 4);
    describe(frame, data_offset, references, segments);
    const std::uint64_t lengths = std::uint64_t{data_octets} << 32U | octets; // and VLAN TCI 0
    std::memcpy(&frame->pkt_len, &lengths, sizeof lengths);
}
/// Of a copy: an mbuf as it lies in its pool (no next, one segment). Nothing else of it is read on
/// the way out.
inline void describe(rte_mbuf *copy, const mgm::Rewrite &rewrite, std::uint16_t segments,
                     std::uint32_t data_octets, std::uint32_t octets) noexcept {
    describe(copy, std::uint32_t{kHeadPacketOffset} - rewrite.prefix_octets, rewrite.copies,
             segments, data_octets, octets);
}

/// Packet `i` where it was received, one hop on, behind its own layer 2 header, link-layer padding
/// taken off; `references` of it go out.
inline void rewrite_in_place(const Burst &burst, unsigned i, const mgm::Rewrite &rewrite,
                             Destination destination, std::uint16_t references) noexcept {
    rte_mbuf *frame = burst.mbufs[i];
    const PacketHeader &header = burst.headers[i];
    const std::uint32_t packet_offset = std::uint32_t{frame->data_off} + header.l3_offset;
    auto *packet = static_cast<std::uint8_t *>(frame->buf_addr) + packet_offset;
    next_hop_of(header).apply(packet);
    write_prefix(packet, burst.is_ipv4(i) ? 0 : 1, rewrite, destination);
    const std::uint32_t octets = header.packet_octets + rewrite.prefix_octets;
    describe(frame, packet_offset - rewrite.prefix_octets, references, 1, octets, octets);
}

/// What an untagged rewrite changes in the layer 2 header of a frame of family F that is to the
/// group's MAC: the source MAC, followed by the ethertype.
[[nodiscard]] inline std::uint64_t untagged_tail(const mgm::Rewrite &rewrite,
                                                 mgm::Family family) noexcept {
    return load<std::uint64_t>(rewrite.tails[family == mgm::Family::kIpv4 ? 0 : 1]);
}
/// rewrite_in_place() for an ordinary frame of family F (burst.family_of_all) and an untagged
/// rewrite: layer 2 begins where it did, to the same MAC, and lengths stay what they are.
template <mgm::Family F>
void rewrite_ordinary(const Burst &burst, unsigned i, std::uint64_t tail,
                      std::uint16_t references) noexcept {
    rte_mbuf *frame = burst.mbufs[i];
    PacketHeader header = burst.headers[i];
    header.family = F; // known here
    auto *octets = rte_pktmbuf_mtod(frame, std::uint8_t *);
    next_hop_of(header).apply(octets + RTE_ETHER_HDR_LEN);
    store(octets + RTE_ETHER_ADDR_LEN, tail);
    describe(frame, frame->data_off, references, 1);
}

/// One packet, one hop on, from which copies are made.
struct CopySource {
    const std::uint8_t *packet; ///< readable from RTE_ETHER_HDR_LEN before it, in whole lines
    std::uint32_t octets;
    unsigned family; ///< 0: IPv4
    Line first;      ///< the line that begins RTE_ETHER_HDR_LEN before it

    CopySource(const std::uint8_t *at, const Burst &burst, unsigned i) noexcept
        : packet(at),
          octets(burst.headers[i].packet_octets),
          family(burst.is_ipv4(i) ? 0 : 1),
          first{} {
        std::memcpy(&first, packet - RTE_ETHER_HDR_LEN, sizeof first);
    }
};

[[nodiscard]] inline std::uint8_t *packet_of(rte_mbuf *copy) noexcept {
    return static_cast<std::uint8_t *>(copy->buf_addr) + kHeadPacketOffset;
}

/// `copy`, a small mbuf, becomes the whole packet behind its own header.
inline void copy_short(rte_mbuf *copy, const CopySource &source, const mgm::Rewrite &rewrite,
                       Destination destination) noexcept {
    std::uint8_t *to = packet_of(copy);
    std::memcpy(to - RTE_ETHER_HDR_LEN, &source.first, sizeof source.first);
    for (std::uint32_t at = RTE_CACHE_LINE_SIZE - RTE_ETHER_HDR_LEN; at < source.octets;
         at += RTE_CACHE_LINE_SIZE)
        rte_mov64(to + at, source.packet + at);
    write_prefix(to, source.family, rewrite, destination);
    const std::uint32_t whole = source.octets + rewrite.prefix_octets;
    describe(copy, rewrite, 1, whole, whole);
}

/// `head`, a small mbuf, becomes the first octets of the packet, followed by `rest`.
inline void copy_head(rte_mbuf *head, rte_mbuf *rest, const CopySource &source,
                      const mgm::Rewrite &rewrite, Destination destination) noexcept {
    std::uint8_t *to = packet_of(head);
    std::memcpy(to - RTE_ETHER_HDR_LEN, &source.first, sizeof source.first);
    write_prefix(to, source.family, rewrite, destination);
    describe(head, rewrite, 2, kHeadPacketOctets + std::uint32_t{rewrite.prefix_octets},
             source.octets + rewrite.prefix_octets);
    head->next = rest;
}

/// copy_short() and copy_head() of an ordinary frame (burst.family_of_all) for an untagged rewrite,
/// of which there is one copy: `octets` of frame, of which all but the source MAC is there already,
/// one hop on.
inline void copy_untagged(rte_mbuf *copy, const std::uint8_t *frame, std::uint32_t octets,
                          std::uint64_t tail) noexcept {
    auto *to = static_cast<std::uint8_t *>(copy->buf_addr) + RTE_PKTMBUF_HEADROOM;
    for (std::uint32_t at = 0; at < octets; at += RTE_CACHE_LINE_SIZE)
        rte_mov64(to + at, frame + at);
    store(to + RTE_ETHER_ADDR_LEN, tail);
    describe(copy, RTE_PKTMBUF_HEADROOM, 1, 1, octets, octets);
}
inline void copy_untagged_head(rte_mbuf *head, rte_mbuf *rest, const std::uint8_t *frame,
                               std::uint32_t octets, std::uint64_t tail) noexcept {
    auto *to = static_cast<std::uint8_t *>(head->buf_addr) + RTE_PKTMBUF_HEADROOM;
    rte_mov64(to, frame);
    store(to + RTE_ETHER_ADDR_LEN, tail);
    describe(head, RTE_PKTMBUF_HEADROOM, 1, 2, RTE_CACHE_LINE_SIZE, octets);
    head->next = rest;
}

/// `frame`, whose packet begins at `l3_offset`, becomes what `heads` of copy_head() are followed
/// by.
inline void keep_rest(rte_mbuf *frame, const PacketHeader &header, std::uint16_t heads) noexcept {
    const std::uint32_t octets = header.packet_octets - kHeadPacketOctets;
    // Each port frees the head that it was given, and with every head the rest.
    describe(frame, std::uint32_t{frame->data_off} + header.l3_offset + kHeadPacketOctets, heads, 1,
             octets, octets);
}

/// `copy`, an mbuf for whole frames, becomes the whole packet behind its own header.
inline void copy_long(rte_mbuf *copy, const CopySource &source, const mgm::Rewrite &rewrite,
                      Destination destination) noexcept {
    std::uint8_t *to = packet_of(copy);
    rte_memcpy(to, source.packet, source.octets);
    write_prefix(to, source.family, rewrite, destination);
    const std::uint32_t whole = source.octets + rewrite.prefix_octets;
    describe(copy, rewrite, 1, whole, whole);
}

} // namespace dataplane
