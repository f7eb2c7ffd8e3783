// SPDX-License-Identifier: BSD-3-Clause
// The command line of mgmd.
#pragma once

#include <optional>
#include <string>

namespace apps {

/// Exit codes, also in `mgmd --help` and apps/README.md.
enum class ExitCode : int {
    kOk = 0,
    kFailure = 1,   ///< something went wrong while running: no progress, mbufs missing
    kUsage = 2,     ///< the command line or the configuration is wrong
    kResources = 3, ///< hugepages, memory, cores, a socket or an instance that is in use
};

struct Options {
    std::string config_file;
    bool check = false;
    bool print_config = false;
    bool once = false;
    bool json = false;
    std::string log_level; ///< "debug", "mgm.control:debug", as DPDK's --log-level
};

/// Nothing when the process should end with `exit_code` now (--help, --version, a mistake that is
/// already printed).
struct ParsedOptions {
    std::optional<Options> options;
    ExitCode exit_code = ExitCode::kOk;
};

ParsedOptions parse_options(int argc, char **argv);

} // namespace apps
