// SPDX-License-Identifier: BSD-3-Clause
// [[interface]], each by itself; check_interfaces() compares them.
#include "apps/config_draft.hpp"
#include "mgm/address_class.hpp"

#include <algorithm>

namespace apps {

namespace {

constexpr std::uint16_t kMinMtu = 68;       // RFC 791 3.2
constexpr std::uint16_t kMinIpv6Mtu = 1280; // RFC 8200 5
constexpr std::uint16_t kMaxMtu = 9600;
constexpr std::size_t kLongestPortName = 63; // RTE_DEV_NAME_MAX_LEN
constexpr std::size_t kLongestPort = 1023;

/// Names stand in routes files between commas and blanks.
bool is_interface_name(std::string_view name) {
    return !name.empty() && name.size() < mgm::kInterfaceNameOctets &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return c > ' ' && c < 0x7f && c != ',' && c != '#' && c != '"' && c != '\\';
           });
}

std::optional<std::string> port_mistake(std::string_view port) {
    const std::string_view device = port.substr(0, port.find(','));
    if (device.empty())
        return "is empty; give devargs like \"net_af_packet0,iface=eth1\" or a PCI address";
    if (port.size() > kLongestPort || device.size() > kLongestPortName)
        return fmt::format("is too long: a device's name has at most {} characters, all of it {}",
                           kLongestPortName, kLongestPort);
    const bool printable =
        std::all_of(port.begin(), port.end(), [](char c) { return c > ' ' && c < 0x7f; });
    if (!printable)
        return "holds a blank or a character that is not printable ASCII";
    return std::nullopt;
}

void read_name(TableReader &table, Draft &draft, mgm::InterfaceSpec &spec) {
    table.require("name");
    const std::optional<std::string> name = table.text("name");
    if (!name)
        return;
    spec.name = *name;
    if (!is_interface_name(*name))
        draft.mistakes.add(table.at("name"),
                           "{}: name \"{}\" must be 1..{} printable characters without blank, "
                           "comma, #, quote or backslash",
                           table.title(), *name, mgm::kInterfaceNameOctets - 1);
    else
        table.set_title(fmt::format("interface {}", *name));
}

void read_port(TableReader &table, Draft &draft, mgm::InterfaceSpec &spec) {
    table.require("port");
    spec.vlan = table.integer<std::uint16_t>("vlan", {0, 4094}).value_or(0);
    const std::optional<std::string> port = table.text("port");
    if (!port)
        return;
    if (const auto mistake = port_mistake(*port))
        draft.mistakes.add(table.at("port"), "{}: port {}", table.title(), *mistake);
    else
        spec.port = *port;
}

std::optional<std::string> address_mistake(const mgm::IpPrefix &prefix) {
    if (const auto mistake = unicast_mistake(prefix.address))
        return std::string(*mistake);
    if (prefix.length == 0)
        return "must have a prefix length above 0";
    // RFC 3021: a /31 has neither network nor broadcast address
    if (prefix.family() != mgm::Family::kIpv4 || prefix.length >= 31)
        return std::nullopt;
    const std::uint32_t host = mgm::to_host(prefix.address.v4());
    const std::uint32_t host_bits = 0xffff'ffffU >> prefix.length;
    if ((host & host_bits) == 0)
        return "is the address of the network itself, not of a host in it";
    if ((host & host_bits) == host_bits)
        return "is the broadcast address of its network";
    return std::nullopt;
}

void read_addresses(TableReader &table, Draft &draft, mgm::InterfaceSpec &spec) {
    for (const TableReader::Element &element : table.texts("addresses")) {
        const std::optional<mgm::IpPrefix> prefix = mgm::IpPrefix::parse(element.text);
        if (!prefix) {
            draft.mistakes.add(element.at,
                               "{}: \"{}\" is not an address like \"198.51.100.1/28\" or "
                               "\"2001:db8:1::1/64\"",
                               table.title(), element.text);
            continue;
        }
        if (const auto mistake = address_mistake(*prefix))
            draft.mistakes.add(element.at, "{}: address {} {}", table.title(), *prefix, *mistake);
        else
            spec.addresses.push_back(*prefix);
    }
}

void read_boundaries(TableReader &table, Draft &draft, mgm::InterfaceSpec &spec) {
    for (const TableReader::Element &element : table.texts("boundaries")) {
        const std::optional<mgm::IpPrefix> range = mgm::IpPrefix::parse(element.text);
        if (!range)
            draft.mistakes.add(element.at,
                               "{}: boundary \"{}\" is not a range of groups like "
                               "\"239.255.0.0/16\"",
                               table.title(), element.text);
        else if (*range != range->network())
            draft.mistakes.add(element.at, "{}: boundary {} has bits behind its length; write {}",
                               table.title(), *range, range->network());
        else if (!is_group_range(*range))
            draft.mistakes.add(element.at,
                               "{}: boundary {} does not lie in 224.0.0.0/4 or ff00::/8",
                               table.title(), *range);
        else
            spec.boundaries.push_back(*range);
    }
    // RFC 4007: 2 (link-local) and below never cross a router anyway
    spec.scope_boundary = table.integer<std::uint8_t>("scope_boundary", {0, 14}).value_or(0);
}

void read_mac(TableReader &table, Draft &draft, mgm::InterfaceSpec &spec) {
    spec.mac = draft.config.router_mac;
    const std::optional<std::string> own = table.text("mac");
    const std::optional<std::string> shared = table.text("router_mac");
    if (own && shared)
        draft.mistakes.add(table.at("router_mac"),
                           "{}: mac and router_mac exclude each other: mac is this interface's "
                           "alone, router_mac may be set on several",
                           table.title());
    const std::string_view key = own ? "mac" : "router_mac";
    const std::optional<std::string> &text = own ? own : shared;
    if (!text)
        return;
    if (const auto mistake = station_mac_mistake(*text))
        draft.mistakes.add(table.at(key), "{}: {} \"{}\" {}", table.title(), key, *text, *mistake);
    else
        spec.mac = mgm::MacAddress::parse(*text);
}

void read_mtu(TableReader &table, Draft &draft, mgm::InterfaceSpec &spec) {
    spec.mtu = table.integer<std::uint16_t>("mtu", {kMinMtu, kMaxMtu}).value_or(spec.mtu);
    const bool has_ipv6 =
        std::any_of(spec.addresses.begin(), spec.addresses.end(),
                    [](const mgm::IpPrefix &a) { return a.family() == mgm::Family::kIpv6; });
    if (has_ipv6 && spec.mtu < kMinIpv6Mtu)
        draft.mistakes.add(table.at("mtu"),
                           "{}: mtu = {} is below {}, which IPv6 needs (it has an IPv6 address)",
                           table.title(), spec.mtu, kMinIpv6Mtu);
}

void read_interface(const toml::table &node, std::size_t number, Draft &draft) {
    TableReader table(node, fmt::format("[[interface]] number {}", number), draft.file,
                      draft.mistakes);
    mgm::InterfaceSpec spec;
    read_name(table, draft, spec);
    table.require("index");
    spec.index = static_cast<mgm::IfIndex>(
        table.integer<std::uint32_t>("index", {1, std::numeric_limits<std::uint32_t>::max()})
            .value_or(0));
    read_port(table, draft, spec);
    spec.vrf = static_cast<mgm::Vrf>(table.integer<std::uint16_t>("vrf", {0, 65535}).value_or(0));
    read_addresses(table, draft, spec);
    read_mac(table, draft, spec);
    read_mtu(table, draft, spec);
    spec.ttl_threshold = table.integer<std::uint16_t>("ttl_threshold", {0, mgm::kTtlThresholdBlock})
                             .value_or(spec.ttl_threshold);
    read_boundaries(table, draft, spec);
    table.finish();
    const auto position = static_cast<std::uint32_t>(draft.config.state.interfaces.size());
    draft.interface_by_name.try_emplace(spec.name, position);
    draft.config.state.interfaces.push_back(std::move(spec));
    draft.interface_at.push_back(table.at());
}

} // namespace

namespace {

mgm::SourceClass classify(const mgm::IpAddress &address) {
    return address.family() == mgm::Family::kIpv4 ? mgm::classify_source(address.v4())
                                                  : mgm::classify_source(address.v6());
}

} // namespace

bool is_link_local(const mgm::IpAddress &address) {
    return classify(address) == mgm::SourceClass::kLinkLocal;
}

std::optional<std::string_view> unicast_mistake(const mgm::IpAddress &address) {
    switch (classify(address)) {
    case mgm::SourceClass::kUsable:
    case mgm::SourceClass::kLinkLocal:
        return std::nullopt;
    case mgm::SourceClass::kUnspecified:
        return "is unspecified; a host's unicast address is needed";
    case mgm::SourceClass::kLoopback:
        return "is a loopback address, which is never on a wire";
    case mgm::SourceClass::kMulticast:
        return "is a multicast group, not the address of a host";
    case mgm::SourceClass::kBroadcast:
        return "is the broadcast address, not the address of a host";
    case mgm::SourceClass::kReserved:
        return "is reserved (240.0.0.0/4)";
    case mgm::SourceClass::kMapped:
        return "is an IPv4-mapped address, which is never on a wire";
    }
    return std::nullopt;
}

bool is_group_range(const mgm::IpPrefix &range) {
    const bool is_ipv4 = range.family() == mgm::Family::kIpv4;
    return range.length >= (is_ipv4 ? 4 : 8) && (is_ipv4 ? mgm::is_multicast(range.address.v4())
                                                         : mgm::is_multicast(range.address.v6()));
}

const mgm::InterfaceSpec *Draft::find_interface(std::string_view name) const {
    const auto found = interface_by_name.find(name);
    return found == interface_by_name.end() ? nullptr : &config.state.interfaces[found->second];
}

std::string Draft::suggest_interface(std::string_view name) const {
    std::vector<std::string_view> names;
    for (const mgm::InterfaceSpec &spec : config.state.interfaces)
        names.emplace_back(spec.name);
    const std::optional<std::string_view> meant = nearest(name, names);
    return meant ? fmt::format("; did you mean {}?", *meant) : "";
}

void read_interfaces(TableReader &root, Draft &draft) {
    const std::vector<const toml::table *> tables = root.tables("interface");
    if (!root.has("interface"))
        draft.mistakes.add({0, 0, draft.file},
                           "there is no [[interface]]; a router needs at least one");
    draft.config.state.interfaces.reserve(tables.size());
    for (std::size_t i = 0; i < tables.size(); ++i)
        read_interface(*tables[i], i + 1, draft);
}

const mgm::InterfaceSpec *read_interface_of(TableReader &table, Draft &draft) {
    table.require("interface");
    const std::optional<std::string> name = table.text("interface");
    if (!name)
        return nullptr;
    const mgm::InterfaceSpec *interface = draft.find_interface(*name);
    if (interface == nullptr)
        draft.mistakes.add(table.at("interface"), "{}: there is no interface {}{}", table.title(),
                           *name, draft.suggest_interface(*name));
    return interface;
}

} // namespace apps
