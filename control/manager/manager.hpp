// SPDX-License-Identifier: BSD-3-Clause
// The Multicast Group Manager as a pure state machine: who is registered, who owns which link, who
// wants which groups, which entries there are. Events come in as calls with their time, effects go
// out through Effects and ForwardingPlane, in the order in which they take place. No I/O, no lock,
// no clock. mgm-spec is the norm, its section 8 above all.
//
// Thread: one (control). Every call returns at once; what it started may end later, in
// Effects::complete().
#pragma once

#include "control/manager/callbacks.hpp"
#include "control/manager/effects.hpp"
#include "control/manager/types.hpp"
#include "control/rib.hpp"

#include <array>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <vector>

namespace control::manager {

struct Options {
    Time callback_deadline = std::chrono::seconds(1); ///< 8.8; counts from deliver()
    Time entry_timeout =
        std::chrono::seconds(900); ///< ulTimeOut unless a prune reply says otherwise
    Time no_route_timeout = std::chrono::seconds(10); ///< A12
    Time igmp_regrace = std::chrono::seconds(10);     ///< 8.6; from the return of ENABLE …
    Time igmp_regrace_limit =
        std::chrono::seconds(60); ///< … but no later than this after its deliver()
    Time retry_interval =
        std::chrono::seconds(1); ///< of what static routes must have and found no room (8.9)
    Time wrong_if_interval =
        std::chrono::seconds(3);            ///< one WRONG_IF per (S,G,link) in this time (A22)
    bool refresh_entries = true;            ///< mfe_refresh (A18)
    std::uint32_t max_uninitialised = 4096; ///< entries that wait for answers (A22) …
    std::uint32_t max_uninitialised_of_interface = 2048; ///< … that came in on one interface …
    std::uint32_t max_uninitialised_of_source = 1024;    ///< … or from one source
    std::uint32_t upcalls_per_second = 1000; ///< new sources per arrival interface (A22)
    /// So many live entries, and data makes no more until there are at most `reuse_entries`; both
    /// are events for the log. 0: no threshold.
    std::uint32_t suppress_entries = 0;
    std::uint32_t reuse_entries = 0;
    std::uint32_t max_memberships = 4'000'000; ///< join and exclude state of one client
    std::uint32_t max_links = 65'536;          ///< owned by one client
    /// Callbacks of one client that have not returned (8.18). Deep enough for a burst of joins at a
    /// client that is merely slow; what is over it merges, so more would only be staler.
    std::uint32_t max_undelivered = 1024;
    /// Calls of one client: a second's worth on average (0: no limit), and so many more in a burst,
    /// in which a protocol that starts may add all that it knows. Clients that answer each other's
    /// alerts with calls for ever (1.8) go faster than the average and run into it.
    std::uint32_t calls_per_second = 20'000;
    std::uint32_t calls_in_a_burst = 4'000'000;
    friend bool operator==(const Options &, const Options &) = default;
};

/// Longer than any restart that deserves the name takes.
inline constexpr Time kLongestHold = std::chrono::hours(24);

struct Registration {
    Identity identity;
    Role role = Role::kRouting;
    mgm::Vrf vrf{};
    Families families = Families::kIpv4;
    CallbackSet callbacks;
    Time hold{}; ///< how long what it has outlives it, for one that registers again (8.17); up to
                 ///< kLongestHold
};

/// Parameters of Add and Delete. `source` and `group` are host prefixes, or length 0 and all zero
/// for "any": ranges are refused (mgm-spec 1.4).
struct Membership {
    mgm::IpPrefix source;
    mgm::IpPrefix group;
    Link link;
    std::uint32_t flags = kJoinState; ///< kJoinState, kForwardState
};

/// UpdateMembership: the caller's whole state of (link, group) (mgm-spec 8.24, RFC 3376 3.1).
struct MembershipUpdate {
    mgm::IpAddress group;
    Link link;
    FilterMode mode{};
    std::vector<mgm::IpAddress> sources;
};

/// Data from `source` to `group` comes in on one of `iifs` and goes out of `oifs`, whoever else
/// wants it where (mgm-spec 8.1 b). What it becomes: one source and one group with iifs, an entry
/// that is there from the call on; any source with iifs, one wildcard entry of the tables; anything
/// else, and all that `is_per_source`, a rule for entries that data makes.
struct StaticRoute {
    mgm::Vrf vrf{};
    mgm::IpPrefix source;           ///< in network form; length 0 and all zero: any
    mgm::IpPrefix group;            ///< likewise
    std::vector<mgm::IfIndex> iifs; ///< the first one is what is shown; repeats are merged
    std::vector<Oif> oifs; ///< of one link the first counts; an accepted interface is left out
    bool is_per_source = false;
};

/// The head of each call.
struct Call {
    CallId id{};
    Time now{};
    /// The callback that the caller is inside of (mgm-spec 1.8, 8.4): on a dispatcher thread, or by
    /// the callback's id.
    std::optional<CallbackKind> inside = std::nullopt;
};

/// A packet that workers found no entry for, or that came in on the wrong interface.
struct Arrival {
    Key key; ///< (S,G)
    mgm::IfIndex interface {};
    std::span<const std::byte> header; ///< IP header and a piece of the data
};

/// Why data made no entry. What the packet waits for is dropped, and its flow's next packet asks
/// again.
enum class Refusal : std::uint8_t {
    kNone,
    kSuppressed,         ///< Options::suppress_entries
    kWaiting,            ///< max_uninitialised
    kWaitingOfSource,    ///< max_uninitialised_of_source
    kWaitingOfInterface, ///< max_uninitialised_of_interface
    kRate,               ///< upcalls_per_second
};
/// How often, by Refusal; that of kNone stays 0.
using Refusals = std::array<std::uint64_t, 6>;

enum class EntryState : std::uint8_t { kUninitialised, kActive, kNegative };

/// What MgmGetMfe shows, and more (mgm-spec 4.5, 7.2).
struct EntryInfo {
    Key key;
    EntryState state{};
    std::optional<Link> in; ///< none: no route (8.2)
    mgm::IpAddress upstream;
    std::uint32_t in_protocol = 0; ///< of the IIF's owner, 0 = none
    RouteInfo route;
    Time up_time{}; ///< since the timer last started (8.23)
    Time timeout{}; ///< zero: does not expire
    Time age{};     ///< since creation
    std::vector<Oif> oifs;
};

/// How far a client is behind (mgm-spec 8.18).
struct QueueInfo {
    std::size_t undelivered = 0; ///< callbacks that have not returned
    std::size_t behind = 0;      ///< keys and entries of which it has not been told what is true
    std::uint64_t dropped = 0;   ///< alerts, since Register
};

/// A record of the group enumeration: all zero stands for "any" (mgm-spec 4.4).
struct SourceGroup {
    mgm::IpAddress source;
    mgm::IpAddress group;
    friend auto operator<=>(const SourceGroup &, const SourceGroup &) = default;
};

class Manager {
public:
    /// All of them outlive the manager. `memory` is where its state lies; when it throws, calls end
    /// in kNotEnoughMemory with nothing changed (8.9).
    Manager(const Options &options, const Rib &rib, Effects &effects, ForwardingPlane &plane,
            std::pmr::memory_resource *memory = std::pmr::get_default_resource());
    ~Manager();
    Manager(const Manager &) = delete;
    Manager &operator=(const Manager &) = delete;

    // --- calls: each ends in one Effects::complete(), now or later
    void register_client(const Call &call, const Registration &registration);      ///< 2.1
    void deregister(const Call &call, Handle client);                              ///< 2.2
    void take(const Call &call, Handle client, const Link &link);                  ///< 2.3
    void release(const Call &call, Handle client, const Link &link);               ///< 2.4
    void add(const Call &call, Handle client, const Membership &membership);       ///< 2.6
    void remove(const Call &call, Handle client, const Membership &membership);    ///< 2.7
    void update(const Call &call, Handle client, const MembershipUpdate &update);  ///< 8.24
    void start_enumeration(const Call &call, Handle client, EnumerationKind kind); ///< 2.11

    /// Static routes (8.1 b), of a client in the role STATIC. kInvalidParameter: a role, vrf or
    /// family that is not the client's, addresses that cannot be routed, a route of this source and
    /// group is there. kNotEnoughMemory: no memory, or no room in the tables.
    void add_route(const Call &call, Handle client, const StaticRoute &route);
    /// In one step, of whatever kind it was and becomes. kNotFound: there is none of this source
    /// and group.
    void change_route(const Call &call, Handle client, const StaticRoute &route);
    /// kNotFound likewise; it never finds no memory.
    void remove_route(const Call &call, Handle client, mgm::Vrf vrf, const mgm::IpPrefix &source,
                      const mgm::IpPrefix &group);

    /// After an adoption everything is added again: what is not goes now (8.17).
    void reconciled(const Call &call, Handle client);

    // --- calls that end at once
    /// kNotFound: nobody is there. P's identity where P and IGMP are (2.5).
    [[nodiscard]] Status owner_of(mgm::Vrf vrf, const Link &link, Identity &owner) const;
    /// Up to `records.size()` of the keys that existed at the start (8.22); `count` of them.
    /// kMoreData, kNoMoreItems, kInsufficientBuffer (no room for one, and there is one),
    /// kInvalidParameter (2.12).
    [[nodiscard]] Status next_groups(Handle enumeration, std::span<SourceGroup> records,
                                     std::size_t &count);
    [[nodiscard]] Status end_enumeration(Handle enumeration); ///< 2.13
    /// 2.8: the neighbour only. kInvalidParameter, kNotFound, kCanNotComplete.
    [[nodiscard]] Status set_upstream(const Call &call, Handle client, const Key &key,
                                      const mgm::IpAddress &upstream);
    [[nodiscard]] std::optional<EntryInfo> entry(const Key &key, Time now) const; ///< 2.9
    /// The first entry behind `key` in the order of (vrf, group, source), of the same vrf and
    /// family (2.10). Start from an all-zero key.
    [[nodiscard]] std::optional<EntryInfo> entry_after(const Key &key, Time now) const;

    /// Since the start.
    [[nodiscard]] const Refusals &refusals() const noexcept;

    /// None: nobody's handle. Looks at everything that anybody has to be told.
    [[nodiscard]] std::optional<QueueInfo> queue(Handle client) const;

    // --- events
    /// A callback's function returned, or the client will never run it. Unknown and late ones do no
    /// harm.
    void returned(Handle client, CallbackId id, const Reply &reply, Time now);
    /// The client died: the same as Release of everything, then DeRegister (8.10), or that when its
    /// hold time is over and nobody adopted what it had (8.17).
    void client_ended(Handle client, Time now);
    void new_source(const Arrival &arrival, Time now); ///< 1.5, 1.6, 8.14
    void wrong_interface(const Arrival &arrival, Time now);
    /// Routes to sources in `prefix` are not what they were (8.15).
    void route_changed(mgm::Vrf vrf, const mgm::IpPrefix &prefix, Time now);
    /// The tables know these now, or know them no more (`interfaces` in order): what has to do with
    /// them is published again (8.25).
    void interfaces_changed(std::span<const mgm::IfIndex> interfaces, Time now);
    /// Gone from the configuration (8.25).
    void interface_removed(mgm::Vrf vrf, mgm::IfIndex interface, Time now);
    /// Timers up to `now`.
    void advance(Time now);
    /// When advance() has something to do; none: never.
    [[nodiscard]] std::optional<Time> next_timer() const;

    class Impl;

private:
    std::unique_ptr<Impl> impl_;
};

} // namespace control::manager
