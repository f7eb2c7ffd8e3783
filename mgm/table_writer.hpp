// SPDX-License-Identifier: BSD-3-Clause
// The single writer of the shared tables. Every update builds the complete new thing, publishes it
// by one release store, retires the old one and frees it after a grace period; nothing here waits
// for readers on the way.
//
// Thread: the control thread only.
#pragma once

#include "mgm/entry_report.hpp"
#include "mgm/grace_period.hpp"
#include "mgm/result.hpp"
#include "mgm/spec.hpp"
#include "mgm/tables.hpp"

#include <memory>

namespace mgm {

/// What a port told us about itself; goes into the records of all interfaces on it.
struct PortAttachment {
    std::uint16_t port_id = kNoPort; ///< kNoPort: the interface is pending
    LinkState state = LinkState::kPending;
    MacAddress mac;              ///< the port's own; InterfaceSpec::mac wins over it
    bool takes_segments = false; ///< it sends frames of several mbufs
    friend bool operator==(const PortAttachment &, const PortAttachment &) = default;
};

/// How much of the capacity is used, for operators.
struct TableUsage {
    std::uint32_t ipv4_entries = 0, ipv6_entries = 0, ipv4_ranges = 0, ipv6_ranges = 0;
    std::uint32_t forward_sets = 0, interfaces = 0, neighbors = 0;
    std::uint32_t block_units = 0;     ///< in use, retired ones included; without programs
    std::uint32_t program_units = 0;   ///< the same of programs
    std::uint32_t without_program = 0; ///< sets that had no room for theirs
    std::uint32_t retired = 0;         ///< waiting for a grace period
};

class TableWriter {
public:
    /// `tables` must be a segment that SegmentBuilder has initialised and nobody else writes to.
    TableWriter(Tables tables, GracePeriod &grace);
    ~TableWriter();
    TableWriter(const TableWriter &) = delete;
    TableWriter &operator=(const TableWriter &) = delete;

    // --- interfaces
    // ------------------------------------------------------------------------------------------
    /// Adds the interface or replaces what is there under its index (addresses, MTU, boundaries …).
    /// Keeps the slot and the port attachment. kTableFull when no slot or block is left.
    Result<IfSlot> upsert_interface(const InterfaceSpec &spec);
    /// Refused (kExists) while a route names it.
    Result<void> remove_interface(IfIndex index);
    /// The interface's port came, went, or changed its link; updates record, port root and VLAN
    /// map.
    Result<void> attach_port(IfIndex index, const PortAttachment &attachment);
    [[nodiscard]] std::optional<IfSlot> slot_of(IfIndex index) const;
    [[nodiscard]] std::optional<IfIndex> index_of(IfSlot slot) const;

    // --- neighbours
    // ------------------------------------------------------------------------------------------
    /// `mac` absent: known no longer; copies to it are dropped as no_neighbor.
    Result<void> set_neighbor(IfIndex interface, const IpAddress &address,
                              std::optional<MacAddress> mac);

    // --- entries
    // ---------------------------------------------------------------------------------------------
    /// Adds the entry, or swaps what it does in one release store. Counters of an existing entry go
    /// on. kInvalidArgument: key not forwardable, SSM wildcard, the only iif among the oifs,
    /// threshold over 256, unknown vrf. kNotFound: unknown interface. kTableFull: entries, ranges
    /// or blocks used up. Nothing changed on error.
    Result<void> upsert(const RouteKey &key, const RouteAction &action);
    /// kNotFound when absent.
    Result<void> remove(const RouteKey &key);
    [[nodiscard]] std::optional<MfeIndex> find(const RouteKey &key) const;

    /// Zeroes without such an entry.
    [[nodiscard]] EntrySums sums(const RouteKey &key) const noexcept;
    /// The same, and its oifs; absent without such an entry.
    [[nodiscard]] std::optional<EntryReport> report(const RouteKey &key) const;

    /// Frees what a grace period has passed for. Called by the control thread's timer and by the
    /// updates themselves. Returns how many things still wait.
    std::uint32_t reclaim();
    [[nodiscard]] TableUsage usage() const;
    [[nodiscard]] const Tables &tables() const noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Checks a key by itself: multicast, forwardable, not an SSM wildcard, network form, source usable
/// and of the same family, source only with a full-length group. The configuration and `upsert`
/// share it.
Result<void> validate(const RouteKey &key);

} // namespace mgm
