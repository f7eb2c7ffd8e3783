// SPDX-License-Identifier: BSD-3-Clause
// The highest rate at which no more than a given share is lost (RFC 2544 26.1), by halving, with
// what MLRsearch adds: results of one goal serve the next, the rate at which loss is measured says
// where to look, and a bound counts when two of at most three trials agree. Knows no packets.
#pragma once

#include <cstdint>
#include <map>
#include <optional>

namespace bench {

struct SearchSettings {
    double least = 9'000; ///< packets a second
    double most = 0;
    double width = 0.005;       ///< of the upper bound, between both bounds
    unsigned most_trials = 120; ///< over all goals
};

struct RateBounds {
    double lower = 0; ///< passed; 0: not even the least rate did
    double upper = 0; ///< failed; 0: not even the highest rate did
    /// Both bounds agreed on by two trials and no further apart than wanted.
    bool is_exact = false;
};

class RateSearch {
public:
    explicit RateSearch(const SearchSettings &settings) : settings_(settings) {}

    /// Begins with what is known already. `loss`: the share that may be lost.
    void aim(double loss) noexcept { goal_ = loss; }
    /// What to try next; nothing when the goal is reached or no trial is left.
    [[nodiscard]] std::optional<double> next() const;
    void add(double rate, double loss);
    [[nodiscard]] RateBounds bounds() const;
    [[nodiscard]] unsigned trials() const noexcept { return trials_; }

private:
    struct Tried {
        std::uint32_t passed = 0, failed = 0;
        [[nodiscard]] bool is_good() const noexcept { return failed <= passed; }
        [[nodiscard]] bool is_sure() const noexcept { return passed >= 2 || failed >= 2; }
    };
    [[nodiscard]] Tried tried(double rate) const;
    [[nodiscard]] double between(double lower, double upper) const;

    SearchSettings settings_;
    double goal_ = 0;
    std::multimap<double, double> results_; ///< rate to loss
    unsigned trials_ = 0;
};

} // namespace bench
