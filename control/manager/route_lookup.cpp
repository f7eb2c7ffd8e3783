// SPDX-License-Identifier: BSD-3-Clause
// Which static route goes for an (S,G) or a group: the longest group, then the longest source. And
// what routes do, kept once for all that do the same.
#include "control/manager/impl.hpp"

namespace control::manager {

namespace {

mgm::IpAddress network(const mgm::IpAddress &address, std::uint8_t length) {
    return mgm::IpPrefix{.address = address, .length = length}.network().address;
}

bool has_state(const KeyState &key) noexcept {
    return std::ranges::any_of(
        key.contributions, [](const Contribution &c) { return c.joined != 0 || c.excluded != 0; });
}

} // namespace

Ledger::Match Manager::Impl::match(const Key &key) const noexcept {
    if (const auto exact = exacts_.find(key); exact != exacts_.end())
        return {.action = exact->second.action,
                .source = {.address = key.source,
                           .length = static_cast<std::uint8_t>(key.source.bits())}};
    if (routes_.empty())
        return {};
    const RoutePlace longest{
        .vrf = key.vrf, .family = key.family(), .group_length = 255, .source_length = 255};
    for (auto at = routes_.lower_bound(longest);
         at != routes_.end() && at->first.vrf == key.vrf && at->first.family == key.family();
         ++at) {
        const auto &[place, routes] = *at;
        const RouteName name{.group = network(key.group, place.group_length),
                             .source = network(key.source, place.source_length)};
        const auto found = routes.find(name);
        // The tables' wildcards take no data of source-specific groups (RFC 4607).
        if (found != routes.end() && !(found->second.is_wildcard && is_ssm(key.group)))
            return {.action = found->second.action,
                    .source = {.address = name.source, .length = place.source_length}};
    }
    return {};
}

Ledger::Governor Manager::Impl::governor(mgm::Vrf vrf, const mgm::IpPrefix &group) const noexcept {
    if (wildcard_routes_ == 0)
        return {};
    const RoutePlace longest{
        .vrf = vrf, .family = group.family(), .group_length = group.length, .source_length = 255};
    for (auto at = routes_.lower_bound(longest);
         at != routes_.end() && at->first.vrf == vrf && at->first.family == group.family(); ++at) {
        const auto &[place, routes] = *at;
        if (place.source_length != 0)
            continue;
        const auto found = routes.find(RouteName{
            .group = network(group.address, place.group_length), .source = any_of(group.family())});
        if (found != routes.end() && found->second.is_wildcard)
            return {.route = &found->second, .group_length = place.group_length};
    }
    return {};
}

Manager::Impl::Way Manager::Impl::way_of(const Key &key) const noexcept {
    if (wildcard_routes_ == 0 || is_ssm(key.group) || exacts_.contains(key))
        return Way::kOwnEntry;
    const mgm::IpPrefix group{.address = key.group,
                              .length = static_cast<std::uint8_t>(key.group.bits())};
    if (governor(key.vrf, group).route == nullptr)
        return Way::kOwnEntry;
    const KeyState *state = find_key(key);
    return state != nullptr && has_state(*state) ? Way::kKeptOwn : Way::kWildcard;
}

const StaticAction &Manager::Impl::share(const StaticRoute &route) {
    StaticAction wanted(route.vrf, &memory_);
    try {
        for (const mgm::IfIndex iif : route.iifs)
            if (!wanted.accepts(iif))
                wanted.iifs.push_back(iif);
        wanted.oifs.reserve(route.oifs.size());
        for (const Oif &oif : route.oifs)
            wanted.oifs.push_back(
                {.link = &link_state(route.vrf, oif.link), .ttl_threshold = oif.ttl_threshold});
        std::stable_sort(
            wanted.oifs.begin(), wanted.oifs.end(),
            [](const StaticOif &a, const StaticOif &b) { return a.link->link < b.link->link; });
        const auto is_repeat = [](const StaticOif &a, const StaticOif &b) {
            return a.link == b.link;
        };
        wanted.oifs.erase(std::unique(wanted.oifs.begin(), wanted.oifs.end(), is_repeat),
                          wanted.oifs.end());
        const auto [made, is_new] = actions_.insert(std::move(wanted));
        if (is_new)
            for (const StaticOif &oif : made->oifs)
                ++oif.link->static_oifs;
        return *made;
    } catch (const std::bad_alloc &) {
        for (const Oif &oif : route.oifs)
            if (LinkState *link = find_link(route.vrf, oif.link))
                drop_if_unused(*link);
        throw;
    }
}

/// `place` names `action` from now on.
void Manager::Impl::hold(const StaticAction *&place, const StaticAction *action) noexcept {
    if (action != nullptr)
        ++action->uses;
    if (place != nullptr && --place->uses == 0 && !std::exchange(place->is_listed, true)) {
        place->next_unused = unused_actions_; // sweep_actions(): its links may be in work just now
        unused_actions_ = place;
    }
    place = action;
}

void Manager::Impl::sweep_actions() noexcept {
    while (unused_actions_ != nullptr) {
        const StaticAction &action = *unused_actions_;
        unused_actions_ = action.next_unused;
        action.is_listed = false;
        if (action.uses != 0)
            continue;
        for (const StaticOif &oif : action.oifs) {
            --oif.link->static_oifs;
            drop_if_unused(*oif.link);
        }
        actions_.erase(actions_.find(action));
    }
}

} // namespace control::manager
