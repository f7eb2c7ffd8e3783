// SPDX-License-Identifier: BSD-3-Clause
// What `mgmbench run --json` wrote, read back for a report. The file may come from anybody: all of
// it is checked here, and nothing behind looks at JSON.
#pragma once

#include "apps/bench/trial.hpp"
#include "mgm/result.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace bench {

/// Latency under one load.
struct SavedLoad {
    std::string name; ///< "no load", "1.20 Mpps"
    double samples = 0;
    double min = 0, avg = 0, max = 0;                   ///< ns
    std::vector<std::pair<double, double>> percentiles; ///< percent, ns; ascending
    std::vector<std::pair<std::string, double>>
        spread; ///< between the ports of one packet: what, ns
};

struct SavedRow {
    std::string name;
    // The scenario.
    std::string size, mac, sink, pick;
    std::vector<std::string> also; ///< what else is out of the ordinary: "storm no-route"
    double family = 4, fan_out = 1, groups = 1, sources = 1, olists = 1, updates = 0;
    // What was measured.
    std::map<std::string, Spread> costs; ///< cycles a packet, by subject
    std::string floor;                   ///< the subject that was the floor
    Spread ratio;
    double million_packets = 0, copies_a_packet = 0, load_seconds = 0, table_octets = 0;
    bool is_generator_limited = false;
    std::optional<Target> target;
    std::optional<Verdict> verdict;
    std::vector<SavedLoad> latency;
    std::optional<double> ndr_pps, pdr_pps;
    std::vector<std::string> not_counted; ///< "2 of 30 trials: reason"

    [[nodiscard]] double entries() const noexcept { return groups * sources; }
};

struct SavedResult {
    std::string file; ///< what it was read from
    std::string suite, started, command;
    std::vector<std::pair<std::string, std::string>> machine; ///< what, value; in order
    std::string seed;
    double repeats = 0, trial_seconds = 0;
    std::vector<SavedRow> rows;
};

inline constexpr std::size_t kMaxSavedOctets = 64U << 20U;
inline constexpr std::size_t kMaxSavedRows = 1000;

/// kInvalidArgument names the file, the field, its value and what is allowed.
mgm::Result<SavedResult> read_result(const std::string &text, const std::string &file);

} // namespace bench
