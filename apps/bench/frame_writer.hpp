// SPDX-License-Identifier: BSD-3-Clause
// Writes the frames of a Traffic into buffers. Inline: it is most of what a generator costs.
//
// Thread: whoever polls the ingress port.
#pragma once

#include "apps/bench/traffic.hpp"

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_memcpy.h>
#include <rte_prefetch.h>
#include <rte_udp.h>

#include <cstring>

namespace bench {

namespace frame_detail {

template <class T>
void put(std::uint8_t *at, const T &value) noexcept {
    std::memcpy(at, &value, sizeof value);
}

/// Group MAC octets 2..5 of 01:00:5e and the low 23 bits of the group (RFC 1112 6.4).
inline std::uint32_t ipv4_mac_tail(std::uint32_t group_be) noexcept {
    return (group_be & rte_cpu_to_be_32(0x007f'ffffU)) | rte_cpu_to_be_32(0x5e00'0000U);
}

inline void address(std::uint8_t *frame, const StreamItem4 &item) noexcept {
    std::uint8_t *ip = frame + RTE_ETHER_HDR_LEN;
    put(frame + 2, ipv4_mac_tail(item.group_be));
    static_assert(offsetof(StreamItem4, source_be) == 0 && offsetof(StreamItem4, group_be) == 4);
    std::memcpy(ip + offsetof(rte_ipv4_hdr, src_addr), &item, 8); // side by side here, too
    put(ip + offsetof(rte_ipv4_hdr, hdr_checksum), item.checksum_be);
}

inline void address(std::uint8_t *frame, const StreamItem6 &item) noexcept {
    std::uint8_t *ip = frame + RTE_ETHER_HDR_LEN;
    std::memcpy(frame + 2, &item.group[12], 4); // RFC 2464 7
    std::memcpy(ip + offsetof(rte_ipv6_hdr, src_addr), item.source.data(), item.source.size());
    std::memcpy(ip + offsetof(rte_ipv6_hdr, dst_addr), item.group.data(), item.group.size());
    put(ip + sizeof(rte_ipv6_hdr) + offsetof(rte_udp_hdr, dgram_cksum), item.checksum_be);
}

/// `size_of` gives an item's frame size. Returns how many octets the frames have.
template <class Item, class SizeOf>
std::uint64_t write_stream(rte_mbuf **frames, unsigned count, std::uint16_t port_id,
                           const Item *stream, std::size_t first, SizeOf &&size_of) noexcept {
    constexpr unsigned kItemsALine = RTE_CACHE_LINE_SIZE / sizeof(Item);
    constexpr std::size_t kOctetsAhead = 2048;
    constexpr std::size_t kMask = Traffic::kStreamLength - 1;
    std::uint64_t octets = 0;
    for (unsigned i = 0; i < count; ++i) {
        // Not past the second level: what is fetched as non-temporal is gone again when its turn
        // comes.
        if (i % kItemsALine == 0)
            rte_prefetch1(&stream[(first + i + kOctetsAhead / sizeof(Item)) & kMask]);
        const Item &item = stream[(first + i) & kMask];
        const Traffic::Size &size = size_of(item);
        rte_mbuf *frame = frames[i];
        auto *at = rte_pktmbuf_mtod(frame, std::uint8_t *);
        rte_mov64(at, size.head.data());
        address(at, item);
        frame->data_len = size.octets;
        frame->pkt_len = size.octets;
        frame->port = port_id;
        octets += size.octets;
    }
    return octets;
}

template <class Item>
std::uint64_t write_stream(rte_mbuf **frames, unsigned count, std::uint16_t port_id,
                           const std::vector<Traffic::Size> &sizes, const std::vector<Item> &stream,
                           std::size_t first) noexcept {
    if (sizes.size() == 1) { // the usual case: the head stays in registers
        const Traffic::Size only = sizes.front();
        return write_stream(frames, count, port_id, stream.data(), first,
                            [&only](const Item &) -> const Traffic::Size & { return only; });
    }
    return write_stream(
        frames, count, port_id, stream.data(), first,
        [all = sizes.data()](const Item &item) -> const Traffic::Size & { return all[item.size]; });
}

} // namespace frame_detail

/// The next `count` frames of the stream from item `first` on. Returns how many octets they have.
inline std::uint64_t write_frames(rte_mbuf **frames, unsigned count, std::uint16_t port_id,
                                  const Traffic &traffic, std::size_t first) noexcept {
    return traffic.family() == mgm::Family::kIpv4
               ? frame_detail::write_stream(frames, count, port_id, traffic.sizes(), traffic.ipv4(),
                                            first)
               : frame_detail::write_stream(frames, count, port_id, traffic.sizes(), traffic.ipv6(),
                                            first);
}

} // namespace bench
