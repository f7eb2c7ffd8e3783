// SPDX-License-Identifier: BSD-3-Clause
// What mgmbench ends with; mgmbench.cpp explains it to users.
#pragma once

#include "mgm/result.hpp"

#include <cstdio>

namespace bench {

enum Exit : int { kDone = 0, kInvalid = 1, kUsage = 2, kResources = 3 };

/// Says why, in one line. Returns the exit code.
inline int fail_with(const mgm::Error &error) {
    std::fprintf(stderr, "mgmbench: %s\n", error.what.c_str());
    return error.code == mgm::Errc::kInvalidArgument ? kUsage : kResources;
}

} // namespace bench
