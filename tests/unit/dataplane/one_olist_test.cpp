// SPDX-License-Identifier: BSD-3-Clause
// Bursts all of whose packets go to one olist, the usual case: short and long frames, of both
// families, to ports with and without a tag, and beside frames that are not ordinary.
#include "packet_case.hpp"

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <array>
#include <cstdint>

namespace dataplane_test {
namespace {

using support::action;
using support::interface_spec;
using support::Pools;

constexpr mgm::IfIndex kFirst{22}, kSecond{23}, kThird{24};
constexpr std::array kOifs{kFirst, kSecond, kThird};
constexpr std::array kOwnMacs{"02:00:00:00:0b:17", "02:00:00:00:0b:18", "02:00:00:00:0b:19"};
constexpr unsigned kBurst = 32;

struct OlistCase {
    const char *name;
    bool is_ipv6;
    bool has_own_macs;
    std::uint16_t vlan_of_second; ///< 0: none has a tag
};

// NOLINTNEXTLINE(readability-identifier-naming): names the rule that it tests
class OneOlist_S6 : public ::testing::TestWithParam<OlistCase> {
protected:
    void SetUp() override {
        router_.add(interface_spec(11, {"198.51.100.1/28", "2001:db8:1::1/64"}), 3);
        for (unsigned k = 0; k < kOifs.size(); ++k) {
            mgm::InterfaceSpec spec =
                interface_spec(static_cast<unsigned>(kOifs[k]), {}, vlan_of(k));
            spec.mac = support::mac(mac_of(k));
            router_.add(spec, 4 + k);
        }
        router_.route("*", GetParam().is_ipv6 ? kGroup6 : kGroup4, action({11}, {22, 23, 24}));
    }

    static std::uint16_t vlan_of(unsigned port) {
        return port == 1 ? GetParam().vlan_of_second : 0;
    }
    static const char *mac_of(unsigned port) {
        return kOwnMacs[GetParam().has_own_macs ? port : 2];
    }
    static PacketBuilder packet(std::size_t payload) {
        return (GetParam().is_ipv6 ? good6() : ipv4(kSource4, kGroup4)).payload(payload).ttl(7);
    }
    /// Around each length at which copies are made in another way, and at cache lines.
    static std::size_t payload(unsigned k) {
        constexpr std::array<std::size_t, 9> kPayloads{1, 3, 22, 23, 179, 190, 191, 210, 1377};
        return kPayloads[k % kPayloads.size()] + k / kPayloads.size();
    }
    static Octets copy(PacketBuilder packet, unsigned port) {
        packet.ttl(6).from_mac(mac_of(port));
        if (vlan_of(port) != 0)
            packet.tag(vlan_of(port));
        return packet.build();
    }
    void expect_copies(const std::vector<PacketBuilder> &packets) {
        for (unsigned port = 0; port < kOifs.size(); ++port) {
            std::vector<Octets> wanted;
            wanted.reserve(packets.size());
            for (const PacketBuilder &packet : packets)
                wanted.push_back(copy(packet, port));
            EXPECT_EQ(router_.sent(kOifs[port]), wanted) << "port " << port;
        }
    }

    TestRouter router_;
};

TEST_P(OneOlist_S6, GetsEveryPacketAsItCameOneHopOn) {
    std::vector<PacketBuilder> packets;
    for (unsigned k = 0; k < kBurst; ++k) {
        packets.push_back(packet(payload(k)));
        router_.put(TestRouter::kArrival, packets.back().build());
    }

    ASSERT_EQ(router_.turn(), kBurst);

    expect_copies(packets);
    for (const mgm::IfIndex oif : kOifs)
        EXPECT_EQ(router_.copies_sent(oif), kBurst);
    EXPECT_EQ(router_.count(TestRouter::kArrival, Verdict::kForwarded), kBurst);
}

/// Padding is not sent on, and a copy goes to the group's MAC, whichever the packet came to.
TEST_P(OneOlist_S6, GetsPacketsThatAreNotOrdinary) {
    std::vector<PacketBuilder> packets;
    for (unsigned k = 0; k < kBurst; ++k) {
        packets.push_back(packet(payload(k)));
        PacketBuilder sent = packets.back();
        if (k == 5)
            sent.padding(11);
        if (k == 19)
            sent.to_mac("01:00:5e:00:33:44");
        router_.put(TestRouter::kArrival, sent.build());
    }

    ASSERT_EQ(router_.turn(), kBurst);

    expect_copies(packets);
}

TEST_P(OneOlist_S6, AFullPortLosesItsLastCopiesAndNobodyElses) {
    constexpr unsigned kRoom = 13;
    router_.port(kThird).leave_room_for(kRoom, Pools::get().received);
    std::vector<Octets> first(kBurst), second(kBurst), third(kBurst);
    for (unsigned k = 0; k < kBurst; ++k) {
        router_.put(TestRouter::kArrival, packet(payload(k)).build());
        first[k] = copy(packet(payload(k)), 0);
        second[k] = copy(packet(payload(k)), 1);
        third[k] = copy(packet(payload(k)), 2);
    }
    third.resize(kRoom);

    ASSERT_EQ(router_.turn(), kBurst);

    EXPECT_EQ(router_.sent(kFirst), first);
    EXPECT_EQ(router_.sent(kSecond), second);
    std::vector<Octets> sent = router_.sent(kThird); // what took its room came before
    ASSERT_GT(sent.size(), kRoom);
    sent.erase(sent.begin(), sent.end() - kRoom);
    EXPECT_EQ(sent, third);
    EXPECT_EQ(router_.copies_sent(kSecond), kBurst);
    EXPECT_EQ(router_.copies_sent(kThird), kRoom);
    EXPECT_EQ(router_.copy_drops(kThird, Verdict::kTxFull), kBurst - kRoom);
    EXPECT_EQ(router_.count(TestRouter::kArrival, Verdict::kForwarded), kBurst);
}

/// Then a port's copies are whole ones, and the last port's short ones the received mbufs.
TEST(PoolExhausted_S6, OneOlistsPortsTakeSmallMbufsAsLongAsThereAreAny) {
    constexpr unsigned kHeads = 9, kPackets = 5; // enough for the first port
    rte_mempool *tiny = rte_pktmbuf_pool_create("few_heads", kHeads, 0, 0, 128 + 320, 0);
    ASSERT_NE(tiny, nullptr);
    for (const std::size_t length : {std::size_t{31}, std::size_t{1333}}) {
        TestRouter router(TestRouter::Options{.policy = {}, .heads = tiny});
        router.add(interface_spec(11), 3);
        for (unsigned k = 0; k < kOifs.size(); ++k) {
            mgm::InterfaceSpec spec = interface_spec(static_cast<unsigned>(kOifs[k]));
            spec.mac = support::mac(kOwnMacs[k]);
            router.add(spec, 4 + k);
        }
        router.route("*", kGroup4, action({11}, {22, 23, 24}));
        for (unsigned k = 0; k < kPackets; ++k)
            router.put(TestRouter::kArrival, good4().payload(length + k).ttl(7).build());

        ASSERT_EQ(router.turn(), kPackets);

        EXPECT_EQ(rte_mempool_avail_count(tiny), kHeads - kPackets);
        for (unsigned port = 0; port < kOifs.size(); ++port) {
            std::vector<Octets> wanted(kPackets);
            for (unsigned k = 0; k < kPackets; ++k)
                wanted[k] = good4().payload(length + k).ttl(6).from_mac(kOwnMacs[port]).build();
            EXPECT_EQ(router.sent(kOifs[port]), wanted) << "port " << port;
        }
        EXPECT_EQ(router.count(TestRouter::kArrival, Verdict::kForwarded), kPackets);
    }
    EXPECT_EQ(rte_mempool_avail_count(tiny), kHeads);
    rte_mempool_free(tiny);
}

INSTANTIATE_TEST_SUITE_P(Olists, OneOlist_S6,
                         ::testing::Values(OlistCase{"Ipv4OneMac", false, false, 0},
                                           OlistCase{"Ipv4OwnMacs", false, true, 0},
                                           OlistCase{"Ipv4OwnMacsOneTag", false, true, 4001},
                                           OlistCase{"Ipv6OneMac", true, false, 0},
                                           OlistCase{"Ipv6OwnMacs", true, true, 0},
                                           OlistCase{"Ipv6OwnMacsOneTag", true, true, 4001}),
                         [](const auto &test) { return test.param.name; });

} // namespace
} // namespace dataplane_test
