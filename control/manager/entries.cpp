// SPDX-License-Identifier: BSD-3-Clause
// The life of an entry once it is there: its timer, a route or owner that changes under it, packets
// on the wrong interface, what is shown of it (mgm-spec 1.5, 2.8 to 2.10, 8.12, 8.15, 8.23).
#include "control/manager/impl.hpp"

#include <algorithm>
#include <utility>

namespace control::manager {

namespace {

/// Arrivals that the limiter remembers: more in its interval are only counted.
constexpr std::size_t kMostWrong = 4096;
/// As many of them may use memory that others need more, when there is no other.
constexpr std::size_t kWrongOfReserve = 256;

} // namespace

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
    if (KeyState *key = find_key(entry.key))
        note_due(*key);
    take_out(entry);
}

void Manager::Impl::give_up(Entry &entry) noexcept {
    if (KeyState *key = find_key(entry.key))
        note_late(*key);
    take_out(entry);
}

void Manager::Impl::take_out(Entry &entry) noexcept {
    if (entry.state == EntryState::kUninitialised) {
        limits_.ends(entry.arrival, entry.key);
        plane_.drop_held(entry.key);
    } else {
        Timer timer{.at = entry.started + entry.timeout, .kind = Timer::Kind::kEntry};
        timer.entry = &entry;
        clear_timer(timer);
        plane_.remove(table_key(entry));
    }
    erase_entry(entry);
}

/// Its packets, and those that wait, go by an entry of a static route from now on (8.1).
void Manager::Impl::supersede(Entry &entry) noexcept {
    if (entry.state == EntryState::kUninitialised) {
        limits_.ends(entry.arrival, entry.key);
        plane_.release_held(entry.key);
    } else {
        Timer timer{.at = entry.started + entry.timeout, .kind = Timer::Kind::kEntry};
        timer.entry = &entry;
        clear_timer(timer);
        if (!exacts_.contains(entry.key)) // else that one took its place
            plane_.remove(table_key(entry));
    }
    erase_entry(entry);
}

void Manager::Impl::erase_entry(Entry &entry) noexcept {
    forget_entry_requests(entry);
    hold(entry.action, nullptr);
    hold(entry.accepted, nullptr);
    if (entry.clients != 0)
        unlink(entry);
    entries_.erase(entry.key);
    watch_entries();
}

void Manager::Impl::expire(Entry &entry, Time now) {
    if (options_.refresh_entries && entry.state == EntryState::kActive) { // A18
        const std::uint64_t packets = plane_.packets(entry.key);
        // A membership keeps it: without it the data would go by a wildcard entry again.
        const bool is_kept = way_of(entry.key) == Way::kKeptOwn;
        if (std::exchange(entry.packets, packets) != packets || is_kept)
            return start_timer(entry, entry.timeout, now);
    }
    delete_entry(entry);
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
    if (way_of(entry.key) == Way::kWildcard)
        return supersede(entry);
    const Expected expected = expected_for(entry.key, entry.arrival);
    if (expected == entry.expected)
        return;
    if (entry.state == EntryState::kUninitialised || !entry.has_in || !expected.has_route)
        return delete_entry(entry);
    expect_elsewhere(entry, expected, now);
}

/// Until an answer comes the old way in stays.
void Manager::Impl::expect_elsewhere(Entry &entry, const Expected &expected, Time now) {
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
        return give_up(entry);
    if (entry.owner == old_owner)
        return follow_up(entry, now);
    if (old_owner != nullptr)
        tell_left(entry, *old_owner, old_in);
    entry.state = judge(entry).is_empty ? EntryState::kNegative : EntryState::kActive;
    entry.prune = CallbackId{};
    start_timer(entry, options_.entry_timeout, now); // 8.12
    judge_first(entry, now);
}

void Manager::Impl::wrong_interface(const Arrival &arrival, Time now) {
    const Sender *sender = nullptr;
    if (const auto exact = exacts_.find(arrival.key); exact != exacts_.end())
        sender = &exact->second;
    else if (const auto entry = entries_.find(arrival.key);
             entry != entries_.end() && entry->second.state != EntryState::kUninitialised)
        sender = &entry->second;
    if (sender == nullptr || incoming(*sender).empty() || accepts(*sender, arrival.interface))
        return;
    const Link link{.interface = arrival.interface, .next_hop = any_of(arrival.key.family())};
    const LinkState *state = find_link(arrival.key.vrf, link);
    if (state == nullptr || state->routing == nullptr)
        return; // counted by the worker, told to nobody (3.7)
    if (may_tell_wrong(arrival, now))
        deliver(*state->routing,
                WrongIf{.key = arrival.key, .link = link, .header = arrival.header});
}

/// The limiter of A22. What it remembers goes with its time.
bool Manager::Impl::may_tell_wrong(const Arrival &arrival, Time now) {
    const WrongName name{.key = arrival.key, .interface = arrival.interface};
    if (const auto told = wrong_.find(name); told != wrong_.end()) {
        if (now - told->second < options_.wrong_if_interval)
            return false;
        told->second = now;
        return true;
    }
    if (wrong_.size() >= kMostWrong)
        std::erase_if(wrong_, [&](const auto &told) {
            return now - told.second >= options_.wrong_if_interval;
        });
    std::optional<MustSucceed> guard;
    if (wrong_.size() < kWrongOfReserve)
        guard.emplace(memory_);
    try {
        if (wrong_.size() < kMostWrong)
            return wrong_.emplace(name, now).second;
        return false;
    } catch (const std::bad_alloc &) {
        return true; // the limit suffers, not the callback
    }
}

Status Manager::Impl::set_upstream(const Call &call, Handle handle, const Key &key,
                                   const mgm::IpAddress &upstream) {
    Client *client = client_of(handle);
    if (client == nullptr)
        return Status::kInvalidParameter;
    if (is_forbidden_inside(call.inside) || !may_call(*client, call.now))
        return Status::kCanNotComplete;
    if (upstream.family() != key.family() || key.is_any_source() || key.is_any_group())
        return Status::kInvalidParameter;
    if (exacts_.contains(key))
        return Status::kInvalidParameter; // the route's alone (8.1)
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
                   .oifs = shown_oifs(entry)};
    if (entry.has_in) {
        info.in = entry.in;
        const LinkState *in = find_link(entry.key.vrf, entry.in);
        if (in != nullptr && in->holder() != nullptr && incoming(entry).size() == 1) // IGMP's (8.2)
            info.in_protocol = in->holder()->registered.identity.protocol;
    }
    return info;
}

/// No timer: its time-out is 0.
EntryInfo Manager::Impl::info(const ExactRoute &exact, Time now) const {
    EntryInfo info{
        .key = exact.key,
        .state = EntryState::kNegative,
        .in = Link{.interface = exact.action->iifs.front(), .next_hop = any_of(exact.key.family())},
        .upstream = any_of(exact.key.family()),
        .in_protocol = 0,
        .route = {.protocol = static_cast<std::uint32_t>(RouteProtocol::kStatic),
                  .prefix = {.address = exact.key.source,
                             .length = static_cast<std::uint8_t>(exact.key.source.bits())}},
        .up_time = now - exact.created,
        .timeout = {},
        .age = now - exact.created,
        .oifs = {}};
    if (!exact.is_starved)
        info.oifs = shown_oifs(exact);
    if (!info.oifs.empty())
        info.state = EntryState::kActive;
    return info;
}

std::optional<EntryInfo> Manager::Impl::entry(const Key &key, Time now) const {
    if (const auto exact = exacts_.find(key); exact != exacts_.end())
        return info(exact->second, now);
    const Entries::const_iterator found = entries_.find(key);
    if (found == entries_.end() || found->second.state == EntryState::kUninitialised)
        return std::nullopt;
    return info(found->second, now);
}

std::optional<EntryInfo> Manager::Impl::entry_after(const Key &key, Time now) const {
    const auto is_shown_key = [&](const Key &other) {
        return other.vrf == key.vrf && other.family() == key.family();
    };
    Entries::const_iterator made = entries_.upper_bound(key);
    while (made != entries_.end() && made->second.state == EntryState::kUninitialised) // 8.14
        ++made;
    const ExactRoutes::const_iterator exact = exacts_.upper_bound(key);
    const bool has_made = made != entries_.end() && is_shown_key(made->first);
    if (exact != exacts_.end() && is_shown_key(exact->first) &&
        (!has_made || exact->first < made->first))
        return info(exact->second, now);
    if (has_made)
        return info(made->second, now);
    return std::nullopt;
}

} // namespace control::manager
