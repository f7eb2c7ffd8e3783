// SPDX-License-Identifier: BSD-3-Clause
// Clients that leave, in order (DeRegister, 8.11) or not (8.10), and interfaces that leave the
// configuration (8.25).
#include "control/manager/impl.hpp"

namespace control::manager {

void Manager::Impl::deregister(const Call &call, Handle handle) {
    Client *client = client_of(handle);
    if (client == nullptr)
        return done(call, Status::kInvalidParameter);
    if (call.inside)
        return done(call, Status::kCanNotComplete);
    if (!client->links.empty() || client->waiting != 0) {
        log(Event::kStillEnabled, "protocol {} component {} is enabled on {} links",
            client->registered.identity.protocol, client->registered.identity.component,
            client->links.size());
        return done(call, Status::kCanNotComplete);
    }
    const MustSucceed guard(memory_);
    end_client(*client, call.now);
    done(call, Status::kOk);
}

void Manager::Impl::client_ended(Handle handle, Time now) {
    const MustSucceed guard(memory_);
    Client *client = find_client(handle);
    if (client == nullptr)
        return;
    if (client->registered.hold > Time{})
        hold_client(*client, now);
    else
        end_client(*client, now);
}

/// At once: identity, handle, callbacks. Then each of its links, one transaction after the other.
void Manager::Impl::end_client(Client &client, Time now) {
    if (!client.is_held)
        close_handles(client);
    client.is_held = false;
    client.is_ending = true;
    client.waiting = 0;
    forget_backlog(client);
    abort_transactions(client, now);
    forget_client_requests(client, now);
    if (client.is_static())
        remove_static(client, now);
    continue_ending(client, now);
}

/// Of which it is the caller (8.10).
void Manager::Impl::abort_transactions(Client &client, Time now) {
    for (Links::iterator it = links_.begin(); it != links_.end();) {
        LinkState &link = it->second;
        const LinkName name = it->first;
        if (link.is_locked && link.transaction.caller == &client) {
            link.transaction.caller->waiting = 1; // unlock() takes it down
            abort_transaction(link, now);
        }
        it = links_.upper_bound(name); // the link may be gone
    }
}

/// Ascending by link. A link under somebody's transaction is waited for.
void Manager::Impl::continue_ending(Client &client, Time now) {
    while (!client.links.empty()) {
        LinkState &link = **client.links.begin();
        if (link.is_locked) {
            if (link.transaction.kind == CallKind::kEnd && link.transaction.caller == &client)
                return; // its commit comes back here
            PendingCall pending{.kind = CallKind::kEnd};
            pending.ending = &client;
            return wait(link, std::move(pending));
        }
        if (&client == link.routing) // unlock() continues here
            return begin_transaction(link, client, CallKind::kEnd, CallId{}, now);
        release_igmp(link, now);
        drop_if_unused(link);
    }
    erase_client(client);
}

void Manager::Impl::remove_static(Client &client, Time now) {
    const Key first{.vrf = client.registered.vrf, .group = {}, .source = {}};
    for (Keys::iterator it = keys_.lower_bound(first);
         it != keys_.end() && it->first.vrf == client.registered.vrf;) {
        KeyState &key = it->second;
        ++it; // the key may go
        if (!client.speaks_for(key.key))
            continue;
        const Key name = key.key;
        for (std::size_t i = key.contributions.size(); i-- != 0;) {
            LinkState &link = *key.contributions[i].link;
            if ((key.contributions[i].joined & contributor::kStatic) == 0)
                continue;
            const bool is_last = key.contributions.size() == 1;
            (void)leave(client, link, name, false, now);
            drop_if_unused(link);
            if (is_last)
                break; // and with it the key
        }
    }
    remove_routes(client, false, now);
}

void Manager::Impl::interface_removed(mgm::Vrf vrf, mgm::IfIndex interface, Time now) {
    const MustSucceed guard(memory_);
    for (const mgm::Family family : {mgm::Family::kIpv4, mgm::Family::kIpv6}) {
        const LinkName first{.vrf = vrf,
                             .link = {.interface = interface, .next_hop = any_of(family)}};
        for (Links::iterator it = links_.lower_bound(first);
             it != links_.end() && it->first.vrf == vrf && it->first.link.interface == interface &&
             it->first.link.family() == family;) {
            const LinkName name = it->first;
            LinkState &link = it->second;
            if (link.is_locked)
                wait(link, PendingCall{.kind = CallKind::kInterfaceRemoved});
            else
                remove_interface(link, now);
            it = links_.upper_bound(name); // the link may be gone
        }
    }
}

/// Both slots, without DISABLE and ENABLE. Static memberships stay.
void Manager::Impl::remove_interface(LinkState &link, Time now) {
    if (link.igmp == nullptr && link.routing == nullptr)
        return drop_if_unused(link);
    if (link.igmp != nullptr)
        clear_igmp(link);
    if (link.routing != nullptr) {
        Client &owner = *link.routing;
        change_link(link, [&](Contribution &c) {
            if (((c.joined | c.excluded) & contributor::kOwner) != 0)
                --owner.memberships;
            c.drop(contributor::kOwner);
            c.told = 0;
        });
        commit_release(link);
    }
    owner_changed(link, now);
    drop_if_unused(link);
}

} // namespace control::manager
