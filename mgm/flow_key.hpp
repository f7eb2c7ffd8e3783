// SPDX-License-Identifier: BSD-3-Clause
// The exact-match key of a forwarding entry, laid out as the fast path reads it from a packet.
#pragma once

#include "mgm/types.hpp"

#include <array>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace mgm {

/// (vrf, S, G). A zero source means (*,G): 0.0.0.0 and :: are never forwarded as sources, so no
/// packet is ambiguous. Addresses in network byte order; no padding, so the bytes may be hashed and
/// compared.
template <Family F>
struct FlowKey {
    Address<F> source;
    Address<F> group;
    std::uint32_t vrf = 0; ///< wider than Vrf: no padding octets

    friend constexpr bool operator==(const FlowKey &, const FlowKey &) = default;
};

static_assert(sizeof(FlowKey<Family::kIpv4>) == 12);
static_assert(sizeof(FlowKey<Family::kIpv6>) == 36);
static_assert(std::has_unique_object_representations_v<FlowKey<Family::kIpv4>>);
static_assert(std::has_unique_object_representations_v<FlowKey<Family::kIpv6>>);

/// A flow of either family, as messages between control and workers carry it. Addresses in network
/// order; IPv4 fills the first four octets, the others stay zero.
struct AnyFlow {
    Family family = Family::kIpv4;
    std::array<std::uint8_t, 3> reserved{};
    std::uint32_t vrf = 0;
    std::array<std::uint8_t, 16> source{};
    std::array<std::uint8_t, 16> group{};

    friend bool operator==(const AnyFlow &, const AnyFlow &) = default;
};
static_assert(sizeof(AnyFlow) == 40);
static_assert(std::has_unique_object_representations_v<AnyFlow>);

template <Family F>
[[nodiscard]] AnyFlow any_flow(const FlowKey<F> &key) noexcept {
    AnyFlow flow{F, {}, key.vrf, {}, {}};
    std::memcpy(flow.source.data(), &key.source, sizeof key.source);
    std::memcpy(flow.group.data(), &key.group, sizeof key.group);
    return flow;
}
/// Only when flow.family is F.
template <Family F>
[[nodiscard]] FlowKey<F> flow_key(const AnyFlow &flow) noexcept {
    FlowKey<F> key{{}, {}, flow.vrf};
    std::memcpy(&key.source, flow.source.data(), sizeof key.source);
    std::memcpy(&key.group, flow.group.data(), sizeof key.group);
    return key;
}

} // namespace mgm
