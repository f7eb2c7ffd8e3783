// SPDX-License-Identifier: BSD-3-Clause
#include "control/packet_signals.hpp"

#include "control/client/local_transport.hpp"

#include <cstring>
#include <optional>
#include <span>
#include <utility>

namespace control {

namespace {

mgm::AnyFlow flow_of(const manager::Key &key) {
    mgm::AnyFlow flow;
    flow.family = key.family();
    flow.vrf = static_cast<std::uint32_t>(key.vrf);
    flow.source = key.source.octets();
    flow.group = key.group.octets();
    return flow;
}

mgm::IpAddress address_of(mgm::Family family, const std::array<std::uint8_t, 16> &octets) {
    if (family == mgm::Family::kIpv6)
        return mgm::IpAddress(mgm::Ipv6Address{octets});
    mgm::Ipv4Address address;
    std::memcpy(&address.be, octets.data(), sizeof address.be);
    return mgm::IpAddress(address);
}

} // namespace

PacketSignals::PacketSignals(mgm::TableWriter &writer, std::vector<mgm::SignalRing *> up,
                             const std::vector<mgm::InjectRing *> &down)
    : writer_(writer), up_(std::move(up)) {
    if (!up_.empty())
        for (mgm::InjectRing *ring : down)
            down_.push_back({.ring = ring, .waiting = {}});
}

void PacketSignals::drain(manager::Manager &manager) {
    for (Down &down : down_)
        while (!down.waiting.empty() && try_to_tell(*down.ring, down.waiting.front()))
            down.waiting.pop_front();
    for (mgm::SignalRing *ring : up_) {
        const unsigned count = ring->drain(signals_);
        for (const mgm::Signal &signal : std::span(signals_).first(count))
            hand_over(signal, manager);
    }
}

void PacketSignals::hand_over(const mgm::Signal &signal, manager::Manager &manager) {
    const mgm::AnyFlow &flow = signal.flow;
    const manager::Key key{.vrf = static_cast<mgm::Vrf>(flow.vrf),
                           .group = address_of(flow.family, flow.group),
                           .source = address_of(flow.family, flow.source)};
    const std::optional<mgm::IfIndex> arrival = writer_.index_of(signal.iif);
    if (!arrival) { // gone meanwhile
        return drop_held(key);
    }
    const manager::Arrival packet{.key = key,
                                  .interface = *arrival,
                                  .header =
                                      std::as_bytes(std::span(signal.packet).first(signal.octets))};
    if (signal.kind == mgm::Signal::Kind::kNoEntry)
        manager.new_source(packet, LocalTransport::now());
    else
        manager.wrong_interface(packet, LocalTransport::now());
}

void PacketSignals::tell(const Word &word) {
    for (Down &down : down_)
        if ((!down.waiting.empty() || !try_to_tell(*down.ring, word)) &&
            down.waiting.size() < kMostWaiting)
            down.waiting.push_back(word);
}

bool PacketSignals::try_to_tell(mgm::InjectRing &ring, const Word &word) {
    const mgm::AnyFlow flow = flow_of(word.key);
    return word.is_release ? ring.release_held(flow) : ring.drop_held(flow);
}

} // namespace control
