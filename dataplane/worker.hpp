// SPDX-License-Identifier: BSD-3-Clause
// One poll-mode worker: receives, replicates, accounts. worker.cpp is the table of contents of the
// packet's way.
#pragma once

#include "dataplane/active_ports.hpp"
#include "dataplane/policy.hpp"
#include "mgm/grace_period.hpp"
#include "mgm/tables.hpp"

#include <atomic>
#include <cstdint>
#include <memory>

struct rte_mempool;

namespace mgm {
class InjectRing;
class SignalRing;
} // namespace mgm

namespace dataplane {

class SpreadRings;
class TxRings;

struct WorkerConfig {
    std::uint32_t id = 0; ///< worker index: row in the counters, reader id in the grace period
    mgm::Tables tables{nullptr};
    mgm::GracePeriod *grace = nullptr;
    ActivePorts *ports = nullptr;
    rte_mempool *pool = nullptr; ///< copies, fragments and ICMPv6 errors come from here
    /// Small mbufs (kHeadRoom) for short copies and the heads of long ones. Nullptr: every copy is
    /// a whole one from `pool`.
    rte_mempool *heads = nullptr;
    mgm::InjectRing *inject = nullptr; ///< what control asks of this worker; nullptr: nothing
    /// Where flows without an entry and packets on wrong interfaces are reported. Nullptr: nowhere;
    /// a packet without an entry is dropped as no_entry, none is held.
    mgm::SignalRing *signals = nullptr;
    SpreadRings *spread = nullptr; ///< between the workers; nullptr: there is but one
    /// Frames stay where they are, in the port's queue or a lane, while the next lane is full; half
    /// a lane of room will do, so at most lane / 64 copies of a packet may leave by one port. For
    /// files, which wait: a device would lose frames of all flows instead of those of one worker.
    bool waits_for_lanes = false;
    /// To ports with fewer tx queues than workers. Nullptr: queue `id` of every port.
    TxRings *tx_rings = nullptr;
    Policy policy;
    Idle idle = Idle::kAdaptive;
};

class Worker {
public:
    explicit Worker(const WorkerConfig &config);
    ~Worker();
    Worker(const Worker &) = delete;
    Worker &operator=(const Worker &) = delete;

    /// The poll loop. Returns after stop(), offline and holding no mbuf: what waits for an entry is
    /// dropped. Thread: the worker's lcore.
    void run() noexcept;
    /// All workers have left their loops: forwards what others had received for this one, and drops
    /// what would have to wait. Thread: one for all workers.
    void finish() noexcept;
    /// Any thread. The loop ends after its current turn.
    void stop() noexcept;
    /// One turn of the loop: every polled queue once. Returns the number of frames that it
    /// received, was given by other workers, or passed on for them. For tests and benchmarks that
    /// drive a worker by hand on one thread; run() is a loop over it.
    unsigned turn() noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace dataplane
