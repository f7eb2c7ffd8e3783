// SPDX-License-Identifier: BSD-3-Clause
// What calls return, in the order of checks of mgm-spec 8.4, and what they change.
#include "naive_manager.hpp"

#include <algorithm>

namespace mgm_test {

using control::manager::includes;
using control::manager::kForwardState;
using control::manager::kJoinState;

void NaiveManager::end(std::uint64_t call, Status status) {
    if (call != 0)
        ended.push_back({call, status});
}

/// A call that was told to find no memory.
bool NaiveManager::lacks_memory(const Request &request) {
    return request.call != 0 && no_memory.contains(request.call) &&
           request.kind != Request::Kind::kRemove && request.kind != Request::Kind::kRelease;
}

int NaiveManager::register_client(std::uint64_t call, const Registration &wanted, bool inside) {
    const auto is_same = [&](const Client &client) {
        return (client.is_alive || client.is_held) &&
               client.registration.identity == wanted.identity &&
               client.registration.vrf == wanted.vrf;
    };
    const auto refuse = [&](Status status) {
        end(call, status);
        return kNone;
    };
    if (no_memory.contains(call))
        return refuse(Status::kNotEnoughMemory);
    if (inside)
        return refuse(Status::kCanNotComplete);
    const auto same = std::find_if(clients_.begin(), clients_.end(), is_same);
    if (same != clients_.end() && (same->is_alive || same->registration.role != wanted.role ||
                                   same->registration.families != wanted.families))
        return refuse(Status::kAlreadyExists);
    if (same != clients_.end()) {
        end(call, Status::kOk);
        adopt(static_cast<int>(same - clients_.begin()), wanted);
        return static_cast<int>(same - clients_.begin());
    }
    clients_.push_back({.registration = wanted});
    const std::array<Mask, kKeys> now = members();
    for (int key = 0; key < kKeys; ++key) // truth at Register is what it starts from (8.19)
        if (!is_flow(key) && includes(wanted.families, shape(key).family) &&
            now.at(static_cast<std::size_t>(key)) != 0)
            clients_.back().wildcards_told |= bit(key);
    end(call, Status::kOk);
    return newest_client();
}

void NaiveManager::deregister(std::uint64_t call, int client, bool inside) {
    if (!is_alive(client))
        return end(call, Status::kInvalidParameter);
    const auto is_in_use = [&](const Slot &slot) {
        const auto is_callers = [&](const Request &request) {
            return request.client == client && (request.kind == Request::Kind::kTake ||
                                                request.kind == Request::Kind::kRelease);
        };
        return slot.owner == client || slot.igmp == client ||
               (slot.transaction && is_callers(slot.transaction->request)) ||
               std::any_of(slot.waiting.begin(), slot.waiting.end(), is_callers);
    };
    if (inside || std::any_of(slots_.begin(), slots_.end(), is_in_use))
        return end(call, Status::kCanNotComplete);
    clients_.at(static_cast<std::size_t>(client)).is_alive = false;
    end_callbacks(client);
    std::erase_if(contributions_, [&](const auto &c) { return c.first.first == client; });
    settle(kAnyLink);
    remove_routes_of(client);
    end(call, Status::kOk);
}

void NaiveManager::start_enumeration(std::uint64_t call, int client) {
    if (!is_alive(client))
        return end(call, Status::kInvalidParameter);
    end(call, no_memory.contains(call) ? Status::kNotEnoughMemory : Status::kOk);
}

/// What can be judged without looking at the link.
bool NaiveManager::has_sense(const Request &request) const {
    const Registration &caller = registration(request.client);
    const mgm::Family family = link(request.link).family();
    if (!includes(caller.families, family))
        return false;
    if (request.kind == Request::Kind::kTake || request.kind == Request::Kind::kRelease)
        return caller.role != Role::kStatic;
    const Shape &key = shape(request.key);
    if (key.family != family || (key.is_ssm && key.source == 0))
        return false;
    if (caller.role == Role::kStatic && (request.flags & kForwardState) != 0)
        return false;
    return request.kind == Request::Kind::kUpdate ||
           (request.flags != 0 && (request.flags & ~(kJoinState | kForwardState)) == 0);
}

/// The table of mgm-spec 1.8.
bool NaiveManager::may_be_inside(const Request &request) {
    switch (*request.inside) {
    case CallbackKind::kRpf:
    case CallbackKind::kCreationAlert:
    case CallbackKind::kDisableIgmp:
    case CallbackKind::kEnableIgmp:
        return false;
    default:
        return request.kind != Request::Kind::kTake && request.kind != Request::Kind::kRelease;
    }
}

void NaiveManager::request(const Request &request) {
    if (!is_alive(request.client))
        return end(request.call, Status::kInvalidParameter);
    if (lacks_memory(request) && !slot(request.link).transaction)
        return end(request.call, Status::kNotEnoughMemory);
    if (request.inside && !may_be_inside(request))
        return end(request.call, Status::kCanNotComplete);
    if (!has_sense(request))
        return end(request.call, Status::kInvalidParameter);
    Slot &at = slot(request.link);
    if (!at.transaction)
        return run(request);
    const bool is_membership =
        request.kind != Request::Kind::kTake && request.kind != Request::Kind::kRelease;
    if (request.inside ||
        (is_membership && registration(request.client).role == Role::kGroupManagement))
        return end(request.call, Status::kCanNotComplete); // 8.3
    if (lacks_memory(request))
        return end(request.call, Status::kNotEnoughMemory); // there was none to remember it
    at.waiting.push_back(request);
}

void NaiveManager::run(const Request &request) {
    if (request.call != 0 && !is_alive(request.client))
        return end(request.call, Status::kInvalidParameter);
    if (lacks_memory(request))
        return end(request.call, Status::kNotEnoughMemory);
    switch (request.kind) {
    case Request::Kind::kTake:
        return take(request);
    case Request::Kind::kRelease:
        return release(request);
    case Request::Kind::kAdd:
        return add(request);
    case Request::Kind::kRemove:
        return remove(request);
    case Request::Kind::kUpdate:
        return update(request);
    case Request::Kind::kInterfaceRemoved:
        return remove_interface(request.link);
    }
}

/// Calls that waited, first come first served, until one of them starts a transaction again.
void NaiveManager::drain(int link) {
    Slot &at = slot(link);
    while (!at.transaction && !at.waiting.empty()) {
        const Request next = at.waiting.front();
        at.waiting.pop_front();
        run(next);
    }
}

bool NaiveManager::may_forward(const Request &request) const {
    const Slot &at = slot(request.link);
    return at.owner == request.client || (at.igmp == request.client && at.owner == kNone);
}

void NaiveManager::tell_local(CallbackKind kind, int link, Mask keys) {
    for (int key = 0; key < kKeys; ++key)
        if (has(keys, key))
            tell({.kind = kind, .client = slot(link).owner, .key = key, .link = link});
}

/// A JOIN call: overrides end where it changes whether the link is covered (8.13).
void NaiveManager::set_joins(const Request &request, const Contribution &next, Mask answered) {
    std::map<int, bool> before;
    for (const auto &[flow, entry] : entries_)
        before[flow] = covered(entry, request.link, flow);
    Contribution &said = contributions_[{request.client, request.link}];
    const Mask added = next.joins & ~said.joins;
    said = next;
    if (slot(request.link).igmp == request.client) {
        answered_by_igmp(request.link, answered, request.kind == Request::Kind::kUpdate);
        for (const auto &[flow, covered_before] : before)
            if (request.kind == Request::Kind::kAdd && added != 0 && matches(request.key, flow) &&
                contributes(next, flow))
                confirm(request.link, bit(flow));
    }
    refresh_marks(request.link);
    for (auto &[flow, entry] : entries_)
        if (covered(entry, request.link, flow) != before.at(flow))
            entry.overrides.erase(request.link);
}

void NaiveManager::forward(const Request &request, bool on) {
    for (auto &[flow, entry] : entries_) {
        if (!matches(request.key, flow))
            continue;
        if (on || !(static_covers(request.link, flow) || is_named(request.link, flow)))
            entry.overrides[request.link] = on;
        else
            entry.overrides.erase(request.link); // STATIC keeps it: only an "on" ends (8.1)
    }
}

void NaiveManager::add(const Request &request) {
    const Slot &at = slot(request.link);
    const bool is_static = registration(request.client).role == Role::kStatic;
    const bool is_there = at.owner == request.client || at.igmp == request.client;
    if (!is_static && !is_there)
        return end(request.call, Status::kInvalidParameter);
    if ((request.flags & kForwardState) != 0 && !may_forward(request))
        return end(request.call, Status::kInvalidParameter);
    if ((request.flags & kJoinState) != 0) {
        Contribution next = contributions_[{request.client, request.link}];
        const bool is_new = !has(next.joins, request.key);
        next.joins |= bit(request.key);
        confirm(request.client, request.link, {bit(request.key), 0});
        set_joins(request, next, 0);
        if (at.igmp == request.client) {
            for (auto &[number, grace] : graces_) // confirmed (8.10)
                if (grace.link == request.link && grace.is_abort)
                    grace.old = {grace.old.joins & ~bit(request.key),
                                 grace.old.excluded & ~bit(request.key)};
            if (is_new)
                tell_local(CallbackKind::kLocalJoin, request.link, bit(request.key));
        }
    }
    if ((request.flags & kForwardState) != 0)
        forward(request, true);
    settle(request.link);
    end(request.call, Status::kOk);
}

void NaiveManager::remove(const Request &request) {
    const Slot &at = slot(request.link);
    const bool has_join = (request.flags & kJoinState) != 0;
    const bool is_static = registration(request.client).role == Role::kStatic;
    if (!is_static && at.owner == kNone && at.igmp == kNone)
        return end(request.call, has_join ? Status::kNotFound : Status::kInvalidParameter);
    if (!is_static && at.owner != request.client && at.igmp != request.client)
        return end(request.call, Status::kInvalidParameter);
    if ((request.flags & kForwardState) != 0 && !may_forward(request))
        return end(request.call, Status::kInvalidParameter);
    Status status = Status::kOk;
    if (has_join) {
        Contribution next = contributions_[{request.client, request.link}];
        const bool was_there = has(next.joins, request.key);
        next.joins &= ~bit(request.key);
        confirm(request.client, request.link, {bit(request.key), 0});
        set_joins(request, next, bit(request.key));
        if (!was_there)
            status = Status::kNotFound;
        else if (at.igmp == request.client)
            tell_local(CallbackKind::kLocalLeave, request.link, bit(request.key));
    }
    if ((request.flags & kForwardState) != 0 && status == Status::kOk)
        forward(request, false);
    settle(request.link, has_join);
    end(request.call, status);
}

/// mgm-spec 8.24.
void NaiveManager::update(const Request &request) {
    const Slot &at = slot(request.link);
    if (at.owner != request.client && at.igmp != request.client)
        return end(request.call, Status::kInvalidParameter);
    const Shape &group = shape(request.key);
    const Mask all = keys_of_group(group.family, group.group);
    Mask listed = 0;
    for (int key = 0; key < kKeys; ++key)
        if (has(all, key) && is_flow(key) && has(request.sources, shape(key).source))
            listed |= bit(key);
    const Contribution before = contributions_[{request.client, request.link}];
    Contribution next{before.joins & ~all, before.excluded & ~all};
    if (request.mode == FilterMode::kInclude)
        next.joins |= listed;
    else
        next = {next.joins | bit(request.key), next.excluded | listed};
    const bool is_igmp = at.igmp == request.client;
    confirm(request.client, request.link, {all, all});
    set_joins(request, next, all);
    if (is_igmp && listens(at.owner, CallbackKind::kLocalUpdate)) {
        if (next.joins != before.joins || next.excluded != before.excluded)
            tell({.kind = CallbackKind::kLocalUpdate,
                  .client = at.owner,
                  .key = request.key,
                  .link = request.link,
                  .links = listed,
                  .flag = request.mode == FilterMode::kExclude});
    } else if (is_igmp) {
        tell_local(CallbackKind::kLocalJoin, request.link, next.joins & ~before.joins);
        tell_local(CallbackKind::kLocalLeave, request.link, before.joins & ~next.joins);
    }
    settle(request.link, true);
    end(request.call, Status::kOk);
}

} // namespace mgm_test
