// SPDX-License-Identifier: BSD-3-Clause
// What an address may be used for, once, for the fast path and for the configuration alike. No
// DPDK, no state. Cost: a few compares; everything here inlines into dataplane/parse.hpp.
#pragma once

#include "mgm/types.hpp"

#include <bit>

namespace mgm {

/// Network to host order on any machine.
[[nodiscard]] constexpr std::uint32_t to_host(Ipv4Address address) noexcept {
    return std::endian::native == std::endian::little ? __builtin_bswap32(address.be) : address.be;
}
[[nodiscard]] constexpr Ipv4Address from_host(std::uint32_t value) noexcept {
    return Ipv4Address{std::endian::native == std::endian::little ? __builtin_bswap32(value)
                                                                  : value};
}

// --- IPv4 groups
// ---------------------------------------------------------------------------------------------

/// 224.0.0.0/4 (RFC 1112 4).
[[nodiscard]] constexpr bool is_multicast(Ipv4Address a) noexcept {
    return (to_host(a) & 0xf000'0000U) == 0xe000'0000U;
}
/// 224.0.0.0/24: never leaves its link whatever the TTL (RFC 5771 4).
[[nodiscard]] constexpr bool is_link_local_group(Ipv4Address a) noexcept {
    return (to_host(a) & 0xffff'ff00U) == 0xe000'0000U;
}
/// 232.0.0.0/8 (RFC 4607 1): only (S,G) entries.
[[nodiscard]] constexpr bool is_ssm(Ipv4Address a) noexcept {
    return (to_host(a) & 0xff00'0000U) == 0xe800'0000U;
}

// --- IPv6 groups
// ---------------------------------------------------------------------------------------------

/// ff00::/8 (RFC 4291 2.7).
[[nodiscard]] constexpr bool is_multicast(const Ipv6Address &a) noexcept {
    return a.octets[0] == 0xff;
}
/// Low nibble of the second octet, whatever the flags: ff02, ff12, ff32, ff72 are all link-local
/// (RFC 4291 2.7).
[[nodiscard]] constexpr unsigned scope_of(const Ipv6Address &group) noexcept {
    return group.octets[1] & 0x0fU;
}
/// Scope 2: never leaves its link.
[[nodiscard]] constexpr bool is_link_local_group(const Ipv6Address &a) noexcept {
    return is_multicast(a) && scope_of(a) == 2;
}
/// ff3x::/32 (RFC 4607 1): only (S,G) entries.
[[nodiscard]] constexpr bool is_ssm(const Ipv6Address &a) noexcept {
    return a.octets[0] == 0xff && (a.octets[1] & 0xf0U) == 0x30 && a.octets[2] == 0 &&
           a.octets[3] == 0;
}

/// True for a group that may cross this router (standards: RFC 5771, RFC 4291): multicast, not
/// link-local, and for IPv6 of scope 3 or wider (scope 0 is reserved, 1 interface-local; 15 is
/// reserved and treated as global).
[[nodiscard]] constexpr bool is_forwardable_group(Ipv4Address a) noexcept {
    return is_multicast(a) && !is_link_local_group(a);
}
[[nodiscard]] constexpr bool is_forwardable_group(const Ipv6Address &a) noexcept {
    return is_multicast(a) && scope_of(a) >= 3;
}

// --- sources
// -------------------------------------------------------------------------------------------------

/// What a source address is, as far as forwarding cares (RFC 1812 5.3.7, RFC 3927 7, RFC 4291 2.5).
enum class SourceClass : std::uint8_t {
    kUsable,
    kUnspecified, ///< 0.0.0.0/8, ::
    kLoopback,    ///< 127.0.0.0/8, ::1
    kMulticast,   ///< 224.0.0.0/4, ff00::/8
    kBroadcast,   ///< 255.255.255.255
    kReserved,    ///< 240.0.0.0/4: a switch allows it
    kLinkLocal,   ///< 169.254.0.0/16: a switch allows it; fe80::/10: never
    kMapped,      ///< ::ffff:0:0/96
};

[[nodiscard]] constexpr SourceClass classify_source(Ipv4Address a) noexcept {
    const std::uint32_t host = to_host(a);
    if ((host & 0xff00'0000U) == 0)
        return SourceClass::kUnspecified;
    if ((host & 0xff00'0000U) == 0x7f00'0000U)
        return SourceClass::kLoopback;
    if (host == 0xffff'ffffU)
        return SourceClass::kBroadcast;
    if ((host & 0xf000'0000U) == 0xe000'0000U)
        return SourceClass::kMulticast;
    if ((host & 0xf000'0000U) == 0xf000'0000U)
        return SourceClass::kReserved;
    if ((host & 0xffff'0000U) == 0xa9fe'0000U)
        return SourceClass::kLinkLocal;
    return SourceClass::kUsable;
}

[[nodiscard]] constexpr SourceClass classify_source(const Ipv6Address &a) noexcept {
    if (a.octets[0] == 0xff)
        return SourceClass::kMulticast;
    if (a.octets[0] == 0xfe && (a.octets[1] & 0xc0U) == 0x80)
        return SourceClass::kLinkLocal;
    if (a.octets[0] != 0)
        return SourceClass::kUsable;
    for (std::size_t i = 0; i < 10; ++i)
        if (a.octets[i] != 0)
            return SourceClass::kUsable;
    if (a.octets[10] == 0xff && a.octets[11] == 0xff)
        return SourceClass::kMapped;
    for (std::size_t i = 10; i < 15; ++i)
        if (a.octets[i] != 0)
            return SourceClass::kUsable;
    if (a.octets[15] == 0)
        return SourceClass::kUnspecified;
    return a.octets[15] == 1 ? SourceClass::kLoopback : SourceClass::kUsable;
}

// --- layer 2
// -------------------------------------------------------------------------------------------------

/// 01:00:5e and the low 23 bits: bit 23 is not carried, 32 groups share each address (RFC
/// 1112 6.4).
[[nodiscard]] constexpr MacAddress group_mac(Ipv4Address group) noexcept {
    const std::uint32_t host = to_host(group);
    return MacAddress{{0x01, 0x00, 0x5e, static_cast<std::uint8_t>((host >> 16) & 0x7fU),
                       static_cast<std::uint8_t>(host >> 8), static_cast<std::uint8_t>(host)}};
}
/// 33:33 and the low 32 bits (RFC 2464 7).
[[nodiscard]] constexpr MacAddress group_mac(const Ipv6Address &group) noexcept {
    return MacAddress{
        {0x33, 0x33, group.octets[12], group.octets[13], group.octets[14], group.octets[15]}};
}

} // namespace mgm
