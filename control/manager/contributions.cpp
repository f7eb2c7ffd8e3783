// SPDX-License-Identifier: BSD-3-Clause
// Keys, links and the contributions between them: found, made, taken away.
#include "control/manager/impl.hpp"

#include <algorithm>
#include <utility>

namespace control::manager {

namespace {

constexpr auto kByLink = [](const Contribution &c, const Link &link) {
    return c.link->link < link;
};

template <class List, class Test, class F>
void for_those(List &list, Test test, F f) {
    for (auto &element : list)
        if (test(element))
            f(element);
}

} // namespace

std::uint8_t Manager::Impl::contributor_of(const Client &client, const LinkState &link) noexcept {
    if (client.is_static())
        return contributor::kStatic;
    if (&client == link.routing)
        return contributor::kOwner;
    return &client == link.igmp ? contributor::kIgmp : std::uint8_t{0};
}

KeyState &Manager::Impl::key_state(const Key &key) {
    return keys_.try_emplace(key, key, &memory_).first->second;
}

KeyState *Manager::Impl::find_key(const Key &key) const noexcept {
    const Keys::const_iterator found = keys_.find(key);
    return found == keys_.end() ? nullptr : const_cast<KeyState *>(&found->second);
}

Contribution *Manager::Impl::find_contribution(KeyState *key, const LinkState &link) noexcept {
    if (key == nullptr)
        return nullptr;
    const auto found =
        std::lower_bound(key->contributions.begin(), key->contributions.end(), link.link, kByLink);
    return found != key->contributions.end() && found->link == &link ? &*found : nullptr;
}

Contribution &Manager::Impl::contribution(KeyState &key, LinkState &link) {
    if (Contribution *old = find_contribution(&key, link))
        return *old;
    const auto made = link.keys.insert(&key).first;
    try {
        const auto place = std::lower_bound(key.contributions.begin(), key.contributions.end(),
                                            link.link, kByLink);
        return *key.contributions.insert(place, Contribution{.link = &link});
    } catch (const std::bad_alloc &) {
        link.keys.erase(made);
        throw;
    }
}

void Manager::Impl::tidy(KeyState &key, LinkState &link) noexcept {
    const Contribution *c = find_contribution(&key, link);
    if (c != nullptr && c->joined == 0 && c->excluded == 0) {
        key.contributions.erase(key.contributions.begin() + (c - key.contributions.data()));
        link.keys.erase(&key);
    }
    if (!key.is_changing) // announce_all() erases those
        erase_key_if_empty(key);
}

void Manager::Impl::note_coverage(const Key &key, LinkState &link) noexcept {
    for_entries(key, [&](Entry &entry) {
        if (entry.exceptions.empty() && entry.asked.empty() && entry.kept.empty())
            return;
        const bool is_covered = coverage(levels_of(entry.key), entry, link).is_covered();
        for (auto *const exceptions : {&entry.exceptions, &entry.kept})
            for (Exception &e : *exceptions)
                if (e.link == &link) {
                    e.was_covered = is_covered;
                    e.before = e.forced;
                    e.mark_before = e.mark;
                    e.confirmed_before = e.confirmed;
                }
        for (Entry::Asked &asked : entry.asked) {
            asked.was_covered = is_covered;
            asked.before = asked.link;
        }
    });
}

/// Also of FORWARD calls that an Uninitialised entry keeps: it makes no difference when CREATION is
/// answered.
void Manager::Impl::end_overrides(const Key &key, LinkState &link) noexcept {
    for_entries(key, [&](Entry &entry) {
        if (entry.exceptions.empty() && entry.asked.empty() && entry.kept.empty())
            return;
        const bool is_covered = coverage(levels_of(entry.key), entry, link).is_covered();
        const auto has_changed = [&](const auto &there) {
            return there.link == &link && there.was_covered != is_covered;
        };
        for (auto *const exceptions : {&entry.exceptions, &entry.kept})
            for_those(*exceptions, has_changed, [](Exception &e) { e.forced = Override::kNone; });
        for_those(entry.asked, has_changed, [](Entry::Asked &asked) { asked.link = nullptr; });
    });
}

void Manager::Impl::undo_overrides(const Key &key, const LinkState &link) noexcept {
    for_entries(key, [&](Entry &entry) {
        for (auto *const exceptions : {&entry.exceptions, &entry.kept})
            for (Exception &e : *exceptions)
                if (e.link == &link) {
                    e.forced = e.before;
                    e.mark = e.mark_before;
                    e.confirmed = e.confirmed_before;
                }
        for (Entry::Asked &asked : entry.asked)
            if (asked.before == &link)
                asked.link = asked.before;
    });
}

void Manager::Impl::refresh_marked(mgm::Vrf vrf, mgm::Family family, Time now) {
    for_all_entries(vrf, family, [&](Entry &entry) {
        if (std::exchange(entry.is_marked, false))
            refresh(entry, now);
    });
}

} // namespace control::manager
