// SPDX-License-Identifier: BSD-3-Clause
// Stage 6: staged frames -> ports, and what the ports refused.
//
// Takes ownership of every mbuf that is staged. A flush ends with no mbuf held: the port took it or
// it was freed and counted as tx_full. A port that is full costs only its own copies; nothing
// waits. Thread: one worker, on its own tx queue of every port.
#pragma once

#include "dataplane/active_ports.hpp"
#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/count_entry.hpp"

#include <array>
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
};

class TxBuffers {
public:
    /// Fragments of one copy must fit, so this is also the most fragments a copy may have.
    static constexpr std::size_t kCapacity = 256;

    /// Takes `frame`.
    void stage(const Context &context, Burst &burst, std::uint16_t port_id, rte_mbuf *frame,
               const StagedFrame &what) noexcept {
        PortBuffer &buffer = make_room(context, burst, port_id, 1);
        buffer.frames[buffer.count] = frame;
        buffer.staged[buffer.count++] = what;
    }
    /// Takes `fragments` (at most kCapacity), which then leave in one go or count as one lost copy.
    void stage_fragments(const Context &context, Burst &burst, std::uint16_t port_id,
                         std::span<rte_mbuf *const> fragments, StagedFrame what) noexcept;
    /// Sends all that is staged. Writes burst.copies_sent and last_losses.
    void flush(const Context &context, Burst &burst) noexcept {
        for (; pending_ != 0; pending_ &= pending_ - 1)
            flush_port(context, burst, static_cast<std::uint16_t>(__builtin_ctz(pending_)));
    }

private:
    struct PortBuffer {
        std::size_t count = 0;
        std::array<rte_mbuf *, kCapacity> frames{};
        std::array<StagedFrame, kCapacity> staged{};
    };
    PortBuffer &make_room(const Context &context, Burst &burst, std::uint16_t port_id,
                          std::size_t frames) noexcept {
        PortBuffer &buffer = ports_[port_id];
        if (buffer.count + frames > kCapacity)
            flush_port(context, burst, port_id);
        pending_ |= PortMask{1} << port_id;
        return buffer;
    }
    void flush_port(const Context &context, Burst &burst, std::uint16_t port_id) noexcept;

    PortMask pending_ = 0;
    std::array<PortBuffer, mgm::kMaxPorts> ports_;
};

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
