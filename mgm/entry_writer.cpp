// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/entry_writer.hpp"

#include "mgm/shared_words.hpp"

#include <algorithm>
#include <cstddef>
#include <ctime>
#include <new>
#include <utility>

namespace mgm {

namespace {

/// Entries in its first bucket that make a new one look at its second.
constexpr std::size_t kCrowded = 5;

std::size_t used_slots(const Bucket &bucket) {
    return static_cast<std::size_t>(
        std::count_if(bucket.slots.begin(), bucket.slots.end(), [](const auto &slot) {
            return slot.load(std::memory_order_relaxed) != 0; // relaxed: only we write
        }));
}

bool have_same_olist(const ForwardSet &a, const ForwardSet &b) {
    return std::equal(a.oifs(), a.oifs() + a.oif_count, b.oifs(), b.oifs() + b.oif_count,
                      [](const Oif &x, const Oif &y) { return name_of(x) == name_of(y); });
}

template <Family F>
const char *word_for() {
    return F == Family::kIpv4 ? "ipv4" : "ipv6";
}

} // namespace

template <Family F>
EntryWriter<F>::EntryWriter(Tables tables, ForwardSetStore &sets, RetiredList &retired,
                            const InterfaceWriter &interfaces, const NeighborWriter &neighbors)
    : tables_(tables),
      sets_(sets),
      retired_(retired),
      ranges_(tables, retired),
      history_(tables, interfaces, neighbors) {}

template <Family F>
MfeIndex EntryWriter<F>::find(const EntryKey<F> &key) const {
    return key.is_range() ? ranges_.find(key.flow.vrf, key.range())
                          : MfeTable<F>(tables_).find_exact(key.flow);
}

template <Family F>
Result<void> EntryWriter<F>::insert(const EntryKey<F> &key, BlockRef set) {
    if (Result<void> room = check_room(key); !room)
        return room;
    const MfeIndex index = take();
    if (index == kNoMfe)
        return fail(Errc::kTableFull,
                    "all {} entries wait for a worker that is not quiescent: try again",
                    word_for<F>());
    fill(index, key, set);
    const bool published = key.is_range() ? ranges_.insert(key.flow.vrf, key.range(), index)
                                          : publish_in_hash(key, index);
    if (published) {
        ++count_;
        return {};
    }
    free(index);
    return fail(Errc::kTableFull, "no place in the {} {}: raise [capacity] {}_{}", word_for<F>(),
                key.is_range() ? "range tree" : "hash (both buckets are full)", word_for<F>(),
                key.is_range() ? "ranges" : "entries");
}

template <Family F>
Result<void> EntryWriter<F>::check_room(const EntryKey<F> &key) const {
    const Geometry &geometry = tables_.geometry();
    const std::uint32_t entries =
        F == Family::kIpv4 ? geometry.ipv4_entries : geometry.ipv6_entries;
    const std::uint32_t ranges = F == Family::kIpv4 ? geometry.ipv4_ranges : geometry.ipv6_ranges;
    if (count_ >= entries)
        return fail(Errc::kTableFull, "all {} entries are used: raise [capacity] {}_entries",
                    entries, word_for<F>());
    if (key.is_range() && ranges_.count() >= ranges)
        return fail(Errc::kTableFull, "all {} ranges are used: raise [capacity] {}_ranges", ranges,
                    word_for<F>());
    return {};
}

template <Family F>
MfeIndex EntryWriter<F>::take() {
    const bool is_fresh_left = never_used_ < tables_.layout<F>().entry_count;
    if (free_.empty() && is_fresh_left)
        return MfeIndex{never_used_++};
    if (free_.empty())
        retired_.wait_and_reclaim();
    if (free_.empty())
        return kNoMfe;
    const MfeIndex index = free_.back();
    free_.pop_back();
    return index;
}

/// Writes an entry that nobody can find yet.
template <Family F>
void EntryWriter<F>::fill(MfeIndex index, const EntryKey<F> &key, BlockRef set) {
    auto &mfe = tables_.mfe<F>(index);
    // relaxed: one writer, the value is ours
    const std::uint32_t writing = mfe.generation.load(std::memory_order_relaxed) | 1U;
    // relaxed: the release stores that follow carry it; pairs with SegmentReader
    mfe.generation.store(writing, std::memory_order_relaxed);
    // release: carries the odd generation. Workers get it through the slot that publishes the
    // entry.
    mfe.forward_set.store(static_cast<std::uint32_t>(set), std::memory_order_release);
    const auto length = static_cast<std::uint32_t>(key.group_length); // and reserved octets
    const auto created = static_cast<std::uint64_t>(std::time(nullptr));
    put_words(&mfe.key, &key.flow, sizeof key.flow);
    static_assert(offsetof(Mfe<F>, group_length) % sizeof length == 0);
    put_words(&mfe.group_length, &length, sizeof length);
    put_words(&mfe.created_seconds, &created, sizeof created);
    // release: the entry is complete; pairs with SegmentReader's acquire of the generation. 0 means
    // "never used", so the numbers jump over it.
    const std::uint32_t live = writing + 1 != 0 ? writing + 1 : 2;
    mfe.generation.store(live, std::memory_order_release);
}

template <Family F>
bool EntryWriter<F>::publish_in_hash(const EntryKey<F> &key, MfeIndex index) {
    const HashPlace where = place(key);
    Bucket &first = bucket(where.first);
    Bucket &second = bucket(where.second);
    const std::size_t in_first = used_slots(first);
    // Nine of ten entries lie in their first bucket, so a reader seldom needs the second; the rest
    // are spread as evenly as two choices do.
    const bool is_first = in_first < kCrowded || in_first <= used_slots(second);
    for (auto &slot : (is_first ? first : second).slots) {
        if (slot.load(std::memory_order_relaxed) != 0) // relaxed: only we write
            continue;
        // release: key and forward set are visible before the slot that leads to them; pairs with
        // MfeTable::find_in() and first_tagged()
        slot.store(std::uint64_t{where.tag} << 32U | static_cast<std::uint32_t>(index),
                   std::memory_order_release);
        return true;
    }
    return false;
}

template <Family F>
void EntryWriter<F>::unpublish_from_hash(const EntryKey<F> &key, MfeIndex index) {
    const HashPlace where = place(key);
    for (const std::uint32_t at : {where.first, where.second})
        for (auto &slot : bucket(at).slots)
            // relaxed (both): only we write; what is unpublished is retired behind
            // GracePeriod::start
            if (static_cast<std::uint32_t>(slot.load(std::memory_order_relaxed)) ==
                static_cast<std::uint32_t>(index))
                slot.store(0, std::memory_order_relaxed);
}

template <Family F>
void EntryWriter<F>::swap_set(MfeIndex index, BlockRef set) {
    auto &word = tables_.mfe<F>(index).forward_set;
    // relaxed: one writer, the value is ours
    const std::uint32_t before = word.load(std::memory_order_relaxed);
    const auto &old_set = tables_.block<ForwardSet>(forward_set_in(before));
    if (have_same_olist(old_set, tables_.block<ForwardSet>(set))) {
        const std::uint32_t counting = before & (kTellsApart | kSecondBank);
        // release: the set's contents are visible before the reference; pairs with
        // Tables::forward_set() and action()
        word.store(static_cast<std::uint32_t>(set) | counting, std::memory_order_release);
    } else {
        RetiredList::Prepared settling =
            begin_change(index, old_set, set, (before & kSecondBank) != 0);
        // release: as above
        word.store(static_cast<std::uint32_t>(set) | history_.counting(index),
                   std::memory_order_release);
        retired_.retire(std::move(settling));
    }
    sets_.release(forward_set_in(before));
}

/// All that may fail of a change of the olist.
template <Family F>
RetiredList::Prepared EntryWriter<F>::begin_change(MfeIndex index, const ForwardSet &before,
                                                   BlockRef set, bool is_second_bank) {
    try {
        const std::uint32_t change = history_.next_change(index);
        RetiredList::Prepared settling =
            RetiredList::prepare([this, index, change] { settle(index, change); });
        history_.change(index, before, tables_.block<ForwardSet>(set), is_second_bank);
        return settling;
    } catch (const std::bad_alloc &) {
        sets_.release(set);
        throw;
    }
}

/// No worker works by an older olist any more.
template <Family F>
void EntryWriter<F>::settle(MfeIndex index, std::uint32_t change) {
    if (!history_.settle(index, change))
        return;
    auto &word = tables_.mfe<F>(index).forward_set;
    // relaxed: one writer, the value is ours. release: as in swap_set()
    word.store(word.load(std::memory_order_relaxed) & ~kTellsApart, std::memory_order_release);
}

template <Family F>
void EntryWriter<F>::remove(const EntryKey<F> &key, MfeIndex index) {
    if (key.is_range())
        ranges_.remove(key.flow.vrf, key.range());
    else
        unpublish_from_hash(key, index);
    auto &mfe = tables_.mfe<F>(index);
    // relaxed (both): one writer; odd tells attached processes that the entry is gone, and is
    // carried by the release stores of whoever writes the entry next. A worker may see it late: see
    // name_of() in oif_counters.hpp.
    mfe.generation.store(mfe.generation.load(std::memory_order_relaxed) | 1U,
                         std::memory_order_relaxed);
    const BlockRef set = set_of(index);
    history_.forget(index);
    --count_;
    sets_.release(set);
    retired_.retire([this, index] { free(index); });
}

/// No worker can count on the entry any more: the next one there starts from zero.
template <Family F>
void EntryWriter<F>::free(MfeIndex index) {
    auto &mfe = tables_.mfe<F>(index);
    // relaxed (both): one writer; the counters' release stores carry the odd generation
    mfe.generation.store(mfe.generation.load(std::memory_order_relaxed) | 1U,
                         std::memory_order_relaxed);
    for (std::uint32_t w = 0; w < tables_.geometry().workers; ++w) {
        EntryCounters &counters = tables_.entry_counters<F>(w, index);
        for (Counter *counter :
             {&counters.packets[0], &counters.packets[1], &counters.told_apart, &counters.octets})
            counter->reset();
        tables_.different_in_if<F>(w, index).reset();
    }
    free_.push_back(index);
}

template class EntryWriter<Family::kIpv4>;
template class EntryWriter<Family::kIpv6>;

} // namespace mgm
