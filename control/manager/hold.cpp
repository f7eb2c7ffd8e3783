// SPDX-License-Identifier: BSD-3-Clause
// Hold time (8.17): a client that died keeps what it had for a while, and one that registers with
// its identity and role in that time goes on with it, static routes included. Meanwhile nothing is
// delivered to it, and everybody is answered for it by default (Impl::hears, Impl::answers).
#include "control/manager/impl.hpp"

#include <utility>

namespace control::manager {

using contributor::kIgmp;

void Manager::Impl::hold_client(Client &client, Time now) {
    close_handles(client);
    client.is_held = true;
    client.waiting = 0;
    forget_backlog(client);
    abort_transactions(client, now); // 8.10 comes first: there is no hold time for these
    forget_client_requests(client, now);
    client.overdue = 0;
    for_links_of(client, [&](LinkState &link, std::uint8_t by) {
        for (auto it = link.keys.begin(); it != link.keys.end();) {
            KeyState &key = **it++; // it may leave the link
            Contribution &c = *find_contribution(&key, link);
            c.held_joined |= c.joined & by;
            c.held_excluded |= c.excluded & by;
            if (link.routing == &client)
                c.told = to_be_told(c);
            tidy(key, link); // what a LOCAL_LEAVE was due about
        }
        if (link.igmp == &client && !link.graces.empty())
            suspend_graces(link);
    });
    if (client.is_static())
        hold_routes(client);
    set_hold_timer(client, now + client.registered.hold);
}

/// Zero: none.
void Manager::Impl::set_hold_timer(Client &client, Time at) {
    Timer timer{.at = client.hold_ends, .kind = Timer::Kind::kHold};
    timer.client = &client;
    if (client.hold_ends != Time{})
        clear_timer(timer);
    client.hold_ends = at;
    timer.at = at;
    if (at != Time{})
        set_timer(timer);
}

void Manager::Impl::hold_over(Client &client, Time now) {
    client.hold_ends = {};
    if (client.is_held)
        end_client(client, now);
    else
        sweep(client, now);
}

// --- adoption

/// Other families are like another role: what the client has of a family that it no longer speaks
/// for would be nobody's.
bool Manager::Impl::may_adopt(const Client &client, const Registration &registration) noexcept {
    return client.is_held && client.registered.role == registration.role &&
           client.registered.families == registration.families;
}

/// What adoption needs; from then on it cannot fail. Throws std::bad_alloc.
void Manager::Impl::prepare_adoption(Client &client, const Registration &registration) {
    if (!registration.callbacks.has(CallbackKind::kLocalUpdate))
        return;
    for (const LinkState *link : client.links)
        if (link->routing == &client && sources_.capacity() <= link->keys.size())
            sources_.reserve(link->keys.size() + 1);
}

/// It is the client that it was, but for what is a registration's own.
void Manager::Impl::adopt(Client &client, Handle handle, const Registration &registration) {
    auto node = clients_.extract(client.order);
    node.key() = ++last_order_;
    client.order = last_order_;
    clients_.insert(std::move(node));
    client.handle = handle;
    client.registered = registration;
    client.is_held = false;
}

/// Nothing counts as told: LOCAL_*, TRUE, FALSE, each in (G,S) order; what finds no room is due
/// (8.18). Then IGMP is told of links that changed.
void Manager::Impl::tell_adopter(Client &client, Time now) {
    const MustSucceed guard(memory_);
    for (LinkState *link : client.links)
        if (link->routing == &client)
            defer_locals(*link, client);
    catch_up(client, now);
    for (auto &[name, key] : keys_)
        if (is_alert_due(client, key)) {
            key.unaware |= client.bit;
            defer(key, client);
        }
    catch_up(client, now);
    for (auto &[name, entry] : entries_)
        if (entry.owner == &client && entry.state != EntryState::kUninitialised)
            defer_entry(entry, client);
    catch_up(client, now);
    for (LinkState *link : client.links)
        if (link->igmp == &client && std::exchange(link->is_pair_due, false))
            tell_pair(*link, now);
}

void Manager::Impl::defer_locals(LinkState &link, Client &client) noexcept {
    for (KeyState *key : link.keys) {
        Contribution &c = *find_contribution(key, link);
        c.told = 0;
        if (to_be_told(c) != 0)
            defer(*key, client);
    }
}

/// INV-3 likewise. The P of an entry made empty is not required.
void Manager::Impl::defer_entry(Entry &entry, Client &client) noexcept {
    entry.is_alerted = false;
    entry.is_prune_due = false;
    if (judge(entry).has_foreign)
        defer(entry, client);
}

/// INV-1, INV-2, of a client that was told nothing.
bool Manager::Impl::is_alert_due(const Client &client, const KeyState &key) const noexcept {
    if (!client.speaks_for(key.key) || !hears(client, CallbackKind::kJoinAlert))
        return false;
    return key.key.is_any_source() ? members_of(key).has_other_than(&client)
                                   : key.alerted == &client;
}

/// The change was long ago, so nobody waits for DISABLE. The time for adding everything again runs
/// from this ENABLE.
void Manager::Impl::tell_pair(LinkState &link, Time now) {
    Client &igmp = *link.igmp;
    deliver(igmp, DisableIgmp{.link = link.link});
    const bool will_answer = answers(&igmp, CallbackKind::kEnableIgmp);
    const CallbackId id = deliver(igmp, EnableIgmp{.link = link.link});
    for (Grace &grace : link.graces) {
        grace.starts_with = link.last_grace;
        grace.ends = now + options_.igmp_regrace_limit;
        Timer timer{.at = grace.ends, .kind = Timer::Kind::kGrace};
        timer.link = &link;
        timer.grace = grace.number;
        set_timer(timer);
    }
    Request request{.kind = Request::Kind::kEnable, .client = &igmp};
    request.link = &link;
    request.has_deadline = will_answer;
    request.grace = link.last_grace;
    expect(id, request, now);
}

/// They have no end while IGMP is held: they end with the hold, or run from an ENABLE after it.
void Manager::Impl::suspend_graces(LinkState &link) noexcept {
    link.is_pair_due = true;
    for (Grace &grace : link.graces) {
        Timer timer{.at = grace.ends, .kind = Timer::Kind::kGrace};
        timer.link = &link;
        timer.grace = grace.number;
        clear_timer(timer);
        grace.ends = Time::max();
    }
}

// --- memberships that nobody confirmed

void Manager::Impl::reconciled(const Call &call, Handle handle) {
    Client *client = client_of(handle);
    if (client == nullptr)
        return done(call, Status::kInvalidParameter);
    if (is_forbidden_inside(call.inside) || !may_call(*client, call.now))
        return done(call, Status::kCanNotComplete);
    const MustSucceed guard(memory_);
    set_hold_timer(*client, Time{});
    sweep(*client, call.now);
    done(call, Status::kOk);
}

void Manager::Impl::sweep(Client &client, Time now) {
    for_links_of(client, [&](LinkState &link, std::uint8_t by) {
        sweep_link(client, link, by, now);
        drop_if_unused(link);
    });
    if (client.is_static())
        remove_routes(client, true, now);
}

/// As if the client deleted them. A transaction on the link does not matter: nobody waits.
void Manager::Impl::sweep_link(Client &client, LinkState &link, std::uint8_t by, Time now) {
    if (!begin_sweep(link, by))
        return;
    change_link(link, [&](Contribution &c) {
        const bool was_there = ((c.joined | c.excluded) & by) != 0;
        c.drop(static_cast<std::uint8_t>(c.held_joined & by),
               static_cast<std::uint8_t>(c.held_excluded & by));
        if (was_there && ((c.joined | c.excluded) & by) == 0)
            --client.memberships;
    });
    for (auto it = link.keys.begin(); it != link.keys.end();) {
        KeyState &key = **it++; // it may leave the link
        Contribution &c = *find_contribution(&key, link);
        if (((c.held_joined | c.held_excluded) & by) != 0) {
            end_overrides(key.key, link);
            if (by == kIgmp)
                c.unconfirmed = 0;
        }
        c.confirm(by);
        tidy(key, link);
    }
    announce_all(link.vrf, link.link.family(), &link.link);
    refresh_marked(link.vrf, link.link.family(), now);
}

/// What has to be known and told before they go. False: there are none.
bool Manager::Impl::begin_sweep(LinkState &link, std::uint8_t by) noexcept {
    bool is_any = false;
    for (KeyState *key : link.keys) {
        const Contribution &c = *find_contribution(key, link);
        if (((c.held_joined | c.held_excluded) & by) == 0)
            continue;
        is_any = true;
        note_coverage(key->key, link);
        if (by == kIgmp && link.routing != nullptr && (c.held_joined & by) != 0)
            tell_local(link, *key, false);
    }
    return is_any;
}

// --- static routes

/// They stay while their client is held (8.17).
void Manager::Impl::hold_routes(const Client &client) noexcept {
    for (const mgm::Family family : {mgm::Family::kIpv4, mgm::Family::kIpv6})
        if (includes(client.registered.families, family))
            for_routes(client.registered.vrf, family,
                       [](const StaticRoute &, bool &is_held) { is_held = true; });
}

/// With the STATIC client go its routes, with the end of its hold those that it has not named
/// again: all at once, as far as anybody is told.
void Manager::Impl::remove_routes(const Client &client, bool is_sweep, Time now) {
    for (const mgm::Family family : {mgm::Family::kIpv4, mgm::Family::kIpv6}) {
        if (!includes(client.registered.families, family))
            continue;
        bool is_any = false;
        for_routes(client.registered.vrf, family, [&](const StaticRoute &route, bool is_held) {
            if (is_sweep && !is_held)
                return;
            is_any = true;
            take_out(route);
        });
        StaticRoute all;
        all.vrf = client.registered.vrf;
        all.group = all.source = {.address = any_of(family), .length = 0};
        if (is_any)
            routes_changed(all, now);
    }
}

} // namespace control::manager
