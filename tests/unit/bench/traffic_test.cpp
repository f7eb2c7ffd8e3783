// SPDX-License-Identifier: BSD-3-Clause
// The frames that a benchmark sends.
#include "apps/bench/ingress.hpp"
#include "apps/bench/traffic.hpp"
#include "support/packet_builder.hpp"
#include "support/ring_port.hpp"

#include <gtest/gtest.h>
#include <rte_dev.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <set>

namespace {

using bench::Ingress;
using bench::Scenario;
using bench::Traffic;
using support::Octets;

/// A port that receives nothing by itself.
class Frames : public ::testing::Test {
protected:
    static void SetUpTestSuite() {
        pool = rte_pktmbuf_pool_create("frames", 1023, 0, 0, 9400, 0);
        ASSERT_NE(pool, nullptr);
        ASSERT_EQ(rte_eal_hotplug_add("vdev", "net_null_frames", "no-rx=1"), 0);
        ASSERT_EQ(rte_eth_dev_get_port_by_name("net_null_frames", &port), 0);
        rte_eth_conf config{};
        ASSERT_EQ(rte_eth_dev_configure(port, 1, 1, &config), 0);
        ASSERT_EQ(rte_eth_rx_queue_setup(port, 0, 512, 0, nullptr, pool), 0);
        ASSERT_EQ(rte_eth_tx_queue_setup(port, 0, 512, 0, nullptr), 0);
        ASSERT_EQ(rte_eth_dev_start(port), 0);
    }
    static void TearDownTestSuite() {
        EXPECT_EQ(rte_mempool_in_use_count(pool), 0U);
        EXPECT_EQ(rte_eth_dev_stop(port), 0);
        EXPECT_EQ(rte_eal_hotplug_remove("vdev", "net_null_frames"), 0);
        rte_mempool_free(pool);
    }

    static std::vector<Octets> first(std::size_t count, const Scenario &scenario,
                                     std::uint64_t seed) {
        const Traffic traffic(scenario, scenario.entries(), seed);
        Ingress ingress(port, pool);
        ingress.arm(traffic, 60);
        std::vector<Octets> frames;
        while (frames.size() < count) {
            std::array<rte_mbuf *, Ingress::kBurst> burst{};
            const unsigned received = rte_eth_rx_burst(port, 0, burst.data(), Ingress::kBurst);
            for (unsigned i = 0; i < received; ++i)
                frames.push_back(support::octets_of(*burst[i]));
            rte_pktmbuf_free_bulk(burst.data(), received);
        }
        frames.resize(count);
        return frames;
    }

    static inline rte_mempool *pool = nullptr;
    static inline std::uint16_t port = 0;
};

Scenario mixed(mgm::Family family) {
    Scenario scenario;
    scenario.family = family;
    scenario.sizes = bench::parse_sizes("84,570,9000").value();
    scenario.groups = 37;
    scenario.sources = 11;
    return scenario;
}

TEST_F(Frames, OfTheSameSeedAreTheSame) {
    for (const mgm::Family family : {mgm::Family::kIpv4, mgm::Family::kIpv6}) {
        const std::vector<Octets> once = first(500, mixed(family), 7);
        EXPECT_EQ(first(500, mixed(family), 7), once);
        EXPECT_NE(first(500, mixed(family), 8), once);
    }
}

TEST_F(Frames, AreValidPacketsToTheirGroupsMac) {
    for (const Octets &frame : first(200, mixed(mgm::Family::kIpv4), 3)) {
        const Octets header(frame.begin() + 14, frame.begin() + 34);
        EXPECT_EQ(support::internet_checksum(header), 0);
        EXPECT_EQ(header[2] << 8U | header[3], static_cast<int>(frame.size() - 14));
        EXPECT_EQ(Octets(frame.begin(), frame.begin() + 6),
                  (Octets{0x01, 0, 0x5e, static_cast<std::uint8_t>(header[17] & 0x7fU), header[18],
                          header[19]}));
    }
    for (const Octets &frame : first(200, mixed(mgm::Family::kIpv6), 3)) {
        EXPECT_EQ(support::ipv6_upper_checksum(Octets(frame.begin() + 14, frame.end())), 0);
        EXPECT_EQ(Octets(frame.begin(), frame.begin() + 6),
                  (Octets{0x33, 0x33, frame[50], frame[51], frame[52], frame[53]}));
    }
}

TEST_F(Frames, ComeInTheSizesThatWereAskedForLessFcs) {
    std::set<std::size_t> sizes;
    for (const Octets &frame : first(500, mixed(mgm::Family::kIpv4), 1))
        sizes.insert(frame.size());
    EXPECT_EQ(sizes, (std::set<std::size_t>{80, 566, 8996}));
}

TEST(Flows, AreDifferentForEachNumber) {
    for (const mgm::Family family : {mgm::Family::kIpv4, mgm::Family::kIpv6}) {
        Scenario scenario;
        scenario.family = family;
        scenario.groups = 300;
        scenario.sources = 500;
        std::set<std::pair<mgm::IpAddress, mgm::IpAddress>> flows;
        std::set<mgm::IpAddress> groups;
        for (std::uint64_t k = 0; k < scenario.entries(); ++k) {
            const bench::FlowAddresses flow = bench::flow_addresses(scenario, k);
            flows.emplace(flow.source, flow.group);
            groups.insert(flow.group);
        }
        EXPECT_EQ(flows.size(), scenario.entries());
        EXPECT_EQ(groups.size(), scenario.groups);
    }
}

TEST(Flows, HotOnesGetNineOfTenPackets) {
    Scenario scenario;
    scenario.groups = 1000;
    scenario.pick = bench::Pick::kHot;
    const Traffic traffic(scenario, 1000, 5);
    const auto hot = std::count_if(traffic.ipv4().begin(), traffic.ipv4().end(),
                                   [](const bench::StreamItem4 &item) { return item.flow < 10; });
    const double share = static_cast<double>(hot) / static_cast<double>(traffic.ipv4().size());
    EXPECT_NEAR(share, 0.901, 0.005);
}

TEST(Flows, OfZipfAreTheRarerTheHigherTheirNumber) {
    Scenario scenario;
    scenario.groups = 1000;
    scenario.pick = bench::Pick::kZipf;
    const Traffic traffic(scenario, 1000, 5);
    std::array<std::uint64_t, 3> decades{};
    for (const bench::StreamItem4 &item : traffic.ipv4())
        ++decades.at(item.flow < 10 ? 0 : item.flow < 100 ? 1 : 2);
    for (const std::uint64_t packets : decades) // each decade of ranks has about as many packets
        EXPECT_NEAR(static_cast<double>(packets), Traffic::kStreamLength / 3.0,
                    Traffic::kStreamLength * 0.03);
}

} // namespace
