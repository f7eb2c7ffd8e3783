// SPDX-License-Identifier: BSD-3-Clause
// The product under test where packets come from outside: interfaces on any ports, an arrival
// interface for each VLAN, entries for any flows, and the worker that mgmd runs.
//
// Thread: built and asked on the main thread, which is the tables' writer; the worker runs on its
// lcore.
#pragma once

#include "apps/bench/live_wire.hpp"
#include "apps/bench/router.hpp"
#include "apps/bench/traffic.hpp"
#include "mgm/segment_reader.hpp"

#include <memory>
#include <vector>

namespace bench {

struct LivePlan {
    std::vector<std::uint16_t> vlans{0}; ///< of arrival; 0 is untagged
    std::vector<FlowAddresses> flows;    ///< an entry for each
    MacMode mac_mode = MacMode::kRouter;
    std::uint16_t mtu = 1500;
};

class LiveRouter {
public:
    static mgm::Result<std::unique_ptr<LiveRouter>> create(const LivePlan &plan,
                                                           const LiveWire &ingress,
                                                           const std::vector<LiveWire> &sinks,
                                                           const RouterPools &pools);
    LiveRouter(const LiveRouter &) = delete;
    LiveRouter &operator=(const LiveRouter &) = delete;

    std::unique_ptr<dataplane::Worker> make_worker();
    /// Of all interfaces. May be asked while the worker runs.
    [[nodiscard]] mgm::InterfaceSums sums() const;
    [[nodiscard]] bool is_running() const;
    /// Entries that the table took; it refuses what no packet can belong to.
    [[nodiscard]] std::size_t entries() const noexcept { return entries_; }

private:
    LiveRouter(mgm::SharedSegment segment, const RouterPools &pools);
    mgm::Result<void> add_interface(const mgm::InterfaceSpec &spec, const LiveWire &wire,
                                    const mgm::MacAddress &mac);
    mgm::Result<void> add_interfaces(const LivePlan &plan, const LiveWire &ingress,
                                     const std::vector<LiveWire> &sinks);
    void add_entries(const LivePlan &plan);

    mgm::SharedSegment segment_;
    RouterPools pools_;
    mgm::GracePeriod grace_;
    dataplane::ActivePorts active_;
    mgm::TableWriter writer_;
    mgm::RouteAction action_; ///< from every arrival interface to every sink
    std::vector<mgm::IfSlot> slots_{mgm::kNoSlot};
    std::size_t entries_ = 0;
};

} // namespace bench
