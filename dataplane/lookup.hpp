// SPDX-License-Identifier: BSD-3-Clause
// Stage 3: flows -> entries and their forward sets.
//
// Reads: burst.verdicts, headers, flows, the entry tables.  Writes: entries, sets, counting;
// verdict no_entry, and says how many. Thread: one worker; what it finds is valid until the
// worker's next quiescent point.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "mgm/mfe_table.hpp"

#include <rte_prefetch.h>

namespace dataplane {

/// What becomes of the packets of one find_burst().
template <mgm::Family F>
class TakeEntry {
public:
    /// `packets` nullptr: the k-th key is packet k's.
    TakeEntry(const Context &context, Burst &burst, const unsigned *packets) noexcept
        : context_(context), burst_(burst), packets_(packets), blocks_(context.tables.blocks()) {}

    /// Packet `k` does what its entry says.
    void operator()(unsigned k, mgm::MfeIndex found, const mgm::Mfe<F> &entry) const noexcept {
        const unsigned i = packets_ == nullptr ? k : packets_[k];
        const mgm::Tables::Action action = mgm::Tables::action(entry, blocks_);
        burst_.entries[i] = found;
        burst_.sets[i] = action.set;
        burst_.counting[i] = action.counting;
        // settle() counts there, and with many entries it is nowhere near
        rte_prefetch0(&context_.entry_counters<F>(found));
    }

private:
    const Context &context_;
    Burst &burst_;
    const unsigned *packets_;
    const std::byte *blocks_;
};

/// Of `count` packets with `misses` that have no entry.
[[gnu::cold, gnu::noinline]] inline void note_misses(Burst &burst, const unsigned *packets,
                                                     unsigned count,
                                                     const mgm::MfeIndex *found) noexcept {
    for (unsigned k = 0; k < count; ++k)
        if (found[k] == mgm::kNoMfe)
            burst.verdicts[packets == nullptr ? k : packets[k]] = mgm::Verdict::kNoEntry;
}

/// `packets` nullptr: all of the burst, in order. Returns how many have no entry.
template <mgm::Family F>
unsigned find_entries(const Context &context, Burst &burst, const mgm::FlowKey<F> *keys,
                      const unsigned *packets, unsigned count) noexcept {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before read, up to count
    Burst::Column<mgm::MfeIndex> found;
    const unsigned misses =
        mgm::MfeTable<F>(context.tables)
            .find_burst(keys, count, found.data(), TakeEntry<F>(context, burst, packets));
    if (misses != 0) [[unlikely]]
        note_misses(burst, packets, count, found.data());
    return misses;
}

/// The flows of one family are looked up together, so that their cache misses overlap.
template <mgm::Family F>
unsigned lookup_family(const Context &context, Burst &burst,
                       const Burst::Column<mgm::FlowKey<F>> &flows) noexcept {
    Burst::Column<mgm::FlowKey<F>> keys;
    Burst::Column<unsigned> packets;
    unsigned count = 0;
    for (unsigned i = 0; i < burst.size; ++i)
        if (burst.is_on_its_way(i) && burst.headers[i].family == F) {
            keys[count] = flows[i];
            packets[count++] = i;
        }
    return count == 0 ? 0 : find_entries<F>(context, burst, keys.data(), packets.data(), count);
}

/// Returns how many packets ended as no_entry.
inline unsigned lookup(const Context &context, Burst &burst) noexcept {
    if (burst.family_of_all == mgm::Family::kIpv4) [[likely]] // nothing to gather
        return find_entries<mgm::Family::kIpv4>(context, burst, burst.ipv4_flows.data(), nullptr,
                                                burst.size);
    if (burst.family_of_all == mgm::Family::kIpv6)
        return find_entries<mgm::Family::kIpv6>(context, burst, burst.ipv6_flows.data(), nullptr,
                                                burst.size);
    const unsigned misses = lookup_family<mgm::Family::kIpv4>(context, burst, burst.ipv4_flows);
    return misses + lookup_family<mgm::Family::kIpv6>(context, burst, burst.ipv6_flows);
}

} // namespace dataplane
