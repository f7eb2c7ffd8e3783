// SPDX-License-Identifier: BSD-3-Clause
// The Multicast Group Manager as the specification's words have it: no index, no increment; what
// holds is worked out again from the memberships after every change, and what must be said is the
// difference to what was said before. It is told the same as the real one and says what that one
// must have done.
//
// Everything has a number here: links and keys those of the world, clients that of their
// registration.
#pragma once

#include "control/manager/manager.hpp"
#include "manager_world.hpp"

#include <array>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace mgm_test {

using control::manager::CallbackKind;
using control::manager::FilterMode;
using control::manager::Options;
using control::manager::Registration;
using control::manager::Reply;
using control::manager::Role;
using control::manager::Status;
using control::manager::Time;

inline constexpr int kAnyLink = -2; ///< the specification does not say which

/// A callback that must have been enqueued.
struct Told {
    CallbackKind kind{};
    int client = kNone;
    int key = kNone;
    int link = kNone;
    Mask links = 0;     ///< CREATION: those asked about; LOCAL_UPDATE: sources
    bool flag = false;  ///< is_member_update, is_member_delete; LOCAL_UPDATE: exclude
    int number = kNone; ///< for returned()
};

/// A call that must have ended. No status: any will do.
struct Ended {
    std::uint64_t call = 0;
    std::optional<Status> status;
};

/// A call about a link.
struct Request {
    enum class Kind : std::uint8_t { kTake, kRelease, kAdd, kRemove, kUpdate, kInterfaceRemoved };
    Kind kind{};
    std::uint64_t call = 0; ///< 0: nobody waits for its end
    int client = kNone;
    int link = kNone;
    int key = kNone;
    std::uint32_t flags = 0;
    FilterMode mode{};
    Mask sources = 0;
    std::optional<CallbackKind> inside = std::nullopt;
};

/// A static route, of what its number says (mgm-spec 8.1).
struct NaiveRoute {
    std::vector<mgm::IfIndex> iifs;
    Mask oifs = 0; ///< links
    bool is_per_source = false;
};
enum class RouteAct : std::uint8_t { kAdd, kChange, kRemove };

/// A wildcard entry of the tables.
struct NaiveWildcard {
    std::map<int, int> marks; ///< link → the grace that it is stale by (8.6)
};
/// What an entry of the tables does.
struct Way {
    std::vector<mgm::IfIndex> iifs;
    Mask oifs = 0;
    friend bool operator==(const Way &, const Way &) = default;
};

/// The (expected link, neighbour, routing owner) of mgm-spec 8.14.
struct Triple {
    int link = kNone; ///< none: no route
    mgm::IpAddress neighbor;
    int owner = kNone;
    std::vector<mgm::IfIndex> fixed; ///< by a static route: it accepts these
    friend bool operator==(const Triple &, const Triple &) = default;
};

struct NaiveEntry {
    enum class Stage : std::uint8_t { kRpf, kCreation, kLive };
    int incarnation = 0;
    bool is_exact = false;              ///< of a static route: no time-out, no owner
    std::vector<mgm::IfIndex> accepted; ///< by a static route; empty: `in` alone
    Stage stage = Stage::kRpf;
    int arrival = kNone;
    Triple expected;
    int in = kNone; ///< none: no route, nobody who knew
    int owner = kNone;
    Time created{};
    Time moved{};    ///< when its owner last became another one
    int rpf = kNone; ///< the unanswered question, also while live (8.15)
    std::set<int> creations;
    std::map<int, std::map<int, int>> asked; ///< of each CREATION: link → its owner then
    std::map<int, int> vetoed;               ///< likewise
    std::set<int> answered;        ///< graces whose entries IGMP has confirmed or replaced since
    std::map<int, bool> overrides; ///< link → on; those of FORWARD calls while uninitialised
    std::map<int, int> marks;      ///< link → the grace that it is stale by (8.6)
    Mask by_override = 0;          ///< marks that an override made
    Mask olist = 0;
    bool is_alerted = false;
    Time started{};
    Time timeout{};
    bool is_prune_due = false; ///< made empty; only looked at with full queues (8.18)
    int epoch = 0;             ///< changes when a prune reply that is due no longer counts
};

class NaiveManager {
public:
    /// `busy`: every entry has always had packets since the last look.
    NaiveManager(const Options &options, bool busy) : options_(options), busy_(busy) {}

    // --- the same as Manager's. A call in `no_memory` ends in kNotEnoughMemory, unless it is one
    // that cannot.
    /// The client's number: a new one, or that of the one whose it is now (8.17).
    int register_client(std::uint64_t call, const Registration &registration, bool inside);
    void deregister(std::uint64_t call, int client, bool inside);
    void start_enumeration(std::uint64_t call, int client);
    void request(const Request &request);
    void route(std::uint64_t call, int client, RouteAct act, int number, const NaiveRoute &route,
               bool is_forbidden);
    void returned(int number, const Reply &reply);
    void client_ended(int client);
    void reconciled(std::uint64_t call, int client, bool inside);
    void new_source(int flow, std::uint32_t interface);
    void wrong_interface(int flow, std::uint32_t interface);
    void set_route(int source, int option);
    void interface_removed(std::uint32_t interface);
    void advance(Time now);
    [[nodiscard]] std::optional<Time> next_due() const;

    /// The entry fell victim to a lack of memory (8.9).
    void forget(int flow) { entries_.erase(flow); }
    /// Entries of joined sources inside wildcard routes, that a lack of memory kept from being
    /// made.
    void make_due_entries();
    void withdraw(int number) { pending_.erase(number); }
    /// Which of several questions of one moment came first is not foretold.
    void note_order(int number, std::uint64_t order) {
        if (const auto found = pending_.find(number); found != pending_.end())
            found->second.order = order;
    }
    std::set<std::uint64_t> no_memory;

    // --- with queues that may be full (8.18): alerts are not foretold one by one, see
    // ManagerTrial's views; what is asked of a client that may be full is what the real one asked
    using WasAsked = std::function<bool(CallbackKind kind, int client, int flow)>;
    void follow(WasAsked was_asked) { was_asked_ = std::move(was_asked); }
    /// The client was told FALSE at that time that the entry's olist is empty. The number for
    /// returned().
    int pruned(int flow, int client, Time at);
    [[nodiscard]] Mask alerted_keys(int client) const;
    [[nodiscard]] Mask alerted_entries(int client) const;
    /// What IGMP wants on the link: keys that it joined, keys that it excluded.
    [[nodiscard]] std::pair<Mask, Mask> igmp_wants(int link) const;
    [[nodiscard]] int owners_so_far(int link) const { return slot(link).owners; }

    // --- what must have happened since these were last cleared
    std::vector<Told> told;
    std::vector<Ended> ended;

    // --- what holds
    [[nodiscard]] bool is_alive(int client) const;
    [[nodiscard]] const Registration &registration(int client) const {
        return clients_.at(static_cast<std::size_t>(client)).registration;
    }
    [[nodiscard]] int newest_client() const { return static_cast<int>(clients_.size()) - 1; }
    [[nodiscard]] int routing_owner(int link) const { return slot(link).owner; }
    [[nodiscard]] int igmp(int link) const { return slot(link).igmp; }
    [[nodiscard]] bool is_in_transaction(int link) const {
        return slot(link).transaction.has_value();
    }
    [[nodiscard]] const std::map<int, NaiveEntry> &entries() const { return entries_; }
    /// The wildcard entry that data to this address goes by, if it has no entry of its own.
    [[nodiscard]] std::optional<Way> wildcard_way(const mgm::IpAddress &group) const;
    [[nodiscard]] bool has_static_routes() const { return !static_routes_.empty(); }
    [[nodiscard]] Mask joined_keys() const; ///< those that an enumeration shows
    [[nodiscard]] Time now() const { return now_; }
    /// Dead clients' calls may end whenever they like.
    [[nodiscard]] const std::set<std::uint64_t> &calls_of_the_dead() const { return dead_calls_; }

private:
    struct Client {
        Registration registration;
        bool is_alive = true;
        bool is_held = false;            ///< 8.17
        std::optional<Time> hold_ends{}; ///< also after an adoption
        Mask wildcards_told = 0;         ///< INV-1
    };
    /// What one client said about one link.
    struct Contribution {
        Mask joins = 0;
        Mask excluded = 0;
    };
    struct Transaction {
        Request request;
        int disable = kNone;
    };
    struct Slot {
        int owner = kNone;
        int igmp = kNone;
        std::optional<Transaction> transaction; ///< until ENABLE is enqueued
        std::deque<Request> waiting;
        int owners = 0;           ///< how often they changed
        bool is_pair_due = false; ///< IGMP is held and does not know of a hand-over
    };
    /// IGMP's entries from before a hand-over (8.6), or those that an abort left unconfirmed
    /// (8.10).
    struct Grace {
        int link = kNone;
        bool is_abort = false;
        Contribution old;
        int enable = kNone;
        Time deadline{};
    };
    struct Pending {
        Told what;
        Time deadline{};
        std::uint64_t order = 0; ///< of those with one deadline
        bool is_overdue = false;
        int incarnation = 0; ///< of the entry
        int epoch = 0;
    };
    struct Alerted { ///< INV-2
        int client = kNone;
        int link = kNone; ///< the RPF interface then
    };

    // calls (naive_calls.cpp)
    void end(std::uint64_t call, Status status);
    bool lacks_memory(const Request &request);
    [[nodiscard]] bool has_sense(const Request &request) const;
    [[nodiscard]] static bool may_be_inside(const Request &request);
    void run(const Request &request);
    void drain(int link);
    void add(const Request &request);
    void remove(const Request &request);
    void update(const Request &request);
    [[nodiscard]] bool may_forward(const Request &request) const;
    void set_joins(const Request &request, const Contribution &next, Mask answered);
    void forward(const Request &request, bool on);
    void tell_local(CallbackKind kind, int link, Mask keys);

    // ownership (naive_ownership.cpp)
    void take(const Request &request);
    void release(const Request &request);
    void begin(const Request &request);
    void commit(int link, bool igmp_is_gone);
    void abort(int link);
    void hand_over(int link, bool igmp_is_gone);
    void enable_igmp(int link, std::uint64_t call, int caller);
    void clear_igmp(int link);
    void clear_owner(int link);
    void remove_interface(int link);
    void end_overrides(int link);
    void end_callbacks(int client);
    void note_calls_of_the_dead(int client);
    void release_next(int client);
    void confirm(int link, Mask flows);
    void answered_by_igmp(int link, Mask keys, bool is_whole_group);
    void refresh_marks(int link);
    void end_grace(int number);

    // holds (naive_hold.cpp)
    [[nodiscard]] bool is_held(int client) const {
        return client != kNone && clients_.at(static_cast<std::size_t>(client)).is_held;
    }
    void hold(int client);
    void leave(int client);
    void suspend(int link);
    void adopt(int client, const Registration &wanted);
    void tell_locals(int client);
    void tell_pair(int link);
    void hold_over(int client);
    void sweep(int client);
    void confirm(int client, int link, const Contribution &said);
    void abort_takes(int client);

    // truth (naive_truth.cpp)
    int tell(Told what);
    [[nodiscard]] bool listens(int client, CallbackKind kind) const;
    [[nodiscard]] bool may_ask(int client, CallbackKind kind, int flow = kNone) const;
    [[nodiscard]] Slot &slot(int link) { return slots_.at(static_cast<std::size_t>(link)); }
    [[nodiscard]] const Slot &slot(int link) const {
        return slots_.at(static_cast<std::size_t>(link));
    }
    [[nodiscard]] Triple expected(int flow) const;
    [[nodiscard]] static bool contributes(const Contribution &contribution, int flow);
    [[nodiscard]] bool contributes(int client, int link, int flow) const;
    [[nodiscard]] bool static_covers(int link, int flow) const;
    [[nodiscard]] bool is_joined(int link, int flow) const;
    [[nodiscard]] int grace_covering(const NaiveEntry &entry, int link, int flow) const;
    [[nodiscard]] std::array<Mask, kKeys> members() const;
    void settle(int link, bool is_deletion = false);
    void settle_wildcards(const std::array<Mask, kKeys> &members, int link);
    void settle_sources(const std::array<Mask, kKeys> &members, int link, bool is_deletion);

    // entries (naive_entries.cpp)
    [[nodiscard]] Triple current(int flow, const NaiveEntry &entry) const;
    void ask_rpf(int flow, NaiveEntry &entry);
    void rpf_answered(int flow, NaiveEntry &entry, const Reply &reply);
    void ask_creation(int flow, NaiveEntry &entry);
    void creation_answered(int flow, NaiveEntry &entry, int number, const Reply &reply);
    void activate(int flow, NaiveEntry &entry);
    void prune_answered(const Pending &pending, const Reply &reply);
    [[nodiscard]] bool follow_route(int flow, NaiveEntry &entry);
    void note_changes(int flow, NaiveEntry &entry);
    void reconsider(int flow, NaiveEntry &entry, int in, int owner);
    void restart(NaiveEntry &entry);
    void prune_entry(int flow, const NaiveEntry &entry, int client, int in, bool has_reply);
    void join_entry(int flow, const NaiveEntry &entry);
    [[nodiscard]] bool covered(const NaiveEntry &entry, int link, int flow) const;
    [[nodiscard]] static bool is_incoming(const NaiveEntry &entry, int number);
    [[nodiscard]] bool may_go_out(const NaiveEntry &entry, int link, int flow) const;
    [[nodiscard]] Mask olist_of(const NaiveEntry &entry, int flow) const;
    [[nodiscard]] bool is_wanted_by_others(const NaiveEntry &entry, int flow) const;
    void delete_entries_from(int link);

    // static routes (naive_routes.cpp)
    void remove_routes_of(int client);
    [[nodiscard]] const NaiveRoute *best_route(int flow) const;
    [[nodiscard]] bool is_named(int link, int flow) const;
    [[nodiscard]] const NaiveRoute *exact_route(int flow) const;
    [[nodiscard]] int governor(const mgm::IpPrefix &group) const;
    [[nodiscard]] bool is_wildcard(int number) const;
    [[nodiscard]] bool has_state(int key) const;
    [[nodiscard]] bool is_kept(int flow) const;
    [[nodiscard]] bool goes_by_wildcard(int flow) const;
    [[nodiscard]] static bool contributes(const Contribution &contribution,
                                          const mgm::IpPrefix &wildcard);
    [[nodiscard]] Way way_of(const mgm::IpPrefix &group, const NaiveWildcard &wildcard) const;
    void follow_routes();
    void follow_wildcards();
    [[nodiscard]] Contribution said_by_igmp(int link) const;
    void mark_wildcards(int link, int grace);
    void refresh_wildcard_marks(int link);

    // time (naive_time.cpp)
    struct Due {
        enum class Kind : std::uint8_t { kAnswer, kGrace, kEntry, kHold };
        Time time{};
        Kind kind{};
        int number = kNone;
    };
    [[nodiscard]] Due next(bool with_prunes) const;
    void expire(int flow);
    void became_overdue(int number);
    void settle_answer(const Pending &pending, int number, const Reply &reply);
    void enable_returned(int number);
    void end_wait(int enable);

    Options options_;
    bool busy_;
    Time now_{};
    std::vector<Client> clients_;
    std::array<Slot, kLinks> slots_;
    std::map<std::pair<int, int>, Contribution> contributions_; ///< by (client, link)
    std::map<std::pair<int, int>, Contribution> unconfirmed_;   ///< likewise, from before a hold
    std::array<int, kSources> routes_{};
    std::array<Alerted, kKeys> alerted_;
    std::map<int, NaiveEntry> entries_;
    std::map<int, NaiveRoute> static_routes_;
    std::set<int> held_routes_; ///< of these, from before a hold and not named again
    std::map<mgm::IpPrefix, NaiveWildcard> wildcards_;
    std::map<int, Grace> graces_;
    std::map<int, Pending> pending_;
    std::map<int, std::pair<std::uint64_t, int>>
        waits_for_; ///< ENABLE → (call that ends with it, caller)
    std::map<std::pair<int, int>, Time> wrong_if_told_;
    std::set<std::uint64_t> dead_calls_;
    int last_number_ = 0;
    WasAsked was_asked_; ///< none: queues are never full
};

} // namespace mgm_test
