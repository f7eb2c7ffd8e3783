// SPDX-License-Identifier: BSD-3-Clause
// What a reload may change and what only a restart can.
#include "apps/config.hpp"
#include "apps/config_manager.hpp"

#include <fmt/format.h>

#include <string_view>

namespace apps {

namespace {

struct Comparison {
    std::vector<std::string> &reasons;

    template <class T>
    void operator()(std::string_view key, const T &before, const T &after) const {
        if (before != after)
            reasons.push_back(fmt::format("{} ({} -> {})", key, before, after));
    }
};

std::string_view idle_name(dataplane::Idle idle) {
    return idle == dataplane::Idle::kPoll ? "poll" : "adaptive";
}

void compare_geometry(const mgm::Geometry &a, const mgm::Geometry &b, const Comparison &compare) {
    compare("[capacity] interfaces", a.interfaces, b.interfaces);
    compare("[capacity] neighbors", a.neighbors, b.neighbors);
    compare("[capacity] vrfs", a.vrfs, b.vrfs);
    compare("[capacity] ipv4_entries", a.ipv4_entries, b.ipv4_entries);
    compare("[capacity] ipv6_entries", a.ipv6_entries, b.ipv6_entries);
    compare("[capacity] ipv4_ranges", a.ipv4_ranges, b.ipv4_ranges);
    compare("[capacity] ipv6_ranges", a.ipv6_ranges, b.ipv6_ranges);
    compare("[capacity] olist_mib", a.block_units / kBlockUnitsPerMib,
            b.block_units / kBlockUnitsPerMib);
}

/// Workers read the policy without any order: it is fixed while they run.
void compare_policy(const dataplane::Policy &a, const dataplane::Policy &b,
                    const Comparison &compare) {
    compare("[forwarding] allow_reserved_sources", a.allow_reserved_sources,
            b.allow_reserved_sources);
    compare("[forwarding] allow_link_local_sources", a.allow_link_local_sources,
            b.allow_link_local_sources);
    compare("[forwarding] strict_group_mac", a.strict_group_mac, b.strict_group_mac);
    compare("[forwarding] process_hop_by_hop", a.process_hop_by_hop, b.process_hop_by_hop);
    compare("[forwarding] icmpv6_errors_per_second", a.icmpv6_errors_per_second,
            b.icmpv6_errors_per_second);
}

} // namespace

std::vector<std::string> restart_reasons(const Config &running, const Config &next) {
    std::vector<std::string> reasons;
    const Comparison compare{reasons};
    compare("[mgmd] name", running.name, next.name);
    compare("[mgmd] workers", running.geometry.workers, next.geometry.workers);
    compare("[mgmd] idle", idle_name(running.idle), idle_name(next.idle));
    compare("[mgmd] socket", running.socket_path, next.socket_path);
    if (running.protocols != next.protocols)
        reasons.emplace_back("[[protocol]]");
    compare("packets held for the group manager, because of a [[protocol]], a [[membership]] or a "
            "[[route]] that acts on entries which data makes",
            running.is_data_driven(), next.is_data_driven());
    compare("[eal] args", fmt::format("{}", fmt::join(running.eal_args, " ")),
            fmt::format("{}", fmt::join(next.eal_args, " ")));
    compare_geometry(running.geometry, next.geometry, compare);
    if (next.mbufs_given)
        compare("[capacity] mbufs", running.mbufs, next.mbufs);
    compare("[capacity] rx_descriptors", running.rx_descriptors, next.rx_descriptors);
    compare("[capacity] tx_descriptors", running.tx_descriptors, next.tx_descriptors);
    if (longest_frame(next) > longest_frame(running)) // a smaller one fits
        compare("[[interface]] mtu: octets in a packet buffer", longest_frame(running),
                longest_frame(next));
    compare_policy(running.policy, next.policy, compare);
    compare_manager(running, next,
                    [&](std::string_view key, std::int64_t before, std::int64_t after) {
                        compare(fmt::format("[manager] {}", key), before, after);
                    });
    return reasons;
}

} // namespace apps
