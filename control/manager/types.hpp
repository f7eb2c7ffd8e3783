// SPDX-License-Identifier: BSD-3-Clause
// The words of the Multicast Group Manager: who calls, about which link, for which groups. Values
// only.
#pragma once

#include "mgm/spec.hpp"
#include "mgm/types.hpp"

#include <chrono>
#include <compare>
#include <cstdint>

namespace control::manager {

/// Monotonic; any origin. It comes in with every event: the manager reads no clock.
using Time = std::chrono::nanoseconds;

/// What every call returns: the numbers of the original API (mgm-spec 2.0).
enum class Status : std::uint32_t {
    kOk = 0,
    kNotEnoughMemory = 8,
    kInvalidParameter = 87,
    kInsufficientBuffer = 122,
    kAlreadyExists = 183,
    kMoreData = 234,
    kNoMoreItems = 259,
    kCanNotComplete = 1003,
    kNotFound = 1168,
};

/// Opaque: kind, position and generation. One that was given back is nobody's for ever
/// (mgm-spec 2.2). 0 is none.
enum class Handle : std::uint64_t {};

/// Chosen by the caller, comes back in Effects::complete().
enum class CallId : std::uint64_t {};
/// Chosen by the manager, comes back in Manager::returned().
enum class CallbackId : std::uint64_t {};

/// Unique among the live registrations of a vrf (mgm-spec 1.1, 8.7).
struct Identity {
    std::uint32_t protocol = 0;
    std::uint32_t component = 0;
    friend auto operator<=>(const Identity &, const Identity &) = default;
};

enum class Role : std::uint8_t {
    kRouting,
    kGroupManagement, ///< IGMP in the IPv4 slot, MLD in the IPv6 slot (mgm-spec A1, 8.7)
    kStatic,          ///< owns nothing, is told nothing (mgm-spec 8.1)
};

/// Families that a client speaks for.
enum class Families : std::uint8_t { kIpv4 = 1, kIpv6 = 2, kBoth = 3 };
[[nodiscard]] constexpr bool includes(Families all, mgm::Family one) noexcept {
    const unsigned bit = one == mgm::Family::kIpv4 ? 1U : 2U;
    return (static_cast<unsigned>(all) & bit) != 0;
}

[[nodiscard]] constexpr bool is_zero(const mgm::IpAddress &address) noexcept {
    return address.octets() == std::array<std::uint8_t, 16>{};
}
/// All zero: "any" in a key, "none" as a next hop.
[[nodiscard]] inline mgm::IpAddress any_of(mgm::Family family) noexcept {
    return family == mgm::Family::kIpv4 ? mgm::IpAddress(mgm::Ipv4Address{})
                                        : mgm::IpAddress(mgm::Ipv6Address{});
}

/// The key of ownership, membership and olists: an interface, and on a point-to-multipoint one the
/// neighbour at the other end (mgm-spec 1.2, where it is called *if*). Its family is the next
/// hop's, all zero where there is none.
struct Link {
    mgm::IfIndex interface {};
    mgm::IpAddress next_hop;
    [[nodiscard]] mgm::Family family() const noexcept { return next_hop.family(); }
    friend auto operator<=>(const Link &, const Link &) = default;
};

/// Where memberships and entries lie: (*,*), (*,G) or (S,G) in one vrf and family. All zero is the
/// wildcard, so that the order by (group, source) puts wildcards first.
struct Key {
    mgm::Vrf vrf{};
    mgm::IpAddress group;
    mgm::IpAddress source;

    [[nodiscard]] mgm::Family family() const noexcept { return group.family(); }
    [[nodiscard]] bool is_any_group() const noexcept { return is_zero(group); }
    [[nodiscard]] bool is_any_source() const noexcept { return is_zero(source); }
    [[nodiscard]] Key wildcard_source() const noexcept {
        return {.vrf = vrf, .group = group, .source = any_of(family())};
    }
    [[nodiscard]] Key wildcard() const noexcept {
        return {.vrf = vrf, .group = any_of(family()), .source = any_of(family())};
    }
    friend auto operator<=>(const Key &, const Key &) = default;
};

/// MGM_JOIN_STATE_FLAG and MGM_FORWARD_STATE_FLAG (mgm-spec 4.1).
inline constexpr std::uint32_t kJoinState = 1;
inline constexpr std::uint32_t kForwardState = 2;

enum class EnumerationKind : std::uint32_t { kAnySource = 0, kAllSources = 1 };

/// RFC 3376 4.2.12: what UpdateMembership sets for a (link, group).
enum class FilterMode : std::uint8_t { kInclude, kExclude };

/// A failure that the original writes to the event log, under its number (mgm-spec 6).
enum class Event : std::uint32_t {
    kOutOfMemory = 50003,
    kNoSuchComponent = 50010,
    kComponentRegistered = 50011,
    kStillEnabled = 50013,
    kEnabledByThis = 50014,
    kInterfaceNotFound = 50015,
    kEnabledByOther = 50016,
    kBadHandle = 50019,
    kNoTimer = 50021,
    // Ours, outside the original's range.
    kCallbackOverdue = 60001,
    kRpfRefused,
    kTableFull,
    kAlertsDropped,
    kEntriesSuppressed,
    kEntriesReused,
};

} // namespace control::manager
