// SPDX-License-Identifier: BSD-3-Clause
// What was measured: trials of a row, and what they amount to.
#pragma once

#include "apps/bench/ingress.hpp"
#include "apps/bench/scenario.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// What a trial runs.
enum class Subject : std::uint8_t { kRouter, kFloor, kFlat, kClone, kCeiling, kGenerator };
inline constexpr std::array kAllSubjects{Subject::kRouter, Subject::kFloor,   Subject::kFlat,
                                         Subject::kClone,  Subject::kCeiling, Subject::kGenerator};
std::string_view to_string(Subject subject);

struct Trial {
    Subject subject{};
    unsigned repeat = 0;
    Meter meter;
    std::uint64_t copies = 0;  ///< that the sinks took
    std::uint64_t updates = 0; ///< of entries, meanwhile
    std::string invalid;       ///< why it does not count; empty: it does

    [[nodiscard]] double cycles_a_packet() const noexcept;
    [[nodiscard]] double cycles_a_copy() const noexcept;
};

/// Of several repeats.
struct Spread {
    double median = 0;
    double least = 0;
    double most = 0;

    static Spread of(std::vector<double> values);
    /// Half the distance from least to most, as a share of the median.
    [[nodiscard]] double share() const noexcept;
};

struct RowResult {
    Row row;
    std::vector<Trial> trials;
    double load_seconds = 0; ///< until the table had all entries
    std::uint64_t table_octets = 0;

    [[nodiscard]] bool has(Subject subject) const;
    /// Cycles a packet, over its valid trials.
    [[nodiscard]] Spread cost(Subject subject) const;
    /// The cheaper of kFloor and kFlat.
    [[nodiscard]] Subject best_floor() const;
    /// The router's cost by the floor's in the same round.
    [[nodiscard]] Spread ratio() const;
    /// More than four fifths of the router's time went into making packets.
    [[nodiscard]] bool is_generator_limited() const;
    [[nodiscard]] double million_packets(Subject subject, double tsc_hz) const;
    [[nodiscard]] double copies_a_packet(Subject subject) const;
    [[nodiscard]] double updates_a_second(double tsc_hz) const;
};

struct Verdict {
    double value = 0; ///< what the target limits
    bool is_met = false;
};
/// Nothing without a target, or without the row that it names.
std::optional<Verdict> judge(const RowResult &result, const std::vector<RowResult> &all);

} // namespace bench
