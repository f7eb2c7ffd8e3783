// SPDX-License-Identifier: BSD-3-Clause
// IGMP's state around a change of owner: stale after a commit (8.6: covers until IGMP has added it
// again), unconfirmed after an abort (8.10: counts, but goes unless IGMP adds it again), and the
// grace time in which that has to happen.
#include "control/manager/impl.hpp"

#include <algorithm>

namespace control::manager {

using contributor::kIgmp;
using contributor::kStale;

std::uint8_t Manager::Impl::begin_grace(LinkState &link, bool is_abort, Time now) {
    link.last_grace = static_cast<std::uint8_t>(link.last_grace % 255 + 1);
    const Grace grace{
        .number = link.last_grace, .is_abort = is_abort, .ends = now + options_.igmp_regrace_limit};
    link.graces.push_back(grace);
    if (link.igmp->is_held) {
        suspend_graces(link);
        return grace.number;
    }
    Timer timer{.at = grace.ends, .kind = Timer::Kind::kGrace};
    timer.link = &link;
    timer.grace = grace.number;
    set_timer(timer);
    return grace.number;
}

/// ENABLE returned.
void Manager::Impl::start_grace(LinkState &link, std::uint8_t number, Time now) {
    if (number == 0 || link.igmp == nullptr || link.igmp->is_held)
        return;
    for (Grace &grace : link.graces) {
        if (grace.number != number && grace.starts_with != number)
            continue;
        Timer timer{.at = grace.ends, .kind = Timer::Kind::kGrace};
        timer.link = &link;
        timer.grace = grace.number;
        clear_timer(timer);
        grace.ends = std::min(grace.ends, now + options_.igmp_regrace);
        timer.at = grace.ends;
        set_timer(timer);
    }
}

void Manager::Impl::clear_graces(LinkState &link) noexcept {
    for (const Grace &grace : link.graces) {
        Timer timer{.at = grace.ends, .kind = Timer::Kind::kGrace};
        timer.link = &link;
        timer.grace = grace.number;
        clear_timer(timer);
    }
    link.graces.clear();
}

void Manager::Impl::make_stale(Contribution &c, std::uint8_t grace) noexcept {
    if (((c.joined | c.excluded) & kIgmp) == 0)
        return;
    --c.link->igmp->memberships;
    for (std::uint8_t *bits : {&c.joined, &c.excluded})
        if ((*bits & kIgmp) != 0)
            *bits = static_cast<std::uint8_t>((*bits & ~kIgmp) | kStale);
    c.confirm(kIgmp);
    c.grace = grace;
    c.unconfirmed = 0;
}

/// An on-override that IGMP set where it was alone covers like a membership of it. `grace` 0: IGMP
/// goes, nothing does.
void Manager::Impl::mark_overrides(LinkState &link, std::uint8_t grace) noexcept {
    const auto mark_on = [&](Sender &sender) {
        Exception *e = find_exception(sender, link);
        if (e == nullptr)
            return;
        if (grace == 0)
            e->mark = 0, e->confirmed = 0;
        else if (e->forced == Override::kOn && link.routing == nullptr)
            e->mark = grace;
        mark(sender);
    };
    for_all_entries(link.vrf, link.link.family(), mark_on);
    for (Sender *sender : exceptional_)
        mark_on(*sender);
}

/// IGMP added `key`: on the entries that it covers, what is stale counts no more.
void Manager::Impl::confirm(LinkState &link, const Key &key) {
    if (link.graces.empty())
        return;
    for_senders(key, [&](Sender &sender) {
        if (Exception *e = find_exception(sender, link))
            e->mark = 0;
        if ((coverage(levels_of(sender), sender, link).bits & kStale) != 0)
            exception(sender, link).confirmed = link.last_grace;
    });
}

void Manager::Impl::end_stale(LinkState &link, std::uint8_t number) {
    change_link(link, [number](Contribution &c) {
        if (c.grace != number)
            return;
        c.unconfirmed = 0;
        c.joined &= static_cast<std::uint8_t>(~kStale);
        c.excluded &= static_cast<std::uint8_t>(~kStale);
    });
}

/// What IGMP did not bother to delete goes as if it had.
void Manager::Impl::end_unconfirmed(LinkState &link, std::uint8_t number) {
    std::pmr::vector<Key> ended(&memory_);
    for (KeyState *key : link.keys) {
        const Contribution &c = *find_contribution(key, link);
        if (c.unconfirmed != number)
            continue;
        ended.push_back(key->key);
        note_coverage(key->key, link);
        if ((c.joined & kIgmp) != 0 && link.routing != nullptr)
            tell_local(link, *key, false);
    }
    change_link(link, [&link, number](Contribution &c) {
        if (c.unconfirmed != number)
            return;
        if (((c.joined | c.excluded) & kIgmp) != 0)
            --link.igmp->memberships;
        c.unconfirmed = 0;
        c.drop(kIgmp);
    });
    for (const Key &key : ended)
        end_overrides(key, link);
}

void Manager::Impl::end_grace(LinkState &link, std::uint8_t number, Time now) {
    const auto found = std::ranges::find(link.graces, number, &Grace::number);
    if (found == link.graces.end())
        return;
    const bool is_abort = found->is_abort;
    link.graces.erase(found);

    if (is_abort)
        end_unconfirmed(link, number);
    else
        end_stale(link, number);
    const auto end_mark = [&](Sender &sender) {
        Exception *e = find_exception(sender, link);
        if (e == nullptr)
            return;
        if (e->mark == number)
            e->mark = 0;
        if (link.graces.empty())
            e->confirmed = 0;
        mark(sender);
    };
    for_all_entries(link.vrf, link.link.family(), end_mark);
    for (Sender *sender : exceptional_)
        end_mark(*sender);
    for (auto it = link.keys.begin(); it != link.keys.end();)
        tidy(**it++, link);
    announce_all(link.vrf, link.link.family(), &link.link);
    refresh_marked(link.vrf, link.link.family(), now);
    drop_if_unused(link);
}

} // namespace control::manager
