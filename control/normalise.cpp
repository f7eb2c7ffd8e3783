// SPDX-License-Identifier: BSD-3-Clause
#include "control/state_diff.hpp"
#include "mgm/table_writer.hpp"

#include <fmt/format.h>
#include <oneapi/tbb/parallel_sort.h>

#include <algorithm>
#include <array>
#include <set>
#include <string>
#include <tuple>
#include <utility>

namespace control {

namespace {

using mgm::Errc;
using mgm::IfIndex;

/// Collects mistakes: an operator wants all of them, but not a million lines.
class Mistakes {
public:
    template <class... Args>
    void add(Errc code, fmt::format_string<Args...> format, Args &&...args) {
        if (count_++ == 0)
            error_.code = code;
        if (count_ > kMostLines)
            return;
        if (!error_.what.empty())
            error_.what += '\n';
        error_.what += fmt::format(format, std::forward<Args>(args)...);
    }
    [[nodiscard]] bool any() const noexcept { return count_ != 0; }
    [[nodiscard]] mgm::Error take() {
        if (count_ > kMostLines)
            error_.what += fmt::format("\nand {} more mistakes", count_ - kMostLines);
        return std::move(error_);
    }

private:
    static constexpr std::size_t kMostLines = 50;
    std::size_t count_ = 0;
    mgm::Error error_;
};

template <class T, class Key>
void sort_by(std::vector<T> &items, Key key) {
    const auto less = [&](const T &a, const T &b) { return key(a) < key(b); };
    if (!std::is_sorted(items.begin(), items.end(), less))
        tbb::parallel_sort(items.begin(), items.end(), less);
}

template <class T>
void sort_unique(std::vector<T> &items) {
    std::sort(items.begin(), items.end());
    items.erase(std::unique(items.begin(), items.end()), items.end());
}

/// In their order: the first one is what protocols are shown.
void drop_repeats(std::vector<IfIndex> &iifs) {
    if (iifs.size() < 2)
        return;
    std::set<IfIndex> seen;
    std::erase_if(iifs, [&](IfIndex iif) { return !seen.insert(iif).second; });
}

std::pair<IfIndex, mgm::IpAddress> neighbor_key(const mgm::NeighborSpec &neighbor) {
    return {neighbor.interface, neighbor.address};
}

bool has_interface(const NormalState &state, IfIndex index) {
    const auto at =
        std::lower_bound(state.interfaces.begin(), state.interfaces.end(), index,
                         [](const mgm::InterfaceSpec &spec, IfIndex i) { return spec.index < i; });
    return at != state.interfaces.end() && at->index == index;
}

void check_interfaces(const NormalState &state, const mgm::Geometry &geometry, Mistakes &mistakes) {
    std::vector<std::pair<std::string, IfIndex>> names;
    std::vector<std::tuple<std::string, std::uint16_t, IfIndex>> places;
    for (const mgm::InterfaceSpec &spec : state.interfaces) {
        names.emplace_back(spec.name, spec.index);
        places.emplace_back(spec.port, spec.vlan, spec.index);
        if (static_cast<std::uint32_t>(spec.vrf) >= geometry.vrfs)
            mistakes.add(Errc::kInvalidArgument, "interface {}: vrf {} is not below {}", spec.name,
                         static_cast<unsigned>(spec.vrf), geometry.vrfs);
    }
    for (std::size_t i = 1; i < state.interfaces.size(); ++i)
        if (state.interfaces[i].index == state.interfaces[i - 1].index)
            mistakes.add(Errc::kInvalidArgument, "interfaces {} and {} have the same index {}",
                         state.interfaces[i - 1].name, state.interfaces[i].name,
                         static_cast<std::uint32_t>(state.interfaces[i].index));
    std::sort(names.begin(), names.end());
    for (std::size_t i = 1; i < names.size(); ++i)
        if (names[i].first == names[i - 1].first)
            mistakes.add(Errc::kInvalidArgument, "interfaces {} and {} have the same name {}",
                         names[i - 1].second, names[i].second, names[i].first);
    std::sort(places.begin(), places.end());
    for (std::size_t i = 1; i < places.size(); ++i) {
        const auto &[port, vlan, index] = places[i];
        const auto &[last_port, last_vlan, last_index] = places[i - 1];
        if (port == last_port && vlan == last_vlan)
            mistakes.add(Errc::kInvalidArgument, "interfaces {} and {} are both vlan {} of port {}",
                         last_index, index, vlan, port);
    }
}

void check_neighbors(const NormalState &state, Mistakes &mistakes) {
    const mgm::NeighborSpec *last = nullptr;
    for (const mgm::NeighborSpec &neighbor : state.neighbors) {
        if (!has_interface(state, neighbor.interface))
            mistakes.add(Errc::kNotFound, "neighbor {}: there is no interface {}", neighbor.address,
                         neighbor.interface);
        if (last != nullptr && neighbor_key(*last) == neighbor_key(neighbor))
            mistakes.add(Errc::kInvalidArgument, "neighbor {} on {} is there twice",
                         neighbor.address, neighbor.interface);
        last = &neighbor;
    }
}

void check_action(const NormalState &state, const mgm::RouteSpec &route, Mistakes &mistakes) {
    for (const IfIndex iif : route.action.iifs)
        if (!has_interface(state, iif))
            mistakes.add(Errc::kNotFound, "route {}: there is no interface {}", route, iif);
    for (const mgm::OifSpec &oif : route.action.oifs) {
        if (!has_interface(state, oif.interface))
            mistakes.add(Errc::kNotFound, "route {}: there is no interface {}", route,
                         oif.interface);
        if (oif.ttl_threshold > mgm::kTtlThresholdBlock)
            mistakes.add(Errc::kInvalidArgument, "route {}: ttl threshold {} of {} is over 256",
                         route, oif.ttl_threshold, oif.interface);
        // Of several iifs (bidirectional trees, RFC 5015) each may be an oif for the others.
        if (route.action.iifs.size() == 1 && route.action.iifs.front() == oif.interface)
            mistakes.add(Errc::kInvalidArgument, "route {}: {} is both an iif and an oif", route,
                         oif.interface);
    }
}

void check_routes(const NormalState &state, const mgm::Geometry &geometry, Mistakes &mistakes) {
    const mgm::RouteSpec *last = nullptr;
    for (const mgm::RouteSpec &route : state.routes) {
        if (const mgm::Result<void> valid = mgm::validate(route); !valid)
            mistakes.add(valid.error().code, "{}", valid.error().what);
        if (static_cast<std::uint32_t>(route.key.vrf) >= geometry.vrfs)
            mistakes.add(Errc::kInvalidArgument, "route {}: vrf is not below {}", route,
                         geometry.vrfs);
        if (last != nullptr && name_of(*last) == name_of(route))
            mistakes.add(Errc::kInvalidArgument, "route {} is there twice", route);
        check_action(state, route, mistakes);
        last = &route;
    }
}

/// Neighbors and next hops; who is both counts once.
std::size_t count_next_hops(const NormalState &state) {
    std::vector<std::pair<IfIndex, mgm::IpAddress>> next_hops;
    for (const mgm::NeighborSpec &neighbor : state.neighbors)
        next_hops.push_back(neighbor_key(neighbor));
    for (const mgm::RouteSpec &route : state.routes)
        for (const mgm::OifSpec &oif : route.action.oifs)
            if (oif.next_hop &&
                (next_hops.empty() || next_hops.back() != std::pair{oif.interface, *oif.next_hop}))
                next_hops.emplace_back(oif.interface, *oif.next_hop);
    sort_unique(next_hops);
    return next_hops.size();
}

void check_capacity(const NormalState &state, const mgm::Geometry &geometry, Mistakes &mistakes) {
    const auto check = [&](std::size_t used, std::uint32_t capacity, std::string_view what,
                           std::string_view key) {
        if (used > capacity)
            mistakes.add(Errc::kTableFull,
                         "{} {} are more than the capacity of {}; raise {} and restart", used, what,
                         capacity, key);
    };
    std::array<std::size_t, 2> entries{};
    std::array<std::size_t, 2> ranges{};
    for (const mgm::RouteSpec &route : state.routes) {
        if (!route.makes_entry())
            continue;
        const unsigned family = route.key.group.family() == mgm::Family::kIpv6 ? 1 : 0;
        ++entries[family];
        ranges[family] += route.key.group.is_host() ? 0 : 1;
    }
    check(state.interfaces.size(), geometry.interfaces, "interfaces", "capacity.interfaces");
    check(count_next_hops(state), geometry.neighbors, "neighbors", "capacity.neighbors");
    check(entries[0], geometry.ipv4_entries, "IPv4 routes", "capacity.ipv4_entries");
    check(entries[1], geometry.ipv6_entries, "IPv6 routes", "capacity.ipv6_entries");
    check(ranges[0], geometry.ipv4_ranges, "IPv4 prefix routes", "capacity.ipv4_ranges");
    check(ranges[1], geometry.ipv6_ranges, "IPv6 prefix routes", "capacity.ipv6_ranges");
}

} // namespace

mgm::Result<NormalState> normalise(mgm::DesiredState state, const mgm::Geometry &geometry) {
    NormalState normal{std::move(state)};
    sort_by(normal.interfaces, [](const mgm::InterfaceSpec &spec) { return spec.index; });
    sort_by(normal.neighbors, neighbor_key);
    sort_by(normal.routes, name_of);
    for (mgm::RouteSpec &route : normal.routes) {
        drop_repeats(route.action.iifs);
        sort_unique(route.action.oifs);
    }
    Mistakes mistakes;
    check_interfaces(normal, geometry, mistakes);
    check_neighbors(normal, mistakes);
    check_routes(normal, geometry, mistakes);
    check_capacity(normal, geometry, mistakes);
    if (mistakes.any())
        return tl::unexpected<mgm::Error>(mistakes.take());
    return normal;
}

} // namespace control
