// SPDX-License-Identifier: BSD-3-Clause
// [manager]: the limits and times of the group manager, one table of keys for reading, printing and
// comparing.
#pragma once

#include "apps/config.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace apps {

class TableReader;
struct Draft;

void read_manager(TableReader &root, Draft &draft);

/// "\n[manager]\n…", every key.
std::string print_manager(const Config &config);

/// Calls `differs(key, before, after)` for each key whose values differ.
void compare_manager(
    const Config &a, const Config &b,
    const std::function<void(std::string_view, std::int64_t, std::int64_t)> &differs);

} // namespace apps
