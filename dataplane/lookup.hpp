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

namespace dataplane {

/// The flows of one family are looked up together, so that their cache misses overlap.
template <mgm::Family F>
unsigned lookup_family(const Context &context, Burst &burst,
                       const Burst::Column<mgm::FlowKey<F>> &flows) noexcept {
    Burst::Column<mgm::FlowKey<F>> keys;
    Burst::Column<unsigned> packets;
    Burst::Column<mgm::MfeIndex> found;
    unsigned count = 0;
    for (unsigned i = 0; i < burst.size; ++i) {
        if (!burst.is_on_its_way(i) || burst.headers[i].family != F)
            continue;
        keys[count] = flows[i];
        packets[count++] = i;
    }
    if (count == 0)
        return 0;

    unsigned misses = 0;
    mgm::MfeTable<F>(context.tables).find_burst(keys.data(), count, found.data());
    for (unsigned k = 0; k < count; ++k) {
        const unsigned i = packets[k];
        if (found[k] == mgm::kNoMfe) {
            burst.verdicts[i] = mgm::Verdict::kNoEntry;
            ++misses;
            continue;
        }
        burst.entries[i] = found[k];
        const mgm::Tables::Action action = context.tables.action(context.tables.mfe<F>(found[k]));
        burst.sets[i] = action.set;
        burst.counting[i] = action.counting;
    }
    return misses;
}

/// Returns how many packets ended as no_entry.
inline unsigned lookup(const Context &context, Burst &burst) noexcept {
    const unsigned misses = lookup_family<mgm::Family::kIpv4>(context, burst, burst.ipv4_flows);
    return misses + lookup_family<mgm::Family::kIpv6>(context, burst, burst.ipv6_flows);
}

} // namespace dataplane
