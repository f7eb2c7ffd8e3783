// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/segment_reader.hpp"

#include "mgm/shared_words.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace mgm {

namespace {

/// A writer at full speed changes one record a few times a microsecond at most.
constexpr int kTries = 16;

std::uint64_t octets_needed(const ForwardSet &set) {
    return sizeof set + std::uint64_t{set.oif_count} * sizeof(Oif) +
           std::uint64_t{set.iif_count} * sizeof(IfSlot);
}

std::uint64_t octets_needed(const InterfaceRecord &record) {
    const std::uint64_t ipv4 = std::uint64_t{record.ipv4_count} + record.ipv4_boundary_count;
    const std::uint64_t ipv6 = std::uint64_t{record.ipv6_count} + record.ipv6_boundary_count;
    return sizeof record + ipv4 * sizeof(Ipv4Net) + ipv6 * sizeof(Ipv6Net);
}

IpPrefix prefix_of(const Ipv4Net &net) {
    return {IpAddress(Ipv4Address{net.address_be}),
            static_cast<std::uint8_t>(std::popcount(net.mask_be))};
}
IpPrefix prefix_of(const Ipv6Net &net) {
    return {IpAddress(net.address),
            static_cast<std::uint8_t>(std::min(net.length, kAddressBits<Family::kIpv6>))};
}

template <class Net>
void append(std::vector<IpPrefix> &prefixes, const Net *nets, std::uint32_t count) {
    std::transform(nets, nets + count, std::back_inserter(prefixes),
                   [](const Net &net) { return prefix_of(net); });
}

template <class Text>
std::string text_of(const Text &text) {
    return {text.data(), ::strnlen(text.data(), text.size())};
}

InterfaceCopy copy_of(const InterfaceRecord &record) {
    InterfaceCopy copy;
    copy.index = record.index;
    copy.name = text_of(record.name);
    copy.port_id = record.port_id;
    copy.vlan = record.vlan;
    copy.vrf = record.vrf;
    copy.mtu = record.mtu;
    copy.ttl_threshold = record.ttl_threshold;
    copy.scope_boundary = record.scope_boundary;
    copy.state = std::min(record.state, LinkState::kUp);
    copy.mac = record.mac;
    append(copy.addresses, record.ipv4_addresses(), record.ipv4_count);
    append(copy.boundaries, record.ipv4_boundaries(), record.ipv4_boundary_count);
    append(copy.addresses, record.ipv6_addresses(), record.ipv6_count);
    append(copy.boundaries, record.ipv6_boundaries(), record.ipv6_boundary_count);
    return copy;
}

} // namespace

SegmentReader::SegmentReader(Tables tables)
    : SegmentReader(State{tables.base(), tables.geometry(), plan_of(tables.geometry())}) {}

Result<SegmentReader> SegmentReader::open(std::span<const std::byte> memory) {
    const auto refuse = [](std::string_view why) {
        return fail(Errc::kUnavailable, "cannot read the tables: {}", why);
    };
    if (memory.size() < sizeof(SegmentHeader))
        return refuse("the segment is shorter than its header");
    auto *base =
        const_cast<std::byte *>(memory.data()); // atomics have no const view; never written
    auto &header = *reinterpret_cast<SegmentHeader *>(base);
    // acquire: the header behind it is complete; pairs with initialise_segment() and publish()
    const SegmentState state{header.state.load(std::memory_order_acquire)};
    if (header.magic != kSegmentMagic)
        return refuse("there is no segment of mgm here, or it is not built yet");
    if (header.layout_version != kLayoutVersion)
        return fail(Errc::kVersionMismatch,
                    "cannot read the tables: the daemon's layout has version {}, ours {}; use the "
                    "mgmctl that came with it",
                    header.layout_version, kLayoutVersion);
    if (state != SegmentState::kReady && state != SegmentState::kStopped)
        return refuse("the daemon has not finished its start");
    Geometry geometry;
    take_words(&geometry, &header.geometry, sizeof geometry);
    if (Result<void> valid = validate(geometry); !valid)
        return refuse(valid.error().what);
    SegmentPlan plan = plan_of(geometry);
    if (header.header_octets != sizeof(SegmentHeader) || header.layout != plan.layout)
        return refuse("its offsets are not those of its geometry");
    if (plan.layout.total_octets > memory.size())
        return refuse(fmt::format("its geometry needs {} octets, the segment has {}",
                                  plan.layout.total_octets, memory.size()));
    return SegmentReader(State{base, geometry, std::move(plan)});
}

SegmentIdentity SegmentReader::identity() const {
    const auto &header = at<SegmentHeader>(0);
    SegmentIdentity identity;
    identity.instance = text_of(header.instance);
    identity.pid = header.pid;
    // relaxed (both): numbers for people, they order nothing
    identity.state = SegmentState{header.state.load(std::memory_order_relaxed)};
    identity.reloads = header.reloads.load(std::memory_order_relaxed);
    identity.started_seconds = header.started_seconds;
    return identity;
}

// --- blocks

template <class Fixed>
SegmentReader::Copied SegmentReader::copy_block(const std::atomic<std::uint32_t> &root,
                                                BlockKind kind, Octets &octets) const {
    Copied copied = Copied::kChanging;
    for (int i = 0; i < kTries && copied == Copied::kChanging; ++i)
        copied = try_block<Fixed>(root, kind, octets);
    return copied;
}

/// The root is read again before the generation is: the block is then still the one that the root
/// means, and no other that has come to lie there meanwhile.
template <class Fixed>
SegmentReader::Copied SegmentReader::try_block(const std::atomic<std::uint32_t> &root,
                                               BlockKind kind, Octets &octets) const {
    // acquire: what the reference leads to is visible; pairs with its owner's publishing store
    const std::uint32_t word = root.load(std::memory_order_acquire);
    const auto ref = static_cast<std::uint32_t>(forward_set_in(word)); // other roots have no flag
    if (ref == 0)
        return Copied::kNothing;
    const std::uint32_t all_units = all_block_units(geometry());
    if (ref >= all_units)
        return Copied::kChanging;
    const auto &header = at<BlockHeader>(state_->plan.layout.blocks + std::uint64_t{ref} * kLine);
    // acquire: the words are read after it; pairs with BlockArena::make()
    const std::uint32_t generation = header.generation.load(std::memory_order_acquire);
    octets.assign((sizeof(Fixed) + 7) / 8, 0);
    const std::uint64_t room = std::uint64_t{all_units - ref} * kLine;
    if ((generation & 1U) != 0 || room < sizeof(Fixed))
        return Copied::kChanging;
    take_words(octets.data(), &header, sizeof(Fixed));
    const auto &fixed = *reinterpret_cast<const Fixed *>(octets.data());
    const std::uint64_t needed = octets_needed(fixed);
    if (fixed.header.kind != kind ||
        needed > std::min(room, std::uint64_t{fixed.header.units} * kLine))
        return Copied::kChanging;
    octets.resize((needed + 7) / 8);
    take_words(octets.data(), &header, needed);
    // The counts may have changed between the two copies. The generation says so as well, but noise
    // has no generations.
    if (octets_needed(*reinterpret_cast<const Fixed *>(octets.data())) != needed)
        return Copied::kChanging;
    // acquire: the generation is read after it
    if (root.load(std::memory_order_acquire) != word)
        return Copied::kChanging;
    // relaxed: the acquire loads before it keep it in place; pairs with BlockArena::make(), free()
    return header.generation.load(std::memory_order_relaxed) == generation ? Copied::kWhole
                                                                           : Copied::kChanging;
}

// --- interfaces, neighbors

std::optional<InterfaceCopy> SegmentReader::interface(IfSlot slot) const {
    const auto index = static_cast<std::uint32_t>(slot);
    if (slot == kNoSlot || index > geometry().interfaces)
        return std::nullopt;
    Octets octets;
    const auto &root = at<std::atomic<std::uint32_t>>(state_->plan.layout.interface_roots, index);
    const Copied copied = copy_block<InterfaceRecord>(root, BlockKind::kInterface, octets);
    if (copied == Copied::kNothing)
        return std::nullopt;
    InterfaceCopy copy;
    if (copied == Copied::kWhole)
        copy = copy_of(*reinterpret_cast<const InterfaceRecord *>(octets.data()));
    copy.is_changing = copied == Copied::kChanging;
    copy.slot = slot;
    return copy;
}

std::optional<MacAddress> SegmentReader::neighbor_mac(NeighborSlot slot) const noexcept {
    const auto index = static_cast<std::uint32_t>(slot);
    if (index > geometry().neighbors)
        return std::nullopt;
    const auto &word = at<std::atomic<std::uint64_t>>(state_->plan.layout.neighbors, index);
    return Tables::mac_of(word.load(std::memory_order_relaxed)); // relaxed: it is the whole value
}

// --- entries

template <Family F>
std::optional<EntryCopy<F>> SegmentReader::entry(MfeIndex index) const {
    const auto position = static_cast<std::uint32_t>(index);
    if (index == kNoMfe || position >= entry_limit<F>())
        return std::nullopt;
    const auto &mfe = at<Mfe<F>>(family<F>().entries, position);
    Octets octets;
    for (int i = 0; i < kTries; ++i) {
        // acquire: the words are read after it; pairs with EntryWriter::fill()
        const std::uint32_t generation = mfe.generation.load(std::memory_order_acquire);
        if (generation == 0 || (generation & 1U) != 0)
            return std::nullopt;
        EntryCopy<F> copy;
        copy.index = index;
        std::uint32_t length = 0;
        take_words(&copy.key, &mfe.key, sizeof copy.key);
        take_words(&length, &mfe.group_length, sizeof length);
        take_words(&copy.created_seconds, &mfe.created_seconds, sizeof copy.created_seconds);
        copy.group_length = static_cast<std::uint8_t>(std::min(length & 0xffU, kAddressBits<F>));
        copy.sums = entry_sums<F>(index);
        const Copied copied =
            copy_block<ForwardSet>(mfe.forward_set, BlockKind::kForwardSet, octets);
        // relaxed: the acquire loads before it keep it in place
        if (mfe.generation.load(std::memory_order_relaxed) != generation)
            continue; // gone, and perhaps another entry now
        copy.is_changing = copied != Copied::kWhole;
        if (copied == Copied::kWhole) {
            const auto &set = *reinterpret_cast<const ForwardSet *>(octets.data());
            copy.oifs.assign(set.oifs(), set.oifs() + set.oif_count);
            copy.iifs.assign(set.iifs(), set.iifs() + set.iif_count);
        }
        return copy;
    }
    return std::nullopt; // another one at each look: none of them is there any more
}

template std::optional<EntryCopy<Family::kIpv4>> SegmentReader::entry(MfeIndex) const;
template std::optional<EntryCopy<Family::kIpv6>> SegmentReader::entry(MfeIndex) const;

template <Family F>
EntrySums SegmentReader::entry_sums(MfeIndex index) const noexcept {
    const auto position = static_cast<std::uint32_t>(index);
    EntrySums sums;
    for (const WorkerLayout &worker : state_->plan.workers) {
        const bool is_ipv4 = F == Family::kIpv4;
        const auto &counters =
            at<EntryCounters>(is_ipv4 ? worker.ipv4_counters : worker.ipv6_counters, position);
        const auto &refused = at<Counter>(
            is_ipv4 ? worker.ipv4_different_in_if : worker.ipv6_different_in_if, position);
        for (const Counter &packets : counters.packets)
            sums.packets += packets.read_in_order();
        sums.packets += counters.told_apart.read_in_order();
        sums.octets += counters.octets.read_in_order();
        sums.different_in_if += refused.read_in_order();
    }
    return sums;
}

} // namespace mgm
