// SPDX-License-Identifier: BSD-3-Clause
// The interface table: one immutable record for each interface, replaced as a whole.
//
// Thread: the writer.
#pragma once

#include "mgm/own_address_writer.hpp"
#include "mgm/port_root_writer.hpp"
#include "mgm/spec.hpp"
#include "mgm/table_writer.hpp"

#include <optional>
#include <unordered_map>
#include <vector>

namespace mgm {

class InterfaceWriter {
public:
    InterfaceWriter(Tables tables, BlockArena &arena, RetiredList &retired);

    Result<IfSlot> upsert(const InterfaceSpec &spec);
    Result<void> attach(IfIndex index, const PortAttachment &attachment);
    /// The caller knows that nothing names it any more.
    Result<void> remove(IfIndex index);

    [[nodiscard]] std::optional<IfSlot> slot_of(IfIndex index) const;
    [[nodiscard]] std::optional<IfIndex> index_of(IfSlot slot) const;
    [[nodiscard]] std::uint32_t count() const noexcept {
        return static_cast<std::uint32_t>(slots_.size());
    }

private:
    /// What the writer wants an interface to be.
    struct Wanted {
        InterfaceSpec spec;
        PortAttachment attachment;
    };
    [[nodiscard]] std::optional<IfSlot> take_slot();
    /// Makes the interface at `slot` what `wanted` says, or changes nothing.
    Result<void> apply(IfSlot slot, Wanted wanted);
    Result<void> check_location(IfSlot slot, const Wanted &wanted) const;
    /// kTableFull when there is no room for the addresses of all but `slot`, and of `wanted`.
    Result<void> prepare_addresses(IfSlot slot, const Wanted *wanted);
    void publish(IfSlot slot, BlockRef record);
    void free_slot(IfSlot slot);
    [[nodiscard]] std::optional<Wanted> &at(IfSlot slot) {
        return interfaces_[static_cast<std::uint32_t>(slot)];
    }
    [[nodiscard]] const std::optional<Wanted> &at(IfSlot slot) const {
        return interfaces_[static_cast<std::uint32_t>(slot)];
    }

    Tables tables_;
    BlockArena &arena_;
    RetiredList &retired_;
    PortRootWriter ports_;
    OwnAddressWriter own_addresses_;
    std::vector<std::optional<Wanted>> interfaces_;   ///< by IfSlot
    std::unordered_map<std::uint32_t, IfSlot> slots_; ///< by IfIndex
    std::vector<IfSlot> free_;                        ///< lowest last
};

/// Checks an interface by itself against the segment's geometry (kInvalidArgument).
Result<void> validate(const InterfaceSpec &spec, const Geometry &geometry);

} // namespace mgm
