// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/port_by_port.hpp"

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <bit>

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

namespace dataplane {

namespace {

/// Those of `frames` whose bits are in `packets`, in order. Returns how many.
template <class Picked>
unsigned pick(const Burst::Column<rte_mbuf *> &frames, std::uint32_t packets,
              Picked &picked) noexcept {
    unsigned count = 0;
#if defined(__AVX512F__)
    for (unsigned first = 0; first < frames.size(); first += 8) {
        const auto eight = static_cast<__mmask8>(packets >> first);
        const __m512i all = _mm512_loadu_si512(&frames[first]);
        _mm512_storeu_si512(&picked[count], _mm512_maskz_compress_epi64(eight, all));
        count += static_cast<unsigned>(std::popcount(static_cast<std::uint8_t>(eight)));
    }
#else
    for (; packets != 0; packets &= packets - 1)
        picked[count++] = frames[static_cast<std::size_t>(std::countr_zero(packets))];
#endif
    return count;
}

/// Calls `visit(i)` for each packet, in order.
template <class Visit>
void for_each(std::uint32_t packets, Visit &&visit) noexcept {
    for (; packets != 0; packets &= packets - 1)
        visit(static_cast<unsigned>(std::countr_zero(packets)));
}

unsigned count_of(std::uint32_t packets) noexcept {
    return static_cast<unsigned>(std::popcount(packets));
}

} // namespace

std::uint8_t PortByPort::add(const mgm::ForwardSet &set) noexcept {
    Group &group = groups_[count_];
    group = {&set, nullptr, 0, 0, 0, 0, false, 0, 0};
    const mgm::ReplicationProgram *program = context_.tables.program(set);
    if (program == nullptr || !all_hold(program->most_on_a_port == 1, program->apart_count == 0,
                                        program->has_next_hops == 0))
        return count_++;
    group.shares = program->rewrite_count == 1;
    const bool makes_copies = all_hold(!group.shares, program->rewrite_count == program->copy_count,
                                       context_.heads != nullptr);
    if (!group.shares && !makes_copies)
        return count_++;
    group.program = program;
    group.copies = program->copy_count;
    group.tail = untagged_tail(*program->rewrites(), burst_.family_of_all);
    for (const mgm::Rewrite &rewrite : std::span(program->rewrites(), program->rewrite_count))
        all_untagged_ &= rewrite.prefix_octets == RTE_ETHER_HDR_LEN;
    group.longest = program->least_mtu;
    if (!group.shares && program->segment_rewrites != program->rewrite_count)
        group.longest = std::min<std::uint32_t>(group.longest, kSmallFrame - kLongestPrefix);
    group.ttl_above = program->ttl_above;
    makes_copies_ |= makes_copies;
    if (makes_copies)
        for (std::uint16_t k = 0; k < program->copy_count; ++k)
            copy_at_[count_][program->copies()[k].port_id] = static_cast<std::uint8_t>(k);
    return count_++;
}

void PortByPort::hand_out() noexcept {
    std::array<std::uint32_t, mgm::kMaxPorts> leaving{}; // by port: packets
    PortMask ports = 0;
    std::uint32_t given_away = 0; // packets
    for (const Group &group : groups()) {
        for_each(group.program->ports,
                 [&](unsigned port_id) { leaving[port_id] |= group.packets; });
        ports |= group.program->ports;
        given_away |= group.packets;
    }
    // Rising: the last port of a packet gets the received mbuf (is_last()).
    for_each(ports, [&](unsigned port_id) {
        send_to(static_cast<std::uint16_t>(port_id), leaving[port_id]);
    });
    for (const Group &group : groups())
        count_run(context_, *group.program, count_of(group.packets), group.octets, counted_);
    burst_.is_all_sent = all_hold(burst_.family_of_all != mgm::Family{},
                                  given_away == burst_.all_packets(), counted_ == 0);
    if (given_away == burst_.all_packets()) [[likely]]
        burst_.mbufs.fill(nullptr);
    else
        for_each(given_away, [this](unsigned i) { burst_.mbufs[i] = nullptr; });
}

void PortByPort::send_to(std::uint16_t port_id, std::uint32_t packets) noexcept {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before read, up to count
    Picked picked; // its own: a port may write to the array that it is given
    const std::uint32_t wanted = packets;
    const unsigned count =
        makes_copies_ ? make_frames(port_id, packets, picked) : pick(burst_.mbufs, packets, picked);
    const unsigned sent =
        tx_.send(context_, port_id, picked.data(), static_cast<std::uint16_t>(count));
    if (sent == count && packets == wanted) [[likely]]
        return;
    counted_ |= PortMask{1} << port_id;
    count_each(port_id, packets, sent);
    count_lost_mbufs(port_id, wanted & ~packets);
    rte_pktmbuf_free_bulk(&picked[sent], count - sent);
}

/// The packets whose copies for the port are not received mbufs.
std::uint32_t PortByPort::that_need_mbufs(std::uint16_t port_id,
                                          std::uint32_t packets) const noexcept {
    std::uint32_t need = 0;
    for (const Group &group : groups())
        need |= group.shares ? 0U : group.packets & packets;
    for_each(need, [&](unsigned i) {
        need &= ~(is_last(groups_[group_of_[i]], port_id, i) ? std::uint32_t{1} << i : 0U);
    });
    return need;
}

/// Takes those out of `packets` for whose copies there are no mbufs. Returns how many frames.
unsigned PortByPort::make_frames(std::uint16_t port_id, std::uint32_t &packets,
                                 Picked &picked) noexcept {
    const std::uint32_t fresh = that_need_mbufs(port_id, packets);
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): as above
    Burst::Column<rte_mbuf *> mbufs;
    rte_mbuf **next = mbufs.data();
    const bool has_heads =
        fresh == 0 ||
        rte_mempool_get_bulk(context_.heads, reinterpret_cast<void **>(next), count_of(fresh)) == 0;
    if (!has_heads) [[unlikely]]
        packets &= ~copy_from_pool(port_id, fresh, next);
    else if (all_untagged_ && count_ == 1)
        return finish_untagged(port_id, packets, fresh, next, picked);
    unsigned count = 0;
    for_each(packets, [&](unsigned i) {
        const bool is_fresh = (fresh >> i & 1U) != 0;
        if (is_fresh && has_heads)
            copy_packet(*next, i, rewrite_for(i, port_id));
        else if (!is_fresh && !groups_[group_of_[i]].shares)
            finish_received(i, rewrite_for(i, port_id));
        picked[count++] = is_fresh ? *next++ : burst_.mbufs[i];
    });
    return count;
}

/// The end of make_frames() for a burst of ordinary frames all of which go to one olist, where no
/// port has a tag: the port's frames differ from the received ones in nothing but their source MAC.
/// `mbufs` are for the packets in `fresh`.
unsigned PortByPort::finish_untagged(std::uint16_t port_id, std::uint32_t packets,
                                     std::uint32_t fresh, rte_mbuf *const *mbufs,
                                     Picked &picked) const noexcept {
    const Burst &burst = burst_;
    const std::uint64_t tail =
        untagged_tail(groups_[0].program->rewrites()[copy_at_[0][port_id]], burst.family_of_all);
    unsigned count = 0;
    for_each(packets, [&, tail](unsigned i) {
        rte_mbuf *frame = burst.mbufs[i];
        std::uint8_t *octets = packets_[i] - RTE_ETHER_HDR_LEN;
        if ((fresh >> i & 1U) == 0) {
            store(octets + RTE_ETHER_ADDR_LEN, tail);
            describe(frame, frame->data_off, 1, 1);
            picked[count++] = frame;
            return;
        }
        rte_mbuf *copy = *mbufs++;
        if (is_long(i))
            copy_untagged_head(copy, frame, octets, burst.octets[i], tail);
        else
            copy_untagged(copy, octets, burst.octets[i], tail);
        picked[count++] = copy;
    });
    return count;
}

/// Too few small mbufs: whole copies, one by one, as long as there are any. Returns the packets
/// that got none.
std::uint32_t PortByPort::copy_from_pool(std::uint16_t port_id, std::uint32_t packets,
                                         rte_mbuf **copies) noexcept {
    std::uint32_t missing = 0;
    for_each(packets, [&](unsigned i) {
        const std::uint32_t octets = burst_.headers[i].packet_octets;
        rte_mbuf *copy = rte_pktmbuf_alloc(context_.pool);
        if (copy != nullptr && kHeadPacketOffset + octets > copy->buf_len) {
            rte_pktmbuf_free(copy);
            copy = nullptr;
        }
        if (copy == nullptr)
            missing |= std::uint32_t{1} << i;
        else
            copy_long(*copies++ = copy, CopySource(packets_[i], burst_, i), rewrite_for(i, port_id),
                      group_destination(burst_, i));
        if (is_long(i)) // no head refers to it
            rte_pktmbuf_free(burst_.mbufs[i]);
    });
    return missing;
}

/// The port took the copies of the first `sent` of these packets: each counts here, alone.
void PortByPort::count_each(std::uint16_t port_id, std::uint32_t packets, unsigned sent) noexcept {
    unsigned place = 0;
    for_each(packets, [&](unsigned i) {
        count_copy(context_, burst_, i, copy_for(i, port_id), rewrite_for(i, port_id),
                   place++ < sent ? mgm::Verdict::kForwarded : mgm::Verdict::kTxFull);
    });
}

void PortByPort::count_lost_mbufs(std::uint16_t port_id, std::uint32_t packets) noexcept {
    for_each(packets, [&](unsigned i) {
        count_copy(context_, burst_, i, copy_for(i, port_id), rewrite_for(i, port_id),
                   mgm::Verdict::kNoMbuf);
    });
}

} // namespace dataplane
