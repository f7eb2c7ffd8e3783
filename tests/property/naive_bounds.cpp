// SPDX-License-Identifier: BSD-3-Clause
// What clients must know, for those whose queues may be full (mgm-spec 8.18).
#include "naive_manager.hpp"

namespace mgm_test {

int NaiveManager::pruned(int flow, int client, Time at) {
    const auto found = entries_.find(flow);
    if (found == entries_.end() || found->second.stage != NaiveEntry::Stage::kLive ||
        found->second.owner != client || found->second.olist != 0)
        return kNone; // its reply changes nothing
    found->second.is_prune_due = false;
    if (at + options_.callback_deadline <= now_)
        return kNone; // its time is over already
    Told what{
        .kind = CallbackKind::kPruneAlert, .client = client, .key = flow, .number = ++last_number_};
    pending_[what.number] = {.what = what,
                             .deadline = at + options_.callback_deadline,
                             .incarnation = found->second.incarnation,
                             .epoch = found->second.epoch};
    return what.number;
}

Mask NaiveManager::alerted_keys(int client) const {
    Mask keys = clients_.at(static_cast<std::size_t>(client)).wildcards_told;
    for (int key = 0; key < kKeys; ++key)
        if (is_flow(key) && alerted_.at(static_cast<std::size_t>(key)).client == client)
            keys |= bit(key);
    return keys;
}

Mask NaiveManager::alerted_entries(int client) const {
    Mask flows = 0;
    for (const auto &[flow, entry] : entries_)
        if (entry.stage == NaiveEntry::Stage::kLive && entry.owner == client && entry.is_alerted)
            flows |= bit(flow);
    return flows;
}

std::pair<Mask, Mask> NaiveManager::igmp_wants(int link) const {
    const auto found = contributions_.find({slot(link).igmp, link});
    if (slot(link).igmp == kNone || found == contributions_.end())
        return {};
    return {found->second.joins, found->second.excluded};
}

} // namespace mgm_test
