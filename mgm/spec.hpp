// SPDX-License-Identifier: BSD-3-Clause
// What control asks the tables for: interfaces, neighbours and routes as plain values. The
// configuration produces them, the table writer consumes them. No DPDK.
#pragma once

#include "mgm/types.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace mgm {

/// Threshold 256: nothing leaves (IPMCAST-MIB ipMcastInterfaceTtl).
inline constexpr std::uint16_t kTtlThresholdBlock = 256;
inline constexpr std::uint16_t kDefaultTtlThreshold = 1;

/// An interface as the configuration describes it. Its port, MAC and state are filled in as ports
/// come and go.
struct InterfaceSpec {
    std::string name;       ///< 1..31 characters
    IfIndex index{};        ///< unique
    std::string port;       ///< devargs or PCI address; VLAN interfaces of one port repeat it
    std::uint16_t vlan = 0; ///< 0 = untagged, else 1..4094
    Vrf vrf{};
    std::vector<IpPrefix> addresses; ///< with the network's length
    std::optional<MacAddress> mac;   ///< absent: the port's own
    std::uint16_t mtu = 1500;        ///< octets of an IP packet, 68 (1280 with IPv6) .. 9600
    std::uint16_t ttl_threshold = kDefaultTtlThreshold; ///< 0..256
    std::vector<IpPrefix> boundaries; ///< groups that neither enter nor leave here (RFC 2365)
    std::uint8_t scope_boundary =
        0; ///< IPv6 scopes up to this stay out, 0 = none beyond 0..2 (RFC 4007)
    friend bool operator==(const InterfaceSpec &, const InterfaceSpec &) = default;
};

/// A configured next hop or host: `address` on `interface` has `mac`.
struct NeighborSpec {
    IfIndex interface {};
    IpAddress address;
    MacAddress mac;
    friend auto operator<=>(const NeighborSpec &, const NeighborSpec &) = default;
};

/// Where an entry sends to: an interface, and on it the group's MAC (no next hop) or one neighbour.
struct OifSpec {
    IfIndex interface {};
    std::uint16_t ttl_threshold = 0; ///< 0..256; the larger of this and the interface's counts
    std::optional<IpAddress> next_hop;
    friend auto operator<=>(const OifSpec &, const OifSpec &) = default;
};

/// Key of an entry: (vrf,S,G), (vrf,*,G) or (vrf,*,G/len) down to (vrf,*,*). A source needs a
/// full-length group.
struct RouteKey {
    Vrf vrf{};
    std::optional<IpAddress> source; ///< absent: any
    IpPrefix group;                  ///< network form: no bits behind the length
    friend auto operator<=>(const RouteKey &, const RouteKey &) = default;
};

/// What an entry does: the interfaces it accepts from and the olist. Order does not matter, repeats
/// are merged.
struct RouteAction {
    std::vector<IfIndex> iifs;
    std::vector<OifSpec> oifs;
    friend bool operator==(const RouteAction &, const RouteAction &) = default;
};

std::string
to_string(const RouteKey &key); ///< "(10.0.0.1,232.1.1.1)", "(*,225.0.0.0/8)", "(*,*) vrf 7"

} // namespace mgm

template <>
struct fmt::formatter<mgm::RouteKey> : fmt::formatter<std::string_view> {
    auto format(const mgm::RouteKey &v, format_context &c) const {
        return formatter<std::string_view>::format(mgm::to_string(v), c);
    }
};
