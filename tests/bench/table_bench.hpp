// SPDX-License-Identifier: BSD-3-Clause
// The parts of table_bench: lookup_bench.cpp, update_bench.cpp.
#pragma once

#include "bench_main.hpp"
#include "flows.hpp"

namespace benches {

/// Those that lookups have kept; before EAL ends, and before another segment is made.
void forget_tables();

} // namespace benches
