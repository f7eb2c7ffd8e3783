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

class Context {
public:
    Context(std::uint32_t worker_id, mgm::Tables shared, const Policy &switches,
            rte_mempool *frames, rte_mempool *small_mbufs = nullptr) noexcept
        : worker(worker_id),
          tables(shared),
          policy(switches),
          pool(frames),
          heads(small_mbufs),
          interface_counters_(&shared.interface_counters(worker_id, mgm::kNoSlot)),
          ipv4_counters_(&shared.entry_counters<mgm::Family::kIpv4>(worker_id, mgm::kNoMfe)),
          ipv6_counters_(&shared.entry_counters<mgm::Family::kIpv6>(worker_id, mgm::kNoMfe)) {}

    std::uint32_t worker; ///< row in the counters, and tx queue on every port
    mgm::Tables tables;
    Policy policy;
    rte_mempool *pool;  ///< copies, fragments and ICMPv6 errors come from here
    rte_mempool *heads; ///< short copies and heads of long ones (kHeadRoom); may be absent

    /// This worker's counters of one interface; kNoSlot is the row of frames without one.
    [[nodiscard]] mgm::InterfaceCounters &counters(mgm::IfSlot slot) const noexcept {
        return interface_counters_[static_cast<std::uint32_t>(slot)];
    }
    template <mgm::Family F>
    [[nodiscard]] mgm::EntryCounters &entry_counters(mgm::MfeIndex index) const noexcept {
        return (F == mgm::Family::kIpv4 ? ipv4_counters_
                                        : ipv6_counters_)[static_cast<std::uint32_t>(index)];
    }
    void count(mgm::Event event, std::uint64_t n = 1) const noexcept {
        tables.worker_status(worker).events[static_cast<std::size_t>(event)].add(n);
    }

private:
    // The tables would find them through three loads, for each packet.
    mgm::InterfaceCounters *interface_counters_;
    mgm::EntryCounters *ipv4_counters_;
    mgm::EntryCounters *ipv6_counters_;
};

} // namespace dataplane
