// SPDX-License-Identifier: BSD-3-Clause
// RFC 3918 5.3 and 5.4 through the tables' interface: packets of a flow keep coming while its entry
// is added and removed.
#include "apps/bench/measure.hpp"
#include "apps/bench/sink_tap.hpp"

#include <fmt/format.h>
#include <rte_cycles.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <atomic>

namespace bench {

namespace {

constexpr double kShareOfFull = 0.1;
constexpr std::uint32_t kEnough = 64; ///< packets of a flow: those under way have left by then

/// The copies of one flow at one port.
class FlowTap final : public SinkTap {
public:
    FlowTap(std::uint16_t port_id, mgm::Family family)
        : SinkTap(port_id), at_(static_cast<std::uint32_t>(stamp_offset(family))) {}

    void see(rte_mbuf **frames, std::uint16_t count) override {
        const std::uint64_t now = rte_rdtsc();
        const std::uint32_t flow = flow_.load(std::memory_order_acquire); // pairs with watch()
        for (std::uint16_t i = 0; i < count; ++i) {
            const std::optional<Stamp> stamp = read_timed_stamp(*frames[i], at_);
            if (stamp && stamp->flow == flow)
                note(now, stamp->sequence);
        }
    }

    /// Forgets the last flow. Nothing of `flow` is sent now.
    void watch(std::uint32_t flow) noexcept {
        first_time_.store(0, std::memory_order_relaxed);
        last_time_.store(0, std::memory_order_relaxed);
        flow_.store(flow, std::memory_order_release); // pairs with see()
    }
    /// TSC; 0 as long as none came.
    [[nodiscard]] std::uint64_t first_time() const noexcept {
        return first_time_.load(std::memory_order_acquire); // pairs with note(): first_sequence()
    }
    [[nodiscard]] std::uint32_t first_sequence() const noexcept {
        return first_sequence_.load(std::memory_order_relaxed);
    }
    [[nodiscard]] std::uint64_t last_time() const noexcept {
        return last_time_.load(std::memory_order_acquire); // pairs with note(): last_sequence()
    }
    [[nodiscard]] std::uint32_t last_sequence() const noexcept {
        return last_sequence_.load(std::memory_order_relaxed);
    }

private:
    void note(std::uint64_t now, std::uint32_t sequence) noexcept {
        if (first_time_.load(std::memory_order_relaxed) == 0) {
            first_sequence_.store(sequence, std::memory_order_relaxed);
            first_time_.store(now, std::memory_order_release); // pairs with first_time()
        }
        last_sequence_.store(sequence, std::memory_order_relaxed);
        last_time_.store(now, std::memory_order_release); // pairs with last_time()
    }

    std::uint32_t at_;
    std::atomic<std::uint32_t> flow_{UINT32_MAX};
    std::atomic<std::uint64_t> first_time_{0}, last_time_{0};
    std::atomic<std::uint32_t> first_sequence_{0}, last_sequence_{0};
};

/// Adds and removes the entry of one flow after the other.
class Delays {
public:
    Delays(RouterRun &run, DelayResult &result)
        : run_(run), result_(result), tap_(run.port_ids().front(), run.scenario().family) {}

    void join(std::uint32_t flow) {
        run_.router().remove_entry(flow);
        await_packets(flow);
        run_.router().reclaim();
        tap_.watch(flow);
        const std::uint32_t next = run_.ingress().sequence(flow);
        const std::uint64_t called = rte_rdtsc();
        run_.router().add_entry(flow);
        if (!until([&] { return tap_.first_time() != 0; })) {
            ++result_.timeouts;
            return;
        }
        record(called, tap_.first_time());
        result_.frames.record(std::max(tap_.first_sequence(), next) - next);
    }

    void leave(std::uint32_t flow) {
        tap_.watch(flow);
        if (!until([&] { return tap_.first_time() != 0; })) {
            ++result_.timeouts;
            return;
        }
        const std::uint32_t next = run_.ingress().sequence(flow);
        const std::uint64_t called = rte_rdtsc();
        run_.router().remove_entry(flow);
        await_packets(flow);
        record(called, tap_.last_time());
        const std::uint32_t behind_last = tap_.last_sequence() + 1;
        result_.frames.record(std::max(behind_last, next) - next);
        run_.router().reclaim();
        run_.router().add_entry(flow);
    }

private:
    void record(std::uint64_t called, std::uint64_t seen) {
        result_.delay.record(std::max(seen, called) - called);
    }
    /// Until the worker has done with all packets of the flow that were there before.
    void await_packets(std::uint32_t flow) {
        const std::uint32_t begin = run_.ingress().sequence(flow);
        if (!until([&] { return run_.ingress().sequence(flow) - begin >= kEnough; }))
            ++result_.timeouts;
    }
    template <class Condition>
    bool until(const Condition &condition) {
        const std::uint64_t deadline = rte_rdtsc() + rte_get_tsc_hz();
        while (!condition())
            if (rte_rdtsc() > deadline)
                return false;
        return true;
    }

    RouterRun &run_;
    DelayResult &result_;
    FlowTap tap_;
};

} // namespace

void measure_delay(RouterRun &run, const MeasureSettings &settings, MeasuredRow &row) {
    DelayResult result;
    const double whole = full_speed_of(run, settings.seconds);
    Load load;
    load.pps = loads_of(row.row, whole, {kShareOfFull}).front();
    load.packets = UINT64_MAX; // until there are enough samples
    const auto flows = static_cast<std::uint32_t>(run.scenario().entries());
    Delays delays(run, result);
    bool is_done = false;
    const Offered offered = run.run(load, Stamping::kFlow, 1, [&] {
        for (unsigned k = 0; !is_done && k < settings.samples && result.timeouts == 0; ++k)
            row.row.measure == Measure::kJoinDelay ? delays.join(k % flows)
                                                   : delays.leave(k % flows);
        is_done = true;
        run.ingress().finish();
    });
    result.pps = offered.pps;
    if (offered.falls_short())
        row.invalid = fmt::format("generator shortfall: {:.0f} packets/s offered of {:.0f}",
                                  offered.pps, offered.intended_pps);
    if (result.timeouts != 0)
        row.invalid = "no packet of a flow for a second: fewer groups or a higher --load";
    row.result = result;
}

} // namespace bench
