// SPDX-License-Identifier: BSD-3-Clause
// Stage 4: does the entry accept packets from this interface?
//
// Reads: burst.iifs, entries, sets.  Writes: verdict wrong_iif, and the entry's different_in_if
// counter (RFC 5132); or no_oif, where no interface is right and none is wrong.  Thread: one
// worker.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/count_entry.hpp"

namespace dataplane {

[[gnu::cold, gnu::noinline]] inline void refuse_interface(const Context &context, Burst &burst,
                                                          unsigned i) noexcept {
    const mgm::ForwardSet &set = *burst.sets[i];
    if (set.iif_count == 0 && set.oif_count == 0) { // negative and without a route: mgm-spec 8.2
        burst.verdicts[i] = mgm::Verdict::kNoOif;
        count_on_entry(context, burst, i);
        return;
    }
    burst.verdicts[i] = mgm::Verdict::kWrongIif;
    if (burst.is_ipv4(i))
        context.tables.different_in_if<mgm::Family::kIpv4>(context.worker, burst.entries[i]).add(1);
    else
        context.tables.different_in_if<mgm::Family::kIpv6>(context.worker, burst.entries[i]).add(1);
}

/// Returns how many packets were refused.
inline unsigned check_rpf(const Context &context, Burst &burst) noexcept {
    unsigned refused = 0;
    for (unsigned i = 0; i < burst.size; ++i)
        if (burst.is_on_its_way(i) && !mgm::accepts(*burst.sets[i], burst.iifs[i])) {
            refuse_interface(context, burst, i);
            ++refused;
        }
    return refused;
}

} // namespace dataplane
