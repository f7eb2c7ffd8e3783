// SPDX-License-Identifier: BSD-3-Clause
// What the manager remembers: clients, links, keys and requests, and how they point at each other;
// static routes are in route_state.hpp, entries in entry_state.hpp. Private to the folder.
//
// Nothing derived is stored: who is a member (Members), what an entry's olist is (olist.hpp) are
// computed from the contributions each time, so that they cannot differ from them.
#pragma once

#include "control/manager/backlog.hpp"
#include "control/manager/manager.hpp"
#include "mgm/address_class.hpp"

#include <map>
#include <set>
#include <vector>

namespace control::manager {

struct Client;
struct LinkState;
struct KeyState;
struct Entry;

/// Whose join or exclude state it is, as bits of a Contribution.
namespace contributor {
inline constexpr std::uint8_t kOwner = 1; ///< the link's routing owner
inline constexpr std::uint8_t kIgmp = 2;
inline constexpr std::uint8_t kStatic = 4;
inline constexpr std::uint8_t kStale =
    8; ///< IGMP's from before a hand-over (8.6): covers, is no member
inline constexpr std::uint8_t kMember = kOwner | kIgmp | kStatic;
} // namespace contributor

/// What the owner of a link believes that IGMP wants there, as bits of Contribution::told.
namespace told {
inline constexpr std::uint8_t kJoined = 1;
inline constexpr std::uint8_t kExcluded = 2; ///< of an owner that knows LOCAL_UPDATE only
} // namespace told

/// What is wanted at one key on one link.
struct Contribution {
    LinkState *link = nullptr;
    std::uint8_t joined = 0;   ///< contributor bits
    std::uint8_t excluded = 0; ///< contributor bits; of an (S,G) only (8.24)
    std::uint8_t grace = 0;    ///< Grace::number of the hand-over that made kStale
    std::uint8_t unconfirmed =
        0; ///< likewise, of the aborted one after which IGMP has not added it again (8.10)
    std::uint8_t told = 0;          ///< by LOCAL_*; different from what is true: still due (8.18)
    std::uint8_t held_joined = 0;   ///< of `joined`: from before a hold, not added again (8.17)
    std::uint8_t held_excluded = 0; ///< likewise

    [[nodiscard]] bool is_void() const noexcept { return joined == 0 && excluded == 0; }
    /// These contributors want nothing here any more.
    void drop(std::uint8_t contributors) noexcept {
        drop(contributors, contributors);
        held_joined &= joined;
        held_excluded &= excluded;
    }
    /// Of join and of exclude state. No LOCAL_* tells that an exclusion ended so.
    void drop(std::uint8_t joiners, std::uint8_t excluders) noexcept {
        if ((excluded & excluders & contributor::kIgmp) != 0)
            told &= static_cast<std::uint8_t>(~told::kExcluded);
        joined &= static_cast<std::uint8_t>(~joiners);
        excluded &= static_cast<std::uint8_t>(~excluders);
    }
    /// They said all that they want here since they were held, if they were.
    void confirm(std::uint8_t contributors) noexcept {
        held_joined &= static_cast<std::uint8_t>(~contributors);
        held_excluded &= static_cast<std::uint8_t>(~contributors);
    }
};

/// The distinct clients that are members of a key, as far as alerts can tell: none, one, several.
struct Members {
    const Client *one = nullptr;
    const Client *other = nullptr;
    [[nodiscard]] bool has_other_than(const Client *client) const noexcept {
        return (one != nullptr && one != client) || (other != nullptr && other != client);
    }
    void add(const Client *client) noexcept {
        if (client == nullptr || client == one)
            return;
        (one == nullptr ? one : other) = client;
    }
};

/// A key that has contributions, or had them when an open enumeration began.
struct KeyState : Untold {
    KeyState(const Key &which, std::pmr::memory_resource *memory)
        : Untold(About::kKey), key(which), contributions(memory), past(memory) {}

    Key key;
    std::pmr::vector<Contribution> contributions; ///< by link
    Client *alerted = nullptr;                    ///< INV-2: of an (S,G)
    Link alerted_on;                              ///< the RPF link then
    std::uint64_t unaware = 0; ///< Client::bit of those whose last alert TRUE, if any, is not what
                               ///< is true now (8.18)
    Link pruned_on; ///< what a PRUNE TRUE to one of these names: where the latest deletion was
    struct Life {
        std::uint64_t born = 0; ///< generation; 0: never
        std::uint64_t died = 0; ///< 0: alive
    };
    Life life;                   ///< with join state: the last one
    std::pmr::vector<Life> past; ///< those before it that an open enumeration may show
    bool is_kept = false;        ///< in the list of dead keys that an enumeration may show
    bool is_due = false;  ///< of an (S,G): it may need an entry that no data will ask for (8.1)
    bool is_late = false; ///< likewise, when what found no room is tried again

    bool is_changing = false; ///< scratch of a step that changes a whole link …
    Members before;           ///< … with the members before it
};

struct Client {
    Client(Handle its_handle, std::uint64_t its_order, const Registration &registration,
           std::pmr::memory_resource *memory)
        : handle(its_handle),
          order(its_order),
          registered(registration),
          links(memory),
          undelivered(memory) {}

    Handle handle;
    std::uint64_t order; ///< of registration: alerts go out in it
    Registration registered;
    struct ByLink {
        bool operator()(const LinkState *a, const LinkState *b) const noexcept;
    };
    std::pmr::set<LinkState *, ByLink> links; ///< with a slot of it, or a Take of it in work
    std::uint32_t waiting = 0;                ///< Takes and Releases of it that wait or are in work
    std::uint32_t overdue = 0;     ///< callbacks of it that have not returned in time (8.8)
    std::uint32_t memberships = 0; ///< join and exclude state, for the quota
    bool is_ending = false;        ///< is told nothing any more (8.10)

    bool is_held = false; ///< died, and may be adopted until hold_ends (8.17)
    Time hold_ends{};     ///< and unconfirmed memberships with it; zero: there is none

    std::uint64_t bit = 0; ///< its own in its vrf, in masks of clients; 0: STATIC, is never told
    std::pmr::vector<CallbackId> undelivered; ///< or delivered and not returned; ascending (8.18)
    Untold *behind = nullptr;  ///< the first of the backlog that may be about it; null: none is
    std::uint32_t dropped = 0; ///< alerts, since it was last told so
    std::uint64_t dropped_ever = 0;
    Time calls_until{}; ///< its calls so far use up its quota until then

    [[nodiscard]] bool is_igmp() const noexcept {
        return registered.role == Role::kGroupManagement;
    }
    [[nodiscard]] bool is_routing() const noexcept { return registered.role == Role::kRouting; }
    [[nodiscard]] bool is_static() const noexcept { return registered.role == Role::kStatic; }
    /// "Client" in the sense of 1.7 and the invariants (8.7).
    [[nodiscard]] bool speaks_for(const Key &key) const noexcept {
        return registered.vrf == key.vrf && includes(registered.families, key.family());
    }
};

enum class CallKind : std::uint8_t {
    kTake,
    kRelease,
    kAdd,
    kRemove,
    kUpdate,
    kEnd,             ///< no call: the client died and its slot is released
    kInterfaceRemoved ///< no call
};

/// A call that waits for a transaction on its link, or is one.
struct PendingCall {
    CallKind kind{};
    Call call{};
    Handle client{};
    Client *ending = nullptr;  ///< kEnd
    Membership membership{};   ///< kAdd, kRemove
    MembershipUpdate update{}; ///< kUpdate
};

/// Between DISABLE and ENABLE (8.3).
struct Transaction {
    CallKind kind{};
    bool has_call = false; ///< `call` waits for its end
    CallId call{};
    Client *caller = nullptr;
    CallbackId disable{}; ///< 0: IGMP was not told
};

/// How long what a hand-over made stale, or unconfirmed, may stay (8.6, 8.10).
struct Grace {
    std::uint8_t number = 0; ///< 1..255
    bool is_abort = false;
    Time ends{};                  ///< the largest: not as long as IGMP is held (8.17)
    std::uint8_t starts_with = 0; ///< with the return of this one's ENABLE, too
};

struct LinkState {
    LinkState(mgm::Vrf its_vrf, const Link &which, std::pmr::memory_resource *memory)
        : vrf(its_vrf), link(which), waiting(memory), keys(memory), graces(memory) {}

    mgm::Vrf vrf;
    Link link;
    Client *routing = nullptr;
    Client *igmp = nullptr;
    bool is_locked = false; ///< `transaction` is in work
    Transaction transaction;
    std::pmr::vector<PendingCall> waiting; ///< first come, first served
    struct ByKey {
        // NOLINTNEXTLINE(readability-identifier-naming): the library's name
        using is_transparent = void;
        bool operator()(const KeyState *a, const KeyState *b) const noexcept {
            return a->key < b->key;
        }
        bool operator()(const KeyState *a, const Key &b) const noexcept { return a->key < b; }
        bool operator()(const Key &a, const KeyState *b) const noexcept { return a < b->key; }
    };
    std::pmr::set<KeyState *, ByKey> keys; ///< with a contribution here
    std::pmr::vector<Grace> graces;
    std::uint8_t last_grace = 0;   ///< 1 to 255, and again from 1
    bool is_pair_due = false;      ///< IGMP is held, and is to be told that the link changed
    std::uint32_t static_oifs = 0; ///< StaticActions that name it

    /// Of two graces that are not over yet.
    [[nodiscard]] bool is_newer(std::uint8_t grace, std::uint8_t than) const noexcept {
        const auto age = [&](unsigned number) { return (last_grace + 255U - number) % 255U; };
        return age(grace) < age(than);
    }

    /// To whom join state of owner or IGMP is credited (A5), and who answers for the link in INV-3.
    [[nodiscard]] Client *holder() const noexcept { return routing != nullptr ? routing : igmp; }
    [[nodiscard]] bool is_unused() const noexcept {
        return routing == nullptr && igmp == nullptr && !is_locked && waiting.empty() &&
               keys.empty() && graces.empty() && static_oifs == 0;
    }
};

inline bool Client::ByLink::operator()(const LinkState *a, const LinkState *b) const noexcept {
    return a->link < b->link; // one client has one vrf
}

enum class Override : std::uint8_t { kNone, kOn, kOff };

/// What makes a link of an entry different from its memberships (8.6, 8.13).
struct Exception {
    LinkState *link = nullptr;
    Override forced = Override::kNone;
    std::uint8_t mark = 0;      ///< Grace::number: an on-override of IGMP became a stale mark
    std::uint8_t confirmed = 0; ///< likewise: IGMP added a covering key in this one, what is stale
                                ///< from then counts no more
    bool was_covered = false;   ///< scratch of a step that changes memberships …
    Override before{};          ///< … with `forced`, …
    std::uint8_t mark_before = 0;      ///< … `mark` …
    std::uint8_t confirmed_before = 0; ///< … and `confirmed` before it
    [[nodiscard]] bool is_void() const noexcept {
        return forced == Override::kNone && mark == 0 && confirmed == 0;
    }
};

/// A callback whose return matters.
struct Request {
    enum class Kind : std::uint8_t { kRpf, kCreation, kPrune, kDisable, kEnable };
    Kind kind{};
    Client *client = nullptr;
    Entry *entry = nullptr;    ///< null: nothing is done with the answer any more
    LinkState *link = nullptr; ///< kDisable, kEnable
    bool has_deadline = true;  ///< false: nobody waits (8.8)
    bool is_overdue = false;
    bool has_call = false; ///< kEnable: `call` waits for it
    CallId call{};
    std::uint8_t grace = 0; ///< kEnable: whose time starts when it returns
    Time deadline{};
};

[[nodiscard]] inline bool is_ssm(const mgm::IpAddress &group) noexcept {
    return group.family() == mgm::Family::kIpv4 ? mgm::is_ssm(group.v4()) : mgm::is_ssm(group.v6());
}
[[nodiscard]] inline bool is_forwardable(const mgm::IpAddress &group) noexcept {
    return group.family() == mgm::Family::kIpv4 ? mgm::is_forwardable_group(group.v4())
                                                : mgm::is_forwardable_group(group.v6());
}
[[nodiscard]] inline bool is_usable_source(const mgm::IpAddress &source) noexcept {
    const mgm::SourceClass is = source.family() == mgm::Family::kIpv4
                                    ? mgm::classify_source(source.v4())
                                    : mgm::classify_source(source.v6());
    return is == mgm::SourceClass::kUsable || is == mgm::SourceClass::kReserved ||
           (is == mgm::SourceClass::kLinkLocal && source.family() == mgm::Family::kIpv4);
}

} // namespace control::manager
