// SPDX-License-Identifier: BSD-3-Clause
// Stage 1: wire -> burst.mbufs.
//
// Writes: burst.port_id, size, mbufs (the burst owns them from here), and clears what later stages
// only write when they have something to say.  Thread: the one worker that polls the
// queue.
#pragma once

#include "dataplane/burst.hpp"

#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

namespace dataplane {

[[nodiscard]] inline std::uint32_t received_octets(const rte_mbuf &frame) noexcept {
    const bool stripped = (frame.ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0;
    return rte_pktmbuf_pkt_len(&frame) + (stripped ? RTE_VLAN_HLEN : 0);
}

inline void receive(std::uint16_t port_id, std::uint16_t queue, Burst &burst) noexcept {
    burst.port_id = port_id;
    burst.size = rte_eth_rx_burst(port_id, queue, burst.mbufs.data(), Burst::kCapacity);
    burst.reset_outcomes();
}

} // namespace dataplane
