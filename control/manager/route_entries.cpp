// SPDX-License-Identifier: BSD-3-Clause
// What static routes have in the tables: exact entries and wildcard ones. No data would make them
// again, so one that finds no room is emptied, and tried again (8.9).
#include "control/manager/impl.hpp"

namespace control::manager {

namespace {

bool has_members(const KeyState *key) noexcept {
    return key != nullptr && std::ranges::any_of(key->contributions, [](const Contribution &c) {
               return c.joined != 0;
           });
}

mgm::IpPrefix range_of(const Sender &sender) noexcept {
    return {.address = sender.key.group, .length = sender.group_length};
}

mgm::IpPrefix host(const mgm::IpAddress &group) noexcept {
    return {.address = group, .length = static_cast<std::uint8_t>(group.bits())};
}

} // namespace

void Manager::Impl::refresh_route(Sender &sender) noexcept {
    tidy_exceptions(sender); // of a link that may go after this step
    if (publish(sender))
        return;
    log(Event::kTableFull, "({},{}) of a static route is emptied: the tables have no room",
        sender.key.source, sender.key.group);
    starve(sender);
}

void Manager::Impl::refresh_sender(Sender &sender, Time now) {
    if (sender.kind == Sender::Kind::kEntry)
        refresh(static_cast<Entry &>(sender), now);
    else if (sender.kind == Sender::Kind::kExact)
        refresh_route(sender);
    else
        refresh_wildcard(static_cast<WildcardEntry &>(sender));
}

void Manager::Impl::starve(Sender &sender) noexcept {
    const bool is_emptied = plane_.install(table_key(sender), incoming(sender), {});
    if (!is_emptied && sender.is_installed)
        plane_.remove(table_key(sender)); // better nothing than what is not true any more
    sender.is_installed = is_emptied;
    if (!std::exchange(sender.is_starved, true))
        ++starved_;
}

void Manager::Impl::forget_sender(Sender &sender) noexcept {
    exceptional_.erase(&sender);
    unmark(sender);
    if (std::exchange(sender.is_starved, false))
        --starved_;
    hold(sender.action, nullptr);
    hold(sender.accepted, nullptr);
}

WildcardEntry *Manager::Impl::find_wildcard(const Key &key) noexcept {
    const auto found = wildcards_.find(WildcardName{.vrf = key.vrf, .group = host(key.group)});
    return found == wildcards_.end() ? nullptr : &found->second;
}

WildcardEntry &Manager::Impl::make_wildcard(mgm::Vrf vrf, const mgm::IpPrefix &group) {
    const Key key{.vrf = vrf, .group = group.address, .source = any_of(group.family())};
    WildcardEntry &wildcard =
        wildcards_.try_emplace({.vrf = vrf, .group = group}, key, group.length, &memory_)
            .first->second;
    if (wildcard.action == nullptr) {
        const Governor by = governor(vrf, group);
        hold(wildcard.action, by.route->action);
        hold(wildcard.accepted, by.route->action);
    }
    return wildcard;
}

void Manager::Impl::make_wildcard_for(const Key &key) {
    if (key.is_any_source() && !key.is_any_group() &&
        governor(key.vrf, host(key.group)).route != nullptr)
        make_wildcard(key.vrf, host(key.group));
}

void Manager::Impl::refresh_wildcards_of(const Key &key) noexcept {
    for_routed(key, [&](Sender &sender) {
        if (sender.kind == Sender::Kind::kWildcard)
            refresh_wildcard(static_cast<WildcardEntry &>(sender));
    });
}

/// Its route's own entry, or that of a group with members.
bool Manager::Impl::is_needed(const WildcardEntry &wildcard, const Governor &by) const noexcept {
    return by.route != nullptr &&
           (by.group_length == wildcard.group_length || has_members(find_key(wildcard.key)));
}

/// After any change: its route may be another one, or it may have no reason any more.
void Manager::Impl::refresh_wildcard(WildcardEntry &wildcard) noexcept {
    const Governor by = governor(wildcard.key.vrf, range_of(wildcard));
    if (!is_needed(wildcard, by)) {
        if (wildcard.is_installed)
            plane_.remove(table_key(wildcard));
        forget_sender(wildcard);
        wildcards_.erase(WildcardName{.vrf = wildcard.key.vrf, .group = range_of(wildcard)});
        return;
    }
    hold(wildcard.action, by.route->action);
    hold(wildcard.accepted, by.route->action);
    refresh_route(wildcard);
}

void Manager::Impl::refresh_wildcards(mgm::Vrf vrf, const mgm::IpPrefix &group) noexcept {
    for_wildcards(vrf, group, [&](WildcardEntry &wildcard) { refresh_wildcard(wildcard); });
}

/// All that a wildcard route of `group` has in the tables. False, or an exception: no room, and
/// some may be there: refresh_wildcards() after the route is taken back.
bool Manager::Impl::install_wildcards(mgm::Vrf vrf, const mgm::IpPrefix &group) {
    make_wildcard(vrf, group);
    for_range(keys_, vrf, group, [&](KeyState &key) {
        if (key.key.is_any_source() && has_members(&key) && !is_ssm(key.key.group) &&
            governor(vrf, host(key.key.group)).group_length == group.length)
            make_wildcard(vrf, host(key.key.group));
    });
    bool is_full = false;
    for_wildcards(vrf, group, [&](WildcardEntry &wildcard) {
        const Governor by = governor(vrf, range_of(wildcard));
        if (is_full || by.group_length != group.length)
            return;
        hold(wildcard.action, by.route->action);
        hold(wildcard.accepted, by.route->action);
        is_full = !publish(wildcard);
    });
    return !is_full;
}

void Manager::Impl::retry_starved() noexcept {
    retry_.reset();
    make_late_due();
    std::size_t left = starved_; // each is tried once
    const auto retry = [&](auto &senders) {
        for (auto it = senders.begin(); left != 0 && it != senders.end(); ++it)
            if (it->second.is_starved) {
                --left;
                if (!publish(it->second))
                    starve(it->second);
            }
    };
    retry(exacts_);
    retry(wildcards_);
}

} // namespace control::manager
