// SPDX-License-Identifier: BSD-3-Clause
#include "manager_world.hpp"

#include <algorithm>
#include <span>
#include <string_view>

namespace mgm_test {
namespace {

using control::RibRoute;
using control::manager::Key;
using control::manager::Link;
using mgm::Family;
using mgm::IpAddress;

IpAddress address(std::string_view text) {
    return IpAddress::parse(text).value();
}

constexpr std::array<Shape, kKeys> kShapes{{
    {Family::kIpv4, 0, 0},
    {Family::kIpv4, 1, 0},
    {Family::kIpv4, 2, 0},
    {Family::kIpv4, 1, 1},
    {Family::kIpv4, 1, 2},
    {Family::kIpv4, 2, 1},
    {Family::kIpv4, 2, 2},
    {Family::kIpv4, 3, 1, true},
    {Family::kIpv6, 0, 0},
    {Family::kIpv6, 4, 0},
    {Family::kIpv6, 4, 3},
    {Family::kIpv4, 3, 0, true}, // nobody may join it
}};

struct Destination {
    std::uint32_t interface;
    std::string_view neighbor; ///< empty: connected
};
constexpr std::array<Destination, kRoutes> kIpv4Routes{{{0, ""},
                                                        {11, ""},
                                                        {12, "10.12.0.9"},
                                                        {9, "10.9.0.1"},
                                                        {9, "10.9.0.99"},
                                                        {14, ""},
                                                        {11, "10.11.0.9"},
                                                        {9, "10.9.0.2"}}};
constexpr std::array<Destination, 4> kIpv6Routes{
    {{0, ""}, {11, ""}, {12, "fe80::9"}, {11, "fe80::7"}}};

template <class Table, class Value>
int position(const Table &table, const Value &value) {
    const auto found = std::find(table.begin(), table.end(), value);
    return found == table.end() ? kNone : static_cast<int>(found - table.begin());
}

const std::array<Link, kLinks> &links() {
    const auto at = [](std::uint32_t interface, std::string_view next_hop) {
        return Link{mgm::IfIndex{interface}, address(next_hop)};
    };
    static const std::array<Link, kLinks> table{
        at(9, "0.0.0.0"),  at(9, "10.9.0.1"), at(9, "10.9.0.2"), at(11, "0.0.0.0"), at(11, "::"),
        at(12, "0.0.0.0"), at(12, "::"),      at(13, "0.0.0.0"), at(14, "0.0.0.0")};
    return table;
}

const std::array<IpAddress, kSources> &sources() {
    static const std::array<IpAddress, kSources> table{
        address("0.0.0.0"), address("10.77.3.5"), address("10.77.9.5"), address("2001:db8:77::5")};
    return table;
}

const std::array<Key, kKeys> &keys() {
    static const std::array<Key, kKeys> table = [] {
        const std::array<IpAddress, 5> groups{address("0.0.0.0"), address("239.255.3.7"),
                                              address("225.1.128.9"), address("232.5.5.5"),
                                              address("ff1e::37")};
        std::array<Key, kKeys> made;
        for (std::size_t i = 0; i < kKeys; ++i) {
            const Shape &shape = kShapes.at(i);
            const IpAddress any = control::manager::any_of(shape.family);
            made.at(i).group =
                shape.group == 0 ? any : groups.at(static_cast<std::size_t>(shape.group));
            made.at(i).source = shape.source == 0 ? any : source(shape.source);
        }
        return made;
    }();
    return table;
}

} // namespace

const Link &link(int number) {
    return links().at(static_cast<std::size_t>(number));
}
int number_of(const Link &link) {
    return position(links(), link);
}

int plain_link(std::uint32_t interface, Family family) {
    return number_of(Link{mgm::IfIndex{interface}, control::manager::any_of(family)});
}

const Shape &shape(int key) {
    return kShapes.at(static_cast<std::size_t>(key));
}
const Key &key(int number) {
    return keys().at(static_cast<std::size_t>(number));
}
int number_of(const Key &key) {
    return position(keys(), key);
}

bool is_flow(int key) {
    return shape(key).source != 0;
}

bool matches(int key, int flow) {
    const Shape &k = shape(key);
    const Shape &f = shape(flow);
    if (key == flow)
        return true;
    return k.family == f.family && k.source == 0 && (k.group == 0 || k.group == f.group) &&
           !f.is_ssm;
}

int find_key(Family family, int group, int source) {
    for (int i = 0; i < kKeys; ++i)
        if (shape(i).family == family && shape(i).group == group && shape(i).source == source)
            return i;
    return kNone;
}

Mask keys_of_group(Family family, int group) {
    Mask keys = 0;
    for (int i = 0; i < kKeys; ++i)
        if (shape(i).family == family && shape(i).group == group)
            keys |= bit(i);
    return keys;
}

const IpAddress &source(int number) {
    return sources().at(static_cast<std::size_t>(number));
}
int source_number(const IpAddress &address) {
    return position(sources(), address);
}

std::optional<RibRoute> route(int source, int option) {
    const IpAddress &address_of_source = mgm_test::source(source);
    const std::span<const Destination> table = address_of_source.family() == Family::kIpv4
                                                   ? std::span<const Destination>(kIpv4Routes)
                                                   : std::span<const Destination>(kIpv6Routes);
    const Destination &to = table[static_cast<std::size_t>(option) % table.size()];
    if (to.interface == 0)
        return std::nullopt;
    RibRoute result;
    result.prefix = {address_of_source, static_cast<std::uint8_t>(address_of_source.bits())};
    result.interface = mgm::IfIndex{to.interface};
    if (!to.neighbor.empty())
        result.neighbor = address(to.neighbor);
    return result;
}

const StaticShape &static_shape(int number) {
    static constexpr std::array<StaticShape, kStaticRoutes> kTable{{
        {Family::kIpv4, 0, 0},
        {Family::kIpv4, 0, kLowGroups},
        {Family::kIpv4, 0, kHighGroups},
        {Family::kIpv4, 0, 1},
        {Family::kIpv4, 0, 2},
        {Family::kIpv4, kSomeSources, 0},
        {Family::kIpv4, kSomeSources, 1},
        {Family::kIpv4, 1, 1},
        {Family::kIpv4, 2, 1},
        {Family::kIpv4, 1, 2},
        {Family::kIpv4, 1, 3},
        {Family::kIpv4, 1, kHighGroups},
        {Family::kIpv6, 0, 0},
        {Family::kIpv6, 3, 4},
        {Family::kIpv6, 0, 4},
        {Family::kIpv4, kSomeSources, 3},
    }};
    return kTable.at(static_cast<std::size_t>(number));
}

mgm::IpPrefix source_prefix(const StaticShape &shape) {
    if (shape.source == kSomeSources)
        return {address("10.77.0.0"), 16};
    if (shape.source == 0)
        return {control::manager::any_of(shape.family), 0};
    return {source(shape.source), static_cast<std::uint8_t>(source(shape.source).bits())};
}

mgm::IpPrefix group_prefix(Family family, int group) {
    if (group > 0) {
        const IpAddress host = key(find_key(family, group, 0) != kNone ? find_key(family, group, 0)
                                                                       : find_key(family, group, 1))
                                   .group;
        return {host, static_cast<std::uint8_t>(host.bits())};
    }
    if (group == kLowGroups || group == kHighGroups)
        return {address(group == kLowGroups ? "224.0.0.0" : "232.0.0.0"), 5};
    return family == Family::kIpv4 ? mgm::IpPrefix{address("224.0.0.0"), 4}
                                   : mgm::IpPrefix{address("ff00::"), 8};
}

bool is_of(const StaticShape &shape, int flow) {
    const Key &data = key(flow);
    return mgm_test::shape(flow).family == shape.family &&
           source_prefix(shape).contains(data.source) &&
           group_prefix(shape.family, shape.group).contains(data.group);
}

std::string name_of_link(int number) {
    if (number == kNone)
        return "-";
    return fmt::format("({},{})", link(number).interface, link(number).next_hop);
}

std::string name_of_key(int number) {
    if (number == kNone)
        return "-";
    const Shape &s = shape(number);
    const std::string group = s.group == 0 ? "*" : "G" + std::to_string(s.group);
    const std::string source = s.source == 0 ? "*" : "S" + std::to_string(s.source);
    return fmt::format("({},{}){}", source, group, s.family == Family::kIpv6 ? "6" : "");
}

} // namespace mgm_test
