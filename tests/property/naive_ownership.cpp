// SPDX-License-Identifier: BSD-3-Clause
// Who owns a link: transactions with IGMP (mgm-spec 2.3, 2.4, 8.3), the hand-over of its
// memberships (8.6), and what becomes of all that when a client dies (8.10).
#include "naive_manager.hpp"

#include <algorithm>

namespace mgm_test {

void NaiveManager::take(const Request &request) {
    Slot &at = slot(request.link);
    if (registration(request.client).role == Role::kGroupManagement) {
        if (at.igmp != kNone)
            return end(request.call, Status::kAlreadyExists);
        at.igmp = request.client; // no DISABLE or ENABLE in this direction (OWN-4)
        if (at.owner == kNone)
            end_overrides(request.link);
        settle(request.link);
        return end(request.call, Status::kOk);
    }
    if (at.owner != kNone)
        return end(request.call, Status::kAlreadyExists);
    if (at.igmp != kNone)
        return begin(request);
    at.owner = request.client;
    ++at.owners;
    end_overrides(request.link);
    settle(request.link);
    end(request.call, Status::kOk);
}

void NaiveManager::release(const Request &request) {
    Slot &at = slot(request.link);
    if (at.igmp == request.client) {
        tell_local(CallbackKind::kLocalLeave, request.link,
                   contributions_[{request.client, request.link}].joins);
        clear_igmp(request.link);
    } else if (at.owner == request.client) {
        if (at.igmp != kNone)
            return begin(request);
        clear_owner(request.link);
    } else {
        return end(request.call, Status::kInvalidParameter);
    }
    settle(request.link);
    end(request.call, Status::kOk);
}

void NaiveManager::begin(const Request &request) {
    Slot &at = slot(request.link);
    const bool is_waited_for = may_ask(at.igmp, CallbackKind::kDisableIgmp);
    const int disable =
        tell({.kind = CallbackKind::kDisableIgmp, .client = at.igmp, .link = request.link});
    at.transaction = Transaction{request, disable};
    if (!is_waited_for)
        commit(request.link, !is_alive(at.igmp) && !is_held(at.igmp));
}

void NaiveManager::commit(int link, bool igmp_is_gone) {
    Slot &at = slot(link);
    const Request request = at.transaction->request;
    hand_over(link, igmp_is_gone);
    if (request.kind == Request::Kind::kTake) {
        at.owner = request.client;
        ++at.owners;
        end_overrides(link);
    } else {
        clear_owner(link);
    }
    if (igmp_is_gone)
        clear_igmp(link);
    settle(link);
    if (igmp_is_gone)
        end(request.call, Status::kOk);
    else
        enable_igmp(link, request.call, request.client);
    at.transaction.reset();
    if (request.call == 0) // a dead client's links first, then those who waited for this one
        release_next(request.client);
    drain(link);
}

/// The caller died before the commit point.
void NaiveManager::abort(int link) {
    Slot &at = slot(link);
    const Contribution entries = contributions_[{at.igmp, link}];
    end(at.transaction->request.call, Status::kCanNotComplete);
    graces_[++last_number_] = {.link = link, .is_abort = true, .old = entries};
    enable_igmp(link, 0, kNone);
    at.transaction.reset();
    drain(link);
}

/// IGMP's entries leave M; where they covered, live entries keep the link, stale.
void NaiveManager::hand_over(int link, bool igmp_is_gone) {
    const int igmp = slot(link).igmp;
    const Contribution old = contributions_[{igmp, link}];
    contributions_.erase({igmp, link});
    unconfirmed_.erase({igmp, link});
    std::erase_if(graces_,
                  [&](const auto &g) { return g.second.link == link && g.second.is_abort; });
    if (igmp_is_gone)
        return;
    const int grace = ++last_number_;
    graces_[grace] = {.link = link, .old = old};
    mark_wildcards(link, grace);
    for (auto &[flow, entry] : entries_) {
        if (entry.stage != NaiveEntry::Stage::kLive || entry.marks.contains(link))
            continue;
        const auto set = entry.overrides.find(link);
        const bool is_forced =
            slot(link).owner == kNone && set != entry.overrides.end() && set->second;
        if (!is_forced && !contributes(old, flow))
            continue;
        entry.marks[link] = grace;
        if (is_forced)
            entry.by_override |= bit(link);
    }
}

/// Ends the transaction; `call` ends when IGMP is back.
void NaiveManager::enable_igmp(int link, std::uint64_t call, int caller) {
    const int igmp = slot(link).igmp;
    if (is_held(igmp)) {
        suspend(link);
        return end(call, Status::kOk);
    }
    const bool is_waited_for = may_ask(igmp, CallbackKind::kEnableIgmp);
    const int enable = tell({.kind = CallbackKind::kEnableIgmp, .client = igmp, .link = link});
    for (auto &[number, grace] : graces_) {
        if (grace.link != link || grace.enable != kNone)
            continue;
        grace.enable = enable;
        grace.deadline = now_ + options_.igmp_regrace_limit;
    }
    if (is_waited_for)
        waits_for_[enable] = {call, caller};
    else
        end(call, Status::kOk);
}

/// IGMP's slot ends, and with it what it had said.
void NaiveManager::clear_igmp(int link) {
    Slot &at = slot(link);
    contributions_.erase({at.igmp, link});
    unconfirmed_.erase({at.igmp, link});
    at.igmp = kNone;
    at.is_pair_due = false;
    std::erase_if(graces_, [&](const auto &grace) { return grace.second.link == link; });
    refresh_marks(link);
    if (at.owner == kNone)
        end_overrides(link);
}

void NaiveManager::clear_owner(int link) {
    Slot &at = slot(link);
    contributions_.erase({at.owner, link});
    unconfirmed_.erase({at.owner, link});
    at.owner = kNone;
    ++at.owners;
    end_overrides(link);
    delete_entries_from(link);
}

void NaiveManager::end_overrides(int link) {
    for (auto &[flow, entry] : entries_)
        entry.overrides.erase(link);
}

void NaiveManager::delete_entries_from(int link) {
    std::erase_if(entries_, [&](const auto &entry) {
        return entry.second.in == link && !entry.second.is_exact;
    });
}

/// IGMP took these back: they stand for nothing from before any more. So do all of a group that it
/// said everything of.
void NaiveManager::answered_by_igmp(int link, Mask keys, bool is_whole_group) {
    for (auto &[number, grace] : graces_)
        if (grace.link == link)
            grace.old = {grace.old.joins & ~keys,
                         grace.old.excluded & ~(is_whole_group ? keys : Mask{0})};
    if (!is_whole_group)
        return;
    confirm(link, keys);
    for (auto &[group, wildcard] : wildcards_)
        for (int number = 0; number < kKeys; ++number)
            if (has(keys, number) && key(number).group == group.address && group.is_host())
                wildcard.marks.erase(link);
}

/// What is from before counts no more for these entries, also for those that are still in the
/// making.
void NaiveManager::confirm(int link, Mask flows) {
    for (auto &[flow, entry] : entries_) {
        if (!has(flows, flow))
            continue;
        entry.marks.erase(link);
        entry.by_override &= ~bit(link);
        for (const auto &[number, grace] : graces_)
            if (grace.link == link)
                entry.answered.insert(number);
    }
}

/// Marks that have lost their reason: IGMP covers the link again, or took back what made them.
void NaiveManager::refresh_marks(int link) {
    refresh_wildcard_marks(link);
    for (auto &[flow, entry] : entries_) {
        const auto mark = entry.marks.find(link);
        if (mark == entry.marks.end())
            continue;
        const auto grace = graces_.find(mark->second);
        const bool holds = grace != graces_.end() &&
                           (contributes(grace->second.old, flow) || has(entry.by_override, link)) &&
                           !contributes(slot(link).igmp, link, flow);
        if (holds)
            continue;
        entry.marks.erase(mark);
        entry.by_override &= ~bit(link);
    }
}

/// `igmp_regrace` is over.
void NaiveManager::end_grace(int number) {
    const Grace grace = graces_.at(number);
    graces_.erase(number);
    refresh_marks(grace.link);
    const int igmp = slot(grace.link).igmp;
    if (grace.is_abort && igmp != kNone) {
        const Contribution before = contributions_[{igmp, grace.link}];
        const Mask lost = before.joins & grace.old.joins;
        set_joins({.client = igmp, .link = grace.link},
                  {before.joins & ~lost, before.excluded & ~grace.old.excluded}, 0);
        tell_local(CallbackKind::kLocalLeave, grace.link, lost);
    }
    settle(grace.link, grace.is_abort);
}

/// 8.25: both slots end at once, IGMP is not asked.
void NaiveManager::remove_interface(int link) {
    Slot &at = slot(link);
    if (at.owner == kNone && at.igmp == kNone)
        return;
    if (at.owner != kNone)
        clear_owner(link);
    if (at.igmp != kNone)
        clear_igmp(link);
    settle(link);
}

void NaiveManager::interface_removed(std::uint32_t interface) {
    for (int number = 0; number < kLinks; ++number) {
        if (link(number).interface != mgm::IfIndex{interface})
            continue;
        slot(number).waiting.push_back({.kind = Request::Kind::kInterfaceRemoved, .link = number});
        drain(number);
    }
}

/// Nothing is heard from it any more: what it owes counts as answered by default, in the order in
/// which it was asked.
void NaiveManager::end_callbacks(int client) {
    std::vector<int> numbers;
    for (const auto &[number, pending] : pending_)
        if (pending.what.client == client)
            numbers.push_back(number);
    for (const int number : numbers) {
        const Pending pending = pending_.at(number);
        pending_.erase(number);
        settle_answer(pending, number, std::monostate{});
    }
}

void NaiveManager::client_ended(int client) {
    if (!is_alive(client))
        return;
    clients_.at(static_cast<std::size_t>(client)).is_alive = false;
    note_calls_of_the_dead(client);
    if (registration(client).hold != Time{})
        return hold(client);
    abort_takes(client);
    end_callbacks(client);
    for (int number = 0; number < kLinks; ++number)
        if (slot(number).transaction && slot(number).igmp == client)
            commit(number, true);
    leave(client);
}

void NaiveManager::abort_takes(int client) {
    for (int number = 0; number < kLinks; ++number) {
        const std::optional<Transaction> &running = slot(number).transaction;
        if (running && running->request.client == client)
            abort(number);
    }
}

/// Release of everything (8.10).
void NaiveManager::leave(int client) {
    if (registration(client).role == Role::kStatic)
        std::erase_if(contributions_, [&](const auto &c) { return c.first.first == client; });
    std::erase_if(unconfirmed_, [&](const auto &c) {
        return c.first.first == client && registration(client).role == Role::kStatic;
    });
    settle(kAnyLink);
    remove_routes_of(client);
    release_next(client);
}

/// They may end at any time, with any status.
void NaiveManager::note_calls_of_the_dead(int client) {
    const auto note = [&](const Request &request) {
        if (request.client == client && request.call != 0)
            dead_calls_.insert(request.call);
    };
    for (const Slot &at : slots_) {
        std::for_each(at.waiting.begin(), at.waiting.end(), note);
        if (at.transaction)
            note(at.transaction->request);
    }
    for (const auto &[enable, waiting] : waits_for_)
        if (waiting.second == client)
            dead_calls_.insert(waiting.first);
}

/// A dead client's links are released one after the other, each when its turn comes.
void NaiveManager::release_next(int client) {
    for (int number = 0; number < kLinks; ++number) {
        Slot &at = slot(number);
        if (at.owner != client && at.igmp != client)
            continue;
        at.waiting.push_back({.kind = Request::Kind::kRelease, .client = client, .link = number});
        drain(number);
        if (at.owner == client || at.igmp == client)
            return; // commit() goes on
    }
}

} // namespace mgm_test
