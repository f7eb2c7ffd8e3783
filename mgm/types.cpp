// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/types.hpp"

#include <charconv>
#include <cstring>

#include <arpa/inet.h>

namespace mgm {

namespace {

std::optional<unsigned> parse_unsigned(std::string_view text, int base) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size())
        return std::nullopt;
    return value;
}

} // namespace

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
    constexpr std::size_t kTextLength = 17;
    if (text.size() != kTextLength)
        return std::nullopt;
    MacAddress mac;
    for (std::size_t i = 0; i < mac.octets.size(); ++i) {
        if (i != 0 && text[i * 3 - 1] != ':')
            return std::nullopt;
        const std::optional<unsigned> octet = parse_unsigned(text.substr(i * 3, 2), 16);
        if (!octet)
            return std::nullopt;
        mac.octets[i] = static_cast<std::uint8_t>(*octet);
    }
    return mac;
}

IpAddress::IpAddress(Ipv4Address address) noexcept {
    std::memcpy(octets_.data(), &address.be, sizeof address.be);
}

IpAddress::IpAddress(Ipv6Address address) noexcept
    : family_(Family::kIpv6), octets_(address.octets) {}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
    const std::string terminated(text); // inet_pton wants a C string
    if (terminated.size() != std::strlen(terminated.c_str()))
        return std::nullopt; // a NUL inside would hide what follows it
    Ipv4Address v4;
    if (inet_pton(AF_INET, terminated.c_str(), &v4.be) == 1)
        return IpAddress(v4);
    Ipv6Address v6;
    if (inet_pton(AF_INET6, terminated.c_str(), v6.octets.data()) == 1)
        return IpAddress(v6);
    return std::nullopt;
}

Ipv4Address IpAddress::v4() const noexcept {
    Ipv4Address address;
    std::memcpy(&address.be, octets_.data(), sizeof address.be);
    return address;
}

Ipv6Address IpAddress::v6() const noexcept {
    return Ipv6Address{octets_};
}

std::optional<IpPrefix> IpPrefix::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const std::optional<IpAddress> address = IpAddress::parse(text.substr(0, slash));
    if (!address)
        return std::nullopt;
    if (slash == std::string_view::npos)
        return IpPrefix{*address, static_cast<std::uint8_t>(address->bits())};
    const std::optional<unsigned> length = parse_unsigned(text.substr(slash + 1), 10);
    if (!length || *length > address->bits())
        return std::nullopt;
    return IpPrefix{*address, static_cast<std::uint8_t>(*length)};
}

IpPrefix IpPrefix::network() const noexcept {
    std::array<std::uint8_t, 16> octets = address.octets();
    for (unsigned bit = length; bit < address.bits(); ++bit)
        octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] & ~(0x80U >> (bit % 8)));
    if (family() == Family::kIpv6)
        return IpPrefix{IpAddress(Ipv6Address{octets}), length};
    Ipv4Address v4;
    std::memcpy(&v4.be, octets.data(), sizeof v4.be);
    return IpPrefix{IpAddress(v4), length};
}

bool IpPrefix::contains(const IpAddress &other) const noexcept {
    return other.family() == family() &&
           IpPrefix{other, length}.network().address == network().address;
}

std::string to_string(const MacAddress &mac) {
    return fmt::format("{:02x}", fmt::join(mac.octets, ":"));
}

std::string to_string(Ipv4Address address) {
    std::array<char, INET_ADDRSTRLEN> text{};
    inet_ntop(AF_INET, &address.be, text.data(), text.size());
    return text.data();
}

std::string to_string(const Ipv6Address &address) {
    std::array<char, INET6_ADDRSTRLEN> text{};
    inet_ntop(AF_INET6, address.octets.data(), text.data(), text.size());
    return text.data();
}

std::string to_string(const IpAddress &address) {
    return address.family() == Family::kIpv4 ? to_string(address.v4()) : to_string(address.v6());
}

std::string to_string(const IpPrefix &prefix) {
    return fmt::format("{}/{}", to_string(prefix.address), prefix.length);
}

} // namespace mgm
