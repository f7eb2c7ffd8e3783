// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/floor.hpp"

#include "apps/bench/crc.hpp"
#include "apps/bench/floor_loop.hpp"

#include <rte_hash.h>

#include <algorithm>
#include <stdexcept>
#include <string>

namespace bench {

mgm::MacAddress port_mac(MacMode mode, std::size_t k) {
    mgm::MacAddress mac{{0x02, 0x6d, 0x67, 0x6d, 0, 0xff}};
    if (mode == MacMode::kPerPort)
        mac.octets[5] = static_cast<std::uint8_t>(k);
    return mac;
}

void Floor::FreeHash::operator()(rte_hash *hash) const noexcept {
    rte_hash_free(hash);
}

namespace {

/// With a length that the compiler knows.
template <mgm::Family F>
std::uint32_t hash_of(const void *key, std::uint32_t /*octets*/, std::uint32_t seed) noexcept {
    return crc32c(key, sizeof(floor_detail::Key<F>), seed);
}

template <mgm::Family F>
std::int32_t add(rte_hash *hash, const FlowAddresses &flow) {
    const floor_detail::Key<F> key = floor_detail::key_of<F>(flow.source, flow.group);
    return rte_hash_add_key(hash, &key);
}

} // namespace

Floor::Floor(const Scenario &scenario, std::uint16_t ingress_port, std::vector<std::uint16_t> ports,
             const FloorPools &pools)
    : scenario_(scenario), ingress_port_(ingress_port), ports_(std::move(ports)), pools_(pools) {
    const bool is_ipv4 = scenario.family == mgm::Family::kIpv4;
    const auto entries =
        static_cast<std::uint32_t>(std::min<std::uint64_t>(scenario.entries(), kMostEntries));
    rte_hash_parameters parameters{};
    parameters.name = "bench_floor";
    parameters.entries = std::max(64U, entries + entries / 2);
    parameters.key_len = is_ipv4 ? sizeof(floor_detail::Key<mgm::Family::kIpv4>)
                                 : sizeof(floor_detail::Key<mgm::Family::kIpv6>);
    parameters.hash_func = is_ipv4 ? hash_of<mgm::Family::kIpv4> : hash_of<mgm::Family::kIpv6>;
    parameters.socket_id = SOCKET_ID_ANY;
    hash_.reset(rte_hash_create(&parameters));
    if (!hash_)
        throw std::runtime_error("no memory for the floor's table");
    routes_.resize(parameters.entries + 1U);
    for (std::uint32_t k = 0; k < entries; ++k) {
        const FlowAddresses flow = flow_addresses(scenario, k);
        const std::int32_t position = is_ipv4 ? add<mgm::Family::kIpv4>(hash_.get(), flow)
                                              : add<mgm::Family::kIpv6>(hash_.get(), flow);
        if (position < 0)
            throw std::runtime_error("the floor's table is full");
        Olist &olist = routes_.at(static_cast<std::size_t>(position)).olist;
        olist.count = scenario.fan_out;
        for (std::uint16_t j = 0; j < scenario.fan_out; ++j)
            olist.ports[j] = static_cast<std::uint16_t>((k % scenario.olists + j) % ports_.size());
    }
    if (routes_[0].olist.count == 0)
        routes_[0] = *std::find_if(routes_.begin(), routes_.end(),
                                   [](const Route &route) { return route.olist.count != 0; });
}

Floor::~Floor() = default;

void Floor::run(FloorKind kind, const Ingress &ingress) noexcept {
    const bool is_shared = scenario_.mac_mode == MacMode::kRouter && kind != FloorKind::kFlat &&
                           kind != FloorKind::kClone;
    const auto run_as = [&]<mgm::Family F>(Loop<F> loop) {
        switch (kind) {
        case FloorKind::kGenerator:
            return loop.free_only(ingress);
        case FloorKind::kCeiling:
            return is_shared
                       ? loop.copy_only(ingress, [&](auto *m, const auto &o) { loop.share(m, o); })
                       : loop.copy_only(ingress, [&](auto *m, const auto &o) {
                             loop.copy_heads_unwritten(m, o);
                         });
        case FloorKind::kFloor:
            return is_shared
                       ? loop.forward(ingress,
                                      [&](auto *m, const auto &o) { loop.share_rewritten(m, o); })
                       : loop.forward(ingress,
                                      [&](auto *m, const auto &o) { loop.copy_heads(m, o); });
        case FloorKind::kFlat:
            return loop.forward(ingress, [&](auto *m, const auto &o) { loop.copy_flat(m, o); });
        case FloorKind::kClone:
            return loop.forward(ingress, [&](auto *m, const auto &o) { loop.copy_clones(m, o); });
        }
    };
    if (scenario_.family == mgm::Family::kIpv4)
        run_as(Loop<mgm::Family::kIpv4>(*this, is_shared));
    else
        run_as(Loop<mgm::Family::kIpv6>(*this, is_shared));
}

} // namespace bench
