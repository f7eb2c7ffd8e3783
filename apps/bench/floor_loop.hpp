// SPDX-License-Identifier: BSD-3-Clause
// The floor's loop: receive, look up, copy, send. A part of floor.cpp.
#pragma once

#include "apps/bench/floor.hpp"
#include "apps/bench/traffic.hpp"

#include <rte_byteorder.h>
#include <rte_ethdev.h>
#include <rte_hash.h>
#include <rte_ip.h>
#include <rte_mbuf.h>
#include <rte_memcpy.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

namespace bench {

namespace floor_detail {

inline constexpr unsigned kBurst = Ingress::kBurst;
/// Copies in flight stay inside a mempool's cache of 512.
inline constexpr unsigned kInFlight = 512;

template <mgm::Family F>
struct Key;
template <>
struct Key<mgm::Family::kIpv4> {
    std::uint32_t source, group;
    std::uint64_t vrf;
};
template <>
struct Key<mgm::Family::kIpv6> {
    std::array<std::uint8_t, 16> source, group;
    std::uint64_t vrf;
    std::uint64_t unused; ///< rte_hash compares 48 octets faster than 40
};

template <mgm::Family F>
Key<F> key_of(const mgm::IpAddress &source, const mgm::IpAddress &group) {
    if constexpr (F == mgm::Family::kIpv4)
        return {source.v4().be, group.v4().be, 0};
    else
        return {source.octets(), group.octets(), 0, 0};
}

/// `key` is all zero but for what another frame left there.
template <mgm::Family F>
void read_key(rte_mbuf *frame, Key<F> &key) noexcept {
    const auto *ip = rte_pktmbuf_mtod_offset(frame, const std::uint8_t *, RTE_ETHER_HDR_LEN);
    std::memcpy(&key,
                ip + (F == mgm::Family::kIpv4 ? offsetof(rte_ipv4_hdr, src_addr)
                                              : offsetof(rte_ipv6_hdr, src_addr)),
                offsetof(Key<F>, vrf)); // source and group lie side by side
}

/// One hop: TTL, checksum, source MAC.
template <mgm::Family F>
void rewrite(rte_mbuf *frame, const mgm::MacAddress &mac) noexcept {
    auto *ethernet = rte_pktmbuf_mtod(frame, std::uint8_t *);
    std::memcpy(ethernet + RTE_ETHER_ADDR_LEN, mac.octets.data(), mac.octets.size());
    if constexpr (F == mgm::Family::kIpv4) {
        auto *ip = reinterpret_cast<rte_ipv4_hdr *>(ethernet + RTE_ETHER_HDR_LEN);
        const std::uint32_t sum = ip->hdr_checksum + std::uint32_t{rte_cpu_to_be_16(0x0100)};
        ip->hdr_checksum = static_cast<std::uint16_t>(sum + (sum >= 0xffff ? 1U : 0U));
        --ip->time_to_live;
    } else {
        --reinterpret_cast<rte_ipv6_hdr *>(ethernet + RTE_ETHER_HDR_LEN)->hop_limits;
    }
}

} // namespace floor_detail

/// What a run keeps on its stack, so that the compiler knows it is nobody else's.
template <mgm::Family F>
class Floor::Loop {
public:
    Loop(const Floor &floor, bool is_shared) noexcept
        : floor_(floor),
          flush_at_(is_shared ? floor_detail::kBurst
                              : std::clamp(floor_detail::kInFlight / floor.scenario_.fan_out, 1U,
                                           floor_detail::kBurst)) {
        for (std::size_t k = 0; k < floor.ports_.size(); ++k) {
            macs_[k] = port_mac(floor.scenario_.mac_mode, k);
            batches_[k].port_id = floor.ports_[k];
        }
    }

    template <class Copy>
    void forward(const Ingress &ingress, Copy &&copy) noexcept {
        std::array<rte_mbuf *, floor_detail::kBurst> frames{};
        std::array<floor_detail::Key<F>, floor_detail::kBurst> keys{};
        std::array<const void *, floor_detail::kBurst> pointers{};
        std::array<const Olist *, floor_detail::kBurst> olists{};
        std::array<std::int32_t, floor_detail::kBurst> positions{};
        for (unsigned i = 0; i < floor_detail::kBurst; ++i)
            pointers[i] = &keys[i];
        while (const unsigned count = next_burst(ingress, frames)) {
            for (unsigned i = 0; i < count; ++i)
                floor_detail::read_key(frames[i], keys[i]);
            rte_hash_lookup_bulk(floor_.hash_.get(), pointers.data(), count, positions.data());
            for (unsigned i = 0; i < count; ++i) {
                olists[i] =
                    &floor_.routes_[static_cast<std::uint32_t>(std::max(positions[i], 0))].olist;
                rte_prefetch0(olists[i]);
            }
            for (unsigned i = 0; i < count; ++i)
                copy(frames[i], *olists[i]);
        }
        flush_all();
    }
    template <class Copy>
    void copy_only(const Ingress &ingress, Copy &&copy) noexcept {
        std::array<rte_mbuf *, floor_detail::kBurst> frames{};
        while (const unsigned count = next_burst(ingress, frames))
            for (unsigned i = 0; i < count; ++i)
                copy(frames[i], floor_.routes_[0].olist);
        flush_all();
    }
    void free_only(const Ingress &ingress) noexcept {
        std::array<rte_mbuf *, floor_detail::kBurst> frames{};
        while (const unsigned count = next_burst(ingress, frames))
            rte_pktmbuf_free_bulk(frames.data(), count);
    }

    // --- ways to copy; each takes the frame
    void share(rte_mbuf *frame, const Olist &olist) noexcept {
        if (olist.count == 1)
            return put(olist.ports[0], frame);
        rte_mbuf_refcnt_update(frame, static_cast<std::int16_t>(olist.count - 1));
        for (unsigned j = 0; j < olist.count; ++j)
            put(olist.ports[j], frame);
    }
    void share_rewritten(rte_mbuf *frame, const Olist &olist) noexcept {
        floor_detail::rewrite<F>(frame, macs_[0]);
        share(frame, olist);
    }
    /// Short frames as raw small mbufs, of which only the first line is written; long ones as such
    /// a head of 64 octets, chained to what is left of the frame.
    void copy_heads(rte_mbuf *frame, const Olist &olist) noexcept {
        const std::uint32_t octets = frame->pkt_len;
        const bool is_chained = octets > kSmallFrame;
        floor_detail::rewrite<F>(frame, macs_[olist.ports[0]]);
        copy_heads(frame, olist, octets, is_chained);
    }
    void copy_heads_unwritten(rte_mbuf *frame, const Olist &olist) noexcept {
        copy_heads(frame, olist, frame->pkt_len, frame->pkt_len > kSmallFrame);
    }
    void copy_flat(rte_mbuf *frame, const Olist &olist) noexcept {
        floor_detail::rewrite<F>(frame, macs_[olist.ports[0]]);
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before read
        std::array<rte_mbuf *, kMaxFanOut> copies;
        if (olist.count > 1 &&
            rte_pktmbuf_alloc_bulk(floor_.pools_.copies, copies.data(), olist.count - 1U) != 0)
            return rte_pktmbuf_free(frame);
        for (unsigned j = 1; j < olist.count; ++j) {
            rte_mbuf *copy = copies[j - 1];
            auto *to = rte_pktmbuf_mtod(copy, std::uint8_t *);
            rte_memcpy(to, rte_pktmbuf_mtod(frame, const void *), frame->data_len);
            copy->data_len = frame->data_len;
            copy->pkt_len = frame->pkt_len;
            set_mac(to, olist.ports[j]);
            put(olist.ports[j], copy);
        }
        put(olist.ports[0], frame);
    }
    void copy_clones(rte_mbuf *frame, const Olist &olist) noexcept {
        rte_ether_hdr ethernet{};
        std::memcpy(&ethernet, rte_pktmbuf_mtod(frame, const void *), sizeof ethernet);
        floor_detail::rewrite<F>(frame, macs_[0]);
        rte_pktmbuf_adj(frame, sizeof ethernet);
        for (unsigned j = 0; j < olist.count; ++j) {
            rte_mbuf *head = rte_pktmbuf_alloc(floor_.pools_.heads);
            rte_mbuf *rest =
                j + 1U < olist.count ? rte_pktmbuf_clone(frame, floor_.pools_.clones) : frame;
            if (head == nullptr || rest == nullptr) {
                rte_pktmbuf_free(head);
                rte_pktmbuf_free(rest);
                continue;
            }
            auto *to = reinterpret_cast<std::uint8_t *>(rte_pktmbuf_append(head, sizeof ethernet));
            std::memcpy(to, &ethernet, sizeof ethernet);
            set_mac(to, olist.ports[j]);
            head->next = rest;
            head->nb_segs = static_cast<std::uint16_t>(rest->nb_segs + 1);
            head->pkt_len += rest->pkt_len;
            put(olist.ports[j], head);
        }
    }

private:
    struct alignas(64) Batch {
        unsigned count = 0;
        std::uint16_t port_id = 0;
        std::array<rte_mbuf *, floor_detail::kBurst> frames{};
    };

    /// 0: the trial is over.
    unsigned next_burst(const Ingress &ingress,
                        std::array<rte_mbuf *, floor_detail::kBurst> &frames) noexcept {
        for (;;) {
            const unsigned count =
                rte_eth_rx_burst(floor_.ingress_port_, 0, frames.data(), floor_detail::kBurst);
            if (count != 0 || ingress.is_over()) [[likely]]
                return count;
        }
    }
    void set_mac(std::uint8_t *frame, std::uint16_t port) const noexcept {
        std::memcpy(frame + RTE_ETHER_ADDR_LEN, macs_[port].octets.data(), RTE_ETHER_ADDR_LEN);
    }
    void copy_heads(rte_mbuf *frame, const Olist &olist, std::uint32_t octets,
                    bool is_chained) noexcept {
        const unsigned first = is_chained ? 0 : 1; // a short frame goes to the first port itself
        const unsigned wanted = olist.count - first;
        // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before read
        std::array<rte_mbuf *, kMaxFanOut> heads;
        if (wanted != 0 &&
            rte_mempool_get_bulk(floor_.pools_.heads, reinterpret_cast<void **>(heads.data()),
                                 wanted) != 0)
            return rte_pktmbuf_free(frame);
        const auto *from = rte_pktmbuf_mtod(frame, const std::uint8_t *);
        const std::uint16_t copied = is_chained ? static_cast<std::uint16_t>(kHeadOctets)
                                                : static_cast<std::uint16_t>(octets);
        if (is_chained) { // before the first port frees its part
            rte_pktmbuf_adj(frame, kHeadOctets);
            if (olist.count > 1)
                rte_mbuf_refcnt_update(frame, static_cast<std::int16_t>(olist.count - 1));
        }
        for (unsigned j = first; j < olist.count; ++j) {
            rte_mbuf *head = heads[j - first];
            auto *to = static_cast<std::uint8_t *>(head->buf_addr) + RTE_PKTMBUF_HEADROOM;
            for (unsigned at = 0; at < copied; at += kHeadOctets)
                rte_mov64(to + at, from + at);
            set_mac(to, olist.ports[j]);
            write_fields(head, copied, octets, is_chained);
            if (is_chained)
                head->next = frame;
            put(olist.ports[j], head);
        }
        if (!is_chained)
            put(olist.ports[0], frame);
    }
    /// An mbuf as it lies in its pool has no next; offset, references, segments and port are one
    /// word.
    static void write_fields(rte_mbuf *head, std::uint16_t data_octets, std::uint32_t octets,
                             bool is_chained) noexcept {
        const std::uint64_t rearm = std::uint64_t{RTE_PKTMBUF_HEADROOM} | std::uint64_t{1} << 16U |
                                    (is_chained ? std::uint64_t{2} : std::uint64_t{1}) << 32U |
                                    std::uint64_t{RTE_MBUF_PORT_INVALID} << 48U;
        std::memcpy(&head->rearm_data, &rearm, sizeof rearm);
        head->ol_flags = 0;
        head->pkt_len = octets;
        head->data_len = data_octets;
    }

    void put(std::uint16_t port, rte_mbuf *frame) noexcept {
        Batch &batch = batches_[port];
        const unsigned count = batch.count;
        batch.frames[count] = frame;
        batch.count = count + 1;
        if (count + 1 >= flush_at_)
            flush(batch);
    }
    static void flush(Batch &batch) noexcept {
        const std::uint16_t sent = rte_eth_tx_burst(batch.port_id, 0, batch.frames.data(),
                                                    static_cast<std::uint16_t>(batch.count));
        if (sent < batch.count) [[unlikely]]
            rte_pktmbuf_free_bulk(batch.frames.data() + sent, batch.count - sent);
        batch.count = 0;
    }
    void flush_all() noexcept {
        for (Batch &batch : batches_)
            if (batch.count != 0)
                flush(batch);
    }

    const Floor &floor_;
    unsigned flush_at_;
    std::array<mgm::MacAddress, kMaxFanOut> macs_;
    std::array<Batch, kMaxFanOut> batches_;
};

} // namespace bench
