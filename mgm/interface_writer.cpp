// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/interface_writer.hpp"

#include "mgm/interface_record.hpp"
#include "mgm/segment_reader.hpp"

#include <utility>

namespace mgm {

InterfaceWriter::InterfaceWriter(Tables tables, BlockArena &arena, RetiredList &retired)
    : tables_(tables),
      arena_(arena),
      retired_(retired),
      ports_(tables, arena),
      own_addresses_(tables, arena),
      interfaces_(tables.geometry().interfaces + 1U) {
    for (std::uint32_t slot = tables.geometry().interfaces; slot >= 1; --slot)
        free_.push_back(IfSlot{slot});
}

Result<IfSlot> InterfaceWriter::upsert(const InterfaceSpec &spec) {
    if (Result<void> valid = validate(spec, tables_.geometry()); !valid)
        return tl::unexpected(valid.error());
    const std::optional<IfSlot> known = slot_of(spec.index);
    if (known && at(*known)->spec == spec)
        return *known;
    const std::optional<IfSlot> slot = known ? known : take_slot();
    if (!slot)
        return fail(Errc::kTableFull, "no room for interface {}: [capacity] interfaces = {}",
                    spec.name, tables_.geometry().interfaces);
    const Result<void> applied =
        apply(*slot, {spec, known ? at(*known)->attachment : PortAttachment{}});
    if (!applied) {
        if (!known)
            free_.push_back(*slot);
        return tl::unexpected(applied.error());
    }
    slots_.emplace(static_cast<std::uint32_t>(spec.index), *slot);
    return *slot;
}

Result<void> InterfaceWriter::attach(IfIndex index, const PortAttachment &attachment) {
    const std::optional<IfSlot> slot = slot_of(index);
    if (!slot)
        return fail(Errc::kNotFound, "cannot attach a port to {}: no such interface", index);
    if (at(*slot)->attachment == attachment)
        return {};
    return apply(*slot, {at(*slot)->spec, attachment});
}

Result<void> InterfaceWriter::remove(IfIndex index) {
    const std::optional<IfSlot> slot = slot_of(index);
    if (!slot)
        return fail(Errc::kNotFound, "cannot remove {}: no such interface", index);
    if (Result<void> prepared = prepare_addresses(*slot, nullptr); !prepared)
        return prepared;
    const Wanted &going = *at(*slot);
    ports_.clear({going.attachment.port_id, going.spec.vlan});
    own_addresses_.publish();
    publish(*slot, kNoBlock);
    slots_.erase(static_cast<std::uint32_t>(index));
    at(*slot).reset();
    retired_.retire([this, slot = *slot] { free_slot(slot); });
    return {};
}

Result<void> InterfaceWriter::apply(IfSlot slot, Wanted wanted) {
    const std::optional<Wanted> &before = at(slot);
    const Location from =
        before ? Location{before->attachment.port_id, before->spec.vlan} : Location{};
    const Location to{wanted.attachment.port_id, wanted.spec.vlan};
    const bool readdressed = !before || before->spec.addresses != wanted.spec.addresses ||
                             before->spec.vrf != wanted.spec.vrf;

    // All that can fail comes before all that can be seen.
    if (Result<void> free = check_location(slot, wanted); !free)
        return free;
    const BlockRef record =
        arena_.make(BlockKind::kInterface, record_of(wanted.spec, wanted.attachment));
    if (record == kNoBlock)
        return fail(Errc::kTableFull,
                    "no room for the record of interface {}: raise [capacity] "
                    "block_units",
                    wanted.spec.name);
    if (readdressed)
        if (Result<void> prepared = prepare_addresses(slot, &wanted); !prepared) {
            arena_.free(record);
            return prepared;
        }
    if (Result<void> prepared = ports_.prepare(to); !prepared) {
        arena_.free(record);
        own_addresses_.discard();
        return prepared;
    }

    if (from != to)
        ports_.clear(from);
    if (readdressed)
        own_addresses_.publish();
    publish(slot, record);
    if (from != to)
        ports_.set(to, slot);
    at(slot) = std::move(wanted);
    return {};
}

Result<void> InterfaceWriter::check_location(IfSlot slot, const Wanted &wanted) const {
    const IfSlot holder = ports_.slot_at({wanted.attachment.port_id, wanted.spec.vlan});
    if (wanted.attachment.port_id == kNoPort || holder == kNoSlot || holder == slot)
        return {};
    return fail(Errc::kExists, "interface {} cannot have port {} vlan {}: interface {} has it",
                wanted.spec.name, wanted.attachment.port_id, wanted.spec.vlan,
                at(holder)->spec.name);
}

Result<void> InterfaceWriter::prepare_addresses(IfSlot slot, const Wanted *wanted) {
    std::vector<OwnAddress> all;
    const auto add = [&all](const InterfaceSpec &spec) {
        for (const IpPrefix &prefix : spec.addresses)
            all.push_back({static_cast<std::uint32_t>(spec.vrf), prefix.address});
    };
    for (const auto &[index, other] : slots_)
        if (other != slot)
            add(at(other)->spec);
    if (wanted != nullptr)
        add(wanted->spec);
    if (own_addresses_.prepare(all))
        return {};
    return fail(Errc::kTableFull,
                "no room for {} addresses of our own: raise [capacity] "
                "block_units",
                all.size());
}

void InterfaceWriter::publish(IfSlot slot, BlockRef record) {
    auto &root = tables_.at<std::atomic<std::uint32_t>>(
        tables_.header().layout.interface_roots)[static_cast<std::uint32_t>(slot)];
    // relaxed: one writer, the value is ours
    const BlockRef before{root.load(std::memory_order_relaxed)};
    // release: the record is visible before its reference; pairs with Tables::interface()
    root.store(static_cast<std::uint32_t>(record), std::memory_order_release);
    arena_.retire(before);
}

std::optional<IfSlot> InterfaceWriter::take_slot() {
    if (free_.empty())
        retired_.wait_and_reclaim();
    if (free_.empty())
        return std::nullopt;
    const IfSlot slot = free_.back();
    free_.pop_back();
    return slot;
}

/// No worker can count on the slot any more: the next interface there starts from what has been
/// counted by now.
void InterfaceWriter::free_slot(IfSlot slot) {
    InterfaceSums sums;
    for (std::uint32_t w = 0; w < tables_.geometry().workers; ++w)
        sums.add(tables_.interface_counters(w, slot));
    sums.store_in(tables_.interface_base(slot));
    free_.push_back(slot);
}

std::optional<IfSlot> InterfaceWriter::slot_of(IfIndex index) const {
    const auto found = slots_.find(static_cast<std::uint32_t>(index));
    return found == slots_.end() ? std::nullopt : std::optional(found->second);
}

std::optional<IfIndex> InterfaceWriter::index_of(IfSlot slot) const {
    if (static_cast<std::uint32_t>(slot) >= interfaces_.size() || !at(slot))
        return std::nullopt;
    return at(slot)->spec.index;
}

Result<void> validate(const InterfaceSpec &spec, const Geometry &geometry) {
    constexpr std::uint16_t kMaxVlan = 4094;
    constexpr std::uint16_t kLowestMtu = 68;       // RFC 791 3.2
    constexpr std::uint16_t kLowestIpv6Mtu = 1280; // RFC 8200 5
    constexpr std::uint16_t kHighestMtu = 9600;
    constexpr std::size_t kMaxPrefixes = 4096;
    const auto refuse = [&spec](std::string_view what) {
        return fail(Errc::kInvalidArgument, "interface \"{}\": {}", spec.name, what);
    };
    if (spec.name.empty() || spec.name.size() >= kInterfaceNameOctets)
        return refuse("the name must have 1 to 31 characters");
    if (spec.vlan > kMaxVlan)
        return refuse(fmt::format("vlan {} is not 0 to {}", spec.vlan, kMaxVlan));
    if (static_cast<std::uint32_t>(spec.vrf) >= geometry.vrfs)
        return refuse(fmt::format("vrf {} is not 0 to {}: [capacity] vrfs",
                                  static_cast<unsigned>(spec.vrf), geometry.vrfs - 1));
    if (spec.ttl_threshold > kTtlThresholdBlock)
        return refuse(fmt::format("ttl_threshold {} is over 256", spec.ttl_threshold));
    if (spec.addresses.size() > kMaxPrefixes || spec.boundaries.size() > kMaxPrefixes)
        return refuse(fmt::format("more than {} addresses or boundaries", kMaxPrefixes));
    bool has_ipv6 = false;
    for (const IpPrefix &address : spec.addresses)
        has_ipv6 = has_ipv6 || address.family() == Family::kIpv6;
    const std::uint16_t lowest = has_ipv6 ? kLowestIpv6Mtu : kLowestMtu;
    if (spec.mtu < lowest || spec.mtu > kHighestMtu)
        return refuse(fmt::format("mtu {} is not {} to {}", spec.mtu, lowest, kHighestMtu));
    return {};
}

} // namespace mgm
