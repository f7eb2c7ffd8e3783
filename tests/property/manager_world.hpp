// SPDX-License-Identifier: BSD-3-Clause
// The small world that the manager is tried in: a few links, keys and routes, known by number to
// the test and its oracle. So few that they meet all the time, yet of each kind there is:
// point-to-multipoint links, two families on one interface, wildcard keys, a source-specific group,
// routes that lead nowhere.
#pragma once

#include "control/manager/types.hpp"
#include "control/rib.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>

namespace mgm_test {

/// A set of links, keys, sources or clients by number.
using Mask = std::uint32_t;
[[nodiscard]] constexpr Mask bit(int number) {
    return Mask{1} << static_cast<unsigned>(number);
}
[[nodiscard]] constexpr bool has(Mask mask, int number) {
    return (mask & bit(number)) != 0;
}

inline constexpr int kNone = -1;

/// In ascending order of (interface, next hop).
inline constexpr int kLinks = 9;
[[nodiscard]] const control::manager::Link &link(int number);
[[nodiscard]] int number_of(const control::manager::Link &link);
/// The link without next hop on `interface`: where a packet that came in there came from.
[[nodiscard]] int plain_link(std::uint32_t interface, mgm::Family family);

inline constexpr int kKeys = 12;
struct Shape {
    mgm::Family family{};
    int group = 0;  ///< 0 = any
    int source = 0; ///< 0 = any
    bool is_ssm = false;
};
[[nodiscard]] const Shape &shape(int key);
[[nodiscard]] const control::manager::Key &key(int number);
[[nodiscard]] int number_of(const control::manager::Key &key);
[[nodiscard]] bool is_flow(int key); ///< (S,G)
/// Receivers of `key` want the data of `flow` (mgm-spec 1.4, 7.2: wildcards never match a
/// source-specific group).
[[nodiscard]] bool matches(int key, int flow);
/// The key with this group and source; kNone: not in this world.
[[nodiscard]] int find_key(mgm::Family family, int group, int source);
/// All keys of this group.
[[nodiscard]] Mask keys_of_group(mgm::Family family, int group);

inline constexpr int kSources = 4; ///< 1, 2: IPv4, 3: IPv6
[[nodiscard]] const mgm::IpAddress &source(int number);
[[nodiscard]] int source_number(const mgm::IpAddress &address);

/// Routes that a source may have; option 0 is none.
inline constexpr int kRoutes = 8;
[[nodiscard]] std::optional<control::RibRoute> route(int source, int option);

/// Static routes (mgm-spec 8.1): the source and group that each is of.
inline constexpr int kStaticRoutes = 16;
struct StaticShape {
    mgm::Family family{};
    int source = 0; ///< 0 = any, kSomeSources = all of this world, else that one
    int group = 0;  ///< 0 = any, kLowGroups, kHighGroups, else that one
};
inline constexpr int kSomeSources = -1;
inline constexpr int kLowGroups = -1;  ///< 224.0.0.0/5: group 2
inline constexpr int kHighGroups = -2; ///< 232.0.0.0/5: groups 1 and 3
[[nodiscard]] const StaticShape &static_shape(int number);
[[nodiscard]] mgm::IpPrefix source_prefix(const StaticShape &shape);
[[nodiscard]] mgm::IpPrefix group_prefix(mgm::Family family, int group);
/// Data of `flow` is that of the route.
[[nodiscard]] bool is_of(const StaticShape &shape, int flow);

[[nodiscard]] std::string name_of_link(int number);
[[nodiscard]] std::string name_of_key(int number);

} // namespace mgm_test
