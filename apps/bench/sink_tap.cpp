// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/sink_tap.hpp"

#include <rte_ethdev.h>

#include <stdexcept>

namespace bench {

SinkTap::SinkTap(std::uint16_t port_id)
    : port_id_(port_id), callback_(rte_eth_add_tx_callback(port_id, 0, on_burst, this)) {
    if (callback_ == nullptr)
        throw std::runtime_error("the tx callback of a sink is refused");
}

SinkTap::~SinkTap() {
    rte_eth_remove_tx_callback(port_id_, 0, callback_);
}

std::uint16_t SinkTap::on_burst(std::uint16_t, std::uint16_t, rte_mbuf **frames,
                                std::uint16_t count, void *self) {
    static_cast<SinkTap *>(self)->see(frames, count);
    return count;
}

} // namespace bench
