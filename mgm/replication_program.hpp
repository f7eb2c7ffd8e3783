// SPDX-License-Identifier: BSD-3-Clause
// What the copies of an olist have in common, worked out once by the writer: a worker that runs a
// program looks at no interface. Part of the layout (layout.hpp).
//
// Two copies whose layer 2 headers are the same are the same frame, so they may be one mbuf: oifs
// are grouped into rewrites by source MAC, VLAN and next hop.
// Writes: ForwardSetStore, before publication.  Reads: workers between two quiescent points.
#pragma once

#include "mgm/layout.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mgm {

class Tables;

/// One layer 2 header, and the copies that carry it.
struct Rewrite {
    static constexpr std::size_t kTailOctets = 12;
    /// What follows the destination MAC, for IPv4 and for IPv6: source MAC, the tag if there is
    /// one, ethertype. Its length is prefix_octets less a MAC.
    std::uint8_t tails[2][kTailOctets];
    NeighborSlot next_hop;       ///< kGroupMac, or whose MAC is the destination
    std::uint16_t copies;        ///< as many of the program's copies
    std::uint8_t prefix_octets;  ///< of the layer 2 header: 14, with a tag 18
    std::uint8_t takes_segments; ///< 1: all ports of these copies send frames of several mbufs
};
static_assert(sizeof(Rewrite) == 32);

/// One copy.
struct ProgramCopy {
    IfSlot slot;
    std::uint16_t oif; ///< position in the olist
    std::uint16_t port_id;
};
static_assert(sizeof(ProgramCopy) == 8);

/// Valid for a packet whose TTL is above `ttl_above` and that is no longer than `least_mtu`.
/// Followed in memory by `rewrite_count` Rewrite, those that take segments last, `copy_count`
/// ProgramCopy in the order of their rewrites, and `apart_count` positions (uint16_t) of oifs whose
/// copies are made on their own: down, with a boundary, or possibly where the packet came from.
struct ReplicationProgram {
    static constexpr unsigned kMaxCopies = 2047;
    static constexpr unsigned kMaxRewrites = 256;
    BlockHeader header;
    std::uint16_t ttl_above;
    std::uint16_t least_mtu; ///< of all oifs, those apart included
    std::uint16_t rewrite_count;
    std::uint16_t copy_count;
    std::uint16_t apart_count;
    std::uint16_t most_on_a_port;   ///< copies of one packet
    std::uint16_t segment_rewrites; ///< the last so many take segments
    std::uint16_t segment_copies;   ///< theirs
    std::uint16_t has_next_hops;    ///< 1: not all go to the group's MAC
    std::uint16_t reserved;
    std::uint32_t ports; ///< that copies leave by, as bits

    [[nodiscard]] const Rewrite *rewrites() const noexcept {
        return reinterpret_cast<const Rewrite *>(this + 1);
    }
    [[nodiscard]] const ProgramCopy *copies() const noexcept {
        return reinterpret_cast<const ProgramCopy *>(rewrites() + rewrite_count);
    }
    [[nodiscard]] const std::uint16_t *apart() const noexcept {
        return reinterpret_cast<const std::uint16_t *>(copies() + copy_count);
    }
};
static_assert(sizeof(ReplicationProgram) == 36);

/// A block's octets behind its header, from the interfaces as they are now; none when no copy of
/// the olist can be made by a program.
std::vector<std::byte> compile(const Tables &tables, const ForwardSet &set);

} // namespace mgm
