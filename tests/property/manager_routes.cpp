// SPDX-License-Identifier: BSD-3-Clause
// Static routes: calls about them, and what there must be of them in the tables.
#include "manager_trial.hpp"

#include <algorithm>

namespace mgm_test {
namespace {

using control::manager::StaticRoute;

/// What a route might do, by the command's numbers.
NaiveRoute any_route(const Command &command, mgm::Family family) {
    const auto at = [](std::uint32_t index) { return mgm::IfIndex{index}; };
    const std::array<std::vector<mgm::IfIndex>, 8> iifs{
        {{at(11)}, {}, {at(12)}, {at(9)}, {at(11), at(12)}, {at(11)}, {at(12), at(11)}, {at(13)}}};
    const bool is_ipv6 = family == mgm::Family::kIpv6;
    NaiveRoute route;
    route.iifs = iifs.at(command.option % (is_ipv6 ? 3U : 8U));
    for (int number = 0; number < kLinks; ++number)
        if (link(number).family() == family && (command.more >> (number % 6) & 1) != 0)
            route.oifs |= bit(number);
    route.is_per_source = command.option / 8 % 4 == 3;
    return route;
}

StaticRoute static_route(int number, const NaiveRoute &naive) {
    const StaticShape &shape = static_shape(number);
    StaticRoute route;
    route.source = source_prefix(shape);
    route.group = group_prefix(shape.family, shape.group);
    route.iifs = naive.iifs;
    for (int oif = 0; oif < kLinks; ++oif)
        if (has(naive.oifs, oif))
            route.oifs.push_back({.link = link(oif), .ttl_threshold = 0});
    route.is_per_source = naive.is_per_source;
    return route;
}

} // namespace

void ManagerTrial::static_route_act(const Command &command) {
    const int number = command.key % kStaticRoutes;
    const NaiveRoute naive = any_route(command, static_shape(number).family);
    const auto route = static_route(number, naive);
    const std::size_t place = command.client % 16 == 15 ? 1 : clients_.size() - 1;
    const int client = clients_.at(place);
    const auto handle = handles_.at(static_cast<std::size_t>(client));
    const control::manager::Call head = new_call(command);
    RouteAct act = RouteAct::kAdd;
    if (command.act == Act::kChangeRoute) {
        act = RouteAct::kChange;
        manager_->change_route(head, handle, route);
    } else if (command.act == Act::kRemoveRoute) {
        act = RouteAct::kRemove;
        manager_->remove_route(head, handle, route.vrf, route.source, route.group);
    } else {
        manager_->add_route(head, handle, route);
    }
    note_failed_calls();
    naive_.route(last_call_, client, act, number, naive,
                 control::manager::is_forbidden_inside(head.inside));
}

/// By what data of some groups goes that has no entry of its own.
void ManagerTrial::check_wildcards() {
    std::vector<mgm::IpAddress> groups{mgm::IpAddress::parse("226.7.7.7").value(),
                                       mgm::IpAddress::parse("238.7.7.7").value(),
                                       mgm::IpAddress::parse("ff1e::38").value()};
    for (int number = 0; number < kKeys; ++number)
        if (!is_flow(number) && shape(number).group != 0)
            groups.push_back(key(number).group);
    for (const mgm::IpAddress &group : groups) {
        const std::pair<const mgm::IpPrefix, Installed> *longest = nullptr;
        for (const auto &entry : wildcards_)
            if (entry.first.contains(group) &&
                (longest == nullptr || entry.first.length > longest->first.length))
                longest = &entry;
        const std::optional<Way> expected = naive_.wildcard_way(group);
        if (expected.has_value() != (longest != nullptr))
            return fail(fmt::format("wildcard entry for {}: {} expected, {} installed", group,
                                    expected.has_value(), longest != nullptr));
        if (!expected)
            continue;
        const Installed &installed = longest->second;
        if (expected->iifs != installed.iifs || expected->oifs != installed.oifs)
            return fail(fmt::format("wildcard entry {} for {}: olist {:b} expected, {:b} "
                                    "installed, {} of {} incoming",
                                    longest->first, group, expected->oifs, installed.oifs,
                                    installed.iifs.size(), expected->iifs.size()));
    }
}

} // namespace mgm_test
