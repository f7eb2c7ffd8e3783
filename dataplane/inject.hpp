// SPDX-License-Identifier: BSD-3-Clause
// What control asks of a worker: frames of its own to send, traces to arm, held packets to let go.
//
// Takes the mbufs of the messages.  Writes: tx, the tracer.  Thread: one worker, once a turn, so a
// flood of requests costs the traffic at most kMaxMessages frames, or what is held for as many
// flows, a turn.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/trace.hpp"
#include "dataplane/tx.hpp"
#include "mgm/inject_ring.hpp"

#include <rte_mbuf.h>

#include <array>
#include <span>

namespace dataplane {

inline constexpr unsigned kMaxMessages = 32;

/// A frame for an interface that is not up is dropped and counted: whoever sent it knows why from
/// the interface's events.
inline void send_injected(const Context &context, Burst &burst, const mgm::InjectMessage &message,
                          TxBuffers &tx) noexcept {
    const mgm::InterfaceRecord *interface = context.tables.interface(message.interface);
    if (interface == nullptr || interface->state != mgm::LinkState::kUp ||
        interface->port_id >= mgm::kMaxPorts) {
        rte_pktmbuf_free(message.frame);
        context.count(mgm::Event::kInjectedLost);
        return;
    }
    tx.stage(context, burst, interface->port_id, message.frame,
             {message.interface, {}, rte_pktmbuf_pkt_len(message.frame), 0, FrameKind::kInjected});
}

class Injector {
public:
    /// `ring` nullptr: nobody asks for anything.
    explicit Injector(mgm::InjectRing *ring) noexcept : ring_(ring) {}

    /// `on_held(message)` for what concerns held packets; it may use the burst and flush tx.
    template <class OnHeld>
    void run(const Context &context, Burst &burst, Tracer &tracer, TxBuffers &tx,
             OnHeld &&on_held) noexcept {
        const unsigned count = ring_ == nullptr ? 0 : ring_->take(messages_);
        if (count == 0)
            return;
        for (const mgm::InjectMessage &message : std::span(messages_).first(count)) {
            if (message.kind == mgm::InjectMessage::Kind::kSendFrame) {
                send_injected(context, burst, message, tx);
            } else if (message.kind == mgm::InjectMessage::Kind::kArmTrace) {
                tracer.arm(message.trace);
            } else {
                tx.flush(context, burst); // what is held leaves at once, after what came before
                on_held(message);
            }
        }
        tx.flush(context, burst);
    }

private:
    mgm::InjectRing *ring_;
    std::array<mgm::InjectMessage, kMaxMessages> messages_{}; ///< only within run()
};

} // namespace dataplane
