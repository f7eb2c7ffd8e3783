// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/output.hpp"

#include "apps/text_table.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <map>

namespace bench {

namespace {

std::string number(double value, int decimals = 1) {
    return value == 0 ? "-" : fmt::format("{:.{}f}", value, decimals);
}

std::string target_text(const std::optional<Target> &target) {
    if (!target)
        return "";
    return fmt::format("<= {:.2f} x {}", target->at_most,
                       target->against.empty() ? "floor" : target->against);
}

std::string verdict_text(const std::optional<Verdict> &verdict) {
    return verdict ? fmt::format("{:.2f} {}", verdict->value, verdict->is_met ? "met" : "MISSED")
                   : "";
}

void add_row(apps::TextTable &table, const RowResult &row, const Report &report) {
    const Spread ours = row.cost(Subject::kRouter);
    const Spread ratio = row.ratio();
    const double copies = row.copies_a_packet(Subject::kRouter);
    const double million = row.million_packets(Subject::kRouter, report.machine.tsc_hz);
    table.add({row.row.scenario.name, number(million, 2), number(million * copies, 1),
               number(ours.median), copies == 0 ? "-" : number(ours.median / copies),
               fmt::format("{:.0f} %", ours.share() * 100),
               number(row.cost(row.best_floor()).median), number(ratio.median, 2),
               number(row.cost(Subject::kClone).median), number(row.cost(Subject::kCeiling).median),
               number(row.cost(Subject::kGenerator).median), target_text(row.row.target),
               verdict_text(judge(row, report.rows))});
}

/// Each reason once, with how often.
std::string notes(const Report &report) {
    std::string text;
    for (const RowResult &row : report.rows) {
        std::map<std::string, unsigned> reasons;
        for (const Trial &trial : row.trials)
            if (!trial.invalid.empty())
                ++reasons[fmt::format("{}: {}", to_string(trial.subject), trial.invalid)];
        for (const auto &[reason, times] : reasons)
            text += fmt::format("not counted, {} of {} repeats: {}: {}\n", times,
                                report.settings.repeats, row.row.scenario.name, reason);
        if (row.is_generator_limited())
            text += fmt::format("generator-limited: {}\n", row.row.scenario.name);
        if (row.row.scenario.updates_per_second != 0)
            text += fmt::format("{}: {:.0f} updates/s made of {} wanted\n", row.row.scenario.name,
                                row.updates_a_second(report.machine.tsc_hz),
                                row.row.scenario.updates_per_second);
        if (row.row.scenario.entries() >= 100'000)
            text += fmt::format("{}: {} entries loaded in {:.2f} s, {} MiB of tables\n",
                                row.row.scenario.name, row.row.scenario.entries(), row.load_seconds,
                                row.table_octets >> 20U);
    }
    return text;
}

} // namespace

std::string to_text(const Report &report) {
    using Align = apps::TextTable::Align;
    apps::TextTable table({{"scenario"},
                           {"Mpps in", Align::kRight},
                           {"Mpps out", Align::kRight},
                           {"cyc/pkt", Align::kRight},
                           {"cyc/copy", Align::kRight},
                           {"+-", Align::kRight},
                           {"floor", Align::kRight},
                           {"ratio", Align::kRight},
                           {"clone", Align::kRight},
                           {"ceiling", Align::kRight},
                           {"generator", Align::kRight},
                           {"target"},
                           {"result"}});
    for (const RowResult &row : report.rows)
        add_row(table, row, report);
    const Machine &machine = report.machine;
    return fmt::format(
        "{}\n{}\n{}, {} CPUs, TSC {:.3f} GHz, {} pages, DPDK {}, seed {}; medians of {} "
        "trials of {} s; cycles a packet are TSC cycles\n",
        table.render(), notes(report), machine.cpu, machine.cpus, machine.tsc_hz / 1e9,
        machine.pages, machine.dpdk, report.settings.seed, report.settings.repeats,
        report.settings.seconds);
}

std::string to_csv(const Report &report) {
    std::string text = "scenario,subject,repeat,packets,copies,cycles,cpu_share,updates,invalid\n";
    for (const RowResult &row : report.rows)
        for (const Trial &trial : row.trials)
            text += fmt::format("\"{}\",{},{},{},{},{},{:.4f},{},\"{}\"\n", row.row.scenario.name,
                                to_string(trial.subject), trial.repeat, trial.meter.packets,
                                trial.copies, trial.meter.cycles, trial.meter.cpu_share,
                                trial.updates, trial.invalid);
    return text;
}

} // namespace bench
