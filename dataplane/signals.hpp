// SPDX-License-Identifier: BSD-3-Clause
// Stages 3b and 4b, only where somebody listens (WorkerConfig::signals): packets without an entry
// are held and reported, packets on a wrong interface are reported.
//
// hold_misses() takes mbufs out of the burst; recall() puts them back into one. Between the two a
// packet is counted as received, and in WorkerStatus::held.
// Thread: one worker.  Memory: bounded, allocated at the start.  Cost of a packet without an entry:
// the two lines of HeldPackets::find(), and what is written; of a packet with one: nothing.
#pragma once

#include "dataplane/context.hpp"
#include "dataplane/held_packets.hpp"
#include "dataplane/interval_limit.hpp"
#include "mgm/signal_ring.hpp"

#include <optional>

namespace dataplane {

class Signals {
public:
    /// Wrong interfaces that are remembered for an interval, each for one entry.
    static constexpr std::uint32_t kWrongIifs = 4096;

    /// `ring` outlives it.
    Signals(const Context &context, mgm::SignalRing &ring);

    /// After lookup. Each packet that ended as no_entry is held and leaves the burst, which closes
    /// up, or gets the verdict hold_overflow or hold_full. The first of a flow raises a signal.
    void hold_misses(const Context &context, Burst &burst) noexcept;
    /// After check_rpf. Reads: verdicts, entries, sets, iifs. An entry that accepts no interface at
    /// all raises none (mgm-spec 8.2).
    void report_wrong_iifs(const Context &context, const Burst &burst) noexcept;

    /// Makes `burst` of the packets held for `flow`, as parse left them: the burst owns their
    /// mbufs. Packets whose arrival interface has gone have the verdict iif_down. False: nothing is
    /// held any more, the flow is forgotten, the burst untouched. So ask until it says so.
    [[nodiscard]] bool recall(const Context &context, const mgm::AnyFlow &flow,
                              Burst &burst) noexcept;
    /// The flow that has waited too long, if any; recall() it.
    [[nodiscard]] std::optional<mgm::AnyFlow> overdue() const noexcept;
    /// Any flow that waits.
    [[nodiscard]] std::optional<mgm::AnyFlow> waiting() const noexcept;

private:
    [[nodiscard]] mgm::Verdict hold(const Context &context, const Burst &burst, unsigned i,
                                    std::uint64_t now) noexcept;
    bool raise(const Context &context, const Burst &burst, unsigned i, mgm::Signal::Kind kind,
               std::uint64_t now) noexcept;
    void report_wrong_iif(const Context &context, const Burst &burst, unsigned i,
                          std::uint64_t now) noexcept;
    void show_held(const Context &context) const noexcept;

    mgm::SignalRing &ring_;
    HeldPackets held_;
    IntervalLimit wrong_iifs_;
    std::array<HeldPacket, Burst::kCapacity> recalled_{}; ///< only within recall()
};

} // namespace dataplane
