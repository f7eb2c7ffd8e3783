// SPDX-License-Identifier: BSD-3-Clause
// What the group manager reads: [[membership]], [[mroute]], [[protocol]].
#include "apps/config_draft.hpp"
#include "mgm/address_class.hpp"

#include <algorithm>
#include <filesystem>

namespace apps {

namespace {

/// A host address of the family that `like` has.
std::optional<mgm::IpAddress> read_host(TableReader &table, std::string_view key,
                                        const mgm::IpAddress &like, Draft &draft) {
    const std::optional<std::string> text = table.text(key);
    if (!text)
        return std::nullopt;
    const std::optional<mgm::IpAddress> address = mgm::IpAddress::parse(*text);
    std::optional<std::string_view> mistake;
    if (!address)
        mistake = "is not an address";
    else if (address->family() != like.family())
        mistake = "is of the other family";
    else
        mistake = unicast_mistake(*address);
    if (!mistake)
        return address;
    draft.mistakes.add(table.at(key), "{}: {} \"{}\" {}", table.title(), key, *text, *mistake);
    return std::nullopt;
}

std::optional<mgm::IpAddress> read_group(TableReader &table, Draft &draft) {
    table.require("group");
    const std::optional<std::string> text = table.text("group");
    if (!text)
        return std::nullopt;
    const std::optional<mgm::IpAddress> group = mgm::IpAddress::parse(*text);
    const bool is_forwardable =
        group && (group->family() == mgm::Family::kIpv4 ? mgm::is_forwardable_group(group->v4())
                                                        : mgm::is_forwardable_group(group->v6()));
    if (is_forwardable)
        return group;
    draft.mistakes.add(table.at("group"), "{}: \"{}\" is not a group that is ever forwarded",
                       table.title(), *text);
    return std::nullopt;
}

bool is_ssm(const mgm::IpAddress &group) {
    return group.family() == mgm::Family::kIpv4 ? mgm::is_ssm(group.v4()) : mgm::is_ssm(group.v6());
}

void read_membership(const toml::table &node, std::size_t number, Draft &draft) {
    TableReader table(node, fmt::format("[[membership]] number {}", number), draft.file,
                      draft.mistakes);
    const mgm::InterfaceSpec *interface = read_interface_of(table, draft);
    const std::optional<mgm::IpAddress> group = read_group(table, draft);
    std::optional<mgm::IpAddress> source;
    if (group)
        source = read_host(table, "source", *group, draft);
    else
        (void)table.node("source");
    table.finish();
    if (interface == nullptr || !group)
        return;
    if (is_ssm(*group) && !table.has("source"))
        draft.mistakes.add(table.at("group"),
                           "{}: {} is source-specific (RFC 4607): it needs a source", table.title(),
                           *group);
    const mgm::MembershipSpec spec{interface->index, *group, source};
    if (std::ranges::find(draft.config.state.memberships, spec) !=
        draft.config.state.memberships.end())
        draft.mistakes.add(table.at(), "{}: {} is there twice on {}", table.title(), *group,
                           interface->name);
    draft.config.state.memberships.push_back(spec);
}

void read_mroute(const toml::table &node, std::size_t number, Draft &draft) {
    TableReader table(node, fmt::format("[[mroute]] number {}", number), draft.file,
                      draft.mistakes);
    table.require("prefix");
    const std::optional<std::string> text = table.text("prefix");
    std::optional<mgm::IpPrefix> prefix = text ? mgm::IpPrefix::parse(*text) : std::nullopt;
    if (text && !prefix)
        draft.mistakes.add(table.at("prefix"), "{}: \"{}\" is not a prefix", table.title(), *text);
    if (prefix && *prefix != prefix->network()) {
        draft.mistakes.add(table.at("prefix"), "{}: {} has bits behind its length; {} is meant?",
                           table.title(), *prefix, prefix->network());
        prefix.reset();
    }
    if (prefix && prefix->length != 0 && is_group_range(*prefix)) {
        draft.mistakes.add(table.at("prefix"), "{}: {} holds groups; a route leads to sources",
                           table.title(), *prefix);
        prefix.reset();
    }
    const mgm::InterfaceSpec *interface = read_interface_of(table, draft);
    std::optional<mgm::IpAddress> neighbor;
    if (prefix)
        neighbor = read_host(table, "neighbor", prefix->address, draft);
    else
        (void)table.node("neighbor");
    const std::uint32_t preference =
        table.integer<std::uint32_t>("preference", {.min = 1, .max = 255}).value_or(1);
    table.finish();
    if (interface == nullptr || !prefix)
        return;
    if (neighbor)
        if (const auto mistake = on_link_mistake(*interface, *neighbor))
            draft.mistakes.add(table.at("neighbor"), "{}: neighbor {} {}", table.title(), *neighbor,
                               *mistake);
    draft.config.state.mroutes.push_back({*prefix, interface->index, neighbor, preference});
}

void read_protocol(const toml::table &node, std::size_t number, Draft &draft) {
    TableReader table(node, fmt::format("[[protocol]] number {}", number), draft.file,
                      draft.mistakes);
    table.require("module");
    const std::optional<std::string> module = table.text("module");
    Protocol protocol;
    for (const TableReader::Element &argument : table.texts("args"))
        protocol.arguments.push_back(argument.text);
    table.finish();
    if (!module)
        return;
    const std::filesystem::path path =
        std::filesystem::absolute(draft.config.file).parent_path() / *module;
    protocol.module = path.lexically_normal().string();
    std::error_code error;
    if (!std::filesystem::is_regular_file(path, error))
        draft.mistakes.add(table.at("module"), "{}: there is no file {}", table.title(),
                           protocol.module);
    draft.config.protocols.push_back(std::move(protocol));
}

} // namespace

void read_groups(TableReader &root, Draft &draft) {
    const std::vector<const toml::table *> memberships = root.tables("membership");
    for (std::size_t i = 0; i < memberships.size(); ++i)
        read_membership(*memberships[i], i + 1, draft);
    const std::vector<const toml::table *> mroutes = root.tables("mroute");
    for (std::size_t i = 0; i < mroutes.size(); ++i)
        read_mroute(*mroutes[i], i + 1, draft);
    const std::vector<const toml::table *> protocols = root.tables("protocol");
    for (std::size_t i = 0; i < protocols.size(); ++i)
        read_protocol(*protocols[i], i + 1, draft);
}

} // namespace apps
