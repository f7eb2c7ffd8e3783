// SPDX-License-Identifier: BSD-3-Clause
// A change of a link's routing owner (mgm-spec 2.3, 2.4, 8.3, 8.10): DISABLE to IGMP, the commit
// when that returned or is overdue, ENABLE. Only the link is locked meanwhile.
#include "control/manager/impl.hpp"

#include <algorithm>

namespace control::manager {

using contributor::kIgmp;
using contributor::kOwner;
using contributor::kStale;

void Manager::Impl::begin_transaction(LinkState &link, Client &caller, CallKind kind, CallId call,
                                      Time now) {
    link.is_locked = true;
    link.transaction = {.kind = kind,
                        .has_call = kind != CallKind::kEnd,
                        .call = call,
                        .caller = &caller,
                        .disable = {}};
    ++caller.waiting;
    if (link.igmp == nullptr || link.igmp->is_ending)
        return commit(link, now);
    const bool will_answer = answers(link.igmp, CallbackKind::kDisableIgmp);
    const CallbackId id = deliver(*link.igmp, DisableIgmp{.link = link.link});
    link.transaction.disable = id;
    if (!will_answer)
        return commit(link, now); // 8.8
    Request request{.kind = Request::Kind::kDisable, .client = link.igmp};
    request.link = &link;
    expect(id, request, now);
}

void Manager::Impl::commit(LinkState &link, Time now) {
    const Transaction transaction = link.transaction;
    std::uint8_t grace = 0;
    if (link.igmp != nullptr && link.igmp->is_ending)
        clear_igmp(link);
    else if (link.igmp != nullptr)
        grace = begin_grace(link, false, now);

    if (link.igmp != nullptr)
        mark_overrides(link, grace);
    change_link(link, [&](Contribution &c) {
        if (transaction.kind != CallKind::kTake) {
            if ((c.joined & kOwner) != 0 || (c.excluded & kOwner) != 0)
                --link.routing->memberships;
            c.drop(kOwner);
        }
        c.told = 0; // by an owner that is none any more
        if (link.igmp != nullptr)
            make_stale(c, grace);
    });
    if (transaction.kind == CallKind::kTake)
        link.routing = transaction.caller;
    else
        commit_release(link);
    owner_changed(link, now);
    unlock(link, grace, now);
}

/// Entries that come in here end (A13); elsewhere the link only leaves their olists.
void Manager::Impl::commit_release(LinkState &link) {
    link.routing->links.erase(&link);
    link.routing = nullptr;
    for_all_entries(link.vrf, link.link.family(), [&](Entry &entry) {
        if (entry.has_in && entry.in == link.link)
            delete_entry(entry);
    });
}

void Manager::Impl::abort_transaction(LinkState &link, Time now) {
    for (auto &[id, request] : requests_)
        if (request.kind == Request::Kind::kDisable && request.link == &link)
            request.link = nullptr; // its return means nothing any more
    std::uint8_t grace = 0;
    if (link.igmp != nullptr && !link.igmp->is_ending) {
        grace = begin_grace(link, true, now);
        for (KeyState *key : link.keys)
            if (Contribution *c = find_contribution(key, link);
                ((c->joined | c->excluded) & kIgmp) != 0)
                c->unconfirmed = grace;
    }
    if (link.transaction.kind == CallKind::kTake)
        link.transaction.caller->links.erase(&link);
    effects_.complete(link.transaction.call, Status::kCanNotComplete, Handle{});
    link.transaction.has_call = false;
    unlock(link, grace, now);
}

void Manager::Impl::unlock(LinkState &link, std::uint8_t grace, Time now) {
    const Transaction transaction = link.transaction;
    const mgm::Vrf vrf = link.vrf;
    const Link name = link.link;
    link.is_locked = false;
    link.transaction = {};
    --transaction.caller->waiting;

    if (transaction.disable != CallbackId{} && link.igmp != nullptr && !link.igmp->is_ending) {
        const bool will_answer = answers(link.igmp, CallbackKind::kEnableIgmp);
        const CallbackId id = deliver(*link.igmp, EnableIgmp{.link = name});
        Request request{.kind = Request::Kind::kEnable, .client = link.igmp};
        request.link = &link;
        request.has_deadline = will_answer;
        request.has_call = transaction.has_call && will_answer;
        request.call = transaction.call;
        request.grace = grace;
        expect(id, request, now); // the grace time starts when it returns, however late
        if (transaction.has_call && !will_answer)
            effects_.complete(transaction.call, Status::kOk, Handle{});
    } else if (transaction.has_call) {
        effects_.complete(transaction.call, Status::kOk, Handle{});
    }
    if (transaction.kind == CallKind::kEnd)
        continue_ending(*transaction.caller, now);
    run_waiting(vrf, name, now);
}

/// What is left of IGMP on the link: its state, its slot, its grace times. For change_link() to be
/// followed up.
void Manager::Impl::clear_igmp(LinkState &link) {
    Client &igmp = *link.igmp;
    change_link(link, [&](Contribution &c) {
        if (((c.joined | c.excluded) & kIgmp) != 0)
            --igmp.memberships;
        c.drop(kIgmp | kStale);
        c.unconfirmed = 0;
    });
    mark_overrides(link, 0);
    clear_graces(link);
    link.is_pair_due = false;
    igmp.links.erase(&link);
    link.igmp = nullptr;
}

/// IGMP itself leaves: no DISABLE, no ENABLE, a LOCAL_LEAVE for each of its memberships (2.4).
void Manager::Impl::release_igmp(LinkState &link, Time now) {
    if (link.routing != nullptr)
        for (KeyState *key : link.keys)
            if ((find_contribution(key, link)->joined & kIgmp) != 0)
                tell_local(link, *key, false);
    const bool was_holder = link.routing == nullptr;
    clear_igmp(link);
    if (was_holder)
        return owner_changed(link, now);
    for (auto it = link.keys.begin(); it != link.keys.end();)
        tidy(**it++, link);
    announce_all(link.vrf, link.link.family(), &link.link);
    refresh_marked(link.vrf, link.link.family(), now);
}

void Manager::Impl::owner_changed(LinkState &link, Time now) {
    const mgm::Family family = link.link.family();
    // Empty contributions go first, since announce_all() erases keys that have none.
    for (auto it = link.keys.begin(); it != link.keys.end();)
        tidy(**it++, link);
    announce_all(link.vrf, family, &link.link);
    const auto end_overrides_here = [&](Sender &sender) {
        for (Exception &e : sender.exceptions)
            if (e.link == &link) {
                e.forced = Override::kNone;
                mark(sender);
            }
    };
    for (Sender *sender : exceptional_)
        end_overrides_here(*sender);
    for_all_entries(link.vrf, family, [&](Entry &entry) {
        end_overrides_here(entry);
        for (Entry::Asked &asked : entry.asked)
            if (asked.link == &link)
                asked.link = nullptr;
        std::erase_if(entry.kept, [&](const Exception &kept) { return kept.link == &link; });
        if (is_covered(entry, link))
            entry.is_marked = true;
    });
    // The new IIF first: who is O no more is not told about the olist.
    for_all_entries(link.vrf, family, [&](Entry &entry) { recheck_expected(entry, now); });
    refresh_marked(link.vrf, family, now);
}

} // namespace control::manager
