// SPDX-License-Identifier: BSD-3-Clause
// The neighbor table: which neighbor has which MAC. A place lives while its MAC is known or a
// forward set names it. Forward sets find it by its slot, workers that have only an IPv6 address
// through the chains.
//
// Thread: the writer.
#pragma once

#include "mgm/retired_list.hpp"
#include "mgm/tables.hpp"

#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace mgm {

class NeighborWriter {
public:
    NeighborWriter(Tables tables, RetiredList &retired);

    /// The place of this next hop, made when there is none; nullopt when the table is full.
    [[nodiscard]] std::optional<NeighborSlot> slot_of(IfSlot interface, const IpAddress &address);
    /// Of a place in use; absent for kGroupMac.
    [[nodiscard]] std::optional<IpAddress> address_of(NeighborSlot slot) const {
        return slot == kGroupMac
                   ? std::nullopt
                   : std::optional(places_[static_cast<std::uint32_t>(slot)].key.second);
    }
    /// Absent: known no longer.
    void set_mac(NeighborSlot slot, std::optional<MacAddress> mac);

    /// A forward set names it from now on, or no longer.
    void add_use(NeighborSlot slot);
    void drop_use(NeighborSlot slot);
    /// Gives back places that were made and then neither used nor resolved.
    void release_if_idle(NeighborSlot slot);
    /// The interface goes: forgets all its MACs. No forward set names them any more.
    void remove_interface(IfSlot interface);
    [[nodiscard]] std::uint32_t count() const noexcept {
        return static_cast<std::uint32_t>(slots_.size());
    }

private:
    using Key = std::pair<IfSlot, IpAddress>;
    struct Place {
        Key key;
        std::uint32_t uses = 0;
        bool known = false;
    };
    [[nodiscard]] std::atomic<std::uint64_t> &word(NeighborSlot slot) const;
    /// From here on Tables::neighbor_mac() finds an IPv6 neighbor by its address, or no longer.
    void link(NeighborSlot slot, const Key &key);
    void unlink(NeighborSlot slot, const Key &key);
    [[nodiscard]] Place &place(NeighborSlot slot) {
        return places_[static_cast<std::uint32_t>(slot)];
    }

    Tables tables_;
    RetiredList &retired_;
    std::map<Key, NeighborSlot> slots_;
    std::vector<Place> places_;      ///< by NeighborSlot
    std::vector<NeighborSlot> free_; ///< lowest last
};

} // namespace mgm
