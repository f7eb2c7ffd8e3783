// SPDX-License-Identifier: BSD-3-Clause
#include "packet_case.hpp"

#include <rte_mbuf.h>

namespace dataplane_test {
namespace {

class Ethernet : public PacketCases {};
TEST_P(Ethernet, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_6, Ethernet,
    ::testing::Values(
        PacketCase{"AcceptsTheGroupsMac", good4().to_mac("01:00:5e:7f:03:07"), Verdict::kForwarded},
        PacketCase{"AcceptsAnotherGroupsMac", good4().to_mac("01:00:5e:01:02:03"),
                   Verdict::kForwarded},
        PacketCase{"AcceptsBroadcast", good4().to_mac("ff:ff:ff:ff:ff:ff"), Verdict::kForwarded},
        PacketCase{"AcceptsOurUnicastMac", good4().to_mac("02:00:00:00:00:0b"),
                   Verdict::kForwarded},
        PacketCase{"AcceptsOurUnicastMacForIpv6", good6().to_mac("02:00:00:00:00:0b"),
                   Verdict::kForwarded},
        PacketCase{"DropsAnotherHostsMac", good4().to_mac("02:00:00:00:00:0c"), Verdict::kL2Dst},
        PacketCase{"DropsTheMacOfAnotherInterfaceOfOurs", good6().to_mac("02:00:00:00:00:16"),
                   Verdict::kL2Dst},
        PacketCase{"DropsAGroupAsSource", good4().from_mac("03:00:00:00:00:09"),
                   Verdict::kL2Source},
        PacketCase{"DropsOurOwnMacAsSource", good4().from_mac("02:00:00:00:00:0b"),
                   Verdict::kL2Source},
        PacketCase{"DropsArp", good4().ethertype(0x0806), Verdict::kNonIp},
        PacketCase{"DropsAnLlcLength", good4().ethertype(0x002e), Verdict::kNonIp}),
    behaviour_of);

class StrictGroupMac : public PacketCases {};
TEST_P(StrictGroupMac, EndsWithItsVerdict) {
    expect_verdict({.strict_group_mac = true});
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_6, StrictGroupMac,
    ::testing::Values(
        PacketCase{"DropsAnotherGroupsMac", good4().to_mac("01:00:5e:01:02:03"), Verdict::kL2Dst},
        PacketCase{"DropsBit23Set", good4().to_mac("01:00:5e:ff:03:07"), Verdict::kL2Dst},
        PacketCase{"DropsAnotherIpv6GroupsMac", good6().to_mac("33:33:00:03:00:08"),
                   Verdict::kL2Dst},
        PacketCase{"AcceptsTheGroupsMac", good6(), Verdict::kForwarded},
        PacketCase{"AcceptsBroadcast", good4().to_mac("ff:ff:ff:ff:ff:ff"), Verdict::kForwarded},
        PacketCase{"AcceptsOurUnicastMac", good4().to_mac("02:00:00:00:00:0b"),
                   Verdict::kForwarded}),
    behaviour_of);

class Vlan : public PacketCases {};
TEST_P(Vlan, EndsWithItsVerdict) {
    expect_verdict();
}
INSTANTIATE_TEST_SUITE_P(
    Table_S1_6, Vlan,
    ::testing::Values(
        PacketCase{"TreatsAPriorityTagAsUntagged", good4().tag(0x6000), Verdict::kForwarded},
        PacketCase{"DropsAnUnknownVlan", good4().tag(100), Verdict::kVlanUnknown},
        PacketCase{"DropsTheReservedVlan", good4().tag(4095), Verdict::kVlanUnknown},
        PacketCase{"DropsTwoTags", good4().tag(100).tag(7), Verdict::kVlanStacked},
        PacketCase{"DropsAPriorityTagBeforeAnother", good4().tag(0).tag(100),
                   Verdict::kVlanStacked},
        PacketCase{"DropsAServiceTag", good4().tag(100, 0x88a8), Verdict::kVlanStacked},
        PacketCase{"DropsAServiceTagBeforeATag", good4().tag(100, 0x88a8).tag(100),
                   Verdict::kVlanStacked},
        PacketCase{"DropsATagBeforeAServiceTag", good4().tag(0).tag(100, 0x88a8),
                   Verdict::kVlanStacked},
        PacketCase{"DropsAnOldServiceTag", good4().tag(100, 0x9100), Verdict::kVlanStacked},
        PacketCase{"DropsEightTags",
                   good4().tag(1).tag(2).tag(3).tag(4).tag(5).tag(6).tag(7).tag(8),
                   Verdict::kVlanStacked}),
    behaviour_of);

/// 239.255.3.7 with 239.127.3.7 and 225.127.3.7 share a MAC: bit 23 is not carried.
TEST(GroupMac_S1_6, ClearsBit23AndNeverKeysOnTheMac) {
    const auto router = small_router();

    EXPECT_EQ(router->verdict_of(good4()), Verdict::kForwarded);
    EXPECT_EQ(router->verdict_of(ipv4(kSource4, "225.127.3.7")), Verdict::kNoEntry);

    const auto frames = router->sent(support::kPlainOif);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(Octets(frames[0].begin(), frames[0].begin() + 6),
              (Octets{0x01, 0x00, 0x5e, 0x7f, 0x03, 0x07}));
}

TEST(GroupMac_S1_6, CountsAMismatchAndForwards) {
    const auto router = small_router();

    EXPECT_EQ(router->verdict_of(good4().to_mac("01:00:5e:ff:03:07")), Verdict::kForwarded);
    EXPECT_EQ(router->verdict_of(good6().to_mac("33:33:00:03:00:08")), Verdict::kForwarded);
    EXPECT_EQ(router->verdict_of(good6().to_mac("ff:ff:ff:ff:ff:ff")), Verdict::kForwarded);

    EXPECT_EQ(router->count(Event::kL2Mismatch), 2U);
}

TEST(Vlan_S1_6, ATagThatThePortTookOffCountsLikeOneInTheFrame) {
    const auto router = small_router();
    router->route("*", "239.255.3.8", support::action({37}, {22}));
    const auto stripped = [](const PacketBuilder &packet, std::uint16_t vlan) {
        rte_mbuf *frame = support::received_frame(packet.build());
        frame->ol_flags |= RTE_MBUF_F_RX_VLAN | RTE_MBUF_F_RX_VLAN_STRIPPED;
        frame->vlan_tci = vlan;
        return frame;
    };
    const PacketBuilder packet = ipv4(kSource4, "239.255.3.8");

    EXPECT_EQ(router->verdict_of(stripped(packet, 0xe064), mgm::IfIndex{37}), Verdict::kForwarded);
    EXPECT_EQ(router->verdict_of(stripped(packet, 101), mgm::IfIndex{37}), Verdict::kVlanUnknown);
    EXPECT_EQ(router->verdict_of(stripped(PacketBuilder(packet).tag(100), 100), mgm::IfIndex{37}),
              Verdict::kVlanStacked);

    const auto frames = router->sent(support::kPlainOif);
    ASSERT_EQ(frames.size(), 1U);
    EXPECT_EQ(frames[0][12], 0x08) << "the tag stays behind";
}

TEST(Vlan_S1_6, OnePortTellsItsInterfacesApartByTag) {
    TestRouter router;
    router.add(support::interface_spec(11, {"198.51.100.1/28"}), 3);
    router.add(support::interface_spec(12, {}, 7), 3);
    router.add(support::interface_spec(13, {}, 4094), 3);
    router.add(support::interface_spec(22), 0);
    router.route("*", kGroup4, support::action({13}, {22, 11, 12}));

    EXPECT_EQ(router.verdict_of(good4().tag(4094)), Verdict::kForwarded);
    EXPECT_EQ(router.verdict_of(good4().tag(7)), Verdict::kWrongIif);
    EXPECT_EQ(router.verdict_of(good4()), Verdict::kWrongIif);

    EXPECT_EQ(router.count(mgm::IfIndex{13}, Verdict::kForwarded), 1U);
    EXPECT_EQ(router.count(mgm::IfIndex{12}, Verdict::kWrongIif), 1U);
    const auto frames = router.sent(mgm::IfIndex{11}); // the shared port: untagged and VLAN 7
    ASSERT_EQ(frames.size(), 2U);
    EXPECT_EQ(frames[0][12] + frames[1][12], 0x08 + 0x81);
}

/// Row 0 is for frames that belong to nobody.
TEST(Rows_S6, FramesWithoutInterfaceCountInRowZero) {
    const auto router = small_router();
    const mgm::InterfaceCounters &nobody = router->counters(mgm::kNoSlot);

    router->verdict_of(good4().tag(100)); // known, but not on this port
    EXPECT_EQ(nobody.in_frames.read(), 1U);
    router->verdict_of(Octets(13, 0x01)); // too short for a tag: the untagged interface's
    EXPECT_EQ(nobody.in_frames.read(), 1U);
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kErrShort), 1U);
}

TEST(InterfaceState_S6, NothingEntersWhereTheLinkIsDown) {
    const auto router = small_router();
    router->set_link(TestRouter::kArrival, mgm::LinkState::kDown);

    EXPECT_EQ(router->verdict_of(good4()), Verdict::kIifDown);
}

} // namespace
} // namespace dataplane_test
