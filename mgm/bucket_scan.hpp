// SPDX-License-Identifier: BSD-3-Clause
// Which slot of a bucket carries a tag, without a branch: where the entry lies is random, so every
// branch on it would be mispredicted.
//
// The vector forms look at slots that the writer may store to meanwhile. On x86 each aligned word
// of eight octets is read whole, so the slot of an entry that stays is always seen. Of a slot that
// is found the caller loads the word atomically and looks at its tag again.
#pragma once

#include "mgm/layout.hpp"

#include <bit>
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

/// The first slot with `tag`; Bucket::kSlots when there is none.
[[nodiscard]] inline unsigned slot_tagged(const Bucket &bucket, std::uint32_t tag) noexcept {
#if defined(__AVX512F__) && !defined(MGM_SCAN_ONE_BY_ONE)
    const __m512i words = _mm512_load_si512(&bucket);
    const __m512i tags = _mm512_set1_epi32(static_cast<int>(tag));
    // A slot's tag is its high half; behind the last slot stands one that always matches.
    const std::uint32_t halves = (_mm512_cmpeq_epi32_mask(words, tags) & 0xaaaaU) | 1U << 17U;
    return static_cast<unsigned>(std::countr_zero(halves)) / 2;
#elif defined(__AVX2__) && !defined(MGM_SCAN_ONE_BY_ONE)
    const auto *lines = reinterpret_cast<const __m256i *>(&bucket);
    const __m256i tags = _mm256_set1_epi32(static_cast<int>(tag));
    // movemask_pd takes the highest bit of each octet of eight: that of the tag's comparison
    const auto compare = [&tags](const __m256i *at) {
        const __m256i equal = _mm256_cmpeq_epi32(_mm256_load_si256(at), tags);
        return static_cast<std::uint32_t>(_mm256_movemask_pd(_mm256_castsi256_pd(equal)));
    };
    const std::uint32_t mask = compare(lines) | compare(lines + 1) << 4U | 1U << Bucket::kSlots;
    return static_cast<unsigned>(std::countr_zero(mask));
#else
    unsigned slot = Bucket::kSlots;
    for (unsigned k = Bucket::kSlots; k-- != 0;)
        // relaxed: a hint, as above
        slot = bucket.slots[k].load(std::memory_order_relaxed) >> 32U == tag ? k : slot;
    return slot;
#endif
}

} // namespace mgm
