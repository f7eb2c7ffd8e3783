// SPDX-License-Identifier: BSD-3-Clause
// [mgmd], [eal], [capacity] and [forwarding].
#include "apps/config_draft.hpp"

#include <algorithm>
#include <array>

#include <sys/un.h>

namespace apps {

namespace {

constexpr IntegerRange kAnyCapacity{1, std::numeric_limits<std::uint32_t>::max()};
constexpr std::size_t kLongestName = 24; // memzone and file names carry it with a prefix

bool is_instance_name(std::string_view name) {
    return !name.empty() && name.size() <= kLongestName &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-';
           });
}

void read_name(TableReader &table, Draft &draft) {
    const std::optional<std::string> name = table.text("name");
    if (!name)
        return;
    if (is_instance_name(*name))
        draft.config.name = *name;
    else
        draft.mistakes.add(table.at("name"),
                           "[mgmd]: name \"{}\" must be 1..{} letters, digits, '_' or '-'", *name,
                           kLongestName);
}

void read_idle(TableReader &table, Draft &draft) {
    const std::optional<std::string> idle = table.text("idle");
    if (!idle)
        return;
    if (*idle == "poll")
        draft.config.idle = dataplane::Idle::kPoll;
    else if (*idle == "adaptive")
        draft.config.idle = dataplane::Idle::kAdaptive;
    else
        draft.mistakes.add(table.at("idle"), "[mgmd]: idle \"{}\" must be \"poll\" or \"adaptive\"",
                           *idle);
}

void read_socket(TableReader &table, Draft &draft) {
    draft.config.socket_path = fmt::format("/run/mgm/{}.sock", draft.config.name);
    const std::optional<std::string> path = table.text("socket");
    if (!path)
        return;
    constexpr std::size_t kLongestPath = sizeof(sockaddr_un{}.sun_path) - 1;
    if (path->size() > kLongestPath)
        draft.mistakes.add(table.at("socket"),
                           "[mgmd]: socket has {} characters, a unix socket's path has at most {}",
                           path->size(), kLongestPath);
    else if (!path->empty() && path->front() != '/')
        draft.mistakes.add(table.at("socket"),
                           "[mgmd]: socket \"{}\" must be an absolute path, or \"\" for none",
                           *path);
    else if (path->find('\0') != std::string::npos)
        draft.mistakes.add(table.at("socket"), "[mgmd]: socket holds a NUL character");
    else
        draft.config.socket_path = *path;
}

void read_mgmd(const toml::table *section, Draft &draft) {
    const toml::table none;
    TableReader table(section != nullptr ? *section : none, "[mgmd]", draft.file, draft.mistakes);
    read_name(table, draft);
    read_idle(table, draft);
    read_socket(table, draft);
    draft.config.geometry.workers =
        table.integer<std::uint32_t>("workers", {1, mgm::kMaxWorkers}).value_or(1);
    if (const auto mac = table.text("router_mac")) {
        draft.config.router_mac = mgm::MacAddress::parse(*mac);
        if (const auto mistake = station_mac_mistake(*mac))
            draft.mistakes.add(table.at("router_mac"), "[mgmd]: router_mac \"{}\" {}", *mac,
                               *mistake);
    }
    table.finish();
}

/// Arguments that the daemon chooses itself.
std::optional<std::string_view> reserved_eal_argument(std::string_view argument) {
    struct Reserved {
        std::string_view name;
        std::string_view reason;
    };
    static constexpr std::array<Reserved, 6> kReserved{{
        {"--file-prefix", "comes from [mgmd] name"},
        {"--proc-type", "is always primary: the daemon owns the tables"},
        {"--huge-unlink", "would keep other processes from attaching to the tables"},
        {"--main-lcore", "is the lowest lcore: control runs there"},
        {"--help", "belongs to no daemon"},
        {"--version", "belongs to no daemon"},
    }};
    for (const Reserved &reserved : kReserved)
        if (argument.substr(0, argument.find('=')) == reserved.name)
            return reserved.reason;
    return std::nullopt;
}

void read_eal(const toml::table *section, Draft &draft) {
    if (section == nullptr)
        return;
    TableReader table(*section, "[eal]", draft.file, draft.mistakes);
    for (TableReader::Element &argument : table.texts("args")) {
        if (const auto reason = reserved_eal_argument(argument.text))
            draft.mistakes.add(argument.at, "[eal]: args must not hold \"{}\": it {}",
                               argument.text, *reason);
        else if (argument.text.empty() || argument.text.find('\0') != std::string::npos)
            draft.mistakes.add(argument.at,
                               "[eal]: args holds an empty argument or one with a NUL");
        else
            draft.config.eal_args.push_back(std::move(argument.text));
    }
    table.finish();
}

void read_capacity(const toml::table *section, Draft &draft) {
    if (section == nullptr)
        return;
    TableReader table(*section, "[capacity]", draft.file, draft.mistakes);
    draft.capacity_at = table.at();
    mgm::Geometry &geometry = draft.config.geometry;
    const auto read = [&](std::string_view key, std::uint32_t fallback) {
        return table.integer<std::uint32_t>(key, kAnyCapacity).value_or(fallback);
    };
    geometry.interfaces = read("interfaces", geometry.interfaces);
    geometry.neighbors = read("neighbors", geometry.neighbors);
    geometry.vrfs = table.integer<std::uint32_t>("vrfs", {1, 65536}).value_or(geometry.vrfs);
    geometry.ipv4_entries = read("ipv4_entries", geometry.ipv4_entries);
    geometry.ipv6_entries = read("ipv6_entries", geometry.ipv6_entries);
    geometry.ipv4_ranges = read("ipv4_ranges", geometry.ipv4_ranges);
    geometry.ipv6_ranges = read("ipv6_ranges", geometry.ipv6_ranges);
    constexpr std::int64_t kMostMib =
        std::numeric_limits<std::uint32_t>::max() / std::int64_t{kBlockUnitsPerMib};
    if (const auto mib = table.integer<std::uint32_t>("olist_mib", {1, kMostMib}))
        geometry.block_units = *mib * kBlockUnitsPerMib;
    if (const auto mbufs = table.integer<std::uint32_t>("mbufs", {512, kMostMbufs})) {
        draft.config.mbufs = *mbufs;
        draft.config.mbufs_given = true;
    }
    constexpr IntegerRange kDescriptors{64, 32768};
    draft.config.rx_descriptors =
        table.integer<std::uint16_t>("rx_descriptors", kDescriptors).value_or(1024);
    draft.config.tx_descriptors =
        table.integer<std::uint16_t>("tx_descriptors", kDescriptors).value_or(1024);
    table.finish();
}

void read_forwarding(const toml::table *section, Draft &draft) {
    if (section == nullptr)
        return;
    TableReader table(*section, "[forwarding]", draft.file, draft.mistakes);
    dataplane::Policy &policy = draft.config.policy;
    const auto read = [&](std::string_view key, bool fallback) {
        return table.boolean(key).value_or(fallback);
    };
    policy.allow_reserved_sources = read("allow_reserved_sources", policy.allow_reserved_sources);
    policy.allow_link_local_sources =
        read("allow_link_local_sources", policy.allow_link_local_sources);
    policy.strict_group_mac = read("strict_group_mac", policy.strict_group_mac);
    policy.process_hop_by_hop = read("process_hop_by_hop", policy.process_hop_by_hop);
    policy.icmpv6_errors_per_second =
        table.integer<std::uint32_t>("icmpv6_errors_per_second", {0, 1'000'000})
            .value_or(policy.icmpv6_errors_per_second);
    table.finish();
}

} // namespace

std::optional<std::string_view> station_mac_mistake(std::string_view text) {
    const std::optional<mgm::MacAddress> mac = mgm::MacAddress::parse(text);
    if (!mac)
        return "must be six hexadecimal octets like \"02:00:00:00:03:02\"";
    if (mac->is_group())
        return "is a group address (lowest bit of the first octet); a station has a unicast MAC";
    if (*mac == mgm::MacAddress{})
        return "is all zeros, which no station has";
    return std::nullopt;
}

void read_settings(TableReader &root, Draft &draft) {
    read_mgmd(root.table("mgmd"), draft);
    read_eal(root.table("eal"), draft);
    read_capacity(root.table("capacity"), draft);
    read_forwarding(root.table("forwarding"), draft);
}

} // namespace apps
