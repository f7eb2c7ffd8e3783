// SPDX-License-Identifier: BSD-3-Clause
#include "support/ring_port.hpp"

#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

#include <algorithm>
#include <array>
#include <memory>
#include <stdexcept>
#include <string>

namespace support {

namespace {

void require(bool ok, const std::string &what) {
    if (!ok)
        throw std::runtime_error("ring port: " + what);
}

void free_all(rte_ring *ring) {
    void *frame = nullptr;
    while (rte_ring_dequeue(ring, &frame) == 0)
        rte_pktmbuf_free(static_cast<rte_mbuf *>(frame));
}

} // namespace

RingPort &RingPort::get(unsigned k) {
    static std::array<std::unique_ptr<RingPort>, 30> ports;
    std::unique_ptr<RingPort> &port = ports.at(k);
    if (!port)
        port.reset(new RingPort(k));
    port->drain();
    return *port;
}

RingPort::RingPort(unsigned k) {
    const std::string name = "ring" + std::to_string(k);
    const unsigned flags = RING_F_SP_ENQ | RING_F_SC_DEQ;
    rx_ = rte_ring_create((name + "_rx").c_str(), kRingSize, 0, flags);
    tx_ = rte_ring_create((name + "_tx").c_str(), kRingSize, 0, flags);
    require(rx_ != nullptr && tx_ != nullptr, "no memory");
    const int port = rte_eth_from_rings(name.c_str(), &rx_, 1, &tx_, 1, 0);
    require(port >= 0, "rte_eth_from_rings");
    id_ = static_cast<std::uint16_t>(port);
    // The rx queue's pool is only looked at for its room; frames come from whoever puts them in.
    static rte_mempool *pool = rte_pktmbuf_pool_create("ring_port", 31, 0, 0, 2176, 0);
    rte_eth_conf config{};
    require(rte_eth_dev_configure(id_, 1, 1, &config) == 0, "configure");
    require(rte_eth_rx_queue_setup(id_, 0, 1024, 0, nullptr, pool) == 0, "rx queue");
    require(rte_eth_tx_queue_setup(id_, 0, 1024, 0, nullptr) == 0, "tx queue");
    require(rte_eth_dev_start(id_) == 0, "start");
}

void RingPort::put(rte_mbuf *frame) {
    require(rte_ring_enqueue(rx_, frame) == 0, "rx ring full");
}

std::vector<Octets> RingPort::take() {
    std::vector<Octets> frames;
    void *frame = nullptr;
    while (rte_ring_dequeue(tx_, &frame) == 0) {
        auto *mbuf = static_cast<rte_mbuf *>(frame);
        frames.push_back(octets_of(*mbuf));
        rte_pktmbuf_free(mbuf);
    }
    return frames;
}

unsigned RingPort::sent() const {
    return rte_ring_count(tx_);
}

void RingPort::leave_room_for(unsigned frames, rte_mempool *pool) {
    const unsigned fillers = std::max(rte_ring_free_count(tx_), frames) - frames;
    if (fillers == 0)
        return;
    rte_mbuf *filler = rte_pktmbuf_alloc(pool); // one for all
    require(filler != nullptr, "pool exhausted");
    rte_mbuf_refcnt_set(filler, static_cast<std::uint16_t>(fillers));
    for (unsigned k = 0; k < fillers; ++k)
        require(rte_ring_enqueue(tx_, filler) == 0, "cannot fill tx ring");
}

void RingPort::drain() {
    free_all(rx_);
    free_all(tx_);
}

rte_mbuf *make_frame(rte_mempool *pool, const Octets &octets,
                     const std::vector<std::size_t> &splits) {
    rte_mbuf *head = nullptr;
    std::size_t at = 0;
    for (std::size_t k = 0; k <= splits.size(); ++k) {
        const std::size_t length = k < splits.size() ? splits[k] : octets.size() - at;
        rte_mbuf *segment = rte_pktmbuf_alloc(pool);
        require(segment != nullptr, "pool exhausted");
        char *data = rte_pktmbuf_append(segment, static_cast<std::uint16_t>(length));
        require(data != nullptr, "frame longer than an mbuf");
        std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(at), length, data);
        at += length;
        if (head == nullptr)
            head = segment;
        else
            require(rte_pktmbuf_chain(head, segment) == 0, "too many segments");
    }
    return head;
}

Octets octets_of(const rte_mbuf &frame) {
    Octets octets(rte_pktmbuf_pkt_len(&frame));
    const void *data =
        rte_pktmbuf_read(&frame, 0, static_cast<std::uint32_t>(octets.size()), octets.data());
    if (data != octets.data() && !octets.empty())
        std::copy_n(static_cast<const std::uint8_t *>(data), octets.size(), octets.begin());
    return octets;
}

} // namespace support
