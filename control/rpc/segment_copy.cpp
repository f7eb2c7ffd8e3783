// SPDX-License-Identifier: BSD-3-Clause
#include "control/rpc/segment_copy.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

namespace control::rpc {

namespace {

constexpr int kTries = 8;

/// A copy of the block's octets, or nothing when it changed meanwhile or is not of this kind.
std::optional<std::vector<std::uint64_t>> copy_block(mgm::Tables tables, std::uint32_t ref,
                                                     mgm::BlockKind kind) {
    const std::uint32_t all_units = tables.geometry().block_units;
    if (ref == 0 || ref >= all_units)
        return std::nullopt;
    const auto &header = tables.block<mgm::BlockHeader>(mgm::BlockRef{ref});
    const std::uint32_t generation = header.generation.load(std::memory_order_acquire);
    const std::uint32_t units = header.units;
    if ((generation & 1U) != 0 || header.kind != kind || units == 0 || units > all_units - ref)
        return std::nullopt;
    std::vector<std::uint64_t> copy(units * mgm::kLine / sizeof(std::uint64_t));
    std::memcpy(copy.data(), &header, units * mgm::kLine);
    std::atomic_thread_fence(std::memory_order_acquire);
    if (header.generation.load(std::memory_order_relaxed) != generation)
        return std::nullopt;
    return copy;
}

mgm::IpPrefix prefix_of(const mgm::Ipv4Net &net) {
    return {mgm::IpAddress(mgm::Ipv4Address{net.address_be}),
            static_cast<std::uint8_t>(std::popcount(net.mask_be))};
}
mgm::IpPrefix prefix_of(const mgm::Ipv6Net &net) {
    return {mgm::IpAddress(net.address), static_cast<std::uint8_t>(net.length)};
}

template <class Net>
void add(std::vector<mgm::IpPrefix> &prefixes, const Net *nets, unsigned count) {
    for (unsigned i = 0; i < count; ++i)
        prefixes.push_back(prefix_of(nets[i]));
}

InterfaceCopy to_copy(const mgm::InterfaceRecord &record) {
    InterfaceCopy copy;
    copy.index = record.index;
    copy.name.assign(record.name.data(), ::strnlen(record.name.data(), record.name.size()));
    copy.vlan = record.vlan;
    copy.vrf = record.vrf;
    copy.mtu = record.mtu;
    copy.ttl_threshold = record.ttl_threshold;
    copy.scope_boundary = record.scope_boundary;
    copy.state = record.state;
    copy.mac = record.mac;
    add(copy.addresses, record.ipv4_addresses(), record.ipv4_count);
    add(copy.addresses, record.ipv6_addresses(), record.ipv6_count);
    add(copy.boundaries, record.ipv4_boundaries(), record.ipv4_boundary_count);
    add(copy.boundaries, record.ipv6_boundaries(), record.ipv6_boundary_count);
    return copy;
}

} // namespace

std::optional<InterfaceCopy> copy_interface(mgm::Tables tables, mgm::IfSlot slot) {
    const auto &root = tables.at<std::atomic<std::uint32_t>>(
        tables.header().layout.interface_roots)[static_cast<std::uint32_t>(slot)];
    for (int i = 0; i < kTries; ++i) {
        const std::uint32_t ref = root.load(std::memory_order_acquire);
        if (ref == 0)
            return std::nullopt;
        if (const auto octets = copy_block(tables, ref, mgm::BlockKind::kInterface))
            return to_copy(*reinterpret_cast<const mgm::InterfaceRecord *>(octets->data()));
    }
    return std::nullopt;
}

template <mgm::Family F>
std::optional<EntryCopy<F>> copy_entry(mgm::Tables tables, mgm::MfeIndex index) {
    const mgm::Mfe<F> &mfe = tables.mfe<F>(index);
    for (int i = 0; i < kTries; ++i) {
        const std::uint32_t generation = mfe.generation.load(std::memory_order_acquire);
        const std::uint32_t ref = mfe.forward_set.load(std::memory_order_acquire);
        if ((generation & 1U) != 0 || ref == 0)
            return std::nullopt;
        EntryCopy<F> copy;
        copy.key = mfe.key;
        copy.group_length = mfe.group_length;
        copy.created_seconds = mfe.created_seconds;
        const auto octets = copy_block(tables, ref, mgm::BlockKind::kForwardSet);
        std::atomic_thread_fence(std::memory_order_acquire);
        if (mfe.generation.load(std::memory_order_relaxed) != generation)
            continue;
        if (!octets) {
            copy.is_changing = i + 1 == kTries;
            if (copy.is_changing)
                return copy;
            continue;
        }
        const auto &set = *reinterpret_cast<const mgm::ForwardSet *>(octets->data());
        copy.oifs.assign(set.oifs(), set.oifs() + set.oif_count);
        copy.iifs.assign(set.iifs(), set.iifs() + set.iif_count);
        return copy;
    }
    return std::nullopt;
}

template std::optional<EntryCopy<mgm::Family::kIpv4>> copy_entry(mgm::Tables, mgm::MfeIndex);
template std::optional<EntryCopy<mgm::Family::kIpv6>> copy_entry(mgm::Tables, mgm::MfeIndex);

} // namespace control::rpc
