// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/signals.hpp"

#include "dataplane/frame_view.hpp"
#include "dataplane/settle.hpp"

#include <rte_cycles.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <span>

namespace dataplane {

namespace {

std::uint64_t ticks(std::uint32_t milliseconds) noexcept {
    return rte_get_tsc_hz() / 1000 * milliseconds;
}

HeldPackets::Limits limits_of(const Context &context) noexcept {
    const Policy &policy = context.policy;
    const std::uint64_t wanted = std::uint64_t{policy.held_flows} * policy.held_packets_per_flow;
    const std::uint64_t share =
        context.pool->size / kHeldPoolShare / context.tables.geometry().workers;
    return {.flows = policy.held_flows,
            .packets_per_flow = policy.held_packets_per_flow,
            .packets = static_cast<std::uint32_t>(std::min(wanted, share)),
            .life = ticks(policy.held_life_ms)};
}

mgm::AnyFlow flow_of(const Burst &burst, unsigned i) noexcept {
    return burst.is_ipv4(i) ? mgm::any_flow(burst.ipv4_flows[i])
                            : mgm::any_flow(burst.ipv6_flows[i]);
}

/// Who asks twice within the interval gets the same word: (entry, arrival interface).
template <mgm::Family F>
std::uint64_t wrong_iif_key(const mgm::Tables &tables, mgm::MfeIndex entry,
                            mgm::IfSlot iif) noexcept {
    const mgm::Mfe<F> &mfe = tables.mfe<F>(entry);
    const std::uint64_t where = std::uint64_t{mfe.group_length} << 32U | static_cast<unsigned>(iif);
    return mgm::detail::fold_multiply(mgm::hash_of(mfe.key, tables.header().salt) ^ where,
                                      tables.header().salt[0] ^ mgm::detail::kOddDigits);
}

/// A frame that may be kept for seconds. A port's own pool (af_xdp) is as large as its rings, so
/// what comes from there is copied; so is what is only a view of somebody else's mbuf. Takes
/// `frame` unless it returns nullptr.
rte_mbuf *keepable(const Context &context, rte_mbuf *frame) noexcept {
    if (frame->pool == context.pool && RTE_MBUF_DIRECT(frame))
        return frame;
    rte_mbuf *copy = rte_pktmbuf_copy(frame, context.pool, 0, UINT32_MAX);
    if (copy != nullptr)
        rte_pktmbuf_free(frame);
    return copy;
}

} // namespace

Signals::Signals(const Context &context, mgm::SignalRing &ring)
    : ring_(ring),
      held_(limits_of(context), context.tables.header().salt),
      wrong_iifs_(kWrongIifs, ticks(context.policy.wrong_iif_interval_ms)) {}

void Signals::hold_misses(const Context &context, Burst &burst) noexcept {
    const std::uint64_t now = rte_rdtsc();
    unsigned stay = 0;
    for (unsigned i = 0; i < burst.size; ++i) {
        if (burst.verdicts[i] == mgm::Verdict::kNoEntry) {
            burst.verdicts[i] = hold(context, burst, i, now);
            if (burst.verdicts[i] == mgm::Verdict::kForwarded)
                continue; // on its way again, but not in this burst
        }
        if (stay != i)
            burst.move_packet(i, stay);
        ++stay;
    }
    burst.size = stay;
    show_held(context);
}

/// kForwarded: held. Else why not.
mgm::Verdict Signals::hold(const Context &context, const Burst &burst, unsigned i,
                           std::uint64_t now) noexcept {
    const HeldPackets::Place place = held_.open(flow_of(burst, i), now);
    if (place == HeldPackets::kNoPlace)
        return mgm::Verdict::kHoldFull;
    // A signal that was lost is raised again with the next packet.
    if (!held_.is_signalled(place) && raise(context, burst, i, mgm::Signal::Kind::kNoEntry, now))
        held_.set_signalled(place);
    const HeldPackets::Room room = held_.room_for(place);
    if (room != HeldPackets::Room::kYes)
        return room == HeldPackets::Room::kFull ? mgm::Verdict::kHoldFull
                                                : mgm::Verdict::kHoldOverflow;
    rte_mbuf *frame = keepable(context, burst.mbufs[i]);
    if (frame == nullptr)
        return mgm::Verdict::kHoldFull;
    held_.add(place, {frame, burst.iifs[i], burst.arrivals[i]->index, burst.headers[i]});
    count_received(context.counters(burst.iifs[i]), burst.octets[i]);
    return mgm::Verdict::kForwarded;
}

void Signals::report_wrong_iifs(const Context &context, const Burst &burst) noexcept {
    const std::uint64_t now = rte_rdtsc();
    for (unsigned i = 0; i < burst.size; ++i)
        if (burst.verdicts[i] == mgm::Verdict::kWrongIif && burst.sets[i]->iif_count != 0)
            report_wrong_iif(context, burst, i, now);
}

void Signals::report_wrong_iif(const Context &context, const Burst &burst, unsigned i,
                               std::uint64_t now) noexcept {
    const std::uint64_t key =
        burst.is_ipv4(i)
            ? wrong_iif_key<mgm::Family::kIpv4>(context.tables, burst.entries[i], burst.iifs[i])
            : wrong_iif_key<mgm::Family::kIpv6>(context.tables, burst.entries[i], burst.iifs[i]);
    const IntervalLimit::Answer answer = wrong_iifs_.ask(key, now);
    if (answer == IntervalLimit::Answer::kNoRoom)
        context.count(mgm::Event::kSignalsLost);
    if (answer == IntervalLimit::Answer::kYes &&
        raise(context, burst, i, mgm::Signal::Kind::kWrongIif, now))
        wrong_iifs_.note(key, now);
}

bool Signals::raise(const Context &context, const Burst &burst, unsigned i, mgm::Signal::Kind kind,
                    std::uint64_t now) noexcept {
    const PacketHeader &packet = burst.headers[i];
    mgm::Signal signal;
    signal.tsc = now;
    signal.flow = flow_of(burst, i);
    signal.iif = burst.iifs[i];
    signal.length =
        static_cast<std::uint16_t>(std::min<std::uint32_t>(packet.packet_octets, UINT16_MAX));
    signal.kind = kind;
    signal.octets = static_cast<std::uint8_t>(
        std::min<std::size_t>(packet.packet_octets, mgm::Signal::kPacketOctets));
    gather(*burst.mbufs[i], packet.l3_offset, signal.octets, signal.packet.data());
    const bool is_sent = ring_.raise(signal);
    context.count(is_sent ? mgm::Event::kSignalsSent : mgm::Event::kSignalsLost);
    return is_sent;
}

bool Signals::recall(const Context &context, const mgm::AnyFlow &flow, Burst &burst) noexcept {
    const HeldPackets::Place place = held_.find(flow);
    if (place == HeldPackets::kNoPlace)
        return false;
    const unsigned count = held_.take(place, recalled_);
    if (count == 0) {
        held_.close(place);
        return false;
    }
    burst.size = count;
    for (unsigned i = 0; i < count; ++i) {
        const HeldPacket &packet = recalled_[i];
        burst.mbufs[i] = packet.mbuf;
        burst.iifs[i] = packet.iif;
        burst.headers[i] = packet.header;
        burst.ipv4_flows[i] = mgm::flow_key<mgm::Family::kIpv4>(flow);
        burst.ipv6_flows[i] = mgm::flow_key<mgm::Family::kIpv6>(flow);
        burst.arrivals[i] = context.tables.interface(packet.iif);
        const bool is_there =
            burst.arrivals[i] != nullptr && burst.arrivals[i]->index == packet.arrival;
        burst.verdicts[i] = is_there ? mgm::Verdict::kForwarded : mgm::Verdict::kIifDown;
    }
    burst.family_of_all = {}; // nobody has looked
    burst.reset_outcomes();
    show_held(context);
    return true;
}

std::optional<mgm::AnyFlow> Signals::overdue() const noexcept {
    const HeldPackets::Place oldest = held_.oldest();
    if (oldest == HeldPackets::kNoPlace || !held_.is_over(oldest, rte_rdtsc()))
        return std::nullopt;
    return held_.flow(oldest);
}

std::optional<mgm::AnyFlow> Signals::waiting() const noexcept {
    const HeldPackets::Place oldest = held_.oldest();
    return oldest == HeldPackets::kNoPlace ? std::nullopt : std::optional(held_.flow(oldest));
}

void Signals::show_held(const Context &context) const noexcept {
    // relaxed: a statistic with one writer, orders nothing
    context.tables.worker_status(context.worker)
        .held.store(held_.packets(), std::memory_order_relaxed);
}

} // namespace dataplane
