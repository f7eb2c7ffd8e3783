// SPDX-License-Identifier: BSD-3-Clause
// An entry that data made, from its first packet on. Private to the folder.
#pragma once

#include "control/manager/route_state.hpp"

namespace control::manager {

/// Where a source is expected; a change of it re-runs RPF (8.14, 8.15).
struct Expected {
    bool has_route = false;
    Link link;
    mgm::IpAddress upstream;
    Client *owner = nullptr;
    bool is_fixed = false; ///< by a static route: nobody is asked (8.1)
    friend bool operator==(const Expected &, const Expected &) = default;
};

/// A multicast forwarding entry that data made.
struct Entry : Sender, Untold {
    Entry(const Key &which, std::uint64_t its_incarnation, std::pmr::memory_resource *memory)
        : Sender(Kind::kEntry, which, memory),
          Untold(About::kEntry),
          incarnation(its_incarnation),
          asked(memory),
          kept(memory) {}

    std::uint64_t incarnation;
    EntryState state = EntryState::kUninitialised;
    mgm::IfIndex arrival{};
    Expected expected;
    bool has_in = false;
    Link in;
    mgm::IpAddress upstream;
    RouteInfo route;

    Client *owner = nullptr;   ///< O of INV-3: the IIF's
    bool is_alerted = false;   ///< O's last FALSE alert was a JOIN
    bool is_prune_due = false; ///< made empty, and O could not be told (8.18)
    std::uint64_t left = 0;    ///< Client::bit of those that were O, whose last FALSE alert was a
                               ///< JOIN and who could not be told that it is over
    Link left_in;              ///< the IIF then, of the latest
    CallbackId prune{};        ///< whose reply may still set the time-out (8.16)
    CallbackId rpf{};          ///< unanswered

    Time created{};
    Time started{};
    Time timeout{};
    std::uint64_t packets = 0; ///< at `started`

    struct Asked {
        CallbackId creation{};
        LinkState *link = nullptr; ///< null: coverage or owner changed since, a veto does not count
        bool was_covered = false;  ///< scratch of a step that changes memberships …
        LinkState *before = nullptr; ///< … with `link` before it
    };
    std::pmr::vector<Asked> asked;    ///< while Uninitialised
    std::uint32_t creations = 0;      ///< unanswered
    std::pmr::vector<Exception> kept; ///< FORWARD calls while Uninitialised: stronger than vetoes
};

/// What covers a link in an entry: contributor bits of the three levels together (8.24).
struct Coverage {
    LinkState *link = nullptr;
    std::uint8_t bits = 0;
    const Exception *exception = nullptr; ///< of the entry on this link
    const StaticOif *named = nullptr;     ///< by its static route

    [[nodiscard]] bool is_covered() const noexcept { return bits != 0; }
    [[nodiscard]] bool is_out() const noexcept { ///< in L, but for the IIF
        if (named != nullptr)
            return true; // an "off" from before the route has no effect (8.1)
        if (exception != nullptr && exception->forced != Override::kNone)
            return exception->forced == Override::kOn;
        return is_covered();
    }
    /// The operator's word for a link that has members, too.
    [[nodiscard]] std::uint16_t ttl_threshold() const noexcept {
        return named == nullptr ? std::uint16_t{0} : named->ttl_threshold;
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

[[nodiscard]] inline mgm::RouteKey table_key(const Sender &sender) {
    mgm::RouteKey key{.vrf = sender.key.vrf,
                      .source = sender.key.source,
                      .group = {.address = sender.key.group, .length = sender.group_length}};
    if (sender.kind == Sender::Kind::kWildcard)
        key.source.reset();
    return key;
}

} // namespace control::manager
