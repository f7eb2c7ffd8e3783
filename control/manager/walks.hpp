// SPDX-License-Identifier: BSD-3-Clause
// Loops of the manager over what it remembers. Private to the folder, included by impl.hpp.
#pragma once

#include "control/manager/impl.hpp"

namespace control::manager {

template <class Map, class F>
void Manager::Impl::for_covered(Map &senders, const Key &key, F &&f) {
    typename Map::iterator it = senders.lower_bound(key);
    while (it != senders.end()) {
        auto &sender = it->second;
        ++it; // f may delete it
        if (sender.key.vrf != key.vrf || sender.key.family() != key.family() ||
            (!key.is_any_group() && sender.key.group != key.group) ||
            (!key.is_any_source() && sender.key.source != key.source))
            return;
        if (!key.is_any_group() || !is_ssm(sender.key.group))
            f(sender);
    }
}

template <class F>
void Manager::Impl::for_entries(const Key &key, F &&f) {
    for_covered(entries_, key, f);
}

template <class F>
void Manager::Impl::for_routed(const Key &key, F &&f) {
    for_covered(exacts_, key, f);
    if (!key.is_any_source())
        return;
    if (!key.is_any_group()) {
        if (WildcardEntry *wildcard = find_wildcard(key))
            f(*wildcard);
        return;
    }
    for_wildcards(key.vrf, {.address = key.group, .length = 0}, f);
}

template <class Map, class F>
void Manager::Impl::for_range(Map &senders, mgm::Vrf vrf, const mgm::IpPrefix &group, F &&f) {
    typename Map::iterator it = senders.lower_bound(
        Key{.vrf = vrf, .group = group.address, .source = any_of(group.family())});
    while (it != senders.end() && it->first.vrf == vrf && group.contains(it->first.group)) {
        auto &sender = it->second;
        ++it; // f may delete it
        f(sender);
    }
}

template <class Map, class F>
void Manager::Impl::for_matching(Map &senders, const StaticRoute &route, F &&f) {
    if (!route.group.is_host()) {
        for_range(senders, route.vrf, route.group, [&](auto &sender) {
            if (route.source.contains(sender.key.source))
                f(sender);
        });
        return;
    }
    typename Map::iterator it = senders.lower_bound(
        Key{.vrf = route.vrf, .group = route.group.address, .source = route.source.address});
    while (it != senders.end() && it->first.vrf == route.vrf &&
           it->first.group == route.group.address && route.source.contains(it->first.source)) {
        auto &sender = it->second;
        ++it; // f may delete it
        f(sender);
    }
}

template <class F>
void Manager::Impl::for_wildcards(mgm::Vrf vrf, const mgm::IpPrefix &group, F &&f) {
    Wildcards::iterator it = wildcards_.lower_bound(WildcardName{.vrf = vrf, .group = group});
    while (it != wildcards_.end() && it->first.vrf == vrf &&
           group.contains(it->first.group.address)) {
        WildcardEntry &wildcard = it->second;
        ++it; // f may take it away
        f(wildcard);
    }
}

template <class F>
void Manager::Impl::for_links_of(const Client &client, F &&f) {
    for (Links::iterator it = links_.begin(); it != links_.end();) {
        const LinkName name = it->first;
        const bool may_be = name.vrf == client.registered.vrf &&
                            includes(client.registered.families, name.link.family());
        if (const std::uint8_t by = may_be ? contributor_of(client, it->second) : std::uint8_t{0};
            by != 0)
            f(it->second, by);
        it = links_.upper_bound(name); // the link may be gone
    }
}

template <class F>
void Manager::Impl::for_group(LinkState &link, const Key &group, F &&f) {
    for (auto it = link.keys.lower_bound(group.wildcard_source());
         it != link.keys.end() && (*it)->key.group == group.group;) {
        KeyState &key = **it;
        ++it; // the key may leave the link
        f(key, *find_contribution(&key, link));
    }
}

template <class F>
void Manager::Impl::for_routes(mgm::Vrf vrf, mgm::Family family, F &&f) {
    StaticRoute route;
    route.vrf = vrf;
    const auto bits = static_cast<std::uint8_t>(any_of(family).bits());
    const Key first{.vrf = vrf, .group = any_of(family), .source = any_of(family)};
    for (auto it = exacts_.lower_bound(first);
         it != exacts_.end() && it->first.vrf == vrf && it->first.family() == family;) {
        ExactRoute &exact = it->second;
        ++it;
        route.group = {.address = exact.key.group, .length = bits};
        route.source = {.address = exact.key.source, .length = bits};
        f(route, exact.is_held);
    }
    const RoutePlace longest{
        .vrf = vrf, .family = family, .group_length = 255, .source_length = 255};
    for (auto at = routes_.lower_bound(longest);
         at != routes_.end() && at->first.vrf == vrf && at->first.family == family;) {
        auto &[place, routes] = *at;
        ++at;
        auto it = routes.begin();
        for (std::size_t left = routes.size(); left != 0; --left) { // they go with the last one
            auto &[name, range] = *it++;
            route.group = {.address = name.group, .length = place.group_length};
            route.source = {.address = name.source, .length = place.source_length};
            f(route, range.is_held);
        }
    }
}

template <class F>
void Manager::Impl::for_exceptional(const Key &key, F &&f) {
    for (Sender *sender : exceptional_)
        if (covers(key, *sender))
            f(*sender);
}

template <class F>
void Manager::Impl::for_all_entries(mgm::Vrf vrf, mgm::Family family, F &&f) {
    const Key first{.vrf = vrf, .group = any_of(family), .source = any_of(family)};
    for (Entries::iterator it = entries_.lower_bound(first);
         it != entries_.end() && it->first.vrf == vrf && it->first.family() == family;) {
        Entry &entry = it->second;
        ++it; // f may delete the entry
        f(entry);
    }
}

template <class F>
void Manager::Impl::change_link(LinkState &link, F &&change) {
    for (auto it = link.keys.begin(); it != link.keys.end();) {
        KeyState &key = **it;
        ++it; // the key may leave the link
        if (!key.is_changing)
            key.before = members_of(key);
        key.is_changing = true;
        change(*find_contribution(&key, link));
        update_life(key);
        for_senders(key.key, [this](Sender &sender) { mark(sender); });
    }
}

template <class F>
void Manager::Impl::for_coverage(const Sender &sender, F &&f) const {
    const Levels levels = levels_of(sender);
    const auto rest = [](KeyState *key) {
        return key == nullptr ? std::span<Contribution>() : std::span(key->contributions);
    };
    std::span<Contribution> source = rest(levels.source), group = rest(levels.group),
                            all = rest(levels.all);
    std::span<const Exception> exceptions = sender.exceptions;
    std::span<const StaticOif> named;
    if (sender.action != nullptr)
        named = sender.action->oifs;
    for (;;) { // merge the five, each by link
        LinkState *next = nullptr;
        const auto earlier = [&next](const auto &part) {
            if (!part.empty() && (next == nullptr || part.front().link->link < next->link))
                next = part.front().link;
        };
        earlier(source), earlier(group), earlier(all), earlier(exceptions), earlier(named);
        if (next == nullptr)
            return;
        const auto skip = [next](auto &part) {
            if (!part.empty() && part.front().link == next)
                part = part.subspan(1);
        };
        f(coverage(levels, sender, *next));
        skip(source), skip(group), skip(all), skip(exceptions), skip(named);
    }
}

} // namespace control::manager
