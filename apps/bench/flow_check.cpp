// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/flow_check.hpp"

namespace bench {

FlowCounts &FlowCounts::operator+=(const FlowCounts &other) noexcept {
    expected += other.expected;
    received += other.received;
    duplicated += other.duplicated;
    reordered += other.reordered;
    too_old += other.too_old;
    return *this;
}

/// Numbers from next_ up to `next` have been sent, and none of them seen.
void FlowCheck::advance_to(std::uint32_t next) noexcept {
    const std::uint32_t more = next - next_;
    if (more >= kWindow)
        seen_.reset();
    else
        for (std::uint32_t number = next_; number != next; ++number)
            seen_.reset(number % kWindow);
    counts_.expected += more;
    next_ = next;
}

void FlowCheck::see(std::uint32_t sequence) noexcept {
    is_seen_ = true;
    const auto ahead = static_cast<std::int32_t>(sequence - next_);
    if (ahead >= 0) {
        advance_to(sequence + 1);
        seen_.set(sequence % kWindow);
        ++counts_.received;
        return;
    }
    if (next_ - sequence > kWindow) {
        ++counts_.too_old;
        return;
    }
    if (seen_.test(sequence % kWindow)) {
        ++counts_.duplicated;
        return;
    }
    seen_.set(sequence % kWindow);
    ++counts_.received;
    ++counts_.reordered;
}

void FlowCheck::end(std::uint32_t sent) noexcept {
    is_seen_ = true;
    has_ended_ = true;
    if (static_cast<std::int32_t>(sent - next_) > 0)
        advance_to(sent);
}

} // namespace bench
