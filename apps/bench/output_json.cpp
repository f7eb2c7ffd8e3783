// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/output.hpp"
#include "apps/bench/output_parts.hpp"

namespace bench {

namespace {

using Json = nlohmann::ordered_json;

Json of(const Trial &trial) {
    Json json{{"subject", to_string(trial.subject)},
              {"repeat", trial.repeat},
              {"packets", trial.meter.packets},
              {"octets", trial.meter.octets},
              {"copies", trial.copies},
              {"cycles", trial.meter.cycles},
              {"cpu_share", trial.meter.cpu_share},
              {"no_mbufs", trial.meter.no_mbufs},
              {"updates", trial.updates},
              {"cycles_a_packet", trial.cycles_a_packet()},
              {"valid", trial.invalid.empty()}};
    if (!trial.invalid.empty())
        json["reason"] = trial.invalid;
    return json;
}

Json of(const Spread &spread) {
    return {{"median", spread.median}, {"least", spread.least}, {"most", spread.most}};
}

Json of(const RowResult &row, const Report &report) {
    Json costs = Json::object(), trials = Json::array();
    for (const Subject subject : kAllSubjects)
        if (row.has(subject))
            costs[to_string(subject)] = of(row.cost(subject));
    for (const Trial &trial : row.trials)
        trials.push_back(of(trial));
    Json json{
        {"scenario", json_of(row.row.scenario)},
        {"measure", "cost"},
        {"cycles_a_packet", costs},
        {"floor", to_string(row.best_floor())},
        {"ratio_to_floor", of(row.ratio())},
        {"million_packets_a_second", row.million_packets(Subject::kRouter, report.machine.tsc_hz)},
        {"copies_a_packet", row.copies_a_packet(Subject::kRouter)},
        {"generator_limited", row.is_generator_limited()},
        {"load_seconds", row.load_seconds},
        {"table_octets", row.table_octets}};
    if (row.row.target)
        json["target"] = {{"at_most", row.row.target->at_most},
                          {"against", row.row.target->against}};
    if (const std::optional<Verdict> verdict = judge(row, report.rows))
        json["result"] = {{"value", verdict->value}, {"met", verdict->is_met}};
    json["trials"] = trials;
    return json;
}

} // namespace

nlohmann::ordered_json json_of(const Machine &machine) {
    return {{"cpu", machine.cpu},       {"cpus", machine.cpus},    {"governor", machine.governor},
            {"kernel", machine.kernel}, {"dpdk", machine.dpdk},    {"pages", machine.pages},
            {"mgm", machine.mgm},       {"tsc_hz", machine.tsc_hz}};
}

nlohmann::ordered_json json_of(const Scenario &scenario) {
    return {{"name", scenario.name},
            {"size", to_string(scenario.sizes)},
            {"fan_out", scenario.fan_out},
            {"mac", to_string(scenario.mac_mode)},
            {"sink", to_string(scenario.sink)},
            {"family", scenario.family == mgm::Family::kIpv4 ? 4 : 6},
            {"groups", scenario.groups},
            {"sources", scenario.sources},
            {"olists", scenario.olists},
            {"pick", to_string(scenario.pick)},
            {"workers", scenario.workers},
            {"updates_per_second", scenario.updates_per_second},
            {"storm", to_string(scenario.storm)},
            {"blocked_port", scenario.has_blocked_port}};
}

nlohmann::ordered_json result_head(const Machine &machine, const std::string &suite,
                                   const std::string &command) {
    return {
        {"schema", kSchemaVersion}, {"commit", machine.commit},   {"suite", suite},
        {"command", command},       {"started", machine.started}, {"machine", json_of(machine)}};
}

std::string to_json(const Report &report) {
    Json rows = Json::array();
    for (const RowResult &row : report.rows)
        rows.push_back(of(row, report));
    Json json = result_head(report.machine, report.suite, report.command);
    json.update({{"seed", report.settings.seed},
                 {"repeats", report.settings.repeats},
                 {"trial_seconds", report.settings.seconds},
                 {"rows", rows}});
    return json.dump(2) + '\n';
}

} // namespace bench
