// SPDX-License-Identifier: BSD-3-Clause
// mgmbench: how fast does mgm replicate on this machine, and how near is that to what is possible?
#include "apps/bench/bed.hpp"
#include "apps/bench/compare.hpp"
#include "apps/bench/doctor.hpp"
#include "apps/bench/exit_code.hpp"
#include "apps/bench/live_command.hpp"
#include "apps/bench/output.hpp"
#include "apps/bench/report.hpp"
#include "apps/bench/report_command.hpp"
#include "apps/bench/runner.hpp"
#include "apps/bench/scenario.hpp"
#include "apps/bench/wire_commands.hpp"
#include "apps/mgmbench_measure.hpp"
#include "apps/mgmbench_scenario.hpp"
#include "apps/version.hpp"
#include "dataplane/eal_files.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <fstream>
#include <optional>
#include <sstream>
#include <string>
#include <vector>

#include <unistd.h>

namespace {

using bench::fail_with, bench::kDone, bench::kInvalid, bench::kResources, bench::kUsage;

constexpr const char *kFooter = R"(
Exit codes:
  0  measured; nothing spoils figures (doctor); nothing is slower (compare); all was sent (tx,
     replay), at the rate that was wanted; all that was sent came once, in order, whole (rx)
  1  a trial did not count (its reason stands below the table) or found a fault; something does;
     something is; not
  2  the command line, or a file that it names, is wrong
  3  a resource is missing: hugepages, memory, cores

Examples:
  mgmbench run --scenario headline            every target of the project beside its floor
  mgmbench run --fan-out 16 --size imix       one case of your own
  mgmbench run --ingress pcap:feed.pcap       packets of your own; see run --help
  mgmbench run --scenario entries --json      for machines
  mgmbench run --measure throughput           the highest rate without loss (NDR) and with 0.5 % (PDR)
  mgmbench run --measure latency --load no-load,50%
  mgmbench run --measure verify --updates 500000
                                              every copy looked at while entries change
  mgmbench rx --port 0000:03:00.1             on one host, and on another:
  mgmbench tx --port 0000:03:00.0 --rate 1e6  packets that rx checks; see tx --help
  mgmbench replay feed.pcap --port 0000:03:00.0
  mgmbench list                               the suites and what is in them
  mgmbench doctor                             what would spoil a figure here, and how to mend it
  mgmbench run --scenario fan-out --report page     … and a page with plots, page/index.html
  mgmbench report fan-out.json size.json --output page     the same from results of --json
  mgmbench compare before.json after.json     which differences are more than noise)";

struct Options {
    std::string suite;
    apps::ScenarioOptions scenario;
    bench::RunSettings settings;
    apps::MeasureOptions measure;
    bench::LiveSettings live;
    bool json = false;
    bool csv = false;
    std::string output_file;
    std::string report_folder;
    std::string command;
    std::string first_file, second_file; ///< compare
};

void add_run(CLI::App &app, Options &options) {
    CLI::Option *suite =
        app.add_option("--scenario", options.suite, "a suite by name; see mgmbench list")
            ->type_name("NAME");
    app.add_option("--repeats", options.settings.repeats, "trials of each")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    app.add_option("--seconds", options.settings.seconds, "of a trial")
        ->check(CLI::Range(0.001, 3600.0))
        ->default_str("0.1; 1 for latency");
    app.add_option("--seed", options.settings.seed, "the same seed makes the same packets")
        ->capture_default_str();
    CLI::Option *json = app.add_flag("--json", options.json, "every trial as JSON");
    app.add_flag("--csv", options.csv, "every trial as CSV")->excludes(json);
    app.add_option("--output", options.output_file, "write there instead of standard output")
        ->type_name("FILE");
    app.add_option("--report", options.report_folder,
                   "also a page with plots, index.html, and result.json there")
        ->type_name("FOLDER");
    apps::add_measure(app, options.measure, suite);
    apps::add_scenario(app, options.scenario, suite);
    bench::add_live_options(app, options.live, options.scenario.scenario, suite);
}

mgm::Result<std::vector<bench::Row>> rows_of(const Options &options) {
    if (!options.suite.empty()) {
        const bench::Suite *suite = bench::find_suite(options.suite);
        if (suite == nullptr)
            return mgm::fail(mgm::Errc::kInvalidArgument,
                             "--scenario '{}': there is none; see mgmbench list", options.suite);
        return suite->rows;
    }
    mgm::Result<bench::Scenario> scenario = apps::scenario_of(options.scenario);
    if (!scenario)
        return tl::unexpected(std::move(scenario.error()));
    return std::vector<bench::Row>{{std::move(*scenario), {}}};
}

/// On a terminal a line that replaces itself; else nothing, the result is the output.
void show_progress(const bench::Scenario &scenario, std::size_t done, std::size_t of) {
    if (::isatty(STDERR_FILENO) == 0)
        return;
    fmt::print(stderr, "\r\x1b[K{:3} %  {}", of == 0 ? 100 : done * 100 / of, scenario.name);
    if (done == of)
        fmt::print(stderr, "\r\x1b[K");
    std::fflush(stderr);
}

bool write_output(const Options &options, const std::string &text) {
    if (options.output_file.empty()) {
        fmt::print("{}", text);
        return std::fflush(stdout) == 0;
    }
    std::ofstream file(options.output_file);
    file << text << std::flush;
    if (!file)
        fmt::print(stderr, "mgmbench: cannot write '{}'\n", options.output_file);
    return file.good();
}

bool every_trial_counts(const bench::Report &report) {
    return std::all_of(report.rows.begin(), report.rows.end(), [](const bench::RowResult &row) {
        return std::all_of(row.trials.begin(), row.trials.end(),
                           [](const bench::Trial &trial) { return trial.invalid.empty(); });
    });
}

template <class Report>
std::string format(const Options &options, const Report &report) {
    return options.json  ? bench::to_json(report)
           : options.csv ? bench::to_csv(report)
                         : bench::to_text(report);
}

template <class Report>
mgm::Result<void> write_page(const Options &options, const Report &report) {
    if (options.report_folder.empty())
        return {};
    return bench::write_report_of(bench::to_json(report), options.report_folder);
}

int run_measures(const Options &options, bench::Bed &bed, const std::vector<bench::Row> &rows,
                 const bench::Machine &machine) {
    bench::MeasuredReport report{
        machine, options.measure.settings, options.suite, options.command, {}};
    report.settings.seed = options.settings.seed;
    if (const mgm::Result<void> measured = apps::measure(bed, rows, report); !measured)
        return fail_with(measured.error());
    if (!write_output(options, format(options, report)))
        return kResources;
    if (const auto made = write_page(options, report); !made)
        return fail_with(made.error());
    return apps::is_clean(report) ? kDone : kInvalid;
}

int run(Options &options) {
    mgm::Result<std::vector<bench::Row>> rows = rows_of(options);
    if (!rows)
        return fail_with(rows.error());
    options.live.run = options.settings;
    const bool is_plain =
        options.measure.measure == bench::Measure::kCost && options.report_folder.empty();
    if (bench::is_live(options.live) && !is_plain)
        return fail_with({mgm::Errc::kInvalidArgument,
                          "--ingress, and --sink of ports: --measure and --report are only for "
                          "packets made in process; use mgmbench tx and rx"});
    if (bench::is_live(options.live))
        return bench::run_live_command(
            options.live, rows->front().scenario, options.json,
            [&](const auto &text) { return write_output(options, text); });
    if (const auto ready = bench::prepare_report(options.report_folder); !ready)
        return fail_with(ready.error());
    if (mgm::Result<void> applied = apps::apply(options.measure, *rows, !options.suite.empty());
        !applied)
        return fail_with(applied.error());
    const bench::BedNeeds needs = bench::BedNeeds::of(*rows);
    const bool is_huge = dataplane::free_hugepage_octets() >> 20U >= needs.mebibytes(true);
    if (!is_huge)
        fmt::print(stderr,
                   "mgmbench: {} MiB of hugepages wanted, {} free: figures will be lower; "
                   "'sysctl vm.nr_hugepages={}' reserves enough\n",
                   needs.mebibytes(true), dataplane::free_hugepage_octets() >> 20U,
                   needs.mebibytes(true) / 2 + 1);
    mgm::Result<std::unique_ptr<bench::Bed>> bed = bench::Bed::create(needs, is_huge);
    if (!bed)
        return fail_with(bed.error());
    bench::Report report;
    report.machine = bench::describe_machine(is_huge, (*bed)->worker_cpu());
    if (rows->front().measure != bench::Measure::kCost)
        return run_measures(options, **bed, *rows, report.machine);
    report.settings = options.settings;
    report.suite = options.suite;
    report.command = options.command;
    mgm::Result<std::vector<bench::RowResult>> results =
        bench::run_rows(**bed, *rows, options.settings, show_progress);
    if (!results)
        return fail_with(results.error());
    report.rows = std::move(*results);
    if (!write_output(options, format(options, report)))
        return kResources;
    if (const auto made = write_page(options, report); !made)
        return fail_with(made.error());
    return every_trial_counts(report) ? kDone : kInvalid;
}

int list() {
    for (const bench::Suite &suite : bench::all_suites()) {
        fmt::print("{}: {}\n", suite.name, suite.about);
        for (const bench::Row &row : suite.rows)
            fmt::print("    {}\n", row.scenario.name);
    }
    return kDone;
}

int diagnose() {
    int code = kDone;
    for (const bench::Finding &finding : bench::findings_of(bench::examine_machine())) {
        fmt::print("{}  {}\n", finding.is_good ? "ok    " : "spoils", finding.what);
        if (!finding.is_good)
            fmt::print("        {}\n", finding.mend);
        code = finding.is_good ? code : kInvalid;
    }
    return code;
}

int compare(const Options &options) {
    const mgm::Result<std::string> first = bench::read_whole(options.first_file);
    const mgm::Result<std::string> second = bench::read_whole(options.second_file);
    if (!first || !second)
        return fail_with(!first ? first.error() : second.error());
    const mgm::Result<bench::Comparison> comparison = bench::compare(*first, *second);
    if (!comparison)
        return fail_with(comparison.error());
    fmt::print("{}\n{} slower, {} faster: outside the spread of the repeats of both\n",
               comparison->text, comparison->slower, comparison->faster);
    return comparison->slower == 0 ? kDone : kInvalid;
}

int run_program(int argc, char **argv) {
    Options options;
    CLI::App app(
        "mgmbench measures how fast mgm replicates on this machine, beside what is possible "
        "there.",
        "mgmbench");
    app.footer(kFooter);
    app.set_version_flag("--version", std::string("mgmbench ") + apps::kVersion);
    app.require_subcommand(1);
    int code = kDone;
    CLI::App *run_command = app.add_subcommand("run", "measure");
    add_run(*run_command, options);
    run_command->final_callback([&] {
        if (run_command->count("--seconds") != 0)
            options.measure.settings.seconds = options.measure.settings.latency_seconds =
                options.settings.seconds;
        if (options.measure.descriptors)
            options.measure.settings.descriptors = *options.measure.descriptors;
        code = run(options);
    });
    app.add_subcommand("list", "the suites and their scenarios")->final_callback([&] {
        code = list();
    });
    app.add_subcommand("doctor", "what would spoil a figure on this machine")->final_callback([&] {
        code = diagnose();
    });
    CLI::App *compare_command =
        app.add_subcommand("compare", "two results of run --json, scenario by scenario");
    compare_command->add_option("A", options.first_file, "before")->required();
    compare_command->add_option("B", options.second_file, "after")->required();
    compare_command->final_callback([&] { code = compare(options); });
    bench::add_wire_commands(app, code);
    bench::add_report_command(
        app, [&](const auto &made) { code = made ? kDone : fail_with(made.error()); });
    options.command = bench::command_line(argc, argv);
    try {
        app.parse(argc, argv);
        return code;
    } catch (const CLI::ParseError &error) {
        return app.exit(error) == 0 ? kDone : kUsage;
    }
}

} // namespace

int main(int argc, char **argv) {
    try {
        return run_program(argc, argv);
    } catch (const std::exception &error) { // what a library throws ends here, in one line
        std::fprintf(stderr, "mgmbench: %s\n", error.what());
        return kResources;
    }
}
