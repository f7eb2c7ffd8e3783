// SPDX-License-Identifier: BSD-3-Clause
// Interned forward sets: entries that do the same share one block, and the program that makes its
// copies. Counts who uses a set, and through the sets who uses an interface or a neighbor.
//
// Thread: the writer.
#pragma once

#include "mgm/block_arena.hpp"
#include "mgm/neighbor_writer.hpp"

#include <cstdint>
#include <set>
#include <unordered_map>
#include <vector>

namespace mgm {

/// What an entry does, in the one form that equal actions have: oifs by slot and neighbor without
/// repeats, iifs rising.
struct CanonicalAction {
    std::vector<Oif> oifs;
    std::vector<IfSlot> iifs;

    /// Sorts and merges; of two thresholds for the same oif the larger stays.
    void canonicalise();
};

class ForwardSetStore {
public:
    /// Sets are made in `arena`, their programs in `programs`.
    ForwardSetStore(Tables tables, BlockArena &arena, BlockArena &programs, RetiredList &retired,
                    NeighborWriter &neighbors);

    /// The set for a canonical action, with one user more; kNoBlock when there is no room.
    [[nodiscard]] BlockRef acquire(const CanonicalAction &action);
    /// One user less. Of a set that was published, call it after the unpublishing store.
    void release(BlockRef ref);
    /// The interface's record was replaced: the programs of all sets that send there are made
    /// again.
    void interface_changed(IfSlot slot);
    /// Gives one set its program that had no room for it. Little work when there is none.
    void retry_program();
    [[nodiscard]] std::uint32_t without_program() const noexcept {
        return static_cast<std::uint32_t>(without_program_.size());
    }

    [[nodiscard]] std::uint32_t uses_of(IfSlot slot) const {
        return interface_uses_[static_cast<std::uint32_t>(slot)];
    }
    [[nodiscard]] std::uint32_t count() const noexcept {
        return static_cast<std::uint32_t>(sets_.size());
    }

private:
    struct Set {
        std::uint64_t hash = 0;
        std::uint32_t users = 0;
    };
    [[nodiscard]] BlockRef find(std::uint64_t hash, const CanonicalAction &action) const;
    void make_program(BlockRef set);
    [[nodiscard]] bool replace_program(ForwardSet &set);
    void count_uses(const ForwardSet &set, std::int32_t change);

    Tables tables_;
    BlockArena &arena_;
    BlockArena &programs_;
    RetiredList &retired_;
    NeighborWriter &neighbors_;
    std::unordered_map<std::uint32_t, Set> sets_;                   ///< by BlockRef
    std::unordered_multimap<std::uint64_t, std::uint32_t> by_hash_; ///< of the contents
    std::vector<std::uint32_t> interface_uses_; ///< sets that name it, by IfSlot
    std::set<std::uint32_t> without_program_;   ///< BlockRef: no room when it was last made
};

} // namespace mgm
