// SPDX-License-Identifier: BSD-3-Clause
// Bursts in which olists are mixed: each port gets its packets in the order of arrival, and every
// copy counts where it belongs.
#include "packet_case.hpp"

#include <array>
#include <cstdint>

namespace dataplane_test {
namespace {

using support::action;
using support::interface_spec;
using support::Pools;

constexpr mgm::IfIndex kFirst{22}, kSecond{23}, kThird{24};
constexpr std::array kOifs{kFirst, kSecond, kThird};
constexpr unsigned kBurst = 32;

/// Three ports, with one MAC or each its own; group 239.255.9.b goes to those whose bits are in b.
// NOLINTNEXTLINE(readability-identifier-naming): names the rule that it tests
class MixedOlists_S6 : public ::testing::TestWithParam<bool> {
protected:
    void SetUp() override {
        router_.add(interface_spec(11, {"198.51.100.1/28", "2001:db8:1::1/64"}), 3);
        for (unsigned k = 0; k < kOifs.size(); ++k) {
            mgm::InterfaceSpec spec = interface_spec(static_cast<unsigned>(kOifs[k]));
            spec.mac = support::mac(mac_of(k));
            router_.add(spec, 4 + k);
        }
        for (unsigned bits = 1; bits < 8; ++bits) {
            std::vector<unsigned> oifs;
            for (unsigned k = 0; k < kOifs.size(); ++k)
                if ((bits >> k & 1U) != 0)
                    oifs.push_back(static_cast<unsigned>(kOifs[k]));
            router_.route("*", group_of(bits), action({11}, oifs));
        }
    }

    static std::string group_of(unsigned bits) { return "239.255.9." + std::to_string(bits); }
    /// Which ports packet `k` goes to: neighbours differ, each olist comes again.
    static unsigned bits_of(unsigned k) { return k * 5 % 7 + 1; }
    static PacketBuilder packet(unsigned k) {
        const unsigned payload = k % 6 == 4 ? 700 : 20; // short ones are copied whole
        return ipv4(kSource4, group_of(bits_of(k))).payload(payload + k).ttl(9);
    }
    static const char *mac_of(unsigned port) {
        static constexpr std::array kMacs{"02:00:00:00:0a:0a", "02:00:00:00:0a:0b",
                                          "02:00:00:00:0a:0c"};
        return kMacs[GetParam() ? 0 : port];
    }
    static Octets copy(unsigned k, unsigned port) {
        return packet(k).ttl(8).from_mac(mac_of(port)).build();
    }
    /// Of the port numbered `port` in kOifs, in order.
    static std::vector<unsigned> packets_for(unsigned port) {
        std::vector<unsigned> packets;
        for (unsigned k = 0; k < kBurst; ++k)
            if ((bits_of(k) >> port & 1U) != 0)
                packets.push_back(k);
        return packets;
    }
    static std::vector<Octets> copies_for(unsigned port) {
        std::vector<Octets> copies;
        for (const unsigned k : packets_for(port))
            copies.push_back(copy(k, port));
        return copies;
    }

    TestRouter router_;
};

TEST_P(MixedOlists_S6, LeaveInTheOrderOfArrival) {
    for (unsigned k = 0; k < kBurst; ++k)
        router_.put(TestRouter::kArrival, packet(k).build());

    ASSERT_EQ(router_.turn(), kBurst);

    for (unsigned port = 0; port < kOifs.size(); ++port)
        EXPECT_EQ(router_.sent(kOifs[port]), copies_for(port)) << "port " << port;
}

TEST_P(MixedOlists_S6, KeepTheirOrderBesideAPacketThatIsCopiedPlainly) {
    constexpr unsigned kOdd = 13;
    for (unsigned k = 0; k < kBurst; ++k) {
        const Octets octets = packet(k).build();
        router_.put(TestRouter::kArrival,
                    k == kOdd ? support::foreign_frame(octets) : support::received_frame(octets));
    }

    ASSERT_EQ(router_.turn(), kBurst);

    for (unsigned port = 0; port < kOifs.size(); ++port)
        EXPECT_EQ(router_.sent(kOifs[port]), copies_for(port)) << "port " << port;
}

TEST_P(MixedOlists_S6, AreSentBesidePacketsThatAreDropped) {
    for (unsigned k = 0; k < kBurst; ++k)
        router_.put(TestRouter::kArrival,
                    k % 3 == 1 ? packet(k).ttl(1).build() : packet(k).build());

    ASSERT_EQ(router_.turn(), kBurst);

    std::vector<Octets> wanted;
    for (const unsigned k : packets_for(1))
        if (k % 3 != 1)
            wanted.push_back(copy(k, 1));
    EXPECT_EQ(router_.sent(kSecond), wanted);
    EXPECT_EQ(router_.count(TestRouter::kArrival, Verdict::kTtl), 11U);
    EXPECT_EQ(router_.count(TestRouter::kArrival, Verdict::kForwarded), 21U);
}

TEST_P(MixedOlists_S6, AFullPortLosesItsLastCopiesAndNobodyElses) {
    constexpr unsigned kRoom = 7;
    router_.port(kSecond).leave_room_for(kRoom, Pools::get().received);
    for (unsigned k = 0; k < kBurst; ++k)
        router_.put(TestRouter::kArrival, packet(k).build());

    ASSERT_EQ(router_.turn(), kBurst);

    EXPECT_EQ(router_.sent(kFirst), copies_for(0));
    EXPECT_EQ(router_.sent(kThird), copies_for(2));
    std::uint64_t alone = 0; // lost by packets that leave by the second port only
    const std::vector<unsigned> packets = packets_for(1);
    for (std::size_t place = kRoom; place < packets.size(); ++place)
        alone += bits_of(packets[place]) == 2 ? 1U : 0U;
    ASSERT_GT(alone, 0U);
    EXPECT_EQ(router_.copies_sent(kSecond), kRoom);
    EXPECT_EQ(router_.copy_drops(kSecond, Verdict::kTxFull), packets.size() - kRoom);
    EXPECT_EQ(router_.count(TestRouter::kArrival, Verdict::kTxFull), alone);
    EXPECT_EQ(router_.count(TestRouter::kArrival, Verdict::kForwarded), kBurst - alone);
}

TEST_P(MixedOlists_S6, OfBothFamiliesKeepTheirOrder) {
    router_.route("*", kGroup6, action({11}, {22}));
    std::vector<Octets> wanted;
    for (unsigned k = 0; k < kBurst; ++k) {
        const bool is_ipv6 = k % 4 == 2;
        const PacketBuilder sent = is_ipv6 ? good6().payload(30 + k).ttl(9) : packet(k);
        router_.put(TestRouter::kArrival, sent.build());
        if (is_ipv6 || (bits_of(k) & 1U) != 0)
            wanted.push_back(PacketBuilder(sent).ttl(8).from_mac(mac_of(0)).build());
    }

    ASSERT_EQ(router_.turn(), kBurst);

    EXPECT_EQ(router_.sent(kFirst), wanted);
}

/// Where more waits than one burst holds, two are worked on side by side.
TEST_P(MixedOlists_S6, OfTwoBurstsKeepTheirOrder) {
    constexpr unsigned kPackets = 2 * kBurst + 5;
    std::vector<Octets> wanted;
    for (unsigned k = 0; k < kPackets; ++k) {
        const bool is_lost = k == 3 || k == 40; // nobody asked for this group
        router_.put(TestRouter::kArrival,
                    is_lost ? ipv4(kSource4, "239.255.9.99").build() : packet(k).build());
        if (!is_lost && (bits_of(k) & 4U) != 0)
            wanted.push_back(copy(k, 2));
    }

    EXPECT_EQ(router_.turn(), 2 * kBurst);
    EXPECT_EQ(router_.turn(), 5U);

    EXPECT_EQ(router_.sent(kThird), wanted);
    EXPECT_EQ(router_.count(TestRouter::kArrival, Verdict::kNoEntry), 2U);
    EXPECT_EQ(router_.count(TestRouter::kArrival, Verdict::kForwarded), kPackets - 2);
}

/// All of a burst share their frames, and only one olist's port has a tag.
TEST(MixedTags_S6, OnlyTheTaggedPortsFramesHaveATag) {
    constexpr std::uint16_t kVlan = 513;
    TestRouter router;
    router.add(interface_spec(11, {"198.51.100.1/28"}), 3);
    router.add(interface_spec(22, {}, kVlan), 4);
    router.add(interface_spec(23), 5);
    router.route("*", "239.255.9.22", action({11}, {22}));
    router.route("*", "239.255.9.23", action({11}, {23}));
    std::vector<Octets> tagged, untagged;
    for (unsigned k = 0; k < kBurst; ++k) { // the first olist has the tag, the last has none
        const bool has_tag = k % 3 == 0;
        const PacketBuilder sent =
            ipv4(kSource4, has_tag ? "239.255.9.22" : "239.255.9.23").payload(20 + k).ttl(9);
        router.put(TestRouter::kArrival, sent.build());
        PacketBuilder copy = PacketBuilder(sent).ttl(8);
        if (has_tag)
            tagged.push_back(copy.from_mac("02:00:00:00:00:16").tag(kVlan).build());
        else
            untagged.push_back(copy.from_mac("02:00:00:00:00:17").build());
    }

    ASSERT_EQ(router.turn(), kBurst);

    EXPECT_EQ(router.sent(kFirst), tagged);
    EXPECT_EQ(router.sent(kSecond), untagged);
}

INSTANTIATE_TEST_SUITE_P(Macs, MixedOlists_S6, ::testing::Bool(),
                         [](const auto &test) { return test.param ? "OneMac" : "OwnMacs"; });

} // namespace
} // namespace dataplane_test
