// SPDX-License-Identifier: BSD-3-Clause
// Static routes as the manager remembers them (mgm-spec 8.1 b). Private to the folder.
//
// A million exact routes are a million ExactRoutes: what they do is shared (StaticAction), what
// memberships add to it is computed when it is asked for.
#pragma once

#include "control/manager/state.hpp"

#include <algorithm>
#include <set>

namespace control::manager {

struct StaticOif {
    LinkState *link = nullptr;
    std::uint16_t ttl_threshold = 0;
    friend bool operator==(const StaticOif &, const StaticOif &) = default;
};

/// What routes do, once for all that do the same: usually there are a few hundred.
struct StaticAction {
    StaticAction(mgm::Vrf its_vrf, std::pmr::memory_resource *memory)
        : vrf(its_vrf), iifs(memory), oifs(memory) {}

    mgm::Vrf vrf;
    std::pmr::vector<mgm::IfIndex> iifs; ///< as they were given, without repeats
    std::pmr::vector<StaticOif> oifs;    ///< by link
    // Not part of what it is:
    mutable std::uint32_t uses = 0;
    mutable bool is_listed = false; ///< among those without a use
    mutable const StaticAction *next_unused = nullptr;

    [[nodiscard]] bool accepts(mgm::IfIndex interface) const noexcept {
        return std::ranges::find(iifs, interface) != iifs.end();
    }
    /// Null: the route does not send there.
    [[nodiscard]] const StaticOif *oif(const LinkState &link) const noexcept {
        const auto found =
            std::ranges::lower_bound(oifs, link.link, {}, [](const StaticOif &oif) -> const Link & {
                return oif.link->link;
            });
        return found != oifs.end() && found->link == &link ? &*found : nullptr;
    }
    struct ByContent {
        bool operator()(const StaticAction &a, const StaticAction &b) const noexcept {
            if (a.vrf != b.vrf)
                return a.vrf < b.vrf;
            if (a.iifs != b.iifs)
                return a.iifs < b.iifs;
            return std::ranges::lexicographical_compare(
                a.oifs, b.oifs, [](const StaticOif &one, const StaticOif &other) {
                    return std::tuple(std::uintptr_t(one.link), one.ttl_threshold) <
                           std::tuple(std::uintptr_t(other.link), other.ttl_threshold);
                });
        }
    };
};

/// Whatever has an olist: an entry that data made, one of an exact route, a wildcard entry of the
/// tables.
struct Sender {
    enum class Kind : std::uint8_t { kEntry, kExact, kWildcard };
    Sender(Kind what, const Key &which, std::pmr::memory_resource *memory)
        : key(which),
          kind(what),
          group_length(static_cast<std::uint8_t>(which.group.bits())),
          exceptions(memory) {}

    Key key;
    Kind kind;
    std::uint8_t group_length;
    bool is_marked = false;        ///< scratch: to be refreshed at the end of the step
    Sender *next_marked = nullptr; ///< likewise
    bool is_installed = false;     ///< in the tables; of a route only …
    bool is_starved = false;       ///< … as is: not as it should be, for lack of room (8.9)
    bool is_held = false;          ///< of an exact route, as Route::is_held
    const StaticAction *action = nullptr;   ///< its oifs are in the olist
    const StaticAction *accepted = nullptr; ///< it comes in on these iifs; null: Entry::in
    std::pmr::vector<Exception> exceptions; ///< by link; usually none
};

/// An MFE from load on: no RPF, no CREATION, no expiry, no owner.
struct ExactRoute : Sender {
    ExactRoute(const Key &which, std::pmr::memory_resource *memory)
        : Sender(Kind::kExact, which, memory) {}
    Time created{};
};

/// (*,G/len) of a route, or a (*,G) that memberships make inside one.
struct WildcardEntry : Sender {
    WildcardEntry(const Key &which, std::uint8_t length, std::pmr::memory_resource *memory)
        : Sender(Kind::kWildcard, which, memory) {
        group_length = length;
    }
};

/// Where those lie. Ranges follow the one that they begin with.
struct WildcardName {
    mgm::Vrf vrf{};
    mgm::IpPrefix group;
    friend auto operator<=>(const WildcardName &, const WildcardName &) = default;
};

/// Routes that are not exact lie by vrf, family and lengths, the longest group first, then the
/// longest source: few lengths are in use, and a lookup costs one search for each.
struct RoutePlace {
    mgm::Vrf vrf{};
    mgm::Family family{};
    std::uint8_t group_length = 0;
    std::uint8_t source_length = 0;
    friend bool operator<(const RoutePlace &a, const RoutePlace &b) noexcept {
        return std::tie(a.vrf, a.family, b.group_length, b.source_length) <
               std::tie(b.vrf, b.family, a.group_length, a.source_length);
    }
};
struct RouteName {
    mgm::IpAddress group;
    mgm::IpAddress source;
    friend auto operator<=>(const RouteName &, const RouteName &) = default;
};
struct Route {
    const StaticAction *action = nullptr;
    bool is_wildcard = false; ///< a table entry; else it acts when data makes an entry
    bool is_held = false;     ///< from before a hold, not named again (8.17)
};

} // namespace control::manager
