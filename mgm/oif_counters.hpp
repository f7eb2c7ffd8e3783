// SPDX-License-Identifier: BSD-3-Clause
// The rows of one worker that tell an entry's oifs apart.
//
// Most of it is never counted: what an oif was given follows from what the entry forwarded while
// the oif was in its olist (oif_history.hpp). Counted here are the exceptions: copies that were
// lost, packets that left nowhere, and every packet while an olist changes again within a grace
// period.
//
//     packets of an oif = what EntryCounters::packets counted while it was in the olist
//                       + given - ttl_too_low - too_big - not_returned - discarded
//
// A hash with kProbes places for a key and no removal: a row whose entry is gone is taken over.
// Thread: find_or_take() by the worker; find() by the writer, of an entry that lives: its rows are
// not taken over.
#pragma once

#include "mgm/tables.hpp"

#include <cstdint>

namespace mgm {

/// An entry's life: generation << 32 | family << 31 | MfeIndex. 0 is none.
enum class EntryName : std::uint64_t {};
inline constexpr EntryName kNoEntryName{0};

/// IfSlot << 32 | NeighborSlot.
enum class OifName : std::uint64_t {};
inline constexpr OifName kNoOifName{0}; ///< of no oif: packets that an empty olist dropped

[[nodiscard]] constexpr OifName name_of(IfSlot slot, NeighborSlot neighbor) noexcept {
    return OifName{std::uint64_t{static_cast<std::uint32_t>(slot)} << 32U |
                   static_cast<std::uint32_t>(neighbor)};
}
[[nodiscard]] constexpr OifName name_of(const Oif &oif) noexcept {
    return name_of(oif.slot, oif.neighbor);
}

/// kNoEntryName: the entry is gone or not published yet.
template <Family F>
[[nodiscard]] EntryName name_of(const Tables &tables, MfeIndex index) noexcept {
    constexpr std::uint64_t family = F == Family::kIpv6 ? 1U << 31U : 0;
    // relaxed: a worker holds the entry, and so its generation, by the slot that led to it. That
    // the entry ends meanwhile it may see late: it counts in a row that nobody asks for, or takes
    // such a row over a little later.
    const std::uint32_t generation =
        tables.mfe<F>(index).generation.load(std::memory_order_relaxed);
    if ((generation & 1U) != 0)
        return kNoEntryName;
    return EntryName{std::uint64_t{generation} << 32U | family | static_cast<std::uint32_t>(index)};
}
[[nodiscard]] inline bool is_live(const Tables &tables, EntryName entry) noexcept {
    const auto word = static_cast<std::uint64_t>(entry);
    const MfeIndex index{static_cast<std::uint32_t>(word) & ~(1U << 31U)};
    return entry == ((word & 1U << 31U) != 0 ? name_of<Family::kIpv6>(tables, index)
                                             : name_of<Family::kIpv4>(tables, index));
}

class OifCounterRows {
public:
    OifCounterRows(const Tables &tables, std::uint32_t worker) noexcept
        : rows_(tables.oif_counters(worker)), mask_(tables.header().layout.oif_counter_rows - 1) {}

    /// Nullptr: nothing was counted.
    [[nodiscard]] const OifCounters *find(EntryName entry, OifName oif) const noexcept {
        const std::uint32_t first = place_of(entry, oif);
        for (std::uint32_t probe = 0; probe < kProbes; ++probe) {
            const OifCounters &row = rows_[(first + probe) & mask_];
            // acquire: the oif and zeroes are visible; pairs with take()
            const EntryName here{row.entry.load(std::memory_order_acquire)};
            if (here == kNoEntryName)
                return nullptr;
            if (here == entry && is_of(row, oif))
                return &row;
        }
        return nullptr;
    }
    /// Nullptr: all places are rows of entries that live.
    [[nodiscard]] OifCounters *find_or_take(const Tables &tables, EntryName entry,
                                            OifName oif) noexcept {
        const std::uint32_t first = place_of(entry, oif);
        for (std::uint32_t probe = 0; probe < kProbes; ++probe) {
            OifCounters &row = rows_[(first + probe) & mask_];
            const EntryName here{row.entry.load(std::memory_order_relaxed)}; // only we write it
            if (here == entry && is_of(row, oif))
                return &row;
            if (here == kNoEntryName)
                break;
        }
        for (std::uint32_t probe = 0; probe < kProbes; ++probe) { // only now: each look is a miss
            OifCounters &row = rows_[(first + probe) & mask_];
            const EntryName here{row.entry.load(std::memory_order_relaxed)}; // as above
            if (here == kNoEntryName || !is_live(tables, here))
                return take(row, entry, oif);
        }
        return nullptr;
    }

private:
    static constexpr std::uint32_t kProbes = 8;

    [[nodiscard]] static bool is_of(const OifCounters &row, OifName oif) noexcept {
        // relaxed: what names the entry was read in order, and says that this is written
        return OifName{row.oif.load(std::memory_order_relaxed)} == oif;
    }
    /// Indices are ours, not an attacker's: a multiplication spreads them.
    [[nodiscard]] std::uint32_t place_of(EntryName entry, OifName oif) const noexcept {
        constexpr std::uint64_t kOdd = 0x9e37'79b9'7f4a'7c15;
        const std::uint64_t mixed =
            (static_cast<std::uint64_t>(entry) * kOdd ^ static_cast<std::uint64_t>(oif)) * kOdd;
        return static_cast<std::uint32_t>(mixed >> 32U) & mask_;
    }
    [[nodiscard]] static OifCounters *take(OifCounters &row, EntryName entry,
                                           OifName oif) noexcept {
        // relaxed: nobody looks for the entry that was here
        row.entry.store(static_cast<std::uint64_t>(kNoEntryName) + kTaking,
                        std::memory_order_relaxed);
        for (Counter *counter :
             {&row.given, &row.ttl_too_low, &row.too_big, &row.not_returned, &row.discarded})
            counter->reset(); // release: not before the name goes
        row.oif.store(static_cast<std::uint64_t>(oif), std::memory_order_relaxed); // see below
        // release: the oif and the zeroes are visible before the name; pairs with find()
        row.entry.store(static_cast<std::uint64_t>(entry), std::memory_order_release);
        return &row;
    }
    /// Neither "never used", which ends a search, nor the name of an entry: generation 0.
    static constexpr std::uint64_t kTaking = 1;

    OifCounters *rows_;
    std::uint32_t mask_;
};

} // namespace mgm
