// SPDX-License-Identifier: BSD-3-Clause
// The suites that follow RFC 2432 and RFC 3918, and those of our own that verify.
#include "apps/bench/scenario.hpp"

#include <fmt/format.h>

namespace bench {

namespace {

using Numbers = std::initializer_list<std::uint16_t>;
constexpr std::uint16_t kShort = 64;
constexpr std::uint16_t kPorts = 8;
constexpr double kFixedPps = 500'000;

Scenario scenario_of(std::uint16_t octets, std::uint16_t ports, std::uint32_t groups) {
    Scenario scenario;
    scenario.sizes = {{octets, 1}};
    scenario.fan_out = ports;
    scenario.groups = groups;
    scenario.name = fmt::format("{} B, {} ports, {} groups", octets, ports, groups);
    return scenario;
}

Row measured(Scenario scenario, Measure measure, std::vector<double> loads = {}) {
    return {std::move(scenario), {}, measure, std::move(loads)};
}

std::vector<Row> aggregated_throughput() {
    std::vector<Row> rows;
    for (const std::uint16_t ports : Numbers{1, 2, 4, 8, 16, 28})
        rows.push_back(measured(scenario_of(kShort, ports, 1000), Measure::kThroughput));
    for (const std::uint16_t octets : Numbers{128, 256, 512, 1024, 1280, 1518})
        rows.push_back(measured(scenario_of(octets, kPorts, 1000), Measure::kThroughput));
    return rows;
}

std::vector<Row> group_matrix() {
    std::vector<Row> rows;
    for (const std::uint32_t groups : {1U, 10U, 100U, 1'000U, 10'000U, 100'000U})
        rows.push_back(
            measured(scenario_of(kShort, kPorts, groups), Measure::kForwarding, {kFixedPps}));
    return rows;
}

std::vector<Row> latencies(const std::vector<double> &loads) {
    std::vector<Row> rows;
    for (const std::uint16_t octets : Numbers{64, 512, 1518})
        rows.push_back(measured(scenario_of(octets, kPorts, 1000), Measure::kLatency, loads));
    return rows;
}

std::vector<Row> delays(Measure measure, const std::vector<double> &loads) {
    std::vector<Row> rows;
    for (const double load : loads) {
        Row row = measured(scenario_of(kShort, kPorts, 10), measure, {load});
        row.scenario.name += fmt::format(", at {:.0f} % of full speed", load * 100);
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<Row> storm(Storm storm) {
    std::vector<Row> rows;
    for (const std::uint32_t groups : {1'000U, 10'000U}) {
        Row row = measured(scenario_of(kShort, 4, groups), Measure::kVerify, {kFixedPps});
        row.scenario.storm = storm;
        row.scenario.name += fmt::format(", {}", to_string(storm));
        rows.push_back(std::move(row));
    }
    return rows;
}

std::vector<Row> churn() {
    Row row = measured(scenario_of(kShort, 4, 100'000), Measure::kVerify, {kFixedPps});
    row.scenario.updates_per_second = 500'000;
    row.scenario.name += ", 500k updates/s";
    return {row};
}

std::vector<Row> verified() {
    std::vector<Row> rows;
    for (const mgm::Family family : {mgm::Family::kIpv4, mgm::Family::kIpv6})
        for (const MacMode mode : {MacMode::kRouter, MacMode::kPerPort}) {
            Row row = measured(scenario_of(kShort, kPorts, 1000), Measure::kVerify);
            row.scenario.sizes = {{84, 1}, {570, 1}, {1518, 1}};
            row.scenario.family = family;
            row.scenario.mac_mode = mode;
            row.scenario.olists = 4;
            row.scenario.name =
                fmt::format("IPv{}, {} MAC, 84,570,1518 B, {} ports of 4 olists",
                            family == mgm::Family::kIpv4 ? 4 : 6, to_string(mode), kPorts);
            rows.push_back(std::move(row));
        }
    return rows;
}

} // namespace

std::vector<Suite> rfc_suites() {
    return {
        {"verify", "every copy looked at: content, port, sequence", verified()},
        {"aggregated-multicast-throughput",
         "RFC 3918 4.3: the highest rate without loss, 1 to 28 ports, 64 to 1518 octets",
         aggregated_throughput()},
        {"scaled-group-forwarding-matrix",
         "RFC 3918 4.2: what is forwarded of 0.5 Mpps, 1 to 100k groups", group_matrix()},
        {"multicast-latency",
         "RFC 3918 5.1, 5.2: latency and spread over ports, unloaded and at 10, 50, 90 % of PDR",
         latencies({0, 0.1, 0.5, 0.9})},
        {"group-join-delay", "RFC 3918 6.1: from the entry's addition to the first copy",
         delays(Measure::kJoinDelay, {0.1})},
        {"group-leave-delay", "RFC 3918 6.2: from the entry's removal to the last copy",
         delays(Measure::kLeaveDelay, {0.1})},
        {"group-capacity",
         "RFC 3918 7.1: groups until one loses a packet, at half of full speed",
         {measured(scenario_of(kShort, 4, 1'000'000), Measure::kCapacity)}},
        {"forwarding-burdened-latency",
         "RFC 3918 8.1: latency at 50, 90 and 110 % of PDR beside the unloaded one",
         latencies({0, 0.5, 0.9, 1.1})},
        {"forwarding-burdened-join-delay", "RFC 3918 8.2: join delay at 50 and 90 % of full speed",
         delays(Measure::kJoinDelay, {0.1, 0.5, 0.9})},
        {"update-churn",
         "500k entries a second change; the others lose nothing, these have one olist or the other",
         churn()},
        {"wrong-iif-storm", "half of the packets by an interface that their entry does not accept",
         storm(Storm::kWrongIif)},
        {"no-route-storm", "half of the packets without an entry", storm(Storm::kNoRoute)},
    };
}

} // namespace bench
