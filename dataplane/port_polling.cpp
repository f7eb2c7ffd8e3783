// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/port_polling.hpp"

#include "dataplane/spread.hpp"
#include "mgm/log.hpp"

namespace dataplane {

namespace {

const mgm::Log kLog("mgm.port");

} // namespace

void poll_port(const PortManagerConfig &config, const Port &port, std::uint32_t receiver) {
    const unsigned count = port.rx_queues();
    const std::uint16_t id = port.id();
    if (count < config.workers) {
        const QueueMask all = ~QueueMask{0} >> (kMaxRxQueues - count);
        if (config.spread != nullptr && config.spread->prepare(receiver))
            return config.active->poll_and_spread(receiver, id, all);
        kLog.warning("port {}: no memory for lanes between {} workers; worker {} does all that it "
                     "receives; give the machine more memory or lower rx_descriptors or workers",
                     id, config.workers, receiver);
        return config.active->poll(receiver, id, all);
    }
    for (std::uint32_t worker = 0; worker < config.workers; ++worker) {
        QueueMask queues = 0;
        for (unsigned queue = worker; queue < count; queue += config.workers)
            queues |= QueueMask{1} << queue;
        config.active->poll(worker, id, queues);
    }
}

} // namespace dataplane
