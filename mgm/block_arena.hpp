// SPDX-License-Identifier: BSD-3-Clause
// Allocates the segment's blocks: one arena has the forward sets, interface records, VLAN maps and
// own addresses, another the replication programs.
//
// A block is written once, complete, before anybody can know its reference. The bookkeeping is
// private: a process that writes to the segment by mistake cannot corrupt it.
// Thread: the writer.
#pragma once

#include "mgm/retired_list.hpp"
#include "mgm/tables.hpp"

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <utility>

namespace mgm {

class BlockArena {
public:
    /// Of the segment's units those from `first` on; unit 0 is kNoBlock.
    BlockArena(Tables tables, RetiredList &retired, std::uint32_t first, std::uint32_t units);

    /// Copies `contents` behind a new block's header. Its first octets are the block's own fields
    /// after BlockHeader; a multiple of 4. kNoBlock when there is no room, even after a bounded
    /// wait for retired blocks.
    [[nodiscard]] BlockRef make(BlockKind kind, std::span<const std::byte> contents);
    /// The same without the wait.
    [[nodiscard]] BlockRef try_make(BlockKind kind, std::span<const std::byte> contents);
    /// For a block that has been unpublished: frees it after a grace period.
    void retire(BlockRef ref);
    /// The same in two steps, for RetiredList::retire(): the memory is taken before the store.
    [[nodiscard]] RetiredList::Prepared prepare_to_retire(BlockRef ref);
    /// For a block that never was published.
    void free(BlockRef ref);
    [[nodiscard]] std::uint32_t units_used() const noexcept { return used_; }

private:
    [[nodiscard]] std::optional<std::uint32_t> take(std::uint32_t units);
    BlockRef fill(std::uint32_t first, std::uint32_t units, BlockKind kind,
                  std::span<const std::byte> contents);
    void insert_free(std::uint32_t first, std::uint32_t units);
    void erase_free(std::map<std::uint32_t, std::uint32_t>::iterator extent);

    Tables tables_;
    RetiredList &retired_;
    std::map<std::uint32_t, std::uint32_t> free_; ///< first unit -> length, never adjacent
    std::set<std::pair<std::uint32_t, std::uint32_t>> by_length_; ///< (length, first unit)
    std::uint32_t used_ = 0;
    /// One sequence for all blocks: whatever the extents were before, a place never shows a
    /// generation again. (It wraps after 2^31 blocks.)
    std::uint32_t next_generation_ = 1;
};

} // namespace mgm
