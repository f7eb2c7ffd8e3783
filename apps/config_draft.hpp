// SPDX-License-Identifier: BSD-3-Clause
// A configuration in the making: what has been read so far, where each part stands in the files,
// and what is wrong with it. Private to config_*.cpp.
#pragma once

#include "apps/config.hpp"
#include "apps/config_mistakes.hpp"
#include "apps/config_reader.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace apps {

inline constexpr std::uint32_t kMostMbufs = 16'777'215;

/// Lets a string_view look into a map of strings.
struct TextHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
        return std::hash<std::string_view>{}(text);
    }
};

struct Draft {
    explicit Draft(const std::string &path) : file(mistakes.add_file(path)) { config.file = path; }

    Config config;
    Mistakes mistakes;
    std::uint16_t file; ///< the configuration file itself
    // parallel to config.state's vectors
    std::vector<Position> interface_at;
    std::vector<Position> route_at;
    std::map<std::pair<mgm::IfIndex, mgm::IpAddress>, Position> neighbor_by_place;
    /// Name to position in config.state.interfaces; the first one of a duplicate.
    std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> interface_by_name;
    Position capacity_at; ///< of [capacity], or of the file

    /// nullptr when there is none of that name.
    [[nodiscard]] const mgm::InterfaceSpec *find_interface(std::string_view name) const;
    /// "; did you mean p1?", or nothing
    [[nodiscard]] std::string suggest_interface(std::string_view name) const;
};

inline constexpr unsigned kMostDots = 32; ///< in a key: ours have two at most

/// The first place where a key has more than kMostDots. The TOML parser would make a table for
/// each, and take a stack frame for each to free them.
std::optional<Position> too_deep_key(std::string_view text, std::uint16_t file);

// The steps of load_config, in this order; each reports into draft.mistakes.
void read_settings(TableReader &root, Draft &draft);   ///< [mgmd], [eal], [capacity], [forwarding]
void read_interfaces(TableReader &root, Draft &draft); ///< [[interface]]
void read_neighbors(TableReader &root, Draft &draft);  ///< [[neighbor]]
void read_routes(TableReader &root, Draft &draft);     ///< [[route]]
void read_routes_files(TableReader &root, Draft &draft); ///< routes_file
void read_groups(TableReader &root, Draft &draft); ///< [[membership]], [[mroute]], [[protocol]]
void check_interfaces(Draft &draft);               ///< what no interface can know by itself
void check_routes(Draft &draft);                   ///< duplicates
void check_capacity(Draft &draft);                 ///< everything against [capacity]
void derive_ports(Draft &draft);                   ///< ports, mbufs

/// The interface that key `interface` names, which is needed; null: a mistake, reported.
const mgm::InterfaceSpec *read_interface_of(TableReader &table, Draft &draft);

/// "must be …" for an address that no host can have, nullopt for a unicast address that one can.
/// Link-local ones pass: they are fine on a link.
std::optional<std::string_view> unicast_mistake(const mgm::IpAddress &address);

/// True when every address of the range is a multicast group.
bool is_group_range(const mgm::IpPrefix &range);

/// "must be …" for a text that is not the MAC of one station.
std::optional<std::string_view> station_mac_mistake(std::string_view text);

[[nodiscard]] bool is_link_local(const mgm::IpAddress &address);

/// "is …" for a neighbour that cannot be reached over this interface directly.
std::optional<std::string> on_link_mistake(const mgm::InterfaceSpec &interface,
                                           const mgm::IpAddress &address);

} // namespace apps
