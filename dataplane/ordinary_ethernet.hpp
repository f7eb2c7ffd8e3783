// SPDX-License-Identifier: BSD-3-Clause
// The columns that ordinary frames (ordinary.hpp) of both families are judged by: headers as words,
// of all frames of a burst, so that each condition is a few operations on a whole column. Without
// branches or calls the compiler makes vector instructions of them, for whatever the machine has.
//
// Thread: one worker.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/ethernet.hpp"
#include "dataplane/frame_view.hpp"

#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_prefetch.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace dataplane {

/// One word for each packet of a burst.
using WordColumn = Burst::Column<std::uint64_t>;

/// A fault is a word that is not 0.
[[nodiscard]] constexpr std::uint64_t fault_if(bool is_fault) noexcept {
    return is_fault ? 1U : 0U;
}

/// Columns are judged up to here: behind the burst's end nobody asks for the result.
[[nodiscard]] constexpr unsigned judged_size(const Burst &burst) noexcept {
    constexpr unsigned kAbreast = 8; // words of the widest vectors
    return (burst.size + kAbreast - 1) / kAbreast * kAbreast;
}
static_assert(Burst::kCapacity % 8 == 0);

/// Layer 2 and the frame itself.
class OrdinaryEthernet {
public:
    /// Calls `read_packet(i, ip)` for each frame; `ip` may be read up to `packet_octets`, where the
    /// frame is shorter there are zeroes.
    template <class ReadPacket>
    void read(const Burst &burst, std::uint16_t packet_octets, ReadPacket &&read_packet) noexcept {
        alignas(RTE_CACHE_LINE_SIZE) static constexpr std::array<std::uint8_t, 64> kNothing{};
        constexpr unsigned kAhead = 4; // frames whose headers are on their way to the cache
        const std::uint16_t least = RTE_ETHER_HDR_LEN + packet_octets;
        for (unsigned i = 0; i < kAhead && i < burst.size; ++i)
            rte_prefetch0(rte_pktmbuf_mtod(burst.mbufs[i], const void *));
        for (unsigned i = 0; i < burst.size; ++i) {
            if (i + kAhead < burst.size)
                rte_prefetch0(rte_pktmbuf_mtod(burst.mbufs[i + kAhead], const void *));
            const rte_mbuf &frame = *burst.mbufs[i];
            const auto *octets = frame.data_len >= least
                                     ? rte_pktmbuf_mtod(&frame, const std::uint8_t *)
                                     : kNothing.data();
            destinations_[i] = load<std::uint64_t>(octets);
            sources_[i] = load<std::uint64_t>(octets + kSourceMacOffset); // and the ethertype
            frame_octets_[i] = rte_pktmbuf_pkt_len(&frame);
            flags_[i] = frame.ol_flags;
            read_packet(i, octets + RTE_ETHER_HDR_LEN);
        }
    }

    /// Untagged, of this ethertype, from one station that is not ourselves, to `group_mac`, with
    /// nothing behind the packet.
    [[nodiscard]] std::uint64_t faults(unsigned i, std::uint64_t ethertype, std::uint64_t own_mac,
                                       std::uint64_t group_mac,
                                       std::uint64_t packet_octets) const noexcept {
        const std::uint64_t source = sources_[i];
        return (flags_[i] & kNotOrdinary) | (source >> 48U ^ ethertype) | (source & 1U) |
               fault_if((source & kMacBits) == own_mac) |
               ((destinations_[i] & kMacBits) ^ group_mac) |
               ((packet_octets + RTE_ETHER_HDR_LEN) ^ frame_octets_[i]);
    }
    [[nodiscard]] std::uint64_t flags(unsigned i) const noexcept { return flags_[i]; }
    [[nodiscard]] std::uint32_t frame_octets(unsigned i) const noexcept {
        return static_cast<std::uint32_t>(frame_octets_[i]);
    }

    // --- PacketHeader in words; the source MAC is the last
    [[nodiscard]] static constexpr std::uint64_t first_word(mgm::Family family, std::uint64_t ttl,
                                                            std::uint64_t dont_fragment,
                                                            std::uint64_t header_octets) noexcept {
        static_assert(offsetof(PacketHeader, family) == 0 && offsetof(PacketHeader, ttl) == 1);
        static_assert(offsetof(PacketHeader, dont_fragment) == 2);
        static_assert(offsetof(PacketHeader, l3_offset) == 4);
        static_assert(offsetof(PacketHeader, header_octets) == 6);
        return static_cast<std::uint64_t>(family) | ttl << 8U | dont_fragment << 16U |
               std::uint64_t{RTE_ETHER_HDR_LEN} << 32U | header_octets << 48U;
    }
    [[nodiscard]] static constexpr std::uint64_t second_word(std::uint64_t fragment_offset,
                                                             std::uint64_t checksum_be,
                                                             std::uint64_t packet_octets) noexcept {
        static_assert(offsetof(PacketHeader, fragment_offset) == 8);
        static_assert(offsetof(PacketHeader, checksum_be) == 10);
        static_assert(offsetof(PacketHeader, packet_octets) == 12);
        return fragment_offset | checksum_be << 16U | packet_octets << 32U;
    }
    void write_header(PacketHeader &header, unsigned i, std::uint64_t first,
                      std::uint64_t second) const noexcept {
        static_assert(offsetof(PacketHeader, problem_pointer) == 16);
        static_assert(offsetof(PacketHeader, source_mac) == 18);
        // Each is stored on its own: put together in memory first, they would be waited for.
        auto *words = reinterpret_cast<std::uint8_t *>(&header);
        store(words, first);
        store(words + 8, second);
        store(words + 16, sources_[i] << 16U);
    }

private:
    static constexpr std::uint64_t kNotOrdinary =
        RTE_MBUF_F_RX_VLAN_STRIPPED | RTE_MBUF_F_RX_QINQ_STRIPPED;

    WordColumn destinations_{}; ///< MAC, and two octets more
    WordColumn sources_{};      ///< MAC, then the ethertype
    WordColumn frame_octets_{};
    WordColumn flags_{};
};

} // namespace dataplane
