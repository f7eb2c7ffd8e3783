// SPDX-License-Identifier: BSD-3-Clause
// At most so many a second, with one second's worth in advance (RFC 4443 2.4 (f)).
#pragma once

#include <algorithm>
#include <cstdint>

namespace dataplane {

class TokenBucket {
public:
    /// `per_second` 0 never gives a token. `hz`: ticks of the clock that take() is given.
    TokenBucket(std::uint64_t per_second, std::uint64_t hz) noexcept
        : cost_(per_second == 0 ? 0 : std::max<std::uint64_t>(hz / per_second, 1)),
          depth_(cost_ * per_second),
          credit_(depth_) {}

    [[nodiscard]] bool take(std::uint64_t now) noexcept {
        if (cost_ == 0)
            return false;
        const std::uint64_t elapsed = now > last_ ? now - last_ : 0;
        last_ = std::max(now, last_);
        credit_ = std::min(depth_, credit_ + std::min(elapsed, depth_));
        if (credit_ < cost_)
            return false;
        credit_ -= cost_;
        return true;
    }

private:
    std::uint64_t cost_;  ///< ticks a token
    std::uint64_t depth_; ///< ticks that can be saved up
    std::uint64_t credit_;
    std::uint64_t last_ = 0;
};

} // namespace dataplane
