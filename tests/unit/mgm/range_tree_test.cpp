// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/range_tree.hpp"
#include "table_fixture.hpp"

#include <set>

namespace mgm_test {
namespace {

class Ranges : public testing::Test {
protected:
    static Geometry geometry() {
        Geometry geometry = small_geometry();
        geometry.ipv4_ranges = 1; // few nodes: they are used again soon
        geometry.ipv6_ranges = 1;
        return geometry;
    }
    Ranges()
        : segment(geometry()),
          tables(segment.tables()),
          grace(1),
          retired(grace),
          tree(tables, retired),
          table(tables) {}

    static GroupRange<Family::kIpv4> range(const char *text) {
        const IpPrefix prefix_of_range = prefix(text);
        return {prefix_of_range.address.v4(), prefix_of_range.length};
    }
    [[nodiscard]] MfeIndex found(const char *group, std::uint32_t vrf = 0) const {
        return table.find(flow4("10.7.0.1", group, vrf));
    }
    /// The nodes that a reader walks through for the group.
    [[nodiscard]] std::set<std::uint32_t> path(const char *group) const {
        const FamilyLayout &layout = tables.layout<Family::kIpv4>();
        std::set<std::uint32_t> nodes;
        std::uint32_t node = tables.at<std::atomic<std::uint32_t>>(layout.vrf_roots)[0].load();
        const IpAddress walked = address(group);
        for (std::size_t d = 0; node != 0 && d < 4; ++d) {
            nodes.insert(node);
            const std::uint64_t slot = tables.at<RangeNode>(layout.range_nodes)[node]
                                           .slots[walked.octets()[d]]
                                           .load(); // seq_cst: a test
            node = static_cast<std::uint32_t>(slot >> 32U);
        }
        return nodes;
    }

    PrivateSegment segment;
    Tables tables;
    GracePeriod grace;
    RetiredList retired;
    RangeTree<Family::kIpv4> tree;
    MfeTable<Family::kIpv4> table;
};

TEST_F(Ranges, DoNotUseANodeAgainThatAReaderMayStandOn) {
    ASSERT_TRUE(tree.insert(0, range("225.1.2.0/25"), MfeIndex{7}));
    const std::set<std::uint32_t> before = path("225.1.2.3");
    EXPECT_EQ(before.size(), 4U);
    grace.online(0);
    tree.remove(0, range("225.1.2.0/25"));
    EXPECT_TRUE(path("225.1.2.3").empty());
    ASSERT_TRUE(tree.insert(0, range("226.9.9.0/25"), MfeIndex{9}));
    for (const std::uint32_t node : path("226.9.9.9"))
        EXPECT_FALSE(before.contains(node)) << "node " << node;
    grace.offline(0);
    tree.remove(0, range("226.9.9.0/25"));
    retired.reclaim();
    EXPECT_EQ(retired.size(), 0U);
}

TEST_F(Ranges, KeepNodesThatOthersStillNeed) {
    ASSERT_TRUE(tree.insert(0, range("225.1.0.0/16"), MfeIndex{3}));
    ASSERT_TRUE(tree.insert(0, range("225.1.2.0/23"), MfeIndex{5}));
    tree.remove(0, range("225.1.2.0/23"));
    EXPECT_EQ(found("225.1.2.3"), MfeIndex{3});
    EXPECT_EQ(path("225.1.2.3").size(), 2U);
    ASSERT_TRUE(tree.insert(0, range("225.1.2.0/23"), MfeIndex{5}));
    tree.remove(0, range("225.1.0.0/16"));
    EXPECT_EQ(found("225.1.2.3"), MfeIndex{5});
    EXPECT_EQ(found("225.1.4.3"), kNoMfe);
}

TEST_F(Ranges, ChangeNothingWhenTheNodesAreUsedUp) {
    std::uint32_t inserted = 0;
    for (; inserted < 256; ++inserted) {
        const GroupRange<Family::kIpv4> deep{from_host(0xe1000000U + inserted * 0x00010000U), 25};
        if (!tree.insert(0, deep, MfeIndex{100 + inserted}))
            break;
    }
    EXPECT_GT(inserted, 16U);
    EXPECT_LT(inserted, 256U);
    EXPECT_EQ(tree.count(), inserted);
    for (std::uint32_t i = 0; i < 256; ++i) {
        const FlowKey<Family::kIpv4> key{address("10.7.0.1").v4(),
                                         from_host(0xe1000001U + i * 0x00010000U), 0};
        EXPECT_EQ(table.find(key), i < inserted ? MfeIndex{100 + i} : kNoMfe);
    }
    tree.remove(0, {from_host(0xe1000000U), 25});
    EXPECT_TRUE(tree.insert(0, range("225.255.1.0/25"), MfeIndex{9})) << "two nodes are free again";
}

} // namespace
} // namespace mgm_test
