// SPDX-License-Identifier: BSD-3-Clause
// Results and their plots as one page of HTML: no script, no network, no other file.
#pragma once

#include "apps/bench/plot.hpp"
#include "apps/bench/saved_result.hpp"

#include <string>
#include <vector>

namespace bench {

struct DrawnPlot {
    Plot plot;
    std::string svg;
};

struct PageSection {
    SavedResult result;
    std::vector<DrawnPlot> plots;
};

std::string page_of(const std::vector<PageSection> &sections);

/// As HTML shows it, whatever it is.
std::string escaped(const std::string &text);

} // namespace bench
