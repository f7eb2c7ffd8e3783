// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/live_wire.hpp"

#include <fmt/format.h>
#include <rte_errno.h>
#include <rte_eth_ring.h>
#include <rte_ethdev.h>
#include <rte_ether.h>
#include <rte_mbuf.h>
#include <rte_ring.h>

namespace bench {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

constexpr unsigned kBurst = 32;
constexpr unsigned kRingSize = 1024;

Result<dataplane::Port> open(const std::string &devargs, std::uint16_t mtu,
                             const dataplane::PortSettings &settings) {
    dataplane::PortSpec spec;
    spec.devargs = devargs;
    spec.mtu = mtu;
    Result<dataplane::Port> port = dataplane::Port::open(spec, settings);
    if (!port)
        return tl::unexpected(mgm::Error{port.error().code,
                                         fmt::format("port '{}': {}", devargs, port.error().what)});
    return port;
}

/// Opens it into `place`.
Result<void> open_as(std::optional<dataplane::Port> &place, const std::string &devargs,
                     std::uint16_t mtu, const dataplane::PortSettings &settings) {
    Result<dataplane::Port> port = open(devargs, mtu, settings);
    if (!port)
        return tl::unexpected(std::move(port.error()));
    place.emplace(std::move(*port));
    return {};
}

} // namespace

void LiveWire::FreeRing::operator()(rte_ring *ring) const noexcept {
    rte_ring_free(ring);
}

Result<LiveWire> LiveWire::make(const std::string &what, unsigned number, std::uint16_t mtu,
                                const dataplane::PortSettings &settings) {
    LiveWire wire;
    Result<void> made;
    if (what == "ring")
        made = wire.make_ring_pair(fmt::format("live{}", number), settings);
    else if (what == "null")
        made = open_as(wire.near_, fmt::format("net_null{},no-rx=1", number), mtu, settings);
    else
        made = open_as(wire.near_, what, mtu, settings);
    if (!made)
        return tl::unexpected(std::move(made.error()));
    return wire;
}

/// What one end sends the other receives.
Result<void> LiveWire::make_ring_pair(const std::string &name,
                                      const dataplane::PortSettings &settings) {
    for (std::size_t k = 0; k < rings_.size(); ++k) {
        rings_[k].reset(rte_ring_create(fmt::format("{}_{}", name, k).c_str(), kRingSize,
                                        SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ));
        if (!rings_[k])
            return fail(Errc::kNoMemory, "ring of {} frames: {}", kRingSize,
                        rte_strerror(rte_errno));
    }
    std::array<rte_ring *, 2> rings{rings_[0].get(), rings_[1].get()};
    const std::array ends{name + "n", name + "f"};
    for (unsigned k = 0; k < ends.size(); ++k)
        if (rte_eth_from_rings(ends[k].c_str(), &rings[k], 1, &rings[1 - k], 1, 0) < 0)
            return fail(Errc::kInternal, "ring port '{}': {}", ends[k], rte_strerror(rte_errno));
    return open_as(near_, "net_ring_" + ends[0], RTE_ETHER_MTU, settings).and_then([&] {
        return open_as(far_, "net_ring_" + ends[1], RTE_ETHER_MTU, settings);
    });
}

unsigned LiveWire::drain() noexcept {
    std::array<rte_mbuf *, kBurst> frames{};
    const std::uint16_t count = rte_eth_rx_burst(far_->id(), 0, frames.data(), kBurst);
    rte_pktmbuf_free_bulk(frames.data(), count);
    return count;
}

unsigned LiveWire::feed(rte_mbuf **frames, unsigned count) noexcept {
    return rte_eth_tx_burst(far_->id(), 0, frames, static_cast<std::uint16_t>(count));
}

} // namespace bench
