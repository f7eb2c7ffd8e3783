// SPDX-License-Identifier: BSD-3-Clause
// How long the calling thread had a CPU.
#pragma once

#include <cstdint>

#include <time.h>

namespace bench {

inline constexpr std::uint64_t kNanoseconds = 1'000'000'000;

inline std::uint64_t thread_cpu_ns() noexcept {
    timespec now{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return static_cast<std::uint64_t>(now.tv_sec) * kNanoseconds +
           static_cast<std::uint64_t>(now.tv_nsec);
}

} // namespace bench
