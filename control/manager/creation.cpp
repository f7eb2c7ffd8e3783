// SPDX-License-Identifier: BSD-3-Clause
// A packet from a new source: RPF to the owner of the expected interface, CREATION to everybody
// with an outgoing link, then the first olist (mgm-spec 1.5, 1.6, 3.1, 3.2, 8.14). Until then the
// entry is Uninitialised and workers hold its packets.
#include "control/manager/impl.hpp"

#include <algorithm>

namespace control::manager {

void Manager::Impl::new_source(const Arrival &arrival, Time now) {
    const Key &key = arrival.key;
    if (const auto exact = exacts_.find(key); exact != exacts_.end()) {
        exact->second.is_installed ? plane_.release_held(key) : plane_.drop_held(key);
        return;
    }
    if (const Entries::iterator there = entries_.find(key); there != entries_.end()) {
        if (there->second.state != EntryState::kUninitialised)
            plane_.release_held(key); // by a worker that had not seen the entry yet
        return;
    }
    if (way_of(key) == Way::kWildcard) {
        plane_.release_held(key); // likewise
        return;
    }
    if (key.is_any_source() || !is_forwardable(key.group) || !may_create(arrival, now))
        return plane_.drop_held(key);
    make_entry(arrival, now);
}

/// Limits of A22: what is over them is dropped, and its next packet asks again.
bool Manager::Impl::may_create(const Arrival &arrival, Time now) {
    const MustSucceed guard(memory_);
    try {
        return limits_.ask(arrival, now) == Refusal::kNone;
    } catch (const std::bad_alloc &) {
        log(Event::kOutOfMemory, "no memory for an entry of ({},{})", arrival.key.source,
            arrival.key.group);
        return false;
    }
}

void Manager::Impl::make_entry(const Arrival &arrival, Time now) {
    const Key &key = arrival.key;
    const MustSucceed guard(memory_);
    try {
        Entry &entry = entries_.try_emplace(key, key, ++last_incarnation_, &memory_).first->second;
        try {
            limits_.begins(arrival.interface, key);
        } catch (const std::bad_alloc &) {
            entries_.erase(key);
            throw;
        }
        entry.arrival = arrival.interface;
        entry.created = now;
        watch_entries();
        hold(entry.action, match(key).action);
        entry.expected = expected_for(key, arrival.interface);
        start_rpf(entry, arrival.header, now);
    } catch (const std::bad_alloc &) {
        log(Event::kOutOfMemory, "no memory for an entry of ({},{})", key.source, key.group);
        if (const Entries::iterator made = entries_.find(key); made != entries_.end())
            give_up(made->second);
        else
            plane_.drop_held(key);
    }
}

void Manager::Impl::watch_entries() noexcept {
    if (!limits_.entries_are(entries_.size()))
        return;
    if (limits_.is_suppressing())
        log(Event::kEntriesSuppressed, "{} entries: data makes no more until {} are left",
            entries_.size(), options_.reuse_entries);
    else
        log(Event::kEntriesReused, "{} entries: data makes new ones again", entries_.size());
}

/// For a new entry, and again for a live one whose expected interface changed (8.15).
void Manager::Impl::start_rpf(Entry &entry, std::span<const std::byte> header, Time now) {
    const Expected &expected = entry.expected;
    if (expected.is_fixed || !answers(expected.owner, CallbackKind::kRpf))
        return rpf_answered(entry, nullptr, now);
    entry.rpf = deliver(*expected.owner, RpfRequest{.key = entry.key,
                                                    .in = expected.link,
                                                    .upstream = expected.upstream,
                                                    .route = route_info(entry),
                                                    .header = header});
    Request request{.kind = Request::Kind::kRpf, .client = expected.owner};
    request.entry = &entry;
    expect(entry.rpf, request, now);
}

/// `reply` null: nobody to ask, or no answer; the values of the RIB stand.
void Manager::Impl::rpf_answered(Entry &entry, const RpfReply *reply, Time now) {
    entry.rpf = CallbackId{};
    if (entry.state != EntryState::kUninitialised)
        return move_entry(entry, reply, now);
    set_in(entry, reply);
    start_creation(entry, now);
}

void Manager::Impl::set_in(Entry &entry, const RpfReply *reply) noexcept {
    const Expected &expected = entry.expected;
    entry.has_in = expected.has_route || reply != nullptr; // A12
    entry.in = expected.link;
    entry.upstream = expected.upstream;
    entry.owner = entry.has_in ? expected.owner : nullptr;
    entry.route = route_info(entry);
    hold(entry.accepted, expected.is_fixed ? entry.action : nullptr);
    if (reply == nullptr)
        return;
    const LinkState *chosen = find_link(entry.key.vrf, reply->in);
    const bool is_own = chosen != nullptr && chosen->routing == expected.owner &&
                        reply->in.family() == entry.key.family() &&
                        reply->upstream.family() == entry.key.family();
    if (!is_own) { // as a whole (8.20)
        log(Event::kRpfRefused, "protocol {} answers RPF with {}, which is not its own",
            expected.owner->registered.identity.protocol, reply->in.interface);
        return;
    }
    entry.in = reply->in;
    entry.upstream = reply->upstream;
    entry.route = reply->route;
}

/// What says where its source lies: a static route with iifs, or the RIB.
RouteInfo Manager::Impl::route_info(const Entry &entry) const {
    if (entry.expected.is_fixed)
        return {.protocol = static_cast<std::uint32_t>(RouteProtocol::kStatic),
                .prefix = match(entry.key).source};
    if (const std::optional<RibRoute> found = rib_.lookup(entry.key.vrf, entry.key.source))
        return {.protocol = static_cast<std::uint32_t>(found->protocol), .prefix = found->prefix};
    return {};
}

void Manager::Impl::start_creation(Entry &entry, Time now) {
    struct Question {
        Client *client;
        LinkState *link;
    };
    std::pmr::vector<Question> questions(&memory_);
    for_coverage(entry, [&](const Coverage &c) {
        Client *holder = c.link->holder(); // IGMP is asked only if it wants to be (3.2)
        if (is_oif(entry, c) && answers(holder, CallbackKind::kCreationAlert))
            questions.push_back({.client = holder, .link = c.link});
    });
    std::ranges::stable_sort(questions, {}, [](const Question &q) { return q.client->order; });

    std::pmr::vector<CreationLink> links(&memory_);
    for (std::size_t i = 0; i < questions.size();) {
        Client &client = *questions[i].client;
        links.clear();
        const std::size_t first = i;
        for (; i < questions.size() && questions[i].client == &client; ++i)
            links.push_back(
                {.link = questions[i].link->link, .is_igmp = questions[i].link->igmp != nullptr});
        const CallbackId id =
            deliver(client, CreationAlert{.key = entry.key, .in = entry.in, .links = links});
        for (std::size_t asked = first; asked < i; ++asked)
            entry.asked.push_back({.creation = id, .link = questions[asked].link});
        Request request{.kind = Request::Kind::kCreation, .client = &client};
        request.entry = &entry;
        expect(id, request, now);
        ++entry.creations;
    }
    if (entry.creations == 0)
        finish_creation(entry, now);
}

void Manager::Impl::creation_answered(Entry &entry, CallbackId id, const CreationReply *reply,
                                      Time now) {
    for (const Entry::Asked &asked : entry.asked) {
        if (asked.creation != id || asked.link == nullptr || reply == nullptr ||
            std::ranges::find(reply->vetoed, asked.link->link) == reply->vetoed.end())
            continue;
        const Coverage c = coverage(levels_of(entry), entry, *asked.link);
        if ((c.bits & contributor::kStatic) == 0) // 8.1
            exception(entry, *asked.link).forced = Override::kOff;
    }
    std::erase_if(entry.asked, [&](const Entry::Asked &asked) { return asked.creation == id; });
    if (--entry.creations == 0)
        finish_creation(entry, now);
}

void Manager::Impl::finish_creation(Entry &entry, Time now) {
    for (const Exception &kept : entry.kept)
        exception(entry, *kept.link).forced = kept.forced;
    entry.kept.clear();
    entry.asked.clear();
    tidy_exceptions(entry);
    if (!publish(entry)) {
        log(Event::kTableFull, "no room for an entry of ({},{})", entry.key.source,
            entry.key.group);
        return give_up(entry);
    }
    limits_.ends(entry.arrival, entry.key);
    entry.state = judge(entry).is_empty ? EntryState::kNegative : EntryState::kActive;
    entry.packets = 0;
    start_timer(entry, entry.has_in ? options_.entry_timeout : options_.no_route_timeout, now);
    judge_first(entry, now);
    if (entry.has_in)
        plane_.release_held(entry.key);
    else
        plane_.drop_held(entry.key);
}

} // namespace control::manager
