// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/live_router.hpp"

#include "apps/bench/floor.hpp"

#include <algorithm>

namespace bench {

using mgm::Result;

namespace {

constexpr std::uint32_t kFirstSink = 10'000; ///< interface index; arrival's are below

mgm::Geometry geometry_for(const LivePlan &plan, std::size_t sinks) {
    mgm::Geometry geometry;
    geometry.interfaces = static_cast<std::uint32_t>(plan.vlans.size() + sinks + 4);
    const auto entries = static_cast<std::uint32_t>(std::max<std::size_t>(plan.flows.size(), 64));
    geometry.ipv4_entries = geometry.ipv6_entries = entries;
    return geometry;
}

} // namespace

LiveRouter::LiveRouter(mgm::SharedSegment segment, const RouterPools &pools)
    : segment_(std::move(segment)),
      pools_(pools),
      grace_(segment_.tables().geometry().workers),
      writer_(segment_.tables(), grace_) {}

Result<std::unique_ptr<LiveRouter>> LiveRouter::create(const LivePlan &plan,
                                                       const LiveWire &ingress,
                                                       const std::vector<LiveWire> &sinks,
                                                       const RouterPools &pools) {
    Result<mgm::SharedSegment> segment =
        mgm::SharedSegment::create(geometry_for(plan, sinks.size()), "mgmbench");
    if (!segment)
        return tl::unexpected(std::move(segment.error()));
    std::unique_ptr<LiveRouter> router(new LiveRouter(std::move(*segment), pools));
    if (Result<void> added = router->add_interfaces(plan, ingress, sinks); !added)
        return tl::unexpected(std::move(added.error()));
    router->add_entries(plan);
    router->active_.poll(0, ingress.port_id());
    return router;
}

Result<void> LiveRouter::add_interface(const mgm::InterfaceSpec &spec, const LiveWire &wire,
                                       const mgm::MacAddress &mac) {
    const Result<mgm::IfSlot> slot = writer_.upsert_interface(spec);
    if (!slot)
        return tl::unexpected(slot.error());
    slots_.push_back(*slot);
    return writer_.attach_port(spec.index,
                               {wire.port_id(), mgm::LinkState::kUp, mac, wire.takes_segments()});
}

Result<void> LiveRouter::add_interfaces(const LivePlan &plan, const LiveWire &ingress,
                                        const std::vector<LiveWire> &sinks) {
    mgm::InterfaceSpec spec{};
    spec.mtu = plan.mtu;
    spec.port = "in";
    for (const std::uint16_t vlan : plan.vlans) {
        spec.index = mgm::IfIndex{vlan + 1U};
        spec.vlan = vlan;
        spec.name = fmt::format("in.{}", vlan);
        if (Result<void> added = add_interface(spec, ingress, {{0x02, 0x6d, 0x67, 0x6d, 1, 0}});
            !added)
            return added;
        action_.iifs.push_back(spec.index);
    }
    spec.vlan = 0;
    for (std::size_t k = 0; k < sinks.size(); ++k) {
        spec.index = mgm::IfIndex{static_cast<std::uint32_t>(kFirstSink + k)};
        spec.port = spec.name = fmt::format("out{}", k);
        if (Result<void> added = add_interface(spec, sinks[k], port_mac(plan.mac_mode, k)); !added)
            return added;
        action_.oifs.push_back({spec.index, 0, {}});
    }
    return {};
}

void LiveRouter::add_entries(const LivePlan &plan) {
    for (const FlowAddresses &flow : plan.flows) {
        const mgm::RouteKey key{
            {}, flow.source, {flow.group, static_cast<std::uint8_t>(flow.group.bits())}};
        entries_ += writer_.upsert(key, action_) ? 1 : 0;
    }
}

std::unique_ptr<dataplane::Worker> LiveRouter::make_worker() {
    dataplane::WorkerConfig config;
    config.tables = segment_.tables();
    config.grace = &grace_;
    config.ports = &active_;
    config.pool = pools_.frames;
    config.heads = pools_.heads;
    config.idle = dataplane::Idle::kPoll;
    return std::make_unique<dataplane::Worker>(config);
}

mgm::InterfaceSums LiveRouter::sums() const {
    const mgm::Tables tables = segment_.tables();
    mgm::InterfaceSums sums;
    for (const mgm::IfSlot slot : slots_)
        sums.add(tables.interface_counters(0, slot));
    return sums;
}

bool LiveRouter::is_running() const {
    // relaxed: a life sign; packets are counted apart
    return segment_.tables().worker_status(0).running.load(std::memory_order_relaxed) != 0;
}

} // namespace bench
