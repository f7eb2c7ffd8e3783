// SPDX-License-Identifier: BSD-3-Clause
// The effective configuration as TOML.
#include "apps/config.hpp"

#include <fmt/format.h>
#include <toml++/toml.h>

#include <iterator>
#include <map>
#include <sstream>

namespace apps {

namespace {

/// With quotes, and escaped as TOML wants it.
std::string quoted(const std::string &text) {
    std::ostringstream out;
    out << toml::value<std::string>(text);
    return out.str();
}

template <class Range, class ToText>
std::string list_of(const Range &range, ToText to_text) {
    std::vector<std::string> parts;
    for (const auto &element : range)
        parts.push_back(to_text(element));
    return fmt::format("[{}]", fmt::join(parts, ", "));
}

std::string list_of(const std::vector<mgm::IpPrefix> &prefixes) {
    return list_of(prefixes, [](const mgm::IpPrefix &p) { return fmt::format("\"{}\"", p); });
}

class Printer {
public:
    explicit Printer(const Config &config) : config_(config) {
        for (const mgm::InterfaceSpec &spec : config.state.interfaces)
            names_.emplace(spec.index, quoted(spec.name));
    }

    std::string print() {
        settings();
        for (const mgm::InterfaceSpec &spec : config_.state.interfaces)
            interface(spec);
        for (const mgm::NeighborSpec &spec : config_.state.neighbors)
            line("\n[[neighbor]]\ninterface = {}\naddress = \"{}\"\nmac = \"{}\"",
                 names_.at(spec.interface), spec.address, spec.mac);
        for (std::size_t i = 0; i < config_.inline_routes; ++i)
            route(config_.state.routes[i]);
        return std::move(text_);
    }

private:
    template <class... Args>
    void line(fmt::format_string<Args...> format, Args &&...args) {
        fmt::format_to(std::back_inserter(text_), format, std::forward<Args>(args)...);
        text_ += '\n';
    }

    void settings() {
        const mgm::Geometry &geometry = config_.geometry;
        for (const std::string &file : config_.routes_files)
            line("routes_file = {}\n", quoted(file));
        line("[mgmd]\nname = {}\nworkers = {}\nidle = \"{}\"\nsocket = {}", quoted(config_.name),
             geometry.workers, config_.idle == dataplane::Idle::kPoll ? "poll" : "adaptive",
             quoted(config_.socket_path));
        if (config_.router_mac)
            line("router_mac = \"{}\"", *config_.router_mac);
        line("\n[eal]\nargs = {}", list_of(config_.eal_args, quoted));
        line("\n[capacity]\ninterfaces = {}\nneighbors = {}\nvrfs = {}", geometry.interfaces,
             geometry.neighbors, geometry.vrfs);
        line("ipv4_entries = {}\nipv6_entries = {}\nipv4_ranges = {}\nipv6_ranges = {}",
             geometry.ipv4_entries, geometry.ipv6_entries, geometry.ipv4_ranges,
             geometry.ipv6_ranges);
        line("olist_mib = {}\nmbufs = {}\nrx_descriptors = {}\ntx_descriptors = {}",
             geometry.block_units / kBlockUnitsPerMib, config_.mbufs, config_.rx_descriptors,
             config_.tx_descriptors);
        const dataplane::Policy &policy = config_.policy;
        line("\n[forwarding]\nallow_reserved_sources = {}\nallow_link_local_sources = {}",
             policy.allow_reserved_sources, policy.allow_link_local_sources);
        line("strict_group_mac = {}\nprocess_hop_by_hop = {}\nicmpv6_errors_per_second = {}",
             policy.strict_group_mac, policy.process_hop_by_hop, policy.icmpv6_errors_per_second);
    }

    void interface(const mgm::InterfaceSpec &spec) {
        line("\n[[interface]]\nname = {}\nindex = {}\nport = {}\nvlan = {}\nvrf = {}",
             quoted(spec.name), static_cast<std::uint32_t>(spec.index), quoted(spec.port),
             spec.vlan, static_cast<unsigned>(spec.vrf));
        line("addresses = {}\nmtu = {}\nttl_threshold = {}\nboundaries = {}\nscope_boundary = {}",
             list_of(spec.addresses), spec.mtu, spec.ttl_threshold, list_of(spec.boundaries),
             spec.scope_boundary);
        if (spec.mac)
            line("{} = \"{}\"", spec.mac == config_.router_mac ? "router_mac" : "mac", *spec.mac);
    }

    std::string oif(const mgm::OifSpec &spec) const {
        const std::string next_hop =
            spec.next_hop ? fmt::format(", next_hop = \"{}\"", *spec.next_hop) : "";
        return fmt::format("{{interface = {}, ttl_threshold = {}{}}}", names_.at(spec.interface),
                           spec.ttl_threshold, next_hop);
    }

    void route(const mgm::RouteSpec &spec) {
        line("\n[[route]]");
        if (spec.key.source)
            line("source = \"{}\"", *spec.key.source);
        line("group = \"{}\"", spec.key.group);
        line("iifs = {}\noifs = {}",
             list_of(spec.action.iifs, [this](mgm::IfIndex index) { return names_.at(index); }),
             list_of(spec.action.oifs, [this](const mgm::OifSpec &o) { return oif(o); }));
    }

    const Config &config_;
    std::map<mgm::IfIndex, std::string> names_;
    std::string text_;
};

} // namespace

std::string to_toml(const Config &config) {
    return Printer(config).print();
}

} // namespace apps
