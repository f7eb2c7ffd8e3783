// SPDX-License-Identifier: BSD-3-Clause
// Frames for tests, field by field. A builder describes a right packet; each call spoils or sets
// one thing. Checksums are computed here by a plain loop, not by the code under test.
//
//     ipv4("198.51.100.2", "239.255.3.7").ttl(9).payload(100).build()
#pragma once

#include "mgm/types.hpp"

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace support {

using Octets = std::vector<std::uint8_t>;

/// Ones' complement of the ones' complement sum, as RFC 791 and RFC 4443 want it.
std::uint16_t internet_checksum(const Octets &octets);
/// Of a whole ICMPv6 (or UDP, …) message behind an IPv6 header, pseudo-header included: 0 when
/// right.
std::uint16_t ipv6_upper_checksum(const Octets &packet);

mgm::MacAddress mac(std::string_view text);

class PacketBuilder {
public:
    PacketBuilder(std::string_view source, std::string_view group);

    // layer 2
    PacketBuilder &to_mac(std::string_view text);   ///< default: the group's
    PacketBuilder &from_mac(std::string_view text); ///< default: 02:aa:aa:aa:aa:aa
    PacketBuilder &tag(std::uint16_t vlan, std::uint16_t ethertype = 0x8100); ///< outermost first
    PacketBuilder &ethertype(std::uint16_t value);
    PacketBuilder &padding(std::size_t octets); ///< behind the IP packet, 0xee
    // both families
    PacketBuilder &version(unsigned value);
    PacketBuilder &ttl(unsigned value);
    PacketBuilder &traffic_class(unsigned value);
    PacketBuilder &protocol(unsigned value);
    PacketBuilder &length_field(unsigned value); ///< total length, or payload length
    PacketBuilder &payload(std::size_t octets);  ///< 0, 1, 2, …
    PacketBuilder &payload(Octets octets);
    // IPv4
    PacketBuilder &ihl(unsigned value);
    PacketBuilder &identification(unsigned value);
    PacketBuilder &dont_fragment();
    PacketBuilder &more_fragments();
    PacketBuilder &fragment_offset(unsigned units_of_8);
    PacketBuilder &options(Octets octets); ///< length a multiple of 4
    PacketBuilder &checksum(unsigned value);
    PacketBuilder &wrong_checksum();
    // IPv6
    /// A hop-by-hop header in front of the payload; `octets` fill it up to 8n - 2.
    PacketBuilder &hop_by_hop(Octets octets);
    /// Another extension header in front of what is there by now.
    PacketBuilder &extension(unsigned number, Octets header_without_next);

    [[nodiscard]] Octets build() const;        ///< the frame
    [[nodiscard]] Octets build_packet() const; ///< the IP packet alone
    [[nodiscard]] mgm::IpAddress group() const { return group_; }

private:
    [[nodiscard]] Octets ipv4_packet() const;
    [[nodiscard]] Octets ipv6_packet() const;

    mgm::IpAddress source_;
    mgm::IpAddress group_;
    std::optional<mgm::MacAddress> to_;
    mgm::MacAddress from_{{0x02, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa}};
    std::vector<std::pair<std::uint16_t, std::uint16_t>> tags_;
    std::optional<std::uint16_t> ethertype_;
    std::size_t padding_ = 0;
    std::optional<unsigned> version_, length_, ihl_, checksum_;
    unsigned ttl_ = 33, traffic_class_ = 0, protocol_ = 17, identification_ = 0x4d47;
    unsigned fragment_ = 0; ///< flags and offset as on the wire
    bool wrong_checksum_ = false;
    Octets options_;
    Octets payload_;
};

inline PacketBuilder ipv4(std::string_view source, std::string_view group) {
    return {source, group};
}
inline PacketBuilder ipv6(std::string_view source, std::string_view group) {
    return {source, group};
}

} // namespace support
