// SPDX-License-Identifier: BSD-3-Clause
// The router's own addresses as the hash sets that Tables::is_own_address() probes. A set is
// rebuilt as a whole when an interface's addresses or vrf change.
//
// Thread: the writer.
#pragma once

#include "mgm/block_arena.hpp"

#include <span>
#include <vector>

namespace mgm {

/// An address in its routing instance.
struct OwnAddress {
    std::uint32_t vrf = 0;
    IpAddress address;
};

class OwnAddressWriter {
public:
    OwnAddressWriter(Tables tables, BlockArena &arena) noexcept : tables_(tables), arena_(arena) {}

    /// Builds both families' sets, not yet visible. False when there is no room; nothing changed.
    [[nodiscard]] bool prepare(std::span<const OwnAddress> all);
    /// Shows what prepare() built and retires the sets before.
    void publish();
    void discard(); ///< what prepare() built

private:
    template <Family F>
    [[nodiscard]] BlockRef build(std::span<const OwnAddress> all);
    template <Family F>
    void publish_family(BlockRef ref);

    Tables tables_;
    BlockArena &arena_;
    BlockRef ipv4_ = kNoBlock;
    BlockRef ipv6_ = kNoBlock;
};

} // namespace mgm
