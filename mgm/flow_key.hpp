// SPDX-License-Identifier: BSD-3-Clause
// The exact-match key of a forwarding entry, laid out as the fast path reads it from a packet.
#pragma once

#include "mgm/types.hpp"

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

} // namespace mgm
