// SPDX-License-Identifier: BSD-3-Clause
#include "names.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <ostream>

namespace control::manager {

std::ostream &operator<<(std::ostream &out, Status status) {
    return out << static_cast<std::uint32_t>(status);
}

std::ostream &operator<<(std::ostream &out, Event event) {
    return out << "event " << static_cast<std::uint32_t>(event);
}

} // namespace control::manager

namespace control::manager::test {
namespace {

std::string name_of(const mgm::IpAddress &address) {
    static const Names names;
    static const std::map<mgm::IpAddress, std::string> known = {
        {names.G, "G"},   {names.G2, "G2"}, {names.S, "S"},
        {names.S2, "S2"}, {names.S4, "S4"}, {names.Lost, "Lost"}};
    if (is_zero(address))
        return "*";
    const auto found = known.find(address);
    return found != known.end() ? found->second : mgm::to_string(address);
}

std::string name_of(mgm::IfIndex interface) {
    static const Names names;
    const Link all[] = {names.if1, names.if2, names.if3, names.if4, names.if5};
    for (std::size_t i = 0; i < std::size(all); ++i)
        if (all[i].interface == interface)
            return fmt::format("if{}", i + 1);
    return fmt::format("#{}", static_cast<std::uint32_t>(interface));
}

const char *text(bool flag) {
    return flag ? "TRUE" : "FALSE";
}

std::string or_nothing(const std::vector<std::string> &parts) {
    return parts.empty() ? "nothing" : fmt::format("{}", fmt::join(parts, ","));
}

std::string upstream_text(const mgm::IpAddress &upstream) {
    return is_zero(upstream) ? "" : fmt::format(" from {}", mgm::to_string(upstream));
}

struct CallbackText {
    std::string operator()(const RpfRequest &c) const {
        return fmt::format("RPF({},{}{})", test::text(c.key), test::text(c.in),
                           upstream_text(c.upstream));
    }
    std::string operator()(const CreationAlert &c) const {
        std::vector<std::string> links;
        for (const CreationLink &each : c.links)
            links.push_back(test::text(each.link) + (each.is_igmp ? "+IGMP" : ""));
        return fmt::format("CREATION({},{},[{}])", test::text(c.key), test::text(c.in),
                           fmt::join(links, ","));
    }
    std::string operator()(const PruneAlert &c) const {
        return fmt::format("P({},{},{})", test::text(c.key), test::text(c.link),
                           text(c.is_member_delete));
    }
    std::string operator()(const JoinAlert &c) const {
        return fmt::format("J({},{})", test::text(c.key), text(c.is_member_update));
    }
    std::string operator()(const WrongIf &c) const {
        return fmt::format("WRONG_IF({},{})", test::text(c.key), test::text(c.link));
    }
    std::string operator()(const LocalJoin &c) const {
        return fmt::format("LJ({},{})", test::text(c.key), test::text(c.link));
    }
    std::string operator()(const LocalLeave &c) const {
        return fmt::format("LL({},{})", test::text(c.key), test::text(c.link));
    }
    std::string operator()(const LocalUpdate &c) const {
        std::vector<std::string> sources;
        for (const mgm::IpAddress &source : c.sources)
            sources.push_back(name_of(source));
        std::sort(sources.begin(), sources.end());
        return fmt::format("LU({},{},{}{{{}}})", test::text(c.group), test::text(c.link),
                           c.mode == FilterMode::kInclude ? "INCLUDE" : "EXCLUDE",
                           fmt::join(sources, ","));
    }
    std::string operator()(const AlertsDropped &c) const {
        return fmt::format("DROPPED({})", c.count);
    }
    std::string operator()(const DisableIgmp &c) const {
        return fmt::format("DISABLE({})", test::text(c.link));
    }
    std::string operator()(const EnableIgmp &c) const {
        return fmt::format("ENABLE({})", test::text(c.link));
    }
};

} // namespace

mgm::IpAddress ip(const std::string &text) {
    return mgm::IpAddress::parse(text).value();
}

mgm::IpPrefix prefix(const std::string &text) {
    return mgm::IpPrefix::parse(text).value();
}

Link link(std::uint32_t index, const std::string &next_hop) {
    return {.interface = mgm::IfIndex{index}, .next_hop = ip(next_hop)};
}

mgm::IfIndex index(const Link &link) {
    return link.interface;
}

Key any(const mgm::IpAddress &group, std::uint16_t vrf) {
    return {.vrf = mgm::Vrf{vrf}, .group = group, .source = any_of(group.family())};
}

Key any_group(mgm::Family family) {
    return {.vrf = {}, .group = any_of(family), .source = any_of(family)};
}

Key sg(const mgm::IpAddress &source, const mgm::IpAddress &group, std::uint16_t vrf) {
    return {.vrf = mgm::Vrf{vrf}, .group = group, .source = source};
}

Membership membership(const Key &key, const Link &link, std::uint32_t flags) {
    const auto host_or_any = [](const mgm::IpAddress &address) {
        const unsigned length = is_zero(address) ? 0 : address.bits();
        return mgm::IpPrefix{address, static_cast<std::uint8_t>(length)};
    };
    return {.source = host_or_any(key.source),
            .group = host_or_any(key.group),
            .link = link,
            .flags = flags};
}

StaticRoute static_route(const std::string &source, const std::string &group,
                         const std::vector<Link> &iifs, const std::vector<Link> &oifs) {
    StaticRoute route;
    route.source = prefix(source);
    route.group = prefix(group);
    for (const Link &iif : iifs)
        route.iifs.push_back(iif.interface);
    for (const Link &oif : oifs)
        route.oifs.push_back({.link = oif, .ttl_threshold = 0});
    return route;
}

StaticRoute per_source(StaticRoute route) {
    route.is_per_source = true;
    return route;
}

std::string text(const mgm::RouteKey &key) {
    const Key name{.vrf = key.vrf,
                   .group = key.group.address,
                   .source = key.source.value_or(any_of(key.group.family()))};
    return key.group.is_host() ? text(name) : mgm::to_string(key);
}

std::string text(const Key &key) {
    const std::string vrf =
        key.vrf == mgm::Vrf{} ? "" : fmt::format("@{}", static_cast<unsigned>(key.vrf));
    return fmt::format("({},{}){}", name_of(key.source), name_of(key.group), vrf);
}

std::string text(const Link &link) {
    const bool plain = link.family() == mgm::Family::kIpv4 && is_zero(link.next_hop);
    return name_of(link.interface) + (plain ? "" : "/" + mgm::to_string(link.next_hop));
}

std::string text(const Callback &callback) {
    return std::visit(CallbackText{}, callback);
}

std::string text(const std::vector<mgm::IfIndex> &iifs, const std::vector<Oif> &oifs) {
    std::vector<std::string> in;
    in.reserve(iifs.size());
    for (const mgm::IfIndex iif : iifs)
        in.push_back(name_of(iif));
    std::vector<Oif> sorted = oifs;
    std::sort(sorted.begin(), sorted.end());
    std::vector<std::string> out;
    out.reserve(sorted.size());
    for (const Oif &oif : sorted)
        out.push_back(text(oif.link));
    return fmt::format("{} -> {}", or_nothing(in), or_nothing(out));
}

} // namespace control::manager::test
