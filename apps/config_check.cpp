// SPDX-License-Identifier: BSD-3-Clause
// What no part of the configuration can know by itself: duplicates, and everything against
// [capacity].
#include "apps/config_draft.hpp"
#include "mgm/segment.hpp"

#include <algorithm>
#include <functional>
#include <set>
#include <string_view>

namespace apps {

namespace {

/// Reports every interface whose `key` an earlier one has. `text` says what the two share.
template <class Key, class Text>
void check_unique(Draft &draft, Key key, Text text) {
    std::map<decltype(key(std::declval<const mgm::InterfaceSpec &>())), std::size_t> seen;
    const std::vector<mgm::InterfaceSpec> &interfaces = draft.config.state.interfaces;
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
        if (interfaces[i].name.empty()) // reported already
            continue;
        const auto [first, is_new] = seen.try_emplace(key(interfaces[i]), i);
        if (!is_new)
            draft.mistakes.add(draft.interface_at[i], "interface {}: {} {} ({})",
                               interfaces[i].name, text(interfaces[i]),
                               interfaces[first->second].name,
                               draft.mistakes.where(draft.interface_at[first->second]));
    }
}

void check_names_and_indexes(Draft &draft) {
    check_unique(
        draft, [](const mgm::InterfaceSpec &spec) { return spec.name; },
        [](const mgm::InterfaceSpec &) { return "has the same name as"; });
    std::map<mgm::IfIndex, std::size_t> seen;
    for (std::size_t i = 0; i < draft.config.state.interfaces.size(); ++i) {
        const mgm::InterfaceSpec &spec = draft.config.state.interfaces[i];
        if (spec.index == mgm::IfIndex{})
            continue;
        const auto [first, is_new] = seen.try_emplace(spec.index, i);
        if (!is_new)
            draft.mistakes.add(draft.interface_at[i], "interface {}: index {} is taken by {} ({})",
                               spec.name, static_cast<std::uint32_t>(spec.index),
                               draft.config.state.interfaces[first->second].name,
                               draft.mistakes.where(draft.interface_at[first->second]));
    }
}

std::string_view device_of(std::string_view port) {
    return port.substr(0, port.find(','));
}

/// Interfaces of one port: different VLANs, the same devargs, no two MACs.
void check_shared_ports(Draft &draft) {
    std::map<std::string_view, std::size_t> first_of_device;
    std::map<std::pair<std::string_view, std::uint16_t>, std::size_t> first_of_vlan;
    const std::vector<mgm::InterfaceSpec> &interfaces = draft.config.state.interfaces;
    for (std::size_t i = 0; i < interfaces.size(); ++i) {
        const mgm::InterfaceSpec &spec = interfaces[i];
        if (spec.port.empty())
            continue;
        const auto report = [&](std::string_view what, std::size_t other) {
            draft.mistakes.add(draft.interface_at[i], "interface {}: {} {} ({})", spec.name, what,
                               interfaces[other].name,
                               draft.mistakes.where(draft.interface_at[other]));
        };
        const std::string_view device = device_of(spec.port);
        const auto [same, is_new] = first_of_device.try_emplace(device, i);
        const mgm::InterfaceSpec &first = interfaces[same->second];
        if (!is_new && first.port != spec.port)
            report(fmt::format("device {} has other arguments than at interface", device),
                   same->second);
        if (!is_new && first.mac != spec.mac)
            report("wants another MAC on the same port than interface", same->second);
        const auto [vlan, is_free] = first_of_vlan.try_emplace({device, spec.vlan}, i);
        if (!is_free)
            report(spec.vlan == 0
                       ? fmt::format("port {} without VLAN belongs to interface", device)
                       : fmt::format("vlan {} of port {} belongs to interface", spec.vlan, device),
                   vlan->second);
    }
    if (first_of_device.size() > mgm::kMaxPorts)
        draft.mistakes.add({0, 0, draft.file},
                           "{} ports are more than the {} that DPDK can drive; use VLANs",
                           first_of_device.size(), mgm::kMaxPorts);
}

void check_addresses(Draft &draft) {
    std::map<std::pair<mgm::Vrf, mgm::IpAddress>, std::size_t> seen;
    const std::vector<mgm::InterfaceSpec> &interfaces = draft.config.state.interfaces;
    for (std::size_t i = 0; i < interfaces.size(); ++i)
        for (const mgm::IpPrefix &address : interfaces[i].addresses) {
            const bool is_per_link = is_link_local(address.address);
            const auto [first, is_new] = seen.try_emplace({interfaces[i].vrf, address.address}, i);
            if (!is_new && (!is_per_link || first->second == i))
                draft.mistakes.add(
                    draft.interface_at[i], "interface {}: address {} is also on interface {} ({})",
                    interfaces[i].name, address.address, interfaces[first->second].name,
                    draft.mistakes.where(draft.interface_at[first->second]));
        }
}

bool is_same(const mgm::RouteSpec &a, const mgm::RouteSpec &b) {
    return a.key == b.key && a.source_range == b.source_range;
}

std::size_t hash_of(const mgm::RouteSpec &route) noexcept {
    const mgm::RouteKey &key = route.key;
    const auto text = [](const mgm::IpAddress &address) {
        return std::string_view(reinterpret_cast<const char *>(address.octets().data()),
                                address.octets().size());
    };
    constexpr std::size_t kMultiplier = 0x9e37'79b9'7f4a'7c15;
    std::size_t hash = std::hash<std::string_view>{}(text(key.group.address));
    if (key.source)
        hash = hash * kMultiplier + std::hash<std::string_view>{}(text(*key.source));
    if (route.source_range)
        hash = hash * kMultiplier +
               std::hash<std::string_view>{}(text(route.source_range->address)) +
               route.source_range->length;
    return hash * kMultiplier + key.group.length +
           (std::size_t{static_cast<unsigned>(key.vrf)} << 8);
}

/// What the routes of one family take.
struct Demand {
    std::size_t entries = 0;
    std::size_t ranges = 0; ///< entries for a prefix
};

Demand demand_of(const std::vector<mgm::RouteSpec> &routes, mgm::Family family) {
    Demand demand;
    for (const mgm::RouteSpec &route : routes) {
        if (route.key.group.family() != family)
            continue;
        if (!route.makes_entry())
            continue;
        ++demand.entries;
        if (!route.key.group.is_host())
            ++demand.ranges;
    }
    return demand;
}

/// Neighbors and next hops; who is both counts once.
std::size_t count_neighbors(const Draft &draft) {
    std::set<std::pair<mgm::IfIndex, mgm::IpAddress>> places;
    for (const auto &[place, at] : draft.neighbor_by_place)
        places.insert(place);
    for (const mgm::RouteSpec &route : draft.config.state.routes)
        for (const mgm::OifSpec &oif : route.action.oifs)
            if (oif.next_hop)
                places.emplace(oif.interface, *oif.next_hop);
    return places.size();
}

void check_vrfs(Draft &draft) {
    const std::uint32_t vrfs = draft.config.geometry.vrfs;
    const std::vector<mgm::InterfaceSpec> &interfaces = draft.config.state.interfaces;
    for (std::size_t i = 0; i < interfaces.size(); ++i)
        if (static_cast<std::uint32_t>(interfaces[i].vrf) >= vrfs)
            draft.mistakes.add(draft.interface_at[i],
                               "interface {}: vrf {} is not below [capacity] vrfs = {}",
                               interfaces[i].name, static_cast<unsigned>(interfaces[i].vrf), vrfs);
}

} // namespace

void check_interfaces(Draft &draft) {
    check_names_and_indexes(draft);
    check_shared_ports(draft);
    check_addresses(draft);
}

void check_routes(Draft &draft) {
    const std::vector<mgm::RouteSpec> &routes = draft.config.state.routes;
    std::vector<std::pair<std::size_t, std::uint32_t>> hashes;
    hashes.reserve(routes.size());
    for (std::size_t i = 0; i < routes.size(); ++i)
        hashes.emplace_back(hash_of(routes[i]), static_cast<std::uint32_t>(i));
    std::sort(hashes.begin(), hashes.end()); // equal keys end side by side, in the files' order
    std::vector<std::pair<std::uint32_t, std::uint32_t>> repeats; // later, first
    for (std::size_t i = 1, first = 0; i < hashes.size(); ++i) {
        if (hashes[i].first != hashes[first].first)
            first = i;
        for (std::size_t j = first; j < i; ++j)
            if (is_same(routes[hashes[j].second], routes[hashes[i].second])) {
                repeats.emplace_back(hashes[i].second, hashes[j].second);
                break;
            }
    }
    std::sort(repeats.begin(), repeats.end());
    for (const auto &[later, first] : repeats)
        draft.mistakes.add(draft.route_at[later], "route {} is there already ({})", routes[later],
                           draft.mistakes.where(draft.route_at[first]));
}

void check_capacity(Draft &draft) {
    const mgm::Geometry &geometry = draft.config.geometry;
    if (const mgm::Result<void> valid = mgm::validate(geometry); !valid)
        return draft.mistakes.add(draft.capacity_at, "[capacity]: {}", valid.error().what);
    const auto check = [&](std::size_t wanted, std::size_t capacity, std::string_view what,
                           std::string_view key) {
        if (wanted > capacity)
            draft.mistakes.add(draft.capacity_at,
                               "{} {} are more than [capacity] {} = {}; raise it", wanted, what,
                               key, capacity);
    };
    const mgm::DesiredState &state = draft.config.state;
    const Demand ipv4 = demand_of(state.routes, mgm::Family::kIpv4);
    const Demand ipv6 = demand_of(state.routes, mgm::Family::kIpv6);
    check(state.interfaces.size(), geometry.interfaces, "interfaces", "interfaces");
    check(count_neighbors(draft), geometry.neighbors, "neighbors and next hops", "neighbors");
    check(ipv4.entries, geometry.ipv4_entries, "IPv4 routes", "ipv4_entries");
    check(ipv6.entries, geometry.ipv6_entries, "IPv6 routes", "ipv6_entries");
    check(ipv4.ranges, geometry.ipv4_ranges, "IPv4 prefix routes", "ipv4_ranges");
    check(ipv6.ranges, geometry.ipv6_ranges, "IPv6 prefix routes", "ipv6_ranges");
    check_vrfs(draft);
}

} // namespace apps
