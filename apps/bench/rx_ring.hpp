// SPDX-License-Identifier: BSD-3-Clause
// When packets arrive, and how many of them a NIC's rx ring still has: arithmetic on a clock, no
// buffers.
//
// Thread: whoever polls the ingress port.
#pragma once

#include <algorithm>
#include <cstdint>

namespace bench {

/// What a trial offers.
struct Load {
    double pps = 0;            ///< 0: as fast as it is asked for
    double seconds = 0;        ///< 0: until all `packets` are there
    std::uint64_t packets = 0; ///< 0: until the time is over
    /// What waits beyond so many is lost, as in a NIC. 0: nothing is lost, the generator waits.
    std::uint32_t descriptors = 0;
};

class RxRing {
public:
    RxRing(const Load &load, double clock_hz)
        : packets_a_cycle_(load.pps / clock_hz),
          descriptors_(load.descriptors),
          most_(load.packets != 0 ? load.packets
                : load.pps != 0   ? static_cast<std::uint64_t>(load.pps * load.seconds)
                                  : UINT64_MAX) {}

    /// Packets to be fetched `cycles` after the first poll, at most `room`.
    std::uint32_t waiting(std::uint64_t cycles, std::uint32_t room) noexcept {
        std::uint64_t due = most_;
        if (packets_a_cycle_ != 0)
            due = std::min(
                most_, static_cast<std::uint64_t>(static_cast<double>(cycles) * packets_a_cycle_));
        arrived_ = std::max(arrived_, due);
        const std::uint64_t held = arrived_ - taken_ - lost_;
        if (descriptors_ != 0 && held > descriptors_)
            lost_ += held - descriptors_;
        return static_cast<std::uint32_t>(std::min<std::uint64_t>(arrived_ - taken_ - lost_, room));
    }
    void take(std::uint32_t count) noexcept { taken_ += count; }

    /// Everything that will ever arrive was fetched or lost.
    [[nodiscard]] bool is_done() const noexcept { return taken_ + lost_ == most_; }
    [[nodiscard]] std::uint64_t taken() const noexcept { return taken_; }
    [[nodiscard]] std::uint64_t lost() const noexcept { return lost_; }

private:
    double packets_a_cycle_; ///< 0: no clock
    std::uint32_t descriptors_;
    std::uint64_t most_;
    std::uint64_t arrived_ = 0;
    std::uint64_t taken_ = 0;
    std::uint64_t lost_ = 0;
};

/// What became of a load.
struct Offered {
    double intended_pps = 0; ///< 0: no rate was wanted
    double pps = 0;          ///< offered: taken and lost in the ring
    double seconds = 0;
    std::uint64_t taken = 0;    ///< that the worker received
    std::uint64_t overrun = 0;  ///< lost in the ring
    std::uint64_t no_mbufs = 0; ///< polls that the pool was too empty for
    double cpu_share = 0;       ///< of the time, so much the worker had the CPU
    std::uint64_t stalls = 0;   ///< the worker did not poll for longer than any burst takes
    double stalled_seconds = 0; ///< all of them

    /// RFC 2544: a generator that offers less than it should says nothing of what it tests.
    static constexpr double kShortfall = 0.001;
    [[nodiscard]] bool falls_short() const noexcept {
        return intended_pps != 0 && pps < intended_pps * (1 - kShortfall);
    }
    [[nodiscard]] std::uint64_t offered() const noexcept { return taken + overrun; }
    [[nodiscard]] double loss() const noexcept {
        return offered() == 0 ? 0 : static_cast<double>(overrun) / static_cast<double>(offered());
    }
};

} // namespace bench
