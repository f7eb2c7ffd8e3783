// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/oif_history.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace mgm {

namespace {

constexpr auto kByKey = [](const auto &a, const auto &b) { return a.key < b.key; };
constexpr auto kIsInOlist = [](const auto &member) { return member.is_in_olist; };

} // namespace

template <Family F>
OifHistory<F>::OifHistory(Tables tables, const InterfaceWriter &interfaces,
                          const NeighborWriter &neighbors)
    : tables_(tables), interfaces_(interfaces), neighbors_(neighbors) {}

// --- changes

template <Family F>
std::uint32_t OifHistory<F>::next_change(MfeIndex index) const {
    const auto found = histories_.find(static_cast<std::uint32_t>(index));
    return found == histories_.end() ? 1 : found->second.changes + 1;
}

template <Family F>
void OifHistory<F>::change(MfeIndex index, const ForwardSet &before, const ForwardSet &after,
                           bool second_bank) {
    const EntryName entry = name_of<F>(tables_, index);
    History &history = history_of(index, before, second_bank);
    const std::uint32_t number = history.changes + 1;
    std::vector<Member> members = history.members;
    for (Member &member : members)
        if (std::exchange(member.is_in_olist, false))
            member.left_in = number; // unless it joins again below
    const std::size_t known = members.size();
    for (const Member &joining : members_of(after))
        join(entry, members, known, joining);
    const auto joined = members.begin() + static_cast<std::ptrdiff_t>(known);
    std::inplace_merge(members.begin(), joined, members.end(), kByKey);
    for (const Member &member : members)
        if (!member.is_in_olist)
            history.left.try_emplace(member.key); // so that settle() needs no memory

    history.members = std::move(members);
    history.changes = number;
    history.tells_apart = !std::exchange(history.is_settled, false);
    if (history.tells_apart)
        return;
    history.bank ^= 1U;
    history.banks[history.bank] = {.start = in_bank(index, history.bank),
                                   .stands_for_none = after.oif_count == 0};
    for (Member &member : history.members)
        member.by_bank[history.bank] = member.is_in_olist;
}

/// Without one, all that was counted was for the olist of before, in the bank that the word names.
template <Family F>
typename OifHistory<F>::History &OifHistory<F>::history_of(MfeIndex index, const ForwardSet &before,
                                                           bool second_bank) {
    if (const auto found = histories_.find(static_cast<std::uint32_t>(index));
        found != histories_.end())
        return found->second;
    History history;
    history.bank = second_bank ? 1 : 0;
    history.banks[history.bank].stands_for_none = before.oif_count == 0;
    history.members = members_of(before);
    for (Member &member : history.members)
        member.by_bank[history.bank] = true;
    return histories_.emplace(static_cast<std::uint32_t>(index), std::move(history)).first->second;
}

template <Family F>
std::uint32_t OifHistory<F>::counting(MfeIndex index) const {
    const History &history = histories_.at(static_cast<std::uint32_t>(index));
    return (history.tells_apart ? kTellsApart : 0) | (history.bank == 1 ? kSecondBank : 0);
}

/// `joining` is in the olist from here on. The first `sorted` members are those of before.
template <Family F>
void OifHistory<F>::join(EntryName entry, std::vector<Member> &members, std::size_t sorted,
                         const Member &joining) const {
    const auto end = members.begin() + static_cast<std::ptrdiff_t>(sorted);
    const auto [first, last] = std::equal_range(members.begin(), end, joining, kByKey);
    const auto same_place = std::find_if(first, last, [&](const Member &member) {
        return member.has_rows && member.name == joining.name;
    });
    if (same_place != last) {
        same_place->is_in_olist = true;
        return;
    }
    members.push_back(joining);
    members.back().start = rows(entry, joining.name);
}

template <Family F>
bool OifHistory<F>::settle(MfeIndex index, std::uint32_t change) noexcept {
    const auto found = histories_.find(static_cast<std::uint32_t>(index));
    if (found == histories_.end())
        return false;
    const EntryName entry = name_of<F>(tables_, index);
    History &history = found->second;
    // Nobody counts for those that left by then, and their places may be others' from here on.
    for (Member &member : history.members)
        if (!member.is_in_olist && static_cast<std::int32_t>(member.left_in - change) <= 0)
            fold_rows(entry, member);
    if (history.changes != change)
        return false;
    credit(index, history, history.bank ^ 1U);
    if (history.tells_apart) { // so both stand still, and neither stands for the olist of now
        credit(index, history, history.bank);
        history.banks[history.bank].start = in_bank(index, history.bank);
        for (Member &member : history.members)
            member.by_bank[history.bank] = member.is_in_olist;
        history.banks[history.bank].stands_for_none =
            std::none_of(history.members.begin(), history.members.end(), kIsInOlist);
    }
    history.tells_apart = false;
    history.is_settled = true;
    drop_left(history);
    const bool says_what_the_counters_say =
        in_bank(index, 0) == 0 && in_bank(index, 1) == 0 &&
        std::all_of(history.members.begin(), history.members.end(),
                    [](const Member &m) { return m.settled == OifSums{} && m.start == Rows{}; }) &&
        std::all_of(history.left.begin(), history.left.end(),
                    [](const auto &left) { return left.second == OifSums{}; });
    if (says_what_the_counters_say)
        histories_.erase(found);
    return true;
}

/// Those that the bank stood for get what it says; it stands for nobody then.
template <Family F>
void OifHistory<F>::credit(MfeIndex index, History &history, unsigned bank) const noexcept {
    const std::uint64_t packets = since_start(index, history, bank);
    for (Member &member : history.members)
        if (std::exchange(member.by_bank[bank], false))
            member.settled.packets += packets;
    if (std::exchange(history.banks[bank].stands_for_none, false))
        history.dropped += packets;
}

template <Family F>
void OifHistory<F>::fold_rows(EntryName entry, Member &member) const noexcept {
    if (!member.has_rows)
        return;
    member.settled.add(rows_of(entry, member));
    member.has_rows = false;
}

template <Family F>
void OifHistory<F>::drop_left(History &history) noexcept {
    for (const Member &member : history.members)
        if (!member.is_in_olist)
            history.left.find(member.key)->second.add(member.settled);
    std::erase_if(history.members, [](const Member &member) { return !member.is_in_olist; });
}

// --- sums

template <Family F>
EntryReport OifHistory<F>::report(MfeIndex index, const ForwardSet &set) const {
    const EntryName entry = name_of<F>(tables_, index);
    const auto found = histories_.find(static_cast<std::uint32_t>(index));
    History none;
    if (found == histories_.end()) {
        none.members = members_of(set);
        none.banks[0].stands_for_none = none.banks[1].stands_for_none = set.oif_count == 0;
        for (Member &member : none.members)
            member.by_bank = {true, true};
    }
    const History &history = found == histories_.end() ? none : found->second;
    EntryReport report{.sums = sums(index), .dropped = 0, .oifs = {}};
    report.dropped = history.dropped + rows(entry, kNoOifName).given;
    for (unsigned bank = 0; bank < 2; ++bank)
        if (history.banks[bank].stands_for_none)
            report.dropped += since_start(index, history, bank);
    for (auto first = history.members.begin(); first != history.members.end();) {
        const auto last = std::upper_bound(first, history.members.end(), *first, kByKey);
        if (std::any_of(first, last, kIsInOlist))
            report.oifs.emplace_back(first->key, sums_of(index, history, {first, last}));
        first = last;
    }
    return report;
}

/// Of all members of one key.
template <Family F>
OifSums OifHistory<F>::sums_of(MfeIndex index, const History &history,
                               std::span<const Member> members) const noexcept {
    const EntryName entry = name_of<F>(tables_, index);
    const auto left = history.left.find(members.front().key);
    OifSums sums = left == history.left.end() ? OifSums{} : left->second;
    for (const Member &member : members) {
        sums.add(member.settled);
        if (member.has_rows)
            sums.add(rows_of(entry, member));
        for (unsigned bank = 0; bank < 2; ++bank)
            if (member.by_bank[bank])
                sums.packets += since_start(index, history, bank);
    }
    // A packet on its way has its losses counted before itself.
    if (static_cast<std::int64_t>(sums.packets) < 0)
        sums.packets = 0;
    return sums;
}

/// What an oif's rows add to its sums. Packets may be "negative", the banks add to them.
template <Family F>
OifSums OifHistory<F>::rows_of(EntryName entry, const Member &member) const noexcept {
    const Rows now = rows(entry, member.name);
    const Rows &start = member.start;
    OifSums sums{.packets = now.given - start.given,
                 .ttl_too_low = now.ttl_too_low - start.ttl_too_low,
                 .too_big = now.too_big - start.too_big,
                 .discarded = now.discarded - start.discarded};
    sums.packets -=
        sums.ttl_too_low + sums.too_big + sums.discarded + (now.not_returned - start.not_returned);
    return sums;
}

template <Family F>
typename OifHistory<F>::Rows OifHistory<F>::rows(EntryName entry, OifName oif) const noexcept {
    Rows sum;
    for (std::uint32_t w = 0; w < tables_.geometry().workers; ++w) {
        const OifCounters *row = OifCounterRows(tables_, w).find(entry, oif);
        if (row == nullptr)
            continue;
        sum.given += row->given.read();
        sum.ttl_too_low += row->ttl_too_low.read();
        sum.too_big += row->too_big.read();
        sum.not_returned += row->not_returned.read();
        sum.discarded += row->discarded.read();
    }
    return sum;
}

template <Family F>
EntrySums OifHistory<F>::sums(MfeIndex index) const noexcept {
    EntrySums sums;
    for (std::uint32_t w = 0; w < tables_.geometry().workers; ++w) {
        const EntryCounters &counters = tables_.entry_counters<F>(w, index);
        sums.packets +=
            counters.packets[0].read() + counters.packets[1].read() + counters.told_apart.read();
        sums.octets += counters.octets.read();
        sums.different_in_if += tables_.different_in_if<F>(w, index).read();
    }
    return sums;
}

template <Family F>
std::uint64_t OifHistory<F>::in_bank(MfeIndex index, unsigned bank) const noexcept {
    std::uint64_t packets = 0;
    for (std::uint32_t w = 0; w < tables_.geometry().workers; ++w)
        packets += tables_.entry_counters<F>(w, index).packets[bank].read();
    return packets;
}

// --- names

template <Family F>
std::vector<typename OifHistory<F>::Member> OifHistory<F>::members_of(const ForwardSet &set) const {
    std::vector<Member> members;
    members.reserve(set.oif_count);
    for (const Oif *oif = set.oifs(); oif != set.oifs() + set.oif_count; ++oif) {
        Member member;
        member.key = key_of(*oif);
        member.name = name_of(*oif);
        members.push_back(member);
    }
    std::sort(members.begin(), members.end(), kByKey);
    return members;
}

/// A set in use keeps its interfaces and neighbors in the tables.
template <Family F>
OifKey OifHistory<F>::key_of(const Oif &oif) const {
    return {interfaces_.index_of(oif.slot).value_or(IfIndex{}),
            neighbors_.address_of(oif.neighbor)};
}

template class OifHistory<Family::kIpv4>;
template class OifHistory<Family::kIpv6>;

} // namespace mgm
