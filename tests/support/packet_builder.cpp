// SPDX-License-Identifier: BSD-3-Clause
#include "support/packet_builder.hpp"

#include "mgm/address_class.hpp"

#include <algorithm>
#include <stdexcept>

namespace support {

namespace {

void put16(Octets &octets, unsigned value) {
    octets.push_back(static_cast<std::uint8_t>(value >> 8));
    octets.push_back(static_cast<std::uint8_t>(value));
}
void put(Octets &octets, const auto &range) {
    octets.insert(octets.end(), std::begin(range), std::end(range));
}
void set16(Octets &octets, std::size_t at, unsigned value) {
    octets[at] = static_cast<std::uint8_t>(value >> 8);
    octets[at + 1] = static_cast<std::uint8_t>(value);
}
mgm::IpAddress address(std::string_view text) {
    const auto parsed = mgm::IpAddress::parse(text);
    if (!parsed)
        throw std::invalid_argument("no address: " + std::string(text));
    return *parsed;
}

} // namespace

std::uint16_t internet_checksum(const Octets &octets) {
    std::uint32_t sum = 0;
    for (std::size_t i = 0; i < octets.size(); ++i)
        sum += i % 2 == 0 ? std::uint32_t{octets[i]} << 8 : octets[i];
    while (sum >> 16 != 0)
        sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<std::uint16_t>(~sum);
}

std::uint16_t ipv6_upper_checksum(const Octets &packet) {
    Octets summed(packet.begin() + 8, packet.begin() + 40);
    put16(summed, 0);
    put16(summed, static_cast<unsigned>(packet.size() - 40));
    put16(summed, 0);
    put16(summed, packet[6]);
    summed.insert(summed.end(), packet.begin() + 40, packet.end());
    return internet_checksum(summed);
}

mgm::MacAddress mac(std::string_view text) {
    const auto parsed = mgm::MacAddress::parse(text);
    if (!parsed)
        throw std::invalid_argument("no MAC address: " + std::string(text));
    return *parsed;
}

PacketBuilder::PacketBuilder(std::string_view source, std::string_view group)
    : source_(address(source)), group_(address(group)) {
    payload(std::size_t{26});
}

PacketBuilder &PacketBuilder::to_mac(std::string_view text) {
    to_ = mac(text);
    return *this;
}
PacketBuilder &PacketBuilder::from_mac(std::string_view text) {
    from_ = mac(text);
    return *this;
}
PacketBuilder &PacketBuilder::tag(std::uint16_t vlan, std::uint16_t ethertype) {
    tags_.emplace_back(ethertype, vlan);
    return *this;
}
PacketBuilder &PacketBuilder::ethertype(std::uint16_t value) {
    ethertype_ = value;
    return *this;
}
PacketBuilder &PacketBuilder::padding(std::size_t octets) {
    padding_ = octets;
    return *this;
}
PacketBuilder &PacketBuilder::version(unsigned value) {
    version_ = value;
    return *this;
}
PacketBuilder &PacketBuilder::ttl(unsigned value) {
    ttl_ = value;
    return *this;
}
PacketBuilder &PacketBuilder::traffic_class(unsigned value) {
    traffic_class_ = value;
    return *this;
}
PacketBuilder &PacketBuilder::protocol(unsigned value) {
    protocol_ = value;
    return *this;
}
PacketBuilder &PacketBuilder::length_field(unsigned value) {
    length_ = value;
    return *this;
}
PacketBuilder &PacketBuilder::payload(std::size_t octets) {
    payload_.resize(octets);
    for (std::size_t i = 0; i < octets; ++i)
        payload_[i] = static_cast<std::uint8_t>(i);
    return *this;
}
PacketBuilder &PacketBuilder::payload(Octets octets) {
    payload_ = std::move(octets);
    return *this;
}
PacketBuilder &PacketBuilder::ihl(unsigned value) {
    ihl_ = value;
    return *this;
}
PacketBuilder &PacketBuilder::identification(unsigned value) {
    identification_ = value;
    return *this;
}
PacketBuilder &PacketBuilder::dont_fragment() {
    fragment_ |= 0x4000;
    return *this;
}
PacketBuilder &PacketBuilder::more_fragments() {
    fragment_ |= 0x2000;
    return *this;
}
PacketBuilder &PacketBuilder::fragment_offset(unsigned units_of_8) {
    fragment_ = (fragment_ & 0xe000) | units_of_8;
    return *this;
}
PacketBuilder &PacketBuilder::options(Octets octets) {
    options_ = std::move(octets);
    return *this;
}
PacketBuilder &PacketBuilder::checksum(unsigned value) {
    checksum_ = value;
    return *this;
}
PacketBuilder &PacketBuilder::wrong_checksum() {
    wrong_checksum_ = true;
    return *this;
}
PacketBuilder &PacketBuilder::hop_by_hop(Octets octets) {
    octets.insert(octets.begin(), static_cast<std::uint8_t>((octets.size() + 2) / 8 - 1));
    return extension(0, std::move(octets));
}
PacketBuilder &PacketBuilder::extension(unsigned number, Octets header_without_next) {
    header_without_next.insert(header_without_next.begin(), static_cast<std::uint8_t>(protocol_));
    payload_.insert(payload_.begin(), header_without_next.begin(), header_without_next.end());
    protocol_ = number;
    return *this;
}

Octets PacketBuilder::ipv4_packet() const {
    const std::size_t header_octets = 20 + options_.size();
    Octets packet;
    packet.push_back(static_cast<std::uint8_t>(
        version_.value_or(4) << 4 | ihl_.value_or(static_cast<unsigned>(header_octets / 4))));
    packet.push_back(static_cast<std::uint8_t>(traffic_class_));
    put16(packet, length_.value_or(static_cast<unsigned>(header_octets + payload_.size())));
    put16(packet, identification_);
    put16(packet, fragment_);
    packet.push_back(static_cast<std::uint8_t>(ttl_));
    packet.push_back(static_cast<std::uint8_t>(protocol_));
    put16(packet, 0);
    const auto source = source_.octets(), group = group_.octets();
    packet.insert(packet.end(), source.begin(), source.begin() + 4);
    packet.insert(packet.end(), group.begin(), group.begin() + 4);
    put(packet, options_);
    const unsigned right = internet_checksum(packet);
    set16(packet, 10, checksum_.value_or(wrong_checksum_ ? right ^ 0x0100 : right));
    put(packet, payload_);
    return packet;
}

Octets PacketBuilder::ipv6_packet() const {
    Octets packet;
    packet.push_back(static_cast<std::uint8_t>(version_.value_or(6) << 4 | traffic_class_ >> 4));
    packet.push_back(static_cast<std::uint8_t>(traffic_class_ << 4 | 0x0a));
    put16(packet, 0xbcde); // with the 0x0a: the flow label
    put16(packet, length_.value_or(static_cast<unsigned>(payload_.size())));
    packet.push_back(static_cast<std::uint8_t>(protocol_));
    packet.push_back(static_cast<std::uint8_t>(ttl_));
    put(packet, source_.octets());
    put(packet, group_.octets());
    put(packet, payload_);
    return packet;
}

Octets PacketBuilder::build_packet() const {
    return group_.family() == mgm::Family::kIpv4 ? ipv4_packet() : ipv6_packet();
}

Octets PacketBuilder::build() const {
    const bool is_ipv4 = group_.family() == mgm::Family::kIpv4;
    Octets frame;
    put(frame,
        to_.value_or(is_ipv4 ? mgm::group_mac(group_.v4()) : mgm::group_mac(group_.v6())).octets);
    put(frame, from_.octets);
    for (const auto &[ethertype, vlan] : tags_) {
        put16(frame, ethertype);
        put16(frame, vlan);
    }
    put16(frame, ethertype_.value_or(is_ipv4 ? 0x0800 : 0x86dd));
    put(frame, build_packet());
    frame.insert(frame.end(), padding_, 0xee);
    return frame;
}

} // namespace support
