// SPDX-License-Identifier: BSD-3-Clause
// Copies between private memory and the segment, word by word, as atomics: the two halves of the
// generation protocol by which processes (and threads) that take no part in grace periods read
// records that may be rewritten under them.
//
//   writer: generation := odd (relaxed) · put_words (each word release) · generation := even
//   (release) reader: generation (acquire) · take_words (each word acquire) · generation again
//   (relaxed)
//
// No fence is needed: a reader that saw one new word has acquired the odd generation stored before
// it and so cannot read the old even one afterwards. On x86 all of these are plain moves.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace mgm {

/// Writes `octets` (a multiple of 4) to `to` in the segment, 4-aligned.
inline void put_words(void *to, const void *from, std::size_t octets) noexcept {
    auto *words = static_cast<std::uint32_t *>(to);
    const auto *source = static_cast<const std::byte *>(from);
    for (std::size_t i = 0; i < octets / sizeof(std::uint32_t); ++i) {
        std::uint32_t word;
        std::memcpy(&word, source + i * sizeof word, sizeof word);
        // release: carries the odd generation stored before; pairs with take_words()
        std::atomic_ref<std::uint32_t>(words[i]).store(word, std::memory_order_release);
    }
}

/// Overwrites `octets` (a multiple of 4) in the segment with one repeated word.
inline void fill_words(void *to, std::uint32_t word, std::size_t octets) noexcept {
    auto *words = static_cast<std::uint32_t *>(to);
    for (std::size_t i = 0; i < octets / sizeof word; ++i)
        // release: as in put_words()
        std::atomic_ref<std::uint32_t>(words[i]).store(word, std::memory_order_release);
}

/// Reads `octets` (a multiple of 4) from `from` in the segment, 4-aligned. What it returns counts
/// only if the record's generation is the same even number before and after.
inline void take_words(void *to, const void *from, std::size_t octets) noexcept {
    // atomic_ref wants a non-const object; nothing is written: the mapping may be read-only
    auto *words = static_cast<std::uint32_t *>(const_cast<void *>(from));
    auto *target = static_cast<std::byte *>(to);
    for (std::size_t i = 0; i < octets / sizeof(std::uint32_t); ++i) {
        // acquire: the second look at the generation may not move before it; pairs with put_words()
        const std::uint32_t word =
            std::atomic_ref<std::uint32_t>(words[i]).load(std::memory_order_acquire);
        std::memcpy(target + i * sizeof word, &word, sizeof word);
    }
}

} // namespace mgm
