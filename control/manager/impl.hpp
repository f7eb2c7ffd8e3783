// SPDX-License-Identifier: BSD-3-Clause
// The manager's parts in one class, since every rule of mgm-spec 8 joins several of them. Private
// to the folder.
//
// | file | part |
// |---|---|
// | registry.cpp | clients and handles |
// | ownership.cpp | Take, Release, calls that wait for their link |
// | transaction.cpp | DISABLE, the change, ENABLE |
// | ending.cpp | DeRegister, dying clients, interfaces that go |
// | membership.cpp | Add, Delete |
// | contributions.cpp | who wants what where |
// | update.cpp | UpdateMembership |
// | hand_over.cpp | stale and unconfirmed state and its grace time |
// | alerts.cpp | INV-1, INV-2 |
// | olist.cpp | what an entry's olist is; overrides; INV-3 |
// | limits.cpp | how many entries data may make |
// | creation.cpp | a new source: RPF, CREATION, the first olist |
// | entries.cpp | life of an entry after that: expiry, route changes, wrong interface; getters |
// | requests.cpp | callbacks that are waited for, deadlines, timers |
// | enumeration.cpp | groups as they were |
#pragma once

#include "control/manager/limits.hpp"
#include "control/manager/memory.hpp"
#include "control/manager/state.hpp"

#include <fmt/format.h>

#include <deque>
#include <functional>
#include <string>

namespace control::manager {

/// What covers a link in an entry: contributor bits of the three levels together (8.24).
struct Coverage {
    LinkState *link = nullptr;
    std::uint8_t bits = 0;
    const Exception *exception = nullptr; ///< of the entry on this link

    [[nodiscard]] bool is_covered() const noexcept { return bits != 0; }
    [[nodiscard]] bool is_out() const noexcept { ///< in L, but for the IIF
        if (exception != nullptr && exception->forced != Override::kNone)
            return exception->forced == Override::kOn;
        return is_covered();
    }
};

/// The three levels that cover an entry.
struct Levels {
    KeyState *source = nullptr; ///< (S,G)
    KeyState *group = nullptr;  ///< (*,G)
    KeyState *all = nullptr;    ///< (*,*); none for source-specific groups
};

/// What INV-3 and the state of an entry need to know of its L.
struct Judgement {
    bool is_empty = true;
    bool has_foreign = false; ///< an OIF that is not O's
};

class Manager::Impl {
public:
    Impl(const Options &options, const Rib &rib, Effects &effects, ForwardingPlane &plane,
         std::pmr::memory_resource *memory);

    // --- the calls of Manager
    void register_client(const Call &call, const Registration &registration);
    void deregister(const Call &call, Handle client);
    void take_or_release(CallKind kind, const Call &call, Handle client, const Link &link);
    void add_or_remove(CallKind kind, const Call &call, Handle client,
                       const Membership &membership);
    void update(const Call &call, Handle client, const MembershipUpdate &update);
    void start_enumeration(const Call &call, Handle client, EnumerationKind kind);
    [[nodiscard]] Status owner_of(mgm::Vrf vrf, const Link &link, Identity &owner) const;
    [[nodiscard]] Status next_groups(Handle enumeration, std::span<SourceGroup> records,
                                     std::size_t &count);
    [[nodiscard]] Status end_enumeration(Handle enumeration);
    [[nodiscard]] Status set_upstream(const Call &call, Handle client, const Key &key,
                                      const mgm::IpAddress &upstream);
    [[nodiscard]] std::optional<EntryInfo> entry(const Key &key, Time now) const;
    [[nodiscard]] std::optional<EntryInfo> entry_after(const Key &key, Time now) const;

    [[nodiscard]] const Refusals &refusals() const noexcept { return limits_.refusals(); }
    void returned(Handle client, CallbackId id, const Reply &reply, Time now);
    void client_ended(Handle client, Time now);
    void new_source(const Arrival &arrival, Time now);
    void wrong_interface(const Arrival &arrival, Time now);
    void route_changed(mgm::Vrf vrf, const mgm::IpPrefix &prefix, Time now);
    void interfaces_changed(Time now);
    void static_route_added(const mgm::RouteKey &key);
    void interface_removed(mgm::Vrf vrf, mgm::IfIndex interface, Time now);
    void advance(Time now);
    [[nodiscard]] std::optional<Time> next_timer() const;

private:
    struct Timer {
        enum class Kind : std::uint8_t { kRequest, kEntry, kGrace };
        Time at{};
        Kind kind{};
        CallbackId request{};      ///< kRequest
        Entry *entry = nullptr;    ///< kEntry
        LinkState *link = nullptr; ///< kGrace
        std::uint8_t grace = 0;    ///< kGrace
        friend bool operator<(const Timer &a, const Timer &b) noexcept {
            return std::tuple(a.at, a.kind, a.request, std::uintptr_t(a.entry),
                              std::uintptr_t(a.link), a.grace) <
                   std::tuple(b.at, b.kind, b.request, std::uintptr_t(b.entry),
                              std::uintptr_t(b.link), b.grace);
        }
    };
    struct LinkName {
        mgm::Vrf vrf{};
        Link link;
        friend auto operator<=>(const LinkName &, const LinkName &) = default;
    };
    struct Enumeration {
        const Client *client = nullptr;
        EnumerationKind kind{};
        std::uint64_t generation = 0;
        Key position; ///< the last one returned
        bool has_position = false;
    };
    struct ClientSlot {
        std::uint32_t generation = 0;
        Client *client = nullptr;
    };
    struct EnumerationSlot {
        std::uint32_t generation = 0;
        std::optional<Enumeration> enumeration;
    };
    using Clients = std::pmr::map<std::uint64_t, Client>; ///< by order of registration
    using Links = std::pmr::map<LinkName, LinkState>;
    using Keys = std::pmr::map<Key, KeyState>;
    using Entries = std::pmr::map<Key, Entry>;
    using Requests = std::pmr::map<CallbackId, Request>;
    using MustSucceed = Memory::MustSucceed;

    // --- registry.cpp
    [[nodiscard]] Client *find_client(Handle handle) const noexcept;
    /// find_client(), and a log line when there is none.
    [[nodiscard]] Client *client_of(Handle handle) noexcept;
    void close_handles(Client &client) noexcept;
    void done(const Call &call, Status status, Handle handle = Handle{}) noexcept {
        effects_.complete(call.id, status, handle);
    }
    template <class... Args>
    void log(Event event, fmt::format_string<Args...> format, Args &&...args) noexcept {
        try {
            effects_.log(event, fmt::format(format, std::forward<Args>(args)...));
        } catch (const std::bad_alloc &) {
            effects_.log(event, "no memory for the details");
        }
    }

    // --- requests.cpp
    /// The callback, if the client registered it and is told anything at all; else 0.
    CallbackId deliver(Client &client, const Callback &callback) noexcept;
    /// True: it registered this callback and none of its callbacks is overdue, so that an answer
    /// may be waited for.
    [[nodiscard]] static bool answers(const Client *client, CallbackKind kind) noexcept;
    void expect(CallbackId id, Request request, Time now);
    void forget_entry_requests(const Entry &entry) noexcept;
    void forget_client_requests(Client &client, Time now);
    void answer(CallbackId id, Request request, const Reply &reply, Time now);
    void entry_answered(CallbackId id, const Request &request, const Reply &reply, Time now);
    void prune_answered(Entry &entry, const PruneReply &reply, Time now);
    void overdue(CallbackId id, Time now);
    void set_timer(const Timer &timer) { timers_.insert(timer); }
    void clear_timer(const Timer &timer) noexcept { timers_.erase(timer); }

    // --- ownership.cpp
    LinkState &link_state(mgm::Vrf vrf, const Link &link);
    [[nodiscard]] LinkState *find_link(mgm::Vrf vrf, const Link &link) const noexcept;
    void drop_if_unused(LinkState &link) noexcept;
    void wait(LinkState &link, PendingCall call);
    void run_waiting(mgm::Vrf vrf, const Link &link, Time now);
    void run(LinkState &link, PendingCall &call, Time now);
    void start_take(LinkState &link, Client &client, const Call &call);
    void start_release(LinkState &link, Client &client, const Call &call);

    // --- transaction.cpp
    void begin_transaction(LinkState &link, Client &caller, CallKind kind, CallId call, Time now);
    void commit(LinkState &link, Time now);
    void abort_transaction(LinkState &link, Time now);
    /// ENABLE, and the end of the transaction.
    void unlock(LinkState &link, std::uint8_t grace, Time now);
    void commit_release(LinkState &link);
    /// IGMP's slot is cleared, without DISABLE and ENABLE.
    void clear_igmp(LinkState &link);
    void release_igmp(LinkState &link, Time now);
    /// The routing owner of `link` changed: overrides there end, entries and (S,G) alerts follow.
    void owner_changed(LinkState &link, Time now);

    // --- ending.cpp
    void end_client(Client &client, Time now);
    void continue_ending(Client &client, Time now);
    void remove_static(Client &client, Time now);
    void remove_interface(LinkState &link, Time now);
    void erase_client(Client &client) noexcept;

    // --- membership.cpp
    [[nodiscard]] static bool is_valid(const Client &client, const Membership &membership,
                                       Key &key) noexcept;
    void add_membership(LinkState *link, const Call &call, Client &client,
                        const Membership &membership);
    void remove_membership(LinkState *link, const Call &call, Client &client,
                           const Membership &membership);
    struct Addition;
    void add_contribution(Addition &addition);
    [[nodiscard]] bool publish_addition(Addition &addition);
    void tell_addition(const Addition &addition, Time now);
    void undo_addition(Addition &addition);
    Status join(Client &client, LinkState &link, const Key &key, std::uint32_t flags, Time now);
    /// `is_call`: overrides end where coverage changes (8.13).
    Status leave(Client &client, LinkState &link, const Key &key, bool is_call, Time now);
    void end_forward(LinkState &link, const Key &key, Time now);

    // --- contributions.cpp
    [[nodiscard]] static std::uint8_t contributor_of(const Client &client,
                                                     const LinkState &link) noexcept;
    KeyState &key_state(const Key &key);
    [[nodiscard]] KeyState *find_key(const Key &key) const noexcept;
    Contribution &contribution(KeyState &key, LinkState &link);
    [[nodiscard]] static Contribution *find_contribution(KeyState *key,
                                                         const LinkState &link) noexcept;
    /// Takes an empty contribution away, and its key when that is empty, too.
    void tidy(KeyState &key, LinkState &link) noexcept;
    /// After each change of contributions: is the key one with join state, for enumerations (8.22)?
    void update_life(KeyState &key);
    /// Before a step changes what `key` covers on `link`: remembers what each entry had there.
    void note_coverage(const Key &key, LinkState &link) noexcept;
    /// After it: overrides end and vetoes do not count where coverage changed (8.8, 8.13).
    void end_overrides(const Key &key, LinkState &link) noexcept;
    void undo_overrides(const Key &key, const LinkState &link) noexcept;
    /// Every contribution on a link is about to change: change(contribution) for each key in (G,S)
    /// order; members before it are kept for announce_all(), the entries that the keys cover are
    /// marked.
    template <class F>
    void change_link(LinkState &link, F &&change);
    template <class F>
    void for_entries(const Key &key, F &&f); ///< that the key covers, in (G,S) order
    template <class F>
    void for_all_entries(mgm::Vrf vrf, mgm::Family family, F &&f);
    void refresh_marked(mgm::Vrf vrf, mgm::Family family, Time now);

    // --- update.cpp
    struct Replacement;
    void apply_update(LinkState *link, const Call &call, Client &client,
                      const MembershipUpdate &update);
    [[nodiscard]] bool prepare(Replacement &work);
    [[nodiscard]] bool replace(const Replacement &work, KeyState &key);
    void tell_owner(const Replacement &work, const Key &key, bool was_joined,
                    bool is_joined) noexcept;
    void tell(const Replacement &work, Time now);

    // --- hand_over.cpp
    std::uint8_t begin_grace(LinkState &link, bool is_abort, Time now);
    void start_grace(LinkState &link, std::uint8_t number, Time now);
    void end_grace(LinkState &link, std::uint8_t number, Time now);
    void end_stale(LinkState &link, std::uint8_t number);
    void end_unconfirmed(LinkState &link, std::uint8_t number);
    void clear_graces(LinkState &link) noexcept;
    void make_stale(Contribution &c, std::uint8_t grace) noexcept;
    void mark_overrides(LinkState &link, std::uint8_t grace) noexcept;
    void confirm(LinkState &link, const Key &key);

    // --- alerts.cpp
    [[nodiscard]] Members members_of(const KeyState &key) const noexcept;
    [[nodiscard]] const Client *static_client(const Key &key) const noexcept;
    enum class Which : std::uint8_t { kAll, kJoins, kPrunes };
    void announce(KeyState &key, const Members &before, const Link &link,
                  Which which = Which::kAll) noexcept;
    void announce_source(KeyState &key, const Link *link, Which which = Which::kAll) noexcept;
    /// All alerts TRUE of a step that changed a whole link, its owner or a route, in (G,S) order.
    void announce_all(mgm::Vrf vrf, mgm::Family family, const Link *link) noexcept;
    [[nodiscard]] Expected expected_for(mgm::Vrf vrf, const mgm::IpAddress &source,
                                        mgm::IfIndex arrival) const noexcept;

    // --- olist.cpp
    [[nodiscard]] Levels levels_of(const Key &key) const noexcept;
    [[nodiscard]] static Coverage coverage(const Levels &levels, const Entry &entry,
                                           LinkState &link) noexcept;
    template <class F>
    void for_coverage(const Entry &entry, F &&f) const; ///< each link that may be an OIF, by link
    [[nodiscard]] bool is_oif(const Entry &entry, const Coverage &coverage) const noexcept;
    [[nodiscard]] Judgement judge(const Entry &entry) const noexcept;
    [[nodiscard]] bool publish(Entry &entry) noexcept;
    /// Publishes and follows up; an entry that cannot be published is deleted. Returns false then.
    bool refresh(Entry &entry, Time now) noexcept;
    void follow_up(Entry &entry, Time now) noexcept;   ///< state, time-out, INV-3
    void judge_first(Entry &entry, Time now) noexcept; ///< INV-3 at creation
    void alert_owner(Entry &entry, bool is_join, Time now) noexcept;
    static Exception *find_exception(Entry &entry, const LinkState &link) noexcept;
    static Exception &exception(Entry &entry, LinkState &link);
    /// What FORWARD calls set: kept apart while the entry is Uninitialised (8.14).
    Exception &override_of(Entry &entry, LinkState &link);
    static void tidy_exceptions(Entry &entry) noexcept;

    // --- creation.cpp
    void watch_entries() noexcept; ///< after each change of their number
    void start_rpf(Entry &entry, std::span<const std::byte> header, Time now);
    void rpf_answered(Entry &entry, const RpfReply *reply, Time now);
    void set_in(Entry &entry, const RpfReply *reply) noexcept;
    void start_creation(Entry &entry, Time now);
    void creation_answered(Entry &entry, CallbackId id, const CreationReply *reply, Time now);
    void finish_creation(Entry &entry, Time now);

    // --- entries.cpp
    void start_timer(Entry &entry, Time timeout, Time now);
    void delete_entry(Entry &entry) noexcept; ///< no alert; held packets are dropped
    void recheck_expected(Entry &entry, Time now);
    void move_entry(Entry &entry, const RpfReply *reply, Time now);
    void expire(Entry &entry, Time now);
    [[nodiscard]] EntryInfo info(const Entry &entry, Time now) const;

    // --- enumeration.cpp
    [[nodiscard]] bool is_shown(const KeyState &key, std::uint64_t generation) const noexcept;
    [[nodiscard]] bool is_needed(std::uint64_t born, std::uint64_t died) const noexcept;
    void purge_keys() noexcept;
    void erase_key_if_empty(KeyState &key) noexcept;

    Options options_;
    const Rib &rib_;
    Effects &effects_;
    ForwardingPlane &plane_;
    mutable Memory memory_;

    Clients clients_;
    std::pmr::vector<ClientSlot> client_slots_;
    std::pmr::vector<EnumerationSlot> enumerations_;
    Links links_;
    Keys keys_;
    std::pmr::set<const KeyState *> kept_keys_; ///< dead ones that an open enumeration may show
    Entries entries_;
    CreationLimits limits_;
    Requests requests_;
    std::pmr::set<Timer> timers_;
    mutable std::pmr::vector<Oif> oifs_; ///< scratch of publish()
    std::uint64_t last_order_ = 0;
    std::uint64_t last_callback_ = 0;
    std::uint64_t last_incarnation_ = 0;
    std::uint64_t generation_ = 0; ///< of the set of keys with join state
};

template <class F>
void Manager::Impl::for_entries(const Key &key, F &&f) {
    Entries::iterator it = entries_.lower_bound(key);
    while (it != entries_.end()) {
        Entry &entry = it->second;
        ++it; // f may delete the entry
        if (entry.key.vrf != key.vrf || entry.key.family() != key.family() ||
            (!key.is_any_group() && entry.key.group != key.group) ||
            (!key.is_any_source() && entry.key.source != key.source))
            return;
        if (!key.is_any_group() || !is_ssm(entry.key.group))
            f(entry);
    }
}

template <class F>
void Manager::Impl::for_all_entries(mgm::Vrf vrf, mgm::Family family, F &&f) {
    const Key first{.vrf = vrf, .group = any_of(family), .source = any_of(family)};
    for (Entries::iterator it = entries_.lower_bound(first);
         it != entries_.end() && it->first.vrf == vrf && it->first.family() == family;) {
        Entry &entry = it->second;
        ++it; // f may delete the entry
        f(entry);
    }
}

template <class F>
void Manager::Impl::change_link(LinkState &link, F &&change) {
    for (auto it = link.keys.begin(); it != link.keys.end();) {
        KeyState &key = **it;
        ++it; // the key may leave the link
        if (!key.is_changing)
            key.before = members_of(key);
        key.is_changing = true;
        change(*find_contribution(&key, link));
        update_life(key);
        for_entries(key.key, [](Entry &entry) { entry.is_marked = true; });
    }
}

template <class F>
void Manager::Impl::for_coverage(const Entry &entry, F &&f) const {
    const Levels levels = levels_of(entry.key);
    const auto rest = [](KeyState *key) {
        return key == nullptr ? std::span<Contribution>() : std::span(key->contributions);
    };
    std::span<Contribution> source = rest(levels.source), group = rest(levels.group),
                            all = rest(levels.all);
    std::span<const Exception> exceptions = entry.exceptions;
    for (;;) { // merge the four, each by link
        LinkState *next = nullptr;
        const auto earlier = [&next](const auto &part) {
            if (!part.empty() && (next == nullptr || part.front().link->link < next->link))
                next = part.front().link;
        };
        earlier(source), earlier(group), earlier(all), earlier(exceptions);
        if (next == nullptr)
            return;
        const auto skip = [next](auto &part) {
            if (!part.empty() && part.front().link == next)
                part = part.subspan(1);
        };
        f(coverage(levels, entry, *next));
        skip(source), skip(group), skip(all), skip(exceptions);
    }
}

} // namespace control::manager
