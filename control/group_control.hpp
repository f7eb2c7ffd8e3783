// SPDX-License-Identifier: BSD-3-Clause
// The group manager with all that it stands on: the multicast RIB, the tables, the clients'
// transport, and the configuration's routes and memberships as the STATIC client of the same
// manager.
//
// Thread: what is headed so, the control thread; transport() and what it offers, any other.
#pragma once

#include "control/client/local_transport.hpp"
#include "control/command_queue.hpp"
#include "control/rib.hpp"
#include "control/static_routes.hpp"
#include "control/table_plane.hpp"
#include "mgm/desired_state.hpp"
#include "mgm/table_writer.hpp"

#include <functional>
#include <map>
#include <span>
#include <vector>

namespace control {

class GroupControl : public RouteTarget {
public:
    /// `writer` and `commands` outlive it.
    GroupControl(const manager::Options &options, mgm::TableWriter &writer, CommandQueue &commands,
                 TablePlane::Held held);

    // --- control thread
    /// The routes of the RIB and the static memberships become what `state` says, the interfaces
    /// what it lists. Called after the tables know its interfaces.
    void apply(const mgm::DesiredState &state);
    // RouteTarget
    mgm::Result<void> put_route(const mgm::RouteSpec &route, bool is_new) override;
    mgm::Result<void> remove_route(const mgm::RouteSpec &route) override;
    void interfaces_come(std::span<const mgm::IfIndex> interfaces) override;
    void interfaces_go(std::span<const mgm::IfIndex> interfaces) override; ///< 8.25: a Release
    void tick();
    [[nodiscard]] manager::Manager &manager() noexcept { return transport_.manager(); }
    [[nodiscard]] StatisticsReader &statistics() noexcept { return plane_; }

    /// For protocols in this process.
    [[nodiscard]] Transport &transport() noexcept { return transport_; }

private:
    using Membership = mgm::MembershipSpec;

    using RouteCall = std::function<void(const manager::Call &, manager::Handle)>;

    /// How the call about `route` ends that `start` makes, as the STATIC client of its vrf.
    manager::Status call(const mgm::RouteSpec &route, const RouteCall &start);
    [[nodiscard]] mgm::Result<void> outcome(const mgm::RouteSpec &route,
                                            manager::Status status) const;
    void publish_new_interfaces();
    void apply_rib(const mgm::DesiredState &state);
    void apply_memberships(const mgm::DesiredState &state);
    [[nodiscard]] manager::Handle static_client(mgm::Vrf vrf);
    void change(mgm::Vrf vrf, const Membership &membership, bool is_added);

    [[nodiscard]] std::vector<InterfaceInfo> interfaces() const;

    mgm::TableWriter &writer_;
    Rib rib_;
    TablePlane plane_;
    LocalTransport transport_;
    std::map<mgm::Vrf, manager::Handle> static_clients_;
    std::map<mgm::IfIndex, InterfaceInfo> interfaces_; ///< of the state in force
    std::vector<mgm::IfIndex> new_interfaces_;         ///< not yet in entries that they belong to
    std::map<Membership, mgm::Vrf> memberships_;       ///< likewise
    std::vector<RibRoute> routes_;                     ///< likewise, sorted
};

} // namespace control
