// SPDX-License-Identifier: BSD-3-Clause
// Lookup of forwarding entries, the only one there is: (S,G), then (*,G), then the longest
// (*,G/len).
//
// Reads: buckets, entries, range nodes of the shared segment.  Writes: nothing.  Never waits, never
// retries. Thread: any worker between two quiescent points.
#pragma once

#include "mgm/address_class.hpp"
#include "mgm/tables.hpp"

namespace mgm {

template <Family F>
class MfeTable {
public:
    explicit MfeTable(Tables tables) noexcept : tables_(tables) {}

    /// The entry for a packet from `key.source` to `key.group`, or kNoMfe.
    /// Order: (S,G), (*,G), longest (*,G/len); an SSM group never matches a wildcard (RFC 4607).
    [[nodiscard]] MfeIndex find(const FlowKey<F> &key) const noexcept;

    /// `find` for `count` keys (at most 64) with the misses of all of them in flight together.
    void find_burst(const FlowKey<F> *keys, unsigned count, MfeIndex *found) const noexcept;

    /// Exact match only: no fall-back from (S,G) to wildcards. A zero source asks for (*,G).
    [[nodiscard]] MfeIndex find_exact(const FlowKey<F> &key) const noexcept;

private:
    Tables tables_;
};

} // namespace mgm
