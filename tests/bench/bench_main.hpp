// SPDX-License-Identifier: BSD-3-Clause
// What the benchmarks of tables and stages share: EAL, a description of the machine in the result,
// and cycles beside times.
#pragma once

#include "mgm/result.hpp"

#include <rte_cycles.h>

#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <type_traits>
#include <utility>

#include <benchmark/benchmark.h>

namespace benches {

/// What cannot go wrong in a benchmark ends it.
template <class T>
T required(mgm::Result<T> result) {
    if (!result)
        throw std::runtime_error(result.error().what);
    if constexpr (!std::is_void_v<T>)
        return std::move(*result);
}

/// TSC cycles of what was timed, as a counter beside Google Benchmark's time: times move with the
/// machine's clock, and the project's figures are cycles.
class Cycles {
public:
    void start() noexcept { begin_ = rte_rdtsc(); }
    void stop() noexcept { last_ = rte_rdtsc() - begin_, sum_ += last_; }
    /// Of the last start() and stop(), for SetIterationTime().
    [[nodiscard]] double last_seconds() const noexcept {
        return static_cast<double>(last_) / static_cast<double>(rte_get_tsc_hz());
    }
    /// `items`: of one iteration.
    void report(benchmark::State &state, std::uint64_t items,
                const char *name = "cycles_per_item") const {
        const auto all = static_cast<std::int64_t>(items) * state.iterations();
        state.SetItemsProcessed(all);
        state.counters[name] = static_cast<double>(sum_) / static_cast<double>(all);
    }

private:
    std::uint64_t begin_ = 0, last_ = 0, sum_ = 0;
};

/// Starts EAL with `mebibytes` (in hugepages, where so many are free), runs what the command line
/// asks for, and frees what must be gone before EAL with `clean_up`.
int run(std::span<char *> arguments, unsigned mebibytes, const std::function<void()> &clean_up);

} // namespace benches
