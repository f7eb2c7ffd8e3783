// SPDX-License-Identifier: BSD-3-Clause
// How many queues a port gets for so many workers, and how it spreads what it receives over them.
// README.md, "Ports", says why by driver.
//
// Thread: the port manager's.
#pragma once

#include "dataplane/port.hpp"
#include "mgm/result.hpp"

#include <rte_ethdev.h>

#include <cstdint>
#include <string>
#include <vector>

namespace dataplane {

struct QueuePlan {
    std::uint16_t rx = 1;  ///< all of them are polled
    std::uint16_t tx = 1;  ///< at most one for each worker
    std::uint64_t rss = 0; ///< what the port hashes for its rx queues; 0: it is not asked to

    /// One line for each direction in which not every worker has a queue.
    [[nodiscard]] std::vector<std::string> notes(std::uint32_t workers) const;
};

/// Order within a flow holds whatever the plan: several rx queues only where the device keeps a
/// flow in one of them.
QueuePlan plan_queues(const rte_eth_dev_info &info, std::uint32_t workers);

/// kInvalidArgument, in the driver's own words, where it refuses.
mgm::Result<void> configure_queues(std::uint16_t port_id, const QueuePlan &plan, rte_eth_conf conf);
/// After configure_queues(), with descriptors as the device likes them.
mgm::Result<void> set_up_queues(std::uint16_t port_id, const QueuePlan &plan,
                                const PortSettings &settings);

} // namespace dataplane
