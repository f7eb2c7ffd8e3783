// SPDX-License-Identifier: BSD-3-Clause
// mgmd from start to end: builds the parts in order, runs them, takes them down in the opposite
// order. apps/README.md walks through it.
#pragma once

#include "apps/config.hpp"
#include "apps/mgmd_options.hpp"

namespace apps {

/// Runs until a signal or, with --once, until all is sent. Prints what went wrong.
ExitCode run_daemon(const Options &options, Config config);

} // namespace apps
