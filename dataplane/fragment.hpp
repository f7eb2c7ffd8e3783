// SPDX-License-Identifier: BSD-3-Clause
// IPv4 packets over an oif's MTU (RFC 791 3.2, RFC 1812 5.2.6), by rte_ip_frag.
#pragma once

#include "dataplane/context.hpp"
#include "dataplane/ethernet.hpp"
#include "dataplane/hop.hpp"
#include "dataplane/tx.hpp"

#include <array>
#include <cstdint>

namespace dataplane {

/// Whole frames, ready to be staged; whoever holds it owns them.
struct FragmentBuffer {
    std::size_t count = 0;
    std::array<rte_mbuf *, TxBuffers::kCapacity> frames{};
};

/// Cuts the packet into frames of at most `mtu` octets behind `prefix`. kFragFailed: more fragments
/// than a buffer holds, or a fragment that would end behind octet 65,535. kNoMbuf: pool exhausted.
/// Nothing is held on error.
[[nodiscard]] mgm::Verdict make_fragments(const Context &context, const rte_mbuf &frame,
                                          const PacketHeader &packet, const Hop &hop,
                                          std::uint16_t mtu, const EthernetPrefix &prefix,
                                          FragmentBuffer &fragments) noexcept;

} // namespace dataplane
