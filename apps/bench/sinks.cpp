// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/sinks.hpp"

#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <numeric>
#include <stdexcept>
#include <utility>

namespace bench {

ParkedFrames::ParkedFrames(std::uint16_t port_id, rte_mempool *filler) : port_id_(port_id) {
    if (rte_pktmbuf_alloc_bulk(filler, frames_.data(), kFrames) != 0)
        throw std::runtime_error("too few buffers to fill the parked sinks");
    callback_ = rte_eth_add_tx_callback(port_id, 0, exchange, this);
    if (callback_ == nullptr) {
        rte_pktmbuf_free_bulk(frames_.data(), kFrames);
        throw std::runtime_error("the tx callback of a sink is refused");
    }
}

ParkedFrames::~ParkedFrames() {
    rte_eth_remove_tx_callback(port_id_, 0, callback_);
    rte_pktmbuf_free_bulk(frames_.data(), kFrames);
}

std::uint16_t ParkedFrames::exchange(std::uint16_t, std::uint16_t, rte_mbuf **frames,
                                     std::uint16_t count, void *self) {
    auto &parked = *static_cast<ParkedFrames *>(self);
    for (std::uint16_t i = 0; i < count; ++i) {
        std::swap(frames[i], parked.frames_[parked.next_]);
        parked.next_ = (parked.next_ + 1) % kFrames;
    }
    return count;
}

Blockade::Blockade(std::uint16_t port_id)
    : port_id_(port_id), callback_(rte_eth_add_tx_callback(port_id, 0, refuse, nullptr)) {
    if (callback_ == nullptr)
        throw std::runtime_error("the tx callback of a sink is refused");
}

Blockade::~Blockade() {
    rte_eth_remove_tx_callback(port_id_, 0, callback_);
}

Sinks::Sinks(std::vector<std::uint16_t> port_ids, const Scenario &scenario, rte_mempool *filler)
    : port_ids_(std::move(port_ids)), sent_(port_ids_.size()), sent_before_(port_ids_.size()) {
    if (scenario.sink == Sink::kParked)
        for (const std::uint16_t port_id : port_ids_)
            parked_.push_back(std::make_unique<ParkedFrames>(port_id, filler));
    if (scenario.has_blocked_port)
        blockade_.emplace(port_ids_.at(scenario.blocked_port()));
    take_sent();
}

std::uint64_t Sinks::take_sent() {
    for (std::size_t k = 0; k < port_ids_.size(); ++k) {
        rte_eth_stats stats{};
        rte_eth_stats_get(port_ids_[k], &stats);
        sent_[k] = stats.opackets - std::exchange(sent_before_[k], stats.opackets);
    }
    return std::accumulate(sent_.begin(), sent_.end(), std::uint64_t{0});
}

} // namespace bench
