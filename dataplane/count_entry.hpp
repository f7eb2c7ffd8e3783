// SPDX-License-Identifier: BSD-3-Clause
// What counts on an entry: packets that it forwarded, and those that a negative one is there to
// drop. Thread: one worker.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"

namespace dataplane {

/// RFC 5132 ipMcastRoutePkts and ipMcastRouteOctets: IP octets as received.
inline void count_on_entry(const Context &context, const Burst &burst, unsigned i) noexcept {
    mgm::EntryCounters &entry =
        burst.is_ipv4(i)
            ? context.tables.entry_counters<mgm::Family::kIpv4>(context.worker, burst.entries[i])
            : context.tables.entry_counters<mgm::Family::kIpv6>(context.worker, burst.entries[i]);
    entry.packets.add(1);
    entry.octets.add(burst.headers[i].packet_octets);
}

} // namespace dataplane
