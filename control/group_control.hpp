// SPDX-License-Identifier: BSD-3-Clause
// The group manager with all that it stands on: the multicast RIB, the tables, the clients'
// transport, and the configuration's memberships as the STATIC client of the same manager.
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

#include <map>
#include <vector>

namespace control {

class GroupControl : public TableTenant {
public:
    /// `writer` and `commands` outlive it.
    GroupControl(const manager::Options &options, mgm::TableWriter &writer, CommandQueue &commands,
                 TablePlane::Held held);

    // --- control thread
    /// The routes of the RIB and the static memberships become what `state` says, the interfaces
    /// what it lists. Called after the tables know its interfaces.
    void apply(const mgm::DesiredState &state);
    // TableTenant
    /// Entries whose data the route takes over go (mgm-spec 8.1).
    void route_comes(const mgm::RouteKey &key) override { manager().static_route_added(key); }
    /// An implicit Release (8.25).
    void interface_goes(mgm::IfIndex index) override;
    void tick() { transport_.tick(); }
    [[nodiscard]] manager::Manager &manager() noexcept { return transport_.manager(); }
    [[nodiscard]] StatisticsReader &statistics() noexcept { return plane_; }

    /// For protocols in this process.
    [[nodiscard]] Transport &transport() noexcept { return transport_; }

private:
    using Membership = mgm::MembershipSpec;

    void apply_routes(const mgm::DesiredState &state);
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
    std::map<Membership, mgm::Vrf> memberships_;       ///< likewise
    std::vector<RibRoute> routes_;                     ///< likewise, sorted
};

} // namespace control
