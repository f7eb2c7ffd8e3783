// SPDX-License-Identifier: BSD-3-Clause
// When a trial says something of others on the machine.
#pragma once

namespace bench {

/// The worker was off the CPU for more than the rest: somebody else's cost.
inline constexpr double kLeastCpuShare = 0.97;
inline constexpr const char *kNoisy = "others had the worker's CPU for more than 3 % of the time";
inline constexpr unsigned kAttempts = 5; ///< for that reason alone a trial is tried again

} // namespace bench
