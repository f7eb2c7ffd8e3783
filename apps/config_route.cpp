// SPDX-License-Identifier: BSD-3-Clause
#include "apps/config_route.hpp"

#include "mgm/table_writer.hpp"

#include <algorithm>
#include <tuple>

namespace apps {

namespace {

constexpr std::uint16_t kMinIpv6Mtu = 1280; // RFC 8200 5

} // namespace

RouteBuilder::RouteBuilder(Draft &draft) : draft_(draft) {
    for (const mgm::InterfaceSpec &spec : draft.config.state.interfaces)
        by_index_.try_emplace(spec.index, &spec);
}

void RouteBuilder::begin(Position at) {
    route_ = {};
    first_interface_ = nullptr;
    source_family_.reset();
    has_group_ = spoilt_ = false;
    at_ = at;
}

void RouteBuilder::source(std::string_view text, Position at) {
    const std::optional<mgm::IpPrefix> prefix = mgm::IpPrefix::parse(text);
    if (!prefix)
        return mistake(at, "route: source \"{}\" is neither an address nor a prefix", text);
    if (*prefix != prefix->network())
        return mistake(at, "route: source {} has bits behind its length; write {}", *prefix,
                       prefix->network());
    if (prefix->is_host())
        route_.key.source = prefix->address;
    else if (prefix->length != 0)
        route_.source_range = *prefix;
    source_family_ = prefix->family();
}

void RouteBuilder::group(std::string_view text, Position at) {
    const std::optional<mgm::IpPrefix> prefix = mgm::IpPrefix::parse(text);
    if (!prefix)
        return mistake(at, "route: group \"{}\" is neither a group nor a prefix of groups", text);
    if (*prefix != prefix->network())
        return mistake(at, "route: group {} has bits behind its length; write {}", *prefix,
                       prefix->network());
    route_.key.group = *prefix;
    has_group_ = true;
}

const mgm::InterfaceSpec *RouteBuilder::interface(std::string_view name, Position at) {
    const mgm::InterfaceSpec *found = draft_.find_interface(name);
    if (found == nullptr) {
        mistake(at, "route: there is no interface {}{}", name, draft_.suggest_interface(name));
        return nullptr;
    }
    if (first_interface_ == nullptr)
        first_interface_ = found;
    if (found->vrf == first_interface_->vrf)
        return found;
    mistake(at, "route: interface {} is in vrf {}, but {} is in vrf {}; a route lies in one vrf",
            name, static_cast<unsigned>(found->vrf), first_interface_->name,
            static_cast<unsigned>(first_interface_->vrf));
    return nullptr;
}

void RouteBuilder::iif(std::string_view name, Position at) {
    if (const mgm::InterfaceSpec *found = interface(name, at))
        route_.action.iifs.push_back(found->index);
}

std::optional<mgm::IpAddress> RouteBuilder::parse_next_hop(const mgm::InterfaceSpec &interface,
                                                           std::string_view text, Position at) {
    const std::optional<mgm::IpAddress> address = mgm::IpAddress::parse(text);
    if (!address) {
        mistake(at, "route: next_hop \"{}\" is not an address", text);
        return std::nullopt;
    }
    if (const auto wrong = unicast_mistake(*address))
        mistake(at, "route: next_hop {} {}", *address, *wrong);
    else if (const auto off_link = on_link_mistake(interface, *address))
        mistake(at, "route: next_hop {} {}", *address, *off_link);
    else if (!draft_.neighbor_by_place.contains({interface.index, *address}))
        draft_.mistakes.warn(at,
                             "route: next_hop {} on {} has no [[neighbor]]: its copies will be "
                             "dropped as no_neighbor",
                             *address, interface.name);
    return address;
}

void RouteBuilder::oif(std::string_view name, std::uint16_t ttl_threshold,
                       std::string_view next_hop, Position at) {
    const mgm::InterfaceSpec *found = interface(name, at);
    if (found == nullptr)
        return;
    mgm::OifSpec spec{found->index, ttl_threshold, std::nullopt};
    if (!next_hop.empty())
        spec.next_hop = parse_next_hop(*found, next_hop, at);
    route_.action.oifs.push_back(spec);
}

/// Two thousand names may be in a line: sorted ones are found by halving.
void RouteBuilder::check_iifs() {
    if (route_.action.iifs.size() < 2)
        return;
    std::vector<mgm::IfIndex> iifs = route_.action.iifs; // those of the route stay in their order
    std::sort(iifs.begin(), iifs.end());
    if (const auto twice = std::adjacent_find(iifs.begin(), iifs.end()); twice != iifs.end())
        mistake(at_, "route {}: {} is among the iifs twice", route_, by_index_.at(*twice)->name);
}

void RouteBuilder::check_oifs() {
    const std::vector<mgm::IfIndex> &iifs = route_.action.iifs;
    // Of several iifs (bidirectional trees, RFC 5015) each may be an oif for the others.
    for (const mgm::OifSpec &oif : route_.action.oifs)
        if (iifs.size() == 1 && iifs.front() == oif.interface)
            mistake(at_, "route {}: {} is an iif and an oif; nothing goes back where it came from",
                    route_, by_index_.at(oif.interface)->name);
    if (route_.action.oifs.size() < 2)
        return;
    scratch_ = route_.action.oifs;
    const auto place = [](const mgm::OifSpec &oif) {
        return std::tie(oif.interface, oif.next_hop);
    };
    std::sort(scratch_.begin(), scratch_.end(),
              [&](const mgm::OifSpec &a, const mgm::OifSpec &b) { return place(a) < place(b); });
    const auto twice = std::adjacent_find(
        scratch_.begin(), scratch_.end(),
        [&](const mgm::OifSpec &a, const mgm::OifSpec &b) { return place(a) == place(b); });
    if (twice != scratch_.end())
        mistake(at_, "route {}: {}{} is among the oifs twice", route_,
                by_index_.at(twice->interface)->name,
                twice->next_hop ? fmt::format(" with next_hop {}", *twice->next_hop) : "");
}

void RouteBuilder::check_family(const mgm::OifSpec &oif) {
    const mgm::InterfaceSpec &interface = *by_index_.at(oif.interface);
    const bool is_ipv6 = route_.key.group.family() == mgm::Family::kIpv6;
    if (oif.next_hop && oif.next_hop->family() != route_.key.group.family())
        mistake(at_, "route {}: next_hop {} is of the other address family", route_, *oif.next_hop);
    if (is_ipv6 && interface.mtu < kMinIpv6Mtu)
        mistake(at_, "route {}: oif {} has mtu {}, but IPv6 needs {}", route_, interface.name,
                interface.mtu, kMinIpv6Mtu);
}

void RouteBuilder::finish() {
    if (spoilt_ || !has_group_)
        return;
    if (first_interface_ == nullptr)
        return mistake(at_, "route: neither iifs nor oifs names an interface");
    route_.key.vrf = first_interface_->vrf;
    if (source_family_ && *source_family_ != route_.key.group.family())
        return mistake(at_, "route {}: source and group are of different families", route_);
    if (const mgm::Result<void> valid = mgm::validate(route_); !valid)
        return mistake(at_, "{}", valid.error().what);
    check_iifs();
    check_oifs();
    for (const mgm::OifSpec &oif : route_.action.oifs)
        check_family(oif);
    if (spoilt_)
        return;
    draft_.config.state.routes.push_back(std::move(route_));
    draft_.route_at.push_back(at_);
}

namespace {

constexpr IntegerRange kThreshold{0, mgm::kTtlThresholdBlock};

void read_oif_table(const toml::table &node, const std::string &title, RouteBuilder &builder,
                    Draft &draft) {
    TableReader table(node, title + " oif", draft.file, draft.mistakes);
    table.require("interface");
    const std::optional<std::string> name = table.text("interface");
    const bool has_threshold = table.has("ttl_threshold");
    const auto threshold = table.integer<std::uint16_t>("ttl_threshold", kThreshold);
    const std::optional<std::string> next_hop = table.text("next_hop");
    table.finish();
    if (has_threshold != threshold.has_value() || table.has("next_hop") != next_hop.has_value())
        builder.spoil();
    if (next_hop && next_hop->empty()) {
        draft.mistakes.add(table.at("next_hop"), "{}: next_hop is empty", table.title());
        builder.spoil();
    }
    if (name)
        builder.oif(*name, threshold.value_or(0), next_hop.value_or(""), table.at("interface"));
    else
        builder.spoil();
}

void read_oifs(TableReader &table, RouteBuilder &builder, Draft &draft) {
    table.require("oifs");
    const toml::array *oifs = table.array("oifs");
    if (oifs == nullptr)
        return builder.spoil();
    for (const toml::node &node : *oifs) {
        if (const auto *name = node.as_string()) {
            builder.oif(name->get(), 0, "", table.at(node));
        } else if (const auto *inner = node.as_table()) {
            read_oif_table(*inner, table.title(), builder, draft);
        } else {
            draft.mistakes.add(table.at(node),
                               "{}: oifs holds names or {{interface, ttl_threshold, next_hop}}, "
                               "this is {}",
                               table.title(), type_name(node));
            builder.spoil();
        }
    }
}

/// Without the key the multicast RIB says where data comes in.
void read_iifs(TableReader &table, RouteBuilder &builder, Draft &draft) {
    if (!table.has("iifs"))
        return;
    const std::vector<TableReader::Element> iifs = table.texts("iifs");
    for (const TableReader::Element &iif : iifs)
        builder.iif(iif.text, iif.at);
    if (!iifs.empty())
        return;
    builder.spoil();
    if (const toml::array *list = table.array("iifs"); list != nullptr && list->empty())
        draft.mistakes.add(table.at("iifs"),
                           "{}: iifs is empty; name an interface to accept from, or leave iifs "
                           "out for the one that the multicast RIB says",
                           table.title());
}

void read_route(const toml::table &node, std::size_t number, RouteBuilder &builder, Draft &draft) {
    TableReader table(node, fmt::format("[[route]] number {}", number), draft.file, draft.mistakes);
    builder.begin(table.at());
    const std::optional<std::string> source = table.text("source");
    if (source)
        builder.source(*source, table.at("source"));
    else if (table.has("source"))
        builder.spoil();
    table.require("group");
    if (const auto group = table.text("group"))
        builder.group(*group, table.at("group"));
    read_iifs(table, builder, draft);
    read_oifs(table, builder, draft);
    const auto per_source = table.boolean("per_source");
    if (per_source)
        builder.per_source(*per_source);
    else if (table.has("per_source"))
        builder.spoil();
    table.finish();
    builder.finish();
}

} // namespace

void read_routes(TableReader &root, Draft &draft) {
    const std::vector<const toml::table *> tables = root.tables("route");
    RouteBuilder builder(draft);
    for (std::size_t i = 0; i < tables.size(); ++i)
        read_route(*tables[i], i + 1, builder, draft);
    draft.config.inline_routes = draft.config.state.routes.size();
}

} // namespace apps
