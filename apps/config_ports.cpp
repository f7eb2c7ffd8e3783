// SPDX-License-Identifier: BSD-3-Clause
// What the interfaces and routes mean for the ports below them.
#include "apps/config_draft.hpp"
#include "mgm/address_class.hpp"

#include <algorithm>
#include <bit>
#include <unordered_map>

namespace apps {

namespace {

constexpr std::size_t kMostFilters = 64; // more and all multicast is cheaper than a filter list

mgm::MacAddress mac_of(const mgm::IpAddress &group) {
    return group.family() == mgm::Family::kIpv4 ? mgm::group_mac(group.v4())
                                                : mgm::group_mac(group.v6());
}

/// Each MAC once, in rising order.
void add_once(std::vector<mgm::MacAddress> &macs, const mgm::MacAddress &mac) {
    const auto at = std::lower_bound(macs.begin(), macs.end(), mac);
    if (at == macs.end() || *at != mac)
        macs.insert(at, mac);
}

/// The group MACs that each interface's port has to let in. A wildcard, or too many, means all.
void add_groups(std::vector<dataplane::PortSpec> &ports,
                const std::unordered_map<mgm::IfIndex, std::size_t> &port_of,
                const std::vector<mgm::RouteSpec> &routes) {
    std::vector<bool> takes_all(ports.size(), false);
    for (const mgm::RouteSpec &route : routes)
        for (const mgm::IfIndex iif : route.action.iifs) {
            const std::size_t port = port_of.at(iif);
            std::vector<mgm::MacAddress> &groups = ports[port].groups;
            if (!route.key.group.is_host() || groups.size() > kMostFilters)
                takes_all[port] = true;
            if (!takes_all[port])
                add_once(groups, mac_of(route.key.group.address));
        }
    for (std::size_t port = 0; port < ports.size(); ++port)
        if (takes_all[port])
            ports[port].groups.clear();
}

constexpr std::size_t kPerWorker = 2048; ///< mbufs in a worker's cache and on their way

/// Enough for full rings on every port, even if all stay full, and for what is on its way between
/// them (dataplane/README.md, "A port that takes nothing").
std::size_t covering_mbufs(const Config &config) {
    const std::size_t rings = config.ports.size() * config.geometry.workers *
                              (std::size_t{config.rx_descriptors} + config.tx_descriptors);
    return rings + config.geometry.workers * kPerWorker;
}

std::uint32_t needed_mbufs(const Config &config) {
    constexpr std::size_t kLeast = 16383; // af_xdp alone wants 8,192 for a queue
    const std::size_t wanted = std::max(kLeast, covering_mbufs(config));
    // What is held must not be missing elsewhere (dataplane/policy.hpp).
    const std::size_t held = config.is_data_driven() ? wanted / (dataplane::kHeldPoolShare - 1) : 0;
    return static_cast<std::uint32_t>(std::bit_ceil(wanted + held + 1) - 1); // mempools like it
}

/// In the order of their first interface, with what the interfaces and routes ask of them.
std::vector<dataplane::PortSpec> ports_of(const Config &config) {
    const mgm::DesiredState &state = config.state;
    std::vector<dataplane::PortSpec> ports;
    std::unordered_map<mgm::IfIndex, std::size_t> port_of;
    for (const mgm::InterfaceSpec &spec : state.interfaces) {
        auto port = std::find_if(ports.begin(), ports.end(), [&](const dataplane::PortSpec &known) {
            return known.devargs == spec.port;
        });
        if (port == ports.end())
            port = ports.insert(ports.end(), {spec.port, spec.mtu, spec.mac, {}});
        port->mtu = std::max(port->mtu, spec.mtu);
        port_of[spec.index] = static_cast<std::size_t>(port - ports.begin());
    }
    if (!config.is_data_driven())
        add_groups(ports, port_of, state.routes);
    return ports;
}

} // namespace

std::uint16_t longest_frame(const Config &config) {
    constexpr unsigned kLeast = 2048;
    constexpr unsigned kLinkHeader = 18; // Ethernet and a VLAN tag
    unsigned longest = kLeast;
    for (const dataplane::PortSpec &port : config.ports)
        longest = std::max(longest, port.mtu + kLinkHeader);
    return static_cast<std::uint16_t>(longest);
}

void derive_ports(Draft &draft) {
    Config &config = draft.config;
    config.ports = ports_of(config);
    const std::size_t least =
        config.ports.size() * config.geometry.workers * config.rx_descriptors +
        config.geometry.workers * std::size_t{512};
    if (!config.mbufs_given)
        config.mbufs = needed_mbufs(config);
    if (config.mbufs > kMostMbufs)
        draft.mistakes.add(draft.capacity_at,
                           "[capacity]: {} ports with {} + {} descriptors and {} workers want {} "
                           "mbufs, more than {}; lower the descriptors or the workers",
                           config.ports.size(), config.rx_descriptors, config.tx_descriptors,
                           config.geometry.workers, config.mbufs, kMostMbufs);
    else if (config.mbufs < least)
        draft.mistakes.add(draft.capacity_at,
                           "[capacity]: mbufs = {} cannot fill the receive rings of {} ports with "
                           "{} descriptors and {} workers; give at least {}",
                           config.mbufs, config.ports.size(), config.rx_descriptors,
                           config.geometry.workers, least);
    else if (const std::size_t covering = covering_mbufs(config); config.mbufs < covering)
        draft.mistakes.warn(
            draft.capacity_at,
            "[capacity]: mbufs = {} do not cover {} workers x {} ports x ({} receive + {} "
            "transmit descriptors) + {} on their way in each worker: while ports that do not send "
            "keep their rings full, packets for the others may find no buffer; raise mbufs to {}, "
            "or lower tx_descriptors or rx_descriptors",
            config.mbufs, config.geometry.workers, config.ports.size(), config.rx_descriptors,
            config.tx_descriptors, kPerWorker, covering);
}

} // namespace apps
