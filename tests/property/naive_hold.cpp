// SPDX-License-Identifier: BSD-3-Clause
// Hold time and adoption (mgm-spec 8.17): what a client had outlives it for a while.
#include "naive_manager.hpp"

#include <algorithm>

namespace mgm_test {

void NaiveManager::hold(int client) {
    Client &held = clients_.at(static_cast<std::size_t>(client));
    held.is_held = true;
    held.hold_ends = now_ + held.registration.hold;
    for (Slot &at : slots_)
        for (Request &waiting : at.waiting)
            if (waiting.client == client)
                waiting.client = kNone; // made with a handle that is nobody's now
    abort_takes(client);                // 8.10 comes first
    end_callbacks(client);
    for (int number = 0; number < kLinks; ++number)
        if (slot(number).transaction && slot(number).igmp == client)
            commit(number, false);
    for (int number = 0; number < kLinks; ++number) {
        const auto is_there = [&](const auto &grace) { return grace.second.link == number; };
        if (slot(number).igmp == client && std::any_of(graces_.begin(), graces_.end(), is_there))
            suspend(number);
    }
    for (const auto &[place, contribution] : contributions_)
        if (place.first == client) {
            unconfirmed_[place].joins |= contribution.joins;
            unconfirmed_[place].excluded |= contribution.excluded;
        }
    if (held.registration.role == Role::kStatic)
        for (const auto &[number, route] : static_routes_)
            held_routes_.insert(number);
}

/// Grace times of a held IGMP stand still.
void NaiveManager::suspend(int link) {
    slot(link).is_pair_due = true;
    for (auto &[number, grace] : graces_)
        if (grace.link == link) {
            grace.deadline = Time::max();
            grace.enable = kNone;
        }
}

void NaiveManager::adopt(int client, const Registration &wanted) {
    Client &adopted = clients_.at(static_cast<std::size_t>(client));
    adopted.registration = wanted;
    adopted.is_held = false;
    adopted.is_alive = true;
    adopted.wildcards_told = 0; // nothing counts as alerted
    for (Alerted &alerted : alerted_)
        if (alerted.client == client)
            alerted.client = kNone;
    for (auto &[flow, entry] : entries_)
        if (entry.owner == client && entry.stage == NaiveEntry::Stage::kLive)
            entry.is_alerted = false, entry.is_prune_due = false;
    tell_locals(client);
    settle(kAnyLink);
    for (int number = 0; number < kLinks; ++number)
        if (slot(number).igmp == client && slot(number).is_pair_due)
            tell_pair(number);
}

/// What IGMP wants on the links of an adopter, which would hear of it no other way.
void NaiveManager::tell_locals(int client) {
    for (int link = 0; link < kLinks; ++link) {
        if (slot(link).owner != client)
            continue;
        const auto [joins, excluded] = igmp_wants(link);
        const Contribution said{joins, excluded};
        Mask done = 0;
        for (int key = 0; key < kKeys && listens(client, CallbackKind::kLocalUpdate); ++key) {
            if (is_flow(key) && find_key(shape(key).family, shape(key).group, 0) != kNone)
                continue; // with its group
            const Mask group = keys_of_group(shape(key).family, shape(key).group);
            if (shape(key).group == 0 || ((said.joins | said.excluded) & group) == 0)
                continue;
            const bool is_exclude = has(said.joins, key);
            const Mask listed = is_exclude ? said.excluded : said.joins;
            tell({.kind = CallbackKind::kLocalUpdate,
                  .client = client,
                  .key = key,
                  .link = link,
                  .links = listed & group & ~bit(key),
                  .flag = is_exclude});
            // A source that is joined beside an EXCLUDE takes an alert of its own.
            done |= is_exclude ? bit(key) : group;
        }
        tell_local(CallbackKind::kLocalJoin, link, said.joins & ~done);
    }
}

void NaiveManager::tell_pair(int link) {
    slot(link).is_pair_due = false;
    const int igmp = slot(link).igmp;
    // The change was long ago: nobody waits for DISABLE.
    pending_.erase(tell({.kind = CallbackKind::kDisableIgmp, .client = igmp, .link = link}));
    const int enable = tell({.kind = CallbackKind::kEnableIgmp, .client = igmp, .link = link});
    for (auto &[number, grace] : graces_)
        if (grace.link == link) {
            grace.enable = enable;
            grace.deadline = now_ + options_.igmp_regrace_limit;
        }
}

void NaiveManager::hold_over(int client) {
    Client &held = clients_.at(static_cast<std::size_t>(client));
    held.hold_ends.reset();
    if (!held.is_held)
        return sweep(client);
    held.is_held = false;
    leave(client);
}

void NaiveManager::reconciled(std::uint64_t call, int client, bool inside) {
    if (!is_alive(client))
        return end(call, Status::kInvalidParameter);
    if (inside)
        return end(call, Status::kCanNotComplete);
    clients_.at(static_cast<std::size_t>(client)).hold_ends.reset();
    sweep(client);
    end(call, Status::kOk);
}

/// What it has not said again goes, link by link, as if it deleted it.
void NaiveManager::sweep(int client) {
    for (int link = kNone; link < kLinks; ++link) {
        const auto found = unconfirmed_.find({client, link});
        if (found == unconfirmed_.end())
            continue;
        const Contribution gone = found->second;
        unconfirmed_.erase(found);
        const Contribution before = contributions_[{client, link}];
        set_joins({.client = client, .link = link},
                  {before.joins & ~gone.joins, before.excluded & ~gone.excluded}, 0);
        for (auto &[number, grace] : graces_)
            if (grace.link == link && grace.is_abort && slot(link).igmp == client)
                grace.old = {grace.old.joins & ~gone.joins, grace.old.excluded & ~gone.excluded};
        if (slot(link).igmp == client)
            tell_local(CallbackKind::kLocalLeave, link, before.joins & gone.joins);
        settle(link, true);
    }
    if (registration(client).role != Role::kStatic || held_routes_.empty())
        return;
    for (const int number : held_routes_)
        static_routes_.erase(number);
    held_routes_.clear();
    settle(kNone);
}

void NaiveManager::confirm(int client, int link, const Contribution &said) {
    const auto found = unconfirmed_.find({client, link});
    if (found == unconfirmed_.end())
        return;
    found->second.joins &= ~said.joins;
    found->second.excluded &= ~said.excluded;
}

} // namespace mgm_test
