// SPDX-License-Identifier: BSD-3-Clause
// The switches that the standards leave to the operator (`[forwarding]` in the configuration).
// Fixed while workers run.
#pragma once

#include <cstdint>

namespace dataplane {

struct Policy {
    bool allow_reserved_sources = false; ///< 240.0.0.0/4 (RFC 1112 4)
    bool allow_link_local_sources =
        false;                      ///< 169.254.0.0/16 (RFC 3927 7); fe80::/10 is never forwarded
    bool strict_group_mac = false;  ///< drop when the group MAC is not the group's
    bool process_hop_by_hop = true; ///< false: skip unknown options unread (RFC 8200 4.3)
    std::uint32_t icmpv6_errors_per_second =
        100; ///< token bucket per worker; 0 = send none (RFC 4443 2.4 (f))
    // Only where control takes signals (WorkerConfig::signals); mgm-spec A22. Each worker has its
    // own of all of them.
    std::uint32_t held_flows = 4096;             ///< that wait for an entry
    std::uint32_t held_packets_per_flow = 8;     ///< 0: signals, and no packet waits
    std::uint32_t held_life_ms = 10'000;         ///< then a flow's packets are dropped
    std::uint32_t wrong_iif_interval_ms = 3'000; ///< of signals of one entry and interface
    friend bool operator==(const Policy &, const Policy &) = default;
};

/// Of the pool, all workers together may hold one part in so many: an eighth.
inline constexpr std::uint32_t kHeldPoolShare = 8;

/// How a worker waits when there is nothing to do.
enum class Idle : std::uint8_t {
    kPoll,     ///< spin: lowest latency, one core at 100 %
    kAdaptive, ///< pause, then sleep in growing steps up to 1 ms while nothing arrives
};

} // namespace dataplane
