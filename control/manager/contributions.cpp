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
    if (c != nullptr && c->is_void() && c->told == 0) { // else its LOCAL_LEAVE is due (8.18)
        key.contributions.erase(key.contributions.begin() + (c - key.contributions.data()));
        link.keys.erase(&key);
    }
    if (!key.is_changing) // announce_all() erases those
        erase_key_if_empty(key);
}

void Manager::Impl::note_coverage(const Key &key, LinkState &link) noexcept {
    const auto note = [&](std::pmr::vector<Exception> &exceptions, bool is_covered) {
        for (Exception &e : exceptions)
            if (e.link == &link) {
                e.was_covered = is_covered;
                e.before = e.forced;
                e.mark_before = e.mark;
                e.confirmed_before = e.confirmed;
            }
    };
    for_entries(key, [&](Entry &entry) {
        if (entry.exceptions.empty() && entry.asked.empty() && entry.kept.empty())
            return;
        const bool covers = is_covered(entry, link);
        note(entry.exceptions, covers);
        note(entry.kept, covers);
        for (Entry::Asked &asked : entry.asked) {
            asked.was_covered = covers;
            asked.before = asked.link;
        }
    });
    for_exceptional(key,
                    [&](Sender &sender) { note(sender.exceptions, is_covered(sender, link)); });
}

/// Also of FORWARD calls that an Uninitialised entry keeps: it makes no difference when CREATION is
/// answered.
void Manager::Impl::end_overrides(const Key &key, LinkState &link) noexcept {
    const auto end = [&](std::pmr::vector<Exception> &exceptions, bool is_covered) {
        for (Exception &e : exceptions)
            if (e.link == &link && e.was_covered != is_covered)
                e.forced = Override::kNone;
    };
    for_entries(key, [&](Entry &entry) {
        if (entry.exceptions.empty() && entry.asked.empty() && entry.kept.empty())
            return;
        const bool covers = is_covered(entry, link);
        end(entry.exceptions, covers);
        end(entry.kept, covers);
        for_those(
            entry.asked,
            [&](const Entry::Asked &asked) {
                return asked.link == &link && asked.was_covered != covers;
            },
            [](Entry::Asked &asked) { asked.link = nullptr; });
    });
    for_exceptional(key, [&](Sender &sender) { end(sender.exceptions, is_covered(sender, link)); });
}

void Manager::Impl::undo_overrides(const Key &key, const LinkState &link) noexcept {
    const auto undo = [&](std::pmr::vector<Exception> &exceptions) {
        for (Exception &e : exceptions)
            if (e.link == &link) {
                e.forced = e.before;
                e.mark = e.mark_before;
                e.confirmed = e.confirmed_before;
            }
    };
    for_entries(key, [&](Entry &entry) {
        undo(entry.exceptions);
        undo(entry.kept);
        for (Entry::Asked &asked : entry.asked)
            if (asked.before == &link)
                asked.link = asked.before;
    });
    for_exceptional(key, [&](Sender &sender) { undo(sender.exceptions); });
}

/// For refresh_marked(). Routes are listed: there may be a million that are not marked.
void Manager::Impl::mark(Sender &sender) noexcept {
    if (std::exchange(sender.is_marked, true) || sender.kind == Sender::Kind::kEntry)
        return;
    (first_marked_ == nullptr ? first_marked_ : last_marked_->next_marked) = &sender;
    last_marked_ = &sender;
}

void Manager::Impl::unmark(Sender &sender) noexcept {
    if (!std::exchange(sender.is_marked, false))
        return;
    Sender *previous = nullptr;
    for (Sender *it = first_marked_; it != &sender; it = it->next_marked)
        previous = it;
    (previous == nullptr ? first_marked_ : previous->next_marked) = sender.next_marked;
    if (last_marked_ == &sender)
        last_marked_ = previous;
    sender.next_marked = nullptr;
}

void Manager::Impl::refresh_marked(mgm::Vrf vrf, mgm::Family family, Time now) {
    for_all_entries(vrf, family, [&](Entry &entry) {
        if (std::exchange(entry.is_marked, false))
            refresh(entry, now);
    });
    while (first_marked_ != nullptr) {
        Sender &sender = *first_marked_;
        unmark(sender);
        refresh_sender(sender, now); // it may be taken away
    }
}

} // namespace control::manager
