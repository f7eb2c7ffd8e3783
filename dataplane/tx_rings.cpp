// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/tx_rings.hpp"

#include "dataplane/af_packet.hpp"
#include "dataplane/tx_queue.hpp"

#include <rte_mbuf.h>

#include <bit>

namespace dataplane {

namespace {

constexpr unsigned kBurst = 32;
constexpr unsigned kMostFrames = 8 * kBurst; ///< of one lane a turn: the others wait as well

constexpr PortMask bit_of(std::uint16_t port_id) noexcept {
    return PortMask{1} << port_id;
}

} // namespace

TxRings::TxRings(std::uint32_t workers, std::uint32_t frames, mgm::Tables tables)
    : workers_(workers),
      frames_(frames),
      tables_(tables),
      ways_(std::make_unique<Way[]>(std::size_t{workers} * mgm::kMaxPorts)),
      passed_on_(std::make_unique<std::atomic<PortMask>[]>(workers)) {
    for (std::uint32_t worker = 0; worker < workers_; ++worker)
        for (std::uint16_t port_id = 0; port_id < mgm::kMaxPorts; ++port_id) {
            // relaxed: no worker yet
            way(worker, port_id)
                .queue.store(static_cast<std::uint16_t>(worker), std::memory_order_relaxed);
            way(worker, port_id).owner.store(worker, std::memory_order_relaxed);
        }
}

TxRings::~TxRings() = default;

// --- port manager

bool TxRings::open(std::uint16_t port_id, std::uint16_t tx_queues) {
    // relaxed: workers come to the port through its interface, which is published later, or through
    // passed_on_ below
    ending_.fetch_and(~bit_of(port_id), std::memory_order_relaxed);
    const bool has_enough = tx_queues >= workers_;
    const std::uint32_t first = has_enough ? 0 : port_id % workers_;
    const std::uint32_t queues = has_enough ? workers_ : tx_queues;
    for (std::uint32_t nth = 0; nth < workers_; ++nth) {
        const std::uint32_t worker = (first + nth) % workers_;
        const std::uint32_t queue = nth % queues;
        const std::uint32_t owner = (first + queue) % workers_;
        Way &way = this->way(worker, port_id);
        if (owner != worker && way.made == nullptr)
            way.made = Lane::make(sizeof(void *), frames_);
        if (owner != worker && way.made == nullptr)
            return false;
        way.queue.store(static_cast<std::uint16_t>(queue), std::memory_order_relaxed);
        way.owner.store(owner, std::memory_order_relaxed);
        way.lane.store(owner != worker ? way.made.get() : nullptr, std::memory_order_release);
        if (owner != worker)
            // release: the way above is complete; pairs with pass_on()
            passed_on_[owner].fetch_or(bit_of(port_id), std::memory_order_release);
    }
    return true;
}

void TxRings::end(std::uint16_t port_id) noexcept {
    // relaxed: an order to the owners, which publishes nothing
    ending_.fetch_or(bit_of(port_id), std::memory_order_relaxed);
}

bool TxRings::is_empty(std::uint16_t port_id) const noexcept {
    for (std::uint32_t worker = 0; worker < workers_; ++worker) {
        const std::unique_ptr<Lane> &lane = way(worker, port_id).made;
        if (lane != nullptr && !lane->is_empty())
            return false;
    }
    return true;
}

void TxRings::close(std::uint16_t port_id) noexcept {
    for (std::uint32_t owner = 0; owner < workers_; ++owner)
        // relaxed: publishes nothing; the grace period that follows orders what comes later
        passed_on_[owner].fetch_and(~bit_of(port_id), std::memory_order_relaxed);
}

void TxRings::finish(std::uint16_t port_id) noexcept {
    const NeverWait for_the_port;
    end(port_id);
    for (std::uint32_t owner = 0; owner < workers_; ++owner)
        while (pass_on(owner) != 0) {
        }
    close(port_id);
}

// --- workers

std::uint16_t TxRings::send(std::uint32_t worker, std::uint16_t port_id, rte_mbuf **frames,
                            std::uint16_t count) noexcept {
    const Way &way = this->way(worker, port_id);
    // acquire: the lane is complete; pairs with open(). The queue is ordered by that, too.
    Lane *lane = way.lane.load(std::memory_order_acquire);
    if (lane != nullptr)
        return static_cast<std::uint16_t>(lane->push(frames, count));
    return send_to_queue(port_id, way.queue.load(std::memory_order_relaxed), frames, count);
}

bool TxRings::has_room(std::uint32_t worker) const noexcept {
    for (std::uint16_t port_id = 0; port_id < mgm::kMaxPorts; ++port_id) {
        // acquire: pairs with open()
        const Lane *lane = way(worker, port_id).lane.load(std::memory_order_acquire);
        if (lane != nullptr && lane->room() < frames_ / 2)
            return false;
    }
    return true;
}

Lane *TxRings::lane_to(std::uint32_t owner, std::uint32_t worker,
                       std::uint16_t port_id) const noexcept {
    const Way &way = this->way(worker, port_id);
    // acquire: pairs with open()
    Lane *lane = way.lane.load(std::memory_order_acquire);
    return way.owner.load(std::memory_order_relaxed) == owner ? lane : nullptr;
}

unsigned TxRings::pass_on(std::uint32_t owner) noexcept {
    unsigned passed = 0;
    PortMask ports = passed_on_[owner].load(std::memory_order_acquire); // pairs with open()
    for (; ports != 0; ports &= ports - 1) {
        const auto port_id = static_cast<std::uint16_t>(std::countr_zero(ports));
        // relaxed: see end()
        const bool is_ending = (ending_.load(std::memory_order_relaxed) & bit_of(port_id)) != 0;
        for (std::uint32_t worker = 0; worker < workers_; ++worker) {
            Lane *lane = lane_to(owner, worker, port_id);
            if (lane == nullptr)
                continue;
            // relaxed: lane_to() has ordered it
            const std::uint16_t queue = way(worker, port_id).queue.load(std::memory_order_relaxed);
            passed += pass_on(*lane, port_id, queue, is_ending ? ~0U : kMostFrames);
            if (is_ending)
                discard(*lane, owner);
        }
    }
    return passed;
}

unsigned TxRings::pass_on(Lane &lane, std::uint16_t port_id, std::uint16_t queue,
                          unsigned most) noexcept {
    unsigned passed = 0;
    std::array<rte_mbuf *, kBurst> frames{};
    while (passed < most) {
        const unsigned count = lane.peek(frames.data(), kBurst);
        if (count == 0)
            break;
        const unsigned sent =
            send_to_queue(port_id, queue, frames.data(), static_cast<std::uint16_t>(count));
        lane.release(sent);
        passed += sent;
        if (sent != kBurst)
            break;
    }
    return passed;
}

/// Only of a port that is ending: nothing comes after.
void TxRings::discard(Lane &lane, std::uint32_t owner) noexcept {
    std::array<rte_mbuf *, kBurst> frames{};
    while (const unsigned count = lane.peek(frames.data(), kBurst)) {
        rte_pktmbuf_free_bulk(frames.data(), count);
        tables_.worker_status(owner).events[static_cast<std::size_t>(mgm::Event::kTxRingLost)].add(
            count);
        lane.release(count);
    }
}

} // namespace dataplane
