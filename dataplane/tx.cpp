// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/tx.hpp"

#include "dataplane/tx_queue.hpp"
#include "dataplane/tx_rings.hpp"

#include <rte_mbuf.h>

#include <bit>
#include <span>

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

} // namespace

void count_copy(const Context &context, Burst &burst, unsigned packet, const mgm::ProgramCopy &copy,
                const mgm::Rewrite &rewrite, mgm::Verdict outcome) noexcept {
    if (outcome != mgm::Verdict::kForwarded) {
        --burst.copies_sent[packet];
        const mgm::Oif &oif = burst.sets[packet]->oifs()[copy.oif];
        lose_copy(context, burst, packet, oif.slot, oif.neighbor, outcome);
        return;
    }
    mgm::InterfaceCounters &counters = context.counters(copy.slot);
    counters.copies_sent.add(1);
    counters.out_frames.add(1);
    counters.out_octets.add(burst.headers[packet].packet_octets + rewrite.prefix_octets);
}

void count_run(const Context &context, const mgm::ReplicationProgram &program,
               std::uint64_t packets, std::uint64_t octets, PortMask refused) noexcept {
    const mgm::ProgramCopy *copy = program.copies();
    for (const mgm::Rewrite &rewrite : std::span(program.rewrites(), program.rewrite_count)) {
        const std::uint64_t frame_octets = octets + packets * rewrite.prefix_octets;
        for (const mgm::ProgramCopy *end = copy + rewrite.copies; copy != end; ++copy) {
            mgm::InterfaceCounters &counters = context.counters(copy->slot);
            counters.copies_wanted.add(packets);
            if ((refused >> copy->port_id & 1U) != 0) [[unlikely]]
                continue;
            counters.copies_sent.add(packets);
            counters.out_frames.add(packets);
            counters.out_octets.add(frame_octets);
        }
    }
}

void TxBuffers::stage_fragments(const Context &context, Burst &burst, std::uint16_t port_id,
                                std::span<rte_mbuf *const> fragments, StagedFrame what) noexcept {
    PortBuffer &buffer =
        make_room(context, burst, port_id, static_cast<std::uint32_t>(fragments.size()));
    for (std::size_t k = 0; k < fragments.size(); ++k) {
        what.octets = rte_pktmbuf_pkt_len(fragments[k]);
        what.kind = k + 1 == fragments.size() ? FrameKind::kLastFragment : FrameKind::kFragment;
        buffer.describe(what);
        buffer.frames[buffer.count++] = fragments[k];
    }
}

std::uint16_t TxBuffers::send(const Context &context, std::uint16_t port_id, rte_mbuf **frames,
                              std::uint16_t count) noexcept {
    if (rings_ != nullptr)
        return static_cast<std::uint16_t>(rings_->send(context.worker, port_id, frames, count));
    return send_to_queue(port_id, static_cast<std::uint16_t>(context.worker), frames, count);
}

void TxBuffers::flush_port(const Context &context, Burst &burst, std::uint16_t port_id) noexcept {
    PortBuffer &buffer = ports_[port_id];
    const std::size_t sent =
        send(context, port_id, buffer.frames.data(), static_cast<std::uint16_t>(buffer.count));
    if (buffer.described != 0) [[unlikely]]
        count_described(context, burst, buffer, sent);
    if (sent != buffer.count) [[unlikely]] {
        count_copies(context, burst, port_id, sent);
        rte_pktmbuf_free_bulk(buffer.frames.data() + sent,
                              static_cast<unsigned>(buffer.count - sent));
    }
    buffer.count = 0;
    buffer.described = 0;
}

void TxBuffers::count_described(const Context &context, Burst &burst, const PortBuffer &buffer,
                                std::size_t sent) noexcept {
    for (const StagedFrame &frame : std::span(buffer.staged).first(buffer.described)) {
        if (frame.place < sent)
            count_sent(context, burst, frame);
        else
            count_refused(context, burst, frame);
    }
}

/// Places of programs' copies among the frames of one port, in the order in which they were put.
class TxBuffers::Places {
public:
    explicit Places(const PortBuffer &buffer) noexcept
        : described_(buffer.staged.data(), buffer.described) {}

    [[nodiscard]] std::size_t next() noexcept {
        for (; !described_.empty() && described_.front().place == place_;
             described_ = described_.subspan(1))
            ++place_;
        return place_++;
    }

private:
    std::span<const StagedFrame> described_; ///< that are still to come
    std::size_t place_ = 0;
};

/// A port took only the first `sent` of its frames: its copies of programs count here, each alone,
/// and count_runs() leaves them out.
void TxBuffers::count_copies(const Context &context, Burst &burst, std::uint16_t port_id,
                             std::size_t sent) noexcept {
    refused_ |= PortMask{1} << port_id;
    Places places(ports_[port_id]);
    const auto count = [&](std::uint32_t packets, const mgm::ProgramCopy &copy,
                           const mgm::Rewrite &rewrite) {
        for (; packets != 0; packets &= packets - 1)
            count_copy(context, burst, static_cast<unsigned>(std::countr_zero(packets)), copy,
                       rewrite,
                       places.next() < sent ? mgm::Verdict::kForwarded : mgm::Verdict::kTxFull);
    };
    for (const Run &run : std::span(runs_).first(run_count_)) {
        const mgm::ProgramCopy *copy = run.program->copies();
        for (const mgm::Rewrite &rewrite :
             std::span(run.program->rewrites(), run.program->rewrite_count))
            for (const mgm::ProgramCopy *end = copy + rewrite.copies; copy != end; ++copy)
                if (copy->port_id == port_id)
                    count(run.packets, *copy, rewrite);
    }
}

/// All copies that were made by programs since the last flush.
void TxBuffers::count_runs(const Context &context) noexcept {
    const std::span runs(runs_.data(), run_count_);
    for (auto run = runs.begin(); run != runs.end(); ++run) {
        if (run->packets == 0)
            continue; // counted with an earlier one
        auto packets = static_cast<std::uint64_t>(std::popcount(run->packets));
        std::uint64_t octets = run->octets;
        for (auto later = run + 1; later != runs.end(); ++later) {
            if (later->program != run->program)
                continue;
            packets += static_cast<std::uint64_t>(std::popcount(later->packets));
            octets += later->octets;
            later->packets = 0;
        }
        count_run(context, *run->program, packets, octets, refused_);
    }
    run_count_ = 0;
}

} // namespace dataplane
