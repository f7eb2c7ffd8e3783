// SPDX-License-Identifier: BSD-3-Clause
// L of an entry (8.13), computed from contributions and exceptions each time; its publication;
// INV-3.
#include "control/manager/impl.hpp"

#include <algorithm>
#include <utility>

namespace control::manager {

using contributor::kIgmp;
using contributor::kOwner;
using contributor::kStale;
using contributor::kStatic;

namespace {

/// Null: its static route, if it has one, does not send there.
const StaticOif *named_oif(const Sender &sender, const LinkState &link) noexcept {
    return sender.action == nullptr ? nullptr : sender.action->oif(link);
}

} // namespace

Levels Manager::Impl::levels_of(const Sender &sender) const noexcept {
    const Key &key = sender.key;
    if (sender.kind == Sender::Kind::kWildcard)
        return {.source = nullptr,
                .group = sender.group_length == key.group.bits() ? find_key(key) : nullptr,
                .all = find_key(key.wildcard())};
    return {.source = find_key(key),
            .group = find_key(key.wildcard_source()),
            .all = is_ssm(key.group) ? nullptr : find_key(key.wildcard())};
}

Coverage Manager::Impl::coverage(const Levels &levels, const Sender &sender,
                                 LinkState &link) noexcept {
    const auto found = std::ranges::find(sender.exceptions, &link, &Exception::link);
    const Exception *exception = found == sender.exceptions.end() ? nullptr : &*found;
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
    const StaticOif *named = named_oif(sender, link);
    if (named != nullptr)
        wide |= kStatic;
    return {.link = &link,
            .bits = static_cast<std::uint8_t>(wide),
            .exception = exception,
            .named = named};
}

std::span<const mgm::IfIndex> Manager::Impl::incoming(const Sender &sender) noexcept {
    if (sender.accepted != nullptr)
        return sender.accepted->iifs;
    const auto &entry = static_cast<const Entry &>(sender); // the others always accept by a route
    return {&entry.in.interface, entry.has_in ? std::size_t{1} : 0};
}

/// The IIF is never an OIF, nor is another link of its interface: the tables know interfaces only,
/// and nothing leaves where it came in (architecture 6). Only where a route accepts from several
/// and names one of them itself (RFC 5015), that one sends what came in on the others.
bool Manager::Impl::is_oif(const Sender &sender, const Coverage &coverage) noexcept {
    const std::span<const mgm::IfIndex> in = incoming(sender);
    if (in.empty() || !coverage.is_out())
        return false;
    return (in.size() > 1 && coverage.named != nullptr) ||
           std::ranges::find(in, coverage.link->link.interface) == in.end();
}

std::vector<Oif> Manager::Impl::shown_oifs(const Sender &sender) const {
    std::vector<Oif> oifs;
    for_coverage(sender, [&](const Coverage &c) {
        if (is_oif(sender, c))
            oifs.push_back({.link = c.link->link, .ttl_threshold = c.ttl_threshold()});
    });
    return oifs;
}

Judgement Manager::Impl::judge(const Entry &entry) const noexcept {
    Judgement judgement;
    for_coverage(entry, [&](const Coverage &c) {
        if (!is_oif(entry, c))
            return;
        judgement.is_empty = false;
        const Override forced = c.exception == nullptr ? Override::kNone : c.exception->forced;
        const bool is_held = forced == Override::kOn ||
                             (forced == Override::kNone && (c.bits & (kOwner | kIgmp)) != 0);
        if (!is_held || c.link->holder() != entry.owner)
            judgement.has_foreign = true;
    });
    return judgement;
}

bool Manager::Impl::publish(Sender &sender) noexcept {
    try {
        oifs_.clear();
        for_coverage(sender, [&](const Coverage &c) {
            if (is_oif(sender, c))
                oifs_.push_back({.link = c.link->link, .ttl_threshold = c.ttl_threshold()});
        });
    } catch (const std::bad_alloc &) {
        return false;
    }
    if (!plane_.install(table_key(sender), incoming(sender), oifs_))
        return false;
    sender.is_installed = true;
    if (std::exchange(sender.is_starved, false))
        --starved_;
    return true;
}

bool Manager::Impl::refresh(Entry &entry, Time now) noexcept {
    tidy_exceptions(entry); // of a link that may go after this step
    if (way_of(entry.key) == Way::kWildcard) {
        supersede(entry);
        return false;
    }
    if (entry.state == EntryState::kUninitialised)
        return true; // finish_creation() looks at what is true then
    if (!publish(entry)) {
        log(Event::kTableFull, "({},{}) is deleted: the tables have no room for its olist",
            entry.key.source, entry.key.group);
        give_up(entry);
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
    if (!judgement.is_empty)
        entry.is_prune_due = false; // L gained
    if (entry.owner == nullptr)
        return;
    if (judgement.has_foreign != entry.is_alerted)
        alert_owner(entry, judgement.has_foreign, now);
    else if (!entry.is_prune_due)
        undefer(entry, *entry.owner);
}

void Manager::Impl::judge_first(Entry &entry, Time now) noexcept {
    const Judgement judgement = judge(entry);
    entry.is_alerted = false;
    if (entry.owner == nullptr)
        return;
    // Who was O before and could not be told that it is over has not missed anything.
    if ((entry.left & entry.owner->bit) != 0) {
        entry.left &= ~entry.owner->bit;
        undefer(entry, *entry.owner);
        entry.is_alerted = true;
    }
    if (judgement.has_foreign != entry.is_alerted)
        alert_owner(entry, judgement.has_foreign, now);
    else if (judgement.is_empty)
        alert_owner(entry, false, now);
}

void Manager::Impl::alert_owner(Entry &entry, bool is_join, Time now) noexcept {
    if (defer_false(entry, *entry.owner, is_join)) {
        entry.is_prune_due = !is_join && !entry.is_alerted;
        return;
    }
    entry.is_prune_due = false;
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

Exception *Manager::Impl::find_exception(Sender &sender, const LinkState &link) noexcept {
    const auto found = std::ranges::find(sender.exceptions, &link, &Exception::link);
    return found == sender.exceptions.end() ? nullptr : &*found;
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

Exception &Manager::Impl::exception(Sender &sender, LinkState &link) {
    if (sender.kind != Sender::Kind::kEntry)
        exceptional_.insert(&sender); // tidy_exceptions() takes it out
    return exception_in(sender.exceptions, link);
}

Exception &Manager::Impl::override_of(Sender &sender, LinkState &link) {
    if (sender.kind == Sender::Kind::kEntry)
        if (auto &entry = static_cast<Entry &>(sender); entry.state == EntryState::kUninitialised)
            return exception_in(entry.kept, link);
    return exception(sender, link);
}

void Manager::Impl::tidy_exceptions(Sender &sender) noexcept {
    const auto is_void = [](const Exception &e) { return e.is_void(); };
    std::erase_if(sender.exceptions, is_void);
    if (sender.kind == Sender::Kind::kEntry)
        std::erase_if(static_cast<Entry &>(sender).kept, is_void);
    else if (sender.exceptions.empty() && !exceptional_.empty())
        exceptional_.erase(&sender);
}

} // namespace control::manager
