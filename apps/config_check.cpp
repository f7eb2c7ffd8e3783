// SPDX-License-Identifier: BSD-3-Clause
// What can only be judged when everything was read: duplicates, capacities, and the ports that
// follow.
#include "apps/config_draft.hpp"
#include "mgm/address_class.hpp"
#include "mgm/segment.hpp"

#include <algorithm>
#include <map>
#include <numeric>
#include <set>
#include <tuple>

namespace apps {

namespace {

/// Says that the thing at `again` repeats the one at `first`.
template <class Key>
void check_unique(std::map<Key, Position> &seen, const Key &key, Position at, Draft &draft,
                  const std::string &what) {
    const auto [first, is_new] = seen.try_emplace(key, at);
    if (!is_new)
        draft.mistakes.add(at, "{} is used already at {}", what,
                           draft.mistakes.where(first->second));
}

void check_addresses(Draft &draft) {
    std::map<std::pair<mgm::Vrf, mgm::IpAddress>, Position> seen;
    for (std::size_t i = 0; i < draft.config.state.interfaces.size(); ++i) {
        const mgm::InterfaceSpec &spec = draft.config.state.interfaces[i];
        for (const mgm::IpPrefix &prefix : spec.addresses)
            check_unique(seen, {spec.vrf, prefix.address}, draft.interface_at[i], draft,
                         fmt::format("interface {}: address {}", spec.name, prefix.address));
    }
}

void check_neighbors(Draft &draft) {
    std::map<std::pair<mgm::IfIndex, mgm::IpAddress>, Position> seen;
    for (std::size_t i = 0; i < draft.config.state.neighbors.size(); ++i) {
        const mgm::NeighborSpec &spec = draft.config.state.neighbors[i];
        check_unique(seen, {spec.interface, spec.address}, draft.neighbor_at[i], draft,
                     fmt::format("neighbor {} on interface {}", spec.address,
                                 draft.find_interface(spec.interface)->name));
    }
}

/// A next hop without a [[neighbor]] is legal: the MAC may be learnt one day; until then copies are
/// lost.
void warn_of_unknown_next_hops(Draft &draft) {
    std::set<std::pair<mgm::IfIndex, mgm::IpAddress>> known;
    for (const mgm::NeighborSpec &spec : draft.config.state.neighbors)
        known.emplace(spec.interface, spec.address);
    for (std::size_t i = 0; i < draft.config.inline_routes; ++i)
        for (const mgm::OifSpec &oif : draft.config.state.routes[i].action.oifs)
            if (oif.next_hop && !known.contains({oif.interface, *oif.next_hop}))
                draft.mistakes.warn(draft.route_at[i],
                                    "route {}: next_hop {} has no [[neighbor]]; copies to it are "
                                    "dropped as no_neighbor",
                                    draft.config.state.routes[i].key, *oif.next_hop);
}

struct Wanted {
    std::string_view key;
    std::size_t wanted;
    std::uint32_t capacity;
};

} // namespace

void check_interfaces(Draft &draft) {
    std::map<std::string, Position> names;
    std::map<mgm::IfIndex, Position> indexes;
    std::map<std::pair<std::string, std::uint16_t>, Position> places;
    for (std::size_t i = 0; i < draft.config.state.interfaces.size(); ++i) {
        const mgm::InterfaceSpec &spec = draft.config.state.interfaces[i];
        const Position at = draft.interface_at[i];
        if (!spec.name.empty())
            check_unique(names, spec.name, at, draft, fmt::format("interface name {}", spec.name));
        if (spec.index != mgm::IfIndex{})
            check_unique(indexes, spec.index, at, draft,
                         fmt::format("interface {}: index {}", spec.name,
                                     static_cast<std::uint32_t>(spec.index)));
        if (!spec.port.empty())
            check_unique(places, {spec.port, spec.vlan}, at, draft,
                         fmt::format("interface {}: {} of port {}", spec.name,
                                     spec.vlan == 0 ? std::string("the untagged side")
                                                    : fmt::format("vlan {}", spec.vlan),
                                     spec.port));
        if (static_cast<std::uint32_t>(spec.vrf) >= draft.config.geometry.vrfs)
            draft.mistakes.add(at, "interface {}: vrf = {} is outside 0..{}; raise [capacity] vrfs",
                               spec.name, static_cast<unsigned>(spec.vrf),
                               draft.config.geometry.vrfs - 1);
    }
    check_addresses(draft);
    check_neighbors(draft);
}

void check_routes(Draft &draft) {
    const std::vector<mgm::RouteSpec> &routes = draft.config.state.routes;
    std::vector<std::uint32_t> order(routes.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) {
        return std::tie(routes[a].key, a) < std::tie(routes[b].key, b);
    });
    for (std::size_t i = 1; i < order.size(); ++i)
        if (routes[order[i]].key == routes[order[i - 1]].key)
            draft.mistakes.add(draft.route_at[order[i]], "route {} is there already at {}",
                               routes[order[i]].key,
                               draft.mistakes.where(draft.route_at[order[i - 1]]));
    warn_of_unknown_next_hops(draft);
}

void check_capacity(Draft &draft) {
    const mgm::Geometry &geometry = draft.config.geometry;
    if (const mgm::Result<void> valid = mgm::validate(geometry); !valid)
        draft.mistakes.add(draft.capacity_at, "[capacity]: {}", valid.error().what);
    std::array<std::size_t, 2> entries{};
    std::array<std::size_t, 2> ranges{};
    for (const mgm::RouteSpec &route : draft.config.state.routes) {
        const std::size_t family = route.key.group.family() == mgm::Family::kIpv4 ? 0 : 1;
        ++entries[family];
        ranges[family] += route.key.group.is_host() ? 0 : 1;
    }
    std::set<std::pair<mgm::IfIndex, mgm::IpAddress>> next_hops;
    for (const mgm::NeighborSpec &spec : draft.config.state.neighbors)
        next_hops.emplace(spec.interface, spec.address);
    for (std::size_t i = 0; i < draft.config.inline_routes; ++i)
        for (const mgm::OifSpec &oif : draft.config.state.routes[i].action.oifs)
            if (oif.next_hop)
                next_hops.emplace(oif.interface, *oif.next_hop);
    for (const Wanted &row :
         {Wanted{"interfaces", draft.config.state.interfaces.size(), geometry.interfaces},
          Wanted{"neighbors", next_hops.size(), geometry.neighbors},
          Wanted{"ipv4_entries", entries[0], geometry.ipv4_entries},
          Wanted{"ipv6_entries", entries[1], geometry.ipv6_entries},
          Wanted{"ipv4_ranges", ranges[0], geometry.ipv4_ranges},
          Wanted{"ipv6_ranges", ranges[1], geometry.ipv6_ranges}})
        if (row.wanted > row.capacity)
            draft.mistakes.add(draft.capacity_at,
                               "[capacity]: {} = {}, but {} are configured; raise it", row.key,
                               row.capacity, row.wanted);
}

void derive_ports(Draft &draft) {
    Config &config = draft.config;
    std::map<std::string, std::size_t> by_devargs;
    for (std::size_t i = 0; i < config.state.interfaces.size(); ++i) {
        const mgm::InterfaceSpec &spec = config.state.interfaces[i];
        if (spec.port.empty())
            continue;
        const auto [place, is_new] = by_devargs.try_emplace(spec.port, config.ports.size());
        if (is_new)
            config.ports.push_back({spec.port, spec.mtu, std::nullopt, {}});
        dataplane::PortSpec &port = config.ports[place->second];
        port.mtu = std::max(port.mtu, spec.mtu);
        if (spec.vlan == 0 || !port.mac)
            port.mac = spec.mac ? spec.mac : port.mac;
    }
    if (config.ports.size() > mgm::kMaxPorts)
        draft.mistakes.add({0, 0, draft.file}, "{} ports are configured, DPDK has room for {}",
                           config.ports.size(), mgm::kMaxPorts);
    if (config.mbufs_given)
        return;
    // every descriptor of every port may hold one, and workers and rings have some in hand
    constexpr std::uint32_t kSpare = 8191;
    const std::uint32_t descriptors =
        std::uint32_t{config.rx_descriptors} + config.tx_descriptors * config.geometry.workers;
    config.mbufs = static_cast<std::uint32_t>(config.ports.size()) * descriptors + kSpare;
}

} // namespace apps
