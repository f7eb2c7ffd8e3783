// SPDX-License-Identifier: BSD-3-Clause
#include "packet_case.hpp"

namespace dataplane_test {
namespace {

constexpr unsigned kIcmpv6 = 58;

class Ipv6Header : public PacketCases {};
TEST_P(Ipv6Header, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_2, Ipv6Header,
    ::testing::Values(
        PacketCase{"ForwardsARightPacket", good6(), Verdict::kForwarded},
        PacketCase{"DropsVersion4UnderTheIpv6Ethertype", good4().ethertype(0x86dd),
                   Verdict::kHdrVersion},
        PacketCase{"DropsVersion0", good6().version(0), Verdict::kHdrVersion},
        PacketCase{"DropsVersion15", good6().version(15), Verdict::kHdrVersion},
        PacketCase{"DropsAnIpv4HeaderShorterThanIpv6UnderItsEthertype",
                   good4().ethertype(0x86dd).payload(19), Verdict::kErrShort},
        PacketCase{"DropsPayloadLength0", good6().length_field(0), Verdict::kV6Jumbo},
        PacketCase{"DropsAPayloadLengthOneBeyondTheFrame", good6().length_field(27),
                   Verdict::kHdrLen},
        PacketCase{"DropsPayloadLength65535", good6().length_field(65535), Verdict::kHdrLen},
        PacketCase{"ForwardsAPayloadLengthShorterThanTheFrame", good6().length_field(5),
                   Verdict::kForwarded},
        PacketCase{"ForwardsAnUnknownNextHeader", good6().protocol(253), Verdict::kForwarded},
        PacketCase{"ForwardsTheFirstFragment", good6().extension(44, {0, 0, 1, 1, 2, 3, 4}),
                   Verdict::kForwarded},
        PacketCase{"ForwardsALaterFragment", good6().extension(44, {0, 0x0b, 0x10, 1, 2, 3, 4}),
                   Verdict::kForwarded},
        PacketCase{"ForwardsAnAtomicFragment", good6().extension(44, {0, 0, 0, 1, 2, 3, 4}),
                   Verdict::kForwarded},
        PacketCase{"ForwardsARoutingHeaderOfType0Unread",
                   good6().extension(43, {0, 0, 1, 0, 0, 0, 0}), Verdict::kForwarded}),
    behaviour_of);

class Ipv6Destination : public PacketCases {};
TEST_P(Ipv6Destination, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_1, Ipv6Destination,
    ::testing::Values(
        PacketCase{"DropsReservedScope0", ipv6(kSource6, "ff00::3:7"), Verdict::kDstScope},
        PacketCase{"DropsInterfaceLocalScope1", ipv6(kSource6, "ff01::3:7"), Verdict::kDstScope},
        PacketCase{"DropsReservedScope0UnderEveryFlag", ipv6(kSource6, "fff0::3:7"),
                   Verdict::kDstScope},
        PacketCase{"DropsLinkLocalScope", ipv6(kSource6, "ff02::3:7"), Verdict::kDstLinkLocal},
        PacketCase{"DropsTransientLinkLocalScope", ipv6(kSource6, "ff12::3:7"),
                   Verdict::kDstLinkLocal},
        PacketCase{"DropsPrefixBasedLinkLocalScope", ipv6(kSource6, "ff32::3:7"),
                   Verdict::kDstLinkLocal},
        PacketCase{"DropsEmbeddedRpLinkLocalScope", ipv6(kSource6, "ff72::3:7"),
                   Verdict::kDstLinkLocal},
        PacketCase{"LooksUpRealmLocalScope", ipv6(kSource6, "ff03::3:7"), Verdict::kNoEntry},
        PacketCase{"LooksUpReservedScope15AsGlobal", ipv6(kSource6, "ff1f::3:7"),
                   Verdict::kNoEntry},
        PacketCase{"DropsAUnicastDestination",
                   ipv6(kSource6, "2001:db8:3::7").to_mac("33:33:00:00:00:07"), Verdict::kDstNotMc},
        PacketCase{"KeepsAnMldQueryToARoutableGroup",
                   good6().protocol(kIcmpv6).payload({130, 0, 0, 0, 0, 0, 0, 0}),
                   Verdict::kDstControl},
        PacketCase{"KeepsAnMldReportBehindRouterAlert",
                   ipv6("fe80::2", kGroup6)
                       .ttl(1)
                       .protocol(kIcmpv6)
                       .payload({131, 0, 0, 0, 0, 0, 0, 0})
                       .hop_by_hop({5, 2, 0, 0, 1, 0}),
                   Verdict::kDstControl},
        PacketCase{"KeepsAnMldDone", good6().protocol(kIcmpv6).payload({132, 0}),
                   Verdict::kDstControl},
        PacketCase{"KeepsAnMldVersion2Report", good6().protocol(kIcmpv6).payload({143, 0}),
                   Verdict::kDstControl},
        PacketCase{"ForwardsOtherIcmpv6", good6().protocol(kIcmpv6).payload({128, 0, 1, 2}),
                   Verdict::kForwarded}),
    behaviour_of);

class Ipv6Source : public PacketCases {};
TEST_P(Ipv6Source, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_3, Ipv6Source,
    ::testing::Values(
        PacketCase{"DropsTheUnspecifiedAddress", ipv6("::", kGroup6), Verdict::kSrcUnspecified},
        PacketCase{"DropsLoopback", ipv6("::1", kGroup6), Verdict::kSrcLoopback},
        PacketCase{"DropsMulticast", ipv6("ff0e::9", kGroup6), Verdict::kSrcMulticast},
        PacketCase{"DropsLinkLocal", ipv6("fe80::2", kGroup6), Verdict::kSrcLinkLocal},
        PacketCase{"DropsTheEndOfTheLinkLocalRange", ipv6("febf::2", kGroup6),
                   Verdict::kSrcLinkLocal},
        PacketCase{"DropsMapped", ipv6("::ffff:198.51.100.2", kGroup6), Verdict::kSrcMapped},
        PacketCase{"DropsOurAddressOnAnotherInterface", ipv6("2001:db8:3::1", kGroup6),
                   Verdict::kSrcOwn},
        PacketCase{"ForwardsAnOffNetSource", ipv6("2001:db8:77::2", kGroup6), Verdict::kForwarded}),
    behaviour_of);

class Ipv6HopLimit : public PacketCases {};
TEST_P(Ipv6HopLimit, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_4, Ipv6HopLimit,
    ::testing::Values(PacketCase{"DropsHopLimit0", good6().ttl(0), Verdict::kTtl},
                      PacketCase{"DropsHopLimit1", good6().ttl(1), Verdict::kTtl},
                      PacketCase{"ForwardsHopLimit2", good6().ttl(2), Verdict::kForwarded}),
    behaviour_of);

Octets many_pads(unsigned units_of_8) {
    Octets octets{0x3e, 4, 1, 2, 3, 4};
    octets.resize(units_of_8 * 8U - 2, 0); // Pad1
    return octets;
}

class HopByHop : public PacketCases {};
TEST_P(HopByHop, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_5, HopByHop,
    ::testing::Values(
        PacketCase{"ForwardsPadN", good6().hop_by_hop({1, 4, 0, 0, 0, 0}), Verdict::kForwarded},
        PacketCase{"SkipsAnUnknownOptionOfClass00", good6().hop_by_hop({0x3e, 4, 1, 2, 3, 4}),
                   Verdict::kForwarded},
        PacketCase{"DropsAnUnknownOptionOfClass01", good6().hop_by_hop({0x7e, 4, 1, 2, 3, 4}),
                   Verdict::kV6OptDrop},
        PacketCase{"AnswersAnUnknownOptionOfClass10", good6().hop_by_hop({0xbe, 4, 1, 2, 3, 4}),
                   Verdict::kV6ParamProblem},
        PacketCase{"DropsAnUnknownOptionOfClass11", good6().hop_by_hop({0xfe, 4, 1, 2, 3, 4}),
                   Verdict::kV6OptDrop},
        PacketCase{"DropsAJumboOptionBesideAPayloadLength",
                   good6().hop_by_hop({0xc2, 4, 0, 1, 0, 0}), Verdict::kV6OptDrop},
        PacketCase{"ForwardsRouterAlertOnData", good6().hop_by_hop({5, 2, 0, 0, 1, 0}),
                   Verdict::kForwarded},
        PacketCase{"DropsARouterAlertOfWrongLength", good6().hop_by_hop({5, 1, 0, 1, 1, 0}),
                   Verdict::kV6HbhBad},
        PacketCase{"DropsAnOptionPastTheHeader", good6().hop_by_hop({1, 5, 0, 0, 0, 0}),
                   Verdict::kV6HbhBad},
        PacketCase{"DropsAnOptionWithoutLength", good6().hop_by_hop({1, 3, 0, 0, 0, 0x3e}),
                   Verdict::kV6HbhBad},
        PacketCase{"ForwardsAHeaderOf2048Octets", good6().payload(8).hop_by_hop(many_pads(128)),
                   Verdict::kForwarded},
        PacketCase{"DropsAHeaderPastThePacket",
                   good6().payload(9).extension(0, {2, 1, 4, 0, 0, 0, 0}), Verdict::kV6HbhBad},
        PacketCase{"DropsAHeaderThatDoesNotFitAtAll", good6().protocol(0).payload(7),
                   Verdict::kV6HbhBad},
        PacketCase{"IgnoresASecondHeader",
                   good6().hop_by_hop({0xbe, 4, 1, 2, 3, 4}).hop_by_hop({1, 4, 0, 0, 0, 0}),
                   Verdict::kForwarded},
        PacketCase{"IgnoresAHeaderThatIsNotFirst",
                   good6().hop_by_hop({0xbe, 4, 1, 2, 3, 4}).extension(60, {0, 1, 4, 0, 0, 0, 0}),
                   Verdict::kForwarded},
        PacketCase{"StaysSilentOnLinkLocalGroups",
                   ipv6(kSource6, "ff02::3:7").hop_by_hop({0xbe, 4, 1, 2, 3, 4}),
                   Verdict::kDstLinkLocal}),
    behaviour_of);

class HopByHopUnread : public PacketCases {};
TEST_P(HopByHopUnread, EndsWithItsVerdict) {
    expect_verdict({.process_hop_by_hop = false});
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_5, HopByHopUnread,
    ::testing::Values(
        PacketCase{"ForwardsClass10", good6().hop_by_hop({0xbe, 4, 1, 2, 3, 4}),
                   Verdict::kForwarded},
        PacketCase{"ForwardsAMalformedHeader", good6().hop_by_hop({1, 5, 0, 0, 0, 0}),
                   Verdict::kForwarded},
        PacketCase{"ForwardsAHeaderPastThePacket",
                   good6().payload(9).extension(0, {2, 1, 4, 0, 0, 0, 0}), Verdict::kForwarded},
        PacketCase{"StillKeepsMldBehindRouterAlert",
                   good6().protocol(kIcmpv6).payload({143, 0, 0, 0}).hop_by_hop({5, 2, 0, 0, 1, 0}),
                   Verdict::kDstControl}),
    behaviour_of);

TEST(Ipv6Chain_S6, ForwardsEveryLengthOfARepeatedChainByItsAddresses) {
    const auto router = small_router();
    PacketBuilder packet = good6();
    for (unsigned headers = 1; headers <= 200; ++headers) {
        packet.extension(60, {0, 1, 4, 0, 0, 0, 0});
        if (40 + 26 + 8 * headers > 1500)
            break;
        ASSERT_EQ(router->verdict_of(packet), Verdict::kForwarded) << headers;
    }
}

TEST(Ipv6Scope_S6, LooksOnlyAtTheScopeNibbleUnderAllFlags) {
    const auto router = small_router();
    for (unsigned flags = 0; flags < 16; ++flags) {
        for (unsigned scope = 0; scope < 16; ++scope) {
            const std::string group = fmt::format("ff{:x}{:x}::77:3", flags, scope);
            const Verdict expected = scope == 2  ? Verdict::kDstLinkLocal
                                     : scope < 2 ? Verdict::kDstScope
                                                 : Verdict::kNoEntry;
            ASSERT_EQ(router->verdict_of(ipv6(kSource6, group)), expected) << group;
        }
    }
}

} // namespace
} // namespace dataplane_test
