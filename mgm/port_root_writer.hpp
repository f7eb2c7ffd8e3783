// SPDX-License-Identifier: BSD-3-Clause
// Which interface a port's untagged and tagged frames arrive on.
//
// Thread: the writer.
#pragma once

#include "mgm/block_arena.hpp"
#include "mgm/result.hpp"

#include <array>
#include <compare>

namespace mgm {

/// Where an interface's frames come in. kNoPort: nowhere.
struct Location {
    std::uint16_t port_id = kNoPort;
    std::uint16_t vlan = 0; ///< 0 = untagged
    friend auto operator<=>(const Location &, const Location &) = default;
};

class PortRootWriter {
public:
    PortRootWriter(Tables tables, BlockArena &arena) noexcept : tables_(tables), arena_(arena) {}

    /// Makes sure that set() of this location can be done. kInvalidArgument: no such port.
    /// kTableFull: no room for the port's VLAN map.
    Result<void> prepare(Location location);
    /// The interface's record has been published. kNoPort: nothing to do.
    void set(Location location, IfSlot slot);
    void clear(Location location);
    [[nodiscard]] IfSlot slot_at(Location location) const noexcept;

private:
    [[nodiscard]] VlanMap &map(std::uint16_t port_id) const noexcept {
        return tables_.block<VlanMap>(maps_[port_id]);
    }

    Tables tables_;
    BlockArena &arena_;
    std::array<BlockRef, kMaxPorts> maps_{};           ///< kNoBlock: no VLAN on the port
    std::array<std::uint32_t, kMaxPorts> map_users_{}; ///< VLANs set in it
};

} // namespace mgm
