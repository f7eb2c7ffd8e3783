// SPDX-License-Identifier: BSD-3-Clause
// L of an entry (8.13), computed from contributions and exceptions each time; its publication;
// INV-3.
#include "control/manager/impl.hpp"

#include <algorithm>

namespace control::manager {

using contributor::kIgmp;
using contributor::kOwner;
using contributor::kStale;

Levels Manager::Impl::levels_of(const Key &key) const noexcept {
    return {.source = find_key(key),
            .group = find_key(key.wildcard_source()),
            .all = is_ssm(key.group) ? nullptr : find_key(key.wildcard())};
}

Coverage Manager::Impl::coverage(const Levels &levels, const Entry &entry,
                                 LinkState &link) noexcept {
    const auto found = std::ranges::find(entry.exceptions, &link, &Exception::link);
    const Exception *exception = found == entry.exceptions.end() ? nullptr : &*found;
    const std::uint8_t confirmed = exception == nullptr ? std::uint8_t{0} : exception->confirmed;
    const auto joined = [&](const Contribution *c) -> unsigned {
        if (c == nullptr)
            return 0;
        const bool is_over = confirmed != 0 && !link.is_newer(c->grace, confirmed);
        return c->joined & (is_over ? ~unsigned{kStale} : ~0U);
    };

    const Contribution *source = find_contribution(levels.source, link);
    // What one hand-over left excludes from what the same one left, not from what another did.
    const auto not_excluded = [&](const Contribution *c) -> unsigned {
        if (c == nullptr || source == nullptr)
            return joined(c);
        const unsigned others = c->grace == source->grace ? 0U : unsigned{kStale};
        return joined(c) & (~unsigned{source->excluded} | others);
    };

    unsigned wide = joined(source) | not_excluded(find_contribution(levels.group, link)) |
                    not_excluded(find_contribution(levels.all, link));
    if (exception != nullptr && exception->mark != 0)
        wide |= kStale;
    return {.link = &link, .bits = static_cast<std::uint8_t>(wide), .exception = exception};
}

/// The IIF is never an OIF, nor is another link of its interface: the tables know interfaces only,
/// and nothing leaves where it came in (architecture 6).
bool Manager::Impl::is_oif(const Entry &entry, const Coverage &coverage) const noexcept {
    return entry.has_in && coverage.link->link.interface != entry.in.interface && coverage.is_out();
}

Judgement Manager::Impl::judge(const Entry &entry) const noexcept {
    Judgement judgement;
    for_coverage(entry, [&](const Coverage &c) {
        if (!is_oif(entry, c))
            return;
        judgement.is_empty = false;
        const bool is_on = c.exception != nullptr && c.exception->forced == Override::kOn;
        const bool is_held = is_on || (c.bits & (kOwner | kIgmp)) != 0;
        if (!is_held || c.link->holder() != entry.owner)
            judgement.has_foreign = true;
    });
    return judgement;
}

namespace {

mgm::RouteKey route_key(const Key &key) {
    return {.vrf = key.vrf,
            .source = key.source,
            .group = {.address = key.group, .length = static_cast<std::uint8_t>(key.group.bits())}};
}

} // namespace

bool Manager::Impl::publish(Entry &entry) noexcept {
    try {
        oifs_.clear();
        for_coverage(entry, [&](const Coverage &c) {
            if (is_oif(entry, c))
                oifs_.push_back({.link = c.link->link, .ttl_threshold = 0});
        });
    } catch (const std::bad_alloc &) {
        return false;
    }
    const std::span<const mgm::IfIndex> in(&entry.in.interface, entry.has_in ? 1 : 0);
    return plane_.install(route_key(entry.key), in, oifs_);
}

bool Manager::Impl::refresh(Entry &entry, Time now) noexcept {
    tidy_exceptions(entry); // of a link that may go after this step
    if (entry.state == EntryState::kUninitialised)
        return true; // finish_creation() looks at what is true then
    if (!publish(entry)) {
        log(Event::kTableFull, "({},{}) is deleted: the tables have no room for its olist",
            entry.key.source, entry.key.group);
        delete_entry(entry);
        return false;
    }
    follow_up(entry, now);
    return true;
}

void Manager::Impl::follow_up(Entry &entry, Time now) noexcept {
    const Judgement judgement = judge(entry);
    const EntryState state = judgement.is_empty ? EntryState::kNegative : EntryState::kActive;
    if (entry.has_in && entry.state != state) {
        entry.state = state;
        entry.prune = CallbackId{};
        start_timer(entry, options_.entry_timeout, now); // 8.12
    }
    if (entry.owner != nullptr && judgement.has_foreign != entry.is_alerted)
        alert_owner(entry, judgement.has_foreign, now);
}

void Manager::Impl::judge_first(Entry &entry, Time now) noexcept {
    const Judgement judgement = judge(entry);
    entry.is_alerted = false;
    if (entry.owner == nullptr)
        return;
    if (judgement.has_foreign)
        alert_owner(entry, true, now);
    else if (judgement.is_empty)
        alert_owner(entry, false, now);
}

void Manager::Impl::alert_owner(Entry &entry, bool is_join, Time now) noexcept {
    entry.is_alerted = is_join;
    if (is_join) {
        deliver(*entry.owner, JoinAlert{.key = entry.key, .is_member_update = false});
        return;
    }
    const CallbackId id = deliver(
        *entry.owner, PruneAlert{.key = entry.key, .link = entry.in, .is_member_delete = false});
    if (entry.state != EntryState::kNegative)
        return; // its reply changes nothing (8.16)
    entry.prune = id;
    Request request{.kind = Request::Kind::kPrune, .client = entry.owner};
    request.entry = &entry;
    expect(id, request, now);
}

Exception *Manager::Impl::find_exception(Entry &entry, const LinkState &link) noexcept {
    const auto found = std::ranges::find(entry.exceptions, &link, &Exception::link);
    return found == entry.exceptions.end() ? nullptr : &*found;
}

namespace {

Exception &exception_in(std::pmr::vector<Exception> &exceptions, LinkState &link) {
    const auto place = std::ranges::find_if(
        exceptions, [&](const Exception &e) { return !(e.link->link < link.link); });
    if (place != exceptions.end() && place->link == &link)
        return *place;
    return *exceptions.insert(place, Exception{.link = &link});
}

} // namespace

Exception &Manager::Impl::exception(Entry &entry, LinkState &link) {
    return exception_in(entry.exceptions, link);
}

Exception &Manager::Impl::override_of(Entry &entry, LinkState &link) {
    return exception_in(entry.state == EntryState::kUninitialised ? entry.kept : entry.exceptions,
                        link);
}

void Manager::Impl::tidy_exceptions(Entry &entry) noexcept {
    for (auto *const exceptions : {&entry.exceptions, &entry.kept})
        std::erase_if(*exceptions, [](const Exception &e) { return e.is_void(); });
}

} // namespace control::manager
