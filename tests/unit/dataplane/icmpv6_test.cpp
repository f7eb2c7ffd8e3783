// SPDX-License-Identifier: BSD-3-Clause
// The only two ICMP errors that multicast may cause.
#include "packet_case.hpp"

namespace dataplane_test {
namespace {

using support::interface_spec;
using support::kPlainOif;
using support::kTaggedOif;

constexpr std::size_t kEthernet = 14;

Octets packet_of(const Octets &frame) {
    return {frame.begin() + kEthernet, frame.end()};
}

std::unique_ptr<TestRouter> router_with_mtus(std::uint16_t plain, std::uint16_t tagged,
                                             const dataplane::Policy &policy = {}) {
    auto router = small_router(policy);
    mgm::InterfaceSpec one = interface_spec(22), two = interface_spec(37, {}, 100);
    one.mtu = plain;
    two.mtu = tagged;
    EXPECT_TRUE(router->writer().upsert_interface(one));
    EXPECT_TRUE(router->writer().upsert_interface(two));
    return router;
}

/// Checks all of an error but type, code and parameter; returns those four octets' value.
std::uint32_t expect_error(const Octets &frame, const PacketBuilder &about, unsigned type,
                           unsigned code) {
    const Octets packet = packet_of(frame);
    EXPECT_EQ(Octets(frame.begin(), frame.begin() + 6), (Octets{2, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa}));
    EXPECT_EQ(Octets(frame.begin() + 6, frame.begin() + 12), (Octets{2, 0, 0, 0, 0, 0x0b}));
    EXPECT_EQ(support::ipv6_upper_checksum(packet), 0);
    EXPECT_EQ(packet[0], 0x60);
    EXPECT_EQ(static_cast<unsigned>(packet[4] << 8 | packet[5]) + 40, packet.size());
    EXPECT_EQ(packet[6], 58);
    EXPECT_EQ(packet[7], 64);
    const auto source = mgm::IpAddress::parse("2001:db8:1::1")->octets();
    EXPECT_TRUE(std::equal(source.begin(), source.end(), packet.begin() + 8));
    const Octets original = about.build_packet();
    EXPECT_TRUE(std::equal(original.begin() + 8, original.begin() + 24, packet.begin() + 24));
    EXPECT_EQ(packet[40], type);
    EXPECT_EQ(packet[41], code);
    EXPECT_EQ(packet.size(), std::min<std::size_t>(1280, 48 + original.size()));
    EXPECT_TRUE(std::equal(packet.begin() + 48, packet.end(), original.begin()));
    return std::uint32_t{packet[44]} << 24 | std::uint32_t{packet[45]} << 16 |
           std::uint32_t{packet[46]} << 8 | packet[47];
}

TEST(PacketTooBig_S1_5, TellsTheSourceTheSmallestMtuOnceWhileOthersStillGo) {
    const auto router = router_with_mtus(1300, 1280);
    router->add(interface_spec(41), 7);
    router->route("*", kGroup6, support::action({11}, {22, 37, 41}));
    const PacketBuilder packet = good6().payload(1400);

    EXPECT_EQ(router->verdict_of(packet), Verdict::kForwarded);

    EXPECT_EQ(router->sent(mgm::IfIndex{41}).size(), 1U);
    EXPECT_EQ(router->copy_drops(kPlainOif, Verdict::kMtuPtb), 1U);
    EXPECT_EQ(router->copy_drops(kTaggedOif, Verdict::kMtuPtb), 1U);
    const auto errors = router->sent(TestRouter::kArrival);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(expect_error(errors[0], packet, 2, 0), 1280U);
    EXPECT_EQ(router->count(Event::kPtbSent), 1U);
    EXPECT_EQ(router->counters(router->slot(TestRouter::kArrival)).out_frames.read(), 1U);
    EXPECT_EQ(router->copies_sent(TestRouter::kArrival), 0U);
}

TEST(PacketTooBig_S1_5, AnswersAlsoWhenNothingElseGoes) {
    const auto router = router_with_mtus(1300, 1400);

    EXPECT_EQ(router->verdict_of(good6().payload(1361)), Verdict::kMtuPtb);

    const auto errors = router->sent(TestRouter::kArrival);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(expect_error(errors[0], good6().payload(1361), 2, 0), 1300U);
}

TEST(PacketTooBig_S1_5, LeavesPaddingOutOfTheQuote) {
    const auto router = router_with_mtus(1280, 1280);
    const PacketBuilder packet = good6().payload(1241).padding(30);

    EXPECT_EQ(router->verdict_of(packet), Verdict::kMtuPtb);

    const auto errors = router->sent(TestRouter::kArrival);
    ASSERT_EQ(errors.size(), 1U);
    expect_error(errors[0], packet, 2, 0);
}

TEST(PacketTooBig_S1_5, IsLimitedByTheTokenBucket) {
    const auto router = router_with_mtus(1280, 1280, {.icmpv6_errors_per_second = 3});
    for (int k = 0; k < 20; ++k)
        router->put(TestRouter::kArrival, good6().payload(1300).build());

    router->turn();

    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kMtuPtb), 20U);
    EXPECT_EQ(router->sent(TestRouter::kArrival).size(), 3U);
    EXPECT_EQ(router->count(Event::kPtbSent), 3U);
    EXPECT_EQ(router->count(Event::kPtbRateLimited), 17U);
}

TEST(PacketTooBig_S1_5, IsNeverSentAtRateZero) {
    const auto router = router_with_mtus(1280, 1280, {.icmpv6_errors_per_second = 0});

    EXPECT_EQ(router->verdict_of(good6().payload(1300)), Verdict::kMtuPtb);
    EXPECT_EQ(router->sent(TestRouter::kArrival).size(), 0U);
}

TEST(PacketTooBig_S1_5, IsNeverSentAboutAnIcmpv6Error) {
    const auto router = router_with_mtus(1280, 1280);
    const auto icmpv6 = [](std::uint8_t type) {
        Octets message(1300, 0);
        message[0] = type;
        return good6().protocol(58).payload(message);
    };
    for (const std::uint8_t type : std::initializer_list<std::uint8_t>{1, 2, 3, 4, 127, 137})
        EXPECT_EQ(router->verdict_of(icmpv6(type)), Verdict::kMtuPtb);
    EXPECT_EQ(router->verdict_of(icmpv6(1).extension(60, {0, 1, 4, 0, 0, 0, 0})), Verdict::kMtuPtb);
    EXPECT_EQ(router->sent(TestRouter::kArrival).size(), 0U);

    EXPECT_EQ(router->verdict_of(icmpv6(128)), Verdict::kMtuPtb);
    EXPECT_EQ(router->sent(TestRouter::kArrival).size(), 1U);
}

TEST(PacketTooBig_S1_5, NeedsAnAddressOfTheArrivalInterface) {
    const auto router = router_with_mtus(1280, 1280);
    ASSERT_TRUE(router->writer().upsert_interface(interface_spec(11, {"198.51.100.1/28"})));

    EXPECT_EQ(router->verdict_of(good6().payload(1300)), Verdict::kMtuPtb);

    EXPECT_EQ(router->sent(TestRouter::kArrival).size(), 0U);
    EXPECT_EQ(router->count(Event::kIcmpLost), 1U);
}

TEST(PacketTooBig_S1_5, PrefersAGlobalAddress) {
    const auto router = router_with_mtus(1280, 1280);
    ASSERT_TRUE(router->writer().upsert_interface(
        interface_spec(11, {"fe80::1/64", "2001:db8:1::1/64", "2001:db8:1::2:1/64"})));

    router->verdict_of(good6().payload(1300));

    const auto errors = router->sent(TestRouter::kArrival);
    ASSERT_EQ(errors.size(), 1U);
    expect_error(errors[0], good6().payload(1300), 2, 0);
}

TEST(PacketTooBig_S1_5, GoesToTheNeighborThatIsConfiguredForTheSource) {
    const auto router = router_with_mtus(1280, 1280);
    const auto mac = mgm::MacAddress::parse("02:00:00:00:11:22");
    const auto set = [&](mgm::IfIndex interface, std::string_view address,
                         std::optional<mgm::MacAddress> to) {
        ASSERT_TRUE(router->writer().set_neighbor(interface, *mgm::IpAddress::parse(address), to));
    };
    const auto destination = [&] {
        router->verdict_of(good6().payload(1300));
        const auto errors = router->sent(TestRouter::kArrival);
        EXPECT_EQ(errors.size(), 1U);
        return Octets(errors.at(0).begin(), errors.at(0).begin() + 6);
    };
    const Octets sender{2, 0xaa, 0xaa, 0xaa, 0xaa, 0xaa};
    set(kPlainOif, kSource6, mac);                   // another link
    set(TestRouter::kArrival, "2001:db8:1::3", mac); // another host
    EXPECT_EQ(destination(), sender);
    set(TestRouter::kArrival, kSource6, mac);
    EXPECT_EQ(destination(), (Octets{2, 0, 0, 0, 0x11, 0x22}));
    set(TestRouter::kArrival, kSource6, std::nullopt);
    EXPECT_EQ(destination(), sender);
}

TEST(PacketTooBig_S1_5, LeavesByTheVlanThatThePacketCameFrom) {
    const auto router = router_with_mtus(1280, 1280);
    router->route("*", "ff1e::9", support::action({37}, {22}));
    ASSERT_TRUE(router->writer().upsert_interface(interface_spec(37, {"2001:db8:3::1/64"}, 100)));

    router->verdict_of(ipv6("2001:db8:3::9", "ff1e::9").tag(100).payload(1300).build(), kTaggedOif);

    const auto errors = router->sent(kTaggedOif);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(Octets(errors[0].begin() + 12, errors[0].begin() + 18),
              (Octets{0x81, 0, 0, 100, 0x86, 0xdd}));
}

TEST(PacketTooBig_S6, CountsWhatThePortRefuses) {
    const auto router = router_with_mtus(1280, 1280);
    router->port(TestRouter::kArrival).leave_room_for(0, support::Pools::get().received);

    EXPECT_EQ(router->verdict_of(good6().payload(1300)), Verdict::kMtuPtb);
    EXPECT_EQ(router->count(Event::kIcmpLost), 1U);
    EXPECT_EQ(router->count(Event::kPtbSent), 0U);
}

TEST(ParameterProblem_S1_5, PointsAtTheOptionsTypeEvenForMulticast) {
    const auto router = small_router();
    const PacketBuilder packet =
        good6().hop_by_hop({1, 1, 0, 0x3e, 2, 0, 0, 0xbe, 1, 0, 1, 1, 0, 0});

    EXPECT_EQ(router->verdict_of(packet), Verdict::kV6ParamProblem);

    const auto errors = router->sent(TestRouter::kArrival);
    ASSERT_EQ(errors.size(), 1U);
    EXPECT_EQ(expect_error(errors[0], packet, 4, 2), 40U + 2 + 7);
    EXPECT_EQ(router->count(Event::kParamProblemSent), 1U);
    EXPECT_EQ(router->sent(kPlainOif).size(), 0U);
}

TEST(ParameterProblem_S1_5, IsSilentTowardsSourcesThatAreNotOneNode) {
    const auto router = small_router();
    for (const char *source : {"::", "ff0e::9", "::1", "::ffff:10.0.0.9", "2001:db8:3::1"})
        EXPECT_EQ(router->verdict_of(ipv6(source, kGroup6).hop_by_hop({0xbe, 4, 1, 2, 3, 4})),
                  Verdict::kV6ParamProblem)
            << source;
    EXPECT_EQ(router->sent(TestRouter::kArrival).size(), 0U);
}

TEST(ParameterProblem_S1_5, IsSilentForClass11AndClass01) {
    const auto router = small_router();
    router->verdict_of(good6().hop_by_hop({0xfe, 4, 1, 2, 3, 4}));
    router->verdict_of(good6().hop_by_hop({0x7e, 4, 1, 2, 3, 4}));
    EXPECT_EQ(router->sent(TestRouter::kArrival).size(), 0U);
}

TEST(ParameterProblem_S1_5, SharesTheTokenBucket) {
    const auto router = small_router({.icmpv6_errors_per_second = 1});
    const Octets frame = good6().hop_by_hop({0xbe, 4, 1, 2, 3, 4}).build();
    router->put(TestRouter::kArrival, frame);
    router->put(TestRouter::kArrival, frame);

    router->turn();

    EXPECT_EQ(router->count(Event::kParamProblemSent), 1U);
    EXPECT_EQ(router->count(Event::kParamProblemRateLimited), 1U);
}

TEST(NoIcmp_S1_5, NothingElseIsEverAnswered) {
    const auto router = small_router();
    for (const PacketBuilder &packet :
         {good4().ttl(1), good6().ttl(1), ipv4(kSource4, "239.1.1.1"), ipv6(kSource6, "ff1e::99"),
          good4().options({0x44, 0, 1, 1}), good4().wrong_checksum()})
        EXPECT_NE(router->verdict_of(packet), Verdict::kForwarded);
    EXPECT_EQ(router->sent(TestRouter::kArrival).size(), 0U);
}

} // namespace
} // namespace dataplane_test
