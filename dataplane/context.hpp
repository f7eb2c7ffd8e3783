// SPDX-License-Identifier: BSD-3-Clause
// What all stages of one worker share: its number, the tables, the policy, its counters, its pool.
//
// Thread: one worker.  Everything in it outlives the worker.
#pragma once

#include "dataplane/policy.hpp"
#include "mgm/tables.hpp"

#include <cstdint>

struct rte_mempool;

namespace dataplane {

struct Context {
    std::uint32_t worker = 0; ///< row in the counters, and tx queue on every port
    mgm::Tables tables{nullptr};
    Policy policy;
    rte_mempool *pool = nullptr; ///< copies, fragments and ICMPv6 errors come from here
    rte_mempool *heads =
        nullptr; ///< short copies and heads of long ones (kHeadRoom); may be absent

    /// This worker's counters of one interface; kNoSlot is the row of frames without one.
    [[nodiscard]] mgm::InterfaceCounters &counters(mgm::IfSlot slot) const noexcept {
        return tables.interface_counters(worker, slot);
    }
    void count(mgm::Event event, std::uint64_t n = 1) const noexcept {
        tables.worker_status(worker).events[static_cast<std::size_t>(event)].add(n);
    }
};

} // namespace dataplane
