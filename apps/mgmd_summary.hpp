// SPDX-License-Identifier: BSD-3-Clause
// What happened to the packets, summed over workers and interfaces: at the end of --once and in the
// last log line.
#pragma once

#include "mgm/segment_reader.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace apps {

struct InterfaceRow {
    mgm::IfIndex index{};
    std::string name; ///< "-" for frames that no interface was found for
    mgm::InterfaceSums sums;
};

struct Summary {
    std::vector<InterfaceRow> interfaces; ///< the row without an interface first
    mgm::InterfaceSums total;             ///< of interfaces that were removed, too
    std::array<std::uint64_t, mgm::kEventCount> events{};
    std::uint64_t held = 0; ///< packets that wait for an entry

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
