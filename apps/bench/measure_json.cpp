// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/measure_output.hpp"
#include "apps/bench/output.hpp"
#include "apps/bench/output_parts.hpp"

#include <fmt/format.h>

namespace bench {

namespace {

using Json = nlohmann::ordered_json;

Json of(const Offered &offered) {
    return {{"intended_pps", offered.intended_pps},
            {"offered_pps", offered.pps},
            {"seconds", offered.seconds},
            {"received", offered.taken},
            {"ring_overruns", offered.overrun},
            {"no_mbufs", offered.no_mbufs},
            {"cpu_share", offered.cpu_share},
            {"stalls", offered.stalls},
            {"stalled_seconds", offered.stalled_seconds}};
}

Json of(const LoadTrial &trial) {
    Json json = of(trial.offered);
    json["loss"] = trial.loss;
    json["output_pps"] = trial.output_pps;
    json["attempts"] = trial.attempts;
    json["disturbed"] = trial.is_disturbed;
    return json;
}

Json of(const std::vector<LoadTrial> &trials) {
    Json json = Json::array();
    for (const LoadTrial &trial : trials)
        json.push_back(of(trial));
    return json;
}

Json of(const RateBounds &bounds) {
    return {{"lower_pps", bounds.lower}, {"upper_pps", bounds.upper}, {"exact", bounds.is_exact}};
}

/// `unit`: one of the histogram's in what is written.
Json of(const Histogram &histogram, double unit, const char *value_name) {
    Json percentiles = Json::array();
    for (const double percent : kPercentiles)
        percentiles.push_back(
            {{"p", percent},
             {value_name, static_cast<double>(histogram.percentile(percent)) * unit}});
    return {{"samples", histogram.count()},
            {"min", static_cast<double>(histogram.min()) * unit},
            {"avg", histogram.average() * unit},
            {"max", static_cast<double>(histogram.max()) * unit},
            {"percentiles", percentiles}};
}

/// One row's own object, under the name of what was measured.
class RowJson {
public:
    RowJson(Json &row, const Scenario &scenario, double tsc_hz)
        : row_(row), scenario_(scenario), ns_(1e9 / tsc_hz) {}

    void operator()(const VerifyResult &result) const {
        Json ports = Json::array(), drops = Json::object();
        for (const Faults &port : result.ports)
            ports.push_back({{"frames", port.frames},
                             {"corrupted", port.corrupted},
                             {"lost", port.lost},
                             {"duplicated", port.duplicated},
                             {"reordered", port.reordered},
                             {"misdirected", port.misdirected}});
        for (const auto &[name, count] : result.drops)
            drops[std::string(name)] = count;
        row_["verify"] = {{"offered", of(result.offered)},
                          {"updates", result.updates},
                          {"digest", fmt::format("{:016x}", result.digest)},
                          {"ports", ports},
                          {"drops", drops}};
    }
    void operator()(const ForwardingResult &result) const {
        row_["forwarding"] = {{"trials", of(result.trials)}};
    }
    void operator()(const ThroughputResult &result) const {
        row_["throughput"] = {{"ndr_pps", result.ndr.lower},
                              {"pdr_pps", result.pdr.lower},
                              {"ndr_output_pps", result.ndr.lower * scenario_.fan_out},
                              {"pdr_output_pps", result.pdr.lower * scenario_.fan_out},
                              {"bounds", {{"ndr", of(result.ndr)}, {"pdr", of(result.pdr)}}},
                              {"full_speed_pps", result.full_speed},
                              {"loopback_pps", result.loopback},
                              {"trials", of(result.trials)}};
    }
    void operator()(const LatencyResult &result) const {
        if (result.throughput)
            (*this)(*result.throughput);
        Json loads = Json::array();
        for (const LatencyLoad &load : result.loads)
            loads.push_back(load_json(load));
        row_["latency"] = {{"unit", "ns"}, {"loads", loads}};
    }
    void operator()(const DelayResult &result) const {
        row_["delay"] = {{"unit", "ns"},
                         {"pps", result.pps},
                         {"delay", of(result.delay, ns_, "ns")},
                         {"frames", of(result.frames, 1, "frames")},
                         {"timeouts", result.timeouts}};
    }
    void operator()(const CapacityResult &result) const {
        Json steps = Json::array();
        for (const CapacityStep &step : result.steps)
            steps.push_back({{"groups", step.groups},
                             {"table_octets", step.table_octets},
                             {"load_seconds", step.load_seconds},
                             {"trial", of(step.trial)}});
        row_["capacity"] = {
            {"groups", result.groups}, {"bounded", result.is_bounded}, {"steps", steps}};
    }

private:
    [[nodiscard]] Json load_json(const LatencyLoad &load) const {
        Json json{{"load", nullptr}};
        if (load.is_unloaded)
            json["load"] = "no-load";
        else
            json["load"] = load.pps;
        json.update(of(load.all, ns_, "ns"));
        json["pdv"] = static_cast<double>(load.all.percentile(99.9) - load.all.min()) * ns_;
        Json ports = Json::array();
        for (std::size_t k = 0; k < load.ports.size(); ++k) {
            ports.push_back({{"port", k}});
            ports.back().update(of(load.ports[k], ns_, "ns"));
        }
        json["ports"] = ports;
        json["spread"] = of(load.spread, ns_, "ns");
        json["loopback"] = of(load.loopback, ns_, "ns");
        json["trial"] = of(load.trial);
        return json;
    }

    Json &row_;
    const Scenario &scenario_;
    double ns_; ///< a TSC cycle
};

} // namespace

std::string to_json(const MeasuredReport &report) {
    Json rows = Json::array();
    for (const MeasuredRow &row : report.rows) {
        Json json{{"scenario", json_of(row.row.scenario)},
                  {"measure", to_string(row.row.measure)},
                  {"valid", row.invalid.empty()}};
        if (!row.invalid.empty())
            json["reason"] = row.invalid;
        std::visit(RowJson(json, row.row.scenario, report.machine.tsc_hz), row.result);
        rows.push_back(std::move(json));
    }
    Json json = result_head(report.machine, report.suite, report.command);
    json.update({{"seed", report.settings.seed},
                 {"trial_seconds", report.settings.seconds},
                 {"rows", rows}});
    if (has_ring(report))
        json["descriptors"] = report.settings.descriptors;
    return json.dump(2) + '\n';
}

} // namespace bench
