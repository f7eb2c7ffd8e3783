// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/crc.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstring>
#include <numeric>

namespace {

TEST(Crc32c, IsThatOfDpdkWhereverItsOctetsLie) {
    alignas(8) std::array<std::uint8_t, 48> aligned{};
    for (std::uint32_t count = 0; count <= 40; ++count)
        for (std::size_t at = 0; at < 8; ++at) {
            alignas(8) std::array<std::uint8_t, 48> shifted{};
            std::iota(aligned.begin(), aligned.end(), static_cast<std::uint8_t>(count + 251));
            std::memcpy(shifted.data() + at, aligned.data(), count);
            EXPECT_EQ(bench::crc32c(shifted.data() + at, count, 0xdead'beef),
                      rte_hash_crc(aligned.data(), count, 0xdead'beef))
                << count << " octets at " << at;
        }
}

TEST(Crc32c, OfNineDigitsIsTheCatalogued) { // "check" of CRC-32/ISCSI
    EXPECT_EQ(~bench::crc32c("123456789", 9, ~0U), 0xe306'9283U);
}

} // namespace
