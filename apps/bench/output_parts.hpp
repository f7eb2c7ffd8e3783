// SPDX-License-Identifier: BSD-3-Clause
// What the JSON of every kind of result has in common.
#pragma once

#include "apps/bench/machine.hpp"
#include "apps/bench/scenario.hpp"

#include <nlohmann/json.hpp>

namespace bench {

nlohmann::ordered_json json_of(const Machine &machine);
nlohmann::ordered_json json_of(const Scenario &scenario);

} // namespace bench
