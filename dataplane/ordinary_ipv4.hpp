// SPDX-License-Identifier: BSD-3-Clause
// Which IPv4 frames of a burst are ordinary (ordinary.hpp), found for all of them abreast.
//
// Reads: burst.mbufs.  Writes: headers, octets, ipv4_flows.  Thread: one worker.
#pragma once

#include "dataplane/ordinary_ethernet.hpp"

#include <rte_byteorder.h>
#include <rte_ip.h>

namespace dataplane {

class OrdinaryIpv4 {
public:
    /// What the arrival interface makes of packets.
    struct Arrival {
        std::uint64_t own_mac = 0;                    ///< as mac_word() makes it
        std::array<mgm::Ipv4Address, 2> broadcasts{}; ///< of its networks; 0.0.0.0: none
    };

    OrdinaryIpv4(const Burst &burst, const Arrival &arrival) noexcept {
        ethernet_.read(burst, sizeof(rte_ipv4_hdr), [this](unsigned i, const std::uint8_t *ip) {
            version_to_fragment_[i] = load<std::uint64_t>(ip);
            ttl_to_source_[i] = load<std::uint64_t>(ip + offsetof(rte_ipv4_hdr, time_to_live));
            groups_[i] = load<std::uint32_t>(ip + offsetof(rte_ipv4_hdr, dst_addr));
        });
        judge(judged_size(burst), arrival);
    }

    /// Its source may still be one of our own addresses.
    [[nodiscard]] bool is_ordinary(unsigned i) const noexcept { return faults_[i] == 0; }
    [[nodiscard]] mgm::Ipv4Address source(unsigned i) const noexcept {
        return {static_cast<std::uint32_t>(ttl_to_source_[i] >> 32U)};
    }
    /// The columns of packet `i`, which is ordinary.
    void write(Burst &burst, unsigned i, std::uint32_t vrf) const noexcept {
        ethernet_.write_header(burst.headers[i], i, first_words_[i], second_words_[i]);
        burst.octets[i] = ethernet_.frame_octets(i);
        burst.ipv4_flows[i] = {source(i), {static_cast<std::uint32_t>(groups_[i])}, vrf};
    }

private:
    static constexpr std::uint64_t kEthertype = __builtin_bswap16(RTE_ETHER_TYPE_IPV4);
    static constexpr std::uint64_t kIgmp = 2;

    /// Of the sum over a header's 20 octets. It is not all zero, so neither is a right sum.
    [[nodiscard]] static std::uint64_t sum_fault(std::uint64_t first, std::uint64_t second,
                                                 std::uint64_t last) noexcept {
        std::uint64_t sum = (first & 0xffff'ffffU) + (first >> 32U) + (second & 0xffff'ffffU) +
                            (second >> 32U) + last;
        sum = (sum & 0xffffU) + (sum >> 16U & 0xffffU) + (sum >> 32U);
        sum = (sum & 0xffffU) + (sum >> 16U);
        return sum ^ 0xffffU;
    }

    // The words are as a little-endian machine loads them: the first octet is the lowest.
    void judge(unsigned end, const Arrival &arrival) noexcept {
        const std::uint64_t own_mac = arrival.own_mac;
        const std::uint64_t broadcast = arrival.broadcasts[0].be;
        const std::uint64_t other_broadcast = arrival.broadcasts[1].be;
        for (unsigned i = 0; i < end; ++i) {
            const std::uint64_t first = version_to_fragment_[i];
            const std::uint64_t second = ttl_to_source_[i];
            const std::uint64_t group = groups_[i];
            const std::uint64_t length = (first >> 24U & 0xffU) | (first >> 8U & 0xff00U);
            const std::uint64_t ttl = second & 0xffU;
            const std::uint64_t source = second >> 32U;
            const std::uint64_t source_octet = source & 0xffU;
            // group_mac_word()
            const std::uint64_t group_mac = ((group & 0xffff'7f00U) | 0x5eU) << 16U | 0x0001U;

            std::uint64_t faults = ethernet_.faults(i, kEthertype, own_mac, group_mac, length);
            faults |= (first & 0xffU) ^ RTE_IPV4_VHL_DEF;
            faults |= fault_if(length < sizeof(rte_ipv4_hdr));
            faults |= fault_if(ttl < 2);
            faults |= fault_if((second >> 8U & 0xffU) == kIgmp);
            faults |= (group & 0xf0U) ^ 0xe0U;                 // not 224/4
            faults |= fault_if((group & 0xff'ffffU) == 0xe0U); // 224.0.0/24
            faults |= fault_if(source_octet - 1U >= 223U);     // 0/8, 224/3
            faults |= fault_if(source_octet == 127U);          // 127/8
            faults |= fault_if((source & 0xffffU) == 0xfea9U); // 169.254/16
            faults |= fault_if(source == broadcast);
            faults |= fault_if(source == other_broadcast);
            const std::uint64_t checked = ethernet_.flags(i) & RTE_MBUF_F_RX_IP_CKSUM_MASK;
            const std::uint64_t wrong_sum = sum_fault(first, second, group);
            faults |= ethernet_.flags(i) & RTE_MBUF_F_RX_IP_CKSUM_BAD;
            faults |= checked == RTE_MBUF_F_RX_IP_CKSUM_GOOD ? 0 : wrong_sum;
            faults_[i] = faults;

            const std::uint64_t fragment = first >> 48U;
            first_words_[i] = OrdinaryEthernet::first_word(
                mgm::Family::kIpv4, ttl, fragment >> 6U & 1U, sizeof(rte_ipv4_hdr));
            second_words_[i] = OrdinaryEthernet::second_word(
                (fragment & 0x1fU) << 8U | fragment >> 8U, second >> 16U & 0xffffU, length);
        }
    }

    OrdinaryEthernet ethernet_;
    WordColumn version_to_fragment_{};
    WordColumn ttl_to_source_{};
    WordColumn groups_{};
    WordColumn faults_{};
    WordColumn first_words_{}; ///< of the PacketHeader
    WordColumn second_words_{};
};
static_assert(RTE_BYTE_ORDER == RTE_LITTLE_ENDIAN);

} // namespace dataplane
