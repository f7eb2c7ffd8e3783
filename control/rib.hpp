// SPDX-License-Identifier: BSD-3-Clause
// The multicast RIB: towards which interface a source lies, for the reverse-path check. Connected
// networks come from the interfaces' addresses, the rest from configured mroutes. Pure; control
// thread only.
#pragma once

#include "mgm/result.hpp"
#include "mgm/types.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <vector>

namespace control {

/// Who put a route here: the numbers of MIB_IPFORWARD_PROTO (RFC 4292 ipForwardProto).
enum class RouteProtocol : std::uint32_t { kLocal = 2, kStatic = 3 };

struct RibRoute {
    mgm::Vrf vrf{};
    mgm::IpPrefix prefix; ///< network form
    mgm::IfIndex interface {};
    std::optional<mgm::IpAddress> neighbor; ///< absent: connected
    RouteProtocol protocol = RouteProtocol::kLocal;
    std::uint32_t preference = 0; ///< the lowest wins among routes of one prefix; connected is 0
    friend auto operator<=>(const RibRoute &, const RibRoute &) = default;
};

class Rib {
public:
    /// Several routes of a prefix may live beside each other; the same (vrf, prefix, interface,
    /// neighbor) again replaces its preference and protocol. kInvalidArgument: bits behind the
    /// length, a group as prefix, a neighbor of another family or one that is a group or all zero.
    mgm::Result<void> add(const RibRoute &route);
    /// kNotFound when there is none with this vrf, prefix, interface and neighbor.
    mgm::Result<void> remove(const RibRoute &route);

    /// Longest match, then lowest preference, then lowest interface, then lowest neighbor (none
    /// before any).
    [[nodiscard]] std::optional<RibRoute> lookup(mgm::Vrf vrf, const mgm::IpAddress &source) const;

    [[nodiscard]] std::vector<RibRoute> routes() const; ///< by (vrf, prefix, preference …)
    [[nodiscard]] std::size_t size() const noexcept { return size_; }

private:
    struct Place { // where routes lie: by vrf, family and length, then by network
        mgm::Vrf vrf{};
        mgm::Family family{};
        std::uint8_t length = 0;
        friend bool operator<(const Place &a, const Place &b) noexcept { // the longest comes first
            return std::tie(a.vrf, a.family, b.length) < std::tie(b.vrf, b.family, a.length);
        }
    };
    static Place place(const RibRoute &route);

    // Few lengths are in use at a time: a lookup costs one search for each. The routes of a network
    // are kept best first.
    std::map<Place, std::map<mgm::IpAddress, std::vector<RibRoute>>> networks_;
    std::size_t size_ = 0;
};

} // namespace control
