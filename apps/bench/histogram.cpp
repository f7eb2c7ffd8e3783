// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/histogram.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

namespace bench {

std::size_t Histogram::class_of(std::uint64_t value) noexcept {
    const auto width = static_cast<unsigned>(std::bit_width(value));
    if (width <= kBits)
        return value;
    const unsigned shift = width - 1 - kBits; // what remains is 64..127
    return (std::size_t{shift} << kBits) + (value >> shift);
}

std::uint64_t Histogram::top_of(std::size_t index) noexcept {
    if (index < (2U << kBits))
        return index;
    const std::size_t shift = (index >> kBits) - 1;
    const std::uint64_t first = index - (shift << kBits);
    return (first << shift) + ((std::uint64_t{1} << shift) - 1);
}

void Histogram::record(std::uint64_t value) noexcept {
    ++counts_[class_of(value)];
    ++count_;
    sum_ += value;
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
}

void Histogram::add(const Histogram &other) noexcept {
    for (std::size_t i = 0; i < kClasses; ++i)
        counts_[i] += other.counts_[i];
    count_ += other.count_;
    sum_ += other.sum_;
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
}

std::uint64_t Histogram::percentile(double percent) const noexcept {
    const auto wanted =
        static_cast<std::uint64_t>(std::ceil(percent / 100 * static_cast<double>(count_)));
    std::uint64_t so_far = 0;
    for (std::size_t i = 0; i < kClasses; ++i) {
        so_far += counts_[i];
        if (so_far >= wanted && so_far != 0)
            return std::clamp(top_of(i), min_, max_);
    }
    return max_;
}

} // namespace bench
