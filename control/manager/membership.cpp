// SPDX-License-Identifier: BSD-3-Clause
// Add and Delete (mgm-spec 2.6, 2.7): checks in the order of 8.4, then JOIN, then FORWARD. An Add
// that finds no memory or no room in the tables leaves everything as it was (8.9); a Delete always
// succeeds.
#include "control/manager/impl.hpp"

#include <utility>

namespace control::manager {

namespace {

/// "Any" is length 0 and all zero; anything else must be one address.
bool is_any(const mgm::IpPrefix &prefix) noexcept {
    return prefix.length == 0 && is_zero(prefix.address);
}

/// (*,*), (*,G) or (S,G) of addresses that can be (1.4).
bool is_level(const mgm::IpPrefix &source, const mgm::IpPrefix &group) noexcept {
    if (is_any(group))
        return is_any(source); // (S,*)
    if (!group.is_host() || !is_forwardable(group.address))
        return false; // ranges, A23
    if (is_any(source))
        return !is_ssm(group.address); // 7.2
    return source.is_host() && is_usable_source(source.address);
}

/// FORWARD state is the routing owner's, or IGMP's where there is none (8.13).
bool may_forward(const Client &client, const LinkState &link) noexcept {
    return &client == link.routing || (link.routing == nullptr && &client == link.igmp);
}

} // namespace

bool Manager::Impl::is_valid(const Client &client, const Membership &m, Key &key) noexcept {
    const mgm::Family family = m.group.family();
    if ((m.flags & ~(kJoinState | kForwardState)) != 0 || m.flags == 0)
        return false;
    if (m.source.family() != family || m.link.family() != family ||
        !includes(client.registered.families, family))
        return false;
    if (!is_level(m.source, m.group))
        return false;
    if (client.is_static() && (m.flags & kForwardState) != 0)
        return false;
    key = {.vrf = client.registered.vrf, .group = m.group.address, .source = m.source.address};
    return true;
}

void Manager::Impl::add_or_remove(CallKind kind, const Call &call, Handle handle,
                                  const Membership &membership) {
    Client *client = client_of(handle);
    if (client == nullptr)
        return done(call, Status::kInvalidParameter);
    if (is_forbidden_inside(call.inside) || !may_call(*client, call.now))
        return done(call, Status::kCanNotComplete);
    Key key;
    if (!is_valid(*client, membership, key))
        return done(call, Status::kInvalidParameter);
    LinkState *link = find_link(client->registered.vrf, membership.link);
    if (link != nullptr && link->is_locked) {
        if (client->is_igmp() || call.inside)
            return done(call, Status::kCanNotComplete); // 8.3
        PendingCall pending{.kind = kind, .call = call, .client = handle};
        pending.membership = membership;
        return wait(*link, std::move(pending));
    }
    if (kind == CallKind::kAdd)
        add_membership(link, call, *client, membership);
    else
        remove_membership(link, call, *client, membership);
}

void Manager::Impl::add_membership(LinkState *link, const Call &call, Client &client,
                                   const Membership &membership) {
    Key key;
    (void)is_valid(client, membership, key);
    if (link == nullptr && client.is_static()) {
        try {
            link = &link_state(client.registered.vrf, membership.link);
        } catch (const std::bad_alloc &) {
            return done(call, Status::kNotEnoughMemory);
        }
    }
    if (link == nullptr || contributor_of(client, *link) == 0) {
        log(Event::kInterfaceNotFound, "{} is not one of protocol {}'s", membership.link.interface,
            client.registered.identity.protocol);
        return done(call, Status::kInvalidParameter);
    }
    if ((membership.flags & kForwardState) != 0 && !may_forward(client, *link))
        return done(call, Status::kInvalidParameter);

    const Status status = join(client, *link, key, membership.flags, call.now);
    if (status == Status::kNotEnoughMemory) {
        drop_if_unused(*link);
        log(Event::kOutOfMemory, "no memory to add a membership of {}", key.group);
    }
    done(call, status);
}

/// JOIN and FORWARD state in one step: all of it, or nothing and no alert (8.9).
struct Manager::Impl::Addition {
    Client &client;
    LinkState &link;
    const Key &key;
    std::uint8_t by = 0; ///< contributor
    bool joins = false;  ///< and is no duplicate (A7)
    bool forwards = false;
    bool is_new = false; ///< changes who is a member
    KeyState *state = nullptr;
    Members before{};
    // To take it back:
    Contribution old{};
    KeyState::Life old_life{};
    std::uint64_t old_generation = 0;
    std::size_t published = 0; ///< of the key's senders, in their order
};

Status Manager::Impl::join(Client &client, LinkState &link, const Key &key, std::uint32_t flags,
                           Time now) {
    Addition addition{
        .client = client, .link = link, .key = key, .by = contributor_of(client, link)};
    const Contribution *present = find_contribution(find_key(key), link);
    const bool is_duplicate =
        present != nullptr && (present->joined & addition.by) != 0 && present->unconfirmed == 0;
    addition.joins = (flags & kJoinState) != 0 && !is_duplicate;
    addition.forwards = (flags & kForwardState) != 0;
    if (addition.joins && client.memberships >= options_.max_memberships)
        return Status::kNotEnoughMemory;

    addition.old_generation = generation_;
    note_coverage(key, link);
    try {
        if (addition.joins)
            add_contribution(addition);
        if (publish_addition(addition)) {
            const MustSucceed guard(memory_); // from here on nothing fails
            if (Contribution *c = find_contribution(find_key(key), link);
                c != nullptr && (flags & kJoinState) != 0)
                c->held_joined &= static_cast<std::uint8_t>(~addition.by); // confirmed (8.17)
            tell_addition(addition, now);
            return Status::kOk;
        }
    } catch (const std::bad_alloc &) { // to be taken back like one that the tables have no room for
    }
    undo_addition(addition);
    return Status::kNotEnoughMemory;
}

void Manager::Impl::add_contribution(Addition &addition) {
    KeyState &state = key_state(addition.key);
    addition.state = &state;
    addition.old_life = state.life;
    addition.old.link = &addition.link;
    Contribution &c = contribution(state, addition.link);
    addition.old = c;
    make_wildcard_for(addition.key);
    addition.before = members_of(state);
    addition.is_new = (c.joined & addition.by) == 0;
    c.joined |= addition.by;
    if (addition.by == contributor::kIgmp) {
        reserve_sources(addition.link);
        c.joined &= static_cast<std::uint8_t>(~contributor::kStale);
        c.excluded &= static_cast<std::uint8_t>(~contributor::kStale);
        c.unconfirmed = 0;
        confirm(addition.link, addition.key);
    }
    update_life(state);
    note_due(state);
    end_overrides(addition.key, addition.link);
}

bool Manager::Impl::publish_addition(Addition &addition) {
    bool is_full = false;
    for_senders(addition.key, [&](Sender &sender) {
        if (is_full)
            return;
        if (addition.forwards && sender.kind != Sender::Kind::kWildcard)
            override_of(sender, addition.link).forced = Override::kOn;
        if (is_uninitialised(sender))
            return;
        is_full = !publish(sender);
        addition.published += is_full ? 0 : 1;
    });
    if (is_full)
        log(Event::kTableFull, "the tables have no room for one more link of {}",
            addition.key.group);
    return !is_full;
}

void Manager::Impl::tell_addition(const Addition &addition, Time now) {
    if (addition.is_new) {
        addition.client.memberships += (addition.old.excluded & addition.by) == 0 ? 1 : 0;
        if (addition.by == contributor::kIgmp && addition.link.routing != nullptr)
            tell_local(addition.link, *addition.state, true);
        announce(*addition.state, addition.before, addition.link.link);
    }
    for_entries(addition.key, [&](Entry &entry) {
        tidy_exceptions(entry);
        if (entry.state != EntryState::kUninitialised)
            follow_up(entry, now);
    });
    if (addition.forwards || !addition.link.graces.empty())
        for_routed(addition.key, [&](Sender &sender) { tidy_exceptions(sender); });
}

/// The entry that did not fit and those behind it are as they were.
void Manager::Impl::undo_addition(Addition &addition) {
    if (Contribution *c = find_contribution(addition.state, addition.link)) {
        *c = addition.old;
        addition.state->life = addition.old_life;
        generation_ = addition.old_generation;
    }
    undo_overrides(addition.key, addition.link);
    if (addition.state != nullptr)
        tidy(*addition.state, addition.link);
    for_entries(addition.key, [&](Entry &entry) {
        tidy_exceptions(entry);
        if (addition.published == 0 || entry.state == EntryState::kUninitialised)
            return;
        --addition.published;
        if (!publish(entry))
            give_up(entry); // soft state (A13)
    });
    for_covered(exacts_, addition.key, [&](ExactRoute &exact) {
        tidy_exceptions(exact);
        if (addition.published == 0)
            return;
        --addition.published;
        refresh_route(exact);
    });
    refresh_wildcards_of(addition.key); // one that was made for it goes
}

void Manager::Impl::remove_membership(LinkState *link, const Call &call, Client &client,
                                      const Membership &membership) {
    const MustSucceed guard(memory_);
    Key key;
    (void)is_valid(client, membership, key);
    const bool is_join = (membership.flags & kJoinState) != 0;
    const bool is_forward = (membership.flags & kForwardState) != 0;
    // A static membership alone makes no link known: STATIC is invisible (8.1).
    if (link == nullptr || (link->holder() == nullptr && !client.is_static())) {
        log(Event::kInterfaceNotFound, "{} is not known", membership.link.interface);
        return done(call, is_join ? Status::kNotFound : Status::kInvalidParameter);
    }
    if (contributor_of(client, *link) == 0 || (is_forward && !may_forward(client, *link)))
        return done(call, Status::kInvalidParameter);
    Status status = Status::kOk;
    if (is_join)
        status = leave(client, *link, key, true, call.now);
    if (status == Status::kOk && is_forward)
        end_forward(*link, key, call.now);
    drop_if_unused(*link);
    done(call, status);
}

Status Manager::Impl::leave(Client &client, LinkState &link, const Key &key, bool is_call,
                            Time now) {
    const std::uint8_t by = contributor_of(client, link);
    KeyState *state = find_key(key);
    Contribution *c = find_contribution(state, link);
    const bool is_joined = c != nullptr && (c->joined & by) != 0;
    const bool is_stale =
        c != nullptr && by == contributor::kIgmp && (c->joined & contributor::kStale) != 0;
    if (!is_joined && !is_stale)
        return Status::kNotFound;

    note_coverage(key, link);
    const Members before = members_of(*state);
    c->joined &= static_cast<std::uint8_t>(~(is_joined ? by : contributor::kStale));
    c->held_joined &= c->joined;
    if (is_joined) {
        if (by == contributor::kIgmp)
            c->unconfirmed = 0;
        client.memberships -= (c->excluded & by) == 0 ? 1 : 0;
        update_life(*state);
        if (by == contributor::kIgmp && link.routing != nullptr)
            tell_local(link, *state, false);
        announce(*state, before, link.link);
    }
    if (is_call)
        end_overrides(key, link);
    tidy(*state, link);
    for_senders(key, [&](Sender &sender) { refresh_sender(sender, now); });
    return is_joined ? Status::kOk : Status::kNotFound; // 8.6
}

/// On every entry that the key covers; where there is none, nothing is remembered (A8).
void Manager::Impl::end_forward(LinkState &link, const Key &key, Time now) {
    for_senders(key, [&](Sender &sender) {
        if (sender.kind == Sender::Kind::kWildcard)
            return;
        const Coverage c = coverage(levels_of(sender), sender, link);
        const bool is_kept = (c.bits & contributor::kStatic) != 0; // ends an "on" only (8.1)
        override_of(sender, link).forced = is_kept ? Override::kNone : Override::kOff;
        tidy_exceptions(sender);
        refresh_sender(sender, now);
    });
}

} // namespace control::manager
