// SPDX-License-Identifier: BSD-3-Clause
// Puts the parts together; what each does is in its own file.
#include "mgm/table_writer.hpp"

#include "mgm/block_arena.hpp"
#include "mgm/entry_writer.hpp"
#include "mgm/forward_set_store.hpp"
#include "mgm/interface_writer.hpp"
#include "mgm/neighbor_writer.hpp"

#include <algorithm>

namespace mgm {

namespace {

template <Family F>
EntryKey<F> entry_key(const RouteKey &key) {
    EntryKey<F> entry;
    entry.flow.group = key.group.address.as<F>();
    entry.flow.vrf = static_cast<std::uint32_t>(key.vrf);
    entry.group_length = key.group.length;
    if (key.source)
        entry.flow.source = key.source->as<F>();
    return entry;
}

bool is_unicast(const IpAddress &address) {
    const SourceClass kind = address.family() == Family::kIpv4 ? classify_source(address.v4())
                                                               : classify_source(address.v6());
    return kind == SourceClass::kUsable || kind == SourceClass::kLinkLocal;
}

} // namespace

class TableWriter::Impl {
public:
    Impl(Tables segment, GracePeriod &grace)
        : tables(segment),
          retired(grace),
          arena(segment, retired, 1, segment.geometry().block_units - 1), // unit 0 is kNoBlock
          programs(segment, retired, segment.geometry().block_units,
                   program_units(segment.geometry())),
          neighbors(segment, retired),
          sets(segment, arena, programs, retired, neighbors),
          interfaces(segment, arena, retired),
          ipv4(segment, sets, retired, interfaces, neighbors),
          ipv6(segment, sets, retired, interfaces, neighbors) {}

    Result<void> validate_key(const RouteKey &key) const;
    Result<CanonicalAction> resolve(const RouteKey &key, const RouteAction &action);
    Result<Oif> resolve_oif(const RouteKey &key, const OifSpec &spec);
    void release_idle_neighbors(const CanonicalAction &wanted);
    [[nodiscard]] const InterfaceRecord *record_of(IfIndex index) const;
    void follow(IfSlot slot, const InterfaceRecord *before);
    template <Family F>
    Result<void> upsert(EntryWriter<F> &entries, const RouteKey &key, const RouteAction &action);
    template <Family F>
    Result<void> remove(EntryWriter<F> &entries, const RouteKey &key);

    Tables tables;
    RetiredList retired;
    BlockArena arena;
    BlockArena programs;
    NeighborWriter neighbors;
    ForwardSetStore sets;
    InterfaceWriter interfaces;
    EntryWriter<Family::kIpv4> ipv4;
    EntryWriter<Family::kIpv6> ipv6;
};

Result<void> TableWriter::Impl::validate_key(const RouteKey &key) const {
    if (Result<void> valid = validate(key); !valid)
        return valid;
    if (static_cast<std::uint32_t>(key.vrf) >= tables.geometry().vrfs)
        return fail(Errc::kInvalidArgument, "route {}: vrf is not 0 to {}: [capacity] vrfs", key,
                    tables.geometry().vrfs - 1);
    return {};
}

/// From interface numbers and next hops to slots. On error no neighbor place stays behind.
Result<CanonicalAction> TableWriter::Impl::resolve(const RouteKey &key, const RouteAction &action) {
    CanonicalAction wanted;
    for (const IfIndex iif : action.iifs) {
        const std::optional<IfSlot> slot = interfaces.slot_of(iif);
        if (!slot)
            return fail(Errc::kNotFound, "route {}: iif {} is no interface", key, iif);
        wanted.iifs.push_back(*slot);
    }
    for (const OifSpec &spec : action.oifs) {
        const Result<Oif> oif = resolve_oif(key, spec);
        if (!oif) {
            release_idle_neighbors(wanted);
            return tl::unexpected(oif.error());
        }
        wanted.oifs.push_back(*oif);
    }
    wanted.canonicalise();
    const bool loops = wanted.iifs.size() == 1 &&
                       std::any_of(wanted.oifs.begin(), wanted.oifs.end(),
                                   [&](const Oif &oif) { return oif.slot == wanted.iifs.front(); });
    if (!loops)
        return wanted;
    release_idle_neighbors(wanted);
    return fail(Errc::kInvalidArgument, "route {}: its only iif {} is among the oifs", key,
                action.iifs.front());
}

Result<Oif> TableWriter::Impl::resolve_oif(const RouteKey &key, const OifSpec &spec) {
    const std::optional<IfSlot> slot = interfaces.slot_of(spec.interface);
    if (!slot)
        return fail(Errc::kNotFound, "route {}: oif {} is no interface", key, spec.interface);
    if (spec.ttl_threshold > kTtlThresholdBlock)
        return fail(Errc::kInvalidArgument, "route {}: ttl_threshold {} of {} is over 256", key,
                    spec.ttl_threshold, spec.interface);
    Oif oif{*slot, kGroupMac, spec.ttl_threshold, 0};
    if (!spec.next_hop)
        return oif;
    if (!is_unicast(*spec.next_hop))
        return fail(Errc::kInvalidArgument, "route {}: next hop {} is not a unicast address", key,
                    *spec.next_hop);
    const std::optional<NeighborSlot> neighbor = neighbors.slot_of(*slot, *spec.next_hop);
    if (!neighbor)
        return fail(Errc::kTableFull,
                    "route {}: no room for next hop {}: [capacity] neighbors = {}", key,
                    *spec.next_hop, tables.geometry().neighbors);
    oif.neighbor = *neighbor;
    return oif;
}

void TableWriter::Impl::release_idle_neighbors(const CanonicalAction &wanted) {
    for (const Oif &oif : wanted.oifs)
        neighbors.release_if_idle(oif.neighbor);
}

const InterfaceRecord *TableWriter::Impl::record_of(IfIndex index) const {
    const std::optional<IfSlot> slot = interfaces.slot_of(index);
    return slot ? tables.interface(*slot) : nullptr;
}

/// Programs say what interfaces were when they were made: if `before` is no longer the slot's
/// record, those that name it are made again.
void TableWriter::Impl::follow(IfSlot slot, const InterfaceRecord *before) {
    if (tables.interface(slot) != before)
        sets.interface_changed(slot);
}

template <Family F>
Result<void> TableWriter::Impl::upsert(EntryWriter<F> &entries, const RouteKey &key,
                                       const RouteAction &action) {
    const Result<CanonicalAction> wanted = resolve(key, action);
    if (!wanted)
        return tl::unexpected(wanted.error());
    const BlockRef set = sets.acquire(*wanted);
    if (set == kNoBlock) {
        release_idle_neighbors(*wanted);
        return fail(Errc::kTableFull,
                    "route {}: no room for its {} oifs: raise [capacity] "
                    "block_units",
                    key, wanted->oifs.size());
    }
    const EntryKey<F> entry = entry_key<F>(key);
    const MfeIndex known = entries.find(entry);
    if (known == kNoMfe) {
        Result<void> inserted = entries.insert(entry, set);
        if (!inserted) {
            sets.release(set);
            return fail(inserted.error().code, "route {}: {}", key, inserted.error().what);
        }
        return {};
    }
    if (entries.set_of(known) == set)
        sets.release(set); // it does that already: touch nothing
    else
        entries.swap_set(known, set);
    return {};
}

template <Family F>
Result<void> TableWriter::Impl::remove(EntryWriter<F> &entries, const RouteKey &key) {
    const EntryKey<F> entry = entry_key<F>(key);
    const MfeIndex index = entries.find(entry);
    if (index == kNoMfe)
        return fail(Errc::kNotFound, "route {} does not exist", key);
    entries.remove(entry, index);
    return {};
}

TableWriter::TableWriter(Tables tables, GracePeriod &grace)
    : impl_(std::make_unique<Impl>(tables, grace)) {}

TableWriter::~TableWriter() = default;

// --- interfaces

Result<IfSlot> TableWriter::upsert_interface(const InterfaceSpec &spec) {
    reclaim();
    const InterfaceRecord *before = impl_->record_of(spec.index);
    Result<IfSlot> slot = impl_->interfaces.upsert(spec);
    if (slot)
        impl_->follow(*slot, before);
    return slot;
}

Result<void> TableWriter::remove_interface(IfIndex index) {
    reclaim();
    const std::optional<IfSlot> slot = slot_of(index);
    if (slot && impl_->sets.uses_of(*slot) != 0)
        return fail(Errc::kExists, "cannot remove {}: routes use it", index);
    Result<void> removed = impl_->interfaces.remove(index);
    if (removed)
        impl_->neighbors.remove_interface(*slot);
    return removed;
}

Result<void> TableWriter::attach_port(IfIndex index, const PortAttachment &attachment) {
    reclaim();
    const InterfaceRecord *before = impl_->record_of(index);
    Result<void> attached = impl_->interfaces.attach(index, attachment);
    if (attached)
        impl_->follow(*slot_of(index), before);
    return attached;
}

std::optional<IfSlot> TableWriter::slot_of(IfIndex index) const {
    return impl_->interfaces.slot_of(index);
}

std::optional<IfIndex> TableWriter::index_of(IfSlot slot) const {
    return impl_->interfaces.index_of(slot);
}

// --- neighbours

Result<void> TableWriter::set_neighbor(IfIndex interface, const IpAddress &address,
                                       std::optional<MacAddress> mac) {
    reclaim();
    const std::optional<IfSlot> slot = slot_of(interface);
    if (!slot)
        return fail(Errc::kNotFound, "neighbor {}: {} is no interface", address, interface);
    if (!is_unicast(address))
        return fail(Errc::kInvalidArgument, "neighbor {} is not a unicast address", address);
    if (mac && mac->is_group())
        return fail(Errc::kInvalidArgument, "neighbor {}: {} is a group's MAC", address, *mac);
    const std::optional<NeighborSlot> neighbor = impl_->neighbors.slot_of(*slot, address);
    if (!neighbor)
        return fail(Errc::kTableFull, "neighbor {}: no room: [capacity] neighbors = {}", address,
                    impl_->tables.geometry().neighbors);
    impl_->neighbors.set_mac(*neighbor, mac);
    return {};
}

// --- entries

Result<void> TableWriter::upsert(const RouteKey &key, const RouteAction &action) {
    reclaim();
    if (Result<void> valid = impl_->validate_key(key); !valid)
        return valid;
    return key.group.family() == Family::kIpv4 ? impl_->upsert(impl_->ipv4, key, action)
                                               : impl_->upsert(impl_->ipv6, key, action);
}

Result<void> TableWriter::remove(const RouteKey &key) {
    reclaim();
    if (Result<void> valid = impl_->validate_key(key); !valid)
        return valid;
    return key.group.family() == Family::kIpv4 ? impl_->remove(impl_->ipv4, key)
                                               : impl_->remove(impl_->ipv6, key);
}

std::optional<MfeIndex> TableWriter::find(const RouteKey &key) const {
    if (!impl_->validate_key(key))
        return std::nullopt;
    const MfeIndex index = key.group.family() == Family::kIpv4
                               ? impl_->ipv4.find(entry_key<Family::kIpv4>(key))
                               : impl_->ipv6.find(entry_key<Family::kIpv6>(key));
    return index == kNoMfe ? std::nullopt : std::optional(index);
}

EntrySums TableWriter::sums(const RouteKey &key) const noexcept {
    const std::optional<MfeIndex> index = find(key);
    if (!index)
        return {};
    return key.group.family() == Family::kIpv4 ? impl_->ipv4.sums(*index)
                                               : impl_->ipv6.sums(*index);
}

std::optional<EntryReport> TableWriter::report(const RouteKey &key) const {
    const std::optional<MfeIndex> index = find(key);
    if (!index)
        return std::nullopt;
    return key.group.family() == Family::kIpv4 ? impl_->ipv4.report(*index)
                                               : impl_->ipv6.report(*index);
}

std::uint32_t TableWriter::reclaim() {
    impl_->retired.reclaim();
    impl_->sets.retry_program();
    return impl_->retired.size();
}

TableUsage TableWriter::usage() const {
    TableUsage usage;
    usage.ipv4_entries = impl_->ipv4.count();
    usage.ipv6_entries = impl_->ipv6.count();
    usage.ipv4_ranges = impl_->ipv4.range_count();
    usage.ipv6_ranges = impl_->ipv6.range_count();
    usage.forward_sets = impl_->sets.count();
    usage.interfaces = impl_->interfaces.count();
    usage.neighbors = impl_->neighbors.count();
    usage.block_units = impl_->arena.units_used();
    usage.program_units = impl_->programs.units_used();
    usage.without_program = impl_->sets.without_program();
    usage.retired = impl_->retired.size();
    return usage;
}

const Tables &TableWriter::tables() const noexcept {
    return impl_->tables;
}

} // namespace mgm
