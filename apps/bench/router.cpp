// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/router.hpp"

#include "apps/bench/floor.hpp"
#include "apps/bench/traffic.hpp"

#include <chrono>
#include <utility>

namespace bench {

using mgm::Result;

namespace {

constexpr mgm::IfIndex kArrival{1};
constexpr mgm::IfIndex oif_index(std::size_t k) {
    return mgm::IfIndex{static_cast<std::uint32_t>(k + 2)};
}

mgm::Geometry geometry_for(const Scenario &scenario) {
    mgm::Geometry geometry;
    geometry.interfaces = kMaxFanOut + 4;
    const bool is_ipv4 = scenario.family == mgm::Family::kIpv4;
    const auto entries = static_cast<std::uint32_t>(std::max<std::uint64_t>(scenario.flows(), 64));
    geometry.ipv4_entries = is_ipv4 ? entries : 64;
    geometry.ipv6_entries = is_ipv4 ? 64 : entries;
    geometry.workers = scenario.workers;
    return geometry;
}

mgm::Result<void> attach(mgm::TableWriter &writer, mgm::InterfaceSpec spec, std::uint16_t port_id,
                         const mgm::MacAddress &mac) {
    return writer.upsert_interface(spec).and_then([&](mgm::IfSlot) {
        return writer.attach_port(spec.index, {port_id, mgm::LinkState::kUp, mac, true});
    });
}

} // namespace

Router::Router(Scenario scenario, mgm::SharedSegment segment, const RouterPools &pools)
    : scenario_(std::move(scenario)),
      segment_(std::move(segment)),
      pools_(pools),
      grace_(segment_.tables().geometry().workers),
      writer_(std::make_unique<mgm::TableWriter>(segment_.tables(), grace_)) {}

Result<std::unique_ptr<Router>> Router::create(const Scenario &scenario, std::uint16_t ingress_port,
                                               const std::vector<std::uint16_t> &ports,
                                               const RouterPools &pools) {
    Result<mgm::SharedSegment> segment =
        mgm::SharedSegment::create(geometry_for(scenario), "mgmbench");
    if (!segment)
        return tl::unexpected(std::move(segment.error()));
    std::unique_ptr<Router> router(new Router(scenario, std::move(*segment), pools));
    if (Result<void> added = router->add_interfaces(ingress_port, ports); !added)
        return tl::unexpected(std::move(added.error()));
    const auto begin = std::chrono::steady_clock::now();
    if (Result<void> added = router->add_entries(); !added)
        return tl::unexpected(std::move(added.error()));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    router->load_seconds_ = took.count();
    for (std::uint32_t id = 0; id < scenario.workers; ++id)
        router->active_.poll(id, ingress_port, dataplane::QueueMask{1} << id);
    return router;
}

Result<void> Router::add_interfaces(std::uint16_t ingress_port,
                                    const std::vector<std::uint16_t> &ports) {
    mgm::InterfaceSpec spec{};
    spec.mtu = kMaxFrame - 18;
    spec.port = spec.name = "in";
    spec.index = kArrival;
    spec.addresses = {arrival_network(scenario_.family)};
    if (Result<void> added = attach(*writer_, spec, ingress_port, {{0x02, 0x6d, 0x67, 0x6d, 1, 0}});
        !added)
        return added;
    for (std::size_t k = 0; k < ports.size(); ++k) {
        spec.port = spec.name = fmt::format("out{}", k);
        spec.index = oif_index(k);
        spec.addresses.clear();
        if (Result<void> added = attach(*writer_, spec, ports[k], port_mac(scenario_.mac_mode, k));
            !added)
            return added;
    }
    slots_.push_back(writer_->slot_of(kArrival).value());
    for (std::size_t k = 0; k < ports.size(); ++k)
        slots_.push_back(writer_->slot_of(oif_index(k)).value());
    for (std::size_t first = 0; first < ports.size(); ++first) {
        mgm::RouteAction action{{kArrival}, {}};
        for (std::size_t j = 0; j < scenario_.fan_out; ++j)
            action.oifs.push_back({oif_index((first + j) % ports.size()), 0, {}});
        actions_.push_back(std::move(action));
    }
    return {};
}

mgm::RouteKey Router::key(std::uint64_t k) const {
    const FlowAddresses flow = flow_addresses(scenario_, k);
    return {{}, flow.source, {flow.group, static_cast<std::uint8_t>(flow.group.bits())}};
}

Result<void> Router::add_entries() {
    for (std::uint64_t k = 0; k < scenario_.entries(); ++k)
        if (Result<void> added = writer_->upsert(key(k), actions_[k % scenario_.olists]); !added)
            return added;
    // The storm's: packets of these flows come in by an interface that they should not.
    mgm::RouteAction elsewhere = actions_.front();
    elsewhere.iifs = {oif_index(0)};
    std::erase_if(elsewhere.oifs,
                  [](const mgm::OifSpec &oif) { return oif.interface == oif_index(0); });
    const bool is_stormy = scenario_.storm == Storm::kWrongIif;
    for (std::uint64_t k = scenario_.entries(); is_stormy && k < scenario_.flows(); ++k)
        if (Result<void> added = writer_->upsert(key(k), elsewhere); !added)
            return added;
    changed_.resize(scenario_.entries());
    return {};
}

bool Router::change_entry(std::uint64_t k) {
    const std::size_t own = k % scenario_.olists;
    const std::size_t other = (own + 1) % actions_.size();
    if (!writer_->upsert(key(k), actions_[changed_[k] != 0 ? own : other]))
        return false;
    changed_[k] ^= 1U;
    return true;
}

bool Router::add_entry(std::uint64_t k) {
    return writer_->upsert(key(k), actions_[k % scenario_.olists]).has_value();
}

bool Router::remove_entry(std::uint64_t k) {
    return writer_->remove(key(k)).has_value();
}

std::vector<std::pair<std::string_view, std::uint64_t>> Router::take_drops() {
    std::array<std::uint64_t, mgm::kVerdictCount> now{};
    for (const mgm::IfSlot slot : slots_) {
        const mgm::InterfaceCounters &row = segment_.tables().interface_counters(0, slot);
        for (std::size_t i = 0; i < now.size(); ++i)
            now[i] += row.copy_drops[i].read() +
                      (mgm::is_drop(static_cast<mgm::Verdict>(i)) ? row.verdicts[i].read() : 0);
    }
    std::vector<std::pair<std::string_view, std::uint64_t>> drops;
    for (std::size_t i = 0; i < now.size(); ++i)
        if (now[i] != drops_before_[i])
            drops.emplace_back(mgm::kVerdicts[i].name, now[i] - drops_before_[i]);
    drops_before_ = now;
    return drops;
}

std::unique_ptr<dataplane::Worker> Router::make_worker(std::uint32_t id) {
    dataplane::WorkerConfig config;
    config.id = id;
    config.tables = segment_.tables();
    config.grace = &grace_;
    config.ports = &active_;
    config.pool = pools_.frames;
    config.heads = pools_.heads;
    config.idle = dataplane::Idle::kPoll;
    return std::make_unique<dataplane::Worker>(config);
}

RouterCounts Router::take_counts() {
    const mgm::Tables tables = segment_.tables();
    RouterCounts now;
    const auto add = [&now](const mgm::InterfaceCounters &row) {
        now.received += row.in_frames.read();
        now.forwarded += row.verdicts[static_cast<std::size_t>(mgm::Verdict::kForwarded)].read();
        now.copies_wanted += row.copies_wanted.read();
        now.copies_sent += row.copies_sent.read();
        now.copies_refused +=
            row.copy_drops[static_cast<std::size_t>(mgm::Verdict::kTxFull)].read();
    };
    for (const mgm::IfSlot slot : slots_)
        for (std::uint32_t worker = 0; worker < scenario_.workers; ++worker)
            add(tables.interface_counters(worker, slot));
    for (std::uint64_t k = 0; k < scenario_.entries(); ++k)
        now.entry_packets += writer_->sums(key(k)).packets;
    const RouterCounts before = std::exchange(before_, now);
    return {now.received - before.received,
            now.forwarded - before.forwarded,
            now.copies_wanted - before.copies_wanted,
            now.copies_sent - before.copies_sent,
            now.copies_refused - before.copies_refused,
            now.entry_packets - before.entry_packets};
}

std::uint64_t Router::table_octets_for(const Scenario &scenario) {
    return mgm::layout_of(geometry_for(scenario)).total_octets;
}

std::uint64_t Router::table_octets() const noexcept {
    return segment_.tables().header().layout.total_octets;
}

} // namespace bench
