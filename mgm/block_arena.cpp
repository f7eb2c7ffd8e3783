// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/block_arena.hpp"

#include "mgm/shared_words.hpp"

#include <cassert>
#include <iterator>

namespace mgm {

namespace {

constexpr std::uint32_t kPoison = 0xdead'b10c; ///< what a reader of freed memory finds

std::uint32_t units_for(std::size_t octets) {
    return static_cast<std::uint32_t>((octets + kLine - 1) / kLine);
}

} // namespace

BlockArena::BlockArena(Tables tables, RetiredList &retired, std::uint32_t first,
                       std::uint32_t units)
    : tables_(tables), retired_(retired) {
    insert_free(first, units);
}

BlockRef BlockArena::make(BlockKind kind, std::span<const std::byte> contents) {
    const BlockRef made = try_make(kind, contents);
    if (made != kNoBlock)
        return made;
    retired_.wait_and_reclaim();
    return try_make(kind, contents);
}

BlockRef BlockArena::try_make(BlockKind kind, std::span<const std::byte> contents) {
    const std::uint32_t units = units_for(sizeof(BlockHeader) + contents.size());
    const std::optional<std::uint32_t> first = take(units);
    return first ? fill(*first, units, kind, contents) : kNoBlock;
}

BlockRef BlockArena::fill(std::uint32_t first, std::uint32_t units, BlockKind kind,
                          std::span<const std::byte> contents) {
    const BlockRef ref{first};
    auto &header = tables_.block<BlockHeader>(ref);
    const std::uint32_t writing = next_generation_;
    next_generation_ += 2;
    // relaxed: the release stores of put_words() carry it
    header.generation.store(writing, std::memory_order_relaxed);
    put_words(&header.units, &units, sizeof units);
    put_words(&header.kind, &kind, sizeof kind);
    put_words(&header + 1, contents.data(), contents.size());
    // release: the block is complete; pairs with SegmentReader's acquire of the generation. Workers
    // come through the reference, published later by its owner.
    header.generation.store(writing + 1, std::memory_order_release);
    return ref;
}

void BlockArena::retire(BlockRef ref) {
    if (ref != kNoBlock)
        retired_.retire([this, ref] { free(ref); });
}

RetiredList::Prepared BlockArena::prepare_to_retire(BlockRef ref) {
    return ref == kNoBlock ? RetiredList::Prepared{}
                           : RetiredList::prepare([this, ref] { free(ref); });
}

void BlockArena::free(BlockRef ref) {
    auto &header = tables_.block<BlockHeader>(ref);
    const std::uint32_t units = header.units;
    // relaxed: one writer, so this is the value we stored; the release stores below, or those of
    // the next make() here, carry the odd one
    const std::uint32_t live = header.generation.load(std::memory_order_relaxed);
    header.generation.store(live | 1U, std::memory_order_relaxed);
    const BlockKind kind = BlockKind::kFree;
    put_words(&header.kind, &kind, sizeof kind);
#ifndef NDEBUG
    // A worker that still reads here would be wrong; make it visibly wrong.
    fill_words(&header + 1, kPoison, units * kLine - sizeof header);
#endif
    used_ -= units;
    insert_free(static_cast<std::uint32_t>(ref), units);
}

/// Best fit: the shortest extent that is long enough.
std::optional<std::uint32_t> BlockArena::take(std::uint32_t units) {
    const auto best = by_length_.lower_bound({units, 0});
    if (best == by_length_.end())
        return std::nullopt;
    const auto [length, first] = *best;
    erase_free(free_.find(first));
    if (length > units)
        insert_free(first + units, length - units);
    used_ += units;
    return first;
}

/// Adds an extent, merged with its neighbours.
void BlockArena::insert_free(std::uint32_t first, std::uint32_t units) {
    const auto next = free_.lower_bound(first);
    if (next != free_.end() && next->first == first + units) {
        units += next->second;
        erase_free(next);
    }
    const auto after = free_.lower_bound(first);
    if (after != free_.begin()) {
        const auto before = std::prev(after);
        assert(before->first + before->second <= first && "a block was freed twice");
        if (before->first + before->second == first) {
            first = before->first;
            units += before->second;
            erase_free(before);
        }
    }
    free_.emplace(first, units);
    by_length_.emplace(units, first);
}

void BlockArena::erase_free(std::map<std::uint32_t, std::uint32_t>::iterator extent) {
    by_length_.erase({extent->second, extent->first});
    free_.erase(extent);
}

} // namespace mgm
