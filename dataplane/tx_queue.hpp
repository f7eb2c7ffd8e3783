// SPDX-License-Identifier: BSD-3-Clause
// Offers frames to one tx queue of a port.
#pragma once

#include <rte_ethdev.h>

#include <cstdint>

namespace dataplane {

/// Returns how many of the frames the queue took: the first ones. Some drivers take at most so many
/// a call: ask until one call takes nothing. Thread: the one worker whose queue it is.
inline std::uint16_t send_to_queue(std::uint16_t port_id, std::uint16_t queue, rte_mbuf **frames,
                                   std::uint16_t count) noexcept {
    std::uint16_t sent = 0;
    while (sent < count) {
        const std::uint16_t taken = rte_eth_tx_burst(port_id, queue, frames + sent,
                                                     static_cast<std::uint16_t>(count - sent));
        if (taken == 0)
            break;
        sent = static_cast<std::uint16_t>(sent + taken);
    }
    return sent;
}

} // namespace dataplane
