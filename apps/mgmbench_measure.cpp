// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmbench_measure.hpp"

#include "apps/cli_choice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <map>

#include <unistd.h>

namespace apps {

using bench::Measure;

namespace {

constexpr std::array kMeasures{Measure::kCost,       Measure::kVerify,  Measure::kForwarding,
                               Measure::kThroughput, Measure::kLatency, Measure::kJoinDelay,
                               Measure::kLeaveDelay, Measure::kCapacity};
constexpr double kMostPercent = 500;
constexpr std::array kFaults{bench::Fault::kCorrupt, bench::Fault::kDrop, bench::Fault::kDuplicate,
                             bench::Fault::kReorder};

template <class Values>
std::map<std::string, typename Values::value_type> by_name(const Values &values) {
    std::map<std::string, typename Values::value_type> names;
    for (const auto value : values)
        names.emplace(to_string(value), value);
    return names;
}

/// "no-load", "10%", "250000".
mgm::Result<double> parse_load(const std::string &text) {
    if (text == "no-load")
        return 0;
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    const std::string_view rest(end, text.data() + text.size());
    if (error == std::errc() && rest == "%" && value > 0 && value <= kMostPercent)
        return value / 100;
    if (error == std::errc() && rest.empty() && value >= 1000 && value <= 1e9)
        return value;
    return mgm::fail(mgm::Errc::kInvalidArgument,
                     "--load '{}': want no-load, packets a second from 1000 on, or a share as 50%",
                     text);
}

void show(const bench::Scenario &scenario) {
    if (::isatty(STDERR_FILENO) != 0)
        fmt::print(stderr, "\r\x1b[K{}", scenario.name);
}

/// What the measure cannot do with the scenario.
mgm::Result<void> check_scenario(const bench::Row &row) {
    const bench::Scenario &scenario = row.scenario;
    const bool is_cost = row.measure == Measure::kCost;
    if (!is_cost && scenario.workers != 1)
        return mgm::fail(mgm::Errc::kInvalidArgument, "--workers {}: --measure {} has one",
                         scenario.workers, to_string(row.measure));
    if (is_cost && scenario.storm != bench::Storm::kNone)
        return mgm::fail(mgm::Errc::kInvalidArgument,
                         "--storm {}: --measure cost has none; use forwarding",
                         to_string(scenario.storm));
    if (row.measure == Measure::kVerify && scenario.updates_per_second != 0 &&
        scenario.entries() < 2)
        return mgm::fail(mgm::Errc::kInvalidArgument,
                         "--updates with 1 entry: want 2 or more, half of which change");
    return {};
}

/// What it cannot do with the loads, or a fault.
mgm::Result<void> check_load(Measure measure, const std::vector<double> &loads,
                             bench::Fault fault) {
    const std::string_view name = to_string(measure);
    if (fault != bench::Fault::kNone && measure != Measure::kVerify)
        return mgm::fail(mgm::Errc::kInvalidArgument,
                         "--fault {}: only --measure verify looks at copies, not {}",
                         to_string(fault), name);
    if (!loads.empty() && (measure == Measure::kCost || measure == Measure::kThroughput))
        return mgm::fail(mgm::Errc::kInvalidArgument,
                         "--load: --measure {} finds its own; use forwarding", name);
    const bool wants_pps = measure == Measure::kVerify;
    const auto is_wrong = [&](double load) {
        return wants_pps ? load < bench::kLargestShare : load == 0 && measure != Measure::kLatency;
    };
    if (std::any_of(loads.begin(), loads.end(), is_wrong))
        return mgm::fail(mgm::Errc::kInvalidArgument, "--load: --measure {} wants {}", name,
                         wants_pps ? "packets a second" : "packets a second or a share");
    return {};
}

} // namespace

void add_measure(CLI::App &app, MeasureOptions &options, CLI::Option *suite) {
    const std::string group = "What is measured";
    add_choice(app, "--measure", options.measure, by_name(kMeasures),
               "cost (cycles a packet, beside the floor), verify (every copy is looked at), "
               "forwarding (at a load), throughput (the highest rate without loss), latency, "
               "join-delay, leave-delay, capacity (groups)")
        ->group(group)
        ->excludes(suite);
    for (CLI::Option *option :
         {app.add_option("--load", options.loads,
                         "packets a second, or 50% of the highest, or no-load; several separated "
                         "by commas")
              ->delimiter(','),
          app.add_option("--descriptors", options.descriptors,
                         fmt::format("of the rx ring; what waits beyond them is lost [{}]",
                                     options.settings.descriptors))
              ->check(CLI::Range(64U, 65535U)),
          app.add_option("--packets", options.settings.packets, "of a verified trial")
              ->check(CLI::Range(1U, 1'000'000'000U))
              ->capture_default_str(),
          app.add_option("--samples", options.settings.samples, "joins or leaves")
              ->check(CLI::Range(1U, 1'000'000U))
              ->capture_default_str(),
          add_choice(app, "--fault", options.settings.fault, by_name(kFaults),
                     "spoil one copy of a verified trial on purpose: it must be found")})
        option->group(group);
}

mgm::Result<void> apply(const MeasureOptions &options, std::vector<bench::Row> &rows,
                        bool has_suite) {
    std::vector<double> loads;
    for (const std::string &text : options.loads) {
        const mgm::Result<double> load = parse_load(text);
        if (!load)
            return tl::unexpected(load.error());
        loads.push_back(*load);
    }
    for (bench::Row &row : rows) {
        row.measure = has_suite ? row.measure : options.measure;
        mgm::Result<void> fits = check_scenario(row).and_then(
            [&] { return check_load(row.measure, loads, options.settings.fault); });
        if (!fits)
            return fits;
        if (!loads.empty())
            row.loads = loads;
    }
    if (options.descriptors && std::none_of(rows.begin(), rows.end(), [](const bench::Row &row) {
            return has_ring(row.measure);
        }))
        return mgm::fail(mgm::Errc::kInvalidArgument,
                         "--descriptors {}: --measure {} has no rx ring; forwarding, throughput, "
                         "latency and capacity have",
                         *options.descriptors, to_string(rows.front().measure));
    return {};
}

mgm::Result<void> measure(bench::Bed &bed, const std::vector<bench::Row> &rows,
                          bench::MeasuredReport &report) {
    mgm::Result<std::vector<bench::MeasuredRow>> measured =
        bench::measure_rows(bed, rows, report.settings, show);
    if (::isatty(STDERR_FILENO) != 0)
        fmt::print(stderr, "\r\x1b[K");
    if (!measured)
        return tl::unexpected(std::move(measured.error()));
    report.rows = std::move(*measured);
    return {};
}

bool is_clean(const bench::MeasuredReport &report) {
    return std::none_of(report.rows.begin(), report.rows.end(), [](const bench::MeasuredRow &row) {
        return !row.invalid.empty() || row.has_faults();
    });
}

} // namespace apps
