// SPDX-License-Identifier: BSD-3-Clause
// The keyed hash of flow keys. Whoever sends packets picks sources and groups, so the bucket must
// not follow from them: every step multiplies by a word that mixes in the segment's secret salt. A
// CRC would not do: it is linear, keys that collide under one salt collide under all.
//
// Cost: two 64x64 multiplies for IPv4, four for IPv6.
#pragma once

#include "mgm/flow_key.hpp"

#include <array>
#include <cstdint>
#include <cstring>

namespace mgm {

using HashSalt = std::array<std::uint64_t, 2>;

namespace detail {

/// High and low half of the 128-bit product, folded.
[[nodiscard]] constexpr std::uint64_t fold_multiply(std::uint64_t a, std::uint64_t b) noexcept {
    __extension__ using Wide = unsigned __int128;
    const Wide product = static_cast<Wide>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

inline constexpr std::uint64_t kOddDigits = 0x9e37'79b9'7f4a'7c15; ///< 2^64 / golden ratio

template <std::size_t Words>
[[nodiscard]] std::array<std::uint64_t, Words> load_words(const void *from) noexcept {
    std::array<std::uint64_t, Words> words{};
    std::memcpy(words.data(), from, sizeof words);
    return words;
}

} // namespace detail

[[nodiscard]] inline std::uint64_t hash_of(const FlowKey<Family::kIpv4> &key,
                                           const HashSalt &salt) noexcept {
    // Put together in a register: a key that was just made would else be waited for in memory.
    const std::uint64_t addresses = std::uint64_t{key.group.be} << 32U | key.source.be;
    const std::uint64_t mixed = detail::fold_multiply(addresses ^ salt[0], key.vrf ^ salt[1]);
    return detail::fold_multiply(mixed ^ salt[1], salt[0] ^ detail::kOddDigits);
}

[[nodiscard]] inline std::uint64_t hash_of(const FlowKey<Family::kIpv6> &key,
                                           const HashSalt &salt) noexcept {
    const auto words = detail::load_words<4>(&key);
    std::uint64_t mixed = detail::fold_multiply(words[0] ^ salt[0], words[1] ^ salt[1]);
    mixed = detail::fold_multiply(words[2] ^ mixed, words[3] ^ salt[0]);
    mixed = detail::fold_multiply(mixed ^ salt[0], key.vrf ^ salt[1]);
    return detail::fold_multiply(mixed ^ salt[1], salt[0] ^ detail::kOddDigits);
}

/// Where a key may lie in the exact-match table, and the tag that its slot carries.
struct HashPlace {
    std::uint32_t first;
    std::uint32_t second; ///< may equal `first`
    std::uint32_t tag;    ///< never 0
};

/// Spreads `hash` over `bucket_count` buckets by multiplication: no power of two needed.
[[nodiscard]] constexpr HashPlace place_of(std::uint64_t hash,
                                           std::uint32_t bucket_count) noexcept {
    const auto low = static_cast<std::uint32_t>(hash);
    const auto high = static_cast<std::uint32_t>(hash >> 32U);
    const auto spread = [bucket_count](std::uint32_t half) {
        return static_cast<std::uint32_t>((std::uint64_t{half} * bucket_count) >> 32U);
    };
    // The tag must not repeat what the bucket number already says: low bits of both halves.
    const std::uint32_t tag = (low << 16U) ^ high;
    return HashPlace{spread(low), spread(high), tag | 1U};
}

} // namespace mgm
