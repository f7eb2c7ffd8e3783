// SPDX-License-Identifier: BSD-3-Clause
// All that the manager remembers: clients, links, keys, entries, routes, what is waited for. What
// it does with them is impl.hpp. Private to the folder.
#pragma once

#include "control/manager/entry_state.hpp"
#include "control/manager/limits.hpp"
#include "control/manager/memory.hpp"

#include <cstdint>
#include <map>
#include <memory_resource>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

namespace control::manager {

struct Ledger {
    Ledger(const Options &options, const Rib &rib, Effects &effects, ForwardingPlane &plane,
           std::pmr::memory_resource *memory);

    struct Timer {
        enum class Kind : std::uint8_t { kRequest, kEntry, kGrace, kHold };
        Time at{};
        Kind kind{};
        CallbackId request{};      ///< kRequest
        Entry *entry = nullptr;    ///< kEntry
        LinkState *link = nullptr; ///< kGrace
        std::uint8_t grace = 0;    ///< kGrace
        Client *client = nullptr;  ///< kHold
        friend bool operator<(const Timer &a, const Timer &b) noexcept {
            return std::tuple(a.at, a.kind, a.request, std::uintptr_t(a.entry),
                              std::uintptr_t(a.link), a.grace, std::uintptr_t(a.client)) <
                   std::tuple(b.at, b.kind, b.request, std::uintptr_t(b.entry),
                              std::uintptr_t(b.link), b.grace, std::uintptr_t(b.client));
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
    using ExactRoutes = std::pmr::map<Key, ExactRoute>;
    using Wildcards = std::pmr::map<WildcardName, WildcardEntry>;
    using NamedRoutes = std::pmr::map<RouteName, Route>;
    using Routes = std::pmr::map<RoutePlace, NamedRoutes>;
    using Actions = std::pmr::set<StaticAction, StaticAction::ByContent>;
    struct BySenderKey {
        bool operator()(const Sender *a, const Sender *b) const noexcept {
            return std::tie(a->key, a->group_length) < std::tie(b->key, b->group_length);
        }
    };
    struct WrongName { ///< of the WRONG_IF limiter
        Key key;
        mgm::IfIndex interface {};
        friend auto operator<=>(const WrongName &, const WrongName &) = default;
    };
    struct Match {                            ///< the route that goes for an (S,G)
        const StaticAction *action = nullptr; ///< null: none
        mgm::IpPrefix source;
        [[nodiscard]] bool is_fixing() const noexcept {
            return action != nullptr && !action->iifs.empty();
        }
    };
    struct Governor {                 ///< the route whose table entry takes the data of a group
        const Route *route = nullptr; ///< null: none
        std::uint8_t group_length = 0;
    };
    using Requests = std::pmr::map<CallbackId, Request>;
    using MustSucceed = Memory::MustSucceed;

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
    Actions actions_;
    const StaticAction *unused_actions_ = nullptr; ///< the first of them
    ExactRoutes exacts_;
    Routes routes_; ///< all others
    std::size_t wildcard_routes_ = 0;
    Wildcards wildcards_;
    std::pmr::set<Sender *, BySenderKey> exceptional_; ///< exact and wildcard, with exceptions
    std::pmr::map<WrongName, Time> wrong_;             ///< when it was told
    Sender *first_marked_ = nullptr;                   ///< exact and wildcard, as they were marked
    Sender *last_marked_ = nullptr;
    std::size_t starved_ = 0;
    std::pmr::set<KeyState *, LinkState::ByKey> due_keys_;  ///< those with is_due …
    std::pmr::set<KeyState *, LinkState::ByKey> late_keys_; ///< … and is_late
    std::optional<Time> retry_; ///< when what was late or starved is tried again
    CreationLimits limits_;
    Requests requests_;
    std::pmr::set<Timer> timers_;
    mutable std::pmr::vector<Oif> oifs_;       ///< scratch of publish()
    std::pmr::vector<mgm::IpAddress> sources_; ///< scratch of tell_group()
    Backlog backlog_;
    std::uint64_t last_order_ = 0;
    std::uint64_t last_callback_ = 0;
    std::uint64_t last_incarnation_ = 0;
    std::uint64_t generation_ = 0; ///< of the set of keys with join state
};

} // namespace control::manager
