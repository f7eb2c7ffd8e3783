// SPDX-License-Identifier: BSD-3-Clause
#include "apps/config.hpp"

#include "apps/config_draft.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace apps {

namespace {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

Result<Config> finish(Draft draft) {
    if (draft.mistakes.any())
        return tl::unexpected(draft.mistakes.error());
    draft.config.warnings = draft.mistakes.warnings();
    return std::move(draft.config);
}

Result<toml::table> parse_toml(std::string_view text, const std::string &path) {
    try {
        return toml::parse(text, path);
    } catch (const toml::parse_error &error) {
        const toml::source_position at = error.source().begin;
        return fail(Errc::kInvalidArgument, "{}:{}:{}: not TOML: {}", path, at.line, at.column,
                    error.description());
    }
}

void add_reason(std::vector<std::string> &reasons, bool differs, std::string text) {
    if (differs)
        reasons.push_back(std::move(text));
}

template <class T>
void compare(std::vector<std::string> &reasons, std::string_view key, T running, T next) {
    add_reason(reasons, running != next, fmt::format("{} ({} -> {})", key, running, next));
}

} // namespace

std::uint16_t longest_frame(const Config &config) {
    constexpr std::uint16_t kLeast = 2048;
    constexpr std::uint16_t kLinkHeader = 18;
    std::uint16_t longest = kLeast;
    for (const dataplane::PortSpec &port : config.ports)
        longest = std::max(longest, static_cast<std::uint16_t>(port.mtu + kLinkHeader));
    return longest;
}

Result<Config> parse_config(std::string_view text, const std::string &path) {
    const Result<toml::table> document = parse_toml(text, path);
    if (!document)
        return tl::unexpected(document.error());
    Draft draft(path);
    TableReader root(*document, "the file", draft.file, draft.mistakes);
    read_settings(root, draft);
    read_interfaces(root, draft);
    read_neighbors(root, draft);
    read_routes(root, draft);
    read_routes_files(root, draft);
    root.finish();
    check_interfaces(draft);
    check_routes(draft);
    check_capacity(draft);
    derive_ports(draft);
    return finish(std::move(draft));
}

Result<Config> load_config(const std::string &path) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error))
        return fail(Errc::kNotFound, "{}: is a directory; name the TOML file in it", path);
    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        return fail(Errc::kNotFound, "{}: cannot be read: {}", path, std::strerror(errno));
    const std::string text{std::istreambuf_iterator<char>(stream), {}};
    return parse_config(text, path);
}

std::vector<std::string> restart_reasons(const Config &running, const Config &next) {
    std::vector<std::string> reasons;
    compare(reasons, "[mgmd] name", running.name, next.name);
    compare(reasons, "[mgmd] socket", running.socket_path, next.socket_path);
    compare(reasons, "[mgmd] workers", running.geometry.workers, next.geometry.workers);
    add_reason(reasons, running.idle != next.idle, "[mgmd] idle");
    add_reason(reasons, running.eal_args != next.eal_args, "[eal] args");
    const mgm::Geometry &a = running.geometry;
    const mgm::Geometry &b = next.geometry;
    compare(reasons, "[capacity] interfaces", a.interfaces, b.interfaces);
    compare(reasons, "[capacity] neighbors", a.neighbors, b.neighbors);
    compare(reasons, "[capacity] vrfs", a.vrfs, b.vrfs);
    compare(reasons, "[capacity] ipv4_entries", a.ipv4_entries, b.ipv4_entries);
    compare(reasons, "[capacity] ipv6_entries", a.ipv6_entries, b.ipv6_entries);
    compare(reasons, "[capacity] ipv4_ranges", a.ipv4_ranges, b.ipv4_ranges);
    compare(reasons, "[capacity] ipv6_ranges", a.ipv6_ranges, b.ipv6_ranges);
    compare(reasons, "[capacity] olist_mib", a.block_units / kBlockUnitsPerMib,
            b.block_units / kBlockUnitsPerMib);
    // mbufs that follow from the ports are no wish of the operator's: more ports share what is
    // there
    if (next.mbufs_given)
        compare(reasons, "[capacity] mbufs", running.mbufs, next.mbufs);
    compare(reasons, "[capacity] rx_descriptors", running.rx_descriptors, next.rx_descriptors);
    compare(reasons, "[capacity] tx_descriptors", running.tx_descriptors, next.tx_descriptors);
    add_reason(reasons, longest_frame(next) > longest_frame(running),
               fmt::format("mtu (packet buffers hold frames of {}, {} are wanted)",
                           longest_frame(running), longest_frame(next)));
    add_reason(reasons, !(running.policy == next.policy), "[forwarding]");
    return reasons;
}

} // namespace apps
