// SPDX-License-Identifier: BSD-3-Clause
// Routes that change, answers to callbacks, and time.
#include "manager_trial.hpp"

#include <algorithm>
#include <span>

namespace mgm_test {

using control::manager::RpfReply;

void ManagerTrial::set_route(const Command &command) {
    const int number = 1 + command.client % (kSources - 1);
    int &current = routes_.at(static_cast<std::size_t>(number));
    if (const auto old = route(number, current))
        static_cast<void>(rib_.remove(*old));
    current = command.option % kRoutes;
    if (const auto next = route(number, current))
        static_cast<void>(rib_.add(*next));
    const bool is_precise = command.more % 2 == 0;
    const mgm::IpAddress &address = source(number);
    mgm::IpPrefix changed{address, static_cast<std::uint8_t>(is_precise ? address.bits() : 0)};
    manager_->route_changed(mgm::Vrf{0}, changed.network(), now_);
    note_failed_calls();
    naive_.set_route(number, current);
}

void ManagerTrial::reply(const Command &command) {
    if (unanswered_.empty())
        return;
    const std::size_t which = command.client % unanswered_.size();
    const Delivery delivery = unanswered_[which];
    unanswered_.erase(unanswered_.begin() + static_cast<std::ptrdiff_t>(which));
    answer(delivery, command);
}

/// What the function of a client might return, by the command's option.
void ManagerTrial::answer(const Delivery &delivery, const Command &command) {
    Reply reply;
    std::vector<control::manager::Link> vetoed;
    if (delivery.what.kind == CallbackKind::kRpf) {
        RpfReply to;
        to.in = link(delivery.what.link);
        to.upstream = control::manager::any_of(to.in.family());
        const auto &entry = naive_.entries().find(delivery.what.key);
        const bool is_routed = entry != naive_.entries().end() && // else silence is no answer
                               entry->second.expected.link != kNone;
        const int other = command.link % kLinks;
        const bool is_own = naive_.routing_owner(other) == delivery.what.client;
        if (link(other).family() == to.in.family() && (is_own || is_routed) &&
            command.option % 4 == 3)
            to.in = link(other);
        if (!is_routed || command.option % 4 != 0)
            reply = to;
    } else if (delivery.what.kind == CallbackKind::kCreationAlert) {
        for (int number = 0; number < kLinks; ++number)
            if (has(delivery.what.links, number) && (command.option >> (number % 4) & 1) != 0)
                vetoed.push_back(link(number));
        if (command.more % 8 == 3)
            vetoed.push_back(link(command.link % kLinks));
        reply = control::manager::CreationReply{vetoed};
    } else if (delivery.what.kind == CallbackKind::kPruneAlert) {
        constexpr std::array<std::uint32_t, 3> kTimeouts{60, 0, 7};
        if (command.option % 4 != 3)
            reply = control::manager::PruneReply{kTimeouts.at(command.option % 4U)};
    }
    manager_->returned(delivery.client, delivery.id, reply, now_);
    if (command.more % 16 == 5)
        manager_->returned(delivery.client, delivery.id, reply, now_);
    note_failed_calls();
    naive_.returned(delivery.what.number, reply);
}

void ManagerTrial::advance(Time time) {
    for (int turns = 0;; ++turns) {
        const std::optional<Time> timer = manager_->next_timer();
        if (!timer || *timer > time)
            break;
        at_ = std::max(*timer, now_);
        manager_->advance(at_);
        if (turns == 200)
            return fail("the manager's timer stays where it is");
    }
    at_ = time;
    manager_->advance(time);
    now_ = time;
    note_failed_calls();
    naive_.advance(time);
}

/// One enumeration at a time: it shows what there was when it began, whatever happens meanwhile
/// (8.22).
void ManagerTrial::enumerate(int client, const Command &command) {
    if (!enumeration_)
        return start_enumeration(client, command);
    std::array<control::manager::SourceGroup, 4> records;
    const std::size_t room = command.option % records.size();
    std::size_t count = 99;
    const Status status =
        manager_->next_groups(enumeration_->handle, std::span(records.data(), room), count);
    memory_.disarm();
    if (!naive_.is_alive(enumeration_->client) ||
        handles_.at(static_cast<std::size_t>(enumeration_->client)) != enumeration_->registration) {
        if (status != Status::kInvalidParameter)
            fail("the enumeration of a client that is gone goes on");
        return enumeration_.reset();
    }
    std::set<control::manager::SourceGroup> &left = enumeration_->left;
    const Status expected = left.size() > room
                                ? room == 0 ? Status::kInsufficientBuffer : Status::kMoreData
                                : Status::kNoMoreItems;
    if (status != expected || count != std::min(room, left.size()))
        return fail(fmt::format("enumeration: {} records and status {} with room for {}, {} left",
                                count, static_cast<unsigned>(status), room, left.size()));
    for (std::size_t i = 0; i < count; ++i)
        if (left.erase(records.at(i)) == 0)
            return fail(fmt::format("enumeration: ({},{}) was not there at its start, or is shown "
                                    "again",
                                    records.at(i).source, records.at(i).group));
    if (status != Status::kNoMoreItems && command.more % 8 != 0)
        return;
    if (manager_->end_enumeration(enumeration_->handle) != Status::kOk ||
        manager_->end_enumeration(enumeration_->handle) != Status::kInvalidParameter)
        fail("an enumeration ends once");
    enumeration_.reset();
}

void ManagerTrial::start_enumeration(int client, const Command &command) {
    const bool has_sources = command.option % 4 != 0;
    manager_->start_enumeration(new_call(command), handles_.at(static_cast<std::size_t>(client)),
                                has_sources ? control::manager::EnumerationKind::kAllSources
                                            : control::manager::EnumerationKind::kAnySource);
    note_failed_calls();
    naive_.start_enumeration(last_call_, client);
    if (completed_.empty() || completed_.back().status != Status::kOk)
        return;
    enumeration_ = Enumeration{
        completed_.back().handle, client, handles_.at(static_cast<std::size_t>(client)), {}};
    for (int number = 0; number < kKeys; ++number) {
        if (!has(naive_.joined_keys(), number) ||
            !includes(naive_.registration(client).families, shape(number).family))
            continue;
        const control::manager::Key joined =
            has_sources ? key(number) : key(number).wildcard_source();
        enumeration_->left.insert({.source = joined.source, .group = joined.group});
    }
}

} // namespace mgm_test
