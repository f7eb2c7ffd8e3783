// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/stamp.hpp"

#include "apps/bench/crc.hpp"

#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_udp.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace bench {

namespace {

constexpr std::uint16_t kCheckedMagic = 0x6d67;
constexpr std::uint16_t kTimedMagic = 0x6d74;
constexpr std::size_t kCrcAt = 14;
constexpr std::size_t kEthertypeAt = 2UL * RTE_ETHER_ADDR_LEN;
constexpr std::size_t kIpAt = RTE_ETHER_HDR_LEN;

constexpr std::size_t udp_at(mgm::Family family) noexcept {
    return stamp_offset(family) - sizeof(rte_udp_hdr);
}

template <class T>
T get(const std::uint8_t *at) noexcept {
    T value{};
    std::memcpy(&value, at, sizeof value);
    return value;
}

template <class T>
void put(std::uint8_t *at, const T &value) noexcept {
    std::memcpy(at, &value, sizeof value);
}

void put_stamp(std::uint8_t *at, std::uint16_t magic, const Stamp &stamp) noexcept {
    put(at, magic);
    put(at + 2, stamp.sequence);
    put(at + 6, (stamp.flow & 0xff'ffffULL) | (stamp.time & kTimeMask) << 24U);
}

Stamp get_stamp(const std::uint8_t *at) noexcept {
    const auto word = get<std::uint64_t>(at + 6);
    return {static_cast<std::uint32_t>(word & 0xff'ffffU), get<std::uint32_t>(at + 2), word >> 24U};
}

/// Of everything behind the MACs but the UDP checksum, which covers the CRC, and the CRC itself.
std::uint32_t crc_of(FrameOctets header, FrameOctets frame, mgm::Family family) noexcept {
    const auto add = [](std::uint32_t crc, FrameOctets octets) {
        return crc32c(octets.data(), static_cast<std::uint32_t>(octets.size()), crc);
    };
    const std::size_t checksum_at = udp_at(family) + offsetof(rte_udp_hdr, dgram_cksum);
    const std::size_t crc_at = stamp_offset(family) + kCrcAt;
    std::uint32_t crc = add(static_cast<std::uint32_t>(frame.size()), header);
    crc = add(crc, frame.subspan(udp_at(family), checksum_at - udp_at(family)));
    crc = add(crc, frame.subspan(checksum_at + 2, crc_at - checksum_at - 2));
    return add(crc, frame.subspan(crc_at + sizeof crc));
}

/// Ethertype and IP header.
using Header = std::array<std::uint8_t, 2 + sizeof(rte_ipv6_hdr)>;

std::size_t header_octets(mgm::Family family) noexcept {
    return udp_at(family) - kEthertypeAt;
}

/// As the next hop must see it. The checksum is computed anew, not updated as a router does.
Header next_header(FrameOctets frame, mgm::Family family) noexcept {
    Header header{};
    std::memcpy(header.data(), frame.data() + kEthertypeAt, header_octets(family));
    std::uint8_t *ip = header.data() + 2;
    if (family == mgm::Family::kIpv6) {
        --ip[offsetof(rte_ipv6_hdr, hop_limits)];
        return header;
    }
    auto ipv4 = get<rte_ipv4_hdr>(ip);
    --ipv4.time_to_live;
    ipv4.hdr_checksum = 0;
    ipv4.hdr_checksum = rte_ipv4_cksum(&ipv4);
    put(ip, ipv4);
    return header;
}

/// One step of SplitMix64.
std::uint64_t mix(std::uint64_t x) noexcept {
    x += 0x9e37'79b9'7f4a'7c15U;
    x = (x ^ (x >> 30U)) * 0xbf58'476d'1ce4'e5b9U;
    x = (x ^ (x >> 27U)) * 0x94d0'49bb'1331'11ebU;
    return x ^ (x >> 31U);
}

void fill(std::span<std::uint8_t> payload, const Stamp &stamp) noexcept {
    std::uint64_t word = mix(std::uint64_t{stamp.flow} << 32U | stamp.sequence);
    while (!payload.empty()) {
        const std::size_t count = std::min(payload.size(), sizeof word);
        std::memcpy(payload.data(), &word, count);
        payload = payload.subspan(count);
        word = mix(word);
    }
}

bool has_right_macs(FrameOctets frame, mgm::Family family, const mgm::MacAddress &source) noexcept {
    std::array<std::uint8_t, 2UL * RTE_ETHER_ADDR_LEN> wanted{};
    const std::uint8_t *ip = frame.data() + kIpAt;
    if (family == mgm::Family::kIpv4) {
        const std::uint8_t *group = ip + offsetof(rte_ipv4_hdr, dst_addr);
        wanted = {0x01, 0, 0x5e, static_cast<std::uint8_t>(group[1] & 0x7fU), group[2], group[3]};
    } else {
        const std::uint8_t *group = ip + offsetof(rte_ipv6_hdr, dst_addr);
        wanted = {0x33, 0x33, group[12], group[13], group[14], group[15]};
    }
    std::copy(source.octets.begin(), source.octets.end(), wanted.begin() + RTE_ETHER_ADDR_LEN);
    return std::equal(wanted.begin(), wanted.end(), frame.begin());
}

/// IPv4: none, as it was sent.
bool has_right_udp_checksum(FrameOctets frame, mgm::Family family) noexcept {
    const std::uint8_t *udp = frame.data() + udp_at(family);
    if (family == mgm::Family::kIpv4)
        return get<std::uint16_t>(udp + offsetof(rte_udp_hdr, dgram_cksum)) == 0;
    const auto ip = get<rte_ipv6_hdr>(frame.data() + kIpAt);
    return rte_be_to_cpu_16(ip.payload_len) == frame.size() - udp_at(family) &&
           rte_ipv6_udptcp_cksum(&ip, udp) == 0xffff; // over a right one, too
}

} // namespace

void write_checked_stamp(std::span<std::uint8_t> frame, mgm::Family family, const Stamp &stamp) {
    const std::size_t at = stamp_offset(family);
    fill(frame.subspan(at + kStampOctets), stamp);
    put_stamp(frame.data() + at, kCheckedMagic, stamp);
    const Header header = next_header(frame, family);
    put(frame.data() + at + kCrcAt,
        crc_of(FrameOctets(header).first(header_octets(family)), frame, family));
    if (family == mgm::Family::kIpv4)
        return;
    std::uint8_t *checksum = frame.data() + udp_at(family) + offsetof(rte_udp_hdr, dgram_cksum);
    put(checksum, std::uint16_t{0});
    const auto ip = get<rte_ipv6_hdr>(frame.data() + kIpAt);
    put(checksum, rte_ipv6_udptcp_cksum(&ip, frame.data() + udp_at(family)));
}

void write_timed_stamp(std::uint8_t *payload, const Stamp &stamp) noexcept {
    put_stamp(payload, kTimedMagic, stamp);
}

std::optional<Stamp> read_timed_stamp(const std::uint8_t *payload) noexcept {
    if (get<std::uint16_t>(payload) != kTimedMagic)
        return std::nullopt;
    return get_stamp(payload);
}

std::optional<Stamp> read_timed_stamp(const rte_mbuf &frame, std::uint32_t offset) noexcept {
    std::array<std::uint8_t, kStampOctets> gathered{};
    const auto *payload = static_cast<const std::uint8_t *>(
        rte_pktmbuf_read(&frame, offset, kStampOctets, gathered.data()));
    return payload == nullptr ? std::nullopt : read_timed_stamp(payload);
}

std::optional<Stamp> read_checked_stamp(FrameOctets frame, mgm::Family family) noexcept {
    const std::size_t at = stamp_offset(family);
    if (frame.size() < at + kStampOctets || get<std::uint16_t>(&frame[at]) != kCheckedMagic)
        return std::nullopt;
    return get_stamp(&frame[at]);
}

bool is_intact(FrameOctets frame, mgm::Family family, const mgm::MacAddress &source) {
    const std::size_t at = stamp_offset(family);
    return frame.size() >= at + kStampOctets && has_right_macs(frame, family, source) &&
           has_right_udp_checksum(frame, family) &&
           crc_of(frame.subspan(kEthertypeAt, header_octets(family)), frame, family) ==
               get<std::uint32_t>(&frame[at + kCrcAt]);
}

} // namespace bench
