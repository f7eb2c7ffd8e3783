// SPDX-License-Identifier: BSD-3-Clause
// What a worker does when a turn brought nothing.
#pragma once

#include "dataplane/policy.hpp"

#include <rte_pause.h>

#include <algorithm>
#include <cstdint>

#include <time.h>

namespace dataplane {

/// Adaptive: a few hundred pauses first, so that a gap between bursts costs no sleep, then sleeps
/// that double from 8 µs to 1 ms. Traffic resets it.
class Backoff {
public:
    explicit Backoff(Idle idle) noexcept : idle_(idle) {}

    void rest(bool was_busy) noexcept {
        if (idle_ == Idle::kPoll)
            return;
        if (was_busy) {
            empty_turns_ = 0;
            sleep_ns_ = kShortestSleepNs;
        } else if (++empty_turns_ < kPauses) {
            rte_pause();
        } else {
            sleep();
        }
    }

private:
    static constexpr unsigned kPauses = 512;
    static constexpr long kShortestSleepNs = 8'000;
    static constexpr long kLongestSleepNs = 1'000'000;

    [[gnu::cold, gnu::noinline]] void sleep() noexcept {
        const timespec duration{0, sleep_ns_};
        nanosleep(&duration, nullptr);
        sleep_ns_ = std::min(2 * sleep_ns_, kLongestSleepNs);
    }

    Idle idle_;
    unsigned empty_turns_ = 0;
    long sleep_ns_ = kShortestSleepNs;
};

} // namespace dataplane
