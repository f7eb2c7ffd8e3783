// SPDX-License-Identifier: BSD-3-Clause
#include "table_fixture.hpp"

namespace mgm_test {
namespace {

using Lookup = TableTest;

TEST_F(Lookup, FindsTheSourceGroupEntry) {
    const RouteKey key = route("10.7.0.1", "225.1.2.3");
    ASSERT_TRUE(writer.upsert(key, action({kIf3}, {kIf17})));
    EXPECT_EQ(ipv4.find(flow4("10.7.0.1", "225.1.2.3")), writer.find(key).value());
    EXPECT_EQ(ipv4.find(flow4("10.7.0.2", "225.1.2.3")), kNoMfe);
    EXPECT_EQ(ipv4.find(flow4("10.7.0.1", "225.1.2.4")), kNoMfe);
    EXPECT_EQ(ipv4.find(flow4("10.7.0.1", "225.1.2.3", 4)), kNoMfe);
}

TEST_F(Lookup, FallsBackToAnySourceEntryWhenTheSourceIsUnknown) {
    ASSERT_TRUE(writer.upsert(route("10.7.0.1", "225.1.2.3"), action({kIf3}, {kIf17})));
    const RouteKey any = route(nullptr, "225.1.2.3");
    ASSERT_TRUE(writer.upsert(any, action({kIf3}, {kIf99})));
    EXPECT_EQ(ipv4.find(flow4("10.7.0.9", "225.1.2.3")), writer.find(any).value());
    EXPECT_EQ(ipv4.find_exact(flow4("10.7.0.9", "225.1.2.3")), kNoMfe);
    EXPECT_EQ(ipv4.find_exact(flow4("0.0.0.0", "225.1.2.3")), writer.find(any).value());
}

TEST_F(Lookup, TakesTheLongestRangeAtAnyBit) {
    std::vector<RouteKey> ranges;
    for (const char *range : {"224.0.0.0/4", "225.0.0.0/9", "225.0.0.0/15", "225.1.0.0/16",
                              "225.1.2.0/23", "225.1.2.0/24", "225.1.2.6/31"}) {
        ranges.push_back(route(nullptr, range));
        ASSERT_TRUE(writer.upsert(ranges.back(), action({kIf3}, {kIf17})));
    }
    const auto found = [this](const char *group) { return ipv4.find(flow4("10.7.0.1", group)); };
    const auto entry = [&](std::size_t i) { return writer.find(ranges[i]).value(); };
    EXPECT_EQ(found("239.1.1.1"), entry(0));
    EXPECT_EQ(found("225.128.1.1"), entry(0));
    EXPECT_EQ(found("225.127.1.1"), entry(1));
    EXPECT_EQ(found("225.0.1.1"), entry(2));
    EXPECT_EQ(found("225.1.4.1"), entry(3));
    EXPECT_EQ(found("225.1.3.1"), entry(4));
    EXPECT_EQ(found("225.1.2.8"), entry(5));
    EXPECT_EQ(found("225.1.2.7"), entry(6));
    ASSERT_TRUE(writer.remove(ranges[5]));
    EXPECT_EQ(found("225.1.2.8"), entry(4));
    EXPECT_EQ(found("225.1.2.7"), entry(6));
}

TEST_F(Lookup, TakesTheLongestIpv6RangeFromEveryGroupDown) {
    std::vector<RouteKey> ranges;
    for (const char *range : {"ff00::/8", "ff18::/13", "ff1e::/16", "ff1e:100::/24",
                              "ff1e:100::/120", "ff1e:100::42/127"}) {
        ranges.push_back(route(nullptr, range));
        ASSERT_TRUE(writer.upsert(ranges.back(), action({kIf3}, {kIf17})));
    }
    const auto found = [this](const char *group) { return ipv6.find(flow6("2001:db8::7", group)); };
    const auto entry = [&](std::size_t i) { return writer.find(ranges[i]).value(); };
    EXPECT_EQ(found("ff0e::1"), entry(0));
    EXPECT_EQ(found("ff1d::1"), entry(1));
    EXPECT_EQ(found("ff1e:200::1"), entry(2));
    EXPECT_EQ(found("ff1e:101::"), entry(3));
    EXPECT_EQ(found("ff1e:100::ff"), entry(4));
    EXPECT_EQ(found("ff1e:100::43"), entry(5));
}

TEST_F(Lookup, NeverMatchesASourceSpecificGroupByAWildcard_S1_5) {
    ASSERT_TRUE(writer.upsert(route(nullptr, "224.0.0.0/4"), action({kIf3}, {kIf17})));
    ASSERT_TRUE(writer.upsert(route(nullptr, "ff00::/8"), action({kIf3}, {kIf17})));
    EXPECT_EQ(ipv4.find(flow4("10.7.0.1", "232.1.1.1")), kNoMfe);
    EXPECT_NE(ipv4.find(flow4("10.7.0.1", "233.1.1.1")), kNoMfe);
    EXPECT_EQ(ipv6.find(flow6("2001:db8::7", "ff3e::1:1")), kNoMfe);
    EXPECT_NE(ipv6.find(flow6("2001:db8::7", "ff3e:1::1:1")), kNoMfe);
    ASSERT_TRUE(writer.upsert(route("10.7.0.1", "232.1.1.1"), action({kIf3}, {kIf17})));
    EXPECT_NE(ipv4.find(flow4("10.7.0.1", "232.1.1.1")), kNoMfe);
}

TEST_F(Lookup, KeepsVrfsApart) {
    ASSERT_TRUE(writer.upsert(route(nullptr, "225.0.0.0/8", 4), action({kIf3}, {kIf17})));
    EXPECT_EQ(ipv4.find(flow4("10.7.0.1", "225.1.2.3", 0)), kNoMfe);
    EXPECT_NE(ipv4.find(flow4("10.7.0.1", "225.1.2.3", 4)), kNoMfe);
    EXPECT_EQ(ipv4.find(flow4("10.7.0.1", "225.1.2.3", 5)), kNoMfe) << "beyond the vrfs there are";
}

TEST_F(Lookup, FindsABurstAsOneByOne) {
    // for all but 232.9.9.9, which is source-specific
    ASSERT_TRUE(writer.upsert(route(nullptr, "224.0.0.0/4"), action({kIf3}, {kIf17})));
    ASSERT_TRUE(writer.upsert(route(nullptr, "225.0.0.0/8"), action({kIf3}, {kIf17})));
    ASSERT_TRUE(writer.upsert(route(nullptr, "226.1.1.1"), action({kIf3}, {kIf17})));
    std::vector<FlowKey<Family::kIpv4>> keys;
    for (std::uint32_t i = 0; i < kMaxFindBurst; ++i) {
        const IpAddress source(from_host(0x0a070000U + i));
        RouteKey key = route(nullptr, "232.9.9.9");
        key.source = source;
        if (i % 3 == 0) {
            ASSERT_TRUE(writer.upsert(key, action({kIf3}, {kIf17})));
        }
        const char *group = i % 5 == 1 ? "225.3.3.3" : i % 5 == 2 ? "226.1.1.1" : "232.9.9.9";
        keys.push_back({source.v4(), address(group).v4(), 0});
    }
    for (const unsigned count : {0U, 1U, 37U, kMaxFindBurst}) {
        std::vector<MfeIndex> found(count);
        ipv4.find_burst(keys.data(), count, found.data());
        for (unsigned i = 0; i < count; ++i)
            EXPECT_EQ(found[i], ipv4.find(keys[i])) << i << " of " << count;
    }
}

} // namespace
} // namespace mgm_test
