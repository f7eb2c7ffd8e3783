// SPDX-License-Identifier: BSD-3-Clause
// The two ICMPv6 errors that a multicast packet may cause: Packet Too Big, and Parameter Problem
// code 2 for an unknown option (RFC 4443 2.4 (e.3), 3.2, 3.4).
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/context.hpp"
#include "dataplane/token_bucket.hpp"
#include "dataplane/tx.hpp"

namespace dataplane {

/// What an error says; the numbers are those of the wire.
struct Icmpv6Error {
    std::uint8_t type;
    std::uint8_t code;
    std::uint32_t parameter; ///< MTU, or pointer to the octet at fault
};

/// An error about packet `i`, to its source, out of the interface it arrived on, or nullptr when
/// there is no mbuf or the interface has no IPv6 address. As much of the packet as received as fits
/// into 1280 octets. It goes to the MAC that is configured for the source on that interface, else
/// to who sent us the frame: the source, or the router before us.
[[nodiscard]] rte_mbuf *make_icmpv6_error(const Context &context, const Burst &burst, unsigned i,
                                          const Icmpv6Error &error) noexcept;

/// RFC 4443 2.4 (e.1), (e.2), (e.6): no error about an ICMPv6 error or redirect, nor to a source
/// that is not one node.
[[nodiscard]] bool may_cause_icmpv6_error(const Context &context, const Burst &burst,
                                          unsigned i) noexcept;

/// Stages what packet `i` deserves, when the policy and the rate limit agree.
[[gnu::cold, gnu::noinline]] void answer_packet(const Context &context, Burst &burst, unsigned i,
                                                TokenBucket &bucket, TxBuffers &tx) noexcept;

/// After replicate: at most one error a packet, with the smallest of the MTUs that it exceeds.
/// Reads: verdicts, headers, too_big_for.  Writes: tx, events.
inline void answer(const Context &context, Burst &burst, TokenBucket &bucket,
                   TxBuffers &tx) noexcept {
    if (burst.is_all_sent) [[likely]]
        return;
    for (unsigned i = 0; i < burst.size; ++i)
        if (burst.too_big_for[i] != 0 || burst.verdicts[i] == mgm::Verdict::kV6ParamProblem)
            answer_packet(context, burst, i, bucket, tx);
}

} // namespace dataplane
