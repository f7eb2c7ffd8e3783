// SPDX-License-Identifier: BSD-3-Clause
// What each oif of an entry was given, although a packet counts once and not for each copy.
//
// While an olist stays as it is, that follows from a bank of the entry's counters. When it changes:
//   1. change() makes the other bank stand for the new olist; the entry's new forward set is
//      published together with its number;
//   2. a grace period later nobody counts on the first bank any more, and settle() credits the oifs
//      of before with what it says.
// A change that comes before 2 finds no bank: it is published with kTellsApart, packets count for
// each of their oifs (oif_counters.hpp), both banks stand still a grace period after the last such
// change, and settle() goes back to one. So sums are exact while no packet is on its way, however
// fast changes follow each other. Only entries whose olist has changed, and that had packets, have
// a history.
//
// Thread: the writer.
#pragma once

#include "mgm/entry_report.hpp"
#include "mgm/interface_writer.hpp"
#include "mgm/neighbor_writer.hpp"
#include "mgm/oif_counters.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <unordered_map>
#include <vector>

namespace mgm {

template <Family F>
class OifHistory {
public:
    OifHistory(Tables tables, const InterfaceWriter &interfaces, const NeighborWriter &neighbors);

    /// The number that change() will give the next change of the entry.
    [[nodiscard]] std::uint32_t next_change(MfeIndex index) const;
    /// The olist is about to change; until now packets counted in the second bank or not.
    /// std::bad_alloc: it may still stay as it is.
    void change(MfeIndex index, const ForwardSet &before, const ForwardSet &after,
                bool second_bank);
    /// How packets count from here on: for the word that is published with the change.
    [[nodiscard]] std::uint32_t counting(MfeIndex index) const;
    /// A grace period after the change. False: another one came since.
    [[nodiscard]] bool settle(MfeIndex index, std::uint32_t change) noexcept;
    void forget(MfeIndex index) { histories_.erase(static_cast<std::uint32_t>(index)); }

    [[nodiscard]] EntrySums sums(MfeIndex index) const noexcept;
    /// `set` is what the entry does now.
    [[nodiscard]] EntryReport report(MfeIndex index, const ForwardSet &set) const;

private:
    /// One oif's rows over all workers.
    struct Rows {
        std::uint64_t given = 0, ttl_too_low = 0, too_big = 0, not_returned = 0, discarded = 0;
        friend bool operator==(const Rows &, const Rows &) = default;
    };
    /// An oif that is in the olist, or was and is not settled. One that left and came back to
    /// another place in the tables is two, until the first is settled.
    struct Member {
        OifKey key;
        OifName name{};
        OifSums settled;                  ///< without what banks and rows add
        Rows start;                       ///< its rows when it came
        std::uint32_t left_in = 0;        ///< the change, when it is not in the olist
        bool is_in_olist = true;          ///< now
        std::array<bool, 2> by_bank = {}; ///< the bank stands for it
        bool has_rows = true;             ///< `name` is its own; else what they said is settled
    };
    struct Bank {
        std::uint64_t start = 0;      ///< what it said before the olist it stands for
        bool stands_for_none = false; ///< an empty olist
    };
    struct History {
        std::uint32_t changes = 0;
        bool is_settled = true;
        bool tells_apart = false;
        unsigned bank = 0; ///< of the word
        std::array<Bank, 2> banks;
        std::uint64_t dropped = 0;      ///< by an empty olist
        std::vector<Member> members;    ///< by key
        std::map<OifKey, OifSums> left; ///< what those were given that left; settled
    };

    History &history_of(MfeIndex index, const ForwardSet &before, bool second_bank);
    [[nodiscard]] std::vector<Member> members_of(const ForwardSet &set) const;
    [[nodiscard]] OifKey key_of(const Oif &oif) const;
    void join(EntryName entry, std::vector<Member> &members, std::size_t sorted,
              const Member &joining) const;
    void credit(MfeIndex index, History &history, unsigned bank) const noexcept;
    void fold_rows(EntryName entry, Member &member) const noexcept;
    static void drop_left(History &history) noexcept;

    [[nodiscard]] Rows rows(EntryName entry, OifName oif) const noexcept;
    [[nodiscard]] OifSums sums_of(MfeIndex index, const History &history,
                                  std::span<const Member> members) const noexcept;
    [[nodiscard]] OifSums rows_of(EntryName entry, const Member &member) const noexcept;
    /// Packets in a bank, of all workers.
    [[nodiscard]] std::uint64_t in_bank(MfeIndex index, unsigned bank) const noexcept;
    [[nodiscard]] std::uint64_t since_start(MfeIndex index, const History &history,
                                            unsigned bank) const noexcept {
        return in_bank(index, bank) - history.banks[bank].start;
    }

    Tables tables_;
    const InterfaceWriter &interfaces_;
    const NeighborWriter &neighbors_;
    std::unordered_map<std::uint32_t, History> histories_; ///< by MfeIndex
};

extern template class OifHistory<Family::kIpv4>;
extern template class OifHistory<Family::kIpv6>;

} // namespace mgm
