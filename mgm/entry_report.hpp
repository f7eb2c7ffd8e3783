// SPDX-License-Identifier: BSD-3-Clause
// What an entry counted, since it was made, as plain numbers: sums over all workers.
#pragma once

#include "mgm/types.hpp"

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace mgm {

struct EntrySums {
    std::uint64_t packets = 0; ///< forwarded, or dropped by an empty olist
    std::uint64_t octets = 0;
    std::uint64_t different_in_if = 0;
};

/// An oif by what people call it; slots come and go.
struct OifKey {
    IfIndex interface {};
    std::optional<IpAddress> next_hop; ///< absent: the group's own MAC
    friend auto operator<=>(const OifKey &, const OifKey &) = default;
};

/// Copies of an entry's packets to one oif, of all times in which it was in the olist.
struct OifSums {
    std::uint64_t packets = 0;     ///< that a port took; a fragmented copy is one
    std::uint64_t ttl_too_low = 0; ///< lost, and why
    std::uint64_t too_big = 0;
    std::uint64_t discarded = 0; ///< for any other reason; that the packet came from there is none
    void add(const OifSums &other) noexcept {
        packets += other.packets;
        ttl_too_low += other.ttl_too_low;
        too_big += other.too_big;
        discarded += other.discarded;
    }
    friend bool operator==(const OifSums &, const OifSums &) = default;
};

/// Exact while no packet is on its way.
struct EntryReport {
    EntrySums sums;
    std::uint64_t dropped = 0;                    ///< of sums.packets, by an empty olist
    std::vector<std::pair<OifKey, OifSums>> oifs; ///< in the olist now, by key
};

} // namespace mgm
