// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/measure_output.hpp"
#include "apps/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {

namespace {

using Align = apps::TextTable::Align;

std::vector<apps::TextTable::Column> columns(const std::vector<std::string_view> &heads) {
    std::vector<apps::TextTable::Column> columns;
    columns.reserve(heads.size());
    for (const std::string_view head : heads)
        columns.push_back({head, columns.empty() ? Align::kLeft : Align::kRight});
    return columns;
}

std::string mpps(double pps) {
    return fmt::format("{:.3f}", pps / 1e6);
}

std::string packets(std::uint64_t count) {
    return fmt::format("{}", count);
}

std::string attempts_text(const LoadTrial &trial) {
    return trial.is_disturbed   ? fmt::format("disturbed, {} times", trial.attempts)
           : trial.attempts > 1 ? fmt::format("the {}. attempt", trial.attempts)
                                : "";
}

/// One row's part of the output.
class RowText {
public:
    RowText(const MeasuredRow &row, double tsc_hz) : row_(row), tsc_hz_(tsc_hz) {}

    std::string operator()(const VerifyResult &result) const {
        apps::TextTable table(columns(
            {"port", "frames", "corrupted", "lost", "duplicated", "reordered", "misdirected"}));
        for (std::size_t k = 0; k < result.ports.size(); ++k) {
            const Faults &port = result.ports[k];
            table.add({fmt::format("{}", k), packets(port.frames), packets(port.corrupted),
                       packets(port.lost), packets(port.duplicated), packets(port.reordered),
                       packets(port.misdirected)});
        }
        std::string text = table.render();
        text += fmt::format("{} packets, {} Mpps in, digest of all copies {:016x}\n",
                            result.offered.taken, mpps(result.offered.pps), result.digest);
        if (result.updates != 0)
            text += fmt::format("{} entries changed meanwhile, {:.0f} a second\n", result.updates,
                                static_cast<double>(result.updates) / result.offered.seconds);
        for (const auto &[name, count] : result.drops)
            text += fmt::format("the router counted {}: {}\n", name, count);
        return text;
    }
    std::string operator()(const ForwardingResult &result) const {
        apps::TextTable table = trials_table();
        for (const LoadTrial &trial : result.trials)
            add(table, trial);
        return table.render();
    }
    std::string operator()(const ThroughputResult &result) const {
        apps::TextTable table(columns({"", "Mpps in", "Mpps out", "next that failed", "exact"}));
        add(table, "NDR (loss 0)", result.ndr);
        add(table, "PDR (loss 0.5 %)", result.pdr);
        std::string text = table.render();
        const auto disturbed = std::count_if(result.trials.begin(), result.trials.end(),
                                             [](const LoadTrial &t) { return t.is_disturbed; });
        const auto again = std::count_if(result.trials.begin(), result.trials.end(),
                                         [](const LoadTrial &t) { return t.attempts > 1; });
        text += fmt::format("{} trials, {} made again because the worker was disturbed, {} "
                            "disturbed each time; a queue without end: {} Mpps in; loopback: {}\n",
                            result.trials.size(), again, disturbed, mpps(result.full_speed),
                            mpps(result.loopback));
        if (result.full_speed > kGeneratorLimit * result.loopback)
            text += "generator-limited\n";
        return text;
    }
    std::string operator()(const LatencyResult &result) const {
        std::string text;
        if (result.throughput)
            text += (*this)(*result.throughput) + '\n';
        apps::TextTable table(columns({"load", "Mpps in", "port", "samples", "min", "avg", "p50",
                                       "p90", "p99", "p99.9", "p99.99", "max", "PDV"}));
        for (const LatencyLoad &load : result.loads) {
            const std::string name = load.is_unloaded ? "no load" : "load";
            add(table, name, load, "all", load.all);
            for (std::size_t k = 0; k < load.ports.size(); ++k)
                add(table, "", load, fmt::format("{}", k), load.ports[k]);
            add(table, "", load, "spread", load.spread);
            add(table, "", load, "loopback", load.loopback);
        }
        text += table.render() + "ns; spread: from the earliest copy of a packet to its latest; "
                                 "loopback: sent as received; PDV: p99.9 - min\n";
        for (const LatencyLoad &load : result.loads)
            if (load.trial.is_disturbed || load.trial.loss > 0)
                text += fmt::format("at {} Mpps: lost {:.3f} %{}\n", mpps(load.pps),
                                    load.trial.loss * 100,
                                    load.trial.is_disturbed ? "; disturbed each time" : "");
        return text;
    }
    std::string operator()(const DelayResult &result) const {
        const bool is_join = row_.row.measure == Measure::kJoinDelay;
        apps::TextTable table(columns({"", "samples", "min", "avg", "p50", "p99", "max"}));
        const auto add = [&](const char *name, const Histogram &of, double unit) {
            const auto value = [unit](double v) { return fmt::format("{:.1f}", v * unit); };
            table.add({name, packets(of.count()), value(static_cast<double>(of.min())),
                       value(of.average()), value(static_cast<double>(of.percentile(50))),
                       value(static_cast<double>(of.percentile(99))),
                       value(static_cast<double>(of.max()))});
        };
        add(is_join ? "join delay, us" : "leave delay, us", result.delay, 1e6 / tsc_hz_);
        add(is_join ? "frames missed" : "frames after", result.frames, 1);
        return table.render() + fmt::format("at {} Mpps in\n", mpps(result.pps));
    }
    std::string operator()(const CapacityResult &result) const {
        apps::TextTable table(columns({"groups", "Mpps in", "loss %", "tables MiB", "load s"}));
        for (const CapacityStep &step : result.steps)
            table.add({packets(step.groups), mpps(step.trial.offered.pps),
                       fmt::format("{:.4f}", step.trial.loss * 100),
                       packets(step.table_octets >> 20U),
                       fmt::format("{:.2f}", step.load_seconds)});
        return table.render() + fmt::format("{}{} groups without loss\n",
                                            result.is_bounded ? "" : "at least ", result.groups);
    }

private:
    static constexpr double kGeneratorLimit = 0.8;

    static apps::TextTable trials_table() {
        return apps::TextTable(
            columns({"", "offered Mpps", "Mpps out", "loss %", "CPU %", "disturbed"}));
    }
    static void add(apps::TextTable &table, const LoadTrial &trial) {
        table.add({"", mpps(trial.offered.pps), mpps(trial.output_pps),
                   fmt::format("{:.4f}", trial.loss * 100),
                   fmt::format("{:.1f}", trial.offered.cpu_share * 100), attempts_text(trial)});
    }
    void add(apps::TextTable &table, const char *name, const RateBounds &bounds) const {
        table.add({name, mpps(bounds.lower), mpps(bounds.lower * row_.row.scenario.fan_out),
                   bounds.upper == 0 ? "none" : mpps(bounds.upper),
                   bounds.is_exact ? "yes" : "no"});
    }
    void add(apps::TextTable &table, const std::string &name, const LatencyLoad &load,
             const std::string &port, const Histogram &of) const {
        const auto ns = [this](double cycles) {
            return fmt::format("{:.0f}", cycles * 1e9 / tsc_hz_);
        };
        std::vector<std::string> cells{name,
                                       name.empty() ? "" : mpps(load.pps),
                                       port,
                                       packets(of.count()),
                                       ns(static_cast<double>(of.min())),
                                       ns(of.average())};
        for (const double percent : {50.0, 90.0, 99.0, 99.9, 99.99})
            cells.push_back(ns(static_cast<double>(of.percentile(percent))));
        cells.push_back(ns(static_cast<double>(of.max())));
        cells.push_back(ns(static_cast<double>(of.percentile(99.9) - of.min())));
        table.add(std::move(cells));
    }

    const MeasuredRow &row_;
    double tsc_hz_;
};

} // namespace

bool has_ring(const MeasuredReport &report) {
    return std::any_of(report.rows.begin(), report.rows.end(),
                       [](const MeasuredRow &row) { return has_ring(row.row.measure); });
}

std::string to_text(const MeasuredReport &report) {
    std::string text;
    for (const MeasuredRow &row : report.rows) {
        text += fmt::format("{}: {}\n", row.row.scenario.name, to_string(row.row.measure));
        text += std::visit(RowText(row, report.machine.tsc_hz), row.result);
        if (!row.invalid.empty())
            text += fmt::format("does not count: {}\n", row.invalid);
        text += '\n';
    }
    const Machine &machine = report.machine;
    text += fmt::format("{}, {} CPUs, TSC {:.3f} GHz, {} pages, DPDK {}, mgm {}, seed {}",
                        machine.cpu, machine.cpus, machine.tsc_hz / 1e9, machine.pages,
                        machine.dpdk, machine.commit, report.settings.seed);
    if (has_ring(report))
        text += fmt::format("; rx ring of {} descriptors", report.settings.descriptors);
    return text + '\n';
}

} // namespace bench
