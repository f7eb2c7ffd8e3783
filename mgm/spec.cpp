// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/spec.hpp"

namespace mgm {

namespace {

/// 224.0.0.0/4 and ff00::/8 are every group of their family.
bool is_every_group(const IpPrefix &group) {
    return group.length <= (group.family() == Family::kIpv4 ? 4U : 8U);
}

} // namespace

std::string to_string(const RouteKey &key) {
    const std::string source = key.source ? to_string(*key.source) : "*";
    const std::string group = is_every_group(key.group)
                                  ? (key.group.family() == Family::kIpv4 ? "*" : "*6")
                              : key.group.is_host() ? to_string(key.group.address)
                                                    : to_string(key.group);
    const std::string vrf =
        key.vrf == Vrf{} ? "" : fmt::format(" vrf {}", static_cast<unsigned>(key.vrf));
    return fmt::format("({},{}){}", source, group, vrf);
}

} // namespace mgm
