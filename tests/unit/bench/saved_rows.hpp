// SPDX-License-Identifier: BSD-3-Clause
// Rows and results as `mgmbench run --json` writes them, written by hand.
#pragma once

#include "apps/bench/output.hpp"
#include "apps/bench/saved_result.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <cstdlib>
#include <string>
#include <vector>

namespace bench_test {

using Json = nlohmann::ordered_json;

inline Json spread(double median) {
    return {{"median", median}, {"least", median * 0.9}, {"most", median * 1.2}};
}

/// A row as `run --json` writes it; mgm costs `cost`, the floor 80.
inline Json row(const std::string &name, double cost) {
    Json made = Json::parse(R"({
      "scenario": {"size": "64", "fan_out": 4, "mac": "router", "sink": "null", "family": 4,
                   "groups": 1000, "sources": 1, "olists": 1, "pick": "uniform",
                   "updates_per_second": 0},
      "floor": "flat", "million_packets_a_second": 21.5, "copies_a_packet": 4,
      "generator_limited": false, "load_seconds": 0.01, "table_octets": 8192,
      "trials": [{"subject": "mgm", "valid": true},
                 {"subject": "floor", "valid": false, "reason": "the CPU was <busy>"}]})");
    made["scenario"]["name"] = name;
    made["cycles_a_packet"] = {
        {"mgm", spread(cost)}, {"floor", spread(99)}, {"flat", spread(80)}, {"clone", spread(400)}};
    made["ratio_to_floor"] = spread(cost / 80);
    return made;
}

inline Json changed(Json made, const char *field, const Json &value) {
    made["scenario"][field] = value;
    made["scenario"]["name"] = made["scenario"]["name"].get<std::string>() + ' ' + value.dump();
    return made;
}

inline Json latency_row() {
    Json made = Json::parse(R"({
      "latency": {"unit": "ns", "loads": [
        {"load": "no-load", "samples": 120000, "min": 610, "avg": 702.5, "max": 41000,
         "percentiles": [{"p": 50, "ns": 690}, {"p": 90, "ns": 760}, {"p": 99, "ns": 980},
                         {"p": 99.9, "ns": 2100}, {"p": 99.99, "ns": 9800}],
         "ports": [{"port": 0, "min": 600, "avg": 700, "max": 41000}],
         "spread": {"samples": 120000, "min": 20, "avg": 41, "max": 820,
                    "percentiles": [{"p": 50, "ns": 35}]}},
        {"load": 1200000, "samples": 90000, "min": 620, "avg": 904, "max": 99000,
         "percentiles": [{"p": 99.99, "ns": 31000}, {"p": 50, "ns": 800}]}]}})");
    made["scenario"] = row("latency, N=4", 1)["scenario"];
    return made;
}

/// Of joins: how long until the first copy.
inline Json delay_row() {
    Json made = Json::parse(R"({
      "measure": "join-delay", "valid": false, "reason": "2 groups had no copy in time",
      "delay": {"unit": "ns", "delay": {"samples": 500, "min": 900, "avg": 1500, "max": 90000,
                "percentiles": [{"p": 50, "ns": 1400}, {"p": 99, "ns": 7000}]}}})");
    made["scenario"] = row("join delay, N=4", 1)["scenario"];
    return made;
}

inline Json throughput_row() {
    Json made = Json::parse(R"({"throughput": {"ndr_pps": 11250000, "pdr_pps": 12100000}})");
    made["scenario"] = row("AMT, N=4", 1)["scenario"];
    return made;
}

inline Json result_of(const std::vector<Json> &rows) {
    Json result = Json::parse(R"({
      "suite": "tried", "commit": "abc1234", "command": "mgmbench run --scenario 'a & b'",
      "started": "2026-01-02T03:04:05Z",
      "machine": {"cpu": "EPYC", "cpus": 2, "governor": "none", "kernel": "6.1", "dpdk": "22.11",
                  "pages": "2 MiB", "mgm": "0.1.0", "tsc_hz": 2600000000},
      "seed": 18446744073709551615, "repeats": 5, "trial_seconds": 0.1})");
    result["schema"] = bench::kSchemaVersion;
    result["rows"] = rows;
    return result;
}

inline bench::SavedResult read(const Json &json) {
    auto result = bench::read_result(json.dump(), "r.json");
    EXPECT_TRUE(result) << result.error().what;
    return result.value_or(bench::SavedResult{});
}

inline std::vector<Json> varied(const char *field, const std::vector<Json> &values) {
    std::vector<Json> rows;
    rows.reserve(values.size());
    double cost = 100;
    for (const Json &value : values)
        rows.push_back(changed(row("r", cost++), field, value));
    return rows;
}

/// As long as it lives, no program is found by its name.
class NoPrograms {
public:
    NoPrograms() {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): these tests have one thread
        if (const char *path = ::getenv("PATH"); path != nullptr)
            before_ = path;
        // NOLINTNEXTLINE(concurrency-mt-unsafe): as above
        ::setenv("PATH", "/nowhere", 1);
    }
    ~NoPrograms() {
        // NOLINTNEXTLINE(concurrency-mt-unsafe): as above
        ::setenv("PATH", before_.c_str(), 1);
    }
    NoPrograms(const NoPrograms &) = delete;
    NoPrograms &operator=(const NoPrograms &) = delete;

private:
    std::string before_;
};

} // namespace bench_test
