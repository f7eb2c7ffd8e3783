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
#include "dataplane/spread.hpp"
#include "dataplane/trace.hpp"
#include "dataplane/tx.hpp"
#include "dataplane/tx_rings.hpp"

#include <rte_cycles.h>
#include <rte_lcore.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>
#include <span>

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
          icmpv6_bucket_(config.policy.icmpv6_errors_per_second, rte_get_tsc_hz()),
          tx_rings_(config.tx_rings),
          tx_(config.tx_rings),
          spread_rings_(config.spread),
          waits_for_lanes_(config.waits_for_lanes && config.spread != nullptr) {
        if (config.signals != nullptr)
            signals_.emplace(context_, *config.signals);
        if (spread_rings_ != nullptr)
            spreader_.emplace(config.id, *spread_rings_, config.tables.header().salt);
    }
    ~Impl() {
        drop_all_given();
        drop_all_held();
    }
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;

    /// Every polled queue once. The worker must be online.
    unsigned poll() noexcept {
        unsigned moved = 0;
        if (tx_rings_ != nullptr)
            moved += tx_rings_->pass_on(context_.worker);
        injector_.run(context_, burst_, tracer_, tx_,
                      [this](const mgm::InjectMessage &message) { end_held(message); });
        if (signals_)
            drop_overdue();
        PortMask ports = ports_.polled_by(context_.worker);
        const PortMask spread = ports_.spread_by(context_.worker); // ordered by polled_by()
        for (; ports != 0; ports &= ports - 1) {
            const auto port_id = static_cast<std::uint16_t>(std::countr_zero(ports));
            QueueMask queues = ports_.queues(context_.worker, port_id);
            for (; queues != 0; queues &= queues - 1)
                moved += visit(port_id, static_cast<std::uint16_t>(std::countr_zero(queues)),
                               (spread >> port_id & 1U) != 0);
        }
        if (spread_rings_ != nullptr)
            moved += forward_given();
        count_turn(moved != 0);
        grace_.quiescent(context_.worker); // entries found above may be freed from here on
        return moved;
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
        const unsigned moved = poll();
        grace_.offline(context_.worker);
        return moved;
    }

    void finish() noexcept {
        const NeverWait for_a_port; // not even now: whoever stops the router waits for us
        grace_.online(context_.worker);
        const auto make_room = [this] { // the owners of the lanes have stopped, too
            while (pass_on_for_all() != 0) {
            }
            return true;
        };
        while (spread_rings_ != nullptr && take_given([this] { forward(); }, make_room) != 0) {
        }
        drop_all_held();
        grace_.offline(context_.worker);
    }

    void stop() noexcept { stop_.store(true, std::memory_order_relaxed); } // pairs with run()

private:
    static constexpr unsigned kMaxOverdue = 8; ///< flows that are dropped a turn

    /// Of files nothing is lost: they wait until the next burst is sure to find room.
    [[nodiscard]] bool has_room_in_lanes(bool is_spread) const noexcept {
        return (!is_spread || spreader_->has_room()) &&
               (tx_rings_ == nullptr || tx_rings_->has_room(context_.worker));
    }
    unsigned pass_on_for_all() noexcept {
        unsigned passed = 0;
        for (std::uint32_t owner = 0; tx_rings_ != nullptr && owner < spread_rings_->workers();
             ++owner)
            passed += tx_rings_->pass_on(owner);
        return passed;
    }

    /// One or two bursts of one queue. Returns how many frames.
    unsigned visit(std::uint16_t port_id, std::uint16_t queue, bool is_spread) noexcept {
        if (waits_for_lanes_ && !has_room_in_lanes(is_spread)) [[unlikely]]
            return 0;
        receive(port_id, queue, burst_);
        const unsigned received = burst_.size;
        if (received == 0)
            return 0;
        if (is_spread) [[unlikely]]
            spread_and_forward();
        else if (received < Burst::kCapacity || waits_for_lanes_)
            forward();
        else
            return received + forward_with_next(port_id, queue);
        return received;
    }
    /// The rest of the walk, for a burst that receive() has begun.
    void forward() noexcept {
        parse(context_, burst_);
        aim(context_, burst_);
        spot(context_, burst_);
        finish(burst_);
    }
    /// The same where more waits than a burst holds, side by side with a second burst: while the
    /// lines are on their way that one's lookup has sent for, the other is worked on. Returns how
    /// many frames were in that.
    unsigned forward_with_next(std::uint16_t port_id, std::uint16_t queue) noexcept {
        receive(port_id, queue, second_burst_);
        if (second_burst_.size == 0) {
            forward();
            return 0;
        }
        parse(context_, burst_);
        aim(context_, burst_);
        parse(context_, second_burst_);
        aim(context_, second_burst_);
        spot(context_, burst_);
        spot(context_, second_burst_);
        finish(burst_);
        finish(second_burst_);
        return second_burst_.size;
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

    // --- what one worker received and another forwards (spread.hpp)
    /// A port that only this worker receives from: its own flows' frames go on here.
    [[gnu::noinline]] void spread_and_forward() noexcept {
        spreader_->spread(burst_);
        if (burst_.size != 0)
            forward();
        if (!spreader_->no_room().empty())
            drop_spread(spreader_->no_room());
    }
    /// Frames whose worker does not take them. What is wrong with a frame itself comes first.
    [[gnu::cold, gnu::noinline]] void drop_spread(std::span<rte_mbuf *const> frames) noexcept {
        begin_burst(burst_.port_id, static_cast<unsigned>(frames.size()),
                    [&](unsigned i) { return frames[i]; });
        parse(context_, burst_);
        std::replace(burst_.verdicts.begin(), burst_.verdicts.begin() + burst_.size,
                     mgm::Verdict::kForwarded, mgm::Verdict::kSpreadFull);
        settle(context_, burst_);
        tracer_.report(context_, burst_, inject_ring_);
    }
    /// A burst of every other worker's lane at most.
    unsigned forward_given() noexcept {
        return take_given([this] { forward(); },
                          [this] { return !waits_for_lanes_ || has_room_in_lanes(false); });
    }
    /// Nobody will forward them: their ports are gone.
    void drop_all_given() noexcept {
        const auto drop = [this] {
            const Burst::Column<rte_mbuf *> frames = burst_.mbufs;
            drop_spread(std::span(frames).first(burst_.size));
        };
        while (spread_rings_ != nullptr && take_given(drop, [] { return true; }) != 0) {
        }
    }
    /// `may_take` is asked before each lane's burst.
    template <class End, class MayTake>
    unsigned take_given(End &&end, MayTake &&may_take) noexcept {
        unsigned taken = 0;
        for (std::uint32_t from = 0; from < spread_rings_->workers(); ++from) {
            if (!may_take()) [[unlikely]]
                break;
            Lane *lane = spread_rings_->lane(from, context_.worker);
            const unsigned count =
                lane == nullptr ? 0 : lane->peek(given_.data(), Burst::kCapacity);
            if (count == 0)
                continue;
            end_by_port(std::span(given_).first(count), end);
            lane->release(count);
            taken += count;
        }
        return taken;
    }
    /// Neighbours that came by the same port make a burst.
    template <class End>
    void end_by_port(std::span<const SpreadFrame> frames, End &&end) noexcept {
        while (!frames.empty()) {
            const std::uint64_t port_id = frames.front().port_id;
            unsigned run = 1;
            while (run < frames.size() && frames[run].port_id == port_id)
                ++run;
            begin_burst(static_cast<std::uint16_t>(port_id), run,
                        [&](unsigned i) { return frames[i].frame; });
            end();
            frames = frames.subspan(run);
        }
    }
    template <class FrameAt>
    void begin_burst(std::uint16_t port_id, unsigned size, FrameAt &&frame_at) noexcept {
        burst_.port_id = port_id;
        burst_.size = size;
        for (unsigned i = 0; i < size; ++i)
            burst_.mbufs[i] = frame_at(i);
        burst_.reset_outcomes();
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
    TxRings *tx_rings_; ///< nullptr: a queue on every port
    TxBuffers tx_;
    Burst burst_;
    Burst second_burst_;
    SpreadRings *spread_rings_;        ///< nullptr: no other worker
    std::optional<Spreader> spreader_; ///< with spread_rings_
    bool waits_for_lanes_;
    std::array<SpreadFrame, Burst::kCapacity> given_{};
    std::optional<Signals> signals_; ///< absent: nobody listens
    std::atomic<bool> stop_{false};  ///< read once a turn, written once
};

Worker::Worker(const WorkerConfig &config) : impl_(std::make_unique<Impl>(config)) {}
Worker::~Worker() = default;
void Worker::run() noexcept {
    impl_->run();
}
void Worker::finish() noexcept {
    impl_->finish();
}
void Worker::stop() noexcept {
    impl_->stop();
}
unsigned Worker::turn() noexcept {
    return impl_->turn();
}

} // namespace dataplane
