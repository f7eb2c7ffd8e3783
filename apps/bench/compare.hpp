// SPDX-License-Identifier: BSD-3-Clause
// Two results as JSON: which differences are more than the machine's own?
#pragma once

#include "mgm/result.hpp"

#include <string>
#include <vector>

namespace bench {

struct Comparison {
    std::string text; ///< a table for people
    unsigned slower = 0;
    unsigned faster = 0;
};

/// `first`, `second`: what `mgmbench run --json` wrote. A scenario that only one of them has is
/// listed and not compared. By the ratio to the floor, where both have one: it holds across
/// machines as far as anything does; else by cycles a packet. Different means that the repeats'
/// ranges do not overlap. kInvalidArgument: not JSON, or of another schema.
mgm::Result<Comparison> compare(const std::string &first, const std::string &second);

} // namespace bench
