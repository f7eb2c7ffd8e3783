// SPDX-License-Identifier: BSD-3-Clause
// INV-1 and INV-2: who is told TRUE that receivers came or went, from the members before and after
// a step.
#include "control/manager/impl.hpp"

#include <utility>

namespace control::manager {

Members Manager::Impl::members_of(const KeyState &key) const noexcept {
    Members members;
    for (const Contribution &c : key.contributions) {
        if ((c.joined & (contributor::kOwner | contributor::kIgmp)) != 0)
            members.add(c.link->holder());
        if ((c.joined & contributor::kStatic) != 0)
            members.add(static_client(key.key));
        if (members.other != nullptr)
            break;
    }
    return members;
}

/// `link` is where the change was: a PRUNE names it.
void Manager::Impl::announce(KeyState &key, const Members &before, const Link &link,
                             Which which) noexcept {
    if (!key.key.is_any_source()) {
        announce_source(key, &link, which);
        return;
    }
    const Members after = members_of(key);
    for (auto &[order, client] : clients_) {
        if (!client.speaks_for(key.key))
            continue;
        const bool was = before.has_other_than(&client), is = after.has_other_than(&client);
        if (!was && is && which != Which::kPrunes)
            tell_member(client, key, true, link);
        else if (was && !is && which != Which::kJoins)
            tell_member(client, key, false, link);
    }
}

/// `link` null: the change was not a deletion on one.
void Manager::Impl::announce_source(KeyState &key, const Link *link, Which which) noexcept {
    const Expected rpf = expected_for(key.key, mgm::IfIndex{});
    Client *owner = rpf.has_route ? rpf.owner : nullptr;
    if (owner != nullptr && !owner->speaks_for(key.key))
        owner = nullptr;
    Client *target = owner != nullptr && members_of(key).has_other_than(owner) ? owner : nullptr;
    if (target == key.alerted || (target == nullptr && which == Which::kJoins))
        return;
    Client *old = key.alerted;
    key.alerted = target;
    if (old != nullptr)
        tell_member(*old, key, false, link != nullptr ? *link : key.alerted_on);
    if (target != nullptr) {
        key.alerted_on = rpf.link;
        tell_member(*target, key, true, rpf.link);
    }
}

void Manager::Impl::announce_all(mgm::Vrf vrf, mgm::Family family, const Link *link) noexcept {
    const Key first{.vrf = vrf, .group = any_of(family), .source = any_of(family)};
    for (Keys::iterator it = keys_.lower_bound(first);
         it != keys_.end() && it->first.vrf == vrf && it->first.family() == family;) {
        KeyState &key = it->second;
        ++it; // the key may go
        const bool has_changed = std::exchange(key.is_changing, false);
        if (!key.key.is_any_source())
            announce_source(key, has_changed ? link : nullptr);
        else if (has_changed)
            announce(key, key.before, *link);
        erase_key_if_empty(key);
    }
}

Expected Manager::Impl::expected_for(const Key &key, mgm::IfIndex arrival) const noexcept {
    const mgm::IpAddress none = any_of(key.family());
    const auto owner_of_link = [&](const Link &link) -> Client * {
        const LinkState *state = find_link(key.vrf, link);
        return state == nullptr ? nullptr : state->routing;
    };
    if (const Match fixed = match(key); fixed.is_fixing()) { // 8.1, 8.5
        const Link link{.interface = fixed.action->iifs.front(), .next_hop = none};
        return {.has_route = true,
                .link = link,
                .upstream = none,
                .owner = fixed.action->iifs.size() == 1 ? owner_of_link(link) : nullptr,
                .is_fixed = true};
    }
    const std::optional<RibRoute> route = rib_.lookup(key.vrf, key.source);
    if (!route) {
        const Link link{.interface = arrival, .next_hop = none};
        return {.has_route = false, .link = link, .upstream = none, .owner = owner_of_link(link)};
    }
    // One link of a point-to-multipoint interface, if somebody took it by its neighbour; else the
    // interface.
    Link link{.interface = route->interface, .next_hop = route->neighbor.value_or(none)};
    Client *owner = owner_of_link(link);
    if (owner == nullptr && !is_zero(link.next_hop)) {
        link.next_hop = none;
        owner = owner_of_link(link);
    }
    return {.has_route = true,
            .link = link,
            .upstream = route->neighbor.value_or(none),
            .owner = owner};
}

} // namespace control::manager
