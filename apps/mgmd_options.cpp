// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmd_options.hpp"

#include "apps/version.hpp"

#include <CLI/CLI.hpp>

namespace apps {

namespace {

constexpr const char *kFooter = R"(
Signals: SIGHUP reads the configuration again, all or nothing. SIGTERM and SIGINT drain, close every port and
leave nothing behind.

Exit codes:
  0  ended as asked
  1  failed while running (--once without progress, packet buffers missing at the end)
  2  the command line or the configuration is wrong; every mistake is listed
  3  a resource is missing: hugepages, memory, cores, or another mgmd runs under this name

Examples:
  mgmd --config /etc/mgm/mgm.toml --check     list every mistake, touch nothing
  mgmd --config replay.toml --once            forward the packets of pcap files, then print a summary
  mgmctl show counters                        what a running mgmd does with packets)";

} // namespace

ParsedOptions parse_options(int argc, char **argv) {
    Options options;
    CLI::App app{"mgmd: forwards IP multicast between DPDK ports as its configuration says.",
                 "mgmd"};
    app.footer(kFooter);
    app.set_version_flag("--version", std::string("mgmd ") + kVersion);
    app.add_option("-c,--config", options.config_file,
                   "configuration file (TOML; see apps/README.md)")
        ->type_name("FILE")
        ->required();
    CLI::Option *check = app.add_flag("--check", options.check, "check the configuration and exit");
    CLI::Option *print =
        app.add_flag("--print-config", options.print_config,
                     "print the effective configuration with every default and exit");
    CLI::Option *once = app.add_flag(
        "--once", options.once,
        "end when every packet of the pcap input files was received and all copies are sent");
    app.add_flag("--json", options.json, "with --once: the summary as JSON")->needs(once);
    app.add_option("--log-level", options.log_level,
                   "debug, info, notice, warning or error; for one part: mgm.control:debug")
        ->type_name("LEVEL");
    check->excludes(print)->excludes(once);
    print->excludes(once);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError &error) {
        const int code = app.exit(error);
        return {.options = std::nullopt, .exit_code = code == 0 ? ExitCode::kOk : ExitCode::kUsage};
    }
    return {.options = std::move(options)};
}

} // namespace apps
