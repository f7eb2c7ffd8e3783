// SPDX-License-Identifier: BSD-3-Clause
// Stage 7: the end of every frame: its verdict is final, it is counted once and its mbuf freed. No
// received mbuf leaves the worker elsewhere; what is held (signals.hpp) comes here later.
//
// Reads: all columns.  Writes: interface, entry and oif counters; the columns but mbufs stay valid.
// Thread: one worker.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/count_entry.hpp"

#include <rte_ether.h>
#include <rte_mbuf.h>

namespace dataplane {

[[nodiscard]] inline std::uint32_t received_octets(const rte_mbuf &frame) noexcept {
    const bool stripped = (frame.ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0;
    return rte_pktmbuf_pkt_len(&frame) + (stripped ? RTE_VLAN_HLEN : 0);
}

inline void count_received(mgm::InterfaceCounters &arrival, std::uint32_t octets) noexcept {
    arrival.in_frames.add(1);
    arrival.in_octets.add(octets);
}

/// The verdict of packet `i` becomes final and counts.
inline void conclude(const Context &context, Burst &burst, unsigned i,
                     mgm::InterfaceCounters &arrival) noexcept {
    if (burst.is_on_its_way(i)) {
        if (burst.copies_sent[i] == 0)
            burst.verdicts[i] = burst.last_losses[i];
        if (burst.copies_sent[i] != 0 || burst.sets[i]->oif_count == 0)
            count_on_entry(context, burst, i);
        else
            count_given(context, burst, i);
    }
    arrival.verdicts[static_cast<std::size_t>(burst.verdicts[i])].add(1);
}

inline void settle(const Context &context, Burst &burst) noexcept {
    for (unsigned i = 0; i < burst.size; ++i) {
        mgm::InterfaceCounters &arrival = context.counters(burst.iifs[i]);
        count_received(arrival, received_octets(*burst.mbufs[i]));
        conclude(context, burst, i, arrival);
    }
    rte_pktmbuf_free_bulk(burst.mbufs.data(), burst.size);
}

/// Of packets that were held: they were counted as received when they came.
inline void settle_held(const Context &context, Burst &burst) noexcept {
    for (unsigned i = 0; i < burst.size; ++i)
        conclude(context, burst, i, context.counters(burst.iifs[i]));
    rte_pktmbuf_free_bulk(burst.mbufs.data(), burst.size);
}

} // namespace dataplane
