// SPDX-License-Identifier: BSD-3-Clause
#include "packet_case.hpp"

#include <rte_mbuf.h>

namespace dataplane_test {
namespace {

class Ipv4Header : public PacketCases {};
TEST_P(Ipv4Header, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_2, Ipv4Header,
    ::testing::Values(
        PacketCase{"ForwardsARightPacket", good4(), Verdict::kForwarded},
        PacketCase{"DropsVersion0", good4().version(0), Verdict::kHdrVersion},
        PacketCase{"DropsVersion5", good4().version(5), Verdict::kHdrVersion},
        PacketCase{"DropsVersion6UnderTheIpv4Ethertype", good6().ethertype(0x0800),
                   Verdict::kHdrVersion},
        PacketCase{"DropsVersion15", good4().version(15), Verdict::kHdrVersion},
        PacketCase{"DropsIhl0", good4().ihl(0), Verdict::kHdrIhl},
        PacketCase{"DropsIhl4", good4().ihl(4), Verdict::kHdrIhl},
        PacketCase{"DropsIhl15BeyondTheFrame", good4().ihl(15).payload(11), Verdict::kHdrIhl},
        PacketCase{"DropsTotalLength0", good4().length_field(0), Verdict::kHdrLen},
        PacketCase{"DropsTotalLength19", good4().length_field(19), Verdict::kHdrLen},
        PacketCase{"DropsTotalLengthInsideTheOptions",
                   good4().options({7, 3, 4, 1}).length_field(23), Verdict::kHdrLen},
        PacketCase{"DropsTotalLengthOneBeyondTheFrame", good4().length_field(47), Verdict::kHdrLen},
        PacketCase{"DropsTotalLength65535", good4().length_field(65535), Verdict::kHdrLen},
        PacketCase{"ForwardsTotalLengthShorterThanTheFrame", good4().length_field(40),
                   Verdict::kForwarded},
        PacketCase{"ForwardsAHeaderWithoutPayload", good4().payload(0), Verdict::kForwarded},
        PacketCase{"DropsAWrongChecksum", good4().wrong_checksum(), Verdict::kHdrCsum},
        PacketCase{"ForwardsAWrongUdpChecksum", good4().payload({1, 2, 3, 4, 0, 9, 0xba, 0xad, 5}),
                   Verdict::kForwarded}),
    behaviour_of);

class Ipv4Destination : public PacketCases {};
TEST_P(Ipv4Destination, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_1, Ipv4Destination,
    ::testing::Values(
        PacketCase{"DropsTheNeverAssignedGroup", ipv4(kSource4, "224.0.0.0"),
                   Verdict::kDstLinkLocal},
        PacketCase{"DropsLinkLocalGroupsWhateverTheTtl", ipv4(kSource4, "224.0.0.99").ttl(255),
                   Verdict::kDstLinkLocal},
        PacketCase{"DropsTheLastLinkLocalGroup", ipv4(kSource4, "224.0.0.255"),
                   Verdict::kDstLinkLocal},
        PacketCase{"LooksUpInternetworkControl", ipv4(kSource4, "224.0.1.0"), Verdict::kNoEntry},
        PacketCase{"DropsAUnicastDestination",
                   ipv4(kSource4, "198.51.100.34").to_mac("01:00:5e:33:64:22"), Verdict::kDstNotMc},
        PacketCase{"DropsTheHighestUnicast", ipv4(kSource4, "223.255.255.255"), Verdict::kDstNotMc},
        PacketCase{"DropsAReservedDestination", ipv4(kSource4, "240.0.0.1"), Verdict::kDstNotMc},
        PacketCase{"DropsTheLimitedBroadcast", ipv4(kSource4, "255.255.255.255"),
                   Verdict::kDstNotMc},
        PacketCase{"KeepsIgmpToARoutableGroup", good4().protocol(2).ttl(5), Verdict::kDstControl},
        PacketCase{"KeepsIgmpWithTtl1", good4().protocol(2).ttl(1), Verdict::kDstControl},
        PacketCase{"KeepsIgmpFromTheUnspecifiedAddress",
                   ipv4("0.0.0.0", kGroup4).protocol(2).options({0x94, 4, 0, 0}),
                   Verdict::kDstControl}),
    behaviour_of);

class Ipv4Source : public PacketCases {};
TEST_P(Ipv4Source, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_3, Ipv4Source,
    ::testing::Values(
        PacketCase{"DropsTheUnspecifiedAddress", ipv4("0.0.0.0", kGroup4),
                   Verdict::kSrcUnspecified},
        PacketCase{"DropsThisNetwork", ipv4("0.255.3.7", kGroup4), Verdict::kSrcUnspecified},
        PacketCase{"DropsLoopback", ipv4("127.9.0.1", kGroup4), Verdict::kSrcLoopback},
        PacketCase{"DropsMulticast", ipv4("239.1.2.3", kGroup4), Verdict::kSrcMulticast},
        PacketCase{"DropsBroadcast", ipv4("255.255.255.255", kGroup4), Verdict::kSrcBroadcast},
        PacketCase{"DropsReserved", ipv4("240.0.0.1", kGroup4), Verdict::kSrcReserved},
        PacketCase{"DropsLinkLocal", ipv4("169.254.1.1", kGroup4), Verdict::kSrcLinkLocal},
        PacketCase{"DropsOurAddressOnTheArrivalInterface", ipv4("198.51.100.1", kGroup4),
                   Verdict::kSrcOwn},
        PacketCase{"DropsOurAddressOnAnotherInterface", ipv4("198.51.100.33", kGroup4),
                   Verdict::kSrcOwn},
        PacketCase{"DropsTheArrivalNetsBroadcast", ipv4("198.51.100.15", kGroup4),
                   Verdict::kSrcSubnetBroadcast},
        PacketCase{"ForwardsAnotherNetsBroadcast", ipv4("198.51.100.31", kGroup4),
                   Verdict::kForwarded},
        PacketCase{"ForwardsAnOffNetSource", ipv4("10.9.8.7", kGroup4), Verdict::kForwarded}),
    behaviour_of);

class Ipv4SourceSwitches : public PacketCases {};
TEST_P(Ipv4SourceSwitches, EndsWithItsVerdict) {
    expect_verdict({.allow_reserved_sources = true, .allow_link_local_sources = true});
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_3, Ipv4SourceSwitches,
    ::testing::Values(
        PacketCase{"ForwardsReservedWhereAllowed", ipv4("240.0.0.1", kGroup4), Verdict::kForwarded},
        PacketCase{"ForwardsLinkLocalWhereAllowed", ipv4("169.254.1.1", kGroup4),
                   Verdict::kForwarded},
        PacketCase{"StillDropsBroadcast", ipv4("255.255.255.255", kGroup4), Verdict::kSrcBroadcast},
        PacketCase{"StillDropsIpv6LinkLocal", ipv6("fe80::2", kGroup6), Verdict::kSrcLinkLocal}),
    behaviour_of);

class Ipv4Ttl : public PacketCases {};
TEST_P(Ipv4Ttl, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_4, Ipv4Ttl,
    ::testing::Values(PacketCase{"DropsTtl0", good4().ttl(0), Verdict::kTtl},
                      PacketCase{"DropsTtl1", good4().ttl(1), Verdict::kTtl},
                      PacketCase{"ForwardsTtl2", good4().ttl(2), Verdict::kForwarded},
                      PacketCase{"ForwardsTtl255", good4().ttl(255), Verdict::kForwarded}),
    behaviour_of);

Octets filled(Octets head, std::uint8_t filler, std::size_t octets = 40) {
    head.resize(octets, filler);
    return head;
}

class Ipv4Options : public PacketCases {};
TEST_P(Ipv4Options, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_5, Ipv4Options,
    ::testing::Values(
        PacketCase{"ForwardsFortyNops", good4().options(filled({}, 1)), Verdict::kForwarded},
        PacketCase{"ForwardsAnEndInTheMiddle", good4().options({1, 0, 131, 99}),
                   Verdict::kForwarded},
        PacketCase{"ForwardsRouterAlertOnData", good4().options({0x94, 4, 0, 0}),
                   Verdict::kForwarded},
        PacketCase{"ForwardsRecordRouteUnmodified", good4().options({7, 7, 4, 0, 0, 0, 0, 0}),
                   Verdict::kForwarded},
        PacketCase{"ForwardsAnUnknownOption", good4().options(filled({0x5e, 40}, 0xab)),
                   Verdict::kForwarded},
        PacketCase{"DropsLength0", good4().options({0x44, 0, 1, 1}), Verdict::kOptBad},
        PacketCase{"DropsLength1", good4().options({0x44, 1, 1, 1}), Verdict::kOptBad},
        PacketCase{"DropsALengthPastTheEnd", good4().options({0x44, 5, 1, 1}), Verdict::kOptBad},
        PacketCase{"DropsAnOptionWithoutLength", good4().options({1, 1, 1, 0x44}),
                   Verdict::kOptBad},
        PacketCase{"DropsALooseSourceRoute", good4().options({131, 7, 4, 10, 0, 0, 1, 0}),
                   Verdict::kOptSrr},
        PacketCase{"DropsAStrictSourceRoute", good4().options({1, 137, 7, 4, 10, 0, 0, 1}),
                   Verdict::kOptSrr}),
    behaviour_of);

class Ipv4Fragments : public PacketCases {};
TEST_P(Ipv4Fragments, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S6, Ipv4Fragments,
    ::testing::Values(
        PacketCase{"ForwardsAFirstFragment", good4().more_fragments().payload(24),
                   Verdict::kForwarded},
        PacketCase{"ForwardsATinyFragment", good4().more_fragments().payload(8),
                   Verdict::kForwarded},
        PacketCase{"ForwardsALaterFragment", good4().fragment_offset(7), Verdict::kForwarded},
        PacketCase{"ForwardsAnOffsetPast65535", good4().fragment_offset(8191), Verdict::kForwarded},
        PacketCase{"ForwardsDontFragmentWithMoreFragments",
                   good4().dont_fragment().more_fragments(), Verdict::kForwarded}),
    behaviour_of);

TEST(Ipv4Source_S1_3, ALinkOfTwoAddressesHasNoBroadcast) {
    const auto router = small_router();
    ASSERT_TRUE(router->writer().upsert_interface(
        support::interface_spec(11, {"10.77.1.2/31", "10.77.9.9/32", "10.77.4.1/30"})));

    EXPECT_EQ(router->verdict_of(ipv4("10.77.1.3", kGroup4)), Verdict::kForwarded);
    EXPECT_EQ(router->verdict_of(ipv4("10.77.4.3", kGroup4)), Verdict::kSrcSubnetBroadcast);
    EXPECT_EQ(router->verdict_of(ipv4("10.77.9.9", kGroup4)), Verdict::kSrcOwn);
}

/// What a port says of the checksum saves the sum, or is believed when it is bad.
TEST(Ipv4ChecksumFlags_S1_2, BadDropsGoodIsTrustedAndTheOthersAreComputed) {
    struct FlagCase {
        std::uint64_t flags;
        bool right;
        Verdict verdict;
    };
    for (const FlagCase &c : {FlagCase{RTE_MBUF_F_RX_IP_CKSUM_BAD, true, Verdict::kHdrCsum},
                              FlagCase{RTE_MBUF_F_RX_IP_CKSUM_GOOD, false, Verdict::kForwarded},
                              FlagCase{RTE_MBUF_F_RX_IP_CKSUM_UNKNOWN, false, Verdict::kHdrCsum},
                              FlagCase{RTE_MBUF_F_RX_IP_CKSUM_NONE, false, Verdict::kHdrCsum},
                              FlagCase{RTE_MBUF_F_RX_IP_CKSUM_NONE, true, Verdict::kForwarded}}) {
        const auto router = small_router();
        PacketBuilder packet = good4();
        if (!c.right)
            packet.wrong_checksum();
        rte_mbuf *frame = support::received_frame(packet.build());
        frame->ol_flags |= c.flags;

        EXPECT_EQ(router->verdict_of(frame), c.verdict) << "flags " << c.flags;
    }
}

TEST(Ipv4Header_S1_2, AcceptsBothFormsOfAZeroChecksum) {
    // The identification is chosen so that the rest of the header sums to all ones.
    const auto header = good4().checksum(0).build_packet();
    const auto sum = static_cast<std::uint16_t>(
        ~support::internet_checksum({header.begin(), header.begin() + 20}));
    const unsigned wanted = (0x4d47U + 0xffffU - sum) % 0xffffU;

    const auto router = small_router();
    EXPECT_EQ(router->verdict_of(good4().identification(wanted).checksum(0x0000)),
              Verdict::kForwarded);
    EXPECT_EQ(router->verdict_of(good4().identification(wanted).checksum(0xffff)),
              Verdict::kForwarded);
    for (const Octets &frame : router->sent(support::kPlainOif))
        EXPECT_EQ(support::internet_checksum({frame.begin() + 14, frame.begin() + 34}), 0);
}

} // namespace
} // namespace dataplane_test
