// SPDX-License-Identifier: BSD-3-Clause
#include "control/group_control.hpp"

#include "mgm/log.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace control {

using manager::Handle;
using manager::Status;

namespace {

const mgm::Log kLog("mgm.groups");

/// Connected networks and mroutes, sorted.
std::vector<RibRoute> routes_of(const mgm::DesiredState &state) {
    std::vector<RibRoute> routes;
    std::map<mgm::IfIndex, mgm::Vrf> vrfs;
    for (const mgm::InterfaceSpec &interface : state.interfaces) {
        vrfs.emplace(interface.index, interface.vrf);
        for (const mgm::IpPrefix &address : interface.addresses)
            routes.push_back({.vrf = interface.vrf,
                              .prefix = address.network(),
                              .interface = interface.index,
                              .neighbor = std::nullopt,
                              .protocol = RouteProtocol::kLocal,
                              .preference = 0});
    }
    for (const mgm::MrouteSpec &mroute : state.mroutes)
        routes.push_back({.vrf = vrfs.at(mroute.interface),
                          .prefix = mroute.prefix,
                          .interface = mroute.interface,
                          .neighbor = mroute.neighbor,
                          .protocol = RouteProtocol::kStatic,
                          .preference = mroute.preference});
    std::ranges::sort(routes);
    routes.erase(std::unique(routes.begin(), routes.end()), routes.end());
    return routes;
}

} // namespace

GroupControl::GroupControl(const manager::Options &options, mgm::TableWriter &writer,
                           CommandQueue &commands, TablePlane::Held held)
    : writer_(writer),
      plane_(writer, std::move(held)),
      transport_(options, rib_, plane_, plane_, commands,
                 [](manager::Event event, std::string_view detail) {
                     kLog.notice("event {}: {}", static_cast<unsigned>(event), detail);
                 }) {
    transport_.set_interfaces([this] { return interfaces(); });
}

void GroupControl::apply(const mgm::DesiredState &state) {
    interfaces_.clear();
    for (const mgm::InterfaceSpec &interface : state.interfaces) {
        plane_.interface_is_back(interface.index);
        interfaces_.emplace(interface.index, InterfaceInfo{.index = interface.index,
                                                           .name = interface.name,
                                                           .vrf = interface.vrf,
                                                           .addresses = interface.addresses,
                                                           .is_up = false});
    }
    manager().interfaces_changed(LocalTransport::now());
    apply_routes(state);
    apply_memberships(state);
}

/// The link leaves both slots; static memberships stay, but no olist names it.
void GroupControl::interface_goes(mgm::IfIndex index) {
    plane_.interface_leaves(index);
    if (const auto found = interfaces_.find(index); found != interfaces_.end())
        manager().interface_removed(found->second.vrf, index, LocalTransport::now());
    manager().interfaces_changed(LocalTransport::now());
}

std::vector<InterfaceInfo> GroupControl::interfaces() const {
    const mgm::SegmentReader reader(writer_.tables());
    std::vector<InterfaceInfo> list;
    for (const auto &[index, interface] : interfaces_) {
        list.push_back(interface);
        if (const std::optional<mgm::IfSlot> slot = writer_.slot_of(index))
            if (const auto copy = reader.interface(*slot))
                list.back().is_up = copy->state == mgm::LinkState::kUp;
    }
    return list;
}

void GroupControl::apply_routes(const mgm::DesiredState &state) {
    std::vector<RibRoute> next = routes_of(state);
    std::vector<RibRoute> gone, made;
    std::ranges::set_difference(routes_, next, std::back_inserter(gone));
    std::ranges::set_difference(next, routes_, std::back_inserter(made));
    routes_ = std::move(next);
    for (const RibRoute &route : gone)
        (void)rib_.remove(route);
    for (const RibRoute &route : made)
        if (const mgm::Result<void> added = rib_.add(route); !added)
            kLog.error("{} is no route: {}", route.prefix, added.error().what);
    for (const std::vector<RibRoute> *changed : {&gone, &made})
        for (const RibRoute &route : *changed)
            manager().route_changed(route.vrf, route.prefix, LocalTransport::now());
}

void GroupControl::apply_memberships(const mgm::DesiredState &state) {
    std::map<Membership, mgm::Vrf> next;
    for (const Membership &membership : state.memberships)
        next.emplace(membership, interfaces_.at(membership.interface).vrf);
    const std::map<Membership, mgm::Vrf> old = std::exchange(memberships_, next);
    for (const auto &[membership, vrf] : next)
        if (const auto found = old.find(membership); found == old.end() || found->second != vrf)
            change(vrf, membership, true);
    for (const auto &[membership, vrf] : old)
        if (const auto found = next.find(membership); found == next.end() || found->second != vrf)
            change(vrf, membership, false);
}

/// One in each vrf (8.1), made when it is first needed.
Handle GroupControl::static_client(mgm::Vrf vrf) {
    Handle &client = static_clients_[vrf];
    if (client == Handle{})
        transport_.call_here(
            [&](const manager::Call &call) {
                manager().register_client(call, {.identity = {},
                                                 .role = manager::Role::kStatic,
                                                 .vrf = vrf,
                                                 .families = manager::Families::kBoth,
                                                 .callbacks = {}});
            },
            [&](Status, Handle handle) { client = handle; });
    return client;
}

void GroupControl::change(mgm::Vrf vrf, const Membership &membership, bool is_added) {
    const auto host = [](const mgm::IpAddress &address) {
        return mgm::IpPrefix{.address = address,
                             .length = static_cast<std::uint8_t>(address.bits())};
    };
    const mgm::IpAddress any = manager::any_of(membership.group.family());
    const manager::Membership asked{.source = membership.source
                                                  ? host(*membership.source)
                                                  : mgm::IpPrefix{.address = any, .length = 0},
                                    .group = host(membership.group),
                                    .link = {.interface = membership.interface, .next_hop = any},
                                    .flags = manager::kJoinState};
    const Handle client = static_client(vrf);
    transport_.call_here(
        [&](const manager::Call &call) {
            if (is_added)
                manager().add(call, client, asked);
            else
                manager().remove(call, client, asked);
        },
        // May come later, when the link is just changing hands.
        [group = membership.group, interface = membership.interface](Status status, Handle) {
            if (status != Status::kOk)
                kLog.error("static membership of {} on {}: status {}", group, interface,
                           static_cast<std::uint32_t>(status));
        });
}

} // namespace control
