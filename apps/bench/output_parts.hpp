// SPDX-License-Identifier: BSD-3-Clause
// What the JSON of every kind of result has in common.
#pragma once

#include "apps/bench/machine.hpp"
#include "apps/bench/scenario.hpp"

#include <nlohmann/json.hpp>

#include <string>

namespace bench {

nlohmann::ordered_json json_of(const Machine &machine);
nlohmann::ordered_json json_of(const Scenario &scenario);
/// What stands before the rows of every result.
nlohmann::ordered_json result_head(const Machine &machine, const std::string &suite,
                                   const std::string &command);

} // namespace bench
