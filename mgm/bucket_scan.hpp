// SPDX-License-Identifier: BSD-3-Clause
// Which slots of a bucket carry a tag, without a branch: where the entry lies is random, so every
// branch on it would be mispredicted.
//
// The vector forms look at slots that the writer may store to meanwhile. On x86 each aligned word
// of eight octets is read whole, so the slot of an entry that stays is always seen. Of a slot that
// is found the caller loads the word atomically and looks at its tag again.
#pragma once

#include "mgm/layout.hpp"

#include <cstdint>

#if defined(__AVX2__)
#include <immintrin.h>
#endif

#if defined(__SANITIZE_THREAD__)
#define MGM_SCAN_ONE_BY_ONE 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define MGM_SCAN_ONE_BY_ONE 1
#endif
#endif

namespace mgm {

/// Bit k: slot k has `tag`.
[[nodiscard]] inline std::uint32_t slots_tagged(const Bucket &bucket, std::uint32_t tag) noexcept {
#if defined(__AVX512F__) && !defined(MGM_SCAN_ONE_BY_ONE)
    const __m512i words = _mm512_load_si512(&bucket);
    const __m512i tags = _mm512_set1_epi32(static_cast<int>(tag));
    const std::uint32_t halves = _mm512_cmpeq_epi32_mask(words, tags) & 0xaaaaU; // the high ones
    std::uint32_t mask = halves >> 1U;                                           // bit 2k -> bit k
    mask = (mask | mask >> 1U) & 0x3333U;
    mask = (mask | mask >> 2U) & 0x0f0fU;
    return (mask | mask >> 4U) & 0x00ffU;
#elif defined(__AVX2__) && !defined(MGM_SCAN_ONE_BY_ONE)
    const auto *lines = reinterpret_cast<const __m256i *>(&bucket);
    const __m256i tags = _mm256_set1_epi32(static_cast<int>(tag));
    // movemask_pd takes the highest bit of each octet of eight: that of the tag's comparison
    const auto compare = [&tags](const __m256i *at) {
        const __m256i equal = _mm256_cmpeq_epi32(_mm256_load_si256(at), tags);
        return static_cast<std::uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(equal)));
    };
    return compare(lines) | compare(lines + 1) << 4U;
#else
    std::uint32_t mask = 0;
    for (unsigned k = 0; k < Bucket::kSlots; ++k)
        // relaxed: a hint, as above
        mask |= (bucket.slots[k].load(std::memory_order_relaxed) >> 32U == tag ? 1U : 0U) << k;
    return mask;
#endif
}

} // namespace mgm
