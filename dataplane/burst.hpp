// SPDX-License-Identifier: BSD-3-Clause
// What the stages pass on: up to 32 frames as columns. Each stage says which columns it reads and
// which it writes.
//
// The burst owns its mbufs from receive() on, until settle() or until a program gives one away.
// Only programs write to a frame, and only to one that is nobody else's (may_rewrite(),
// replicate.hpp); everywhere else it may be shared (refcnt above 1, indirect), and what differs in
// a copy is written into the copy.
#pragma once

#include "mgm/flow_hash.hpp"
#include "mgm/flow_key.hpp"
#include "mgm/layout.hpp"
#include "mgm/verdict.hpp"

#include <array>
#include <cstdint>

struct rte_mbuf;

namespace dataplane {

/// What parse() learned from one frame's headers. Lengths in octets. Three words, which
/// ordinary.hpp writes as such.
struct PacketHeader {
    mgm::Family family{};
    std::uint8_t ttl{};   ///< TTL or hop limit as received
    bool dont_fragment{}; ///< IPv4 only
    std::uint8_t reserved{};
    std::uint16_t l3_offset{};       ///< of the IP header in the frame
    std::uint16_t header_octets{};   ///< IPv4: options included; IPv6: 40
    std::uint16_t fragment_offset{}; ///< IPv4, in units of 8 octets
    std::uint16_t checksum_be{};     ///< IPv4 header checksum as received
    std::uint32_t packet_octets{};   ///< of the IP packet, link-layer padding excluded
    std::uint16_t problem_pointer{}; ///< with kV6ParamProblem: where the option type stands in the
                                     ///< packet
    mgm::MacAddress source_mac{};
    friend bool operator==(const PacketHeader &, const PacketHeader &) = default;
};
static_assert(sizeof(PacketHeader) == 24);

struct Burst {
    static constexpr unsigned kCapacity = 32;
    template <class T>
    using Column = std::array<T, kCapacity>;

    std::uint16_t port_id{};
    unsigned size{};
    Column<rte_mbuf *> mbufs{}; ///< nullptr: given away to the ports, see replicate.hpp

    // parse
    Column<std::uint32_t> octets{}; ///< of the frame as it was on the wire, without FCS
    Column<mgm::IfSlot> iifs{};     ///< kNoSlot: no interface found
    Column<const mgm::InterfaceRecord *> arrivals{};
    Column<mgm::Verdict> verdicts{}; ///< kForwarded while the packet is still on its way
    Column<PacketHeader> headers{};
    Column<mgm::FlowKey<mgm::Family::kIpv4>> ipv4_flows{}; ///< valid by headers[i].family
    Column<mgm::FlowKey<mgm::Family::kIpv6>> ipv6_flows{};
    /// Every packet is of this family, by the one interface, and was on its way after parse; {}:
    /// they differ.
    mgm::Family family_of_all{};

    // lookup
    Column<mgm::HashPlace> places{}; ///< where the flows' entries may lie; with family_of_all only
    Column<mgm::MfeIndex> entries{}; ///< kNoMfe: none
    Column<const mgm::ForwardSet *> sets{}; ///< read once, so one packet never sees two of them
    Column<std::uint32_t> counting{};       ///< kTellsApart, kSecondBank: read with the set

    // replicate, flush
    Column<std::uint32_t> copies_sent{};
    Column<mgm::Verdict> last_losses{};  ///< kNoOif when no copy was lost for a reason that counts
    Column<std::uint16_t> too_big_for{}; ///< smallest IPv6 MTU exceeded, 0 = none
    bool is_all_sent{}; ///< family_of_all, and ports took every copy of every packet

    /// All packets as bits, the form in which parts of a burst are named.
    [[nodiscard]] std::uint32_t all_packets() const noexcept {
        return static_cast<std::uint32_t>((std::uint64_t{1} << size) - 1);
    }
    [[nodiscard]] bool is_on_its_way(unsigned i) const noexcept {
        return verdicts[i] == mgm::Verdict::kForwarded;
    }
    [[nodiscard]] bool is_ipv4(unsigned i) const noexcept {
        return headers[i].family == mgm::Family::kIpv4;
    }
    /// What later stages only write when they have something to say. The whole columns: their
    /// length is known, so it takes a few stores.
    void reset_outcomes() noexcept {
        copies_sent.fill(0);
        last_losses.fill(mgm::Verdict::kNoOif);
        too_big_for.fill(0);
        is_all_sent = false;
    }
    /// Between lookup and replicate: what stood at `from` stands at `to`.
    void move_packet(unsigned from, unsigned to) noexcept {
        mbufs[to] = mbufs[from];
        octets[to] = octets[from];
        iifs[to] = iifs[from];
        arrivals[to] = arrivals[from];
        verdicts[to] = verdicts[from];
        headers[to] = headers[from];
        ipv4_flows[to] = ipv4_flows[from];
        ipv6_flows[to] = ipv6_flows[from];
        entries[to] = entries[from];
        sets[to] = sets[from];
        counting[to] = counting[from];
    }
};

} // namespace dataplane
