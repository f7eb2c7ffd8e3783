// SPDX-License-Identifier: BSD-3-Clause
// Stage 3: flows -> entries and their forward sets.
//
// Reads: burst.verdicts, headers, flows, the entry tables.  Writes: entries, sets, counting;
// verdict no_entry, and says how many. Thread: one worker; what it finds is valid until the
// worker's next quiescent point.
#pragma once

#include "dataplane/all_hold.hpp"
#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "mgm/mfe_table.hpp"

#include <rte_prefetch.h>

namespace dataplane {

/// Packet `i` does what its entry says.
template <mgm::Family F>
void take_entry(const Context &context, Burst &burst, unsigned i, mgm::MfeIndex found) noexcept {
    const mgm::Tables::Action action = context.tables.action(context.tables.mfe<F>(found));
    burst.entries[i] = found;
    burst.sets[i] = action.set;
    burst.counting[i] = action.counting;
    // settle() counts there, and with many entries it is nowhere near
    rte_prefetch0(&context.entry_counters<F>(found));
}

/// `packets` nullptr: all of the burst, in order. Returns how many have no entry.
template <mgm::Family F>
unsigned take_entries(const Context &context, Burst &burst, const unsigned *packets, unsigned count,
                      const mgm::MfeIndex *found) noexcept {
    unsigned misses = 0;
    for (unsigned k = 0; k < count; ++k) {
        const unsigned i = packets == nullptr ? k : packets[k];
        if (found[k] != mgm::kNoMfe) [[likely]] {
            take_entry<F>(context, burst, i, found[k]);
            continue;
        }
        burst.verdicts[i] = mgm::Verdict::kNoEntry;
        ++misses;
    }
    return misses;
}

/// The flows of one family are looked up together, so that their cache misses overlap.
template <mgm::Family F>
unsigned lookup_family(const Context &context, Burst &burst,
                       const Burst::Column<mgm::FlowKey<F>> &flows) noexcept {
    Burst::Column<mgm::FlowKey<F>> keys;
    Burst::Column<unsigned> packets;
    Burst::Column<mgm::MfeIndex> found;
    unsigned count = 0;
    for (unsigned i = 0; i < burst.size; ++i)
        if (burst.is_on_its_way(i) && burst.headers[i].family == F) {
            keys[count] = flows[i];
            packets[count++] = i;
        }
    if (count == 0)
        return 0;
    mgm::MfeTable<F>(context.tables).find_burst(keys.data(), count, found.data());
    return take_entries<F>(context, burst, packets.data(), count, found.data());
}

template <mgm::Family F>
[[nodiscard]] bool is_whole_burst(const Burst &burst) noexcept {
    bool is_whole = true;
    for (unsigned i = 0; i < burst.size; ++i)
        is_whole = all_hold(is_whole, burst.is_on_its_way(i), burst.headers[i].family == F);
    return is_whole;
}

/// Returns how many packets ended as no_entry.
inline unsigned lookup(const Context &context, Burst &burst) noexcept {
    if (is_whole_burst<mgm::Family::kIpv4>(burst)) [[likely]] { // nothing to gather
        Burst::Column<mgm::MfeIndex> found;
        mgm::MfeTable<mgm::Family::kIpv4>(context.tables)
            .find_burst(burst.ipv4_flows.data(), burst.size, found.data());
        return take_entries<mgm::Family::kIpv4>(context, burst, nullptr, burst.size, found.data());
    }
    const unsigned misses = lookup_family<mgm::Family::kIpv4>(context, burst, burst.ipv4_flows);
    return misses + lookup_family<mgm::Family::kIpv6>(context, burst, burst.ipv6_flows);
}

} // namespace dataplane
