// SPDX-License-Identifier: BSD-3-Clause
// Log-linear, as HDR histograms are: 64 classes for each power of two, so that a value is known to
// 1.6 %, and the memory does not depend on how long it counts. A value only.
#pragma once

#include <array>
#include <cstdint>

namespace bench {

class Histogram {
public:
    void record(std::uint64_t value) noexcept;
    void add(const Histogram &other) noexcept;

    [[nodiscard]] std::uint64_t count() const noexcept { return count_; }
    [[nodiscard]] std::uint64_t min() const noexcept { return count_ == 0 ? 0 : min_; }
    [[nodiscard]] std::uint64_t max() const noexcept { return max_; }
    [[nodiscard]] double average() const noexcept {
        return count_ == 0 ? 0 : static_cast<double>(sum_) / static_cast<double>(count_);
    }
    /// The least value that `percent` of all values do not exceed; the top of its class.
    [[nodiscard]] std::uint64_t percentile(double percent) const noexcept;

private:
    static constexpr unsigned kBits = 6;
    static constexpr std::size_t kClasses = (64 - kBits + 1) << kBits;
    static std::size_t class_of(std::uint64_t value) noexcept;
    static std::uint64_t top_of(std::size_t index) noexcept;

    std::array<std::uint64_t, kClasses> counts_{};
    std::uint64_t count_ = 0;
    std::uint64_t sum_ = 0;
    std::uint64_t min_ = UINT64_MAX;
    std::uint64_t max_ = 0;
};

} // namespace bench
