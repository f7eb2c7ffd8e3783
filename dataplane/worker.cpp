// SPDX-License-Identifier: BSD-3-Clause
// The packet's way, top down. Each stage is a header of its own; README.md tells the same walk in
// prose.
#include "dataplane/worker.hpp"

#include "dataplane/af_packet.hpp"
#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/icmpv6.hpp"
#include "dataplane/idle.hpp"
#include "dataplane/inject.hpp"
#include "dataplane/lookup.hpp"
#include "dataplane/parse.hpp"
#include "dataplane/replicate.hpp"
#include "dataplane/rpf.hpp"
#include "dataplane/rx.hpp"
#include "dataplane/settle.hpp"
#include "dataplane/signals.hpp"
#include "dataplane/trace.hpp"
#include "dataplane/tx.hpp"

#include <rte_cycles.h>
#include <rte_lcore.h>

#include <algorithm>
#include <bit>
#include <optional>

namespace dataplane {

class alignas(RTE_CACHE_LINE_SIZE) Worker::Impl {
public:
    explicit Impl(const WorkerConfig &config) noexcept
        : context_(config.id, config.tables, config.policy, config.pool, config.heads),
          grace_(*config.grace),
          ports_(*config.ports),
          idle_(config.idle),
          inject_ring_(config.inject),
          injector_(config.inject),
          icmpv6_bucket_(config.policy.icmpv6_errors_per_second, rte_get_tsc_hz()) {
        if (config.signals != nullptr)
            signals_.emplace(context_, *config.signals);
    }
    ~Impl() { drop_all_held(); }
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;

    /// Every polled port once. The worker must be online.
    unsigned poll() noexcept {
        unsigned received = 0;
        injector_.run(context_, burst_, tracer_, tx_,
                      [this](const mgm::InjectMessage &message) { end_held(message); });
        if (signals_)
            drop_overdue();
        for (PortMask ports = ports_.polled_by(context_.worker); ports != 0; ports &= ports - 1) {
            const auto port_id = static_cast<std::uint16_t>(std::countr_zero(ports));
            receive(port_id, burst_);
            if (burst_.size == 0)
                continue;
            received += burst_.size;
            if (burst_.size < Burst::kCapacity) {
                forward();
                continue;
            }
            receive(port_id, second_burst_);
            received += second_burst_.size;
            forward_two();
        }
        count_turn(received != 0);
        grace_.quiescent(context_.worker); // entries found above may be freed from here on
        return received;
    }

    void run() noexcept {
        const NeverWait for_a_port;
        mgm::WorkerStatus &status = context_.tables.worker_status(context_.worker);
        // relaxed, both: life signs for people, they order nothing
        status.lcore.store(rte_lcore_id(), std::memory_order_relaxed);
        status.running.store(1, std::memory_order_relaxed);
        grace_.online(context_.worker);
        while (!stop_.load(std::memory_order_relaxed)) // a flag only: it publishes no data
            idle_.rest(poll() != 0);
        drop_all_held();
        grace_.offline(context_.worker);
        status.running.store(0, std::memory_order_relaxed); // as above
    }

    unsigned turn() noexcept {
        grace_.online(context_.worker);
        const unsigned received = poll();
        grace_.offline(context_.worker);
        return received;
    }

    void stop() noexcept { stop_.store(true, std::memory_order_relaxed); } // pairs with run()

private:
    static constexpr unsigned kMaxOverdue = 8; ///< flows that are dropped a turn

    /// The rest of the walk, for the burst that was received.
    void forward() noexcept {
        parse(context_, burst_);
        aim(context_, burst_);
        spot(context_, burst_);
        finish(burst_);
    }
    /// The same for two of one port, where more waits than a burst holds: while the lines are on
    /// their way that one's lookup has sent for, the other is worked on.
    void forward_two() noexcept {
        if (second_burst_.size == 0)
            return forward();
        parse(context_, burst_);
        aim(context_, burst_);
        parse(context_, second_burst_);
        aim(context_, second_burst_);
        spot(context_, burst_);
        spot(context_, second_burst_);
        finish(burst_);
        finish(second_burst_);
    }
    /// From the last step of the lookup on.
    void finish(Burst &burst) noexcept {
        if (confirm(context_, burst) != 0 && signals_)
            signals_->hold_misses(context_, burst);
        if (check_rpf(context_, burst) != 0 && signals_)
            signals_->report_wrong_iifs(context_, burst);
        send_copies(burst);
        settle(context_, burst);
        tracer_.report(context_, burst, inject_ring_);
    }
    void send_copies(Burst &burst) noexcept {
        replicate(context_, burst, tx_);
        answer(context_, burst, icmpv6_bucket_, tx_);
        tx_.flush(context_, burst);
    }

    // --- what was held: the same way as above, later
    void end_held(const mgm::InjectMessage &message) noexcept {
        if (signals_ && message.kind == mgm::InjectMessage::Kind::kReleaseHeld)
            release_held(message.flow);
        else if (signals_ && message.kind == mgm::InjectMessage::Kind::kDropHeld)
            drop_held(message.flow);
    }
    /// An entry has come. Nothing is held again, and a wrong interface is no news (mgm-spec 8.20).
    [[gnu::cold, gnu::noinline]] void release_held(const mgm::AnyFlow &flow) noexcept {
        while (signals_->recall(context_, flow, burst_)) {
            lookup(context_, burst_);
            std::replace(burst_.verdicts.begin(), burst_.verdicts.begin() + burst_.size,
                         mgm::Verdict::kNoEntry, mgm::Verdict::kUnresolved);
            check_rpf(context_, burst_);
            send_copies(burst_);
            settle_held(context_, burst_);
            tracer_.report(context_, burst_, inject_ring_);
        }
    }
    /// No entry has come, or none will.
    [[gnu::cold, gnu::noinline]] void drop_held(const mgm::AnyFlow &flow) noexcept {
        while (signals_->recall(context_, flow, burst_)) {
            std::fill_n(burst_.verdicts.begin(), burst_.size, mgm::Verdict::kUnresolved);
            settle_held(context_, burst_);
            tracer_.report(context_, burst_, inject_ring_);
        }
    }
    void drop_overdue() noexcept {
        for (unsigned dropped = 0; dropped < kMaxOverdue; ++dropped) {
            const std::optional<mgm::AnyFlow> flow = signals_->overdue();
            if (!flow)
                return;
            drop_held(*flow);
        }
    }
    void drop_all_held() noexcept {
        while (signals_) {
            const std::optional<mgm::AnyFlow> flow = signals_->waiting();
            if (!flow)
                return;
            drop_held(*flow);
        }
    }

    void count_turn(bool was_busy) const noexcept {
        mgm::WorkerStatus &status = context_.tables.worker_status(context_.worker);
        status.loops.add(1);
        if (was_busy)
            status.busy_loops.add(1);
    }

    Context context_;
    mgm::GracePeriod &grace_;
    const ActivePorts &ports_;
    Backoff idle_;
    mgm::InjectRing *inject_ring_;
    Injector injector_;
    Tracer tracer_;
    TokenBucket icmpv6_bucket_;
    TxBuffers tx_;
    Burst burst_;
    Burst second_burst_;
    std::optional<Signals> signals_; ///< absent: nobody listens
    std::atomic<bool> stop_{false};  ///< read once a turn, written once
};

Worker::Worker(const WorkerConfig &config) : impl_(std::make_unique<Impl>(config)) {}
Worker::~Worker() = default;
void Worker::run() noexcept {
    impl_->run();
}
void Worker::stop() noexcept {
    impl_->stop();
}
unsigned Worker::turn() noexcept {
    return impl_->turn();
}

} // namespace dataplane
