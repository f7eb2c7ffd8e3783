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
// | interfaces.cpp | interfaces that the tables come to know, or know no more |
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
// | hold.cpp | clients that are held, adoption, unconfirmed memberships |
// | bounds.cpp | full queues and what is due to their clients; the rate of calls |
// | catch_up.cpp | what is due is told |
// | static_routes.cpp | the calls about static routes: checks, then all or nothing |
// | route_entries.cpp | what static routes have in the tables, also when there is no room for it |
// | route_lookup.cpp | which route goes for a key; what routes do, shared |
// | rerouting.cpp | what a change of routes means for entries that data made, or should have |
// | walks.hpp | loops over entries, links, keys |
// | ledger.hpp | what all of them work on |
#pragma once

#include "control/manager/ledger.hpp"

#include <fmt/format.h>

#include <functional>
#include <string>

namespace control::manager {

class Manager::Impl : Ledger {
public:
    using Ledger::Ledger;

    // --- the calls of Manager
    void register_client(const Call &call, const Registration &registration);
    void deregister(const Call &call, Handle client);
    void take_or_release(CallKind kind, const Call &call, Handle client, const Link &link);
    void add_or_remove(CallKind kind, const Call &call, Handle client,
                       const Membership &membership);
    void update(const Call &call, Handle client, const MembershipUpdate &update);
    void start_enumeration(const Call &call, Handle client, EnumerationKind kind);
    void reconciled(const Call &call, Handle client);
    enum class RouteCall : std::uint8_t { kAdd, kChange, kRemove };
    void route(RouteCall what, const Call &call, Handle client, const StaticRoute &route);
    /// After each call and event: what it left to do later.
    void settle(Time now);
    [[nodiscard]] Status owner_of(mgm::Vrf vrf, const Link &link, Identity &owner) const;
    [[nodiscard]] Status next_groups(Handle enumeration, std::span<SourceGroup> records,
                                     std::size_t &count);
    [[nodiscard]] Status end_enumeration(Handle enumeration);
    [[nodiscard]] Status set_upstream(const Call &call, Handle client, const Key &key,
                                      const mgm::IpAddress &upstream);
    [[nodiscard]] std::optional<EntryInfo> entry(const Key &key, Time now) const;
    [[nodiscard]] std::optional<EntryInfo> entry_after(const Key &key, Time now) const;
    [[nodiscard]] std::optional<QueueInfo> queue(Handle client) const;

    [[nodiscard]] const Refusals &refusals() const noexcept { return limits_.refusals(); }
    void returned(Handle client, CallbackId id, const Reply &reply, Time now);
    void client_ended(Handle client, Time now);
    void new_source(const Arrival &arrival, Time now);
    void wrong_interface(const Arrival &arrival, Time now);
    void route_changed(mgm::Vrf vrf, const mgm::IpPrefix &prefix, Time now);
    void interfaces_changed(std::span<const mgm::IfIndex> interfaces, Time now);
    void interface_removed(mgm::Vrf vrf, mgm::IfIndex interface, Time now);
    void advance(Time now);
    [[nodiscard]] std::optional<Time> next_timer() const;

private:
    // --- registry.cpp
    [[nodiscard]] Client *find_client(Handle handle) const noexcept;
    /// find_client(), and a log line when there is none.
    [[nodiscard]] Client *client_of(Handle handle) noexcept;
    [[nodiscard]] static bool is_valid(const Registration &registration) noexcept;
    [[nodiscard]] Client *find_identity(const Registration &wanted) noexcept;
    /// Throws std::bad_alloc.
    Client &make_client(Handle handle, const Registration &registration, std::uint64_t bit);
    [[nodiscard]] bool has_static_client(const Registration &wanted) const noexcept;
    [[nodiscard]] std::uint64_t free_bit(mgm::Vrf vrf) const noexcept;
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
    /// may be waited for; of RPF and CREATION also: there is room in its queue (8.18).
    [[nodiscard]] bool answers(const Client *client, CallbackKind kind) const noexcept;
    void take_return(Handle client, CallbackId id, const Reply &reply, Time now);
    void expect(CallbackId id, Request request, Time now);
    void forget_entry_requests(const Entry &entry) noexcept;
    void forget_client_requests(Client &client, Time now);
    void answer(CallbackId id, Request request, const Reply &reply, Time now);
    void entry_answered(CallbackId id, const Request &request, const Reply &reply, Time now);
    void prune_answered(Entry &entry, const PruneReply &reply, Time now);
    void overdue(CallbackId id, Time now);
    void set_timer(const Timer &timer) { timers_.insert(timer); }
    void clear_timer(const Timer &timer) noexcept { timers_.erase(timer); }

    // --- bounds.cpp
    [[nodiscard]] static bool hears(const Client &client, CallbackKind kind) noexcept;
    [[nodiscard]] bool has_room(const Client &client) const noexcept;
    void note_delivered(Client &client, CallbackId id) noexcept;
    static void note_returned(Client &client, CallbackId id) noexcept;
    void note_dropped(Client &client) noexcept;
    /// Counts a call; false: over the client's quota.
    [[nodiscard]] bool may_call(Client &client, Time now) const noexcept;
    [[nodiscard]] static bool concerns(const Untold &untold, const Client &client) noexcept;
    void defer(Untold &untold, Client &client) noexcept;
    void undefer(Untold &untold, const Client &client) noexcept;
    void unlink(Untold &untold) noexcept;
    void forget_backlog(Client &client) noexcept;
    void tell_member(Client &client, KeyState &key, bool is_join, const Link &link) noexcept;
    void settled(KeyState &key, const Client &client, const Contribution *known) noexcept;
    [[nodiscard]] static std::uint8_t to_be_told(const Contribution &c) noexcept;
    void tell_local(LinkState &link, KeyState &key, bool is_join) noexcept;
    void tell_update(LinkState &link, const MembershipUpdate &update,
                     std::span<const Key> keys) noexcept;
    [[nodiscard]] bool needs_update(LinkState &link, const KeyState &key,
                                    const Contribution &c) const noexcept;
    void reserve_sources(const LinkState &link);
    void tell_group(LinkState &link, const Key &group) noexcept;
    [[nodiscard]] bool defer_false(Entry &entry, Client &client, bool is_join) noexcept;
    void tell_left(Entry &entry, Client &old, const Link &in) noexcept;

    // --- catch_up.cpp
    void catch_up(Client &client, Time now) noexcept;
    void catch_up_key(Client &client, KeyState &key) noexcept; ///< as far as there is room
    [[nodiscard]] bool catch_up_locals(Client &client, KeyState &key) noexcept;
    void catch_up_entry(Client &client, Entry &entry, Time now) noexcept;

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
    void abort_transactions(Client &client, Time now);
    void continue_ending(Client &client, Time now);
    void remove_static(Client &client, Time now);
    void remove_interface(LinkState &link, Time now);
    void erase_client(Client &client) noexcept;

    // --- interfaces.cpp
    struct Changed;
    [[nodiscard]] bool concerns(const Changed &changed, const Sender &sender) const noexcept;
    void refresh_exact_routes(const Changed &changed);

    // --- hold.cpp
    void hold_client(Client &client, Time now);
    void set_hold_timer(Client &client, Time at);
    void hold_over(Client &client, Time now);
    [[nodiscard]] static bool may_adopt(const Client &client,
                                        const Registration &registration) noexcept;
    void prepare_adoption(Client &client, const Registration &registration);
    void adopt(Client &client, Handle handle, const Registration &registration);
    void tell_adopter(Client &client, Time now);
    void defer_locals(LinkState &link, Client &client) noexcept;
    void defer_entry(Entry &entry, Client &client) noexcept;
    [[nodiscard]] bool is_alert_due(const Client &client, const KeyState &key) const noexcept;
    void tell_pair(LinkState &link, Time now);
    void suspend_graces(LinkState &link) noexcept;
    void sweep(Client &client, Time now);
    void sweep_link(Client &client, LinkState &link, std::uint8_t by, Time now);
    [[nodiscard]] bool begin_sweep(LinkState &link, std::uint8_t by) noexcept;
    void hold_routes(const Client &client) noexcept;
    void remove_routes(const Client &client, bool is_sweep, Time now);
    template <class F>
    void for_links_of(const Client &client, F &&f); ///< where it contributes, and as what

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
    static void for_group(LinkState &link, const Key &group, F &&f); ///< each key of it there
    template <class F>
    void for_entries(const Key &key, F &&f); ///< that the key covers, in (G,S) order
    template <class Map, class F>
    static void for_covered(Map &senders, const Key &key, F &&f);
    /// Those of routes that the key covers: exact ones, then wildcard ones; f may take the latter
    /// away.
    template <class F>
    void for_routed(const Key &key, F &&f);
    template <class F>
    void for_senders(const Key &key, F &&f) { ///< both
        for_entries(key, f);
        for_routed(key, f);
    }
    template <class F>
    void for_all_entries(mgm::Vrf vrf, mgm::Family family, F &&f);
    template <class F>
    void for_exceptional(const Key &key, F &&f); ///< those of routes that have exceptions
    /// Do memberships of the key count for what the sender sends?
    [[nodiscard]] static bool covers(const Key &key, const Sender &sender) noexcept {
        const bool is_range = sender.group_length != sender.key.group.bits();
        return key.vrf == sender.key.vrf && key.family() == sender.key.family() &&
               (key.is_any_group() ? is_range || !is_ssm(sender.key.group)
                                   : !is_range && key.group == sender.key.group) &&
               (key.is_any_source() || key.source == sender.key.source);
    }
    template <class Map, class F>
    static void for_range(Map &senders, mgm::Vrf vrf, const mgm::IpPrefix &group, F &&f);
    template <class Map, class F>
    static void for_matching(Map &senders, const StaticRoute &route,
                             F &&f); ///< keys that it goes for
    template <class F>
    void for_wildcards(mgm::Vrf vrf, const mgm::IpPrefix &group, F &&f); ///< inside the range
    void mark(Sender &sender) noexcept;
    void unmark(Sender &sender) noexcept; ///< of a route
    void refresh_marked(mgm::Vrf vrf, mgm::Family family, Time now);

    // --- update.cpp
    struct Replacement;
    void apply_update(LinkState *link, const Call &call, Client &client,
                      const MembershipUpdate &update);
    [[nodiscard]] bool prepare(Replacement &work);
    [[nodiscard]] bool replace(const Replacement &work, KeyState &key);
    void tell_owner(const Replacement &work, KeyState &key, bool was_joined,
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
    [[nodiscard]] Expected expected_for(const Key &key, mgm::IfIndex arrival) const noexcept;

    // --- olist.cpp
    [[nodiscard]] Levels levels_of(const Sender &sender) const noexcept;
    [[nodiscard]] static Coverage coverage(const Levels &levels, const Sender &sender,
                                           LinkState &link) noexcept;
    [[nodiscard]] bool is_covered(const Sender &sender, LinkState &link) const noexcept {
        return coverage(levels_of(sender), sender, link).is_covered();
    }
    template <class F>
    void for_coverage(const Sender &sender, F &&f) const; ///< each link that may be an OIF, by link
    [[nodiscard]] static std::span<const mgm::IfIndex> incoming(const Sender &sender) noexcept;
    [[nodiscard]] static bool accepts(const Sender &sender, mgm::IfIndex interface) noexcept {
        return std::ranges::find(incoming(sender), interface) != incoming(sender).end();
    }
    [[nodiscard]] static bool is_uninitialised(const Sender &sender) noexcept {
        return sender.kind == Sender::Kind::kEntry &&
               static_cast<const Entry &>(sender).state == EntryState::kUninitialised;
    }
    [[nodiscard]] static bool is_oif(const Sender &sender, const Coverage &coverage) noexcept;
    [[nodiscard]] std::vector<Oif> shown_oifs(const Sender &sender) const;
    [[nodiscard]] Judgement judge(const Entry &entry) const noexcept;
    [[nodiscard]] bool publish(Sender &sender) noexcept;
    /// Publishes and follows up; an entry that cannot be published is deleted. Returns false then.
    bool refresh(Entry &entry, Time now) noexcept;
    void follow_up(Entry &entry, Time now) noexcept;   ///< state, time-out, INV-3
    void judge_first(Entry &entry, Time now) noexcept; ///< INV-3 at creation
    void alert_owner(Entry &entry, bool is_join, Time now) noexcept;
    static Exception *find_exception(Sender &sender, const LinkState &link) noexcept;
    Exception &exception(Sender &sender, LinkState &link);
    /// What FORWARD calls set: kept apart while an entry is Uninitialised (8.14).
    Exception &override_of(Sender &sender, LinkState &link);
    void tidy_exceptions(Sender &sender) noexcept;

    // --- creation.cpp
    void watch_entries() noexcept; ///< after each change of their number
    [[nodiscard]] bool may_create(const Arrival &arrival, Time now);
    void make_entry(const Arrival &arrival, Time now);
    void start_rpf(Entry &entry, std::span<const std::byte> header, Time now);
    void rpf_answered(Entry &entry, const RpfReply *reply, Time now);
    void set_in(Entry &entry, const RpfReply *reply) noexcept;
    [[nodiscard]] RouteInfo route_info(const Entry &entry) const;
    void start_creation(Entry &entry, Time now);
    void creation_answered(Entry &entry, CallbackId id, const CreationReply *reply, Time now);
    void finish_creation(Entry &entry, Time now);

    // --- entries.cpp
    void start_timer(Entry &entry, Time timeout, Time now);
    void delete_entry(Entry &entry) noexcept; ///< no alert; held packets are dropped
    void give_up(Entry &entry) noexcept;      ///< likewise, for lack of room
    void take_out(Entry &entry) noexcept;
    void expect_elsewhere(Entry &entry, const Expected &expected, Time now);
    void recheck_expected(Entry &entry, Time now);
    void move_entry(Entry &entry, const RpfReply *reply, Time now);
    void expire(Entry &entry, Time now);
    void supersede(Entry &entry) noexcept; ///< something in the tables takes its data
    void erase_entry(Entry &entry) noexcept;
    [[nodiscard]] bool may_tell_wrong(const Arrival &arrival, Time now);
    [[nodiscard]] EntryInfo info(const Entry &entry, Time now) const;
    [[nodiscard]] EntryInfo info(const ExactRoute &exact, Time now) const;

    // --- static_routes.cpp
    [[nodiscard]] static bool is_valid(const Client &client, StaticRoute &route) noexcept;
    [[nodiscard]] ExactRoute *find_exact(const StaticRoute &route) noexcept;
    [[nodiscard]] Route *find_range(const StaticRoute &route) noexcept;
    [[nodiscard]] bool *find_held(const StaticRoute &route) noexcept;
    [[nodiscard]] bool is_there(const StaticRoute &route, const StaticAction &action) noexcept;
    enum class Put : std::uint8_t { kNoRoom, kKept, kDone }; ///< the first two: nothing changed
    [[nodiscard]] Put put_route(const StaticRoute &route, bool is_held, Time now);
    [[nodiscard]] bool put_exact(const StaticRoute &route, const StaticAction &action, Time now);
    [[nodiscard]] bool put_range(const StaticRoute &route, const StaticAction &action);
    [[nodiscard]] Route &make_range(const StaticRoute &route);
    void set_range(Route &route, const StaticAction *action, bool is_wildcard) noexcept;
    void drop_route(const StaticRoute &route, Time now);
    void take_out(const StaticRoute &route) noexcept;
    bool drop_exact(const Key &key) noexcept;
    bool drop_range(const StaticRoute &route) noexcept;
    /// f(route, is_held) for each of the family, without iifs and oifs; f may take it out.
    template <class F>
    void for_routes(mgm::Vrf vrf, mgm::Family family, F &&f);

    // --- route_entries.cpp
    /// Publishes; what finds no room is emptied until it does (8.9).
    void refresh_route(Sender &sender) noexcept;
    void refresh_sender(Sender &sender, Time now);
    void starve(Sender &sender) noexcept;
    void forget_sender(Sender &sender) noexcept; ///< before it is erased
    WildcardEntry &make_wildcard(mgm::Vrf vrf, const mgm::IpPrefix &group);
    [[nodiscard]] WildcardEntry *find_wildcard(const Key &key) noexcept; ///< that of a (*,G)
    /// A membership of a (*,G) inside a route's range: an entry of its own.
    void make_wildcard_for(const Key &key);
    void refresh_wildcards_of(const Key &key) noexcept;
    [[nodiscard]] bool is_needed(const WildcardEntry &wildcard, const Governor &by) const noexcept;
    void refresh_wildcard(WildcardEntry &wildcard) noexcept;
    void refresh_wildcards(mgm::Vrf vrf, const mgm::IpPrefix &group) noexcept;
    [[nodiscard]] bool install_wildcards(mgm::Vrf vrf, const mgm::IpPrefix &group);
    void retry_starved() noexcept;

    // --- route_lookup.cpp
    [[nodiscard]] Match match(const Key &key) const noexcept;
    [[nodiscard]] Governor governor(mgm::Vrf vrf, const mgm::IpPrefix &group) const noexcept;
    /// Has the (S,G) a table entry of a route to go by, or does a membership of its own keep it
    /// from that?
    enum class Way : std::uint8_t { kOwnEntry, kWildcard, kKeptOwn };
    [[nodiscard]] Way way_of(const Key &key) const noexcept;
    [[nodiscard]] const StaticAction &share(const StaticRoute &route);
    void hold(const StaticAction *&place, const StaticAction *action) noexcept;
    void sweep_actions() noexcept;

    // --- rerouting.cpp
    void routes_changed(const StaticRoute &route, Time now);
    void reroute(Entry &entry, Time now);
    void note_due(KeyState &key) noexcept;
    void note_late(KeyState &key) noexcept;
    void forget_due(KeyState &key) noexcept;
    void make_late_due() noexcept;
    [[nodiscard]] bool is_inside_wildcard(const Key &key) const noexcept;
    void make_due_entries(Time now);

    // --- enumeration.cpp
    [[nodiscard]] bool is_shown(const KeyState &key, std::uint64_t generation) const noexcept;
    [[nodiscard]] bool is_needed(std::uint64_t born, std::uint64_t died) const noexcept;
    void purge_keys() noexcept;
    void erase_key_if_empty(KeyState &key) noexcept;
};

} // namespace control::manager

#include "control/manager/walks.hpp"
