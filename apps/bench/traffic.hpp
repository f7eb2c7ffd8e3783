// SPDX-License-Identifier: BSD-3-Clause
// The packets of a scenario: its flows, and an endless stream of frames over them. The same seed
// makes the same frames.
//
// Thread: built on one thread, read on others.
#pragma once

#include "apps/bench/scenario.hpp"
#include "mgm/spec.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

/// A frame differs from others of its size in its first line only: headers and 22 octets (IPv6: 2)
/// behind UDP's.
inline constexpr std::size_t kHeadOctets = 64;
using FrameHead = std::array<std::uint8_t, kHeadOctets>;

/// One flow's key, as packets and tables have it.
struct FlowAddresses {
    mgm::IpAddress source;
    mgm::IpAddress group;
};

/// Flow `k` of a scenario: source k mod `sources` of group k / `sources`. A pure function, one flow
/// for each k.
FlowAddresses flow_addresses(const Scenario &scenario, std::uint64_t k);

/// The interface that packets come in by: its address and network hold every source.
mgm::IpPrefix arrival_network(mgm::Family family);
inline constexpr mgm::MacAddress kGeneratorMac{{0x02, 0x9e, 0, 0, 0, 1}};
inline constexpr std::uint16_t kUdpPort = 5001; ///< from and to

/// What differs between two frames of a stream. IPv4.
struct StreamItem4 {
    std::uint32_t source_be;
    std::uint32_t group_be;
    std::uint16_t checksum_be; ///< of the IP header with these addresses and this size
    std::uint16_t size;        ///< index into Traffic::sizes()
    std::uint32_t flow;
};
static_assert(sizeof(StreamItem4) == 16);

/// IPv6: the UDP checksum is over the addresses, too.
struct StreamItem6 {
    std::array<std::uint8_t, 16> source;
    std::array<std::uint8_t, 16> group;
    std::uint16_t checksum_be;
    std::uint16_t size;
    std::uint32_t flow;
};
static_assert(sizeof(StreamItem6) == 40);

class Traffic {
public:
    /// A frame size as it lies in memory: without FCS.
    struct alignas(64) Size {
        FrameHead head; ///< addresses and checksum zero
        std::uint16_t octets;
    };
    static constexpr std::size_t kStreamLength = 1U << 20;

    /// Frames over the first `flows` flows of the scenario.
    Traffic(const Scenario &scenario, std::uint64_t flows, std::uint64_t seed);

    [[nodiscard]] mgm::Family family() const noexcept { return family_; }
    [[nodiscard]] std::uint64_t flows() const noexcept { return flows_; }
    [[nodiscard]] const std::vector<Size> &sizes() const noexcept { return sizes_; }
    /// kStreamLength items, then again from the first.
    [[nodiscard]] const std::vector<StreamItem4> &ipv4() const noexcept { return ipv4_; }
    [[nodiscard]] const std::vector<StreamItem6> &ipv6() const noexcept { return ipv6_; }
    [[nodiscard]] std::uint16_t longest() const noexcept;

private:
    mgm::Family family_;
    std::uint64_t flows_;
    std::vector<Size> sizes_;
    std::vector<StreamItem4> ipv4_; ///< of one family only
    std::vector<StreamItem6> ipv6_;
};

} // namespace bench
