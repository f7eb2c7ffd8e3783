// SPDX-License-Identifier: BSD-3-Clause
// What happened to the packets, summed over workers and interfaces: at the end of --once and in the
// last log line.
#pragma once

#include "mgm/tables.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace apps {

struct InterfaceTotals {
    mgm::IfIndex index{};
    std::string name; ///< "-" for frames that no interface was found for
    std::uint64_t in_frames = 0, in_octets = 0, out_frames = 0, out_octets = 0;
    std::uint64_t copies_wanted = 0, copies_sent = 0;
    std::array<std::uint64_t, mgm::kVerdictCount> verdicts{};
    std::array<std::uint64_t, mgm::kVerdictCount> copy_drops{};
};

struct Summary {
    std::vector<InterfaceTotals> interfaces; ///< the row without an interface first
    InterfaceTotals total;
    std::array<std::uint64_t, mgm::kEventCount> events{};

    /// received = forwarded + punted + held + sum of drops (architecture 5)
    [[nodiscard]] bool packets_add_up() const;
    /// copies wanted = sent + sum of copy drops
    [[nodiscard]] bool copies_add_up() const;
};

/// Exact while the workers are quiescent, else a recent view. Control thread (the interface table
/// is read).
Summary summarise(const mgm::Tables &tables);

std::string to_text(const Summary &summary); ///< a table for people
std::string to_json(const Summary &summary);
std::string to_line(const Summary &summary); ///< for the log

} // namespace apps
