// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmctl_text.hpp"

#include "control/rpc/segment_pages.hpp"
#include "mgm/types.hpp"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <cstring>

namespace apps {

InterfaceNames names_of(const std::vector<mgm::v1::Interface> &interfaces) {
    InterfaceNames names;
    for (const mgm::v1::Interface &interface : interfaces)
        names.emplace(interface.index(), interface.name());
    return names;
}

std::string name_of(const InterfaceNames &names, std::uint32_t index) {
    const auto at = names.find(index);
    return at == names.end() ? fmt::format("{}", mgm::IfIndex{index}) : at->second;
}

std::string address_text(std::string_view octets) {
    const auto address = control::rpc::address_of(octets);
    return address ? mgm::to_string(*address) : "?";
}

std::string prefix_text(const mgm::v1::Prefix &prefix) {
    return fmt::format("{}/{}", address_text(prefix.address()), prefix.length());
}

std::string group_text(const mgm::v1::Prefix &group) {
    const std::size_t octets = group.address().size();
    if (group.length() == octets * 8)
        return address_text(group.address());
    // 224.0.0.0/4 and ff00::/8 are every group of their family
    const std::uint32_t every = octets == sizeof(mgm::Ipv4Address::be) ? 4 : 8;
    return group.length() <= every ? "*" : prefix_text(group);
}

std::string route_text(const mgm::v1::Route &route) {
    const std::string source = route.source().empty() ? "*" : address_text(route.source());
    const std::string vrf = route.vrf() == 0 ? "" : fmt::format(" vrf {}", route.vrf());
    return fmt::format("({},{}){}", source, group_text(route.group()), vrf);
}

std::string mac_text(std::string_view octets) {
    mgm::MacAddress mac;
    if (octets.size() != mac.octets.size())
        return "?";
    std::memcpy(mac.octets.data(), octets.data(), octets.size());
    return mgm::to_string(mac);
}

std::string_view state_text(mgm::v1::LinkState state) {
    switch (state) {
    case mgm::v1::LINK_STATE_PENDING:
        return "pending";
    case mgm::v1::LINK_STATE_DOWN:
        return "down";
    case mgm::v1::LINK_STATE_UP:
        return "up";
    default:
        return "unknown";
    }
}

std::string duration_text(std::uint64_t seconds) {
    constexpr std::uint64_t kDay = 86400;
    const std::string clock =
        fmt::format("{:02}:{:02}:{:02}", seconds % kDay / 3600, seconds % 3600 / 60, seconds % 60);
    return seconds < kDay ? clock : fmt::format("{} d {}", seconds / kDay, clock);
}

std::string count_text(std::uint64_t value) {
    return fmt::format("{}", value);
}

std::string si_text(double value) {
    static constexpr std::array<std::string_view, 5> kPrefixes{"", "k", "M", "G", "T"};
    std::size_t prefix = 0;
    while (std::abs(value) >= 999.5 && prefix + 1 < kPrefixes.size()) {
        value /= 1000;
        ++prefix;
    }
    if (prefix == 0)
        return fmt::format("{:.0f}", value);
    const int decimals = value < 9.995 ? 2 : value < 99.95 ? 1 : 0;
    return fmt::format("{:.{}f} {}", value, decimals, kPrefixes[prefix]);
}

void append_item(std::string &list, char separator, std::string_view item) {
    if (!list.empty())
        list += separator;
    list += item;
}

} // namespace apps
