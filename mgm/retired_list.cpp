// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/retired_list.hpp"

#include <chrono>
#include <thread>
#include <utility>

namespace mgm {

namespace {

// A worker's turn takes microseconds, an idle one sleeps for a millisecond at most; one that shares
// its core waits for a time slice or a few.
constexpr std::chrono::milliseconds kPatience{200};
constexpr std::chrono::microseconds kPoll{20};

} // namespace

void RetiredList::retire(Prepared prepared) noexcept {
    prepared.front().ticket = grace_.start();
    waiting_.splice(waiting_.end(), prepared);
}

void RetiredList::reclaim() {
    while (!waiting_.empty() && grace_.passed(waiting_.front().ticket)) {
        waiting_.front().free();
        waiting_.pop_front();
    }
}

void RetiredList::wait_and_reclaim() {
    if (waiting_.empty())
        return;
    const GracePeriod::Ticket newest = waiting_.back().ticket;
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    while (!grace_.passed(newest) && std::chrono::steady_clock::now() < deadline)
        std::this_thread::sleep_for(kPoll);
    reclaim();
}

} // namespace mgm
