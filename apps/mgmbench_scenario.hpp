// SPDX-License-Identifier: BSD-3-Clause
// The options of mgmbench run that make a scenario of one's own.
#pragma once

#include "apps/bench/scenario.hpp"

#include <CLI/CLI.hpp>

#include <string>

namespace apps {

struct ScenarioOptions {
    bench::Scenario scenario;
    std::string sizes = "64";
};

/// A named `suite` has scenarios of its own.
void add_scenario(CLI::App &app, ScenarioOptions &options, CLI::Option *suite);
/// kInvalidArgument: everything that is wrong with it.
mgm::Result<bench::Scenario> scenario_of(const ScenarioOptions &options);

} // namespace apps
