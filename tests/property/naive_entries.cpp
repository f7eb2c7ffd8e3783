// SPDX-License-Identifier: BSD-3-Clause
// Entries: how data makes them (mgm-spec 8.14), where they send to (8.13), whom they alert (INV-3),
// when they change their incoming link (8.15) and when they end.
#include "naive_manager.hpp"

#include <algorithm>

namespace mgm_test {

using control::manager::CreationReply;
using control::manager::PruneReply;
using control::manager::RpfReply;

void NaiveManager::new_source(int flow, std::uint32_t interface) {
    if (entries_.contains(flow) || goes_by_wildcard(flow))
        return;
    NaiveEntry &entry = entries_[flow];
    entry.incarnation = ++last_number_;
    entry.created = now_;
    entry.arrival = plain_link(interface, shape(flow).family);
    entry.expected = current(flow, entry);
    ask_rpf(flow, entry);
}

/// Without a route, what counts is who owns the link that the packet came in on (A12).
Triple NaiveManager::current(int flow, const NaiveEntry &entry) const {
    Triple triple = expected(flow);
    if (triple.link == kNone && entry.arrival != kNone)
        triple.owner = slot(entry.arrival).owner;
    return triple;
}

void NaiveManager::ask_rpf(int flow, NaiveEntry &entry) {
    const Triple &expected = entry.expected;
    entry.rpf = kNone;
    if (expected.fixed.empty() && expected.owner != kNone &&
        may_ask(expected.owner, CallbackKind::kRpf, flow))
        entry.rpf = tell({.kind = CallbackKind::kRpf,
                          .client = expected.owner,
                          .key = flow,
                          .link = expected.link != kNone ? expected.link : entry.arrival});
    else
        rpf_answered(flow, entry, std::monostate{});
}

void NaiveManager::rpf_answered(int flow, NaiveEntry &entry, const Reply &reply) {
    int in = entry.expected.link;
    if (const auto *answer = std::get_if<RpfReply>(&reply)) {
        const int wanted = number_of(answer->in);
        if (wanted != kNone && slot(wanted).owner == entry.expected.owner)
            in = wanted; // else refused as a whole (8.20)
    }
    entry.rpf = kNone;
    entry.accepted = entry.expected.fixed;
    const int owner = in == kNone ? kNone : entry.expected.owner;
    if (entry.stage == NaiveEntry::Stage::kLive)
        return reconsider(flow, entry, in, owner);
    entry.in = in;
    entry.owner = owner;
    ask_creation(flow, entry);
}

void NaiveManager::ask_creation(int flow, NaiveEntry &entry) {
    entry.stage = NaiveEntry::Stage::kCreation;
    std::map<int, std::map<int, int>> links_of;
    std::map<int, bool> is_asked;
    const auto may_be_asked = [&](int client) {
        const auto [known, is_new] = is_asked.emplace(client, false);
        if (is_new)
            known->second = may_ask(client, CallbackKind::kCreationAlert, flow);
        return known->second;
    };
    for (int link = 0; entry.in != kNone && link < kLinks; ++link)
        if (may_go_out(entry, link, flow) && covered(entry, link, flow) &&
            may_be_asked(slot(link).owner))
            links_of[slot(link).owner][link] = slot(link).owner;
    for (const auto &[client, links] : links_of) {
        Told alert{
            .kind = CallbackKind::kCreationAlert, .client = client, .key = flow, .link = entry.in};
        for (const auto &[link, owner] : links)
            alert.links |= bit(link);
        const int number = tell(alert);
        entry.creations.insert(number);
        entry.asked[number] = links;
    }
    if (entry.creations.empty())
        activate(flow, entry);
}

/// A veto does not count for a link whose coverage or owner changed since it was asked about (8.8).
void NaiveManager::note_changes(int flow, NaiveEntry &entry) {
    const auto has_changed = [&](const auto &asked) {
        return !covered(entry, asked.first, flow) || slot(asked.first).owner != asked.second;
    };
    for (auto &[number, links] : entry.asked)
        std::erase_if(links, has_changed);
    if (entry.stage != NaiveEntry::Stage::kLive)
        std::erase_if(entry.vetoed, has_changed);
}

void NaiveManager::creation_answered(int flow, NaiveEntry &entry, int number, const Reply &reply) {
    if (const auto *answer = std::get_if<CreationReply>(&reply))
        for (const auto &vetoed : answer->vetoed)
            if (const auto asked = entry.asked[number].find(number_of(vetoed));
                asked != entry.asked[number].end() && !static_covers(asked->first, flow) &&
                !is_named(asked->first, flow))
                entry.vetoed.insert(*asked);
    entry.asked.erase(number);
    entry.creations.erase(number);
    if (entry.creations.empty())
        activate(flow, entry);
}

/// The last answer is in.
void NaiveManager::activate(int flow, NaiveEntry &entry) {
    for (int link = 0; link < kLinks; ++link) {
        const int grace = grace_covering(entry, link, flow);
        if (grace != kNone && !contributes(slot(link).igmp, link, flow))
            entry.marks[link] = grace;
        if (entry.vetoed.contains(link))
            entry.overrides.insert({link, false}); // FORWARD calls come after vetoes: they win
    }
    entry.stage = NaiveEntry::Stage::kLive;
    entry.asked.clear();
    entry.started = now_;
    entry.timeout = entry.in == kNone ? options_.no_route_timeout : options_.entry_timeout;
    entry.olist = olist_of(entry, flow);
    entry.is_alerted = is_wanted_by_others(entry, flow);
    if (entry.is_alerted)
        join_entry(flow, entry);
    else if (entry.olist == 0 && entry.owner != kNone)
        prune_entry(flow, entry, entry.owner, entry.in, true);
    entry.is_prune_due = entry.olist == 0 && entry.owner != kNone;
}

bool NaiveManager::covered(const NaiveEntry &entry, int link, int flow) const {
    return is_joined(link, flow) || is_named(link, flow) || entry.marks.contains(link) ||
           (entry.stage != NaiveEntry::Stage::kLive && grace_covering(entry, link, flow) != kNone);
}

/// The tables know interfaces only: no link of the incoming one goes out.
bool NaiveManager::is_incoming(const NaiveEntry &entry, int number) {
    if (!entry.accepted.empty())
        return std::find(entry.accepted.begin(), entry.accepted.end(), link(number).interface) !=
               entry.accepted.end();
    return entry.in != kNone && link(number).interface == link(entry.in).interface;
}

/// A route that accepts from several names one of them for what comes in on the others.
bool NaiveManager::may_go_out(const NaiveEntry &entry, int link, int flow) const {
    return !is_incoming(entry, link) || (entry.accepted.size() > 1 && is_named(link, flow));
}

/// L of mgm-spec 8.13.
Mask NaiveManager::olist_of(const NaiveEntry &entry, int flow) const {
    Mask olist = 0;
    for (int link = 0; entry.in != kNone && link < kLinks; ++link) {
        const auto set = entry.overrides.find(link);
        const bool is_on =
            is_named(link, flow) ||
            (set != entry.overrides.end() ? set->second : covered(entry, link, flow));
        if (is_on && may_go_out(entry, link, flow))
            olist |= bit(link);
    }
    return olist;
}

/// INV-3: L holds a link that is not O's, or is there only through STATIC or a stale mark.
bool NaiveManager::is_wanted_by_others(const NaiveEntry &entry, int flow) const {
    for (int link = 0; entry.owner != kNone && link < kLinks; ++link) {
        if (!has(entry.olist, link))
            continue;
        const Slot &at = slot(link);
        const auto set = entry.overrides.find(link);
        const bool is_through_members =
            set != entry.overrides.end()
                ? set->second
                : contributes(at.owner, link, flow) || contributes(at.igmp, link, flow);
        if (at.owner != entry.owner || !is_through_members)
            return true;
    }
    return false;
}

void NaiveManager::restart(NaiveEntry &entry) {
    entry.started = now_;
    entry.timeout = options_.entry_timeout;
    ++entry.epoch;
}

void NaiveManager::join_entry(int flow, const NaiveEntry &entry) {
    tell({.kind = CallbackKind::kJoinAlert, .client = entry.owner, .key = flow});
}

void NaiveManager::prune_entry(int flow, const NaiveEntry &entry, int client, int in,
                               bool has_reply) {
    const int number =
        tell({.kind = CallbackKind::kPruneAlert, .client = client, .key = flow, .link = in});
    if (!has_reply)
        pending_.erase(number);
    if (number == kNone || !has_reply)
        return;
    pending_.at(number).incarnation = entry.incarnation;
    pending_.at(number).epoch = entry.epoch;
}

/// A live entry's olist, alerts and time-out after whatever has changed.
void NaiveManager::reconsider(int flow, NaiveEntry &entry, int in, int owner) {
    const bool was_empty = entry.olist == 0;
    const bool was_alerted = entry.is_alerted;
    const int old_owner = std::exchange(entry.owner, owner);
    if (old_owner != owner)
        entry.moved = now_;
    const int old_in = std::exchange(entry.in, in);
    entry.olist = olist_of(entry, flow);
    entry.is_alerted = is_wanted_by_others(entry, flow);
    const bool is_empty = entry.olist == 0;
    if (in != kNone && (was_empty != is_empty || old_owner != owner) && !entry.is_exact)
        restart(entry);
    if (!is_empty)
        entry.is_prune_due = false;
    else if (old_owner != owner)
        entry.is_prune_due = owner != kNone;
    if (old_owner != owner) {
        if (was_alerted)
            prune_entry(flow, entry, old_owner, old_in, false);
        if (entry.is_alerted)
            join_entry(flow, entry);
        else if (is_empty && owner != kNone)
            prune_entry(flow, entry, owner, in, true);
    } else if (entry.is_alerted && !was_alerted) {
        join_entry(flow, entry);
    } else if (was_alerted && !entry.is_alerted) {
        prune_entry(flow, entry, owner, in, is_empty);
    }
}

/// mgm-spec 8.15; false: the entry ends.
bool NaiveManager::follow_route(int flow, NaiveEntry &entry) {
    if (entry.is_exact)
        return true;
    const Triple now = current(flow, entry);
    if (now == entry.expected)
        return true;
    if (entry.stage != NaiveEntry::Stage::kLive || entry.in == kNone || now.link == kNone)
        return false;
    entry.expected = now;
    ask_rpf(flow, entry);
    return true;
}

/// mgm-spec 8.16.
void NaiveManager::prune_answered(const Pending &pending, const Reply &reply) {
    const auto *answer = std::get_if<PruneReply>(&reply);
    const auto found = entries_.find(pending.what.key);
    if (answer == nullptr || found == entries_.end())
        return;
    NaiveEntry &entry = found->second;
    if (entry.incarnation != pending.incarnation || entry.epoch != pending.epoch)
        return;
    entry.started = now_;
    entry.timeout = answer->timeout_seconds == 0
                        ? options_.entry_timeout
                        : Time(std::chrono::seconds(answer->timeout_seconds));
}

void NaiveManager::wrong_interface(int flow, std::uint32_t interface) {
    const auto found = entries_.find(flow);
    const int arrival = plain_link(interface, shape(flow).family);
    if (found == entries_.end() || found->second.stage != NaiveEntry::Stage::kLive ||
        found->second.in == kNone || arrival == kNone || is_incoming(found->second, arrival))
        return;
    const auto last = wrong_if_told_.find({flow, arrival});
    if (last != wrong_if_told_.end() && now_ - last->second < options_.wrong_if_interval)
        return;
    if (tell({.kind = CallbackKind::kWrongIf,
              .client = slot(arrival).owner,
              .key = flow,
              .link = arrival}) != kNone)
        wrong_if_told_[{flow, arrival}] = now_;
}

} // namespace mgm_test
