// SPDX-License-Identifier: BSD-3-Clause
// The multicast router daemon: options -> configuration -> EAL -> tables -> workers -> ports ->
// control, until a signal.
#include "apps/config.hpp"
#include "apps/mgmd_daemon.hpp"
#include "apps/mgmd_options.hpp"

#include <fmt/format.h>
#include <rte_log.h>

#include <cstdio>
#include <exception>

namespace {

using apps::ExitCode;

ExitCode run(int argc, char **argv) {
    const apps::ParsedOptions parsed = apps::parse_options(argc, argv);
    if (!parsed.options)
        return parsed.exit_code;
    const apps::Options &options = *parsed.options;
    mgm::Result<apps::Config> config = apps::load_config(options.config_file);
    if (!config) {
        fmt::print(stderr, "{}\n", config.error().what);
        return ExitCode::kUsage;
    }
    for (const std::string &warning : config->warnings)
        fmt::print(stderr, "{}\n", warning);
    if (options.print_config) {
        fmt::print("{}", apps::to_toml(*config));
        return ExitCode::kOk;
    }
    if (options.check) {
        fmt::print("{}: {} interfaces on {} ports, {} routes: all right\n", config->file,
                   config->state.interfaces.size(), config->ports.size(),
                   config->state.routes.size());
        return ExitCode::kOk;
    }
    if (!options.log_level.empty())
        config->eal_args.push_back("--log-level=" + options.log_level);
    return apps::run_daemon(options, std::move(*config));
}

} // namespace

int main(int argc, char **argv) {
    try {
        return static_cast<int>(run(argc, argv));
    } catch (const std::exception &error) { // what a library throws ends here, in one line
        std::fprintf(stderr, "mgmd: %s\n", error.what());
        return static_cast<int>(ExitCode::kFailure);
    }
}
