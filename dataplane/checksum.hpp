// SPDX-License-Identifier: BSD-3-Clause
// IPv4 header checksum after the TTL went down by one, without reading the header again (RFC 1624).
#pragma once

#include <rte_byteorder.h>

#include <cstdint>

namespace dataplane {

/// RFC 1624 equation 3, HC' = ~(~HC + ~m + m'), with m' = m - 0x0100: TTL is the high octet of its
/// 16 bits, whatever the other is. That is HC + 0x0100 in ones' complement, where octets may be
/// added in any order (RFC 1071 2 (B)), so in network order as it stands. Equals the sum over the
/// new header for every valid header, one that carries 0xffff for 0x0000 included, and is never
/// 0xffff.
[[nodiscard]] inline std::uint16_t checksum_after_hop(std::uint16_t checksum_be) noexcept {
    const std::uint32_t sum = checksum_be + std::uint32_t{rte_cpu_to_be_16(0x0100)};
    return static_cast<std::uint16_t>(sum + (sum >= 0xffffU ? 1U : 0U));
}

} // namespace dataplane
