// SPDX-License-Identifier: BSD-3-Clause
// What mgmbench ends with; mgmbench.cpp explains them to users.
#pragma once

namespace bench {

enum Exit : int { kDone = 0, kInvalid = 1, kUsage = 2, kResources = 3 };

} // namespace bench
