// SPDX-License-Identifier: BSD-3-Clause
// The way up: what a worker cannot decide alone and control should know of. One bounded, lossy ring
// for each worker, an rte_ring in a memzone.
//
// There is no eventfd: waking control would cost the worker a system call, and control comes by
// every 10 ms anyhow. What the packets of a new flow wait for in the meantime is held by the worker
// (dataplane/held_packets.hpp); the answer is InjectRing::release_held() or drop_held().
//
// Thread: drain() one thread of the daemon (control); raise() the worker.
#pragma once

#include "mgm/flow_key.hpp"
#include "mgm/ring.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace mgm {

struct Signal {
    enum class Kind : std::uint8_t {
        /// A packet matches no entry. One for each flow and worker until control answers or the
        /// flow's life is over, whatever the number of packets.
        kNoEntry = 1,
        /// The entry does not accept the packet's interface. One for each entry, interface and
        /// worker in an interval.
        kWrongIif = 2,
    };
    static constexpr std::size_t kPacketOctets = 96;

    std::uint64_t tsc = 0;    ///< when it was raised
    AnyFlow flow;             ///< of the packet, also where the entry is a wildcard
    IfSlot iif{};             ///< where the packet arrived; may be another interface's by now
    std::uint16_t length = 0; ///< octets of the IP packet, at most 65,535 are shown
    Kind kind{};
    std::uint8_t octets = 0; ///< how many of `packet` there are
    /// The IP packet's first octets as received: header, options, the beginning of the data.
    std::array<std::uint8_t, kPacketOctets> packet{};
};

class SignalRing {
public:
    /// As many as a worker has flows waiting (Policy::held_flows), so that a burst of new ones is
    /// not lost.
    static constexpr std::uint32_t kSignals = 4096;

    /// After rte_eal_init. `worker` names the ring. kNoMemory, kExists.
    static Result<SignalRing> create(std::uint32_t worker);

    // --- worker
    /// False: the ring is full and the signal lost; the worker counts Event::kSignalsLost.
    bool raise(const Signal &signal) noexcept;

    // --- control
    /// Takes up to signals.size() of them, oldest first.
    [[nodiscard]] unsigned drain(std::span<Signal> signals) noexcept;

private:
    using Ring = std::unique_ptr<rte_ring, FreeRing>;
    explicit SignalRing(Ring ring) noexcept : ring_(std::move(ring)) {}

    Ring ring_;
};

} // namespace mgm
