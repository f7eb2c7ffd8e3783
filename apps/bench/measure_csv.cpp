// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/measure_output.hpp"

#include <fmt/format.h>

namespace bench {

namespace {

/// Lines of one row: scenario, measure, what, number or name of it, and a value.
class RowCsv {
public:
    RowCsv(const MeasuredRow &row, double tsc_hz) : row_(row), ns_(1e9 / tsc_hz) {}

    std::string operator()(const VerifyResult &result) {
        for (std::size_t k = 0; k < result.ports.size(); ++k) {
            const Faults &port = result.ports[k];
            const std::string name = fmt::format("port {}", k);
            line(name, "frames", port.frames);
            line(name, "corrupted", port.corrupted);
            line(name, "lost", port.lost);
            line(name, "duplicated", port.duplicated);
            line(name, "reordered", port.reordered);
            line(name, "misdirected", port.misdirected);
        }
        line("all", "packets", result.offered.taken);
        line("all", "updates", result.updates);
        return text_;
    }
    std::string operator()(const ForwardingResult &result) {
        add(result.trials);
        return text_;
    }
    std::string operator()(const ThroughputResult &result) {
        line("ndr", "pps", result.ndr.lower);
        line("pdr", "pps", result.pdr.lower);
        line("ndr", "upper_pps", result.ndr.upper);
        line("pdr", "upper_pps", result.pdr.upper);
        add(result.trials);
        return text_;
    }
    std::string operator()(const LatencyResult &result) {
        if (result.throughput)
            (*this)(*result.throughput);
        for (const LatencyLoad &load : result.loads) {
            const std::string name =
                load.is_unloaded ? "no-load" : fmt::format("{:.0f} pps", load.pps);
            add(name, load.all);
            for (std::size_t k = 0; k < load.ports.size(); ++k)
                add(fmt::format("{} port {}", name, k), load.ports[k]);
            add(name + " spread", load.spread);
            add(name + " loopback", load.loopback);
        }
        return text_;
    }
    std::string operator()(const DelayResult &result) {
        add("delay", result.delay);
        line("frames", "min", result.frames.min());
        line("frames", "avg", result.frames.average());
        line("frames", "max", result.frames.max());
        return text_;
    }
    std::string operator()(const CapacityResult &result) {
        for (const CapacityStep &step : result.steps) {
            const std::string name = fmt::format("{} groups", step.groups);
            line(name, "loss", step.trial.loss);
            line(name, "table_octets", step.table_octets);
        }
        line("result", "groups", result.groups);
        return text_;
    }

private:
    template <class Value>
    void line(std::string_view of, std::string_view name, Value value) {
        text_ += fmt::format("\"{}\",{},{},{},{},\"{}\"\n", row_.row.scenario.name,
                             to_string(row_.row.measure), of, name, value, row_.invalid);
    }
    void add(const std::vector<LoadTrial> &trials) {
        for (std::size_t k = 0; k < trials.size(); ++k) {
            const std::string name = fmt::format("trial {}", k);
            line(name, "offered_pps", trials[k].offered.pps);
            line(name, "output_pps", trials[k].output_pps);
            line(name, "loss", trials[k].loss);
            line(name, "attempts", trials[k].attempts);
            line(name, "disturbed", trials[k].is_disturbed ? 1 : 0);
        }
    }
    /// In nanoseconds.
    void add(const std::string &name, const Histogram &of) {
        line(name, "samples", of.count());
        line(name, "min", static_cast<double>(of.min()) * ns_);
        line(name, "avg", of.average() * ns_);
        line(name, "max", static_cast<double>(of.max()) * ns_);
        for (const double percent : kPercentiles)
            line(name, fmt::format("p{}", percent),
                 static_cast<double>(of.percentile(percent)) * ns_);
    }

    const MeasuredRow &row_;
    double ns_;
    std::string text_;
};

} // namespace

std::string to_csv(const MeasuredReport &report) {
    std::string text = "scenario,measure,of,name,value,invalid\n";
    for (const MeasuredRow &row : report.rows)
        text += std::visit(RowCsv(row, report.machine.tsc_hz), row.result);
    return text;
}

} // namespace bench
