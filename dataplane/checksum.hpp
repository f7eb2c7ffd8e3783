// SPDX-License-Identifier: BSD-3-Clause
// IPv4 header checksum after the TTL went down by one, without reading the header again (RFC 1624).
#pragma once

#include <rte_byteorder.h>

#include <cstdint>

namespace dataplane {

/// RFC 1624 equation 3, HC' = ~(~HC + ~m + m'), with m' = m - 0x0100: TTL is the high octet of its
/// 16 bits. Equals the sum over the new header for every valid header, one that carries 0xffff for
/// 0x0000 included: m and m' differ, so the folded sum is never 0 and HC' never 0xffff.
[[nodiscard]] inline std::uint16_t checksum_after_hop(std::uint16_t checksum_be,
                                                      std::uint16_t ttl_word_be) noexcept {
    const std::uint32_t checksum = rte_be_to_cpu_16(checksum_be);
    const std::uint32_t before = rte_be_to_cpu_16(ttl_word_be);
    std::uint32_t sum = (~checksum & 0xffffU) + (~before & 0xffffU) + (before - 0x0100U);
    sum = (sum & 0xffffU) + (sum >> 16);
    sum = (sum & 0xffffU) + (sum >> 16);
    return rte_cpu_to_be_16(static_cast<std::uint16_t>(~sum));
}

} // namespace dataplane
