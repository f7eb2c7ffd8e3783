// SPDX-License-Identifier: BSD-3-Clause
// Take and Release (mgm-spec 2.3, 2.4): checks, and the queue of calls that wait for a transaction
// on their link.
#include "control/manager/impl.hpp"

#include <utility>

namespace control::manager {

LinkState &Manager::Impl::link_state(mgm::Vrf vrf, const Link &link) {
    return links_.try_emplace(LinkName{.vrf = vrf, .link = link}, vrf, link, &memory_)
        .first->second;
}

LinkState *Manager::Impl::find_link(mgm::Vrf vrf, const Link &link) const noexcept {
    const Links::const_iterator found = links_.find(LinkName{.vrf = vrf, .link = link});
    return found == links_.end() ? nullptr : const_cast<LinkState *>(&found->second);
}

void Manager::Impl::drop_if_unused(LinkState &link) noexcept {
    if (!link.is_unused())
        return;
    for (auto &[id, request] : requests_)
        if (request.link == &link)
            request.link = nullptr;
    links_.erase(LinkName{.vrf = link.vrf, .link = link.link});
}

Status Manager::Impl::owner_of(mgm::Vrf vrf, const Link &link, Identity &owner) const {
    const LinkState *state = find_link(vrf, link);
    if (state == nullptr || state->holder() == nullptr)
        return Status::kNotFound;
    owner = state->holder()->registered.identity;
    return Status::kOk;
}

void Manager::Impl::take_or_release(CallKind kind, const Call &call, Handle handle,
                                    const Link &link) {
    Client *client = client_of(handle);
    if (client == nullptr)
        return done(call, Status::kInvalidParameter);
    if (call.inside || !may_call(*client, call.now))
        return done(call, Status::kCanNotComplete);
    if (client->is_static() || !includes(client->registered.families, link.family()))
        return done(call, Status::kInvalidParameter);
    LinkState *state = find_link(client->registered.vrf, link);
    if (kind == CallKind::kTake && state == nullptr) {
        try {
            state = &link_state(client->registered.vrf, link);
        } catch (const std::bad_alloc &) {
            return done(call, Status::kNotEnoughMemory);
        }
    }
    if (state == nullptr) {
        log(Event::kInterfaceNotFound, "{} is not known", link.interface);
        return done(call, Status::kInvalidParameter);
    }
    if (state->is_locked)
        return wait(*state, PendingCall{.kind = kind, .call = call, .client = handle});
    if (kind == CallKind::kTake)
        start_take(*state, *client, call);
    else
        start_release(*state, *client, call);
}

void Manager::Impl::wait(LinkState &link, PendingCall call) {
    Client *client = find_client(call.client);
    const bool counts = call.kind == CallKind::kTake || call.kind == CallKind::kRelease;
    const bool may_fail = call.kind == CallKind::kTake || call.kind == CallKind::kAdd ||
                          call.kind == CallKind::kUpdate;
    const Call head = call.call;
    try {
        if (may_fail) {
            link.waiting.push_back(std::move(call));
        } else {
            const MustSucceed guard(memory_);
            link.waiting.push_back(std::move(call));
        }
    } catch (const std::bad_alloc &) {
        return done(head, Status::kNotEnoughMemory);
    }
    if (counts && client != nullptr)
        ++client->waiting;
}

/// By name: a call that runs may be the last thing that keeps the link.
void Manager::Impl::run_waiting(mgm::Vrf vrf, const Link &link, Time now) {
    for (;;) {
        LinkState *state = find_link(vrf, link);
        if (state == nullptr || state->is_locked)
            return;
        if (state->waiting.empty())
            return drop_if_unused(*state);
        PendingCall call = std::move(state->waiting.front());
        state->waiting.erase(state->waiting.begin());
        call.call.now = now;
        run(*state, call, now);
    }
}

void Manager::Impl::run(LinkState &link, PendingCall &call, Time now) {
    if (call.kind == CallKind::kEnd)
        return continue_ending(*call.ending, now);
    if (call.kind == CallKind::kInterfaceRemoved)
        return remove_interface(link, now);
    Client *client = find_client(call.client);
    if (client == nullptr) // it ended while it waited
        return done(call.call, Status::kInvalidParameter);
    switch (call.kind) {
    case CallKind::kTake:
        --client->waiting;
        return start_take(link, *client, call.call);
    case CallKind::kRelease:
        --client->waiting;
        return start_release(link, *client, call.call);
    case CallKind::kAdd:
        return add_membership(&link, call.call, *client, call.membership);
    case CallKind::kRemove:
        return remove_membership(&link, call.call, *client, call.membership);
    default:
        return apply_update(&link, call.call, *client, call.update);
    }
}

void Manager::Impl::start_take(LinkState &link, Client &client, const Call &call) {
    const auto refuse = [&](Status status) {
        drop_if_unused(link);
        done(call, status);
    };
    const Client *there = client.is_igmp() ? link.igmp : link.routing;
    if (there == &client) {
        log(Event::kEnabledByThis, "protocol {} is enabled on {} already",
            client.registered.identity.protocol, link.link.interface);
        return refuse(Status::kAlreadyExists);
    }
    if (there != nullptr) {
        log(Event::kEnabledByOther, "protocol {} is enabled on {}",
            there->registered.identity.protocol, link.link.interface);
        return refuse(Status::kAlreadyExists);
    }
    if (client.links.size() >= options_.max_links)
        return refuse(Status::kNotEnoughMemory);
    try {
        client.links.insert(&link);
    } catch (const std::bad_alloc &) {
        return refuse(Status::kNotEnoughMemory);
    }
    const MustSucceed guard(memory_);
    if (client.is_igmp()) {
        link.igmp = &client;
        return done(call, Status::kOk);
    }
    begin_transaction(link, client, CallKind::kTake, call.id, call.now);
}

void Manager::Impl::start_release(LinkState &link, Client &client, const Call &call) {
    const MustSucceed guard(memory_);
    if (&client == link.igmp) {
        release_igmp(link, call.now);
        done(call, Status::kOk);
        return drop_if_unused(link);
    }
    if (&client != link.routing) {
        log(Event::kInterfaceNotFound, "{} is not protocol {}'s", link.link.interface,
            client.registered.identity.protocol);
        return done(call, Status::kInvalidParameter);
    }
    begin_transaction(link, client, CallKind::kRelease, call.id, call.now);
}

} // namespace control::manager
