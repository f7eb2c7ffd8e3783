// SPDX-License-Identifier: BSD-3-Clause
// What clients are told (mgm-spec 3). Values: the dispatcher that runs a client's function gets one
// of these.
#pragma once

#include "control/manager/types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <variant>

namespace control::manager {

enum class CallbackKind : std::uint8_t {
    kRpf,
    kCreationAlert,
    kPruneAlert,
    kJoinAlert,
    kWrongIf,
    kLocalJoin,
    kLocalLeave,
    kDisableIgmp,
    kEnableIgmp,
    kLocalUpdate,   ///< native: mgm-spec 8.24
    kAlertsDropped, ///< native: mgm-spec 8.18
};

/// The callbacks that a client registered; the others are never delivered to it (mgm-spec A3).
class CallbackSet {
public:
    constexpr CallbackSet() = default;
    constexpr CallbackSet(std::initializer_list<CallbackKind> kinds) {
        for (const CallbackKind kind : kinds)
            bits_ |= bit(kind);
    }
    [[nodiscard]] constexpr bool has(CallbackKind kind) const noexcept {
        return (bits_ & bit(kind)) != 0;
    }
    constexpr void add(CallbackKind kind) noexcept { bits_ |= bit(kind); }
    /// Everything a routing protocol may register.
    static constexpr CallbackSet routing() {
        return {CallbackKind::kRpf,       CallbackKind::kCreationAlert, CallbackKind::kPruneAlert,
                CallbackKind::kJoinAlert, CallbackKind::kWrongIf,       CallbackKind::kLocalJoin,
                CallbackKind::kLocalLeave};
    }
    static constexpr CallbackSet group_management() {
        return {CallbackKind::kDisableIgmp, CallbackKind::kEnableIgmp};
    }

private:
    static constexpr std::uint32_t bit(CallbackKind kind) noexcept {
        return 1U << static_cast<unsigned>(kind);
    }
    std::uint32_t bits_ = 0;
};

/// Where most calls end in kCanNotComplete: the table of mgm-spec 1.8.
[[nodiscard]] constexpr bool
is_forbidden_inside(const std::optional<CallbackKind> &inside) noexcept {
    return inside == CallbackKind::kRpf || inside == CallbackKind::kCreationAlert ||
           inside == CallbackKind::kDisableIgmp || inside == CallbackKind::kEnableIgmp;
}

/// The route that led to the expected interface, in place of RTM_DEST_INFO (mgm-spec 4.10).
struct RouteInfo {
    std::uint32_t protocol = 0; ///< MIB_IPFORWARD_PROTO value, 0 = none
    mgm::IpPrefix prefix;
    friend bool operator==(const RouteInfo &, const RouteInfo &) = default;
};

/// A new entry is being made: is this the interface that you expect the source on? (mgm-spec 3.1)
struct RpfRequest {
    Key key;
    Link in;                 ///< expected, by the multicast RIB
    mgm::IpAddress upstream; ///< immediate neighbour towards the source, all zero = none
    RouteInfo route;
    std::span<const std::byte>
        header; ///< IP header and a piece of the data; valid while the effect is handled
};

struct CreationLink {
    Link link;
    bool is_igmp = false;
    friend bool operator==(const CreationLink &, const CreationLink &) = default;
};
/// May the new entry send to these of your links? (mgm-spec 3.2)
struct CreationAlert {
    Key key;
    Link in;
    std::span<const CreationLink> links; ///< valid while the effect is handled
};

struct PruneAlert {
    Key key;
    Link link; ///< that of the deletion (is_member_delete) or the entry's incoming one
    bool is_member_delete = false;
    friend bool operator==(const PruneAlert &, const PruneAlert &) = default;
};
struct JoinAlert {
    Key key;
    bool is_member_update = false;
    friend bool operator==(const JoinAlert &, const JoinAlert &) = default;
};
struct WrongIf {
    Key key;
    Link link;                         ///< where the packet arrived
    std::span<const std::byte> header; ///< valid while the effect is handled
};
struct LocalJoin {
    Key key;
    Link link;
    friend bool operator==(const LocalJoin &, const LocalJoin &) = default;
};
struct LocalLeave {
    Key key;
    Link link;
    friend bool operator==(const LocalLeave &, const LocalLeave &) = default;
};
struct LocalUpdate {
    Key group; ///< (*,G)
    Link link;
    FilterMode mode{};
    std::span<const mgm::IpAddress> sources; ///< valid while the effect is handled
};
/// So many FALSE alerts and WRONG_IFs found your queue full since you were last told (mgm-spec
/// 8.18). What FALSE alerts were about is sent again, if it still holds.
struct AlertsDropped {
    std::uint32_t count = 0;
    friend bool operator==(const AlertsDropped &, const AlertsDropped &) = default;
};
struct DisableIgmp {
    Link link;
    friend bool operator==(const DisableIgmp &, const DisableIgmp &) = default;
};
struct EnableIgmp {
    Link link;
    friend bool operator==(const EnableIgmp &, const EnableIgmp &) = default;
};

using Callback = std::variant<RpfRequest, CreationAlert, PruneAlert, JoinAlert, WrongIf, LocalJoin,
                              LocalLeave, LocalUpdate, DisableIgmp, EnableIgmp, AlertsDropped>;
[[nodiscard]] CallbackKind kind_of(const Callback &callback) noexcept;

// --- what comes back (the return value itself is ignored, mgm-spec 1.8)

struct RpfReply {
    Link in;
    mgm::IpAddress upstream;
    RouteInfo route;
};
struct CreationReply {
    std::span<const Link> vetoed; ///< bIsEnabled came back FALSE
};
struct PruneReply {
    std::uint32_t timeout_seconds = 0;
};
/// monostate: the callback has no out-parameters, or the client did not run it.
using Reply = std::variant<std::monostate, RpfReply, CreationReply, PruneReply>;

} // namespace control::manager
