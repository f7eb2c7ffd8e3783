// SPDX-License-Identifier: BSD-3-Clause
// Ports with fewer tx queues than there are workers. The first workers, counted from one that the
// port's number chooses, own a queue each; every other worker has a lane to one of the owners,
// which passes on what the queue takes, and no more. So a port that is full fills its lanes, and
// the worker that finds no room counts tx_full as if the port itself had refused.
//
// Bound: the mbufs that wait for a port are those of its tx queues, and for each worker without one
// as many as a queue has descriptors.
//
// Thread: open() to finish(), the port manager's; send() and pass_on(), workers.
#pragma once

#include "dataplane/active_ports.hpp"
#include "dataplane/lane.hpp"
#include "mgm/tables.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

struct rte_mbuf;

namespace dataplane {

class TxRings {
public:
    /// `frames`: what each lane holds. Lost frames count in `tables`.
    TxRings(std::uint32_t workers, std::uint32_t frames, mgm::Tables tables);
    ~TxRings(); ///< no port is open any more
    TxRings(const TxRings &) = delete;
    TxRings &operator=(const TxRings &) = delete;

    // --- port manager
    /// The port is there and no interface leads to it yet. False: no memory for its lanes.
    bool open(std::uint16_t port_id, std::uint16_t tx_queues);
    /// No interface leads to the port and a grace period has passed: nobody sends to it any more.
    /// The owners offer it once more what waits, and free what it does not take (tx_ring_lost).
    void end(std::uint16_t port_id) noexcept;
    /// After end(): nothing waits for the port.
    [[nodiscard]] bool is_empty(std::uint16_t port_id) const noexcept;
    /// After end(): a grace period from now no owner looks at the port.
    void close(std::uint16_t port_id) noexcept;
    /// Does what the owners would do after end(), and close(). Workers must have stopped.
    void finish(std::uint16_t port_id) noexcept;

    // --- workers
    /// To the worker's queue of the port, or into its lane. Returns how many of the frames, the
    /// first ones, were taken; the others stay the caller's.
    std::uint16_t send(std::uint32_t worker, std::uint16_t port_id, rte_mbuf **frames,
                       std::uint16_t count) noexcept;
    /// Every lane of the worker would take half of what it holds at most.
    [[nodiscard]] bool has_room(std::uint32_t worker) const noexcept;
    /// Offers the ports what waits in lanes to this worker. Returns how many frames they took.
    unsigned pass_on(std::uint32_t owner) noexcept;

private:
    /// From one worker to one port.
    struct Way {
        std::atomic<std::uint16_t> queue{0};
        std::atomic<std::uint32_t> owner{0}; ///< of the queue; itself: no lane
        std::atomic<Lane *> lane{nullptr};   ///< in use only when the owner is another worker
        std::unique_ptr<Lane> made;          ///< kept for the next port of this number
    };
    [[nodiscard]] Way &way(std::uint32_t worker, std::uint16_t port_id) const noexcept {
        return ways_[std::size_t{worker} * mgm::kMaxPorts + port_id];
    }
    /// The lane from `worker`, nullptr where there is none to `owner`.
    [[nodiscard]] Lane *lane_to(std::uint32_t owner, std::uint32_t worker,
                                std::uint16_t port_id) const noexcept;
    /// `most`: frames, or what is left of a burst more.
    static unsigned pass_on(Lane &lane, std::uint16_t port_id, std::uint16_t queue,
                            unsigned most) noexcept;
    void discard(Lane &lane, std::uint32_t owner) noexcept;

    std::uint32_t workers_;
    std::uint32_t frames_;
    mgm::Tables tables_;
    std::unique_ptr<Way[]> ways_;                        ///< by worker and port
    std::unique_ptr<std::atomic<PortMask>[]> passed_on_; ///< by owner: ports with lanes to it
    std::atomic<PortMask> ending_{0};
};

} // namespace dataplane
