// SPDX-License-Identifier: BSD-3-Clause
// The life of an entry once it is there: its timer, a route or owner that changes under it, packets
// on the wrong interface, what is shown of it (mgm-spec 1.5, 2.8 to 2.10, 8.12, 8.15, 8.23).
#include "control/manager/impl.hpp"

#include <algorithm>
#include <utility>

namespace control::manager {

/// Starts or restarts it. A restart takes the timer's node along, so that it needs no memory (event
/// 50021).
void Manager::Impl::start_timer(Entry &entry, Time timeout, Time now) {
    Timer timer{.at = entry.started + entry.timeout, .kind = Timer::Kind::kEntry};
    timer.entry = &entry;
    auto node = timers_.extract(timer);
    entry.started = now;
    entry.timeout = timeout;
    timer.at = now + timeout;
    if (node.empty()) {
        timers_.insert(timer);
    } else {
        node.value() = timer;
        timers_.insert(std::move(node));
    }
}

void Manager::Impl::delete_entry(Entry &entry) noexcept {
    if (entry.state == EntryState::kUninitialised) {
        limits_.ends(entry.arrival, entry.key);
        plane_.drop_held(entry.key);
    } else {
        Timer timer{.at = entry.started + entry.timeout, .kind = Timer::Kind::kEntry};
        timer.entry = &entry;
        clear_timer(timer);
        plane_.remove({.vrf = entry.key.vrf,
                       .source = entry.key.source,
                       .group = {.address = entry.key.group,
                                 .length = static_cast<std::uint8_t>(entry.key.group.bits())}});
    }
    forget_entry_requests(entry);
    entries_.erase(entry.key);
    watch_entries();
}

void Manager::Impl::expire(Entry &entry, Time now) {
    if (options_.refresh_entries && entry.state == EntryState::kActive) { // A18
        const std::uint64_t packets = plane_.packets(entry.key);
        if (std::exchange(entry.packets, packets) != packets)
            return start_timer(entry, entry.timeout, now);
    }
    delete_entry(entry);
}

void Manager::Impl::interfaces_changed(Time now) {
    const MustSucceed guard(memory_);
    for (Entries::iterator it = entries_.begin(); it != entries_.end();) {
        Entry &entry = it->second;
        ++it; // the entry may go
        refresh(entry, now);
    }
}

void Manager::Impl::static_route_added(const mgm::RouteKey &key) {
    for_all_entries(key.vrf, key.group.family(), [&](Entry &entry) {
        if (key.group.contains(entry.key.group) && (!key.source || key.source == entry.key.source))
            delete_entry(entry);
    });
}

void Manager::Impl::route_changed(mgm::Vrf vrf, const mgm::IpPrefix &prefix, Time now) {
    const MustSucceed guard(memory_);
    announce_all(vrf, prefix.family(), nullptr);
    for_all_entries(vrf, prefix.family(), [&](Entry &entry) {
        if (prefix.contains(entry.key.source))
            recheck_expected(entry, now);
    });
}

/// Does the source still lie where it lay when the entry was made (8.14, 8.15)?
void Manager::Impl::recheck_expected(Entry &entry, Time now) {
    const Expected expected = expected_for(entry.key.vrf, entry.key.source, entry.arrival);
    if (expected == entry.expected)
        return;
    if (entry.state == EntryState::kUninitialised || !entry.has_in || !expected.has_route)
        return delete_entry(entry);
    entry.expected = expected;
    if (const Requests::iterator asked = requests_.find(entry.rpf); asked != requests_.end())
        asked->second.entry = nullptr; // superseded
    start_rpf(entry, {}, now);
}

/// IIF and olist change in one publication; the old IIF may become an OIF.
void Manager::Impl::move_entry(Entry &entry, const RpfReply *reply, Time now) {
    Client *old_owner = entry.owner;
    const Link old_in = entry.in;
    set_in(entry, reply);
    if (!publish(entry))
        return delete_entry(entry);
    if (entry.owner == old_owner)
        return follow_up(entry, now);
    if (old_owner != nullptr && entry.is_alerted)
        deliver(*old_owner,
                PruneAlert{.key = entry.key, .link = old_in, .is_member_delete = false});
    entry.state = judge(entry).is_empty ? EntryState::kNegative : EntryState::kActive;
    entry.prune = CallbackId{};
    start_timer(entry, options_.entry_timeout, now); // 8.12
    judge_first(entry, now);
}

void Manager::Impl::wrong_interface(const Arrival &arrival, Time now) {
    const Entries::iterator found = entries_.find(arrival.key);
    if (found == entries_.end())
        return;
    Entry &entry = found->second;
    if (entry.state == EntryState::kUninitialised || !entry.has_in ||
        entry.in.interface == arrival.interface)
        return;
    const Link link{.interface = arrival.interface, .next_hop = any_of(arrival.key.family())};
    const LinkState *state = find_link(arrival.key.vrf, link);
    if (state == nullptr || state->routing == nullptr)
        return; // counted by the worker, told to nobody (3.7)
    const auto told = std::ranges::find(entry.wrong, arrival.interface, &Entry::Wrong::interface);
    if (told != entry.wrong.end()) {
        if (now - told->told < options_.wrong_if_interval)
            return;
        told->told = now;
    } else {
        const MustSucceed guard(memory_);
        entry.wrong.push_back({.interface = arrival.interface, .told = now});
    }
    deliver(*state->routing, WrongIf{.key = arrival.key, .link = link, .header = arrival.header});
}

Status Manager::Impl::set_upstream(const Call &call, Handle handle, const Key &key,
                                   const mgm::IpAddress &upstream) {
    const Client *client = client_of(handle);
    if (client == nullptr)
        return Status::kInvalidParameter;
    if (call.inside == CallbackKind::kRpf || call.inside == CallbackKind::kCreationAlert ||
        call.inside == CallbackKind::kDisableIgmp || call.inside == CallbackKind::kEnableIgmp)
        return Status::kCanNotComplete;
    if (upstream.family() != key.family() || key.is_any_source() || key.is_any_group())
        return Status::kInvalidParameter;
    const Entries::iterator found = entries_.find(key);
    if (found == entries_.end() || found->second.state == EntryState::kUninitialised)
        return Status::kNotFound;
    if (found->second.owner != client)
        return Status::kInvalidParameter;
    found->second.upstream = upstream;
    return Status::kOk;
}

EntryInfo Manager::Impl::info(const Entry &entry, Time now) const {
    EntryInfo info{.key = entry.key,
                   .state = entry.state,
                   .in = std::nullopt,
                   .upstream = entry.upstream,
                   .in_protocol = 0,
                   .route = entry.route,
                   .up_time = now - entry.started,
                   .timeout = entry.timeout,
                   .age = now - entry.created,
                   .oifs = {}};
    if (entry.has_in) {
        info.in = entry.in;
        const LinkState *in = find_link(entry.key.vrf, entry.in);
        if (in != nullptr && in->holder() != nullptr) // IGMP's where it is alone (8.2)
            info.in_protocol = in->holder()->registered.identity.protocol;
    }
    for_coverage(entry, [&](const Coverage &c) {
        if (is_oif(entry, c))
            info.oifs.push_back({.link = c.link->link, .ttl_threshold = 0});
    });
    return info;
}

std::optional<EntryInfo> Manager::Impl::entry(const Key &key, Time now) const {
    const Entries::const_iterator found = entries_.find(key);
    if (found == entries_.end() || found->second.state == EntryState::kUninitialised)
        return std::nullopt;
    return info(found->second, now);
}

std::optional<EntryInfo> Manager::Impl::entry_after(const Key &key, Time now) const {
    for (Entries::const_iterator it = entries_.upper_bound(key);
         it != entries_.end() && it->first.vrf == key.vrf && it->first.family() == key.family();
         ++it)
        if (it->second.state != EntryState::kUninitialised) // 8.14
            return info(it->second, now);
    return std::nullopt;
}

} // namespace control::manager
