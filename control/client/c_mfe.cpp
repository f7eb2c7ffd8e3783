// SPDX-License-Identifier: BSD-3-Clause
// mgm.h: forwarding entries and their statistics, for anybody (mgm-spec 2.8 to 2.10). Three
// layouts, one walk: as many whole entries as fit, in the order of (group, source).
#include "control/client/c_words.hpp"

#include <algorithm>
#include <limits>
#include <span>
#include <vector>

namespace control::c_api {

namespace {

using Entry = Transport::Entry;
using std::chrono::seconds;

/// 64 bits wrap only here (mgm-spec 7.2).
ULONG low(std::uint64_t value) noexcept {
    return static_cast<ULONG>(value);
}

using Hundredths = std::chrono::duration<std::int64_t, std::centi>;

template <class Unit>
ULONG in_units(manager::Time time) noexcept {
    const auto count = std::chrono::floor<Unit>(time).count();
    return static_cast<ULONG>(
        std::clamp<std::int64_t>(count, 0, std::numeric_limits<ULONG>::max()));
}

/// The first nine members, which are the same in all three.
template <class Record>
void fill_key(Record &record, const manager::EntryInfo &info) {
    record.dwGroup = to_word(info.key.group);
    record.dwSource = to_word(info.key.source);
    record.dwSrcMask = kHostMask;
    record.dwUpStrmNgbr = to_word(info.upstream);
    record.dwInIfIndex = info.in ? index_of(*info.in) : 0;
    record.dwInIfProtocol = info.in_protocol;
    record.dwRouteProtocol = info.route.protocol;
    record.dwRouteNetwork = to_word(info.route.prefix.address);
    record.dwRouteMask = length_to_mask(info.route.prefix.length);
}

/// ulExpiryTime: 0 for an entry that does not age.
manager::Time time_left(const manager::EntryInfo &info) noexcept {
    return std::max(manager::Time{}, info.timeout - info.up_time);
}

template <class Record>
void fill_counters(Record &record, const Entry &entry) {
    const EntryStatistics &from = entry.statistics;
    record.ulUpTime = in_units<Hundredths>(entry.info.up_time);
    record.ulExpiryTime = in_units<Hundredths>(time_left(entry.info));
    record.ulNumOutIf = static_cast<ULONG>(entry.info.oifs.size());
    record.ulInPkts = low(from.packets);
    record.ulInOctets = low(from.octets);
    record.ulPktsDifferentIf = low(from.different_if);
    record.ulQueueOverflow = low(from.queue_overflow);
    MIB_IPMCAST_OIF_STATS *out = record.rgmiosOutStats;
    for (std::size_t i = 0; i < entry.info.oifs.size(); ++i) {
        const EntryStatistics::Oif oif =
            i < from.oifs.size() ? from.oifs[i] : EntryStatistics::Oif{};
        out[i] = {.dwOutIfIndex = index_of(entry.info.oifs[i].link),
                  .dwNextHopAddr = to_word(entry.info.oifs[i].link.next_hop),
                  .dwDialContext = 0,
                  .ulTtlTooLow = low(oif.ttl_too_low),
                  .ulFragNeeded = low(oif.frag_needed),
                  .ulOutPackets = low(oif.packets),
                  .ulOutDiscards = low(oif.discards)};
    }
}

struct Layout {
    ULONG (*size)(ULONG oifs);
    void (*fill)(PBYTE at, const Entry &entry);
};

constexpr Layout kMfe{.size = [](ULONG oifs) { return SIZEOF_MIB_MFE(oifs); },
                      .fill =
                          [](PBYTE at, const Entry &entry) {
                              auto &record = *reinterpret_cast<PMIB_IPMCAST_MFE>(at);
                              fill_key(record, entry.info);
                              record.ulUpTime = in_units<seconds>(entry.info.up_time);
                              record.ulTimeOut = in_units<seconds>(entry.info.timeout);
                              record.ulExpiryTime =
                                  record.ulTimeOut - std::min(record.ulTimeOut, record.ulUpTime);
                              record.ulNumOutIf = static_cast<ULONG>(entry.info.oifs.size());
                              record.fFlags = 0;
                              record.dwReserved = 0;
                              MIB_IPMCAST_OIF *out = record.rgmioOutInfo;
                              for (const manager::Oif &oif : entry.info.oifs)
                                  *out++ = {.dwOutIfIndex = index_of(oif.link),
                                            .dwNextHopAddr = to_word(oif.link.next_hop),
                                            .dwReserved = 0,
                                            .dwReserved1 = 0};
                          }};
constexpr Layout kStats{.size = [](ULONG oifs) { return SIZEOF_MIB_MFE_STATS(oifs); },
                        .fill =
                            [](PBYTE at, const Entry &entry) {
                                auto &record = *reinterpret_cast<PMIB_IPMCAST_MFE_STATS>(at);
                                fill_key(record, entry.info);
                                fill_counters(record, entry);
                            }};
constexpr Layout kStatsEx{.size = [](ULONG oifs) { return SIZEOF_MIB_MFE_STATS_EX(oifs); },
                          .fill =
                              [](PBYTE at, const Entry &entry) {
                                  auto &record = *reinterpret_cast<PMIB_IPMCAST_MFE_STATS_EX>(at);
                                  fill_key(record, entry.info);
                                  fill_counters(record, entry);
                                  const EntryStatistics &from = entry.statistics;
                                  record.ulUninitMfe = low(from.uninitialised);
                                  record.ulNegativeMfe = low(from.negative);
                                  record.ulInDiscards = low(from.discards);
                                  record.ulInHdrErrors = low(from.header_errors);
                                  std::uint64_t sent = 0;
                                  for (const EntryStatistics::Oif &oif : from.oifs)
                                      sent += oif.packets;
                                  record.ulTotalOutPackets = low(sent);
                              }};

/// null: flags that ask for no layout, or for two.
const Layout *layout_of(DWORD flags) noexcept {
    if (flags == MGM_MFE_STATS_0)
        return &kStats;
    return flags == MGM_MFE_STATS_1 ? &kStatsEx : nullptr;
}

DWORD get(const Layout &layout, PMIB_IPMCAST_MFE which, PDWORD size, PBYTE buffer) {
    if (which == nullptr || size == nullptr || (buffer == nullptr && *size != 0))
        return ERROR_INVALID_PARAMETER;
    const InCall to;
    if (!to)
        return ERROR_CAN_NOT_COMPLETE;
    Entry entry;
    const manager::Status status = to->entry(to_key(which->dwSource, which->dwGroup), entry);
    if (status != manager::Status::kOk)
        return to_status(status);
    const ULONG needed = layout.size(static_cast<ULONG>(entry.info.oifs.size()));
    if (needed > *size) {
        *size = needed;
        return ERROR_INSUFFICIENT_BUFFER;
    }
    layout.fill(buffer, entry);
    return NO_ERROR;
}

/// Where a list goes: records one behind the other.
struct Output {
    const Layout &layout;
    PBYTE buffer = nullptr;
    DWORD room = 0; ///< octets left
    DWORD count = 0;

    /// How many octets `entry` takes.
    [[nodiscard]] ULONG size_of(const Entry &entry) const {
        return layout.size(static_cast<ULONG>(entry.info.oifs.size()));
    }
    /// Takes the entries up to the first that does not fit, which is what it returns.
    const Entry *take(std::span<const Entry> entries) {
        for (const Entry &entry : entries) {
            const ULONG needed = size_of(entry);
            if (needed > room)
                return &entry;
            layout.fill(buffer, entry);
            buffer += needed;
            room -= needed;
            ++count;
        }
        return nullptr;
    }
};

/// Entries behind `last`.
DWORD list(const Layout &layout, manager::Key last, PDWORD size, PBYTE buffer, PDWORD count) {
    if (size == nullptr || count == nullptr || (buffer == nullptr && *size != 0))
        return ERROR_INVALID_PARAMETER;
    const InCall to;
    if (!to)
        return ERROR_CAN_NOT_COMPLETE;
    // As many at a time as may fit, so that a long list takes few turns of the control thread.
    constexpr DWORD kMostAtOnce = 64;
    std::vector<Entry> entries(std::min(kMostAtOnce, *size / layout.size(0) + 1));
    Output output{.layout = layout, .buffer = buffer, .room = *size};
    *count = 0;
    for (;;) {
        std::size_t found = 0;
        const manager::Status status = to->entries_after(last, entries, found);
        if (status == manager::Status::kCanNotComplete)
            return to_status(status);
        const Entry *too_large = output.take(std::span(entries).first(found));
        *count = output.count;
        if (too_large != nullptr && output.count != 0)
            return ERROR_MORE_DATA;
        if (too_large != nullptr) {
            *size = output.size_of(*too_large);
            return ERROR_INSUFFICIENT_BUFFER;
        }
        if (status == manager::Status::kNoMoreItems)
            return ERROR_NO_MORE_ITEMS;
        last = entries[found - 1].info.key;
    }
}

constexpr manager::Key kFirst{}; // before all of them

} // namespace

} // namespace control::c_api

using namespace control;
using namespace control::c_api;

DWORD MgmSetMfe(HANDLE hProtocol, PMIB_IPMCAST_MFE pmimm) {
    if (pmimm == nullptr)
        return ERROR_INVALID_PARAMETER;
    const InCall to;
    return !to ? ERROR_CAN_NOT_COMPLETE
               : to_status(to->set_upstream(to_handle(hProtocol),
                                            to_key(pmimm->dwSource, pmimm->dwGroup),
                                            to_address(pmimm->dwUpStrmNgbr)));
}

DWORD MgmGetMfe(PMIB_IPMCAST_MFE pimm, PDWORD pdwBufferSize, PBYTE pbBuffer) {
    return get(kMfe, pimm, pdwBufferSize, pbBuffer);
}

DWORD MgmGetFirstMfe(PDWORD pdwBufferSize, PBYTE pbBuffer, PDWORD pdwNumEntries) {
    return list(kMfe, kFirst, pdwBufferSize, pbBuffer, pdwNumEntries);
}

DWORD MgmGetNextMfe(PMIB_IPMCAST_MFE pimmStart, PDWORD pdwBufferSize, PBYTE pbBuffer,
                    PDWORD pdwNumEntries) {
    if (pimmStart == nullptr)
        return ERROR_INVALID_PARAMETER;
    return list(kMfe, to_key(pimmStart->dwSource, pimmStart->dwGroup), pdwBufferSize, pbBuffer,
                pdwNumEntries);
}

DWORD MgmGetMfeStats(PMIB_IPMCAST_MFE pimm, PDWORD pdwBufferSize, PBYTE pbBuffer, DWORD dwFlags) {
    const auto *layout = layout_of(dwFlags);
    return layout == nullptr ? ERROR_INVALID_PARAMETER
                             : get(*layout, pimm, pdwBufferSize, pbBuffer);
}

DWORD MgmGetFirstMfeStats(PDWORD pdwBufferSize, PBYTE pbBuffer, PDWORD pdwNumEntries,
                          DWORD dwFlags) {
    const auto *layout = layout_of(dwFlags);
    return layout == nullptr ? ERROR_INVALID_PARAMETER
                             : list(*layout, kFirst, pdwBufferSize, pbBuffer, pdwNumEntries);
}

DWORD MgmGetNextMfeStats(PMIB_IPMCAST_MFE pimmStart, PDWORD pdwBufferSize, PBYTE pbBuffer,
                         PDWORD pdwNumEntries, DWORD dwFlags) {
    const auto *layout = layout_of(dwFlags);
    if (layout == nullptr || pimmStart == nullptr)
        return ERROR_INVALID_PARAMETER;
    return list(*layout, to_key(pimmStart->dwSource, pimmStart->dwGroup), pdwBufferSize, pbBuffer,
                pdwNumEntries);
}
