// SPDX-License-Identifier: BSD-3-Clause
// Stage 3: flows -> entries and their forward sets.
//
// Reads: burst.verdicts, headers, flows, the entry tables.  Writes: places, entries, sets,
// counting; verdict no_entry, and says how many. Thread: one worker; what it finds is valid until
// the worker's next quiescent point.
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

[[gnu::cold, gnu::noinline]] inline void note_misses(Burst &burst, const unsigned *packets,
                                                     unsigned count,
                                                     const mgm::MfeIndex *found) noexcept {
    for (unsigned k = 0; k < count; ++k)
        if (found[k] == mgm::kNoMfe)
            burst.verdicts[packets == nullptr ? k : packets[k]] = mgm::Verdict::kNoEntry;
}

template <mgm::Family F>
[[nodiscard]] const mgm::FlowKey<F> *flows_of(const Burst &burst) noexcept {
    if constexpr (F == mgm::Family::kIpv4)
        return burst.ipv4_flows.data();
    else
        return burst.ipv6_flows.data();
}

/// The flows of one family among others are looked up together, so that their cache misses overlap.
template <mgm::Family F>
unsigned lookup_family(const Context &context, Burst &burst) noexcept {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before read, up to count
    Burst::Column<mgm::FlowKey<F>> keys;
    Burst::Column<unsigned> packets{};
    Burst::Column<mgm::MfeIndex> found{};
    unsigned count = 0;
    for (unsigned i = 0; i < burst.size; ++i)
        if (burst.is_on_its_way(i) && burst.headers[i].family == F) {
            keys[count] = flows_of<F>(burst)[i];
            packets[count++] = i;
        }
    if (count == 0)
        return 0;
    const unsigned misses = mgm::MfeTable<F>(context.tables)
                                .find_burst(keys.data(), count, found.data(),
                                            TakeEntry<F>(context, burst, packets.data()));
    if (misses != 0) [[unlikely]]
        note_misses(burst, packets.data(), count, found.data());
    return misses;
}

// A burst of one family has nothing to gather, and its cache misses may overlap with other work:
// aim(), spot() and confirm() each wait for what the one before has sent for.
template <mgm::Family F>
void aim_family(const Context &context, Burst &burst) noexcept {
    mgm::MfeTable<F>(context.tables).aim(flows_of<F>(burst), burst.size, burst.places.data());
}
template <mgm::Family F>
void spot_family(const Context &context, Burst &burst) noexcept {
    mgm::MfeTable<F>(context.tables).spot(burst.places.data(), burst.size, burst.entries.data());
}
template <mgm::Family F>
unsigned confirm_family(const Context &context, Burst &burst) noexcept {
    const unsigned misses = mgm::MfeTable<F>(context.tables)
                                .confirm(flows_of<F>(burst), burst.size, burst.entries.data(),
                                         TakeEntry<F>(context, burst, nullptr));
    if (misses != 0) [[unlikely]]
        note_misses(burst, nullptr, burst.size, burst.entries.data());
    return misses;
}

/// After parse.
inline void aim(const Context &context, Burst &burst) noexcept {
    if (burst.family_of_all == mgm::Family::kIpv4) [[likely]]
        aim_family<mgm::Family::kIpv4>(context, burst);
    else if (burst.family_of_all == mgm::Family::kIpv6)
        aim_family<mgm::Family::kIpv6>(context, burst);
}
/// After aim().
inline void spot(const Context &context, Burst &burst) noexcept {
    if (burst.family_of_all == mgm::Family::kIpv4) [[likely]]
        spot_family<mgm::Family::kIpv4>(context, burst);
    else if (burst.family_of_all == mgm::Family::kIpv6)
        spot_family<mgm::Family::kIpv6>(context, burst);
}
/// After spot(). Returns how many packets ended as no_entry.
inline unsigned confirm(const Context &context, Burst &burst) noexcept {
    if (burst.family_of_all == mgm::Family::kIpv4) [[likely]]
        return confirm_family<mgm::Family::kIpv4>(context, burst);
    if (burst.family_of_all == mgm::Family::kIpv6)
        return confirm_family<mgm::Family::kIpv6>(context, burst);
    const unsigned misses = lookup_family<mgm::Family::kIpv4>(context, burst);
    return misses + lookup_family<mgm::Family::kIpv6>(context, burst);
}

/// All of it at once.
inline unsigned lookup(const Context &context, Burst &burst) noexcept {
    aim(context, burst);
    spot(context, burst);
    return confirm(context, burst);
}

} // namespace dataplane
