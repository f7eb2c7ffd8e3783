// SPDX-License-Identifier: BSD-3-Clause
// Which frames take the short way. That it says the same as the long one, parse_fuzz looks for.
#include "dataplane/parse.hpp"
#include "packet_case.hpp"

#include <rte_mbuf.h>

namespace dataplane_test {
namespace {

class ShortWay : public ::testing::Test {
protected:
    [[nodiscard]] bool takes(const PacketBuilder &packet, std::uint64_t flags = 0) const {
        rte_mbuf *frame = support::received_frame(packet.build());
        frame->ol_flags |= flags;
        dataplane::Burst burst;
        burst.port_id = router_->port(TestRouter::kArrival).id();
        burst.mbufs[0] = frame;
        burst.size = 1;
        const dataplane::Context context{0, router_->tables(), {}, nullptr, nullptr};
        const dataplane::OrdinaryFrames ordinary(context, burst.port_id);
        const bool is_accepted = ordinary.accept<mgm::Family::kIpv4>(burst, 1) != 0 ||
                                 ordinary.accept<mgm::Family::kIpv6>(burst, 1) != 0;
        rte_pktmbuf_free(frame);
        return is_accepted;
    }
    std::unique_ptr<TestRouter> router_ = small_router();
};

TEST_F(ShortWay, IsForOrdinaryPacketsOfBothFamilies) {
    EXPECT_TRUE(takes(good4().payload(20)));
    EXPECT_TRUE(takes(good4().payload(26)));
    EXPECT_TRUE(takes(good4().payload(1400).dont_fragment()));
    EXPECT_TRUE(takes(good4().payload(600).more_fragments()));
    EXPECT_TRUE(takes(good4().payload(26).ttl(2).traffic_class(0xb8)));
    EXPECT_TRUE(takes(good6().payload(1)));
    EXPECT_TRUE(takes(good6().payload(1200).ttl(2)));
}

TEST_F(ShortWay, TrustsThePortsVerdictOfTheChecksum) {
    EXPECT_FALSE(takes(good4().payload(26).wrong_checksum()));
    EXPECT_TRUE(takes(good4().payload(26).wrong_checksum(), RTE_MBUF_F_RX_IP_CKSUM_GOOD));
    EXPECT_FALSE(takes(good4().payload(26), RTE_MBUF_F_RX_IP_CKSUM_BAD));
}

TEST_F(ShortWay, IsNotForWhatMustBeLookedAt) {
    for (const PacketBuilder &packet :
         {good4().payload(26).tag(0),
          good4().payload(26).tag(100),
          good4().payload(26).padding(1),
          good4().payload(26).ttl(1),
          good4().payload(26).options({7, 3, 4, 1}),
          good4().payload(26).protocol(2),
          good4().payload(26).to_mac("01:00:5e:00:00:01"),
          good4().payload(26).from_mac("03:00:00:00:00:01"),
          good4().payload(26).from_mac("02:00:00:00:00:0b"), // our own
          ipv4("127.0.0.7", kGroup4).payload(26),
          ipv4("0.1.2.3", kGroup4).payload(26),
          ipv4("169.254.3.7", kGroup4).payload(26),
          ipv4("240.0.0.7", kGroup4).payload(26),
          ipv4("198.51.100.1", kGroup4).payload(26),  // our own
          ipv4("198.51.100.15", kGroup4).payload(26), // the network's broadcast
          ipv4(kSource4, "224.0.0.251").payload(26),
          good6().payload(9).ttl(1),
          good6().payload(9).protocol(58),
          good6().payload(9).hop_by_hop({1, 4, 0, 0, 0, 0}),
          good6().payload(9).tag(0),
          ipv6("fe80::7", kGroup6).payload(9),
          ipv6("2001:db8:1::1", kGroup6).payload(9),
          ipv6(kSource6, "ff02::fb").payload(9),
          ipv6(kSource6, "ff11::7").payload(9)})
        EXPECT_FALSE(takes(packet)) << ::testing::PrintToString(packet.build());
    EXPECT_FALSE(takes(good4().payload(26), RTE_MBUF_F_RX_VLAN_STRIPPED | RTE_MBUF_F_RX_VLAN));
}

TEST_F(ShortWay, IsClosedWhileTheArrivalInterfaceIsDown) {
    router_->set_link(TestRouter::kArrival, mgm::LinkState::kDown);
    EXPECT_FALSE(takes(good4().payload(26)));
    EXPECT_FALSE(takes(good6().payload(26)));
}

/// Frames are judged abreast: each must be judged by what it is itself.
TEST_F(ShortWay, JudgesEachFrameOfABurstAlone) {
    const dataplane::Context context{0, router_->tables(), {}, nullptr, nullptr};
    dataplane::Burst burst;
    burst.port_id = router_->port(TestRouter::kArrival).id();
    for (unsigned size = 1; size <= dataplane::Burst::kCapacity; ++size)
        for (unsigned odd = 0; odd < size; ++odd) {
            burst.size = size;
            std::uint32_t ipv4_frames = 0, ipv6_frames = 0;
            for (unsigned i = 0; i < size; ++i) {
                const bool is_ipv6 = (i * 7 + odd) % 5 == 0;
                const unsigned payload = 20 + i;
                const unsigned ttl = i == odd ? 1 : 2 + i;
                burst.mbufs[i] =
                    support::received_frame(is_ipv6 ? good6().payload(payload).ttl(ttl).build()
                                                    : good4().payload(payload).ttl(ttl).build());
                (is_ipv6 ? ipv6_frames : ipv4_frames) |= (i == odd ? 0U : 1U) << i;
            }
            const dataplane::OrdinaryFrames ordinary(context, burst.port_id);
            ASSERT_EQ(ordinary.accept<mgm::Family::kIpv4>(burst, burst.all_packets()), ipv4_frames);
            ASSERT_EQ(ordinary.accept<mgm::Family::kIpv6>(burst, burst.all_packets()), ipv6_frames);
            for (unsigned i = 0; i < size; ++i) {
                ASSERT_TRUE(i == odd || burst.headers[i].ttl == 2 + i);
                ASSERT_TRUE(i == odd || burst.octets[i] == rte_pktmbuf_pkt_len(burst.mbufs[i]));
            }
            rte_pktmbuf_free_bulk(burst.mbufs.data(), size);
        }
}

} // namespace
} // namespace dataplane_test
