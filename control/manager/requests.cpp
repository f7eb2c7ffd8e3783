// SPDX-License-Identifier: BSD-3-Clause
// Callbacks: their delivery, the answers that somebody waits for, deadlines and all other timers
// (8.8).
#include "control/manager/impl.hpp"

#include <algorithm>
#include <utility>

namespace control::manager {

CallbackKind kind_of(const Callback &callback) noexcept {
    static constexpr std::array kKinds{
        CallbackKind::kRpf,        CallbackKind::kCreationAlert, CallbackKind::kPruneAlert,
        CallbackKind::kJoinAlert,  CallbackKind::kWrongIf,       CallbackKind::kLocalJoin,
        CallbackKind::kLocalLeave, CallbackKind::kLocalUpdate,   CallbackKind::kDisableIgmp,
        CallbackKind::kEnableIgmp, CallbackKind::kAlertsDropped};
    static_assert(kKinds.size() == std::variant_size_v<Callback>);
    return kKinds[callback.index()];
}

CallbackId Manager::Impl::deliver(Client &client, const Callback &callback) noexcept {
    const CallbackKind kind = kind_of(callback);
    if (!hears(client, kind))
        return CallbackId{};
    if (kind == CallbackKind::kWrongIf && !has_room(client)) {
        note_dropped(client);
        return CallbackId{};
    }
    const CallbackId id{++last_callback_};
    note_delivered(client, id);
    effects_.deliver(client.handle, id, callback);
    return id;
}

bool Manager::Impl::answers(const Client *client, CallbackKind kind) const noexcept {
    const bool is_question = kind == CallbackKind::kRpf || kind == CallbackKind::kCreationAlert;
    return client != nullptr && hears(*client, kind) && client->overdue == 0 &&
           (!is_question || has_room(*client));
}

void Manager::Impl::expect(CallbackId id, Request request, Time now) {
    if (id == CallbackId{})
        return;
    request.deadline = now + options_.callback_deadline;
    requests_.emplace(id, request);
    if (request.has_deadline)
        set_timer({.at = request.deadline, .kind = Timer::Kind::kRequest, .request = id});
}

void Manager::Impl::returned(Handle handle, CallbackId id, const Reply &reply, Time now) {
    const MustSucceed guard(memory_);
    if (Client *client = find_client(handle))
        note_returned(*client, id);
    take_return(handle, id, reply, now);
    if (Client *client = find_client(handle))
        catch_up(*client, now);
}

void Manager::Impl::take_return(Handle handle, CallbackId id, const Reply &reply, Time now) {
    const Requests::iterator found = requests_.find(id);
    if (found == requests_.end() || found->second.client->handle != handle)
        return;
    const Request request = found->second;
    requests_.erase(found);
    if (request.is_overdue) {
        --request.client->overdue;
        if (request.kind == Request::Kind::kEnable && request.link != nullptr)
            start_grace(*request.link, request.grace, now);
        return; // too late for anything else
    }
    clear_timer({.at = request.deadline, .kind = Timer::Kind::kRequest, .request = id});
    answer(id, request, reply, now);
}

/// Also for "no answer": then `reply` is a monostate.
void Manager::Impl::answer(CallbackId id, Request request, const Reply &reply, Time now) {
    switch (request.kind) {
    case Request::Kind::kRpf:
    case Request::Kind::kCreation:
    case Request::Kind::kPrune:
        if (request.entry != nullptr)
            entry_answered(id, request, reply, now);
        break;
    case Request::Kind::kDisable:
        if (request.link != nullptr && request.link->is_locked &&
            request.link->transaction.disable == id)
            commit(*request.link, now);
        break;
    case Request::Kind::kEnable:
        if (request.has_call)
            effects_.complete(request.call, Status::kOk, Handle{});
        if (request.link != nullptr && !request.is_overdue)
            start_grace(*request.link, request.grace, now);
        break;
    }
}

void Manager::Impl::entry_answered(CallbackId id, const Request &request, const Reply &reply,
                                   Time now) {
    Entry &entry = *request.entry;
    if (request.kind == Request::Kind::kRpf)
        rpf_answered(entry, std::get_if<RpfReply>(&reply), now);
    else if (request.kind == Request::Kind::kCreation)
        creation_answered(entry, id, std::get_if<CreationReply>(&reply), now);
    else if (const auto *prune = std::get_if<PruneReply>(&reply);
             prune != nullptr && entry.prune == id)
        prune_answered(entry, *prune, now);
}

void Manager::Impl::prune_answered(Entry &entry, const PruneReply &reply, Time now) {
    constexpr std::uint32_t kLongest = 0x7fff'ffff;
    const std::uint32_t seconds = std::min(reply.timeout_seconds, kLongest);
    entry.prune = CallbackId{};
    start_timer(entry, seconds == 0 ? options_.entry_timeout : std::chrono::seconds(seconds), now);
}

void Manager::Impl::overdue(CallbackId id, Time now) {
    const Requests::iterator found = requests_.find(id);
    if (found == requests_.end())
        return;
    Request request = found->second;
    if (request.kind == Request::Kind::kPrune) { // loses only its time-out
        requests_.erase(found);
        return;
    }
    found->second.is_overdue = true;
    found->second.entry = nullptr;
    if (request.kind != Request::Kind::kEnable) // its late return still starts the grace time
        found->second.link = nullptr;
    found->second.has_call = false;
    ++request.client->overdue;
    log(Event::kCallbackOverdue, "protocol {} component {} has not answered in {} ms",
        request.client->registered.identity.protocol, request.client->registered.identity.component,
        std::chrono::duration_cast<std::chrono::milliseconds>(options_.callback_deadline).count());
    request.is_overdue = true;
    answer(id, request, Reply{}, now);
}

void Manager::Impl::forget_entry_requests(const Entry &entry) noexcept {
    for (auto &[id, request] : requests_)
        if (request.entry == &entry)
            request.entry = nullptr;
}

/// The client is gone: what it was asked is answered by default (8.11).
void Manager::Impl::forget_client_requests(Client &client, Time now) {
    for (Requests::iterator it = requests_.begin(); it != requests_.end();) {
        if (it->second.client != &client) {
            ++it;
            continue;
        }
        const CallbackId id = it->first;
        const Request request = it->second;
        requests_.erase(it);
        clear_timer({.at = request.deadline, .kind = Timer::Kind::kRequest, .request = id});
        if (!request.is_overdue)
            answer(id, request, Reply{}, now);
        it = requests_.upper_bound(id);
    }
}

void Manager::Impl::advance(Time now) {
    const MustSucceed guard(memory_);
    while (!timers_.empty() && timers_.begin()->at <= now) {
        const Timer timer = *timers_.begin();
        timers_.erase(timers_.begin());
        switch (timer.kind) {
        case Timer::Kind::kRequest:
            overdue(timer.request, now);
            break;
        case Timer::Kind::kEntry:
            expire(*timer.entry, now);
            break;
        case Timer::Kind::kGrace:
            end_grace(*timer.link, timer.grace, now);
            break;
        case Timer::Kind::kHold:
            hold_over(*timer.client, now);
            break;
        }
    }
    if (retry_ && *retry_ <= now)
        retry_starved();
}

std::optional<Time> Manager::Impl::next_timer() const {
    if (timers_.empty())
        return retry_;
    return retry_ ? std::min(*retry_, timers_.begin()->at) : timers_.begin()->at;
}

} // namespace control::manager
