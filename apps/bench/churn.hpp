// SPDX-License-Identifier: BSD-3-Clause
// Entries that change while packets are forwarded.
//
// Thread: main, the tables' writer.
#pragma once

#include "apps/bench/router.hpp"
#include "apps/bench/scenario.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>

namespace bench {

inline constexpr double kLeastUpdates = 0.95; ///< of those that the scenario wants

/// Changes entries at random, so many a second, until told to stop.
class Churn {
public:
    /// Of `step` entries that follow each other it changes the last only.
    Churn(Router &router, const Scenario &scenario, std::uint64_t seed, unsigned step = 1)
        : router_(router),
          entries_(scenario.entries() / step),
          step_(step),
          per_second_(scenario.updates_per_second),
          random_(seed) {}

    [[nodiscard]] std::uint64_t made() const noexcept { return made_; }
    /// What is due by now.
    void catch_up() {
        const std::chrono::duration<double> passed = std::chrono::steady_clock::now() - begin_;
        const auto due = static_cast<std::uint64_t>(passed.count() * per_second_);
        for (std::uint64_t left = due > made_ ? std::min<std::uint64_t>(due - made_, kMostAtOnce)
                                              : 0;
             left != 0; --left)
            made_ += router_.change_entry(random_() % entries_ * step_ + step_ - 1) ? 1 : 0;
    }

private:
    static constexpr std::uint64_t kMostAtOnce = 1000; ///< then look whether the trial is over
    Router &router_;
    std::uint64_t entries_;
    unsigned step_;
    double per_second_;
    std::mt19937_64 random_;
    std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
    std::uint64_t made_ = 0;
};

} // namespace bench
