// SPDX-License-Identifier: BSD-3-Clause
// Bounded rings of values in memzones, one producer and one consumer: what InjectRing and
// SignalRing are made of. Nobody waits on them.
#pragma once

#include "mgm/result.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <type_traits>

struct rte_ring;

namespace mgm {

struct FreeRing {
    void operator()(rte_ring *ring) const noexcept;
};

/// rte_ring copies elements octet by octet, in units of four.
template <class Element>
inline constexpr bool kFitsARing = std::is_trivially_copyable_v<Element> &&
                                   sizeof(Element) % 4 == 0;

/// A ring that holds `elements` (a power of two) less one. kNoMemory, kExists. The caller frees it.
Result<rte_ring *> make_ring(const std::string &name, std::size_t element_octets,
                             std::uint32_t elements);

} // namespace mgm
