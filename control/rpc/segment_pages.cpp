// SPDX-License-Identifier: BSD-3-Clause
#include "control/rpc/segment_pages.hpp"

#include <algorithm>
#include <cstring>
#include <ctime>
#include <utility>

namespace control::rpc {

namespace {

constexpr int kInterfacesPerPage = 100;
constexpr int kRoutesPerPage = 1000;

std::string mac_octets(const mgm::MacAddress &mac) {
    return {reinterpret_cast<const char *>(mac.octets.data()), mac.octets.size()};
}

void fill_prefix(const mgm::IpPrefix &prefix, mgm::v1::Prefix &to) {
    to.set_address(octets_of(prefix.address));
    to.set_length(prefix.length);
}

mgm::v1::LinkState to_proto(mgm::LinkState state) {
    switch (state) {
    case mgm::LinkState::kPending:
        return mgm::v1::LINK_STATE_PENDING;
    case mgm::LinkState::kDown:
        return mgm::v1::LINK_STATE_DOWN;
    case mgm::LinkState::kUp:
        return mgm::v1::LINK_STATE_UP;
    }
    return mgm::v1::LINK_STATE_UNSPECIFIED;
}

void fill(const mgm::InterfaceCopy &interface, const InterfacePorts::Status &port,
          mgm::v1::Interface &to) {
    to.set_index(static_cast<std::uint32_t>(interface.index));
    to.set_name(interface.name);
    to.set_port(port.port);
    to.set_vlan(interface.vlan);
    to.set_vrf(interface.vrf);
    to.set_state(to_proto(interface.state));
    to.set_mac(mac_octets(interface.mac));
    to.set_mtu(interface.mtu);
    to.set_ttl_threshold(interface.ttl_threshold);
    to.set_scope_boundary(interface.scope_boundary);
    for (const mgm::IpPrefix &address : interface.addresses)
        fill_prefix(address, *to.add_addresses());
    for (const mgm::IpPrefix &boundary : interface.boundaries)
        fill_prefix(boundary, *to.add_boundaries());
    to.set_port_events(port.events);
    to.set_last_failure(port.last_failure);
    to.set_changing(interface.is_changing);
}

template <mgm::Family F>
bool matches(const RouteFilter &filter, const mgm::EntryCopy<F> &entry) {
    if (filter.vrf && *filter.vrf != entry.key.vrf)
        return false;
    if (filter.source && *filter.source != mgm::IpAddress(entry.key.source))
        return false;
    return !filter.group || (filter.group->length <= entry.group_length &&
                             filter.group->contains(mgm::IpAddress(entry.key.group)));
}

} // namespace

std::vector<std::string_view> lines_of(std::string_view text) {
    std::vector<std::string_view> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        if (end != 0)
            lines.push_back(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return lines;
}

std::string octets_of(const mgm::IpAddress &address) {
    return {reinterpret_cast<const char *>(address.octets().data()), address.bits() / 8};
}

std::optional<mgm::IpAddress> address_of(std::string_view octets) {
    if (octets.size() == sizeof(mgm::Ipv4Address::be)) {
        mgm::Ipv4Address address;
        std::memcpy(&address.be, octets.data(), octets.size());
        return mgm::IpAddress(address);
    }
    mgm::Ipv6Address address;
    if (octets.size() != address.octets.size())
        return std::nullopt;
    std::memcpy(address.octets.data(), octets.data(), octets.size());
    return mgm::IpAddress(address);
}

void fill_status(const mgm::SegmentReader &segment, const ControlReport &report,
                 mgm::v1::GetStatusResponse &response) {
    const mgm::SegmentIdentity identity = segment.identity();
    const mgm::Geometry &geometry = segment.geometry();
    response.set_instance(report.instance);
    response.set_version(report.version);
    response.set_config_file(report.config_file);
    response.set_failed_reloads(report.failed_reloads);
    response.set_pid(identity.pid);
    response.set_started_seconds(identity.started_seconds);
    const auto now = static_cast<std::uint64_t>(std::time(nullptr));
    response.set_uptime_seconds(now - std::min(now, identity.started_seconds));
    response.set_reloads(identity.reloads);
    response.set_layout_version(mgm::kLayoutVersion);
    response.set_workers(geometry.workers);
    response.set_retired(report.usage.retired);
    const auto add = [&](const char *name, std::uint64_t used, std::uint64_t capacity) {
        mgm::v1::Usage &usage = *response.add_usage();
        usage.set_name(name);
        usage.set_used(used);
        usage.set_capacity(capacity);
    };
    add("ipv4_entries", report.usage.ipv4_entries, geometry.ipv4_entries);
    add("ipv6_entries", report.usage.ipv6_entries, geometry.ipv6_entries);
    add("ipv4_ranges", report.usage.ipv4_ranges, geometry.ipv4_ranges);
    add("ipv6_ranges", report.usage.ipv6_ranges, geometry.ipv6_ranges);
    add("forward_sets", report.usage.forward_sets, 0);
    add("interfaces", report.usage.interfaces, geometry.interfaces);
    add("neighbors", report.usage.neighbors, geometry.neighbors);
    add("block_units", report.usage.block_units, geometry.block_units);
    if (report.mbufs.capacity != 0)
        add("mbufs", report.mbufs.used, report.mbufs.capacity);
}

ControlReport report_of(const mgm::SegmentReader &segment) {
    ControlReport report;
    report.instance = segment.identity().instance;
    mgm::TableUsage &usage = report.usage;
    segment.visit_interfaces([&](const mgm::InterfaceCopy & /*interface*/) { ++usage.interfaces; });
    segment.visit_entries<mgm::Family::kIpv4>([&](const auto &entry) {
        ++usage.ipv4_entries;
        usage.ipv4_ranges += entry.group_length < mgm::kAddressBits<mgm::Family::kIpv4> ? 1 : 0;
    });
    segment.visit_entries<mgm::Family::kIpv6>([&](const auto &entry) {
        ++usage.ipv6_entries;
        usage.ipv6_ranges += entry.group_length < mgm::kAddressBits<mgm::Family::kIpv6> ? 1 : 0;
    });
    return report;
}

bool InterfacePages::operator()(mgm::v1::ShowInterfacesResponse &page) {
    for (; slot_ <= segment_.geometry().interfaces && page.interfaces_size() < kInterfacesPerPage;
         ++slot_) {
        const std::optional<mgm::InterfaceCopy> interface = segment_.interface(mgm::IfSlot{slot_});
        if (!interface || (!name_.empty() && interface->name != name_))
            continue;
        mgm::v1::Interface &to = *page.add_interfaces();
        fill(*interface, ports_[interface->index], to);
        fill_interface_totals(segment_, mgm::IfSlot{slot_}, *to.mutable_totals());
    }
    return page.interfaces_size() != 0;
}

mgm::Result<RouteFilter> route_filter(const mgm::v1::ShowRoutesRequest &request) {
    RouteFilter filter;
    if (request.has_group()) {
        const std::optional<mgm::IpAddress> group = address_of(request.group().address());
        if (!group || request.group().length() > group->bits())
            return mgm::fail(mgm::Errc::kInvalidArgument,
                             "group: {} octets with length {} are no prefix; want 4 or 16 octets",
                             request.group().address().size(), request.group().length());
        filter.group = mgm::IpPrefix{*group, static_cast<std::uint8_t>(request.group().length())};
    }
    if (!request.source().empty()) {
        filter.source = address_of(request.source());
        if (!filter.source)
            return mgm::fail(mgm::Errc::kInvalidArgument,
                             "source: {} octets are no address; want 4 or 16",
                             request.source().size());
    }
    if (request.has_vrf())
        filter.vrf = request.vrf();
    if (request.family() != 0 && request.family() != 4 && request.family() != 6)
        return mgm::fail(mgm::Errc::kInvalidArgument, "family: {} is neither 4, 6 nor 0 for both",
                         request.family());
    if (request.family() != 0)
        filter.family = static_cast<mgm::Family>(request.family());
    return filter;
}

bool RoutePages::operator()(mgm::v1::ShowRoutesResponse &page) {
    indices_.clear();
    if (family_ == mgm::Family::kIpv4 && !fill<mgm::Family::kIpv4>(page)) {
        family_ = mgm::Family::kIpv6;
        next_ = 1;
    }
    if (family_ == mgm::Family::kIpv6)
        fill<mgm::Family::kIpv6>(page);
    return page.routes_size() != 0;
}

template <mgm::Family F>
bool RoutePages::fill(mgm::v1::ShowRoutesResponse &page) {
    const std::uint32_t end = segment_.entry_limit<F>();
    if (filter_.family && *filter_.family != F)
        next_ = end;
    for (; next_ < end && page.routes_size() < kRoutesPerPage; ++next_)
        add<F>(mgm::MfeIndex{next_}, page);
    return next_ < end;
}

template <mgm::Family F>
void RoutePages::add(mgm::MfeIndex index, mgm::v1::ShowRoutesResponse &page) {
    const std::optional<mgm::EntryCopy<F>> entry = segment_.entry<F>(index);
    if (!entry || !matches(filter_, *entry))
        return;
    mgm::v1::Route &route = *page.add_routes();
    route.set_vrf(entry->key.vrf);
    if (entry->key.source != mgm::Address<F>{})
        route.set_source(octets_of(mgm::IpAddress(entry->key.source)));
    fill_prefix(mgm::IpPrefix{mgm::IpAddress(entry->key.group), entry->group_length},
                *route.mutable_group());
    for (const mgm::IfSlot slot : entry->iifs)
        route.add_iifs(index_of(slot));
    for (const mgm::Oif &oif : entry->oifs)
        add_oif(oif, *route.add_oifs());
    route.set_created_seconds(entry->created_seconds);
    route.set_changing(entry->is_changing);
    route.set_packets(entry->sums.packets);
    route.set_octets(entry->sums.octets);
    route.set_different_in_if_packets(entry->sums.different_in_if);
}

void RoutePages::add_oif(const mgm::Oif &oif, mgm::v1::Oif &to) {
    to.set_interface(index_of(oif.slot));
    to.set_ttl_threshold(oif.ttl_threshold);
    to.set_has_next_hop(oif.neighbor != mgm::kGroupMac);
    if (oif.neighbor == mgm::kGroupMac)
        return;
    if (const std::optional<mgm::MacAddress> mac = segment_.neighbor_mac(oif.neighbor))
        to.set_next_hop_mac(mac_octets(*mac));
}

/// Remembered for the page: many routes name few interfaces.
std::uint32_t RoutePages::index_of(mgm::IfSlot slot) {
    const auto [at, is_new] = indices_.try_emplace(slot);
    if (is_new)
        if (const std::optional<mgm::InterfaceCopy> interface = segment_.interface(slot))
            at->second = static_cast<std::uint32_t>(interface->index);
    return at->second;
}

} // namespace control::rpc
