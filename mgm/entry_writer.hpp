// SPDX-License-Identifier: BSD-3-Clause
// The writer's side of one family's entries: takes an entry, fills it, publishes it in the hash or
// in the range tree, swaps what it does, takes it out again.
//
// Thread: the writer.
#pragma once

#include "mgm/forward_set_store.hpp"
#include "mgm/mfe_table.hpp"
#include "mgm/oif_history.hpp"
#include "mgm/range_tree.hpp"
#include "mgm/result.hpp"

#include <vector>

namespace mgm {

/// A validated key of one family.
template <Family F>
struct EntryKey {
    FlowKey<F> flow; ///< zero source: any
    unsigned group_length = kAddressBits<F>;

    [[nodiscard]] bool is_range() const noexcept { return group_length < kAddressBits<F>; }
    [[nodiscard]] GroupRange<F> range() const noexcept { return {flow.group, group_length}; }
};

template <Family F>
class EntryWriter {
public:
    EntryWriter(Tables tables, ForwardSetStore &sets, RetiredList &retired,
                const InterfaceWriter &interfaces, const NeighborWriter &neighbors);

    [[nodiscard]] MfeIndex find(const EntryKey<F> &key) const;
    /// A new entry that does what `set` says; takes over the caller's use of the set. kTableFull,
    /// nothing changed and the use still the caller's: entries or ranges used up, both buckets
    /// full.
    Result<void> insert(const EntryKey<F> &key, BlockRef set);
    /// Another set for a published entry; takes over the caller's use of it, also with
    /// std::bad_alloc: nothing else changed then.
    void swap_set(MfeIndex index, BlockRef set);
    [[nodiscard]] BlockRef set_of(MfeIndex index) const noexcept {
        // relaxed: one writer, the value is ours
        return forward_set_in(tables_.mfe<F>(index).forward_set.load(std::memory_order_relaxed));
    }
    [[nodiscard]] EntrySums sums(MfeIndex index) const noexcept { return history_.sums(index); }
    [[nodiscard]] EntryReport report(MfeIndex index) const {
        return history_.report(index, tables_.block<ForwardSet>(set_of(index)));
    }
    /// Takes the entry out. It is used again after a grace period.
    void remove(const EntryKey<F> &key, MfeIndex index);

    [[nodiscard]] std::uint32_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint32_t range_count() const noexcept { return ranges_.count(); }

private:
    [[nodiscard]] Result<void> check_room(const EntryKey<F> &key) const;
    [[nodiscard]] MfeIndex take();
    void fill(MfeIndex index, const EntryKey<F> &key, BlockRef set);
    [[nodiscard]] bool publish_in_hash(const EntryKey<F> &key, MfeIndex index);
    void unpublish_from_hash(const EntryKey<F> &key, MfeIndex index);
    [[nodiscard]] RetiredList::Prepared begin_change(MfeIndex index, const ForwardSet &before,
                                                     BlockRef set, bool is_second_bank);
    void settle(MfeIndex index, std::uint32_t change);
    void free(MfeIndex index);
    [[nodiscard]] Bucket &bucket(std::uint32_t index) const noexcept {
        return tables_.at<Bucket>(tables_.layout<F>().buckets)[index];
    }
    [[nodiscard]] HashPlace place(const EntryKey<F> &key) const noexcept {
        return place_of(hash_of(key.flow, tables_.header().salt), tables_.layout<F>().bucket_count);
    }

    Tables tables_;
    ForwardSetStore &sets_;
    RetiredList &retired_;
    RangeTree<F> ranges_;
    OifHistory<F> history_;
    std::vector<MfeIndex> free_;   ///< used before, free again
    std::uint32_t never_used_ = 1; ///< from here on no entry was ever used
    std::uint32_t count_ = 0;
};

extern template class EntryWriter<Family::kIpv4>;
extern template class EntryWriter<Family::kIpv6>;

} // namespace mgm
