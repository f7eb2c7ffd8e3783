// SPDX-License-Identifier: BSD-3-Clause
// What a change of static routes means for entries that data made: other oifs, another way in, or
// their end; and entries that must be there although no data asks for them, because a wildcard
// entry of the tables would take it (8.1).
#include "control/manager/impl.hpp"

#include <utility>

namespace control::manager {

/// The tables have what the route asks for: what follows from it cannot fail.
void Manager::Impl::routes_changed(const StaticRoute &route, Time now) {
    const MustSucceed guard(memory_);
    for_matching(keys_, route, [&](KeyState &key) {
        if (key.key.is_any_source())
            return;
        note_due(key);
        announce_source(key, nullptr); // INV-2: where the source lies may have changed
        erase_key_if_empty(key);
    });
    for_matching(entries_, route, [&](Entry &entry) { reroute(entry, now); });
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

/// Its data goes by a wildcard entry, unless there is one of its own.
bool Manager::Impl::is_inside_wildcard(const Key &key) const noexcept {
    return wildcard_routes_ != 0 && !key.is_any_source() && !is_ssm(key.group) &&
           governor(key.vrf,
                    {.address = key.group, .length = static_cast<std::uint8_t>(key.group.bits())})
                   .route != nullptr;
}

/// `key` is an (S,G) whose memberships or whose routes change, or whose entry goes.
void Manager::Impl::note_due(KeyState &key) noexcept {
    if (key.is_due || !is_inside_wildcard(key.key))
        return;
    const MustSucceed guard(memory_);
    due_keys_.insert(&key);
    key.is_due = true;
}

/// There was no room for its entry: not before some time has passed.
void Manager::Impl::note_late(KeyState &key) noexcept {
    if (key.is_late || !is_inside_wildcard(key.key))
        return;
    const MustSucceed guard(memory_);
    late_keys_.insert(&key);
    key.is_late = true;
}

void Manager::Impl::forget_due(KeyState &key) noexcept {
    if (std::exchange(key.is_due, false))
        due_keys_.erase(&key);
    if (std::exchange(key.is_late, false))
        late_keys_.erase(&key);
}

void Manager::Impl::make_late_due() noexcept {
    for (KeyState *key : late_keys_) {
        key->is_late = false;
        note_due(*key);
    }
    late_keys_.clear();
}

/// Where a wildcard entry takes the data, none will ask for an entry that a membership of its own
/// needs: it is made at once, as if data had come.
void Manager::Impl::make_due_entries(Time now) {
    for (auto it = due_keys_.begin(); it != due_keys_.end();) {
        KeyState &key = **it;
        const Key name = key.key;
        due_keys_.erase(it);
        key.is_due = false;
        if (!key.is_late && !entries_.contains(name) && way_of(name) == Way::kKeptOwn)
            make_entry({.key = name, .interface = {}, .header = {}}, now);
        it = due_keys_.upper_bound(name); // what became due before it waits for the next step
    }
}

void Manager::Impl::settle(Time now) {
    if (!due_keys_.empty() || unused_actions_ != nullptr) {
        const MustSucceed guard(memory_);
        make_due_entries(now);
        sweep_actions();
    }
    if ((starved_ != 0 || !late_keys_.empty()) && !retry_)
        retry_ = now + options_.retry_interval;
}

} // namespace control::manager
