// SPDX-License-Identifier: BSD-3-Clause
// What a change of static routes means for entries that data made: other oifs, another way in, or
// their end; and entries that must be there although no data asks for them, because a wildcard
// entry of the tables would take it (8.1).
#include "control/manager/impl.hpp"

namespace control::manager {

/// The tables have what the route asks for: what follows from it cannot fail.
void Manager::Impl::routes_changed(const StaticRoute &route, Time now) {
    const MustSucceed guard(memory_);
    for_range(keys_, route.vrf, route.group, [&](KeyState &key) {
        if (key.key.is_any_source() || !route.source.contains(key.key.source))
            return;
        note_due(key);
        announce_source(key, nullptr); // INV-2: where the source lies may have changed
        erase_key_if_empty(key);
    });
    for_range(entries_, route.vrf, route.group, [&](Entry &entry) {
        if (route.source.contains(entry.key.source))
            reroute(entry, now);
    });
}

void Manager::Impl::reroute(Entry &entry, Time now) {
    if (exacts_.contains(entry.key) || way_of(entry.key) == Way::kWildcard)
        return supersede(entry);
    for (Entry::Asked &asked : entry.asked)
        asked.was_covered = asked.link != nullptr && is_covered(entry, *asked.link);
    const StaticAction *old = nullptr;
    hold(old, entry.action);
    hold(entry.action, match(entry.key).action);
    for (Entry::Asked &asked : entry.asked)
        if (asked.link != nullptr && is_covered(entry, *asked.link) != asked.was_covered)
            asked.link = nullptr; // a veto does not count (8.8)

    const Expected expected = expected_for(entry.key, entry.arrival);
    const bool has_other_iifs =
        expected.is_fixed && entry.expected.is_fixed && entry.action->iifs != old->iifs;
    hold(old, nullptr);
    if (expected == entry.expected && !has_other_iifs)
        return static_cast<void>(refresh(entry, now));
    if (entry.state == EntryState::kUninitialised || !entry.has_in || !expected.has_route)
        return delete_entry(entry);
    const bool will_wait = !expected.is_fixed && answers(expected.owner, CallbackKind::kRpf);
    expect_elsewhere(entry, expected, now); // if nobody is asked, it may be the entry's end
    if (will_wait)
        refresh(entry, now); // the oifs
}

/// `key` is an (S,G) whose memberships or whose routes change, or whose entry goes.
void Manager::Impl::note_due(KeyState &key) noexcept {
    if (wildcard_routes_ == 0 || key.key.is_any_source())
        return;
    key.is_due = true;
    has_due_ = true;
}

/// There was no room for its entry: not before some time has passed.
void Manager::Impl::note_late(KeyState &key) noexcept {
    if (wildcard_routes_ == 0 || key.key.is_any_source())
        return;
    key.is_late = true;
    has_late_ = true;
}

/// Where a wildcard entry takes the data, none will ask for an entry that a membership of its own
/// needs: it is made at once, as if data had come.
void Manager::Impl::make_due_entries(Time now) {
    has_due_ = false;
    for (auto &[name, key] : keys_) {
        if (!std::exchange(key.is_due, false) || key.is_late || entries_.contains(name) ||
            way_of(name) != Way::kKeptOwn)
            continue;
        make_entry({.key = name, .interface = {}, .header = {}}, now);
    }
}

void Manager::Impl::settle(Time now) {
    if (has_due_ || unused_actions_ != nullptr) {
        const MustSucceed guard(memory_);
        if (has_due_)
            make_due_entries(now);
        sweep_actions();
    }
    if ((starved_ != 0 || has_late_) && !retry_)
        retry_ = now + options_.retry_interval;
}

} // namespace control::manager
