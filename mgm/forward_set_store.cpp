// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/forward_set_store.hpp"

#include "mgm/replication_program.hpp"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <new>
#include <string_view>
#include <tuple>
#include <utility>

namespace mgm {

namespace {

auto identity(const Oif &oif) {
    return std::tie(oif.slot, oif.neighbor);
}

/// A forward set's octets after its BlockHeader.
std::vector<std::byte> contents_of(const CanonicalAction &action) {
    const auto oif_count = static_cast<std::uint32_t>(action.oifs.size());
    const auto iif_count = static_cast<std::uint32_t>(action.iifs.size());
    const IfSlot only_iif = iif_count == 1 ? action.iifs.front() : kNoSlot;
    const std::size_t oif_octets = oif_count * sizeof(Oif);
    const std::size_t iif_octets = iif_count * sizeof(IfSlot);
    std::vector<std::byte> contents(sizeof(ForwardSet) - sizeof(BlockHeader) + oif_octets +
                                    iif_octets);
    std::byte *to = contents.data();
    const auto append = [&to](const void *from, std::size_t octets) {
        if (octets != 0)
            std::memcpy(to, from, octets);
        to += octets;
    };
    append(&only_iif, sizeof only_iif);
    append(&iif_count, sizeof iif_count);
    append(&oif_count, sizeof oif_count);
    append(&kNoBlock, sizeof kNoBlock); // the program: made when the set is there
    append(action.oifs.data(), oif_octets);
    append(action.iifs.data(), iif_octets);
    return contents;
}

std::uint64_t hash_contents(const std::vector<std::byte> &contents) {
    return std::hash<std::string_view>{}(
        {reinterpret_cast<const char *>(contents.data()), contents.size()});
}

} // namespace

void CanonicalAction::canonicalise() {
    std::sort(oifs.begin(), oifs.end(), [](const Oif &a, const Oif &b) {
        // the larger threshold first, for unique() keeps the first
        return std::tie(a.slot, a.neighbor, b.ttl_threshold) <
               std::tie(b.slot, b.neighbor, a.ttl_threshold);
    });
    const auto same = [](const Oif &a, const Oif &b) { return identity(a) == identity(b); };
    oifs.erase(std::unique(oifs.begin(), oifs.end(), same), oifs.end());
    std::sort(iifs.begin(), iifs.end());
    iifs.erase(std::unique(iifs.begin(), iifs.end()), iifs.end());
}

ForwardSetStore::ForwardSetStore(Tables tables, BlockArena &arena, BlockArena &programs,
                                 RetiredList &retired, NeighborWriter &neighbors)
    : tables_(tables),
      arena_(arena),
      programs_(programs),
      retired_(retired),
      neighbors_(neighbors),
      interface_uses_(tables.geometry().interfaces + 1U) {}

BlockRef ForwardSetStore::acquire(const CanonicalAction &action) {
    const std::vector<std::byte> contents = contents_of(action);
    const std::uint64_t hash = hash_contents(contents);
    if (const BlockRef known = find(hash, action); known != kNoBlock) {
        ++sets_.at(static_cast<std::uint32_t>(known)).users;
        return known;
    }
    const BlockRef made = arena_.make(BlockKind::kForwardSet, contents);
    if (made == kNoBlock)
        return kNoBlock;
    sets_.emplace(static_cast<std::uint32_t>(made), Set{hash, 1});
    by_hash_.emplace(hash, static_cast<std::uint32_t>(made));
    count_uses(tables_.block<ForwardSet>(made), 1);
    make_program(made);
    return made;
}

void ForwardSetStore::release(BlockRef ref) {
    const auto set = sets_.find(static_cast<std::uint32_t>(ref));
    assert(set != sets_.end() && "a forward set was released more often than acquired");
    if (--set->second.users != 0)
        return;
    const auto [first, last] = by_hash_.equal_range(set->second.hash);
    by_hash_.erase(std::find_if(first, last, [ref](const auto &candidate) {
        return candidate.second == static_cast<std::uint32_t>(ref);
    }));
    sets_.erase(set);
    const auto &block = tables_.block<ForwardSet>(ref);
    count_uses(block, -1);
    // relaxed: one writer, the value is ours
    programs_.retire(BlockRef{block.program.load(std::memory_order_relaxed)});
    without_program_.erase(static_cast<std::uint32_t>(ref));
    arena_.retire(ref);
}

/// Makes the set's program from the interfaces as they are now. Without memory it has none: that is
/// right, only slower.
void ForwardSetStore::make_program(BlockRef ref) {
    auto &set = tables_.block<ForwardSet>(ref);
    try {
        if (!replace_program(set))
            without_program_.insert(static_cast<std::uint32_t>(ref));
        else if (!without_program_.empty())
            without_program_.erase(static_cast<std::uint32_t>(ref));
    } catch (const std::bad_alloc &) {
        // The old one says what is no longer true. Its block stays taken: there is no memory to
        // remember it by. release: as in replace_program()
        set.program.store(0, std::memory_order_release);
    }
}

/// False: there was no room for a program, and the set has none now.
bool ForwardSetStore::replace_program(ForwardSet &set) {
    // relaxed: one writer, the value is ours
    const BlockRef before{set.program.load(std::memory_order_relaxed)};
    RetiredList::Prepared retirement = programs_.prepare_to_retire(before);
    const std::vector<std::byte> contents = compile(tables_, set);
    const BlockRef made =
        contents.empty() ? kNoBlock : programs_.try_make(BlockKind::kReplicationProgram, contents);
    // release: the program is visible before its reference; pairs with Tables::program()
    set.program.store(static_cast<std::uint32_t>(made), std::memory_order_release);
    retired_.retire(std::move(retirement));
    return contents.empty() || made != kNoBlock;
}

void ForwardSetStore::retry_program() {
    if (!without_program_.empty())
        make_program(BlockRef{*without_program_.begin()});
}

void ForwardSetStore::interface_changed(IfSlot slot) {
    if (uses_of(slot) == 0)
        return;
    for (const auto &[ref, known] : sets_) {
        const auto &set = tables_.block<ForwardSet>(BlockRef{ref});
        if (std::any_of(set.oifs(), set.oifs() + set.oif_count,
                        [slot](const Oif &oif) { return oif.slot == slot; }))
            make_program(BlockRef{ref});
    }
}

BlockRef ForwardSetStore::find(std::uint64_t hash, const CanonicalAction &action) const {
    const auto same_oif = [](const Oif &a, const Oif &b) {
        return identity(a) == identity(b) && a.ttl_threshold == b.ttl_threshold;
    };
    const auto [first, last] = by_hash_.equal_range(hash);
    for (auto candidate = first; candidate != last; ++candidate) {
        const BlockRef ref{candidate->second};
        const auto &set = tables_.block<ForwardSet>(ref);
        if (std::equal(set.oifs(), set.oifs() + set.oif_count, action.oifs.begin(),
                       action.oifs.end(), same_oif) &&
            std::equal(set.iifs(), set.iifs() + set.iif_count, action.iifs.begin(),
                       action.iifs.end()))
            return ref;
    }
    return kNoBlock;
}

void ForwardSetStore::count_uses(const ForwardSet &set, std::int32_t change) {
    const auto count = [&](IfSlot slot) {
        interface_uses_[static_cast<std::uint32_t>(slot)] += static_cast<std::uint32_t>(change);
    };
    std::for_each(set.iifs(), set.iifs() + set.iif_count, count);
    for (const Oif *oif = set.oifs(); oif != set.oifs() + set.oif_count; ++oif) {
        count(oif->slot);
        if (change > 0)
            neighbors_.add_use(oif->neighbor);
        else
            neighbors_.drop_use(oif->neighbor);
    }
}

} // namespace mgm
