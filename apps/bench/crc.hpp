// SPDX-License-Identifier: BSD-3-Clause
#pragma once

#include <rte_hash_crc.h>

#include <cstddef>
#include <cstdint>
#include <cstring>

namespace bench {

/// CRC-32C as rte_hash_crc() computes it, of octets that need not be aligned; a hash function for
/// rte_hash.
inline std::uint32_t crc32c(const void *octets, std::uint32_t count, std::uint32_t seed) noexcept {
    const auto *at = static_cast<const std::uint8_t *>(octets);
    const auto take = [&at, &count]<class Word>(Word word) {
        std::memcpy(&word, at, sizeof word);
        at += sizeof word;
        count -= static_cast<std::uint32_t>(sizeof word);
        return word;
    };
    std::uint32_t crc = seed;
    while (count >= sizeof(std::uint64_t))
        crc = rte_hash_crc_8byte(take(std::uint64_t{}), crc);
    if (count >= sizeof(std::uint32_t))
        crc = rte_hash_crc_4byte(take(std::uint32_t{}), crc);
    if (count >= sizeof(std::uint16_t))
        crc = rte_hash_crc_2byte(take(std::uint16_t{}), crc);
    if (count > 0)
        crc = rte_hash_crc_1byte(*at, crc);
    return crc;
}

} // namespace bench
