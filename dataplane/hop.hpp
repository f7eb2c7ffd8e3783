// SPDX-License-Identifier: BSD-3-Clause
// What one hop changes in a packet: TTL or hop limit, and the IPv4 checksum. Computed once per
// packet, written into every copy.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/checksum.hpp"
#include "dataplane/frame_view.hpp"

#include <rte_ip.h>

#include <cstddef>
#include <cstdint>

namespace dataplane {

struct Hop {
    mgm::Family family;
    std::uint8_t ttl;          ///< on leaving
    std::uint16_t checksum_be; ///< IPv4 only

    /// `packet`: first octet of the IP header of a copy.
    void apply(std::uint8_t *packet) const noexcept {
        if (family == mgm::Family::kIpv6) {
            packet[offsetof(rte_ipv6_hdr, hop_limits)] = ttl;
            return;
        }
        packet[offsetof(rte_ipv4_hdr, time_to_live)] = ttl;
        store(packet + offsetof(rte_ipv4_hdr, hdr_checksum), checksum_be);
    }
};

/// The packet's TTL must be above 0.
[[nodiscard]] inline Hop next_hop_of(const PacketHeader &packet) noexcept {
    return {packet.family, static_cast<std::uint8_t>(packet.ttl - 1),
            packet.family == mgm::Family::kIpv4 ? checksum_after_hop(packet.checksum_be)
                                                : std::uint16_t{0}};
}

} // namespace dataplane
