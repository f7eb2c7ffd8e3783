// SPDX-License-Identifier: BSD-3-Clause
#include "control/rpc/segment_pages.hpp"

#include "control/rpc/segment_copy.hpp"

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

void fill(const InterfaceCopy &interface, const InterfacePorts::Status &port,
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
}

template <mgm::Family F>
bool matches(const RouteFilter &filter, const EntryCopy<F> &entry) {
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

void fill_status(mgm::Tables tables, const ControlReport &report,
                 mgm::v1::GetStatusResponse &response) {
    const mgm::SegmentHeader &header = tables.header();
    const mgm::Geometry &geometry = header.geometry;
    response.set_instance(report.instance);
    response.set_version(report.version);
    response.set_config_file(report.config_file);
    response.set_failed_reloads(report.failed_reloads);
    response.set_pid(header.pid);
    response.set_started_seconds(header.started_seconds);
    const auto now = static_cast<std::uint64_t>(std::time(nullptr));
    response.set_uptime_seconds(now - std::min(now, header.started_seconds));
    // relaxed: a statistic, orders nothing
    response.set_reloads(header.reloads.load(std::memory_order_relaxed));
    response.set_layout_version(header.layout_version);
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
}

ControlReport report_of(mgm::Tables tables) {
    ControlReport report;
    const auto &instance = tables.header().instance;
    report.instance.assign(instance.data(), ::strnlen(instance.data(), instance.size()));
    for (std::uint32_t slot = 1; slot <= tables.geometry().interfaces; ++slot)
        report.usage.interfaces += copy_interface(tables, mgm::IfSlot{slot}) ? 1 : 0;
    const auto count = [&]<mgm::Family F>(std::uint32_t &entries, std::uint32_t &ranges) {
        for (std::uint32_t i = 1; i < tables.layout<F>().entry_count; ++i) {
            const std::optional<EntryCopy<F>> entry = copy_entry<F>(tables, mgm::MfeIndex{i});
            entries += entry ? 1 : 0;
            ranges += entry && entry->group_length != mgm::kAddressBits<F> ? 1 : 0;
        }
    };
    mgm::TableUsage &usage = report.usage;
    count.operator()<mgm::Family::kIpv4>(usage.ipv4_entries, usage.ipv4_ranges);
    count.operator()<mgm::Family::kIpv6>(usage.ipv6_entries, usage.ipv6_ranges);
    return report;
}

bool InterfacePages::operator()(mgm::v1::ShowInterfacesResponse &page) {
    for (; slot_ <= tables_.geometry().interfaces && page.interfaces_size() < kInterfacesPerPage;
         ++slot_) {
        const std::optional<InterfaceCopy> interface = copy_interface(tables_, mgm::IfSlot{slot_});
        if (!interface || (!name_.empty() && interface->name != name_))
            continue;
        mgm::v1::Interface &to = *page.add_interfaces();
        fill(*interface, ports_[interface->index], to);
        fill_interface_totals(tables_, mgm::IfSlot{slot_}, *to.mutable_totals());
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
    const std::uint32_t end = tables_.layout<F>().entry_count;
    if (filter_.family && *filter_.family != F)
        next_ = end;
    for (; next_ < end && page.routes_size() < kRoutesPerPage; ++next_)
        add<F>(mgm::MfeIndex{next_}, page);
    return next_ < end;
}

template <mgm::Family F>
void RoutePages::add(mgm::MfeIndex index, mgm::v1::ShowRoutesResponse &page) {
    const std::optional<EntryCopy<F>> entry = copy_entry<F>(tables_, index);
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
    std::uint64_t packets = 0;
    std::uint64_t octets = 0;
    std::uint64_t different_in_if = 0;
    for (std::uint32_t worker = 0; worker < tables_.geometry().workers; ++worker) {
        packets += tables_.entry_counters<F>(worker, index).packets.read();
        octets += tables_.entry_counters<F>(worker, index).octets.read();
        different_in_if += tables_.different_in_if<F>(worker, index).read();
    }
    route.set_packets(packets);
    route.set_octets(octets);
    route.set_different_in_if_packets(different_in_if);
}

void RoutePages::add_oif(const mgm::Oif &oif, mgm::v1::Oif &to) {
    to.set_interface(index_of(oif.slot));
    to.set_ttl_threshold(oif.ttl_threshold);
    to.set_has_next_hop(oif.neighbor != mgm::kGroupMac);
    if (oif.neighbor == mgm::kGroupMac ||
        static_cast<std::uint32_t>(oif.neighbor) > tables_.geometry().neighbors)
        return;
    if (const std::optional<mgm::MacAddress> mac = tables_.neighbor_mac(oif.neighbor))
        to.set_next_hop_mac(mac_octets(*mac));
}

/// Remembered for the page: many routes name few interfaces.
std::uint32_t RoutePages::index_of(mgm::IfSlot slot) {
    const auto [at, is_new] = indices_.try_emplace(slot);
    if (is_new && static_cast<std::uint32_t>(slot) <= tables_.geometry().interfaces)
        if (const std::optional<InterfaceCopy> interface = copy_interface(tables_, slot))
            at->second = static_cast<std::uint32_t>(interface->index);
    return at->second;
}

} // namespace control::rpc
