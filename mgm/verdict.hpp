// SPDX-License-Identifier: BSD-3-Clause
// Every way a packet, and every way a copy, can end: once, with the name that counters, tools and
// tests use.
//
// Each received frame ends in exactly one verdict; each copy that an olist asks for is sent or lost
// for exactly one reason. A packet whose copies were all lost takes the reason of the last loss as
// its verdict, so copy losses are verdicts too. The identities (architecture 5), exact while
// workers are quiescent:
//     received      = forwarded + punted + held + sum of drops
//     copies_wanted = copies_sent + sum of copy drops
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace mgm {

enum class Verdict : std::uint8_t {
    kForwarded, ///< at least one copy was accepted by a port
    kPunted,    ///< handed to the control plane and not forwarded
    // layer 2
    kErrShort,    ///< ends inside a header
    kNonIp,       ///< neither IPv4 nor IPv6
    kVlanUnknown, ///< no interface for this VLAN on the port
    kVlanStacked, ///< more than one tag
    kIifDown,     ///< arrival interface is administratively or physically down
    kL2Source,    ///< source MAC is a group address or our own (a loop)
    kL2Dst,       ///< another host's unicast MAC, or (strict) a group MAC of another group
    kSpreadFull,  ///< the worker of its flow was too far behind to take it
    // headers
    kHdrVersion, ///< IP version is not what the ethertype says
    kHdrIhl,     ///< IPv4 header length below 20 octets or beyond the packet
    kHdrLen,     ///< IP length field below the header or beyond the frame
    kHdrCsum,    ///< IPv4 header checksum
    kOptBad,     ///< malformed IPv4 option
    kOptSrr,     ///< loose or strict source route
    kV6Jumbo,    ///< payload length 0
    kV6HbhBad,   ///< malformed hop-by-hop options header
    kV6OptDrop,  ///< unknown hop-by-hop option that asks for a silent drop (01, 11 to multicast)
    kV6ParamProblem, ///< unknown hop-by-hop option that asks for ICMPv6 (10)
    kTtl,            ///< TTL or hop limit 0 or 1 on arrival
    // addresses
    kDstNotMc,     ///< destination is not a multicast group
    kDstLinkLocal, ///< 224.0.0.0/24, ffx2::/16: stays on its link
    kDstScope,     ///< ffx0 (reserved) or ffx1 (interface-local)
    kDstControl,   ///< IGMP or MLD to a routable group: control plane only, never forwarded
    kSrcUnspecified,
    kSrcLoopback,
    kSrcMulticast,
    kSrcBroadcast,
    kSrcReserved,
    kSrcLinkLocal,
    kSrcMapped,
    kSrcOwn,             ///< one of our own addresses: spoofed or looped
    kSrcSubnetBroadcast, ///< broadcast address of an arrival network
    // forwarding state
    kBoundaryIn,   ///< group is inside a scope boundary of the arrival interface
    kNoEntry,      ///< no MFE matches
    kUnresolved,   ///< no MFE matched, was held, and none came
    kHoldOverflow, ///< no MFE matches, and its flow has as many packets held as it may
    kHoldFull,     ///< no MFE matches, and there is no room to hold another flow or packet
    kWrongIif,     ///< the MFE does not accept this interface
    kNoOif,        ///< nothing left to send: empty olist, or only the arrival interface in it
    // copies
    kTtlThreshold, ///< TTL on arrival does not exceed the oif's threshold
    kOifDown,      ///< oif pending, down or gone
    kIifInOif,     ///< would go back out of the arrival interface
    kBoundaryOut,  ///< group is inside a scope boundary of the oif
    kNoNeighbor,   ///< next hop's MAC is not known
    kMtu,          ///< over the oif's MTU with DF set
    kMtuPtb,       ///< IPv6 over the oif's MTU (Packet Too Big sent or rate limited)
    kFragFailed,   ///< over the oif's MTU and could not be fragmented
    kNoMbuf,       ///< mbuf pool exhausted
    kTxFull,       ///< port did not take it
    kCount,
};

inline constexpr std::size_t kVerdictCount = static_cast<std::size_t>(Verdict::kCount);
inline constexpr Verdict kFirstCopyLoss = Verdict::kTtlThreshold;

struct VerdictText {
    Verdict verdict;
    std::string_view name; ///< counter name in tools, JSON and tests
    std::string_view text; ///< for people
};

/// In the enum's order (checked below).
inline constexpr std::array<VerdictText, kVerdictCount> kVerdicts{{
    {Verdict::kForwarded, "forwarded", "at least one copy sent"},
    {Verdict::kPunted, "punted", "handed to the control plane"},
    {Verdict::kErrShort, "err_short", "frame ends inside a header"},
    {Verdict::kNonIp, "non_ip", "not IPv4 or IPv6"},
    {Verdict::kVlanUnknown, "vlan_unknown", "no interface for this VLAN"},
    {Verdict::kVlanStacked, "vlan_stacked", "more than one VLAN tag"},
    {Verdict::kIifDown, "iif_down", "arrival interface is down"},
    {Verdict::kL2Source, "l2_src", "source MAC is a group or our own"},
    {Verdict::kL2Dst, "l2_dst", "addressed to another host's MAC"},
    {Verdict::kSpreadFull, "spread_full", "its flow's worker is behind"},
    {Verdict::kHdrVersion, "hdr_version", "IP version differs from the ethertype"},
    {Verdict::kHdrIhl, "hdr_ihl", "IPv4 header length is wrong"},
    {Verdict::kHdrLen, "hdr_len", "IP length field is wrong"},
    {Verdict::kHdrCsum, "hdr_csum", "IPv4 header checksum is wrong"},
    {Verdict::kOptBad, "opt_bad", "malformed IPv4 option"},
    {Verdict::kOptSrr, "opt_srr", "IPv4 source route option"},
    {Verdict::kV6Jumbo, "v6_jumbo", "IPv6 payload length 0"},
    {Verdict::kV6HbhBad, "v6_hbh_bad", "malformed hop-by-hop header"},
    {Verdict::kV6OptDrop, "v6_opt_drop", "hop-by-hop option asks for a drop"},
    {Verdict::kV6ParamProblem, "v6_param_problem", "unknown hop-by-hop option, ICMPv6 wanted"},
    {Verdict::kTtl, "ttl", "TTL or hop limit used up"},
    {Verdict::kDstNotMc, "dst_notmc", "destination is not multicast"},
    {Verdict::kDstLinkLocal, "dst_linklocal", "link-local group"},
    {Verdict::kDstScope, "dst_scope", "reserved or interface-local scope"},
    {Verdict::kDstControl, "dst_control", "IGMP or MLD to a routable group"},
    {Verdict::kSrcUnspecified, "src_unspecified", "source is unspecified"},
    {Verdict::kSrcLoopback, "src_loopback", "source is a loopback address"},
    {Verdict::kSrcMulticast, "src_multicast", "source is multicast"},
    {Verdict::kSrcBroadcast, "src_broadcast", "source is broadcast"},
    {Verdict::kSrcReserved, "src_reserved", "source is in 240.0.0.0/4"},
    {Verdict::kSrcLinkLocal, "src_linklocal", "source is link-local"},
    {Verdict::kSrcMapped, "src_mapped", "source is an IPv4-mapped address"},
    {Verdict::kSrcOwn, "src_own", "source is one of our addresses"},
    {Verdict::kSrcSubnetBroadcast, "src_subnet_broadcast", "source is the arrival net's broadcast"},
    {Verdict::kBoundaryIn, "boundary_in", "scope boundary of the arrival interface"},
    {Verdict::kNoEntry, "no_entry", "no forwarding entry"},
    {Verdict::kUnresolved, "unresolved", "held, and no forwarding entry came"},
    {Verdict::kHoldOverflow, "hold_overflow", "no entry yet, its flow holds the most it may"},
    {Verdict::kHoldFull, "hold_full", "no entry yet, no room to hold it"},
    {Verdict::kWrongIif, "wrong_iif", "entry does not accept this interface"},
    {Verdict::kNoOif, "no_oif", "nothing to send to"},
    {Verdict::kTtlThreshold, "ttl_threshold", "TTL does not exceed the threshold"},
    {Verdict::kOifDown, "oif_down", "outgoing interface is down"},
    {Verdict::kIifInOif, "iif_in_oif", "never back out of the arrival interface"},
    {Verdict::kBoundaryOut, "boundary_out", "scope boundary of the outgoing interface"},
    {Verdict::kNoNeighbor, "no_neighbor", "next hop's MAC is unknown"},
    {Verdict::kMtu, "mtu", "over the MTU with DF set"},
    {Verdict::kMtuPtb, "mtu_ptb", "over the MTU, IPv6"},
    {Verdict::kFragFailed, "frag_failed", "over the MTU, not fragmentable"},
    {Verdict::kNoMbuf, "no_mbuf", "mbuf pool exhausted"},
    {Verdict::kTxFull, "tx_full", "port did not take the frame"},
}};

[[nodiscard]] constexpr std::string_view name_of(Verdict verdict) noexcept {
    return kVerdicts[static_cast<std::size_t>(verdict)].name;
}

/// Everything but forwarded and punted is a drop.
[[nodiscard]] constexpr bool is_drop(Verdict verdict) noexcept {
    return verdict > Verdict::kPunted;
}

/// Things worth counting that are not verdicts.
enum class Event : std::uint8_t {
    kTrimmed,          ///< octets behind the IP length were cut off
    kL2Mismatch,       ///< group MAC is not the group's (forwarded unless strict)
    kFragmentedCopies, ///< copies sent as fragments ("frag_ok")
    kFragmentsCreated,
    kPtbSent, ///< ICMPv6 Packet Too Big
    kPtbRateLimited,
    kParamProblemSent, ///< ICMPv6 Parameter Problem, code 2
    kParamProblemRateLimited,
    kIcmpLost, ///< an ICMPv6 error could not be built or sent: no mbuf, no address, port full
    kInjectedFrames,
    kInjectedLost, ///< a frame of control's could not be sent: interface not up, port full
    kTraceLost,    ///< trace records that control did not fetch in time
    kSignalsSent,  ///< no_entry and wrong_iif signals to control
    kSignalsLost,  ///< signals that control did not fetch in time, or no room to tell them apart
    kOifUncounted, ///< copies that no row was left for, so an oif's own counters miss them
    kTxRingLost,   ///< sent to another worker's queue, and its port closed before they left
    kCount,
};
inline constexpr std::size_t kEventCount = static_cast<std::size_t>(Event::kCount);
inline constexpr std::array<std::string_view, kEventCount> kEventNames{
    "trimmed",
    "l2_mismatch",
    "frag_ok",
    "frag_created",
    "ptb_sent",
    "ptb_ratelimited",
    "param_problem_sent",
    "param_problem_ratelimited",
    "icmp_lost",
    "injected_frames",
    "injected_lost",
    "trace_lost",
    "signals_sent",
    "signals_lost",
    "oif_uncounted",
    "tx_ring_lost",
};

namespace detail {
constexpr bool verdicts_in_order() {
    for (std::size_t i = 0; i < kVerdictCount; ++i)
        if (static_cast<std::size_t>(kVerdicts[i].verdict) != i || kVerdicts[i].name.empty())
            return false;
    return true;
}
static_assert(verdicts_in_order());
} // namespace detail

} // namespace mgm
