// SPDX-License-Identifier: BSD-3-Clause
// `mgmbench run` with --ingress, or with --sink of more than the in-process kinds.
#pragma once

#include "apps/bench/live.hpp"

#include <CLI/CLI.hpp>

#include <functional>

namespace bench {

/// --ingress and --sink. "null" and "parked" alone are the scenario's own.
void add_live_options(CLI::App &app, LiveSettings &live, Scenario &scenario, CLI::Option *suite);

/// The user asked for more than packets made in process and sinks that only free or keep them.
[[nodiscard]] bool is_live(const LiveSettings &live);

/// `write` takes the result and says whether it could. Returns the exit code.
int run_live_command(const LiveSettings &live, const Scenario &scenario, bool json,
                     const std::function<bool(const std::string &)> &write);

} // namespace bench
