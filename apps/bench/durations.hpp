// SPDX-License-Identifier: BSD-3-Clause
// Many durations in a few KiB: exact least, most and mean; percentiles to 1/32. Pure.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace bench {

class Durations {
public:
    void add(std::uint64_t cycles) noexcept {
        ++buckets_[bucket_of(cycles)];
        ++count_;
        sum_ += static_cast<double>(cycles);
        least_ = cycles < least_ ? cycles : least_;
        most_ = cycles > most_ ? cycles : most_;
    }
    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t least() const noexcept { return count_ == 0 ? 0 : least_; }
    [[nodiscard]] std::uint64_t most() const noexcept { return most_; }
    [[nodiscard]] double mean() const noexcept {
        return count_ == 0 ? 0 : sum_ / static_cast<double>(count_);
    }
    /// At least `share` (0..1) of all are no longer than this; never above most().
    [[nodiscard]] std::uint64_t percentile(double share) const noexcept {
        const double wanted = share * static_cast<double>(count_);
        std::uint64_t seen = 0;
        for (std::size_t bucket = 0; bucket < buckets_.size(); ++bucket) {
            seen += buckets_[bucket];
            if (seen != 0 && static_cast<double>(seen) >= wanted)
                return last_of(bucket) < most_ ? last_of(bucket) : most_;
        }
        return most_;
    }

private:
    // Below 2 * kParts each value has a bucket; above, each power of two is cut into kParts.
    static constexpr unsigned kPartBits = 5;
    static constexpr std::uint64_t kParts = 1U << kPartBits;

    static std::size_t bucket_of(std::uint64_t value) noexcept {
        if (value < 2 * kParts)
            return value;
        const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - 1 - kPartBits;
        return shift * kParts + (value >> shift);
    }
    /// The largest value in it.
    static std::uint64_t last_of(std::size_t bucket) noexcept {
        if (bucket < 2 * kParts)
            return bucket;
        const std::uint64_t shift = bucket / kParts - 1;
        return ((bucket % kParts + kParts + 1) << shift) - 1;
    }

    std::array<std::uint64_t, (64 - kPartBits + 1) * kParts> buckets_{};
    std::uint64_t count_ = 0;
    std::uint64_t least_ = ~std::uint64_t{0};
    std::uint64_t most_ = 0;
    double sum_ = 0;
};

} // namespace bench
