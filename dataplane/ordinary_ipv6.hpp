// SPDX-License-Identifier: BSD-3-Clause
// Which IPv6 frames of a burst are ordinary (ordinary.hpp), found for all of them abreast.
//
// Reads: burst.mbufs.  Writes: headers, octets, ipv6_flows.  Thread: one worker.
#pragma once

#include "dataplane/ordinary_ethernet.hpp"

#include <rte_byteorder.h>
#include <rte_ip.h>

namespace dataplane {

class OrdinaryIpv6 {
public:
    /// What the arrival interface makes of packets.
    struct Arrival {
        std::uint64_t own_mac = 0; ///< as mac_word() makes it
    };

    OrdinaryIpv6(const Burst &burst, const Arrival &arrival) noexcept {
        ethernet_.read(burst, sizeof(rte_ipv6_hdr), [this](unsigned i, const std::uint8_t *ip) {
            version_to_hops_[i] = load<std::uint64_t>(ip);
            addresses_[i] = load<Addresses>(ip + offsetof(rte_ipv6_hdr, src_addr));
            source_networks_[i] = load<std::uint64_t>(ip + offsetof(rte_ipv6_hdr, src_addr));
            group_scopes_[i] = load<std::uint16_t>(ip + offsetof(rte_ipv6_hdr, dst_addr));
            group_ends_[i] = load<std::uint32_t>(ip + offsetof(rte_ipv6_hdr, dst_addr) + 12);
        });
        judge(judged_size(burst), arrival);
    }

    /// Its source may still be one of our own addresses.
    [[nodiscard]] bool is_ordinary(unsigned i) const noexcept { return faults_[i] == 0; }
    [[nodiscard]] const mgm::Ipv6Address &source(unsigned i) const noexcept {
        return addresses_[i].source;
    }
    /// The columns of packet `i`, which is ordinary.
    void write(Burst &burst, unsigned i, std::uint32_t vrf) const noexcept {
        ethernet_.write_header(burst.headers[i], i, first_words_[i], second_words_[i]);
        burst.octets[i] = ethernet_.frame_octets(i);
        burst.ipv6_flows[i] = {addresses_[i].source, addresses_[i].group, vrf};
    }

private:
    struct Addresses {
        mgm::Ipv6Address source, group;
    };
    static constexpr std::uint64_t kEthertype = __builtin_bswap16(RTE_ETHER_TYPE_IPV6);
    static constexpr std::uint64_t kHopByHop = 0;
    static constexpr std::uint64_t kIcmpv6 = 58;

    // The words are as a little-endian machine loads them: the first octet is the lowest.
    void judge(unsigned end, const Arrival &arrival) noexcept {
        const std::uint64_t own_mac = arrival.own_mac;
        for (unsigned i = 0; i < end; ++i) {
            const std::uint64_t first = version_to_hops_[i];
            const std::uint64_t payload = (first >> 40U & 0xffU) | (first >> 24U & 0xff00U);
            const std::uint64_t length = payload + sizeof(rte_ipv6_hdr);
            const std::uint64_t next = first >> 48U & 0xffU;
            const std::uint64_t hops = first >> 56U;
            const std::uint64_t network = source_networks_[i];
            const std::uint64_t group_mac = group_ends_[i] << 16U | 0x3333U; // group_mac_word()

            std::uint64_t faults = ethernet_.faults(i, kEthertype, own_mac, group_mac, length);
            faults |= (first & 0xf0U) ^ 0x60U;
            faults |= fault_if(payload == 0); // or a jumbogram
            faults |= fault_if(hops < 2);
            faults |= fault_if(next == kHopByHop);
            faults |= fault_if(next == kIcmpv6);
            faults |= (group_scopes_[i] & 0xffU) ^ 0xffU;            // not ff00::/8
            faults |= fault_if((group_scopes_[i] >> 8U & 0xfU) < 3); // scope
            faults |= fault_if(network == 0); // ::, ::1, mapped, and some that are usable
            faults |= fault_if((network & 0xffU) == 0xffU);
            faults |= fault_if((network & 0xc0ffU) == 0x80feU); // fe80::/10
            faults_[i] = faults;

            first_words_[i] =
                OrdinaryEthernet::first_word(mgm::Family::kIpv6, hops, 1, sizeof(rte_ipv6_hdr));
            second_words_[i] = OrdinaryEthernet::second_word(0, 0, length);
        }
    }

    OrdinaryEthernet ethernet_;
    WordColumn version_to_hops_{};
    WordColumn source_networks_{}; ///< the first eight octets
    WordColumn group_scopes_{};    ///< the first two octets
    WordColumn group_ends_{};      ///< the last four octets
    WordColumn faults_{};
    WordColumn first_words_{}; ///< of the PacketHeader
    WordColumn second_words_{};
    Burst::Column<Addresses> addresses_{};
};
static_assert(RTE_BYTE_ORDER == RTE_LITTLE_ENDIAN);

} // namespace dataplane
