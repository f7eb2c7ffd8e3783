// SPDX-License-Identifier: BSD-3-Clause
// The command line of `mgmbench report`, and what `mgmbench run` has to do with reports.
#pragma once

#include "mgm/result.hpp"

#include <functional>
#include <string>

// NOLINTNEXTLINE(readability-identifier-naming): the name is the library's
namespace CLI {
class App;
}

namespace bench {

/// Adds the command; `done` is told how it ended.
void add_report_command(CLI::App &app, std::function<void(const mgm::Result<void> &)> done);

/// `folder`/index.html, and `json` as result.json beside it, to draw from again or to compare with;
/// nothing where no folder is named.
mgm::Result<void> write_report_of(const std::string &json, const std::string &folder);

/// What a shell would take for the same command.
std::string command_line(int argc, const char *const *argv);

} // namespace bench
