// SPDX-License-Identifier: BSD-3-Clause
// Stage 2, the short way: recognises in a few compares the frames that every check of parse.hpp
// lets through. What it does not recognise goes the long way, which alone says why a frame is
// refused; so all that matters here is that nothing is accepted which the long way would not
// accept, with the same columns.
//
// Ordinary: untagged, in one piece to the end of the IP header, to the group's own MAC; IPv4
// without options or IPv6 without extension headers in front; no octets behind the packet; an
// arrival interface that is up and has no boundaries. Reads: burst.mbufs, own addresses.  Writes:
// what parse.hpp writes.  Thread: one worker.
#pragma once

#include "dataplane/all_hold.hpp"
#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/ethernet.hpp"
#include "dataplane/frame_view.hpp"
#include "dataplane/ipv4_header.hpp"
#include "dataplane/ipv6_header.hpp"
#include "mgm/address_class.hpp"

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace dataplane {

class OrdinaryFrames {
public:
    /// Of one burst: frames of one port.
    OrdinaryFrames(const Context &context, std::uint16_t port_id) noexcept
        : tables_(context.tables),
          slot_(context.tables.slot_of(port_id, 0)),
          arrival_(slot_ == mgm::kNoSlot ? nullptr : context.tables.interface(slot_)) {
        if (arrival_ == nullptr)
            return;
        own_mac_ = mac_word(arrival_->mac);
        vrf_ = arrival_->vrf;
        own_ipv4_ = tables_.own_addresses<mgm::Family::kIpv4>();
        own_ipv6_ = tables_.own_addresses<mgm::Family::kIpv6>();
        const bool is_open = arrival_->state == mgm::LinkState::kUp;
        takes_ipv4_ = is_open && arrival_->ipv4_boundary_count == 0;
        const std::span nets(arrival_->ipv4_addresses(), arrival_->ipv4_count);
        has_few_nets_ = nets.size() <= broadcasts_.size();
        for (std::size_t k = 0; k < nets.size() && has_few_nets_; ++k)
            broadcasts_[k] = broadcast_of(nets[k]).value_or(mgm::Ipv4Address{});
        takes_ipv6_ = is_open && arrival_->ipv6_boundary_count == 0 && arrival_->scope_boundary < 3;
    }

    /// False: the frame goes the long way; of the columns only what that writes, too, was written.
    [[nodiscard]] bool accept(Burst &burst, unsigned i) const noexcept {
        const rte_mbuf &frame = *burst.mbufs[i];
        const auto *octets = rte_pktmbuf_mtod(&frame, const std::uint8_t *);
        if ((frame.ol_flags & kNotOrdinary) != 0 || frame.data_len < kLeastOctets) [[unlikely]]
            return false;
        const auto source = load<std::uint64_t>(octets + kSourceMacOffset); // and the ethertype
        if ((source & 1U) != 0 || (source & kMacBits) == own_mac_) [[unlikely]]
            return false;
        const auto ethertype = static_cast<std::uint16_t>(source >> 48U);
        bool is_accepted = false;
        if (ethertype == kIpv4Ethertype)
            is_accepted = takes_ipv4_ && accept_ipv4(burst, i, frame, octets);
        else if (ethertype == kIpv6Ethertype)
            is_accepted = takes_ipv6_ && accept_ipv6(burst, i, frame, octets);
        if (!is_accepted) [[unlikely]]
            return false;
        burst.iifs[i] = slot_;
        burst.arrivals[i] = arrival_;
        burst.octets[i] = rte_pktmbuf_pkt_len(&frame);
        std::memcpy(burst.headers[i].source_mac.octets.data(), &source, RTE_ETHER_ADDR_LEN);
        burst.verdicts[i] = mgm::Verdict::kForwarded;
        return true;
    }

private:
    static constexpr std::uint16_t kIpv4Ethertype = __builtin_bswap16(RTE_ETHER_TYPE_IPV4);
    static constexpr std::uint16_t kIpv6Ethertype = __builtin_bswap16(RTE_ETHER_TYPE_IPV6);
    static constexpr std::uint16_t kLeastOctets = RTE_ETHER_HDR_LEN + sizeof(rte_ipv6_hdr);
    static constexpr std::uint64_t kNotOrdinary =
        RTE_MBUF_F_RX_VLAN_STRIPPED | RTE_MBUF_F_RX_QINQ_STRIPPED | RTE_MBUF_F_RX_IP_CKSUM_BAD;

    [[nodiscard]] static bool is_to(const std::uint8_t *octets, std::uint64_t mac) noexcept {
        return (load<std::uint64_t>(octets) & kMacBits) == mac;
    }

    [[nodiscard]] bool accept_ipv4(Burst &burst, unsigned i, const rte_mbuf &frame,
                                   const std::uint8_t *octets) const noexcept {
        const std::uint8_t *ip = octets + RTE_ETHER_HDR_LEN;
        const mgm::Ipv4Address source{load<std::uint32_t>(ip + offsetof(rte_ipv4_hdr, src_addr))};
        const mgm::Ipv4Address group{load<std::uint32_t>(ip + offsetof(rte_ipv4_hdr, dst_addr))};
        const std::uint32_t length =
            rte_be_to_cpu_16(load<std::uint16_t>(ip + offsetof(rte_ipv4_hdr, total_length)));
        const auto ttl_word = load<std::uint16_t>(ip + offsetof(rte_ipv4_hdr, time_to_live));
        const auto ttl = static_cast<std::uint8_t>(ttl_word);
        const bool is_ordinary =
            all_hold(ip[0] == RTE_IPV4_VHL_DEF, length >= sizeof(rte_ipv4_hdr),
                     length + RTE_ETHER_HDR_LEN == rte_pktmbuf_pkt_len(&frame), ttl > 1,
                     ttl_word >> 8U != kProtocolIgmp, mgm::is_forwardable_group(group),
                     is_to(octets, group_mac_word(group)), is_ordinary_source(source));
        if (!is_ordinary || !has_good_sum(frame, ip) ||
            tables_.is_own_address<mgm::Family::kIpv4>(own_ipv4_, vrf_, source) ||
            is_broadcast(source)) [[unlikely]]
            return false;
        const std::uint16_t fragment =
            rte_be_to_cpu_16(load<std::uint16_t>(ip + offsetof(rte_ipv4_hdr, fragment_offset)));
        PacketHeader &packet = burst.headers[i];
        packet.family = mgm::Family::kIpv4;
        packet.ttl = ttl;
        packet.dont_fragment = (fragment & RTE_IPV4_HDR_DF_FLAG) != 0;
        packet.l3_offset = RTE_ETHER_HDR_LEN;
        packet.header_octets = sizeof(rte_ipv4_hdr);
        packet.fragment_offset = fragment & RTE_IPV4_HDR_OFFSET_MASK;
        packet.checksum_be = load<std::uint16_t>(ip + offsetof(rte_ipv4_hdr, hdr_checksum));
        packet.packet_octets = length;
        burst.ipv4_flows[i] = {source, group, vrf_};
        return true;
    }

    /// kUsable of classify_source() without branches.
    [[nodiscard]] static bool is_ordinary_source(mgm::Ipv4Address source) noexcept {
        const std::uint32_t host = mgm::to_host(source);
        const std::uint32_t first = host >> 24U;
        return all_hold(first - 1 < 223, first != 127, host >> 16U != 0xa9fe);
    }
    /// is_subnet_broadcast() for an interface with few addresses; 0.0.0.0 is no ordinary source.
    [[nodiscard]] bool is_broadcast(mgm::Ipv4Address source) const noexcept {
        if (!has_few_nets_) [[unlikely]]
            return is_subnet_broadcast(*arrival_, source);
        return !all_hold(source != broadcasts_[0], source != broadcasts_[1]);
    }
    /// Over the 20 octets of a header without options.
    [[nodiscard]] static bool has_good_sum(const rte_mbuf &frame,
                                           const std::uint8_t *header) noexcept {
        if ((frame.ol_flags & RTE_MBUF_F_RX_IP_CKSUM_MASK) == RTE_MBUF_F_RX_IP_CKSUM_GOOD)
            return true;
        const auto second = load<std::uint64_t>(header + 8);
        std::uint64_t sum = load<std::uint64_t>(header) + second;
        sum += sum < second ? 1U : 0U;
        sum = (sum & 0xffff'ffffU) + (sum >> 32U) + load<std::uint32_t>(header + 16);
        sum = (sum & 0xffff'ffffU) + (sum >> 32U);
        sum = (sum & 0xffffU) + (sum >> 16U);
        sum = (sum & 0xffffU) + (sum >> 16U);
        return (sum & 0xffffU) + (sum >> 16U) == 0xffff;
    }

    // Out of line, and a call for each IPv6 packet: its registers would be missing above.
    [[nodiscard, gnu::noinline]] bool accept_ipv6(Burst &burst, unsigned i, const rte_mbuf &frame,
                                                  const std::uint8_t *octets) const noexcept {
        const std::uint8_t *ip = octets + RTE_ETHER_HDR_LEN;
        const auto source = load<mgm::Ipv6Address>(ip + offsetof(rte_ipv6_hdr, src_addr));
        const auto group = load<mgm::Ipv6Address>(ip + offsetof(rte_ipv6_hdr, dst_addr));
        const std::uint32_t payload =
            rte_be_to_cpu_16(load<std::uint16_t>(ip + offsetof(rte_ipv6_hdr, payload_len)));
        const std::uint8_t next = ip[offsetof(rte_ipv6_hdr, proto)];
        const std::uint8_t hops = ip[offsetof(rte_ipv6_hdr, hop_limits)];
        const bool is_ordinary = all_hold(
            ip[0] >> 4U == 6, payload != 0, payload + kLeastOctets == rte_pktmbuf_pkt_len(&frame),
            hops > 1, next != kNextHopByHop, next != kNextIcmpv6, mgm::is_forwardable_group(group),
            is_to(octets, group_mac_word(group)),
            mgm::classify_source(source) == mgm::SourceClass::kUsable);
        if (!is_ordinary || tables_.is_own_address<mgm::Family::kIpv6>(own_ipv6_, vrf_, source))
            [[unlikely]]
            return false;
        PacketHeader &packet = burst.headers[i];
        packet.family = mgm::Family::kIpv6;
        packet.ttl = hops;
        packet.dont_fragment = true;
        packet.l3_offset = RTE_ETHER_HDR_LEN;
        packet.header_octets = kIpv6Header;
        packet.packet_octets = kIpv6Header + payload;
        burst.ipv6_flows[i] = {source, group, vrf_};
        return true;
    }

    mgm::Tables tables_;
    mgm::IfSlot slot_;
    const mgm::InterfaceRecord *arrival_;
    const mgm::OwnAddresses *own_ipv4_ = nullptr;
    const mgm::OwnAddresses *own_ipv6_ = nullptr;
    std::uint32_t vrf_ = 0;
    std::uint64_t own_mac_ = 0;
    std::array<mgm::Ipv4Address, 2> broadcasts_{}; ///< of the arrival interface's networks
    bool has_few_nets_ = false;
    bool takes_ipv4_ = false;
    bool takes_ipv6_ = false;
};

} // namespace dataplane
