// SPDX-License-Identifier: BSD-3-Clause
// The calls about static routes (8.1 b): checks, then all that a route asks the tables for, or
// nothing (8.9). What it means for entries that data made comes after that.
#include "control/manager/impl.hpp"

namespace control::manager {

namespace {

bool is_host(const StaticRoute &route) noexcept {
    return route.source.is_host() && route.group.is_host();
}
bool is_exact(const StaticRoute &route) noexcept {
    return is_host(route) && !route.iifs.empty() && !route.is_per_source;
}
bool is_wildcard(const StaticRoute &route) noexcept {
    return route.source.length == 0 && !route.iifs.empty() && !route.is_per_source;
}

Key key_of(const StaticRoute &route) noexcept {
    return {.vrf = route.vrf, .group = route.group.address, .source = route.source.address};
}
RoutePlace place_of(const StaticRoute &route) noexcept {
    return {.vrf = route.vrf,
            .family = route.group.family(),
            .group_length = route.group.length,
            .source_length = route.source.length};
}
RouteName name_of(const StaticRoute &route) noexcept {
    return {.group = route.group.address, .source = route.source.address};
}

/// All groups of a family: 224.0.0.0/4 (RFC 1112 4), ff00::/8 (RFC 4291 2.7).
mgm::IpPrefix all_groups(mgm::Family family) {
    if (family == mgm::Family::kIpv4)
        return {.address = mgm::IpAddress(mgm::from_host(0xe000'0000U)), .length = 4};
    mgm::Ipv6Address first{};
    first.octets[0] = 0xff;
    return {.address = mgm::IpAddress(first), .length = 8};
}

bool is_network(const mgm::IpPrefix &prefix) noexcept {
    return prefix.length <= prefix.address.bits() && prefix.network() == prefix;
}

/// Some group of the range may be forwarded; and from any source, not only from given ones.
bool is_routable(const mgm::IpPrefix &group, bool is_for_any_source) {
    const bool is_v4 = group.family() == mgm::Family::kIpv4;
    if (!all_groups(group.family()).contains(group.address) || group.length < (is_v4 ? 4 : 8))
        return false;
    // What decides is 224.0.0.0/24 or the scope; 232/8 or ff3x::/32.
    if (group.length >= (is_v4 ? 24 : 16) && !is_forwardable(group.address))
        return false;
    return !is_for_any_source || group.length < (is_v4 ? 8 : 32) || !is_ssm(group.address);
}

} // namespace

/// "Any" group becomes the range of all of them.
bool Manager::Impl::is_valid(const Client &client, StaticRoute &route) noexcept {
    const mgm::Family family = route.group.family();
    if (!client.is_static() || client.registered.vrf != route.vrf ||
        !includes(client.registered.families, family) || route.source.family() != family ||
        !is_network(route.source) || !is_network(route.group))
        return false;
    if (route.group.length == 0)
        route.group = all_groups(family);
    return is_routable(route.group, is_wildcard(route)) &&
           (!route.source.is_host() || is_usable_source(route.source.address)) &&
           std::ranges::all_of(route.oifs, [&](const Oif &oif) {
               return oif.link.family() == family && oif.ttl_threshold <= mgm::kTtlThresholdBlock;
           });
}

void Manager::Impl::route(RouteCall what, const Call &call, Handle handle,
                          const StaticRoute &wanted) {
    const Client *client = client_of(handle);
    if (client == nullptr)
        return done(call, Status::kInvalidParameter);
    if (is_forbidden_inside(call.inside))
        return done(call, Status::kCanNotComplete);
    StaticRoute route;
    try {
        route = wanted;
    } catch (const std::bad_alloc &) {
        return done(call, Status::kNotEnoughMemory);
    }
    if (!is_valid(*client, route))
        return done(call, Status::kInvalidParameter);
    const bool *is_held = find_held(route);
    if (what == RouteCall::kAdd && is_held != nullptr && !*is_held)
        return done(call, Status::kInvalidParameter);
    if (what != RouteCall::kAdd && is_held == nullptr)
        return done(call, Status::kNotFound);
    if (what == RouteCall::kRemove) {
        drop_route(route, call.now);
        return done(call, Status::kOk);
    }
    const Put put = put_route(route, is_held != nullptr && *is_held, call.now);
    if (put == Put::kNoRoom)
        return done(call, Status::kNotEnoughMemory);
    if (put == Put::kDone)
        routes_changed(route, call.now);
    done(call, Status::kOk);
}

ExactRoute *Manager::Impl::find_exact(const StaticRoute &route) noexcept {
    const auto found = is_host(route) ? exacts_.find(key_of(route)) : exacts_.end();
    return found == exacts_.end() ? nullptr : &found->second;
}

Route *Manager::Impl::find_range(const StaticRoute &route) noexcept {
    const auto place = routes_.find(place_of(route));
    if (place == routes_.end())
        return nullptr;
    const auto found = place->second.find(name_of(route));
    return found == place->second.end() ? nullptr : &found->second;
}

/// The mark of the route of this source and group, of whatever kind; null: there is none.
bool *Manager::Impl::find_held(const StaticRoute &route) noexcept {
    if (ExactRoute *exact = find_exact(route))
        return &exact->is_held;
    Route *range = find_range(route);
    return range == nullptr ? nullptr : &range->is_held;
}

/// There is this very route already.
bool Manager::Impl::is_there(const StaticRoute &route, const StaticAction &action) noexcept {
    const ExactRoute *exact = find_exact(route);
    const Route *range = find_range(route);
    return is_exact(route) ? exact != nullptr && exact->action == &action
                           : range != nullptr && range->action == &action &&
                                 range->is_wildcard == is_wildcard(route);
}

/// In place of the one of this source and group, if there is one.
Manager::Impl::Put Manager::Impl::put_route(const StaticRoute &route, bool is_held, Time now) {
    const StaticAction *action = nullptr;
    Put put = Put::kNoRoom;
    try {
        hold(action, &share(route));
        if (is_held && is_there(route, *action))
            put = Put::kKept;
        else if (is_exact(route) ? put_exact(route, *action, now) : put_range(route, *action))
            put = Put::kDone;
    } catch (const std::bad_alloc &) { // they leave things as they were
    }
    if (is_held && put != Put::kNoRoom)
        *find_held(route) = false;
    hold(action, nullptr);
    return put;
}

bool Manager::Impl::put_exact(const StaticRoute &route, const StaticAction &action, Time now) {
    const Key key = key_of(route);
    const auto [it, is_new] = exacts_.try_emplace(key, key, &memory_);
    ExactRoute &exact = it->second;
    const StaticAction *old = nullptr;
    hold(old, exact.action);
    hold(exact.action, &action);
    hold(exact.accepted, &action);
    const bool is_put = publish(exact); // in place of an entry that data made, if there is one
    if (!is_put) {
        hold(exact.action, old);
        hold(exact.accepted, old);
        if (is_new)
            exacts_.erase(it);
    } else if (is_new) {
        exact.created = now;
        drop_range(route);
    }
    hold(old, nullptr);
    return is_put;
}

/// The named route, made if it is not there.
Route &Manager::Impl::make_range(const StaticRoute &route) {
    const auto at = routes_.try_emplace(place_of(route)).first;
    try {
        return at->second[name_of(route)];
    } catch (const std::bad_alloc &) {
        if (at->second.empty())
            routes_.erase(at);
        throw;
    }
}

void Manager::Impl::set_range(Route &route, const StaticAction *action, bool is_wildcard) noexcept {
    hold(route.action, action);
    wildcard_routes_ += is_wildcard ? 1U : 0U;
    wildcard_routes_ -= route.is_wildcard ? 1U : 0U;
    route.is_wildcard = is_wildcard;
}

bool Manager::Impl::put_range(const StaticRoute &route, const StaticAction &action) {
    Route &put = make_range(route);
    const bool was_wildcard = put.is_wildcard;
    const StaticAction *old = nullptr;
    hold(old, put.action); // none: the route is new
    set_range(put, &action, is_wildcard(route));
    bool is_put = true;
    try {
        is_put = !put.is_wildcard || install_wildcards(route.vrf, route.group);
    } catch (const std::bad_alloc &) {
        is_put = false;
    }
    const MustSucceed guard(memory_);
    if (!is_put && old != nullptr)
        set_range(put, old, was_wildcard);
    else if (!is_put)
        drop_range(route);
    else if (is_host(route))
        drop_exact(key_of(route));
    if (!is_put || (was_wildcard && !is_wildcard(route)))
        refresh_wildcards(route.vrf, route.group);
    hold(old, nullptr);
    return is_put;
}

void Manager::Impl::drop_route(const StaticRoute &route, Time now) {
    const MustSucceed guard(memory_);
    take_out(route);
    routes_changed(route, now);
}

void Manager::Impl::take_out(const StaticRoute &route) noexcept {
    if (is_host(route))
        drop_exact(key_of(route));
    if (drop_range(route))
        refresh_wildcards(route.vrf, route.group);
}

bool Manager::Impl::drop_exact(const Key &key) noexcept {
    const auto found = exacts_.find(key);
    if (found == exacts_.end())
        return false;
    if (found->second.is_installed)
        plane_.remove(table_key(found->second));
    forget_sender(found->second);
    exacts_.erase(found);
    return true;
}

/// True: a wildcard route went.
bool Manager::Impl::drop_range(const StaticRoute &route) noexcept {
    const auto place = routes_.find(place_of(route));
    if (place == routes_.end())
        return false;
    const auto found = place->second.find(name_of(route));
    if (found == place->second.end())
        return false;
    const bool was_wildcard = found->second.is_wildcard;
    wildcard_routes_ -= was_wildcard ? 1U : 0U;
    hold(found->second.action, nullptr);
    place->second.erase(found);
    if (place->second.empty())
        routes_.erase(place);
    return was_wildcard;
}

} // namespace control::manager
