// SPDX-License-Identifier: BSD-3-Clause
// What workers count, as it lies in the shared segment: part of the layout, so kLayoutVersion moves
// with it.
#pragma once

#include "mgm/verdict.hpp"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace mgm {

inline constexpr std::size_t kLine = 64; ///< octets of a cache line

/// A counter with one writer: `add` compiles to a plain add (no lock prefix). Readers anywhere see
/// a recent value.
class Counter {
public:
    void add(std::uint64_t n) noexcept {
        // relaxed: one writer, and the value publishes nothing but itself
        value_.store(value_.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t read() const noexcept {
        return value_.load(std::memory_order_relaxed); // relaxed: a statistic, orders nothing
    }
    /// The same between two looks at a record's generation, as an attached process does it.
    [[nodiscard]] std::uint64_t read_in_order() const noexcept {
        // acquire: the second look at the generation may not move before it; pairs with reset()
        return value_.load(std::memory_order_acquire);
    }
    /// Only by the control thread, after a grace period in which no worker can reach the counter.
    void reset() noexcept { set(0); }
    /// Only by the control thread, of a counter that no worker writes.
    void set(std::uint64_t value) noexcept {
        // release: who reads the value in order also sees what came before it: that the record's
        // generation is odd, or the counters of workers that it was made from
        value_.store(value, std::memory_order_release);
    }

private:
    std::atomic<std::uint64_t> value_;
};
static_assert(sizeof(Counter) == 8);

/// What one worker did on one interface. Row 0 belongs to frames for which no interface was found.
/// A frame counts in exactly one row as received and in that row's verdicts once. Rows never go
/// back, so sums over all of them do not either; an interface's own are its rows less its base.
struct alignas(kLine) InterfaceCounters {
    Counter in_frames; ///< received
    Counter in_octets; ///< of frames, without FCS
    std::array<Counter, kVerdictCount> verdicts;
    // as an outgoing interface
    Counter copies_wanted;
    Counter copies_sent; ///< a fragmented copy is one copy
    Counter out_frames;  ///< frames that the port took: copies, fragments, frames of our own
    Counter out_octets;
    std::array<Counter, kVerdictCount> copy_drops; ///< only reasons from kFirstCopyLoss on are used
};

/// Per entry and worker: IP packets that were forwarded, and those that an entry without oifs
/// accepted (it is there to drop them). All three counters of packets together are RFC 5132
/// ipMcastRoutePkts.
struct alignas(32) EntryCounters {
    std::array<Counter, 2> packets; ///< by the bank that the entry's word names
    Counter told_apart;             ///< packets that count for each of their oifs instead
    Counter octets;                 ///< ipMcastRouteOctets
};

/// Per worker, entry and oif: what EntryCounters does not tell of the entry's oifs. A row is taken
/// when there is something to count in it. See oif_counters.hpp.
struct alignas(kLine) OifCounters {
    std::atomic<std::uint64_t> entry; ///< an EntryName, 0 = never used
    std::atomic<std::uint64_t> oif;   ///< an OifName
    /// Copies wanted by packets that are not in EntryCounters::packets: those that left nowhere,
    /// and those told apart. In the row of kNoOifName: told apart, and dropped by an empty olist.
    Counter given;
    // copies lost, of all packets
    Counter ttl_too_low;
    Counter too_big;
    Counter not_returned; ///< the packet had come from there
    Counter discarded;    ///< for any other reason
    std::uint64_t reserved;
};
static_assert(sizeof(OifCounters) == kLine);

/// One worker's life signs.
struct alignas(kLine) WorkerStatus {
    Counter loops;      ///< turns of the poll loop
    Counter busy_loops; ///< turns that received something
    Counter events[kEventCount];
    std::atomic<std::uint32_t> lcore;
    std::atomic<std::uint32_t> running; ///< 1 between start and stop
    std::atomic<std::uint32_t> held;    ///< packets that wait for an entry
};

} // namespace mgm
