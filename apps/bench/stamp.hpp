// SPDX-License-Identifier: BSD-3-Clause
// What a measured packet says of itself, in the first 18 octets of its UDP payload: as many as the
// shortest frame has. Little endian:
//
//     0 magic   2 sequence number   6 flow (3 octets)   9 time (5 octets)   14 CRC-32C
//
// Pure functions.
#pragma once

#include "mgm/types.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

struct rte_mbuf;

namespace bench {

using FrameOctets = std::span<const std::uint8_t>;

struct Stamp {
    std::uint32_t flow = 0;     ///< below 2^24
    std::uint32_t sequence = 0; ///< within its flow
    std::uint64_t time = 0;     ///< TSC modulo 2^40; 0 where no time is wanted
    friend bool operator==(const Stamp &, const Stamp &) = default;
};

inline constexpr std::size_t kStampOctets = 18;
inline constexpr std::size_t kStampIdentity = 9; ///< magic, sequence number and flow
inline constexpr std::uint64_t kTimeMask = (1ULL << 40U) - 1;

constexpr std::size_t stamp_offset(mgm::Family family) noexcept {
    return family == mgm::Family::kIpv4 ? 14 + 20 + 8 : 14 + 40 + 8;
}

/// Fills the payload with octets that its flow and number determine, and stamps it. The CRC is over
/// the frame as it must leave: one hop further, from the ethertype on.
void write_checked_stamp(std::span<std::uint8_t> frame, mgm::Family family, const Stamp &stamp);
/// Nothing but the stamp, with no CRC: cheap enough to be measured with.
void write_timed_stamp(std::uint8_t *payload, const Stamp &stamp) noexcept;
/// Nothing where `payload` has no timed stamp.
std::optional<Stamp> read_timed_stamp(const std::uint8_t *payload) noexcept;

/// The same of a frame whose stamp is at `offset`, wherever its segments end.
std::optional<Stamp> read_timed_stamp(const rte_mbuf &frame, std::uint32_t offset) noexcept;

/// Nothing where the frame is too short or says that it is none of ours.
std::optional<Stamp> read_checked_stamp(FrameOctets frame, mgm::Family family) noexcept;
/// Every octet is as it must leave by a port of this MAC.
bool is_intact(FrameOctets frame, mgm::Family family, const mgm::MacAddress &source);

} // namespace bench
