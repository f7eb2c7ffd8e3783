// SPDX-License-Identifier: BSD-3-Clause
// Bounds (8.18): how many callbacks a client may owe, how many calls it may make.
//
// A client whose queue is full gets no more alerts until callbacks have returned. What it was told
// last stays written down where the alert is about: KeyState::unaware, Contribution::told,
// Entry::is_alerted. So a J and a P that it never got cancel out by themselves, and catch_up()
// tells it the difference to what is true then. None of it takes memory: room for every alert came
// with the membership or entry that it is about (8.9).
#include "control/manager/impl.hpp"

#include <algorithm>

namespace control::manager {

using contributor::kIgmp;

// --- the queue

bool Manager::Impl::hears(const Client &client, CallbackKind kind) noexcept {
    return !client.is_ending && !client.is_held && !client.is_static() &&
           client.registered.callbacks.has(kind);
}

bool Manager::Impl::has_room(const Client &client) const noexcept {
    return client.undelivered.size() < std::max(options_.max_undelivered, 1U);
}

/// Its place was reserved at Register, but for DISABLE and ENABLE, which are enqueued whatever the
/// bound: one of them that cannot be counted is just not counted.
void Manager::Impl::note_delivered(Client &client, CallbackId id) noexcept {
    try {
        const MustSucceed guard(memory_);
        client.undelivered.push_back(id);
    } catch (const std::bad_alloc &) {
        return;
    }
}

/// By id: one that comes back twice makes no room for two.
void Manager::Impl::note_returned(Client &client, CallbackId id) noexcept {
    const auto found = std::ranges::lower_bound(client.undelivered, id);
    if (found != client.undelivered.end() && *found == id)
        client.undelivered.erase(found);
}

void Manager::Impl::note_dropped(Client &client) noexcept {
    if (client.dropped++ == 0)
        log(Event::kAlertsDropped, "protocol {} component {} leaves {} callbacks unanswered",
            client.registered.identity.protocol, client.registered.identity.component,
            client.undelivered.size());
    ++client.dropped_ever;
}

std::optional<QueueInfo> Manager::Impl::queue(Handle handle) const {
    const Client *client = find_client(handle);
    if (client == nullptr)
        return std::nullopt;
    QueueInfo info{.undelivered = client->undelivered.size(), .dropped = client->dropped_ever};
    for (const Untold *untold = backlog_.first(); untold != nullptr; untold = untold->next)
        info.behind += concerns(*untold, *client) ? 1 : 0;
    return info;
}

/// A bucket that holds a burst and fills at the average rate, as the time at which it would be
/// full.
bool Manager::Impl::may_call(Client &client, Time now) const noexcept {
    if (options_.calls_per_second == 0 || client.is_static()) // the configuration answers nobody
        return true;
    const Time each = Time(std::chrono::seconds(1)) / options_.calls_per_second;
    const Time from = std::max(client.calls_until, now);
    if (from + each - now > each * std::max(options_.calls_in_a_burst, 1U))
        return false;
    client.calls_until = from + each;
    return true;
}

// --- the backlog

bool Manager::Impl::concerns(const Untold &untold, const Client &client) noexcept {
    const Key &key = untold.about == Untold::About::kKey ? static_cast<const KeyState &>(untold).key
                                                         : static_cast<const Entry &>(untold).key;
    return (untold.clients & client.bit) != 0 && key.vrf == client.registered.vrf;
}

/// To the end of the list, so that it is behind whatever the client has come to.
void Manager::Impl::defer(Untold &untold, Client &client) noexcept {
    if ((untold.clients & client.bit) != 0)
        return;
    const bool is_listed = untold.clients != 0;
    untold.clients |= client.bit;
    if (is_listed && backlog_.last() != &untold)
        unlink(untold);
    if (!is_listed || backlog_.last() != &untold)
        backlog_.append(untold);
    if (client.behind == nullptr)
        client.behind = &untold;
}

void Manager::Impl::undefer(Untold &untold, const Client &client) noexcept {
    if ((untold.clients & client.bit) == 0)
        return;
    untold.clients &= ~client.bit;
    if (untold.clients == 0)
        unlink(untold);
}

void Manager::Impl::unlink(Untold &untold) noexcept {
    for (auto &[order, client] : clients_)
        if (client.behind == &untold)
            client.behind = untold.next;
    backlog_.remove(untold);
}

/// The client ends: nothing is due to it, and its bit may be another's soon.
void Manager::Impl::forget_backlog(Client &client) noexcept {
    for (Untold *untold = backlog_.first(); untold != nullptr;) {
        Untold &it = *untold;
        untold = untold->next; // it may leave the list
        if (!concerns(it, client))
            continue;
        undefer(it, client);
        if (it.about == Untold::About::kKey) {
            static_cast<KeyState &>(it).unaware &= ~client.bit;
            erase_key_if_empty(static_cast<KeyState &>(it));
            continue;
        }
        static_cast<Entry &>(it).left &= ~client.bit;
        if (static_cast<Entry &>(it).owner == &client)
            static_cast<Entry &>(it).is_prune_due = false;
    }
    client.behind = nullptr;
    client.dropped = 0;
    client.undelivered.clear();
}

// --- alerts TRUE

void Manager::Impl::tell_member(Client &client, KeyState &key, bool is_join,
                                const Link &link) noexcept {
    if ((key.unaware & client.bit) != 0) { // J and P cancel out
        key.unaware &= ~client.bit;
        return settled(key, client, nullptr);
    }
    if (!hears(client, is_join ? CallbackKind::kJoinAlert : CallbackKind::kPruneAlert))
        return;
    if (!has_room(client)) {
        key.unaware |= client.bit;
        if (!is_join)
            key.pruned_on = link;
        return defer(key, client);
    }
    if (is_join)
        deliver(client, JoinAlert{.key = key.key, .is_member_update = true});
    else
        deliver(client, PruneAlert{.key = key.key, .link = link, .is_member_delete = true});
}

/// Is anything else about the key due to the client? `known`: not of this one.
void Manager::Impl::settled(KeyState &key, const Client &client,
                            const Contribution *known) noexcept {
    if ((key.clients & client.bit) == 0 || (key.unaware & client.bit) != 0)
        return;
    for (const Contribution &c : key.contributions)
        if (&c != known && c.link->routing == &client && c.told != to_be_told(c))
            return;
    undefer(key, client);
}

// --- LOCAL_*

std::uint8_t Manager::Impl::to_be_told(const Contribution &c) noexcept {
    const Client *owner = c.link->routing;
    if (owner == nullptr)
        return 0;
    unsigned bits = (c.joined & kIgmp) != 0 ? told::kJoined : 0U;
    if ((c.excluded & kIgmp) != 0 && owner->registered.callbacks.has(CallbackKind::kLocalUpdate))
        bits |= told::kExcluded;
    return static_cast<std::uint8_t>(bits);
}

/// IGMP's join state at `key` on `link` is, or is about to be, as said.
void Manager::Impl::tell_local(LinkState &link, KeyState &key, bool is_join) noexcept {
    Contribution &c = *find_contribution(&key, link);
    Client &owner = *link.routing;
    const auto now = static_cast<std::uint8_t>((c.told & ~unsigned{told::kJoined}) |
                                               (is_join ? told::kJoined : 0U));
    if (c.told == now) // it has not heard that it was different meanwhile
        return settled(key, owner, &c);
    const CallbackKind kind = is_join ? CallbackKind::kLocalJoin : CallbackKind::kLocalLeave;
    if (hears(owner, kind) && !has_room(owner))
        return defer(key, owner);
    c.told = now;
    if (is_join)
        deliver(owner, LocalJoin{.key = key.key, .link = link.link});
    else
        deliver(owner, LocalLeave{.key = key.key, .link = link.link});
}

/// UpdateMembership changed what IGMP wants of `keys`, the only ones of the group on this link.
void Manager::Impl::tell_update(LinkState &link, const MembershipUpdate &update,
                                std::span<const Key> keys) noexcept {
    Client &owner = *link.routing;
    if (!owner.registered.callbacks.has(CallbackKind::kLocalUpdate))
        return; // told key by key
    const bool waits = hears(owner, CallbackKind::kLocalUpdate) && !has_room(owner);
    if (!waits)
        deliver(owner, LocalUpdate{.group = {.vrf = link.vrf,
                                             .group = update.group,
                                             .source = any_of(update.group.family())},
                                   .link = link.link,
                                   .mode = update.mode,
                                   .sources = update.sources});
    for (const Key &name : keys) {
        KeyState &key = *find_key(name);
        Contribution &c = *find_contribution(&key, link);
        if (waits && c.told != to_be_told(c)) {
            defer(key, owner);
            continue;
        }
        c.told = to_be_told(c);
        settled(key, owner, &c);
    }
}

/// What the owner has not been told of the key takes a LOCAL_UPDATE of its group: it knows that,
/// and it is not just a source that IGMP joined beside an EXCLUDE.
bool Manager::Impl::needs_update(LinkState &link, const KeyState &key,
                                 const Contribution &c) const noexcept {
    if (key.key.is_any_group() ||
        !link.routing->registered.callbacks.has(CallbackKind::kLocalUpdate))
        return false;
    const Contribution *all = find_contribution(find_key(key.key.wildcard_source()), link);
    const bool is_exclude = all != nullptr && all != &c && (all->joined & kIgmp) != 0 &&
                            (all->told & told::kJoined) != 0;
    return !is_exclude || (c.told ^ to_be_told(c)) != told::kJoined;
}

/// Room for the sources of one LOCAL_UPDATE about any group on the link.
void Manager::Impl::reserve_sources(const LinkState &link) {
    const Client *owner = link.routing;
    if (owner == nullptr || !owner->registered.callbacks.has(CallbackKind::kLocalUpdate) ||
        sources_.capacity() > link.keys.size())
        return;
    sources_.reserve(std::max(2 * sources_.capacity(), link.keys.size() + 1));
}

/// All that IGMP wants of the group now, whatever it was that the owner has not been told. Beside
/// an EXCLUDE there may be sources that it joined: of these a LOCAL_JOIN stays due.
void Manager::Impl::tell_group(LinkState &link, const Key &group) noexcept {
    const Contribution *all = find_contribution(find_key(group), link);
    const bool is_exclude = all != nullptr && (all->joined & kIgmp) != 0;
    sources_.clear();
    for_group(link, group, [&](KeyState &key, Contribution &c) {
        c.told = to_be_told(c);
        if (key.key.is_any_source())
            return;
        if (((is_exclude ? c.excluded : c.joined) & kIgmp) != 0)
            sources_.push_back(key.key.source);
        if (is_exclude && (c.told & told::kJoined) != 0) {
            c.told &= static_cast<std::uint8_t>(~told::kJoined);
            defer(key, *link.routing);
        }
    });
    deliver(*link.routing,
            LocalUpdate{.group = group,
                        .link = link.link,
                        .mode = is_exclude ? FilterMode::kExclude : FilterMode::kInclude,
                        .sources = sources_});
}

// --- alerts FALSE

/// O cannot be told: its alerted state stays as it was. True: so it is.
bool Manager::Impl::defer_false(Entry &entry, Client &client, bool is_join) noexcept {
    if (has_room(client) ||
        !hears(client, is_join ? CallbackKind::kJoinAlert : CallbackKind::kPruneAlert)) {
        undefer(entry, client);
        return false;
    }
    if ((entry.clients & client.bit) == 0)
        note_dropped(client);
    defer(entry, client);
    return true;
}

/// `old` is O no more; `in` was the IIF.
void Manager::Impl::tell_left(Entry &entry, Client &old, const Link &in) noexcept {
    entry.is_prune_due = false;
    if (!entry.is_alerted)
        return undefer(entry, old);
    if (defer_false(entry, old, false)) {
        entry.left |= old.bit;
        entry.left_in = in;
        return;
    }
    deliver(old, PruneAlert{.key = entry.key, .link = in, .is_member_delete = false});
}

} // namespace control::manager
