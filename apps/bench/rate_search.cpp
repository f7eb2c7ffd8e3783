// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/rate_search.hpp"

#include <algorithm>

namespace bench {

void RateSearch::add(double rate, double loss) {
    results_.emplace(rate, loss);
    ++trials_;
}

RateSearch::Tried RateSearch::tried(double rate) const {
    Tried tried;
    const auto [begin, end] = results_.equal_range(rate);
    for (auto result = begin; result != end; ++result)
        ++(result->second <= goal_ ? tried.passed : tried.failed);
    return tried;
}

RateBounds RateSearch::bounds() const {
    RateBounds bounds;
    bool is_sure = true;
    for (auto result = results_.begin(); result != results_.end();
         result = results_.upper_bound(result->first)) {
        const Tried here = tried(result->first);
        if (!here.is_good()) {
            bounds.upper = result->first;
            is_sure = is_sure && here.is_sure();
            break;
        }
        bounds.lower = result->first;
    }
    if (bounds.lower != 0)
        is_sure = is_sure && tried(bounds.lower).is_sure();
    const double upper = bounds.upper != 0 ? bounds.upper : settings_.most;
    const bool is_narrow = bounds.lower == 0
                               ? upper <= settings_.least
                               : upper - bounds.lower <= settings_.width * upper ||
                                     (bounds.upper == 0 && bounds.lower >= settings_.most);
    bounds.is_exact = is_sure && is_narrow && !results_.empty();
    return bounds;
}

/// Where the loss at the upper bound says that the router is full, if that is between; else half.
double RateSearch::between(double lower, double upper) const {
    const double middle = lower + (upper - lower) / 2;
    const auto [begin, end] = results_.equal_range(upper);
    if (begin == end)
        return middle;
    const auto least = std::min_element(
        begin, end, [](const auto &a, const auto &b) { return a.second < b.second; });
    const double taken = upper * (1 - least->second) / (1 - goal_);
    const bool is_between = taken > middle && upper - taken > settings_.width * upper;
    return is_between ? taken : middle;
}

std::optional<double> RateSearch::next() const {
    const RateBounds now = bounds();
    if (now.is_exact || trials_ >= settings_.most_trials)
        return std::nullopt;
    if (now.upper == 0)
        return settings_.most; // never tried, or not sure
    // A failure may be the machine's; before others depend on it, it is tried again.
    if (!tried(now.upper).is_sure())
        return now.upper;
    const double lower = now.lower == 0 ? settings_.least : now.lower;
    return now.upper - lower > settings_.width * now.upper ? between(lower, now.upper) : lower;
}

} // namespace bench
