// SPDX-License-Identifier: BSD-3-Clause
// The subcommands that stand on one port each: tx, rx, replay.
#pragma once

#include <CLI/CLI.hpp>

namespace bench {

/// Adds them. Whichever the user chose runs while the command line is parsed, and leaves its exit
/// code in `code`.
void add_wire_commands(CLI::App &app, int &code);

} // namespace bench
