// SPDX-License-Identifier: BSD-3-Clause
// The vocabulary of addresses and interface names that every folder shares. Values only: no DPDK,
// no I/O.
//
// Byte order: every address is kept in network byte order, as it stands in a packet.
#pragma once

#include <fmt/format.h>

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace mgm {

/// The operator's stable number of an interface (`index = …`). It is not a DPDK port id, and
/// survives the port.
enum class IfIndex : std::uint32_t {};

/// Dense position of an interface in the shared interface table. 0 is never an interface.
enum class IfSlot : std::uint32_t {};
inline constexpr IfSlot kNoSlot{0};

/// Multicast routing instance. 0 is the default.
enum class Vrf : std::uint16_t {};

enum class Family : std::uint8_t { kIpv4 = 4, kIpv6 = 6 };

/// Ethernet address in wire order.
struct MacAddress {
    std::array<std::uint8_t, 6> octets{};

    /// "02:00:00:00:03:02"; nothing else is accepted.
    static std::optional<MacAddress> parse(std::string_view text);
    [[nodiscard]] constexpr bool is_group() const noexcept { return (octets[0] & 1U) != 0; }
    friend constexpr auto operator<=>(const MacAddress &, const MacAddress &) = default;
};

struct Ipv4Address {
    std::uint32_t be = 0; ///< network byte order

    friend constexpr auto operator<=>(const Ipv4Address &, const Ipv4Address &) = default;
};

struct Ipv6Address {
    std::array<std::uint8_t, 16> octets{};

    friend constexpr auto operator<=>(const Ipv6Address &, const Ipv6Address &) = default;
};

template <Family F>
struct AddressOf;
template <>
struct AddressOf<Family::kIpv4> {
    using type = Ipv4Address;
    static constexpr unsigned kBits = 32;
};
template <>
struct AddressOf<Family::kIpv6> {
    using type = Ipv6Address;
    static constexpr unsigned kBits = 128;
};

/// The address type of a family, for code that is one template for both.
template <Family F>
using Address = typename AddressOf<F>::type;
template <Family F>
inline constexpr unsigned kAddressBits = AddressOf<F>::kBits;

/// An address of either family, for the control path. IPv4 fills the first four octets, the rest
/// stay zero.
class IpAddress {
public:
    constexpr IpAddress() noexcept = default;
    explicit IpAddress(Ipv4Address address) noexcept;
    explicit IpAddress(Ipv6Address address) noexcept;

    /// Dotted quad or RFC 4291 text; no zone, no prefix length.
    static std::optional<IpAddress> parse(std::string_view text);

    [[nodiscard]] constexpr Family family() const noexcept { return family_; }
    [[nodiscard]] constexpr unsigned bits() const noexcept {
        return family_ == Family::kIpv4 ? 32 : 128;
    }
    [[nodiscard]] constexpr const std::array<std::uint8_t, 16> &octets() const noexcept {
        return octets_;
    }
    [[nodiscard]] Ipv4Address v4() const noexcept; ///< only when family() is kIpv4
    [[nodiscard]] Ipv6Address v6() const noexcept; ///< only when family() is kIpv6
    template <Family F>
    [[nodiscard]] Address<F> as() const noexcept {
        if constexpr (F == Family::kIpv4)
            return v4();
        else
            return v6();
    }
    friend constexpr auto operator<=>(const IpAddress &, const IpAddress &) = default;

private:
    Family family_ = Family::kIpv4;
    std::array<std::uint8_t, 16> octets_{};
};

/// An address with a length. The bits behind the length are kept as given: an interface's
/// "198.51.100.1/28" is one too.
struct IpPrefix {
    IpAddress address;
    std::uint8_t length = 0;

    /// "a/len", or an address alone, which means its full length.
    static std::optional<IpPrefix> parse(std::string_view text);
    [[nodiscard]] Family family() const noexcept { return address.family(); }
    [[nodiscard]] bool is_host() const noexcept { return length == address.bits(); }
    /// The same length with every bit behind it cleared.
    [[nodiscard]] IpPrefix network() const noexcept;
    /// False for another family.
    [[nodiscard]] bool contains(const IpAddress &other) const noexcept;
    friend constexpr auto operator<=>(const IpPrefix &, const IpPrefix &) = default;
};

std::string to_string(const MacAddress &mac);
std::string to_string(Ipv4Address address);
std::string to_string(const Ipv6Address &address);
std::string to_string(const IpAddress &address);
std::string to_string(const IpPrefix &prefix);

} // namespace mgm

/// All of them print through fmt; interfaces as "if3".
template <>
struct fmt::formatter<mgm::MacAddress> : fmt::formatter<std::string_view> {
    auto format(const mgm::MacAddress &v, format_context &c) const {
        return formatter<std::string_view>::format(mgm::to_string(v), c);
    }
};
template <>
struct fmt::formatter<mgm::Ipv4Address> : fmt::formatter<std::string_view> {
    auto format(mgm::Ipv4Address v, format_context &c) const {
        return formatter<std::string_view>::format(mgm::to_string(v), c);
    }
};
template <>
struct fmt::formatter<mgm::Ipv6Address> : fmt::formatter<std::string_view> {
    auto format(const mgm::Ipv6Address &v, format_context &c) const {
        return formatter<std::string_view>::format(mgm::to_string(v), c);
    }
};
template <>
struct fmt::formatter<mgm::IpAddress> : fmt::formatter<std::string_view> {
    auto format(const mgm::IpAddress &v, format_context &c) const {
        return formatter<std::string_view>::format(mgm::to_string(v), c);
    }
};
template <>
struct fmt::formatter<mgm::IpPrefix> : fmt::formatter<std::string_view> {
    auto format(const mgm::IpPrefix &v, format_context &c) const {
        return formatter<std::string_view>::format(mgm::to_string(v), c);
    }
};
template <>
struct fmt::formatter<mgm::IfIndex> : fmt::formatter<std::string_view> {
    auto format(mgm::IfIndex v, format_context &c) const {
        return formatter<std::string_view>::format(
            "if" + std::to_string(static_cast<std::uint32_t>(v)), c);
    }
};
