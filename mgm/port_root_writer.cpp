// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/port_root_writer.hpp"

#include <vector>

namespace mgm {

Result<void> PortRootWriter::prepare(Location location) {
    if (location.port_id == kNoPort)
        return {};
    if (location.port_id >= kMaxPorts)
        return fail(Errc::kInvalidArgument, "port id {} is beyond the {} that DPDK has",
                    location.port_id, kMaxPorts);
    if (location.vlan == 0 || maps_[location.port_id] != kNoBlock)
        return {};
    const std::vector<std::byte> empty(sizeof(VlanMap) - sizeof(BlockHeader));
    const BlockRef made = arena_.make(BlockKind::kVlanMap, empty);
    if (made == kNoBlock)
        return fail(Errc::kTableFull,
                    "no room for the VLAN map of port {}: raise [capacity] block_units",
                    location.port_id);
    maps_[location.port_id] = made;
    // release: the empty map is visible before its reference; pairs with Tables::slot_of()
    tables_.port_root(location.port_id)
        .vlan_map.store(static_cast<std::uint32_t>(made), std::memory_order_release);
    return {};
}

void PortRootWriter::set(Location location, IfSlot slot) {
    if (location.port_id == kNoPort)
        return;
    const auto word = static_cast<std::uint32_t>(slot);
    // release (both): the interface's record is visible before its port leads to it; pairs with
    // Tables::slot_of()
    if (location.vlan == 0) {
        tables_.port_root(location.port_id).untagged.store(word, std::memory_order_release);
        return;
    }
    map(location.port_id).slots[location.vlan].store(word, std::memory_order_release);
    ++map_users_[location.port_id];
}

void PortRootWriter::clear(Location location) {
    if (location.port_id == kNoPort)
        return;
    // relaxed (all): they publish nothing; what they unpublish is retired behind GracePeriod::start
    if (location.vlan == 0) {
        tables_.port_root(location.port_id).untagged.store(0, std::memory_order_relaxed);
        return;
    }
    map(location.port_id).slots[location.vlan].store(0, std::memory_order_relaxed);
    if (--map_users_[location.port_id] != 0)
        return;
    tables_.port_root(location.port_id).vlan_map.store(0, std::memory_order_relaxed);
    arena_.retire(std::exchange(maps_[location.port_id], kNoBlock));
}

IfSlot PortRootWriter::slot_at(Location location) const noexcept {
    return location.port_id < kMaxPorts ? tables_.slot_of(location.port_id, location.vlan)
                                        : kNoSlot;
}

} // namespace mgm
