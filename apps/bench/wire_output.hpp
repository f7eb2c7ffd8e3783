// SPDX-License-Identifier: BSD-3-Clause
// What tx, rx and replay print: a table for people, JSON for machines. Pure.
#pragma once

#include "apps/bench/receive.hpp"
#include "apps/bench/replay.hpp"
#include "apps/bench/transmit.hpp"

#include <string>

namespace bench {

struct WireContext {
    std::string port; ///< devargs
    double tsc_hz = 1;
};

struct TransmitReport {
    TransmitSettings settings;
    TransmitCounts counts;
    std::uint64_t seed = 0;

    /// Fewer than 99.9 % of the packets a second that were wanted.
    [[nodiscard]] bool is_short(double tsc_hz) const noexcept;
};
std::string to_text(const WireContext &context, const TransmitReport &report);
std::string to_json(const WireContext &context, const TransmitReport &report);

std::string to_text(const WireContext &context, const ReceiveCounts &counts);
std::string to_json(const WireContext &context, const ReceiveCounts &counts);

struct ReplayReport {
    std::string file;
    std::uint64_t frames = 0;     ///< in it
    std::uint64_t cut_frames = 0; ///< of them, captured in part only
    ReplaySettings settings;
    ReplayCounts counts;
};
std::string to_text(const WireContext &context, const ReplayReport &report);
std::string to_json(const WireContext &context, const ReplayReport &report);

} // namespace bench
