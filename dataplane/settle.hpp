// SPDX-License-Identifier: BSD-3-Clause
// Stage 7: the end of every frame: its verdict is final, it is counted once, and its mbuf is freed,
// unless a program gave it to the ports (replicate.hpp). No other received mbuf leaves the worker
// elsewhere; what is held (signals.hpp) comes here later.
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

/// Packets that came by one interface and were forwarded, counted together.
class ForwardedRun {
public:
    explicit ForwardedRun(const Context &context) noexcept : context_(context) {}
    ForwardedRun(const ForwardedRun &) = delete;
    ForwardedRun &operator=(const ForwardedRun &) = delete;
    ~ForwardedRun() { count(); }

    void add(mgm::IfSlot iif, std::uint32_t octets) noexcept {
        if (iif != iif_) [[unlikely]] {
            count();
            iif_ = iif;
        }
        ++packets_;
        octets_ += octets;
    }

private:
    void count() noexcept {
        if (packets_ == 0)
            return;
        mgm::InterfaceCounters &arrival = context_.counters(iif_);
        arrival.in_frames.add(packets_);
        arrival.in_octets.add(octets_);
        arrival.verdicts[static_cast<std::size_t>(mgm::Verdict::kForwarded)].add(packets_);
        packets_ = octets_ = 0;
    }
    const Context &context_;
    mgm::IfSlot iif_ = mgm::kNoSlot;
    std::uint64_t packets_ = 0;
    std::uint64_t octets_ = 0;
};

/// All of them left, by all their ports.
template <mgm::Family F>
void settle_sent(const Context &context, const Burst &burst) noexcept {
    std::uint64_t octets = 0;
    for (unsigned i = 0; i < burst.size; ++i) {
        count_on_entry<F>(context, burst, i);
        octets += burst.octets[i];
    }
    mgm::InterfaceCounters &arrival = context.counters(burst.iifs.front()); // ordinary.hpp: of all
    arrival.in_frames.add(burst.size);
    arrival.in_octets.add(octets);
    arrival.verdicts[static_cast<std::size_t>(mgm::Verdict::kForwarded)].add(burst.size);
}

inline void settle(const Context &context, Burst &burst) noexcept {
    if (burst.is_all_sent) [[likely]]
        return burst.family_of_all == mgm::Family::kIpv4
                   ? settle_sent<mgm::Family::kIpv4>(context, burst)
                   : settle_sent<mgm::Family::kIpv6>(context, burst);
    ForwardedRun forwarded(context);
    unsigned kept = 0; // frames that no program gave away
    for (unsigned i = 0; i < burst.size; ++i) {
        burst.mbufs[kept] = burst.mbufs[i];
        kept += burst.mbufs[i] != nullptr ? 1U : 0U;
        if (burst.is_on_its_way(i) && burst.copies_sent[i] != 0) [[likely]] {
            count_on_entry(context, burst, i);
            forwarded.add(burst.iifs[i], burst.octets[i]);
            continue;
        }
        mgm::InterfaceCounters &arrival = context.counters(burst.iifs[i]);
        count_received(arrival, burst.octets[i]);
        conclude(context, burst, i, arrival);
    }
    if (kept != 0)
        rte_pktmbuf_free_bulk(burst.mbufs.data(), kept);
}

/// Of packets that were held: they were counted as received when they came.
inline void settle_held(const Context &context, Burst &burst) noexcept {
    for (unsigned i = 0; i < burst.size; ++i)
        conclude(context, burst, i, context.counters(burst.iifs[i]));
    rte_pktmbuf_free_bulk(burst.mbufs.data(), burst.size);
}

} // namespace dataplane
