// SPDX-License-Identifier: BSD-3-Clause
// What happens when an answer comes, when it does not, and when time is over.
#include "naive_manager.hpp"

#include <algorithm>
#include <limits>
#include <utility>

namespace mgm_test {

void NaiveManager::set_route(int source, int option) {
    routes_.at(static_cast<std::size_t>(source)) = option;
    settle(kNone);
}

void NaiveManager::returned(int number, const Reply &reply) {
    const auto found = pending_.find(number);
    if (found == pending_.end())
        return;
    const Pending pending = found->second;
    pending_.erase(found);
    if (!pending.is_overdue)
        settle_answer(pending, number, reply);
    else if (pending.what.kind == CallbackKind::kEnableIgmp)
        enable_returned(number); // IGMP is back, if late: its time to say all again starts
}

/// In time, or by default because the client ended or its time is over.
void NaiveManager::settle_answer(const Pending &pending, int number, const Reply &reply) {
    const int flow = pending.what.key;
    const auto entry = flow == kNone ? entries_.end() : entries_.find(flow);
    switch (pending.what.kind) {
    case CallbackKind::kRpf:
        if (entry != entries_.end() && entry->second.rpf == number)
            rpf_answered(flow, entry->second, reply);
        break;
    case CallbackKind::kCreationAlert:
        if (entry != entries_.end() && entry->second.creations.contains(number))
            creation_answered(flow, entry->second, number, reply);
        break;
    case CallbackKind::kPruneAlert:
        prune_answered(pending, reply);
        break;
    case CallbackKind::kDisableIgmp: {
        const std::optional<Transaction> &running = slot(pending.what.link).transaction;
        if (running && running->disable == number)
            commit(pending.what.link,
                   !is_alive(pending.what.client) && !is_held(pending.what.client));
        break;
    }
    case CallbackKind::kEnableIgmp:
        enable_returned(number);
        end_wait(number);
        break;
    default:
        break;
    }
}

void NaiveManager::enable_returned(int number) {
    for (auto &[id, grace] : graces_)
        if (grace.enable == number)
            grace.deadline = std::min(grace.deadline, now_ + options_.igmp_regrace);
}

void NaiveManager::end_wait(int enable) {
    const auto waiting = waits_for_.find(enable);
    if (waiting == waits_for_.end())
        return;
    const std::uint64_t call = waiting->second.first;
    waits_for_.erase(waiting);
    end(call, Status::kOk);
}

void NaiveManager::became_overdue(int number) {
    const Pending pending = pending_.at(number);
    if (pending.what.kind == CallbackKind::kPruneAlert) { // only its time-out is lost
        pending_.erase(number);
        return;
    }
    pending_.at(number).is_overdue = true;
    if (pending.what.kind == CallbackKind::kEnableIgmp)
        end_wait(number);
    else
        settle_answer(pending, number, std::monostate{});
}

void NaiveManager::expire(int flow) {
    NaiveEntry &entry = entries_.at(flow);
    if (options_.refresh_entries && (busy_ || is_kept(flow)) && entry.olist != 0)
        entry.started = now_; // A18
    else
        entries_.erase(flow);
}

NaiveManager::Due NaiveManager::next(bool with_prunes) const {
    Due due{.time = Time::max()};
    const auto offer = [&](Time time, Due::Kind kind, int number) {
        if (time < due.time)
            due = {time, kind, number};
    };
    std::pair first{due.time, std::numeric_limits<std::uint64_t>::max()};
    for (const auto &[number, pending] : pending_) { // a prune's reply just loses its sense
        if (pending.is_overdue || (!with_prunes && pending.what.kind == CallbackKind::kPruneAlert))
            continue;
        if (const std::pair when{pending.deadline, pending.order}; when < first) {
            first = when;
            due = {pending.deadline, Due::Kind::kAnswer, number};
        }
    }
    for (const auto &[number, grace] : graces_)
        offer(grace.deadline, Due::Kind::kGrace, number);
    for (std::size_t client = 0; client < clients_.size(); ++client)
        if (clients_[client].hold_ends && (clients_[client].is_alive || clients_[client].is_held))
            offer(*clients_[client].hold_ends, Due::Kind::kHold, static_cast<int>(client));
    for (const auto &[flow, entry] : entries_)
        if (entry.stage == NaiveEntry::Stage::kLive && !entry.is_exact)
            offer(entry.started + entry.timeout, Due::Kind::kEntry, flow);
    return due;
}

std::optional<Time> NaiveManager::next_due() const {
    const Due due = next(false);
    return due.time == Time::max() ? std::nullopt : std::optional(due.time);
}

void NaiveManager::advance(Time now) {
    make_due_entries();
    for (Due due = next(true); due.time <= now; due = next(true)) {
        now_ = due.time;
        if (due.kind == Due::Kind::kAnswer)
            became_overdue(due.number);
        else if (due.kind == Due::Kind::kGrace)
            end_grace(due.number);
        else if (due.kind == Due::Kind::kHold)
            hold_over(due.number);
        else
            expire(due.number);
        make_due_entries();
    }
    now_ = now;
}

} // namespace mgm_test
