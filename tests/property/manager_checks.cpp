// SPDX-License-Identifier: BSD-3-Clause
// What the manager did, compared with what its oracle says.
#include "manager_trial.hpp"

#include <algorithm>
#include <sstream>

namespace mgm_test {
namespace {

using control::manager::EntryInfo;
using control::manager::EntryState;
using control::manager::Identity;
using control::manager::Oif;

std::string describe(const Told &told) {
    constexpr std::array<std::string_view, 11> kNames{
        "RPF",         "CREATION",     "PRUNE",       "JOIN",         "WRONG_IF", "LOCAL_JOIN",
        "LOCAL_LEAVE", "DISABLE_IGMP", "ENABLE_IGMP", "LOCAL_UPDATE", "DROPPED"};
    std::string links;
    for (int number = 0; number < kLinks; ++number)
        if (told.kind == CallbackKind::kCreationAlert && has(told.links, number))
            links += " " + name_of_link(number);
    return fmt::format("client {}: {} {} {} {}{}", told.client,
                       kNames.at(static_cast<std::size_t>(told.kind)), name_of_key(told.key),
                       told.link == kAnyLink ? "any" : name_of_link(told.link), told.flag, links);
}

bool is_as_expected(const Told &expected, const Told &actual) {
    return expected.kind == actual.kind && expected.client == actual.client &&
           expected.key == actual.key &&
           (expected.link == actual.link || expected.link == kAnyLink) &&
           expected.links == actual.links && expected.flag == actual.flag;
}

bool is_about_entry(const Told &told) {
    return told.kind == CallbackKind::kRpf || told.kind == CallbackKind::kCreationAlert ||
           ((told.kind == CallbackKind::kJoinAlert || told.kind == CallbackKind::kPruneAlert) &&
            !told.flag);
}

bool is_question(const Told &told) {
    return told.kind == CallbackKind::kRpf || told.kind == CallbackKind::kCreationAlert ||
           told.kind == CallbackKind::kDisableIgmp || told.kind == CallbackKind::kEnableIgmp ||
           (told.kind == CallbackKind::kPruneAlert && !told.flag);
}

} // namespace

void ManagerTrial::write_command(const Command &command) {
    std::ostringstream text;
    showValue(command, text);
    log_ +=
        fmt::format("call {} at {} ms: {}\n", last_call_ + 1, now_.count() / 1'000'000, text.str());
}

void ManagerTrial::write(const std::string &line) {
    if (keeps_log_)
        log_ += "    " + line + "\n";
}

void ManagerTrial::fail(const std::string &text) {
    if (!failure_.empty())
        return;
    failure_ = log_ + text;
}

void ManagerTrial::check() {
    naive_.make_due_entries();
    for (Delivery &delivery : delivered_) { // a client that adopts is told before Register returns
        const auto found = std::find(handles_.begin(), handles_.end(), delivery.client);
        delivery.what.client =
            found == handles_.end() ? kNone : static_cast<int>(found - handles_.begin());
    }
    if (was_short_of_memory_)
        forget_lost_entries();
    check_told();
    check_ended();
    check_entries();
    if (!was_short_of_memory_)
        check_wildcards();
    check_owners();
    check_timer();
    was_short_of_memory_ = false;
}

/// Entries that a lack of memory may have cost, with all that was to be said about them (8.9): also
/// one that would have been told of, and then taken out by the same step.
void ManagerTrial::forget_lost_entries() {
    for (int flow = 0; flow < kKeys; ++flow) {
        const auto entry = naive_.entries().find(flow);
        const bool is_made = entry != naive_.entries().end();
        if (is_made && entry->second.is_exact)
            continue;
        const bool is_live = is_made && entry->second.stage == NaiveEntry::Stage::kLive;
        const bool is_there = plane_.at(static_cast<std::size_t>(flow)).is_there;
        const bool is_untold =
            std::any_of(naive_.told.begin(), naive_.told.end(), [&](const Told &t) {
                return t.key == flow && is_about_entry(t) &&
                       (is_question(t) || (!is_made && !is_there)) &&
                       std::none_of(delivered_.begin(), delivered_.end(),
                                    [&](const Delivery &d) { return is_as_expected(t, d.what); });
            });
        if (!is_untold && (!is_live || is_there))
            continue;
        write("forgotten for lack of memory: " + name_of_key(flow));
        naive_.forget(flow);
        drop_unmatched(flow);
    }
}

/// What one side alone says about an entry that is lost.
void ManagerTrial::drop_unmatched(int flow) {
    std::vector<Delivery> matched;
    std::erase_if(naive_.told, [&](const Told &told) {
        if (told.key != flow || !is_about_entry(told))
            return false;
        const auto found =
            std::find_if(delivered_.begin(), delivered_.end(),
                         [&](const Delivery &d) { return is_as_expected(told, d.what); });
        if (found == delivered_.end()) {
            naive_.withdraw(told.number);
            return true;
        }
        matched.push_back(*found);
        delivered_.erase(found);
        return false;
    });
    for (const Delivery &delivery : delivered_)
        if (delivery.what.key == flow && is_about_entry(delivery.what))
            manager_->returned(delivery.client, delivery.id, std::monostate{}, now_);
    std::erase_if(delivered_,
                  [&](const Delivery &d) { return d.what.key == flow && is_about_entry(d.what); });
    delivered_.insert(delivered_.end(), matched.begin(), matched.end());
}

void ManagerTrial::check_told() {
    for (const Delivery &delivery : delivered_)
        write("-> " + describe(delivery.what));
    if (bound_ != 0) {
        for (Delivery &delivery : delivered_)
            if (!is_question(delivery.what) || delivery.what.kind == CallbackKind::kPruneAlert) {
                delivery.what.number = learn(delivery.what, delivery.at);
                unanswered_.push_back(delivery);
            }
        std::erase_if(delivered_, [](const Delivery &delivery) {
            return !is_question(delivery.what) || delivery.what.kind == CallbackKind::kPruneAlert;
        });
    }
    for (const Told &expected : naive_.told) {
        const auto found =
            std::find_if(delivered_.begin(), delivered_.end(),
                         [&](const Delivery &d) { return is_as_expected(expected, d.what); });
        if (found == delivered_.end())
            return fail("must be told: " + describe(expected));
        Delivery delivery = *found;
        delivered_.erase(found);
        delivery.what.number = expected.number;
        naive_.note_order(expected.number, static_cast<std::uint64_t>(delivery.id));
        if (is_question(expected))
            unanswered_.push_back(delivery);
        else
            manager_->returned(delivery.client, delivery.id, std::monostate{}, now_);
    }
    if (!delivered_.empty())
        return fail("must not be told: " + describe(delivered_.front().what));
    naive_.told.clear();
    if (bound_ != 0 && failure_.empty())
        check_views();
}

void ManagerTrial::check_ended() {
    for (const Completion &completion : completed_) {
        write(fmt::format("call {} ends in {}", completion.call,
                          static_cast<unsigned>(completion.status)));
        if (running_.erase(completion.call) == 0)
            fail(fmt::format("call {} ends twice", completion.call));
    }
    for (const Ended &expected : naive_.ended) {
        const auto found = std::find_if(completed_.begin(), completed_.end(),
                                        [&](const auto &c) { return c.call == expected.call; });
        const bool is_of_dead = naive_.calls_of_the_dead().contains(expected.call);
        if (found == completed_.end() && is_of_dead)
            continue;
        if (found == completed_.end() || (expected.status != found->status && !is_of_dead))
            fail(fmt::format("call {} must end in {}", expected.call,
                             static_cast<unsigned>(*expected.status)));
        if (found != completed_.end())
            completed_.erase(found);
    }
    for (const Completion &completion : completed_)
        if (!naive_.calls_of_the_dead().contains(completion.call))
            fail(fmt::format("call {} must not end", completion.call));
    completed_.clear();
    naive_.ended.clear();
}

void ManagerTrial::check_entries() {
    for (int flow = 0; flow < kKeys && failure_.empty(); ++flow) {
        if (!is_flow(flow))
            continue;
        const Installed &installed = plane_.at(static_cast<std::size_t>(flow));
        const auto found = naive_.entries().find(flow);
        const bool is_live =
            found != naive_.entries().end() && found->second.stage == NaiveEntry::Stage::kLive;
        if (was_short_of_memory_ && is_live && found->second.is_exact)
            continue; // it may be empty or not there, until the next step
        const std::optional<EntryInfo> info = manager_->entry(key(flow), now_);
        if (info.has_value() != is_live || installed.is_there != is_live)
            return fail(fmt::format("entry {}: expected {}, shown {}, installed {}",
                                    name_of_key(flow), is_live, info.has_value(),
                                    installed.is_there));
        if (!is_live)
            continue;
        const NaiveEntry &entry = found->second;
        std::vector<mgm::IfIndex> iifs = entry.accepted;
        if (entry.in != kNone && iifs.empty())
            iifs.push_back(link(entry.in).interface);
        Mask shown = 0;
        for (const Oif &oif : info->oifs)
            shown |= bit(number_of(oif.link));
        if (installed.oifs != entry.olist || shown != entry.olist || installed.iifs != iifs)
            return fail(fmt::format("entry {} from {}: olist {:b} expected, {:b} installed, {:b} "
                                    "shown, {} incoming",
                                    name_of_key(flow), name_of_link(entry.in), entry.olist,
                                    installed.oifs, shown, installed.iifs.size()));
        const EntryState state = entry.olist == 0 ? EntryState::kNegative : EntryState::kActive;
        const int in = info->in ? number_of(*info->in) : kNone;
        if (info->state != state || in != entry.in || info->timeout != entry.timeout ||
            info->up_time != now_ - entry.started)
            return fail(fmt::format("entry {}: up {} of {} ns expected, {} of {} shown",
                                    name_of_key(flow), (now_ - entry.started).count(),
                                    entry.timeout.count(), info->up_time.count(),
                                    info->timeout.count()));
    }
}

void ManagerTrial::check_owners() {
    for (int number = 0; number < kLinks; ++number) {
        Identity shown;
        const Status status = manager_->owner_of(mgm::Vrf{0}, link(number), shown);
        const int owner = naive_.routing_owner(number) != kNone ? naive_.routing_owner(number)
                                                                : naive_.igmp(number);
        if (owner == kNone ? status != Status::kNotFound
                           : status != Status::kOk || shown != naive_.registration(owner).identity)
            fail(fmt::format("owner of {}: client {} expected, {} shown with status {}",
                             name_of_link(number), owner, shown.protocol,
                             static_cast<unsigned>(status)));
    }
}

void ManagerTrial::check_timer() {
    const std::optional<Time> due = naive_.next_due();
    const std::optional<Time> timer = manager_->next_timer();
    if (due && (!timer || *timer > *due))
        fail(fmt::format("timer at {}, but something is due at {}", timer ? timer->count() : -1,
                         due->count()));
}

} // namespace mgm_test
