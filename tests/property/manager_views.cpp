// SPDX-License-Identifier: BSD-3-Clause
// Clients whose queues may be full (mgm-spec 8.18): which alerts they get is left to the manager,
// but each must be news, and whoever has room for more must know exactly what holds.
#include "manager_trial.hpp"

#include <algorithm>

namespace mgm_test {

std::size_t ManagerTrial::outstanding(int client) const {
    const control::manager::Handle handle = handles_.at(static_cast<std::size_t>(client));
    return static_cast<std::size_t>(
        std::count_if(unanswered_.begin(), unanswered_.end(),
                      [&](const Delivery &delivery) { return delivery.client == handle; }));
}

/// For NaiveManager::follow().
bool ManagerTrial::was_asked(CallbackKind kind, int client, int flow) {
    const control::manager::Handle handle = handles_.at(static_cast<std::size_t>(client));
    const auto queued = before_.find(client);
    std::size_t most = queued == before_.end() ? 0 : queued->second;
    int asked = 0;
    for (const Delivery &delivery : delivered_) {
        if (delivery.client != handle)
            continue;
        ++most;
        if (delivery.what.kind == kind && delivery.what.key == flow)
            ++asked;
    }
    if (most < bound_)
        return true; // there was room all the time
    return asked > asked_[{kind, client, flow}]++;
}

ManagerTrial::View &ManagerTrial::view_of(int client) {
    views_.resize(std::max(views_.size(), static_cast<std::size_t>(client) + 1));
    return views_.at(static_cast<std::size_t>(client));
}

/// IGMP's wishes on a link, as the client was told them since it owns it.
ManagerTrial::LocalView &ManagerTrial::local_view(int client, int link) {
    LocalView &local = view_of(client).links.at(static_cast<std::size_t>(link));
    if (local.owners != naive_.owners_so_far(link))
        local = {.owners = naive_.owners_so_far(link)};
    return local;
}

void ManagerTrial::flip(Mask &mask, int number, bool on, const Told &told) {
    if (has(mask, number) == on)
        fail(fmt::format("client {} is told what it knows: kind {} {} {}", told.client,
                         static_cast<unsigned>(told.kind), name_of_key(told.key), on));
    mask = on ? mask | bit(number) : mask & ~bit(number);
}

/// The number for NaiveManager::returned().
int ManagerTrial::learn(const Told &told, Time at) {
    if (!naive_.is_alive(told.client)) {
        fail(fmt::format("client {} is told something", told.client));
        return kNone;
    }
    View &view = view_of(told.client);
    const bool is_join = told.kind == CallbackKind::kJoinAlert;
    switch (told.kind) {
    case CallbackKind::kJoinAlert:
    case CallbackKind::kPruneAlert:
        if (told.flag)
            flip(view.keys, told.key, is_join, told);
        else
            return learn_about_entry(view, told, at);
        break;
    case CallbackKind::kLocalJoin:
    case CallbackKind::kLocalLeave:
        flip(local_view(told.client, told.link).keys.first, told.key,
             told.kind == CallbackKind::kLocalJoin, told);
        break;
    case CallbackKind::kLocalUpdate: {
        auto &[joins, excluded] = local_view(told.client, told.link).keys;
        const Mask group = keys_of_group(shape(told.key).family, shape(told.key).group);
        joins = (joins & ~group) | (told.flag ? bit(told.key) : told.links);
        excluded = (excluded & ~group) | (told.flag ? told.links : 0U);
        break;
    }
    default:
        break;
    }
    return kNone;
}

int ManagerTrial::learn_about_entry(View &view, const Told &told, Time at) {
    const auto entry = naive_.entries().find(told.key);
    if (entry == naive_.entries().end() || at < entry->second.created)
        return kNone; // it was about one that ended in the same step
    int &seen = view.incarnations.at(static_cast<std::size_t>(told.key));
    if (std::exchange(seen, entry->second.incarnation) != entry->second.incarnation)
        view.entries &= ~bit(told.key);
    const bool is_join = told.kind == CallbackKind::kJoinAlert;
    // Or about one that made way for it in the same instant, or said to its owner before it moved.
    if (at == entry->second.created || at < entry->second.moved)
        view.doubtful |= bit(told.key);
    if (has(view.doubtful, told.key))
        return is_join ? kNone : naive_.pruned(told.key, told.client, at);
    const bool is_of_empty =
        !is_join && entry->second.owner == told.client && entry->second.is_prune_due;
    if (!has(view.entries, told.key) && is_of_empty)
        return naive_.pruned(told.key, told.client, at);
    flip(view.entries, told.key, is_join, told);
    return is_join ? kNone : naive_.pruned(told.key, told.client, at);
}

void ManagerTrial::check_views() {
    before_.clear();
    asked_.clear();
    for (int client = 0; client <= naive_.newest_client(); ++client) {
        if (!naive_.is_alive(client))
            continue;
        before_[client] = outstanding(client);
        check_bound(client);
        if (before_[client] < bound_)
            check_view(client);
    }
}

/// DISABLE and ENABLE apart, nobody owes more than it may.
void ManagerTrial::check_bound(int client) {
    const control::manager::Handle handle = handles_.at(static_cast<std::size_t>(client));
    const auto owed =
        std::count_if(unanswered_.begin(), unanswered_.end(), [&](const Delivery &delivery) {
            return delivery.client == handle && delivery.what.kind != CallbackKind::kDisableIgmp &&
                   delivery.what.kind != CallbackKind::kEnableIgmp;
        });
    if (owed > static_cast<std::ptrdiff_t>(bound_))
        fail(fmt::format("client {} owes {} callbacks, {} are allowed", client, owed, bound_));
}

void ManagerTrial::check_view(int client) {
    const Registration &registration = naive_.registration(client);
    View &view = view_of(client);
    for (int flow = 0; flow < kKeys; ++flow) { // of an entry that is gone, nothing is known
        const auto entry = naive_.entries().find(flow);
        if (entry == naive_.entries().end() ||
            entry->second.incarnation != view.incarnations.at(static_cast<std::size_t>(flow)))
            view.entries &= ~bit(flow);
    }
    view.entries =
        (view.entries & ~view.doubtful) | (naive_.alerted_entries(client) & view.doubtful);
    view.doubtful = 0;
    if (registration.callbacks.has(CallbackKind::kJoinAlert) &&
        registration.callbacks.has(CallbackKind::kPruneAlert)) {
        if (view.keys != naive_.alerted_keys(client))
            fail(fmt::format("client {} believes TRUE of {:b}, but it holds of {:b}", client,
                             view.keys, naive_.alerted_keys(client)));
        if (view.entries != naive_.alerted_entries(client))
            fail(fmt::format("client {} believes FALSE of {:b}, but it holds of {:b}", client,
                             view.entries, naive_.alerted_entries(client)));
        for (const auto &[flow, entry] : naive_.entries())
            if (entry.stage == NaiveEntry::Stage::kLive && entry.owner == client &&
                entry.is_prune_due)
                fail(fmt::format("client {} must be told that {} is empty", client,
                                 name_of_key(flow)));
    }
    if (!registration.callbacks.has(CallbackKind::kLocalJoin))
        return;
    const bool knows_updates = registration.callbacks.has(CallbackKind::kLocalUpdate);
    for (int link = 0; link < kLinks; ++link) {
        if (naive_.routing_owner(link) != client)
            continue;
        const auto seen = local_view(client, link).keys;
        const auto wanted = naive_.igmp_wants(link);
        for (int key = 0; key < kKeys; ++key) {
            const int group = find_key(shape(key).family, shape(key).group, 0);
            // What is excluded without its group cannot be said.
            const bool is_excluded = has(wanted.second, key) && has(wanted.first, group);
            const bool is_same = has(seen.first, key) == has(wanted.first, key) &&
                                 (!knows_updates || !is_excluded || has(seen.second, key));
            if (!is_same)
                fail(fmt::format("client {} has another idea of {} on {}", client, name_of_key(key),
                                 name_of_link(link)));
        }
    }
}

} // namespace mgm_test
