// SPDX-License-Identifier: BSD-3-Clause
// Verified trials: every copy is looked at where its port takes it.
#include "apps/bench/churn.hpp"
#include "apps/bench/floor.hpp"
#include "apps/bench/measure.hpp"
#include "apps/bench/sink_tap.hpp"

#include <fmt/format.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>
#include <random>

namespace bench {

namespace {

class CheckingSink final : public SinkTap {
public:
    CheckingSink(std::uint16_t port_id, FaultyWire wire)
        : SinkTap(port_id), wire_(std::move(wire)) {}

    void see(rte_mbuf **frames, std::uint16_t count) override {
        for (std::uint16_t i = 0; i < count; ++i) {
            // The frame itself where it is in one piece, else gathered.
            const rte_mbuf &frame = *frames[i];
            const auto *octets = static_cast<const std::uint8_t *>(
                rte_pktmbuf_read(&frame, 0, frame.pkt_len, gathered_.data()));
            wire_.pass({octets, frame.pkt_len});
        }
    }
    FaultyWire &wire() noexcept { return wire_; }

private:
    FaultyWire wire_;
    std::array<std::uint8_t, kMaxFrame> gathered_{};
};

/// One port, one frame of it, and one way to spoil it, out of the seed.
struct FaultPlace {
    std::uint16_t port;
    std::uint64_t frame, random;

    FaultPlace(const Scenario &scenario, std::uint64_t packets, std::uint64_t seed) {
        std::mt19937_64 draw(seed);
        port = static_cast<std::uint16_t>(draw() % scenario.fan_out);
        // Early enough for others of its flow to follow.
        frame = draw() % std::max<std::uint64_t>(packets / (4UL * scenario.olists), 1);
        random = draw();
    }
};

/// Why it does not count.
std::string objection_to(const VerifyResult &result, double updates_per_second, Fault fault,
                         bool has_happened) {
    if (result.offered.falls_short())
        return fmt::format("generator shortfall: {:.0f} packets/s offered of {:.0f}",
                           result.offered.pps, result.offered.intended_pps);
    if (fault != Fault::kNone && !has_happened)
        return fmt::format("--fault {}: no frame came that it could be done to; more --packets",
                           to_string(fault));
    const double due = updates_per_second * result.offered.seconds;
    if (static_cast<double>(result.updates) < kLeastUpdates * due)
        return fmt::format("{} updates made of {:.0f} that were due", result.updates, due);
    return {};
}

} // namespace

void verify(RouterRun &run, const MeasureSettings &settings, MeasuredRow &row) {
    const Scenario &scenario = run.scenario();
    std::vector<mgm::MacAddress> macs;
    for (std::size_t k = 0; k < run.port_ids().size(); ++k)
        macs.push_back(port_mac(scenario.mac_mode, k));
    Checker checker(Delivery::of(scenario), scenario.family, macs);
    const FaultPlace place(scenario, settings.packets, settings.seed);
    std::vector<std::unique_ptr<CheckingSink>> sinks;
    for (const std::uint16_t port_id : run.port_ids()) {
        const auto k = static_cast<std::uint16_t>(sinks.size());
        sinks.push_back(std::make_unique<CheckingSink>(
            port_id, FaultyWire(k == place.port ? settings.fault : Fault::kNone, place.frame,
                                place.random, scenario.family,
                                [&checker, k](FrameOctets frame) { checker.check(k, frame); })));
    }
    VerifyResult result;
    run.router().take_drops();
    Load load;
    load.packets = settings.packets;
    load.pps = row.row.loads.empty() ? 0 : row.row.loads.front();
    std::optional<Churn> churn;
    if (scenario.updates_per_second != 0)
        churn.emplace(run.router(), scenario, settings.seed, 2);
    result.offered = run.run(load, Stamping::kChecked, 1,
                             churn ? std::function([&] { churn->catch_up(); }) : nullptr);
    for (const std::unique_ptr<CheckingSink> &sink : sinks)
        sink->wire().end();
    result.updates = churn ? churn->made() : 0;
    result.ports = checker.finish(run.ingress().sequences());
    result.digest = checker.digest();
    result.drops = run.router().take_drops();
    row.invalid = objection_to(result, scenario.updates_per_second, settings.fault,
                               sinks[place.port]->wire().has_happened());
    row.result = std::move(result);
}

} // namespace bench
