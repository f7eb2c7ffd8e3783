// SPDX-License-Identifier: BSD-3-Clause
// Config -> TOML, every default spelled out.
#include "apps/config.hpp"
#include "apps/config_manager.hpp"

#include <fmt/format.h>

#include <iterator>
#include <unordered_map>

namespace apps {

namespace {

using Names = std::unordered_map<mgm::IfIndex, std::string>;

/// A TOML basic string.
std::string quoted(std::string_view text) {
    std::string out = "\"";
    for (const char c : text) {
        if (c == '"' || c == '\\')
            out += '\\';
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
            out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        else
            out += c;
    }
    return out + '"';
}

template <class List, class Text>
std::string listed(const List &list, Text text) {
    std::string out;
    for (const auto &element : list)
        out += (out.empty() ? "" : ", ") + text(element);
    return "[" + out + "]";
}

std::string prefixes(const std::vector<mgm::IpPrefix> &list) {
    return listed(list, [](const mgm::IpPrefix &p) { return fmt::format("\"{}\"", p); });
}

using Output = std::back_insert_iterator<std::string>;

void print_settings(const Config &config, Output out) {
    if (!config.routes_files.empty())
        fmt::format_to(out, "routes_file = {}\n\n", listed(config.routes_files, quoted));
    fmt::format_to(out, "[mgmd]\nname = {}\nworkers = {}\nidle = \"{}\"\nsocket = {}\n",
                   quoted(config.name), config.geometry.workers,
                   config.idle == dataplane::Idle::kPoll ? "poll" : "adaptive",
                   quoted(config.socket_path));
    if (config.router_mac)
        fmt::format_to(out, "router_mac = \"{}\"\n", *config.router_mac);
    fmt::format_to(out, "\n[eal]\nargs = {}\n", listed(config.eal_args, quoted));
    const mgm::Geometry &g = config.geometry;
    fmt::format_to(out,
                   "\n[capacity]\ninterfaces = {}\nneighbors = {}\nvrfs = {}\nipv4_entries = {}\n"
                   "ipv6_entries = {}\nipv4_ranges = {}\nipv6_ranges = {}\nolist_mib = {}\n"
                   "mbufs = {}\nrx_descriptors = {}\ntx_descriptors = {}\n",
                   g.interfaces, g.neighbors, g.vrfs, g.ipv4_entries, g.ipv6_entries, g.ipv4_ranges,
                   g.ipv6_ranges, g.block_units / kBlockUnitsPerMib, config.mbufs,
                   config.rx_descriptors, config.tx_descriptors);
    const dataplane::Policy &p = config.policy;
    fmt::format_to(
        out,
        "\n[forwarding]\nallow_reserved_sources = {}\nallow_link_local_sources = {}\n"
        "strict_group_mac = {}\nprocess_hop_by_hop = {}\nicmpv6_errors_per_second = {}\n",
        p.allow_reserved_sources, p.allow_link_local_sources, p.strict_group_mac,
        p.process_hop_by_hop, p.icmpv6_errors_per_second);
}

void print_interface(const mgm::InterfaceSpec &spec, const Config &config, Output out) {
    fmt::format_to(out,
                   "\n[[interface]]\nname = {}\nindex = {}\nport = {}\nvlan = {}\nvrf = {}\n"
                   "addresses = {}\nmtu = {}\nttl_threshold = {}\nboundaries = {}\n"
                   "scope_boundary = {}\n",
                   quoted(spec.name), static_cast<std::uint32_t>(spec.index), quoted(spec.port),
                   spec.vlan, static_cast<unsigned>(spec.vrf), prefixes(spec.addresses), spec.mtu,
                   spec.ttl_threshold, prefixes(spec.boundaries), spec.scope_boundary);
    if (spec.mac && spec.mac != config.router_mac)
        fmt::format_to(out, "router_mac = \"{}\"\n", *spec.mac);
}

std::string oif_text(const mgm::OifSpec &oif, const Names &names) {
    if (oif.ttl_threshold == 0 && !oif.next_hop)
        return quoted(names.at(oif.interface));
    const std::string next_hop =
        oif.next_hop ? fmt::format(", next_hop = \"{}\"", *oif.next_hop) : "";
    return fmt::format("{{interface = {}, ttl_threshold = {}{}}}", quoted(names.at(oif.interface)),
                       oif.ttl_threshold, next_hop);
}

void print_route(const mgm::RouteSpec &route, const Names &names, Output out) {
    fmt::format_to(out, "\n[[route]]\n");
    if (route.key.source)
        fmt::format_to(out, "source = \"{}\"\n", *route.key.source);
    else if (route.source_range)
        fmt::format_to(out, "source = \"{}\"\n", *route.source_range);
    const std::string group = route.key.group.is_host() ? mgm::to_string(route.key.group.address)
                                                        : mgm::to_string(route.key.group);
    fmt::format_to(out, "group = \"{}\"\n", group);
    if (!route.action.iifs.empty())
        fmt::format_to(out, "iifs = {}\n", listed(route.action.iifs, [&](mgm::IfIndex index) {
                           return quoted(names.at(index));
                       }));
    fmt::format_to(
        out, "oifs = {}\nper_source = {}\n",
        listed(route.action.oifs, [&](const mgm::OifSpec &oif) { return oif_text(oif, names); }),
        route.is_per_source);
}

void print_groups(const Config &config, const Names &names, Output out) {
    for (const mgm::MembershipSpec &membership : config.state.memberships) {
        fmt::format_to(out, "\n[[membership]]\ninterface = {}\ngroup = \"{}\"\n",
                       quoted(names.at(membership.interface)), membership.group);
        if (membership.source)
            fmt::format_to(out, "source = \"{}\"\n", *membership.source);
    }
    for (const mgm::MrouteSpec &mroute : config.state.mroutes) {
        fmt::format_to(out, "\n[[mroute]]\nprefix = \"{}\"\ninterface = {}\npreference = {}\n",
                       mroute.prefix, quoted(names.at(mroute.interface)), mroute.preference);
        if (mroute.neighbor)
            fmt::format_to(out, "neighbor = \"{}\"\n", *mroute.neighbor);
    }
    for (const Protocol &protocol : config.protocols)
        fmt::format_to(out, "\n[[protocol]]\nmodule = {}\nargs = {}\n", quoted(protocol.module),
                       listed(protocol.arguments, quoted));
}

} // namespace

std::string to_toml(const Config &config) {
    std::string text = fmt::format("# effective configuration of {}\n", quoted(config.file));
    const Output out(text);
    print_settings(config, out);
    text += print_manager(config);
    Names names;
    for (const mgm::InterfaceSpec &spec : config.state.interfaces) {
        names.emplace(spec.index, spec.name);
        print_interface(spec, config, out);
    }
    for (const mgm::NeighborSpec &neighbor : config.state.neighbors)
        fmt::format_to(out, "\n[[neighbor]]\ninterface = {}\naddress = \"{}\"\nmac = \"{}\"\n",
                       quoted(names.at(neighbor.interface)), neighbor.address, neighbor.mac);
    for (std::size_t i = 0; i < config.inline_routes; ++i)
        print_route(config.state.routes[i], names, out);
    print_groups(config, names, out);
    return text;
}

} // namespace apps
