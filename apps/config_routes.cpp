// SPDX-License-Identifier: BSD-3-Clause
// [[neighbor]] and [[route]].
#include "apps/config_draft.hpp"
#include "mgm/address_class.hpp"
#include "mgm/table_writer.hpp"

#include <algorithm>

namespace apps {

namespace {

/// Tables of this schema that only a release with the group manager understands.
constexpr std::array<std::string_view, 3> kNeedsManager{"membership", "mroute", "protocol"};

std::optional<mgm::IfIndex> interface_of(const TableReader &table, Draft &draft, Position at,
                                         std::string_view name) {
    if (const mgm::InterfaceSpec *found = draft.find_interface(name))
        return found->index;
    draft.mistakes.add(at, "{}: there is no interface \"{}\"{}", table.title(), name,
                       draft.suggest_interface(name));
    return std::nullopt;
}

bool is_on_net_of(const mgm::InterfaceSpec &interface, const mgm::IpAddress &address) {
    return std::any_of(interface.addresses.begin(), interface.addresses.end(),
                       [&](const mgm::IpPrefix &net) { return net.contains(address); });
}

void read_neighbor(const toml::table &node, std::size_t number, Draft &draft) {
    TableReader table(node, fmt::format("[[neighbor]] number {}", number), draft.file,
                      draft.mistakes);
    for (const std::string_view key : {"interface", "address", "mac"})
        table.require(key);
    const std::optional<std::string> interface = table.text("interface");
    const std::optional<std::string> address_text = table.text("address");
    const std::optional<std::string> mac_text = table.text("mac");
    table.finish();
    if (!interface || !address_text || !mac_text)
        return;
    mgm::NeighborSpec spec;
    const auto index = interface_of(table, draft, table.at("interface"), *interface);
    const std::optional<mgm::IpAddress> address = mgm::IpAddress::parse(*address_text);
    const auto mac_mistake = station_mac_mistake(*mac_text);
    if (!address)
        draft.mistakes.add(table.at("address"), "{}: \"{}\" is not an IP address", table.title(),
                           *address_text);
    else if (const auto mistake = unicast_mistake(*address))
        draft.mistakes.add(table.at("address"), "{}: address {} {}", table.title(), *address,
                           *mistake);
    if (mac_mistake)
        draft.mistakes.add(table.at("mac"), "{}: mac \"{}\" {}", table.title(), *mac_text,
                           *mac_mistake);
    if (!index || !address || mac_mistake)
        return;
    draft.config.state.neighbors.push_back({*index, *address, *mgm::MacAddress::parse(*mac_text)});
    draft.neighbor_at.push_back(table.at());
}

void read_key(TableReader &table, Draft &draft, ParsedRoute &route) {
    table.require("group");
    if (const auto source = table.text("source"))
        if (const auto mistake = parse_source(*source, route.spec.key))
            draft.mistakes.add(table.at("source"), "{}: {}", table.title(), *mistake);
    const std::optional<std::string> group = table.text("group");
    if (!group)
        return;
    if (const auto mistake = parse_group(*group, route.spec.key))
        draft.mistakes.add(table.at("group"), "{}: {}", table.title(), *mistake);
    else
        route.has_group = true;
}

void read_next_hop(TableReader &oif, Draft &draft, const mgm::InterfaceSpec &interface,
                   mgm::OifSpec &spec) {
    const std::optional<std::string> text = oif.text("next_hop");
    if (!text)
        return;
    spec.next_hop = mgm::IpAddress::parse(*text);
    if (!spec.next_hop)
        draft.mistakes.add(oif.at("next_hop"), "{}: next_hop \"{}\" is not an IP address",
                           oif.title(), *text);
    else if (const auto mistake = unicast_mistake(*spec.next_hop))
        draft.mistakes.add(oif.at("next_hop"), "{}: next_hop {} {}", oif.title(), *spec.next_hop,
                           *mistake);
    else if (!is_on_net_of(interface, *spec.next_hop) &&
             mgm::classify_source(spec.next_hop->v6()) != mgm::SourceClass::kLinkLocal)
        draft.mistakes.add(oif.at("next_hop"), "{}: next_hop {} is on no network of interface {}",
                           oif.title(), *spec.next_hop, interface.name);
}

void read_oif(const toml::node &node, const TableReader &route_table, Draft &draft,
              ParsedRoute &route) {
    const Position at = route_table.at(node);
    if (const auto *name = node.as_string()) {
        if (const auto index = interface_of(route_table, draft, at, name->get()))
            route.spec.action.oifs.push_back({*index, 0, std::nullopt});
        return;
    }
    if (!node.is_table()) {
        draft.mistakes.add(at, "{}: oifs holds names or {{interface = \"…\"}} tables, this is {}",
                           route_table.title(), type_name(node));
        return;
    }
    TableReader oif(*node.as_table(), route_table.title(), draft.file, draft.mistakes);
    oif.require("interface");
    const std::optional<std::string> name = oif.text("interface");
    mgm::OifSpec spec;
    spec.ttl_threshold =
        oif.integer<std::uint16_t>("ttl_threshold", {0, mgm::kTtlThresholdBlock}).value_or(0);
    const auto index = name ? interface_of(oif, draft, oif.at("interface"), *name) : std::nullopt;
    if (index) {
        spec.interface = *index;
        read_next_hop(oif, draft, *draft.find_interface(*name), spec);
        route.spec.action.oifs.push_back(spec);
    }
    (void)oif.has("next_hop"); // known even where the interface is not
    oif.finish();
}

void read_route(const toml::table &node, std::size_t number, Draft &draft) {
    TableReader table(node, fmt::format("[[route]] number {}", number), draft.file, draft.mistakes);
    ParsedRoute route;
    read_key(table, draft, route);
    table.require("iifs");
    table.require("oifs");
    for (const TableReader::Element &iif : table.texts("iifs"))
        if (const auto index = interface_of(table, draft, iif.at, iif.text))
            route.spec.action.iifs.push_back(*index);
    if (const toml::array *oifs = table.array("oifs"))
        for (const toml::node &oif : *oifs)
            read_oif(oif, table, draft, route);
    table.finish();
    add_route(std::move(route), table.title(), table.at(), draft);
}

std::optional<std::string> common_vrf(const RouteInterfaces &interfaces, mgm::Vrf &vrf) {
    vrf = interfaces.front()->vrf;
    for (const mgm::InterfaceSpec *interface : interfaces)
        if (interface->vrf != vrf)
            return fmt::format("{} is in vrf {}, {} in vrf {}; a route stays in one",
                               interfaces.front()->name, static_cast<unsigned>(vrf),
                               interface->name, static_cast<unsigned>(interface->vrf));
    return std::nullopt;
}

} // namespace

std::optional<std::string> parse_source(std::string_view text, mgm::RouteKey &key) {
    const std::optional<mgm::IpPrefix> source = mgm::IpPrefix::parse(text);
    if (!source)
        return fmt::format("source \"{}\" is not an IP address", text);
    if (!source->is_host())
        return fmt::format(
            "source {} is a prefix, which needs the group manager; this version takes "
            "an address, or no source for any",
            *source);
    key.source = source->address;
    return std::nullopt;
}

std::optional<std::string> parse_group(std::string_view text, mgm::RouteKey &key) {
    const std::optional<mgm::IpPrefix> group = mgm::IpPrefix::parse(text);
    if (!group)
        return fmt::format("group \"{}\" is neither an address nor a range like \"239.1.0.0/16\"",
                           text);
    key.group = *group;
    if (const mgm::Result<void> valid = mgm::validate(key); !valid)
        return valid.error().what;
    return std::nullopt;
}

void add_route(ParsedRoute route, std::string_view title, Position at, Draft &draft) {
    const mgm::RouteAction &action = route.spec.action;
    RouteInterfaces interfaces;
    for (const mgm::IfIndex iif : action.iifs)
        interfaces.push_back(draft.find_interface(iif));
    for (const mgm::OifSpec &oif : action.oifs) {
        interfaces.push_back(draft.find_interface(oif.interface));
        if (std::find(action.iifs.begin(), action.iifs.end(), oif.interface) != action.iifs.end())
            draft.mistakes.add(at,
                               "{}: {} is both iif and oif; a packet never goes back out of the "
                               "interface it came from",
                               title, interfaces.back()->name);
    }
    if (action.iifs.empty())
        draft.mistakes.add(at, "{}: iifs is empty; name the interfaces the packets may arrive on",
                           title);
    if (interfaces.empty() || !route.has_group)
        return;
    if (const auto mistake = common_vrf(interfaces, route.spec.key.vrf))
        draft.mistakes.add(at, "{}: {}", title, *mistake);
    draft.config.state.routes.push_back(std::move(route.spec));
    draft.route_at.push_back(at);
}

void read_neighbors(TableReader &root, Draft &draft) {
    const std::vector<const toml::table *> tables = root.tables("neighbor");
    for (std::size_t i = 0; i < tables.size(); ++i)
        read_neighbor(*tables[i], i + 1, draft);
}

void read_routes(TableReader &root, Draft &draft) {
    for (const std::string_view key : kNeedsManager)
        if (const toml::node *node = root.node(key))
            draft.mistakes.add(root.at(*node),
                               "[[{}]] needs the group manager, which this version does not have",
                               key);
    const std::vector<const toml::table *> tables = root.tables("route");
    for (std::size_t i = 0; i < tables.size(); ++i)
        read_route(*tables[i], i + 1, draft);
    draft.config.inline_routes = draft.config.state.routes.size();
}

} // namespace apps
