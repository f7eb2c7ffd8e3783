// SPDX-License-Identifier: BSD-3-Clause
// Everything that the stress test publishes can be checked from its own contents: a set, a record
// or a key that is half one thing and half another, or is freed memory, shows.
#pragma once

#include "mgm/spec.hpp"
#include "mgm/tables.hpp"

#include <string>
#include <vector>

namespace mgm_test {

using namespace mgm;

inline constexpr std::uint32_t kInterfaces = 200;
inline constexpr std::uint32_t kPrograms = 150;

// Program p sends to the slots p+1 .. p+count(p), so oif 0 tells all the rest.
constexpr std::uint32_t oif_count_of(std::uint32_t first_slot) {
    return 1 + first_slot % 41;
}
constexpr std::uint16_t threshold_of(std::uint32_t slot) {
    return static_cast<std::uint16_t>(slot * 7 % 257);
}
constexpr std::uint32_t iif_count_of(std::uint32_t first_slot) {
    return first_slot % 4;
}

/// Interface i has slot i + 1 and index 1000 + i.
inline IfIndex index_at(std::uint32_t slot) {
    return IfIndex{999 + slot};
}

inline RouteAction program(std::uint32_t number) {
    const std::uint32_t first = number % kPrograms + 1;
    RouteAction action;
    for (std::uint32_t k = 0; k < oif_count_of(first); ++k)
        action.oifs.push_back({index_at(first + k), threshold_of(first + k), std::nullopt});
    for (std::uint32_t k = 0; k < iif_count_of(first); ++k)
        action.iifs.push_back(index_at(kInterfaces - k));
    return action;
}

/// Empty when the set is one that program() describes, else what is wrong.
inline std::string fault_of(const Oif *oifs, std::uint32_t oif_count, const IfSlot *iifs,
                            std::uint32_t iif_count) {
    if (oif_count == 0 || oif_count > 64)
        return "oif count " + std::to_string(oif_count);
    const auto first = static_cast<std::uint32_t>(oifs[0].slot);
    if (first == 0 || first > kPrograms || oif_count != oif_count_of(first) ||
        iif_count != iif_count_of(first))
        return "counts of another set: first slot " + std::to_string(first);
    for (std::uint32_t k = 0; k < oif_count; ++k)
        if (static_cast<std::uint32_t>(oifs[k].slot) != first + k ||
            oifs[k].ttl_threshold != threshold_of(first + k) || oifs[k].neighbor != kGroupMac)
            return "oif " + std::to_string(k) + " of another set";
    for (std::uint32_t k = 0; k < iif_count; ++k)
        if (static_cast<std::uint32_t>(iifs[k]) != kInterfaces - iif_count + 1 + k)
            return "iif " + std::to_string(k) + " of another set";
    return {};
}

inline std::string fault_of(const ForwardSet &set) {
    if (set.header.kind != BlockKind::kForwardSet)
        return "kind " + std::to_string(static_cast<std::uint32_t>(set.header.kind));
    return fault_of(set.oifs(), set.oif_count, set.iifs(), set.iif_count);
}

/// Version v of an interface: everything follows from its MTU.
inline InterfaceSpec interface_version(std::uint32_t slot, std::uint32_t version) {
    InterfaceSpec spec;
    spec.index = index_at(slot);
    spec.mtu = static_cast<std::uint16_t>(1400 + version % 100);
    spec.name = "v" + std::to_string(spec.mtu);
    spec.ttl_threshold = static_cast<std::uint16_t>(spec.mtu % 256);
    for (std::uint32_t i = 0; i < spec.mtu % 5U; ++i)
        spec.addresses.push_back(
            {IpAddress(Ipv4Address{0x0100'000aU + (slot << 8U) + (i << 16U)}), 24});
    return spec;
}

inline std::string fault_of(const InterfaceRecord &record) {
    if (record.header.kind != BlockKind::kInterface || record.mtu < 1400 || record.mtu >= 1500)
        return "no interface: mtu " + std::to_string(record.mtu);
    if (record.ttl_threshold != record.mtu % 256 || record.ipv4_count != record.mtu % 5 ||
        std::string("v") + std::to_string(record.mtu) != record.name.data())
        return "fields of two versions";
    return {};
}

} // namespace mgm_test
