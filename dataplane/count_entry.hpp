// SPDX-License-Identifier: BSD-3-Clause
// What counts on an entry: packets that it forwarded, and those that a negative one is there to
// drop. What its oifs were given follows from that; the exceptions are counted here, too, for each
// oif (mgm/oif_counters.hpp).
//
// Reads: burst.entries, sets, counting.  Writes: entry and oif counters.  Thread: one worker.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "mgm/oif_counters.hpp"

#include <span>

namespace dataplane {

/// A row for the packet's entry and `oif`; nullptr, and that is counted, when there is no room.
[[nodiscard]] inline mgm::OifCounters *oif_row(const Context &context, const Burst &burst,
                                               unsigned i, mgm::OifName oif) noexcept {
    const mgm::EntryName entry =
        burst.is_ipv4(i) ? mgm::name_of<mgm::Family::kIpv4>(context.tables, burst.entries[i])
                         : mgm::name_of<mgm::Family::kIpv6>(context.tables, burst.entries[i]);
    if (entry == mgm::kNoEntryName)
        return nullptr; // removed meanwhile: nobody will ask
    mgm::OifCounters *row = mgm::OifCounterRows(context.tables, context.worker)
                                .find_or_take(context.tables, entry, oif);
    if (row == nullptr)
        context.count(mgm::Event::kOifUncounted);
    return row;
}

/// The packet counts for each of its oifs, because the entry's counter does not stand for it.
[[gnu::cold, gnu::noinline]] inline void count_given(const Context &context, const Burst &burst,
                                                     unsigned i) noexcept {
    const mgm::ForwardSet &set = *burst.sets[i];
    for (const mgm::Oif &oif : std::span(set.oifs(), set.oif_count))
        if (mgm::OifCounters *row = oif_row(context, burst, i, mgm::name_of(oif)))
            row->given.add(1);
}

/// The olist changes too fast for the entry's two banks: the packet counts for each of its oifs.
[[gnu::cold, gnu::noinline]] inline void tell_apart(const Context &context, const Burst &burst,
                                                    unsigned i,
                                                    mgm::EntryCounters &entry) noexcept {
    entry.told_apart.add(1);
    count_given(context, burst, i);
    if (burst.sets[i]->oif_count != 0)
        return;
    if (mgm::OifCounters *row = oif_row(context, burst, i, mgm::kNoOifName))
        row->given.add(1);
}

/// RFC 5132 ipMcastRoutePkts and ipMcastRouteOctets: IP octets as received.
template <mgm::Family F>
void count_on_entry(const Context &context, const Burst &burst, unsigned i) noexcept {
    mgm::EntryCounters &entry = context.entry_counters<F>(burst.entries[i]);
    entry.octets.add(burst.headers[i].packet_octets);
    if ((burst.counting[i] & mgm::kTellsApart) != 0) [[unlikely]]
        return tell_apart(context, burst, i, entry);
    entry.packets[(burst.counting[i] & mgm::kSecondBank) != 0 ? 1 : 0].add(1);
}
inline void count_on_entry(const Context &context, const Burst &burst, unsigned i) noexcept {
    if (burst.is_ipv4(i))
        count_on_entry<mgm::Family::kIpv4>(context, burst, i);
    else
        count_on_entry<mgm::Family::kIpv6>(context, burst, i);
}

/// A copy of the packet to `oif` was lost.
[[gnu::cold, gnu::noinline]] inline void count_lost(const Context &context, const Burst &burst,
                                                    unsigned i, mgm::OifName oif,
                                                    mgm::Verdict reason) noexcept {
    mgm::OifCounters *row = oif_row(context, burst, i, oif);
    if (row == nullptr)
        return;
    switch (reason) {
    case mgm::Verdict::kTtlThreshold:
        return row->ttl_too_low.add(1);
    case mgm::Verdict::kMtu:
    case mgm::Verdict::kMtuPtb:
        return row->too_big.add(1);
    case mgm::Verdict::kIifInOif:
        return row->not_returned.add(1);
    default:
        return row->discarded.add(1);
    }
}

} // namespace dataplane
