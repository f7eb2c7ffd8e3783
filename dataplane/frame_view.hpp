// SPDX-License-Identifier: BSD-3-Clause
// Reading a frame without caring where its segments end.
#pragma once

#include <rte_mbuf.h>
#include <rte_memcpy.h>

#include <cstdint>
#include <cstring>
#include <type_traits>

namespace dataplane {

/// `octets` of the frame from `offset` on: a pointer into the frame where they lie in one segment,
/// else to `scratch` (at least `octets` long), filled. Nullptr when the frame ends earlier.
[[nodiscard]] inline const std::uint8_t *view(const rte_mbuf &frame, std::uint32_t offset,
                                              std::uint32_t octets, void *scratch) noexcept {
    return static_cast<const std::uint8_t *>(rte_pktmbuf_read(&frame, offset, octets, scratch));
}

/// Copies `octets` of the frame from `offset` on to `destination`, whatever the segments. The frame
/// must be long enough.
inline void gather(const rte_mbuf &frame, std::uint32_t offset, std::uint32_t octets,
                   std::uint8_t *destination) noexcept {
    const std::uint8_t *from = view(frame, offset, octets, destination);
    if (from != destination)
        rte_memcpy(destination, from, octets);
}

/// A value from wire octets of any alignment, byte order as on the wire.
template <class T>
requires std::is_trivially_copyable_v<T>
[[nodiscard]] T load(const std::uint8_t *octets) noexcept {
    T value{};
    std::memcpy(&value, octets, sizeof value);
    return value;
}
template <class T>
requires std::is_trivially_copyable_v<T>
void store(std::uint8_t *octets, const T &value) noexcept {
    std::memcpy(octets, &value, sizeof value);
}

} // namespace dataplane
