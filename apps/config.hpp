// SPDX-License-Identifier: BSD-3-Clause
// The operator's configuration file as one validated value. apps/README.md is its reference: every
// key, unit, default and range.
#pragma once

#include "control/manager/manager.hpp"
#include "dataplane/policy.hpp"
#include "dataplane/port_manager.hpp"
#include "mgm/desired_state.hpp"
#include "mgm/layout.hpp"
#include "mgm/result.hpp"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace apps {

/// A routing protocol that mgmd loads (mgm_ext.h).
struct Protocol {
    std::string module; ///< absolute path of the shared object
    std::vector<std::string> arguments;
    friend bool operator==(const Protocol &, const Protocol &) = default;
};

/// Everything that `mgmd` needs to run. Only load_config() and parse_config() make one, so its
/// parts agree with each other.
struct Config {
    std::string file; ///< as given, for messages
    // [mgmd]
    std::string name = "mgm"; ///< the instance: hugepage files, memzones, socket
    dataplane::Idle idle = dataplane::Idle::kAdaptive;
    std::string socket_path; ///< unix socket of the control service
    std::optional<mgm::MacAddress> router_mac;
    // [eal]
    std::vector<std::string> eal_args;
    // [capacity]
    mgm::Geometry geometry; ///< workers included
    std::uint32_t mbufs = 0;
    bool mbufs_given = false; ///< false: mbufs was derived from the ports
    std::uint16_t rx_descriptors = 1024;
    std::uint16_t tx_descriptors = 1024;
    // [forwarding]
    dataplane::Policy policy;
    // [manager]
    control::manager::Options manager;
    // [[interface]], [[neighbor]], [[route]], the routes files, [[membership]], [[mroute]]
    mgm::DesiredState state;
    std::vector<std::string> routes_files; ///< absolute paths
    std::size_t inline_routes = 0;         ///< so many of state.routes come from [[route]]
    std::vector<Protocol> protocols;       ///< [[protocol]]
    // derived
    std::vector<dataplane::PortSpec> ports; ///< in the order of their first interface
    std::vector<std::string> warnings;      ///< a line each: legal, but probably not meant

    /// True: entries are made by data, so workers hold packets of unknown sources for the group
    /// manager, and ports let every group in. False: they drop them.
    [[nodiscard]] bool is_data_driven() const noexcept {
        return !protocols.empty() || !state.memberships.empty() ||
               std::ranges::any_of(
                   state.routes, [](const mgm::RouteSpec &route) { return !route.makes_entry(); });
    }
};

/// Unit of [capacity] olist_mib.
inline constexpr std::uint32_t kBlockUnitsPerMib = (1U << 20) / mgm::kLine;

/// Reads `path` and the routes files it names. An error's `what` has one line per mistake,
/// "file:line:column: reason"; the code is kNotFound when the file itself cannot be read, else
/// kInvalidArgument.
mgm::Result<Config> load_config(const std::string &path);

/// The same for a text that stands for file `path`: routes files are found relative to it.
mgm::Result<Config> parse_config(std::string_view text, const std::string &path);

/// The effective configuration with every default spelled out; parses back to the same Config.
/// Routes of routes files stay where they are.
std::string to_toml(const Config &config);

/// Octets that a packet buffer must hold: the longest frame of any port with its Ethernet header
/// and one VLAN tag, at least 2048.
std::uint16_t longest_frame(const Config &config);

/// What a reload may not change, by key: "[mgmd] workers (1 -> 2)". Empty: `next` may be applied.
std::vector<std::string> restart_reasons(const Config &running, const Config &next);

} // namespace apps
