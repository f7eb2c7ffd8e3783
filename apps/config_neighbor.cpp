// SPDX-License-Identifier: BSD-3-Clause
// [[neighbor]]: a host on a link whose MAC the operator knows.
#include "apps/config_draft.hpp"

#include <algorithm>

namespace apps {

std::optional<std::string> on_link_mistake(const mgm::InterfaceSpec &interface,
                                           const mgm::IpAddress &address) {
    bool has_net = false;
    for (const mgm::IpPrefix &net : interface.addresses) {
        if (net.family() != address.family())
            continue;
        if (net.address == address)
            return fmt::format("is {}'s own address", interface.name);
        has_net = true;
        if (net.contains(address))
            return std::nullopt;
    }
    if (!has_net || is_link_local(address)) // an unnumbered link takes any address
        return std::nullopt;
    return fmt::format("is on none of {}'s networks", interface.name);
}

namespace {

std::optional<mgm::IpAddress> read_address(TableReader &table, Draft &draft) {
    table.require("address");
    const std::optional<std::string> text = table.text("address");
    if (!text)
        return std::nullopt;
    const std::optional<mgm::IpAddress> address = mgm::IpAddress::parse(*text);
    if (!address) {
        draft.mistakes.add(table.at("address"), "{}: \"{}\" is not an address", table.title(),
                           *text);
        return std::nullopt;
    }
    table.set_title(fmt::format("neighbor {}", *address));
    if (const auto mistake = unicast_mistake(*address)) {
        draft.mistakes.add(table.at("address"), "{}: {}", table.title(), *mistake);
        return std::nullopt;
    }
    return address;
}

std::optional<mgm::MacAddress> read_mac(TableReader &table, Draft &draft) {
    table.require("mac");
    const std::optional<std::string> text = table.text("mac");
    if (!text)
        return std::nullopt;
    if (const auto mistake = station_mac_mistake(*text)) {
        draft.mistakes.add(table.at("mac"), "{}: mac \"{}\" {}", table.title(), *text, *mistake);
        return std::nullopt;
    }
    return mgm::MacAddress::parse(*text);
}

void read_neighbor(const toml::table &node, std::size_t number, Draft &draft) {
    TableReader table(node, fmt::format("[[neighbor]] number {}", number), draft.file,
                      draft.mistakes);
    const std::optional<mgm::IpAddress> address = read_address(table, draft);
    const mgm::InterfaceSpec *interface = read_interface_of(table, draft);
    const std::optional<mgm::MacAddress> mac = read_mac(table, draft);
    table.finish();
    if (interface == nullptr || !address)
        return;
    if (const auto mistake = on_link_mistake(*interface, *address))
        draft.mistakes.add(table.at("address"), "{}: {}", table.title(), *mistake);
    if (!mac)
        return;
    const auto [first, is_new] =
        draft.neighbor_by_place.try_emplace({interface->index, *address}, table.at());
    if (!is_new)
        draft.mistakes.add(table.at(), "{}: is there twice on {}; first at {}", table.title(),
                           interface->name, draft.mistakes.where(first->second));
    else
        draft.config.state.neighbors.push_back({interface->index, *address, *mac});
}

} // namespace

void read_neighbors(TableReader &root, Draft &draft) {
    const std::vector<const toml::table *> tables = root.tables("neighbor");
    for (std::size_t i = 0; i < tables.size(); ++i)
        read_neighbor(*tables[i], i + 1, draft);
}

} // namespace apps
