// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/tx.hpp"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

namespace dataplane {

namespace {

void count_sent(const Context &context, Burst &burst, const StagedFrame &frame) noexcept {
    mgm::InterfaceCounters &counters = context.counters(frame.slot);
    counters.out_frames.add(1);
    counters.out_octets.add(frame.octets);
    switch (frame.kind) {
    case FrameKind::kFragment:
        context.count(mgm::Event::kFragmentsCreated);
        break;
    case FrameKind::kLastFragment:
        context.count(mgm::Event::kFragmentsCreated);
        context.count(mgm::Event::kFragmentedCopies);
        [[fallthrough]];
    case FrameKind::kCopy:
        counters.copies_sent.add(1);
        ++burst.copies_sent[frame.packet];
        break;
    case FrameKind::kPacketTooBig:
        context.count(mgm::Event::kPtbSent);
        break;
    case FrameKind::kParameterProblem:
        context.count(mgm::Event::kParamProblemSent);
        break;
    case FrameKind::kInjected:
        context.count(mgm::Event::kInjectedFrames);
        break;
    }
}

void count_refused(const Context &context, Burst &burst, const StagedFrame &frame) noexcept {
    switch (frame.kind) {
    case FrameKind::kCopy:
    case FrameKind::kLastFragment:
        lose_copy(context, burst, frame.packet, frame.slot, frame.neighbor, mgm::Verdict::kTxFull);
        break;
    case FrameKind::kPacketTooBig:
    case FrameKind::kParameterProblem:
        context.count(mgm::Event::kIcmpLost);
        break;
    case FrameKind::kInjected:
        context.count(mgm::Event::kInjectedLost);
        break;
    case FrameKind::kFragment: // its last one counts
        break;
    }
}

/// Some drivers take at most so many frames a call: ask until one call takes nothing.
std::uint16_t send(std::uint16_t port_id, std::uint16_t queue, rte_mbuf **frames,
                   std::uint16_t count) noexcept {
    std::uint16_t sent = 0;
    while (sent < count) {
        const std::uint16_t taken = rte_eth_tx_burst(port_id, queue, frames + sent,
                                                     static_cast<std::uint16_t>(count - sent));
        if (taken == 0)
            break;
        sent = static_cast<std::uint16_t>(sent + taken);
    }
    return sent;
}

} // namespace

void TxBuffers::stage_fragments(const Context &context, Burst &burst, std::uint16_t port_id,
                                std::span<rte_mbuf *const> fragments, StagedFrame what) noexcept {
    PortBuffer &buffer = make_room(context, burst, port_id, fragments.size());
    for (std::size_t k = 0; k < fragments.size(); ++k) {
        what.octets = rte_pktmbuf_pkt_len(fragments[k]);
        what.kind = k + 1 == fragments.size() ? FrameKind::kLastFragment : FrameKind::kFragment;
        buffer.frames[buffer.count] = fragments[k];
        buffer.staged[buffer.count++] = what;
    }
}

void TxBuffers::flush_port(const Context &context, Burst &burst, std::uint16_t port_id) noexcept {
    PortBuffer &buffer = ports_[port_id];
    const std::size_t sent = send(port_id, static_cast<std::uint16_t>(context.worker),
                                  buffer.frames.data(), static_cast<std::uint16_t>(buffer.count));
    for (std::size_t k = 0; k < sent; ++k)
        count_sent(context, burst, buffer.staged[k]);
    for (std::size_t k = sent; k < buffer.count; ++k)
        count_refused(context, burst, buffer.staged[k]);
    rte_pktmbuf_free_bulk(buffer.frames.data() + sent, static_cast<unsigned>(buffer.count - sent));
    buffer.count = 0;
}

} // namespace dataplane
