// SPDX-License-Identifier: BSD-3-Clause
#include "control/group_control.hpp"

#include "mgm/log.hpp"
#include "mgm/segment_reader.hpp"

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

mgm::IpPrefix host(const mgm::IpAddress &address) {
    return {.address = address, .length = static_cast<std::uint8_t>(address.bits())};
}

mgm::IpPrefix source_of(const mgm::RouteSpec &spec) {
    if (spec.key.source)
        return host(*spec.key.source);
    return spec.source_range.value_or(
        mgm::IpPrefix{.address = manager::any_of(spec.key.group.family()), .length = 0});
}

manager::StaticRoute static_route(const mgm::RouteSpec &spec) {
    const mgm::IpAddress any = manager::any_of(spec.key.group.family());
    manager::StaticRoute route{.vrf = spec.key.vrf,
                               .source = source_of(spec),
                               .group = spec.key.group,
                               .iifs = spec.action.iifs,
                               .oifs = {},
                               .is_per_source = spec.is_per_source};
    route.oifs.reserve(spec.action.oifs.size());
    for (const mgm::OifSpec &oif : spec.action.oifs)
        route.oifs.push_back(
            {.link = {.interface = oif.interface, .next_hop = oif.next_hop.value_or(any)},
             .ttl_threshold = oif.ttl_threshold});
    return route;
}

} // namespace

GroupControl::GroupControl(const manager::Options &options, mgm::TableWriter &writer,
                           CommandQueue &commands, TablePlane::Held held)
    : writer_(writer),
      plane_(writer, std::move(held)),
      transport_(options, rib_, plane_, plane_, commands,
                 [this](manager::Event event, std::string_view detail) {
                     if (event == manager::Event::kTableFull)
                         kLog.warning("{}: {}", detail, plane_.refusal().what);
                     else
                         kLog.notice("event {}: {}", static_cast<unsigned>(event), detail);
                 }) {
    transport_.set_interfaces([this] { return interfaces(); });
}

void GroupControl::apply(const mgm::DesiredState &state) {
    interfaces_.clear();
    for (const mgm::InterfaceSpec &interface : state.interfaces) {
        interfaces_.emplace(interface.index, InterfaceInfo{.index = interface.index,
                                                           .name = interface.name,
                                                           .vrf = interface.vrf,
                                                           .addresses = interface.addresses,
                                                           .is_up = false});
    }
    publish_new_interfaces();
    apply_rib(state);
    apply_memberships(state);
}

void GroupControl::tick() {
    publish_new_interfaces(); // also of a change that was taken back
    transport_.tick();
}

/// What others said of them is published for all of them at once: before the first route of the
/// same change, which may name them, or at its end.
void GroupControl::interfaces_come(std::span<const mgm::IfIndex> interfaces) {
    for (const mgm::IfIndex index : interfaces) {
        plane_.interface_is_back(index);
        new_interfaces_.push_back(index);
    }
}

/// Their links leave both slots; static memberships stay, but no olist names them.
void GroupControl::interfaces_go(std::span<const mgm::IfIndex> interfaces) {
    for (const mgm::IfIndex index : interfaces) {
        plane_.interface_leaves(index);
        if (const auto found = interfaces_.find(index); found != interfaces_.end())
            manager().interface_removed(found->second.vrf, index, LocalTransport::now());
    }
    manager().interfaces_changed(interfaces, LocalTransport::now());
}

void GroupControl::publish_new_interfaces() {
    if (new_interfaces_.empty())
        return;
    std::ranges::sort(new_interfaces_);
    manager().interfaces_changed(new_interfaces_, LocalTransport::now());
    new_interfaces_.clear();
}

/// Of a change that could not be taken back there may be a route that should not be there, or none
/// that should.
mgm::Result<void> GroupControl::put_route(const mgm::RouteSpec &route, bool is_new) {
    const auto add = [&](const manager::Call &head, Handle client) {
        manager().add_route(head, client, static_route(route));
    };
    const auto change = [&](const manager::Call &head, Handle client) {
        manager().change_route(head, client, static_route(route));
    };
    Status status = is_new ? call(route, add) : call(route, change);
    if (is_new && status == Status::kInvalidParameter)
        status = call(route, change);
    else if (!is_new && status == Status::kNotFound)
        status = call(route, add);
    return outcome(route, status);
}

mgm::Result<void> GroupControl::remove_route(const mgm::RouteSpec &route) {
    const Status status = call(route, [&](const manager::Call &head, Handle client) {
        manager().remove_route(head, client, route.key.vrf, source_of(route), route.key.group);
    });
    return status == Status::kNotFound ? mgm::Result<void>{} : outcome(route, status);
}

Status GroupControl::call(const mgm::RouteSpec &route, const RouteCall &start) {
    publish_new_interfaces(); // before there is a million routes that name them
    const Handle client = static_client(route.key.vrf);
    Status result = Status::kCanNotComplete;
    plane_.forget_refusal();
    transport_.call_here([&](const manager::Call &head) { start(head, client); },
                         [&](Status status, Handle) { result = status; }); // it waits for nothing
    return result;
}

mgm::Result<void> GroupControl::outcome(const mgm::RouteSpec &route, Status status) const {
    if (status == Status::kOk)
        return {};
    const mgm::Error &refusal = plane_.refusal();
    if (status == Status::kNotEnoughMemory && refusal.what.empty())
        return mgm::fail(mgm::Errc::kTableFull, "route {}: no memory", route);
    if (status == Status::kNotEnoughMemory)
        return mgm::fail(refusal.code, "route {}: {}", route, refusal.what);
    if (!static_clients_.contains(route.key.vrf) || static_clients_.at(route.key.vrf) == Handle{})
        return mgm::fail(
            mgm::Errc::kUnavailable,
            "route {}: a protocol has the role STATIC in its vrf, or there is no memory", route);
    return mgm::fail(mgm::Errc::kInternal, "route {}: the group manager ends the call in status {}",
                     route, static_cast<std::uint32_t>(status));
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

void GroupControl::apply_rib(const mgm::DesiredState &state) {
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
