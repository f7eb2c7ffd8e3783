// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/saved_result.hpp"

#include "apps/bench/json_fields.hpp"
#include "apps/bench/output.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace bench {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

constexpr std::size_t kMaxPercentiles = 1000;
constexpr std::size_t kMaxLoads = 100;

Spread spread_of(const JsonFields &fields) {
    return {fields.number("median"), fields.number("least"), fields.number("most")};
}

void read_distribution(const JsonFields &fields, SavedLoad &load) {
    load.samples = fields.number("samples");
    load.min = fields.number("min");
    load.avg = fields.number("avg");
    load.max = fields.number("max");
    fields.for_each("percentiles", kMaxPercentiles, [&load](const JsonFields &at) {
        load.percentiles.emplace_back(at.number_up_to("p", 100), at.number("ns"));
    });
    std::sort(load.percentiles.begin(), load.percentiles.end());
}

SavedLoad load_of(const JsonFields &fields) {
    SavedLoad load;
    load.name = fields.is_text("load") ? fields.text("load")
                                       : fmt::format("{:.4g} Mpps", fields.number("load") / 1e6);
    std::replace(load.name.begin(), load.name.end(), '-', ' '); // "no-load"
    read_distribution(fields, load);
    if (!fields.has("spread"))
        return load;
    const JsonFields spread = fields.object("spread");
    for (const char *name : {"min", "avg", "max"})
        if (spread.has(name))
            load.spread.emplace_back(name, spread.number(name));
    if (spread.has("percentiles"))
        spread.for_each("percentiles", kMaxPercentiles, [&load](const JsonFields &at) {
            load.spread.emplace_back(fmt::format("p{:g}", at.number_up_to("p", 100)),
                                     at.number("ns"));
        });
    return load;
}

/// Members of later versions: what plots cannot vary must tell rows apart all the same.
void read_other_members(const JsonFields &fields, SavedRow &row) {
    constexpr std::array<std::string_view, 11> kKnown{"name",
                                                      "size",
                                                      "mac",
                                                      "sink",
                                                      "pick",
                                                      "family",
                                                      "fan_out",
                                                      "groups",
                                                      "sources",
                                                      "olists",
                                                      "updates_per_second"};
    for (const std::string &name : fields.names()) {
        const std::string value = fields.shown(name);
        if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end() && !value.empty() &&
            value != "0" && value != "1" && value != "none" && row.also.size() < 10)
            row.also.push_back(fmt::format("{} {}", name, value));
    }
}

void read_scenario(const JsonFields &fields, SavedRow &row) {
    row.name = fields.text("name");
    row.size = fields.text("size");
    row.mac = fields.text("mac");
    row.sink = fields.text("sink");
    row.pick = fields.text("pick");
    row.family = fields.number("family");
    row.fan_out = fields.number("fan_out");
    row.groups = fields.number("groups");
    row.sources = fields.number("sources");
    row.olists = fields.number("olists");
    row.updates = fields.number("updates_per_second");
    read_other_members(fields, row);
}

void read_target(const JsonFields &fields, SavedRow &row) {
    if (fields.has("target")) {
        const JsonFields target = fields.object("target");
        row.target = Target{target.number("at_most"), target.text("against")};
    }
    if (fields.has("result")) {
        const JsonFields result = fields.object("result");
        row.verdict = Verdict{result.number("value"), result.flag("met")};
    }
}

/// Each reason once, with how often.
void read_trials(const JsonFields &fields, SavedRow &row) {
    std::map<std::string, unsigned> reasons;
    unsigned trials = 0;
    fields.for_each("trials", kMaxSavedRows * 10, [&](const JsonFields &trial) {
        ++trials;
        if (!trial.flag("valid"))
            ++reasons[fmt::format("{}: {}", trial.text("subject"), trial.text("reason"))];
    });
    for (const auto &[reason, times] : reasons)
        row.not_counted.push_back(fmt::format("{} of {} trials, {}", times, trials, reason));
}

void read_costs(const JsonFields &fields, SavedRow &row) {
    const JsonFields costs = fields.object("cycles_a_packet");
    for (const std::string &subject : costs.names())
        row.costs[subject] = spread_of(costs.object(subject));
    row.floor = fields.text("floor");
    row.ratio = spread_of(fields.object("ratio_to_floor"));
    row.million_packets = fields.number("million_packets_a_second");
    row.copies_a_packet = fields.number("copies_a_packet");
    row.is_generator_limited = fields.flag("generator_limited");
    row.load_seconds = fields.number("load_seconds");
    row.table_octets = fields.number("table_octets");
}

SavedRow row_of(const JsonFields &fields) {
    SavedRow row;
    read_scenario(fields.object("scenario"), row);
    // A row of another method (latency, rate search) has no cycles.
    if (fields.has("cycles_a_packet"))
        read_costs(fields, row);
    read_target(fields, row);
    if (fields.has("trials"))
        read_trials(fields, row);
    if (fields.has("valid") && !fields.flag("valid"))
        row.not_counted.push_back(fields.text("reason"));
    if (fields.has("delay")) { // of joins and leaves: a distribution, too
        const JsonFields delay = fields.object("delay");
        SavedLoad load;
        load.name = fields.has("measure") ? fields.text("measure") : "delay";
        read_distribution(delay.object("delay"), load);
        row.latency.push_back(std::move(load));
    }
    if (fields.has("latency"))
        fields.object("latency").for_each("loads", kMaxLoads, [&row](const JsonFields &load) {
            row.latency.push_back(load_of(load));
        });
    if (fields.has("throughput")) {
        const JsonFields throughput = fields.object("throughput");
        row.ndr_pps = throughput.number("ndr_pps");
        row.pdr_pps = throughput.number("pdr_pps");
    }
    return row;
}

std::vector<std::pair<std::string, std::string>> machine_of(const JsonFields &fields) {
    std::vector<std::pair<std::string, std::string>> machine;
    for (const auto &[key, label] :
         std::initializer_list<std::pair<const char *, const char *>>{{"cpu", "CPU"},
                                                                      {"cpus", "CPUs"},
                                                                      {"tsc_hz", "TSC"},
                                                                      {"governor", "governor"},
                                                                      {"kernel", "kernel"},
                                                                      {"dpdk", "DPDK"},
                                                                      {"pages", "pages"},
                                                                      {"mgm", "mgm"}})
        if (fields.has(key))
            machine.emplace_back(label, std::string_view(key) == "tsc_hz"
                                            ? fmt::format("{:.3f} GHz", fields.number(key) / 1e9)
                                        : fields.is_text(key)
                                            ? fields.text(key)
                                            : fmt::format("{}", fields.number(key)));
    return machine;
}

} // namespace

Result<SavedResult> read_result(const std::string &text, const std::string &file) {
    if (text.size() > kMaxSavedOctets)
        return fail(Errc::kInvalidArgument, "'{}' has {} octets: want up to {}", file, text.size(),
                    kMaxSavedOctets);
    const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
    if (!json.is_object() || !json.contains("schema"))
        return fail(Errc::kInvalidArgument, "'{}' is not JSON of mgmbench run --json", file);
    if (json["schema"] != kSchemaVersion)
        return fail(Errc::kInvalidArgument, "'{}' has another schema: this mgmbench reads {}", file,
                    kSchemaVersion);
    std::string problem;
    const JsonFields fields(json, "", problem);
    SavedResult result;
    result.file = file;
    result.suite = fields.text("suite");
    result.started = fields.text("started");
    result.command = fields.has("command") ? fields.text("command") : "";
    result.machine = machine_of(fields.object("machine"));
    result.seed = fmt::format("{}", fields.whole_number("seed"));
    if (fields.has("commit"))
        result.machine.emplace_back("commit", fields.text("commit"));
    result.repeats = fields.has("repeats") ? fields.number("repeats") : 0;
    result.trial_seconds = fields.number("trial_seconds");
    fields.for_each("rows", kMaxSavedRows,
                    [&result](const JsonFields &row) { result.rows.push_back(row_of(row)); });
    if (!problem.empty())
        return fail(Errc::kInvalidArgument, "'{}': {}", file, problem);
    return result;
}

} // namespace bench
