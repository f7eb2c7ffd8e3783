// SPDX-License-Identifier: BSD-3-Clause
// Stage 6: staged frames -> ports, and what the ports refused.
//
// Takes ownership of every mbuf that is staged. A flush ends with no mbuf held: the port took it or
// it was freed and counted as tx_full. A port that is full costs only its own copies; nothing
// waits. Thread: one worker, on its own tx queue of every port, or on its lane to the worker that
// has one (tx_rings.hpp): there, taken means that the lane had room.
//
// Frames come in two ways. The copies of a program (replicate.hpp) are pointers and nothing else;
// what they were is counted once for all packets of the same program, by count_runs(), and worked
// out one by one only when a port refuses some. Every other frame has a StagedFrame and counts
// alone.
#pragma once

#include "dataplane/active_ports.hpp"
#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/count_entry.hpp"
#include "mgm/replication_program.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <span>

namespace dataplane {

/// What a staged frame is, and so where its fate is counted.
enum class FrameKind : std::uint8_t {
    kCopy,         ///< a whole copy of a packet
    kFragment,     ///< of a copy, not the last one
    kLastFragment, ///< a port takes a prefix of what it is offered: this one taken = all taken
    kPacketTooBig,
    kParameterProblem,
    kInjected,
};

struct StagedFrame {
    mgm::IfSlot slot{};           ///< outgoing interface
    mgm::NeighborSlot neighbor{}; ///< and next hop; only for copies and fragments
    std::uint32_t octets = 0;     ///< of the frame: the mbuf is gone when it is counted
    std::uint8_t packet = 0;      ///< index in the burst; only for copies and fragments
    FrameKind kind{};
    std::uint16_t place = 0; ///< among what is staged for the port; set by TxBuffers
};

class TxRings;

class TxBuffers {
public:
    /// `rings` nullptr: the worker has a queue on every port, of its own number.
    explicit TxBuffers(TxRings *rings = nullptr) noexcept : rings_(rings) {}

    /// Fragments of one copy must fit, so this is also the most fragments a copy may have.
    static constexpr std::size_t kCapacity = 256;
    /// Copies that may wait here at a time: what is more leaves the cache of their mempool, which
    /// holds 512, and costs a multiple.
    static constexpr unsigned kMaxInFlight = 512;

    // --- frames one by one
    /// Takes `frame`.
    void stage(const Context &context, Burst &burst, std::uint16_t port_id, rte_mbuf *frame,
               const StagedFrame &what) noexcept {
        PortBuffer &buffer = make_room(context, burst, port_id, 1);
        buffer.describe(what);
        buffer.frames[buffer.count++] = frame;
    }
    /// Takes `fragments` (at most kCapacity), which then leave in one go or count as one lost copy.
    void stage_fragments(const Context &context, Burst &burst, std::uint16_t port_id,
                         std::span<rte_mbuf *const> fragments, StagedFrame what) noexcept;

    // --- copies of a program
    /// Room for the program's copies of `packets` packets, at most kCapacity on a port. May flush.
    void make_room_for(const Context &context, Burst &burst, const mgm::ReplicationProgram &program,
                       unsigned packets) noexcept {
        if (fullest_ + std::uint32_t{program.most_on_a_port} * packets > kCapacity) [[unlikely]]
            flush(context, burst);
    }
    /// The same of one packet whose copies take `mbufs` from a pool; `packets_left` of the burst
    /// may be like it. What does not fit at once goes in parts of the same size.
    void make_room_for_mbufs(const Context &context, Burst &burst,
                             const mgm::ReplicationProgram &program, unsigned mbufs,
                             unsigned packets_left) noexcept {
        if (in_flight_ + mbufs > part_)
            flush(context, burst);
        make_room_for(context, burst, program, 1);
        if (in_flight_ == 0) {
            const unsigned all = mbufs * packets_left;
            const unsigned parts = all / (kMaxInFlight + 1) + 1;
            part_ = std::max(mbufs * ((packets_left + parts - 1) / parts), mbufs);
        }
        in_flight_ += mbufs;
    }
    /// Takes `frame`, or one reference to it.
    void put(std::uint16_t port_id, rte_mbuf *frame) noexcept {
        PortBuffer &buffer = ports_[port_id];
        buffer.frames[buffer.count++] = frame;
    }
    /// The same for many.
    void put_all(std::uint16_t port_id, rte_mbuf *const *frames, unsigned count) noexcept {
        PortBuffer &buffer = ports_[port_id];
        std::copy_n(frames, count, &buffer.frames[buffer.count]);
        buffer.count += count;
    }
    /// The program's copies of these packets of the burst have been put: copy by copy, each of all
    /// packets. `octets`: of the IP packets in all.
    void note_run(const mgm::ReplicationProgram &program, std::uint32_t packets,
                  std::uint64_t octets) noexcept {
        pending_ |= program.ports;
        fullest_ += std::uint32_t{program.most_on_a_port} *
                    static_cast<std::uint32_t>(std::popcount(packets));
        runs_[run_count_++] = {&program, packets, octets};
    }

    /// Frames that nothing is staged before. Returns how many of them the port took, a prefix; the
    /// others are still the caller's.
    std::uint16_t send(const Context &context, std::uint16_t port_id, rte_mbuf **frames,
                       std::uint16_t count) noexcept;

    /// Sends all that is staged. Writes burst.copies_sent and last_losses.
    void flush(const Context &context, Burst &burst) noexcept {
        for (; pending_ != 0; pending_ &= pending_ - 1)
            flush_port(context, burst, static_cast<std::uint16_t>(__builtin_ctz(pending_)));
        if (run_count_ != 0)
            count_runs(context);
        refused_ = 0;
        fullest_ = 0;
        in_flight_ = 0;
    }

private:
    struct PortBuffer {
        std::size_t count = 0;
        std::size_t described = 0; ///< of them have a StagedFrame
        std::array<rte_mbuf *, kCapacity> frames{};
        std::array<StagedFrame, kCapacity> staged{};

        /// The frame that comes next.
        void describe(StagedFrame what) noexcept {
            what.place = static_cast<std::uint16_t>(count);
            staged[described++] = what;
        }
    };
    /// Packets that a program was run for at once.
    struct Run {
        const mgm::ReplicationProgram *program;
        std::uint32_t packets; ///< of the burst, as bits
        std::uint64_t octets;
    };
    static_assert(Burst::kCapacity <= 32);
    PortBuffer &buffer_of(std::uint16_t port_id) noexcept {
        pending_ |= PortMask{1} << port_id;
        return ports_[port_id];
    }
    PortBuffer &make_room(const Context &context, Burst &burst, std::uint16_t port_id,
                          std::uint32_t frames) noexcept {
        if (fullest_ + frames > kCapacity)
            flush(context, burst);
        fullest_ += frames;
        return buffer_of(port_id);
    }
    void flush_port(const Context &context, Burst &burst, std::uint16_t port_id) noexcept;
    void count_described(const Context &context, Burst &burst, const PortBuffer &buffer,
                         std::size_t sent) noexcept;
    class Places;
    void count_copies(const Context &context, Burst &burst, std::uint16_t port_id,
                      std::size_t sent) noexcept;
    void count_runs(const Context &context) noexcept;

    TxRings *rings_;
    PortMask pending_ = 0;
    PortMask refused_ = 0;      ///< ports that did not take all since the last flush
    std::uint32_t fullest_ = 0; ///< no buffer holds more
    std::uint32_t in_flight_ = 0;
    std::uint32_t part_ = 0; ///< a flush is due when more would be in flight
    unsigned run_count_ = 0;
    std::array<Run, Burst::kCapacity> runs_{};
    std::array<PortBuffer, mgm::kMaxPorts> ports_;
};

/// Copies of a program to ports that took all: of `packets` packets, `octets` IP octets in all.
/// Ports in `refused` have counted what they sent.
void count_run(const Context &context, const mgm::ReplicationProgram &program,
               std::uint64_t packets, std::uint64_t octets, PortMask refused) noexcept;
/// One copy to a port that did not get or take all: kForwarded, or why it was lost. The packet's
/// copies were taken for sent before.
[[gnu::cold]] void count_copy(const Context &context, Burst &burst, unsigned packet,
                              const mgm::ProgramCopy &copy, const mgm::Rewrite &rewrite,
                              mgm::Verdict outcome) noexcept;

/// One copy of packet `i` is lost for `reason`. A packet all of whose copies are lost ends with the
/// last reason; that the arrival interface is in the olist is no loss to report.
inline void lose_copy(const Context &context, Burst &burst, unsigned i, mgm::IfSlot slot,
                      mgm::NeighborSlot neighbor, mgm::Verdict reason) noexcept {
    context.counters(slot).copy_drops[static_cast<std::size_t>(reason)].add(1);
    count_lost(context, burst, i, mgm::name_of(slot, neighbor), reason);
    if (reason != mgm::Verdict::kIifInOif)
        burst.last_losses[i] = reason;
}

} // namespace dataplane
