// SPDX-License-Identifier: BSD-3-Clause
// Layer 2 of a received frame: addresses, VLAN tags, where layer 3 begins; and of a frame that we
// send.
#pragma once

#include "dataplane/frame_view.hpp"
#include "mgm/types.hpp"
#include "mgm/verdict.hpp"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace dataplane {

inline constexpr std::size_t kSourceMacOffset = RTE_ETHER_ADDR_LEN;
inline constexpr std::size_t kEthertypeOffset = 12;

/// A MAC in the first 48 bits of a word, as eight octets of a frame are loaded.
static_assert(std::endian::native == std::endian::little);
inline constexpr std::uint64_t kMacBits = (std::uint64_t{1} << 48U) - 1;
[[nodiscard]] inline std::uint64_t mac_word(const mgm::MacAddress &mac) noexcept {
    std::uint64_t word = 0;
    std::memcpy(&word, mac.octets.data(), mac.octets.size());
    return word;
}
/// mac_word(mgm::group_mac(group)) in three operations.
[[nodiscard]] inline std::uint64_t group_mac_word(mgm::Ipv4Address group) noexcept {
    return std::uint64_t{(group.be & 0xffff'7f00U) | 0x5eU} << 16U | 0x0001U;
}
[[nodiscard]] inline std::uint64_t group_mac_word(const mgm::Ipv6Address &group) noexcept {
    return std::uint64_t{load<std::uint32_t>(&group.octets[12])} << 16U | 0x3333U;
}

struct EthernetHeader {
    mgm::MacAddress destination;
    mgm::MacAddress source;
    std::uint16_t vlan = 0; ///< outermost VLAN id, 0 = untagged or priority-tagged
    std::uint16_t ethertype = 0;
    std::uint16_t l3_offset = 0;
};

[[nodiscard]] constexpr bool is_tag(std::uint16_t ethertype) noexcept {
    return ethertype == RTE_ETHER_TYPE_VLAN || ethertype == RTE_ETHER_TYPE_QINQ ||
           ethertype == RTE_ETHER_TYPE_QINQ1;
}

inline constexpr std::uint16_t kVlanIdMask = 0x0fff;

/// kErrShort, kVlanStacked or kForwarded. Fills `header` as far as the frame goes: `vlan` is also
/// right in a stacked frame, for the row it counts in. A tag that the port has taken off is one tag
/// all the same.
[[nodiscard]] inline mgm::Verdict read_ethernet(const rte_mbuf &frame,
                                                EthernetHeader &header) noexcept {
    const bool stripped = (frame.ol_flags & RTE_MBUF_F_RX_VLAN_STRIPPED) != 0;
    if (stripped)
        header.vlan = frame.vlan_tci & kVlanIdMask;
    std::array<std::uint8_t, RTE_ETHER_HDR_LEN> scratch{};
    const std::uint8_t *octets = view(frame, 0, RTE_ETHER_HDR_LEN, scratch.data());
    if (octets == nullptr)
        return mgm::Verdict::kErrShort;
    header.destination = load<mgm::MacAddress>(octets);
    header.source = load<mgm::MacAddress>(octets + kSourceMacOffset);
    header.ethertype = rte_be_to_cpu_16(load<std::uint16_t>(octets + kEthertypeOffset));
    header.l3_offset = RTE_ETHER_HDR_LEN;
    if ((frame.ol_flags & RTE_MBUF_F_RX_QINQ_STRIPPED) != 0)
        return mgm::Verdict::kVlanStacked;
    if (!is_tag(header.ethertype))
        return mgm::Verdict::kForwarded;
    if (stripped)
        return mgm::Verdict::kVlanStacked;

    const std::uint8_t *tag = view(frame, RTE_ETHER_HDR_LEN, RTE_VLAN_HLEN, scratch.data());
    if (tag == nullptr)
        return mgm::Verdict::kErrShort;
    header.vlan = rte_be_to_cpu_16(load<std::uint16_t>(tag)) & kVlanIdMask;
    if (header.ethertype != RTE_ETHER_TYPE_VLAN) // a service tag announces a stack
        return mgm::Verdict::kVlanStacked;
    header.ethertype = rte_be_to_cpu_16(load<std::uint16_t>(tag + 2));
    header.l3_offset = RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN;
    return is_tag(header.ethertype) ? mgm::Verdict::kVlanStacked : mgm::Verdict::kForwarded;
}

/// Layer 2 header of a frame that we send, ready to be copied in front of a packet.
struct EthernetPrefix {
    std::array<std::uint8_t, RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN> octets;
    std::uint16_t length;
};

/// `vlan` 0 makes an untagged frame.
[[nodiscard]] inline EthernetPrefix make_prefix(const mgm::MacAddress &destination,
                                                const mgm::MacAddress &source, std::uint16_t vlan,
                                                mgm::Family family) noexcept {
    EthernetPrefix prefix{};
    std::uint8_t *at = prefix.octets.data();
    store(at, destination);
    store(at + kSourceMacOffset, source);
    at += kEthertypeOffset;
    if (vlan != 0) {
        store(at, rte_cpu_to_be_16(RTE_ETHER_TYPE_VLAN));
        store(at + 2, rte_cpu_to_be_16(vlan));
        at += RTE_VLAN_HLEN;
    }
    const std::uint16_t ethertype =
        family == mgm::Family::kIpv4 ? RTE_ETHER_TYPE_IPV4 : RTE_ETHER_TYPE_IPV6;
    store(at, rte_cpu_to_be_16(ethertype));
    prefix.length = vlan != 0 ? RTE_ETHER_HDR_LEN + RTE_VLAN_HLEN : RTE_ETHER_HDR_LEN;
    return prefix;
}

} // namespace dataplane
