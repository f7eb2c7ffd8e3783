// SPDX-License-Identifier: BSD-3-Clause
// What `mgmbench tx` puts on a wire and `mgmbench rx` reads there: the frames of a Traffic, with a
// stamp at the front of the UDP payload and zeros behind it. A router changes neither.
//
//     octets  0  magic, of data or of an end mark, big endian as all of it
//             2  flow
//             6  sequence number within the flow; of an end mark: how many were sent
//            10  the sender's TSC
//
// 18 octets fit into the shortest frames of both families, and leave none for a checksum: UDP's is
// over all of it. Pure.
#pragma once

#include "apps/bench/traffic.hpp"

#include <cstdint>
#include <span>

namespace bench {

struct WireStamp {
    static constexpr std::size_t kOctets = 18;
    static constexpr std::uint32_t kMostFlows = 65'536; ///< that a receiver keeps apart

    std::uint32_t flow = 0;
    std::uint32_t sequence = 0; ///< counts on from 0 after 2^32 - 1
    std::uint64_t cycles = 0;
    bool is_end = false; ///< the flow's last: nothing follows
};

/// Writes the frame at `position` of the stream, as long as its size says. `at` has room for the
/// traffic's longest. Returns its octets, FCS not counted.
std::uint16_t write_wire_frame(std::uint8_t *at, const Traffic &traffic, std::size_t position,
                               const WireStamp &stamp);

struct WireFrame {
    enum class Kind : std::uint8_t {
        kStamped,
        kCorrupted, ///< ours by its ports, but a checksum or a length is wrong
        kOther,     ///< not ours
    };
    Kind kind = Kind::kOther;
    WireStamp stamp; ///< of kStamped
};
/// Of a frame with at most one VLAN tag.
WireFrame read_wire_frame(std::span<const std::uint8_t> frame);

} // namespace bench
