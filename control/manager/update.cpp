// SPDX-License-Identifier: BSD-3-Clause
// UpdateMembership (8.24): the caller's whole state of (link, group) is replaced in one step, and
// alerts tell the net difference: all joins, then all prunes.
#include "control/manager/impl.hpp"

#include <algorithm>
#include <utility>

namespace control::manager {

using contributor::kIgmp;
using contributor::kStale;

void Manager::Impl::update(const Call &call, Handle handle, const MembershipUpdate &update) {
    Client *client = client_of(handle);
    if (client == nullptr)
        return done(call, Status::kInvalidParameter);
    if (is_forbidden_inside(call.inside) || !may_call(*client, call.now))
        return done(call, Status::kCanNotComplete);
    const mgm::Family family = update.group.family();
    const bool is_valid = update.mode <= FilterMode::kExclude && is_forwardable(update.group) &&
                          update.link.family() == family &&
                          includes(client->registered.families, family) &&
                          (update.mode == FilterMode::kInclude || !is_ssm(update.group)) &&
                          std::ranges::all_of(update.sources, [&](const mgm::IpAddress &source) {
                              return source.family() == family && is_usable_source(source);
                          });
    if (!is_valid)
        return done(call, Status::kInvalidParameter);
    LinkState *link = find_link(client->registered.vrf, update.link);
    if (link == nullptr || !link->is_locked)
        return apply_update(link, call, *client, update);
    if (client->is_igmp() || call.inside)
        return done(call, Status::kCanNotComplete); // 8.3
    try {
        PendingCall pending{.kind = CallKind::kUpdate, .call = call, .client = handle};
        pending.update = update;
        wait(*link, std::move(pending));
    } catch (const std::bad_alloc &) {
        done(call, Status::kNotEnoughMemory);
    }
}

/// The work of one call.
struct Manager::Impl::Replacement {
    Client &client;
    LinkState &link;
    const MembershipUpdate &update;
    std::uint8_t by; ///< contributor
    Key group;       ///< (*,G)
    std::pmr::vector<Key>
        touched; ///< of G: those that IGMP or the owner has and those that it will have

    [[nodiscard]] bool is_exclude() const { return update.mode == FilterMode::kExclude; }
    [[nodiscard]] bool is_listed(const Key &key) const {
        return !key.is_any_source() &&
               std::ranges::find(update.sources, key.source) != update.sources.end();
    }
    [[nodiscard]] bool will_join(const Key &key) const {
        return key.is_any_source() ? is_exclude() : !is_exclude() && is_listed(key);
    }
};

void Manager::Impl::apply_update(LinkState *link, const Call &call, Client &client,
                                 const MembershipUpdate &update) {
    if (link == nullptr || contributor_of(client, *link) == 0)
        return done(call, Status::kInvalidParameter);
    Replacement work{.client = client,
                     .link = *link,
                     .update = update,
                     .by = contributor_of(client, *link),
                     .group = {.vrf = client.registered.vrf,
                               .group = update.group,
                               .source = any_of(update.group.family())},
                     .touched = std::pmr::vector<Key>(&memory_)};
    if (!prepare(work))
        return done(call, Status::kNotEnoughMemory);

    const MustSucceed guard(memory_);
    for (const Key &name : work.touched) // all before the first change: they cover the same entries
        note_coverage(name, *link);
    bool has_changed = false;
    for (const Key &name : work.touched)
        has_changed |= replace(work, *find_key(name));
    if (has_changed && work.by == kIgmp && link->routing != nullptr)
        tell_update(*link, update, work.touched);
    for (const Key &name : work.touched)
        end_overrides(name, *link);
    if (work.by == kIgmp)
        confirm(*link, work.group);
    tell(work, call.now);
    drop_if_unused(*link);
    done(call, Status::kOk);
}

/// Everything that needs memory: a contribution, still empty, at each key that will have one.
/// False: there is none, and nothing has changed.
bool Manager::Impl::prepare(Replacement &work) {
    try {
        for (const mgm::IpAddress &source : work.update.sources)
            work.touched.push_back(
                {.vrf = work.group.vrf, .group = work.group.group, .source = source});
        if (work.is_exclude())
            work.touched.push_back(work.group);
        if (work.client.memberships + work.touched.size() > options_.max_memberships)
            return false;
        for_group(work.link, work.group, [&](const KeyState &key, const Contribution &) {
            work.touched.push_back(key.key);
        });
        std::ranges::sort(work.touched);
        work.touched.erase(std::unique(work.touched.begin(), work.touched.end()),
                           work.touched.end());
        for (const Key &key : work.touched) {
            KeyState &state = key_state(key);
            contribution(state, work.link);
            if (is_needed(state.life.born, state.life.died))
                state.past.reserve(state.past.size() + 1);
            note_due(state);
        }
        if (work.is_exclude())
            make_wildcard_for(work.group);
        if (work.by == kIgmp)
            reserve_sources(work.link);
        return true;
    } catch (const std::bad_alloc &) {
        for (const Key &key : work.touched)
            if (KeyState *state = find_key(key))
                tidy(*state, work.link);
        refresh_wildcards_of(work.group); // the one that was made for it goes
        return false;
    }
}

/// What the caller has at one key becomes what it asks for. True: that is a change.
bool Manager::Impl::replace(const Replacement &work, KeyState &key) {
    const std::uint8_t by = work.by;
    key.before = members_of(key);
    Contribution &c = *find_contribution(&key, work.link);
    const Contribution old = c;
    const auto others = static_cast<std::uint8_t>(~(by | (by == kIgmp ? unsigned{kStale} : 0U)));
    c.joined &= others;
    c.excluded &= others;
    c.confirm(by);
    if (work.will_join(key.key))
        c.joined |= by;
    if (work.is_exclude() && work.is_listed(key.key))
        c.excluded |= by;
    if (by == kIgmp)
        c.unconfirmed = 0;
    work.client.memberships += ((c.joined | c.excluded) & by) != 0 ? 1U : 0U;
    work.client.memberships -= ((old.joined | old.excluded) & by) != 0 ? 1U : 0U;
    update_life(key);
    if (by == kIgmp && work.link.routing != nullptr)
        tell_owner(work, key, (old.joined & by) != 0, (c.joined & by) != 0);
    // What was stale has never been told to the owner.
    return (((c.joined ^ old.joined) | (c.excluded ^ old.excluded)) & by) != 0;
}

/// Per key, where the owner knows no LOCAL_UPDATE.
void Manager::Impl::tell_owner(const Replacement &work, KeyState &key, bool was_joined,
                               bool is_joined) noexcept {
    const Client &owner = *work.link.routing;
    if (!owner.registered.callbacks.has(CallbackKind::kLocalUpdate) && was_joined != is_joined)
        tell_local(work.link, key, is_joined);
}

/// All joins: TRUE, then FALSE, of entries that gain somebody else's link. Then prunes likewise.
void Manager::Impl::tell(const Replacement &work, Time now) {
    const auto announce_touched = [&](Which which) {
        for (const Key &name : work.touched) {
            KeyState &key = *find_key(name);
            announce(key, key.before, work.link.link, which);
        }
    };
    announce_touched(Which::kJoins);
    std::pmr::vector<Key> losing(&memory_);
    for_entries(work.group, [&](Entry &entry) {
        const Judgement judgement = judge(entry);
        if (judgement.has_foreign && !entry.is_alerted)
            refresh(entry, now);
        else
            losing.push_back(entry.key);
    });
    announce_touched(Which::kPrunes);
    for (const Key &name : work.touched)
        tidy(*find_key(name), work.link);
    for (const Key &key : losing)
        refresh(entries_.find(key)->second, now);
    for_routed(work.group, [&](Sender &sender) { refresh_sender(sender, now); });
}

} // namespace control::manager
