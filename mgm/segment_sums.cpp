// SPDX-License-Identifier: BSD-3-Clause
// The counting half of SegmentReader.
#include "mgm/segment_reader.hpp"

#include <numeric>

namespace mgm {

void InterfaceSums::add(const InterfaceCounters &counters) noexcept {
    // In order: a base is read before the rows that it was made from.
    in_frames += counters.in_frames.read_in_order();
    in_octets += counters.in_octets.read_in_order();
    copies_wanted += counters.copies_wanted.read_in_order();
    copies_sent += counters.copies_sent.read_in_order();
    out_frames += counters.out_frames.read_in_order();
    out_octets += counters.out_octets.read_in_order();
    for (std::size_t i = 0; i < kVerdictCount; ++i) {
        verdicts[i] += counters.verdicts[i].read_in_order();
        copy_drops[i] += counters.copy_drops[i].read_in_order();
    }
}

void InterfaceSums::store_in(InterfaceCounters &counters) const noexcept {
    counters.in_frames.set(in_frames);
    counters.in_octets.set(in_octets);
    counters.copies_wanted.set(copies_wanted);
    counters.copies_sent.set(copies_sent);
    counters.out_frames.set(out_frames);
    counters.out_octets.set(out_octets);
    for (std::size_t i = 0; i < kVerdictCount; ++i) {
        counters.verdicts[i].set(verdicts[i]);
        counters.copy_drops[i].set(copy_drops[i]);
    }
}

void InterfaceSums::add(const InterfaceSums &other) noexcept {
    in_frames += other.in_frames;
    in_octets += other.in_octets;
    copies_wanted += other.copies_wanted;
    copies_sent += other.copies_sent;
    out_frames += other.out_frames;
    out_octets += other.out_octets;
    for (std::size_t i = 0; i < kVerdictCount; ++i) {
        verdicts[i] += other.verdicts[i];
        copy_drops[i] += other.copy_drops[i];
    }
}

void InterfaceSums::subtract(const InterfaceSums &other) noexcept {
    in_frames -= other.in_frames;
    in_octets -= other.in_octets;
    copies_wanted -= other.copies_wanted;
    copies_sent -= other.copies_sent;
    out_frames -= other.out_frames;
    out_octets -= other.out_octets;
    for (std::size_t i = 0; i < kVerdictCount; ++i) {
        verdicts[i] -= other.verdicts[i];
        copy_drops[i] -= other.copy_drops[i];
    }
}

Identity received_identity(const InterfaceSums &sums, std::uint64_t held) noexcept {
    return {sums.in_frames, std::accumulate(sums.verdicts.begin(), sums.verdicts.end(), held)};
}

Identity copies_identity(const InterfaceSums &sums) noexcept {
    return {sums.copies_wanted,
            std::accumulate(sums.copy_drops.begin(), sums.copy_drops.end(), sums.copies_sent)};
}

InterfaceSums SegmentReader::interface_sums(IfSlot slot) const noexcept {
    const auto row = static_cast<std::uint32_t>(slot);
    InterfaceSums sums;
    if (row > geometry().interfaces)
        return sums;
    InterfaceSums base; // first, so that the rows are not older than it; pairs with Counter::set()
    base.add(at<InterfaceCounters>(state_->plan.layout.interface_bases, row));
    for (const WorkerLayout &worker : state_->plan.workers)
        sums.add(at<InterfaceCounters>(worker.interface_counters, row));
    sums.subtract(base);
    return sums;
}

InterfaceSums SegmentReader::total_sums() const noexcept {
    InterfaceSums sums;
    for (const WorkerLayout &worker : state_->plan.workers)
        for (std::uint32_t row = 0; row <= geometry().interfaces; ++row)
            sums.add(at<InterfaceCounters>(worker.interface_counters, row));
    return sums;
}

WorkerCopy SegmentReader::worker(std::uint32_t id) const noexcept {
    WorkerCopy copy;
    if (id >= geometry().workers)
        return copy;
    const WorkerLayout &layout = state_->plan.workers[id];
    const auto &status = at<WorkerStatus>(layout.status);
    // relaxed (both): life signs for people, they order nothing
    copy.lcore = status.lcore.load(std::memory_order_relaxed);
    copy.is_running = status.running.load(std::memory_order_relaxed) != 0;
    copy.loops = status.loops.read();
    copy.held = status.held.load(std::memory_order_relaxed); // as above
    copy.busy_loops = status.busy_loops.read();
    for (std::size_t i = 0; i < kEventCount; ++i)
        copy.events[i] = status.events[i].read();
    for (std::uint32_t row = 0; row <= geometry().interfaces; ++row)
        copy.sums.add(at<InterfaceCounters>(layout.interface_counters, row));
    return copy;
}

std::array<std::uint64_t, kEventCount> SegmentReader::event_sums() const noexcept {
    std::array<std::uint64_t, kEventCount> sums{};
    for (const WorkerLayout &worker : state_->plan.workers)
        for (std::size_t i = 0; i < kEventCount; ++i)
            sums[i] += at<WorkerStatus>(worker.status).events[i].read();
    return sums;
}

std::uint64_t SegmentReader::held() const noexcept {
    std::uint64_t held = 0;
    for (const WorkerLayout &worker : state_->plan.workers)
        // relaxed: a statistic, orders nothing
        held += at<WorkerStatus>(worker.status).held.load(std::memory_order_relaxed);
    return held;
}

} // namespace mgm
