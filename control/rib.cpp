// SPDX-License-Identifier: BSD-3-Clause
#include "control/rib.hpp"

#include "mgm/address_class.hpp"

#include <algorithm>
#include <tuple>

namespace control {
namespace {

using mgm::Errc;
using mgm::fail;
using mgm::IpAddress;

bool is_group(const IpAddress &address) {
    return address.family() == mgm::Family::kIpv4 ? mgm::is_multicast(address.v4())
                                                  : mgm::is_multicast(address.v6());
}

/// All zero stands for "no neighbour" wherever a route is reported, so it can be nobody's address.
bool is_neighbor(const IpAddress &address) {
    return !is_group(address) && address.octets() != std::array<std::uint8_t, 16>{};
}

mgm::Result<void> check(const RibRoute &route) {
    const mgm::IpPrefix &prefix = route.prefix;
    if (prefix.length > prefix.address.bits() || prefix != prefix.network())
        return fail(Errc::kInvalidArgument, "mroute {}: bits behind the length; {} is the network",
                    prefix, prefix.network());
    if (is_group(prefix.address))
        return fail(Errc::kInvalidArgument,
                    "mroute {}: a group; mroutes lead to sources of multicast", prefix);
    if (!route.neighbor)
        return {};
    if (route.neighbor->family() != prefix.family())
        return fail(Errc::kInvalidArgument, "mroute {} via {}: the neighbor is of another family",
                    prefix, *route.neighbor);
    if (!is_neighbor(*route.neighbor))
        return fail(Errc::kInvalidArgument, "mroute {} via {}: no address that a neighbor can have",
                    prefix, *route.neighbor);
    return {};
}

/// Routes of one prefix: the first is the one in use. A connected one has no neighbour and comes
/// before those that have.
bool is_better(const RibRoute &a, const RibRoute &b) {
    return std::tie(a.preference, a.interface, a.neighbor) <
           std::tie(b.preference, b.interface, b.neighbor);
}

bool is_same(const RibRoute &a, const RibRoute &b) {
    return a.interface == b.interface && a.neighbor == b.neighbor;
}

} // namespace

mgm::Result<void> Rib::add(const RibRoute &route) {
    if (auto checked = check(route); !checked)
        return checked;
    std::vector<RibRoute> &routes = networks_[place(route)][route.prefix.address];
    size_ +=
        1 - std::erase_if(routes, [&](const RibRoute &other) { return is_same(other, route); });
    routes.insert(std::upper_bound(routes.begin(), routes.end(), route, is_better), route);
    return {};
}

mgm::Result<void> Rib::remove(const RibRoute &route) {
    const auto networks = networks_.find(place(route));
    if (networks != networks_.end()) {
        const auto found = networks->second.find(route.prefix.address);
        if (found != networks->second.end() &&
            std::erase_if(found->second,
                          [&](const RibRoute &other) { return is_same(other, route); }) != 0) {
            --size_;
            if (found->second.empty())
                networks->second.erase(found);
            if (networks->second.empty())
                networks_.erase(networks);
            return {};
        }
    }
    return fail(Errc::kNotFound, "mroute {} via {} on {}: there is none", route.prefix,
                route.neighbor ? to_string(*route.neighbor) : "no neighbor", route.interface);
}

std::optional<RibRoute> Rib::lookup(mgm::Vrf vrf, const IpAddress &source) const {
    const auto longest = static_cast<std::uint8_t>(source.bits());
    auto networks = networks_.lower_bound({vrf, source.family(), longest});
    for (; networks != networks_.end() && networks->first.vrf == vrf &&
           networks->first.family == source.family();
         ++networks) {
        const mgm::IpPrefix prefix{source, networks->first.length};
        const auto found = networks->second.find(prefix.network().address);
        if (found != networks->second.end())
            return found->second.front();
    }
    return std::nullopt;
}

std::vector<RibRoute> Rib::routes() const {
    std::vector<RibRoute> all;
    all.reserve(size_);
    for (const auto &[place, networks] : networks_)
        for (const auto &[network, routes] : networks)
            all.insert(all.end(), routes.begin(), routes.end());
    std::stable_sort(all.begin(), all.end(), [](const RibRoute &a, const RibRoute &b) {
        return std::tie(a.vrf, a.prefix) < std::tie(b.vrf, b.prefix);
    });
    return all;
}

Rib::Place Rib::place(const RibRoute &route) {
    return {route.vrf, route.prefix.family(), route.prefix.length};
}

} // namespace control
