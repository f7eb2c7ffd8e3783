// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/fragment.hpp"

#include <rte_ip.h>
#include <rte_ip_frag.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <span>

#include <errno.h>

namespace dataplane {

namespace {

/// The library copies payload into one mbuf per fragment and does not see how long that is.
std::uint16_t usable_mtu(const rte_mempool *pool, std::uint16_t mtu) noexcept {
    const auto room = static_cast<std::uint16_t>(
        rte_pktmbuf_data_room_size(const_cast<rte_mempool *>(pool)) - RTE_PKTMBUF_HEADROOM);
    return std::min(mtu, room);
}

/// The library leaves the checksum to whoever sends; options of the first fragment only make the
/// headers differ, so each is summed whole.
void complete(rte_mbuf &fragment, const EthernetPrefix &prefix) noexcept {
    auto *header = rte_pktmbuf_mtod(&fragment, rte_ipv4_hdr *);
    header->hdr_checksum = 0;
    header->hdr_checksum = rte_ipv4_cksum(header);
    std::memcpy(rte_pktmbuf_prepend(&fragment, prefix.length), prefix.octets.data(), prefix.length);
}

} // namespace

mgm::Verdict make_fragments(const Context &context, const rte_mbuf &frame,
                            const PacketHeader &packet, const Hop &hop, std::uint16_t mtu,
                            const EthernetPrefix &prefix, FragmentBuffer &fragments) noexcept {
    // A fragment may itself be cut further; its parts must still have offsets of 13 bits.
    const std::uint32_t end =
        packet.fragment_offset * 8U + packet.packet_octets - packet.header_octets;
    if (end > 0xffff)
        return mgm::Verdict::kFragFailed;
    rte_mbuf *whole =
        rte_pktmbuf_copy(&frame, context.pool, packet.l3_offset, packet.packet_octets);
    if (whole == nullptr)
        return mgm::Verdict::kNoMbuf;
    hop.apply(rte_pktmbuf_mtod(whole, std::uint8_t *));
    const std::int32_t made = rte_ipv4_fragment_copy_nonseg_packet(
        whole, fragments.frames.data(), static_cast<std::uint16_t>(fragments.frames.size()),
        usable_mtu(context.pool, mtu), context.pool);
    rte_pktmbuf_free(whole);
    if (made < 0)
        return made == -ENOMEM ? mgm::Verdict::kNoMbuf : mgm::Verdict::kFragFailed;
    fragments.count = static_cast<std::size_t>(made);
    for (rte_mbuf *fragment : std::span(fragments.frames.data(), fragments.count))
        complete(*fragment, prefix);
    return mgm::Verdict::kForwarded;
}

} // namespace dataplane
