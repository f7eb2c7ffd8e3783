// SPDX-License-Identifier: BSD-3-Clause
// INV-1 and INV-2: who must know what, and what is said when that changes.
#include "naive_manager.hpp"

#include <algorithm>

namespace mgm_test {

using control::manager::includes;

bool NaiveManager::is_alive(int client) const {
    return client != kNone && clients_.at(static_cast<std::size_t>(client)).is_alive;
}

bool NaiveManager::listens(int client, CallbackKind kind) const {
    return is_alive(client) && registration(client).callbacks.has(kind);
}

/// mgm-spec 8.8: a client that owes an answer for too long is asked nothing more.
bool NaiveManager::may_ask(int client, CallbackKind kind, int flow) const {
    if (was_asked_ && flow != kNone && listens(client, kind) && !was_asked_(kind, client, flow))
        return false;
    return listens(client, kind) && std::none_of(pending_.begin(), pending_.end(), [&](auto &p) {
               return p.second.is_overdue && p.second.what.client == client;
           });
}

int NaiveManager::tell(Told what) {
    if (!listens(what.client, what.kind))
        return kNone;
    const bool is_question_always =
        what.kind == CallbackKind::kRpf || what.kind == CallbackKind::kCreationAlert ||
        what.kind == CallbackKind::kDisableIgmp || what.kind == CallbackKind::kEnableIgmp;
    if (was_asked_ && !is_question_always)
        return kNone;
    // What is not waited for cannot be late, but for the reply to a prune.
    const bool has_deadline =
        what.kind == CallbackKind::kPruneAlert || may_ask(what.client, what.kind);
    what.number = ++last_number_;
    told.push_back(what);
    const bool is_question =
        what.kind == CallbackKind::kRpf || what.kind == CallbackKind::kCreationAlert ||
        what.kind == CallbackKind::kDisableIgmp || what.kind == CallbackKind::kEnableIgmp ||
        (what.kind == CallbackKind::kPruneAlert && !what.flag);
    if (is_question)
        pending_[what.number] = {.what = what,
                                 .deadline = has_deadline ? now_ + options_.callback_deadline
                                                          : Time::max()};
    return what.number;
}

/// The link that a packet of this source is expected on: where the route's neighbour has a link of
/// its own, that one. A static route with iifs says it for all (8.5).
Triple NaiveManager::expected(int flow) const {
    if (const NaiveRoute *fixed = best_route(flow); fixed != nullptr && !fixed->iifs.empty()) {
        const mgm::Family its = shape(flow).family;
        const int first = plain_link(static_cast<std::uint32_t>(fixed->iifs.front()), its);
        return {.link = first,
                .neighbor = control::manager::any_of(its),
                .owner = fixed->iifs.size() == 1 ? slot(first).owner : kNone,
                .fixed = fixed->iifs};
    }
    const int source = shape(flow).source;
    const auto route = mgm_test::route(source, routes_.at(static_cast<std::size_t>(source)));
    if (!route)
        return {};
    const mgm::Family family = route->prefix.family();
    Triple triple{.link = plain_link(static_cast<std::uint32_t>(route->interface), family),
                  .neighbor = control::manager::any_of(family),
                  .fixed = {}};
    if (route->neighbor) {
        triple.neighbor = *route->neighbor;
        const int own = number_of({route->interface, *route->neighbor});
        if (own != kNone && slot(own).owner != kNone)
            triple.link = own;
    }
    triple.owner = slot(triple.link).owner;
    return triple;
}

/// mgm-spec 8.24, for one contributor.
bool NaiveManager::contributes(const Contribution &contribution, int flow) {
    if (has(contribution.joins, flow))
        return true;
    if (has(contribution.excluded, flow))
        return false;
    for (int key = 0; key < kKeys; ++key)
        if (has(contribution.joins, key) && matches(key, flow))
            return true;
    return false;
}

bool NaiveManager::contributes(int client, int link, int flow) const {
    const auto found = contributions_.find({client, link});
    return found != contributions_.end() && contributes(found->second, flow);
}

bool NaiveManager::static_covers(int link, int flow) const {
    return std::any_of(contributions_.begin(), contributions_.end(), [&](const auto &c) {
        return c.first.second == link && registration(c.first.first).role == Role::kStatic &&
               contributes(c.second, flow);
    });
}

bool NaiveManager::is_joined(int link, int flow) const {
    return contributes(slot(link).owner, link, flow) || contributes(slot(link).igmp, link, flow) ||
           static_covers(link, flow);
}

/// The latest-ending grace whose entries would cover `flow` on `link`, of hand-overs only.
int NaiveManager::grace_covering(const NaiveEntry &entry, int link, int flow) const {
    int best = kNone;
    for (const auto &[number, grace] : graces_)
        if (grace.link == link && !grace.is_abort && !entry.answered.contains(number) &&
            contributes(grace.old, flow) &&
            (best == kNone || graces_.at(best).deadline < grace.deadline))
            best = number;
    return best;
}

/// M(k) of every key: what IGMP says on a link with a routing owner is that owner's (credit rule,
/// A5).
std::array<Mask, kKeys> NaiveManager::members() const {
    std::array<Mask, kKeys> members{};
    for (const auto &[place, contribution] : contributions_) {
        const auto &[client, at] = place;
        const bool is_owners = at != kNone && slot(at).igmp == client && slot(at).owner != kNone;
        const int credited = is_owners ? slot(at).owner : client;
        for (std::size_t key = 0; key < kKeys; ++key)
            if (has(contribution.joins, static_cast<int>(key)))
                members.at(key) |= bit(credited);
    }
    return members;
}

Mask NaiveManager::joined_keys() const {
    Mask keys = 0;
    for (const auto &[place, contribution] : contributions_)
        keys |= contribution.joins;
    return keys;
}

/// Everything that has to be said because of a change on `link` (kNone: elsewhere).
void NaiveManager::settle(int link, bool is_deletion) {
    follow_routes();
    for (auto entry = entries_.begin(); entry != entries_.end();) {
        note_changes(entry->first, entry->second);
        const bool stays = follow_route(entry->first, entry->second);
        entry = stays ? std::next(entry) : entries_.erase(entry);
    }
    const std::array<Mask, kKeys> now = members();
    settle_wildcards(now, link);
    settle_sources(now, link, is_deletion);
    for (auto &[flow, entry] : entries_)
        if (entry.stage == NaiveEntry::Stage::kLive)
            reconsider(flow, entry, entry.in, entry.owner);
}

void NaiveManager::settle_wildcards(const std::array<Mask, kKeys> &members, int link) {
    for (int client = 0; client <= newest_client(); ++client) {
        Mask &before = clients_[static_cast<std::size_t>(client)].wildcards_told;
        for (int key = 0; key < kKeys; ++key) {
            if (is_flow(key) || !includes(registration(client).families, shape(key).family))
                continue;
            const bool is_due = (members.at(static_cast<std::size_t>(key)) & ~bit(client)) != 0;
            if (is_due == has(before, key))
                continue;
            before ^= bit(key);
            if (is_due)
                tell(
                    {.kind = CallbackKind::kJoinAlert, .client = client, .key = key, .flag = true});
            else
                tell({.kind = CallbackKind::kPruneAlert,
                      .client = client,
                      .key = key,
                      .link = link == kNone ? kAnyLink : link,
                      .flag = true});
        }
    }
}

/// mgm-spec 8.5.
void NaiveManager::settle_sources(const std::array<Mask, kKeys> &members, int link,
                                  bool is_deletion) {
    for (int key = 0; key < kKeys; ++key) {
        if (!is_flow(key))
            continue;
        const Triple triple = expected(key);
        const bool is_due = triple.owner != kNone &&
                            (members.at(static_cast<std::size_t>(key)) & ~bit(triple.owner)) != 0;
        const int target = is_due ? triple.owner : kNone;
        Alerted &before = alerted_.at(static_cast<std::size_t>(key));
        if (before.client == target)
            continue;
        if (before.client != kNone)
            tell({.kind = CallbackKind::kPruneAlert,
                  .client = before.client,
                  .key = key,
                  .link = is_deletion     ? link
                          : link == kNone ? before.link
                                          : kAnyLink,
                  .flag = true});
        if (target != kNone)
            tell({.kind = CallbackKind::kJoinAlert, .client = target, .key = key, .flag = true});
        before = {target, triple.link};
    }
}

} // namespace mgm_test
