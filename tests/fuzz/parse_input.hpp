// SPDX-License-Identifier: BSD-3-Clause
// How the octets of a fuzz input are read: shared by parse_fuzz and by what makes its corpus.
#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

namespace fuzz {

inline constexpr std::uint8_t kGoodChecksum = 0x01; ///< the port says so: no sum to guess
inline constexpr std::uint8_t kStrippedTag = 0x02;
inline constexpr std::uint8_t kAllowSources = 0x04;
inline constexpr std::uint8_t kStrictMac = 0x08;
inline constexpr std::uint8_t kSkipHopByHop = 0x10;
inline constexpr std::size_t kMaxSplits = 15;

struct ParseInput {
    std::uint8_t switches = 0;
    std::span<const std::uint8_t> splits; ///< lengths of all segments but the last
    std::span<const std::uint8_t> frame;

    explicit ParseInput(std::span<const std::uint8_t> octets) {
        if (octets.size() < 2)
            return;
        switches = octets[0];
        const std::size_t count =
            std::min<std::size_t>(octets[1] % (kMaxSplits + 1), octets.size() - 2);
        splits = octets.subspan(2, count);
        frame = octets.subspan(2 + count);
    }
    [[nodiscard]] bool has(std::uint8_t bit) const { return (switches & bit) != 0; }
};

} // namespace fuzz
