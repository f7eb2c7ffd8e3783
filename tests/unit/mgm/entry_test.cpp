// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/segment_reader.hpp"
#include "table_fixture.hpp"

#include <algorithm>

namespace mgm_test {
namespace {

using Entries = TableTest;

RouteKey source_group(std::uint32_t i) {
    RouteKey key = route(nullptr, "232.4.0.1");
    key.source = IpAddress(from_host(0x0a070001U + i));
    return key;
}

TEST_F(Entries, KeepThePositionAndTheCountersWhenWhatTheyDoIsSwapped) {
    const RouteKey key = route("10.7.0.1", "225.1.2.3");
    ASSERT_TRUE(writer.upsert(key, action({kIf3}, {kIf17})));
    const MfeIndex index = writer.find(key).value();
    tables.entry_counters<Family::kIpv4>(1, index).packets[0].add(37);
    ASSERT_TRUE(writer.upsert(key, action({kIf3}, {kIf17, kIf99})));
    EXPECT_EQ(writer.find(key).value(), index);
    EXPECT_EQ(tables.entry_counters<Family::kIpv4>(1, index).packets[0].read(), 37U);
    EXPECT_EQ(set_of(key).oif_count, 2U);
}

TEST_F(Entries, TouchNothingWhenNothingChanges) {
    const RouteKey key = route("10.7.0.1", "225.1.2.3");
    ASSERT_TRUE(writer.upsert(key, action({kIf3, kIf4711}, {kIf17, kIf99})));
    const ForwardSet *before = &set_of(key);
    const std::uint32_t generation =
        tables.mfe<Family::kIpv4>(*writer.find(key)).generation.load(); // seq_cst: a test
    const TableUsage usage = writer.usage();
    ASSERT_TRUE(writer.upsert(key, action({kIf4711, kIf3, kIf3}, {kIf99, kIf17, kIf17})));
    EXPECT_EQ(&set_of(key), before);
    EXPECT_EQ(tables.mfe<Family::kIpv4>(*writer.find(key)).generation.load(), generation);
    EXPECT_EQ(writer.usage().block_units, usage.block_units);
    EXPECT_EQ(writer.usage().retired, 0U);
}

TEST_F(Entries, LeaveNoForwardSetBehindAfterTheyWereSetAgain) {
    const RouteKey key = route("10.7.0.9", "232.7.7.7");
    for (int times = 0; times < 3; ++times)
        ASSERT_TRUE(writer.upsert(key, action({kIf3}, {kIf17, kIf4711})));

    ASSERT_TRUE(writer.remove(key));

    EXPECT_EQ(writer.usage().forward_sets, 0U);
    EXPECT_TRUE(writer.remove_interface(kIf4711)); // nothing names it any more
}

TEST_F(Entries, ShareOneForwardSetWhenTheyDoTheSame) {
    for (std::uint32_t i = 0; i < 37; ++i)
        ASSERT_TRUE(writer.upsert(source_group(i), action({kIf3}, {kIf17})));
    EXPECT_EQ(writer.usage().forward_sets, 1U);
    EXPECT_EQ(&set_of(source_group(0)), &set_of(source_group(36)));
    for (std::uint32_t i = 0; i < 37; ++i)
        ASSERT_TRUE(writer.remove(source_group(i)));
    EXPECT_EQ(writer.usage().forward_sets, 0U);
}

TEST_F(Entries, TellForwardSetsApartByEveryField) {
    const auto with = [](std::uint16_t threshold, std::optional<IpAddress> next_hop) {
        return RouteAction{{kIf3}, {{kIf17, threshold, next_hop}}};
    };
    ASSERT_TRUE(writer.upsert(source_group(0), with(0, std::nullopt)));
    ASSERT_TRUE(writer.upsert(source_group(1), with(16, std::nullopt)));
    ASSERT_TRUE(writer.upsert(source_group(2), with(0, address("198.51.100.34"))));
    ASSERT_TRUE(writer.upsert(source_group(3), with(0, address("198.51.100.35"))));
    ASSERT_TRUE(writer.upsert(source_group(4), action({kIf3, kIf99}, {kIf17})));
    ASSERT_TRUE(writer.upsert(source_group(5), action({}, {kIf17})));
    EXPECT_EQ(writer.usage().forward_sets, 6U);
    EXPECT_EQ(set_of(source_group(1)).oifs()->ttl_threshold, 16);
}

TEST_F(Entries, AcceptFromOneInterfaceFromSeveralOrFromNone) {
    ASSERT_TRUE(writer.upsert(source_group(0), action({kIf17}, {kIf3})));
    EXPECT_EQ(set_of(source_group(0)).only_iif, slot(kIf17));
    EXPECT_TRUE(accepts(set_of(source_group(0)), slot(kIf17)));
    EXPECT_FALSE(accepts(set_of(source_group(0)), slot(kIf99)));

    ASSERT_TRUE(writer.upsert(source_group(1), action({kIf4711, kIf17, kIf3}, {kIf99})));
    EXPECT_EQ(set_of(source_group(1)).only_iif, kNoSlot);
    for (const IfIndex iif : {kIf4711, kIf17, kIf3})
        EXPECT_TRUE(accepts(set_of(source_group(1)), slot(iif)));
    EXPECT_FALSE(accepts(set_of(source_group(1)), slot(kIf99)));

    ASSERT_TRUE(writer.upsert(source_group(2), action({}, {kIf99})));
    for (const IfIndex iif : {kIf4711, kIf17, kIf3, kIf99})
        EXPECT_FALSE(accepts(set_of(source_group(2)), slot(iif)));
}

TEST_F(Entries, MayBeNegativeWithAnInterfaceOrWithNone) {
    ASSERT_TRUE(writer.upsert(source_group(0), action({kIf17}, {})));
    EXPECT_EQ(set_of(source_group(0)).oif_count, 0U);
    EXPECT_TRUE(accepts(set_of(source_group(0)), slot(kIf17)));
    EXPECT_FALSE(accepts(set_of(source_group(0)), slot(kIf3)));

    ASSERT_TRUE(writer.upsert(source_group(1), action({}, {})));
    EXPECT_EQ(set_of(source_group(1)).iif_count, 0U);
    for (const IfIndex iif : {kIf4711, kIf17, kIf3, kIf99})
        EXPECT_FALSE(accepts(set_of(source_group(1)), slot(iif)));
    const auto copy = SegmentReader(tables).entry<Family::kIpv4>(*writer.find(source_group(1)));
    ASSERT_TRUE(copy.has_value() && !copy->is_changing);
    EXPECT_TRUE(copy->iifs.empty() && copy->oifs.empty());
}

TEST_F(Entries, MayBecomeNegativeAndActiveAgain) {
    for (const RouteAction &next : {action({}, {}), action({kIf3}, {kIf99}), action({kIf3}, {}),
                                    action({kIf3}, {kIf99}), action({}, {})}) {
        ASSERT_TRUE(writer.upsert(source_group(0), next));
        EXPECT_EQ(set_of(source_group(0)).oif_count, next.oifs.size());
        EXPECT_EQ(set_of(source_group(0)).iif_count, next.iifs.size());
        EXPECT_EQ(writer.usage().forward_sets, 1U);
    }
    ASSERT_TRUE(writer.remove(source_group(0)));
    EXPECT_EQ(writer.usage().forward_sets, 0U);
}

TEST_F(Entries, AllowABidirectionalTreeButNoEntryThatOnlyLoops) {
    EXPECT_TRUE(writer.upsert(source_group(0), action({kIf3, kIf17}, {kIf3, kIf17, kIf99})));
    EXPECT_EQ(code_of(writer.upsert(source_group(1), action({kIf3}, {kIf17, kIf3}))),
              Errc::kInvalidArgument);
    EXPECT_FALSE(writer.find(source_group(1)).has_value());
}

TEST_F(Entries, TakeTheLargerOfTwoThresholdsForOneOif) {
    const RouteAction twice{
        {kIf3}, {{kIf17, 7, std::nullopt}, {kIf17, 9, std::nullopt}, {kIf17, 8, std::nullopt}}};
    ASSERT_TRUE(writer.upsert(source_group(0), twice));
    ASSERT_EQ(set_of(source_group(0)).oif_count, 1U);
    EXPECT_EQ(set_of(source_group(0)).oifs()->ttl_threshold, 9);
}

TEST_F(Entries, RefuseWhatCanNeverBeRightAndChangeNothing) {
    EXPECT_EQ(writer.reclaim(), 0U);
    const TableUsage before = writer.usage();
    const RouteKey good = route("10.7.0.1", "225.1.2.3");
    EXPECT_EQ(code_of(writer.upsert(good, action({IfIndex{5}}, {kIf17}))), Errc::kNotFound);
    EXPECT_EQ(code_of(writer.upsert(good, action({kIf3}, {IfIndex{5}}))), Errc::kNotFound);
    EXPECT_EQ(code_of(writer.upsert(good, {{kIf3}, {{kIf17, 257, std::nullopt}}})),
              Errc::kInvalidArgument);
    EXPECT_EQ(code_of(writer.upsert(good, {{kIf3}, {{kIf17, 0, address("225.1.1.1")}}})),
              Errc::kInvalidArgument);
    // A good next hop before a bad oif leaves no neighbor behind.
    EXPECT_EQ(
        code_of(writer.upsert(
            good, {{kIf3}, {{kIf17, 0, address("198.51.100.34")}, {IfIndex{5}, 0, std::nullopt}}})),
        Errc::kNotFound);
    EXPECT_EQ(code_of(writer.upsert(route("10.7.0.1", "225.1.2.3", 5), action({kIf3}, {kIf17}))),
              Errc::kInvalidArgument);
    EXPECT_EQ(code_of(writer.remove(good)), Errc::kNotFound);
    EXPECT_EQ(writer.usage().ipv4_entries, 0U);
    EXPECT_EQ(writer.usage().neighbors, 0U);
    EXPECT_EQ(writer.usage().block_units, before.block_units);
}

TEST_F(Entries, SayThatTheTableIsFullAndTakeAnotherAfterARemoval) {
    for (std::uint32_t i = 0; i < 300; ++i)
        ASSERT_TRUE(writer.upsert(source_group(i), action({kIf3}, {kIf17}))) << i;
    EXPECT_EQ(code_of(writer.upsert(source_group(300), action({kIf3}, {kIf99}))), Errc::kTableFull);
    EXPECT_EQ(writer.usage().forward_sets, 1U) << "the refused entry's set stayed";
    EXPECT_TRUE(writer.upsert(source_group(7), action({kIf3}, {kIf99})))
        << "a known entry can change";
    ASSERT_TRUE(writer.remove(source_group(0)));
    EXPECT_TRUE(writer.upsert(source_group(300), action({kIf3}, {kIf17})));
    for (std::uint32_t i = 1; i <= 300; ++i)
        EXPECT_NE(ipv4.find({source_group(i).source->v4(), address("232.4.0.1").v4(), 0}), kNoMfe);
}

TEST_F(Entries, SayThatTheRangesAreFull) {
    for (std::uint32_t i = 0; i < 11; ++i)
        ASSERT_TRUE(writer.upsert(route(nullptr, fmt::format("225.{}.0.0/17", i).c_str()),
                                  action({kIf3}, {kIf17})));
    EXPECT_EQ(code_of(writer.upsert(route(nullptr, "226.0.0.0/8"), action({kIf3}, {kIf17}))),
              Errc::kTableFull);
    EXPECT_TRUE(writer.upsert(route(nullptr, "226.1.1.1"), action({kIf3}, {kIf17})))
        << "(*,G) is no range";
}

TEST_F(Entries, AreNotUsedAgainBeforeTheWorkerIsQuiescent) {
    const RouteKey key = source_group(0);
    ASSERT_TRUE(writer.upsert(key, action({kIf3}, {kIf17})));
    const MfeIndex index = writer.find(key).value();
    const ForwardSet *set = &set_of(key);
    tables.entry_counters<Family::kIpv4>(0, index).packets[0].add(9);
    grace.online(0);
    ASSERT_TRUE(writer.remove(key));
    for (std::uint32_t i = 1; i < 20; ++i) {
        ASSERT_TRUE(writer.upsert(source_group(i), action({kIf3}, {kIf99})));
        EXPECT_NE(writer.find(source_group(i)).value(), index);
    }
    EXPECT_EQ(set->oif_count, 1U);
    EXPECT_EQ(set->oifs()->slot, slot(kIf17)) << "freed under a reader";
    EXPECT_EQ(tables.mfe<Family::kIpv4>(index).key.source, key.source->v4());
    EXPECT_EQ(tables.entry_counters<Family::kIpv4>(0, index).packets[0].read(), 9U);
    EXPECT_NE(writer.usage().retired, 0U);

    grace.quiescent(0);
    EXPECT_EQ(writer.reclaim(), 0U);
    ASSERT_TRUE(writer.upsert(source_group(20), action({kIf3}, {kIf17})));
    EXPECT_EQ(writer.find(source_group(20)).value(), index);
    EXPECT_EQ(tables.entry_counters<Family::kIpv4>(0, index).packets[0].read(), 0U)
        << "starts from zero";
    grace.offline(0);
}

TEST_F(Entries, WaitABoundedTimeForAWorkerThatHangs) {
    grace.online(0);
    std::uint32_t refused = 0;
    // Remove and add until the reserve for retired entries is used up.
    for (std::uint32_t i = 0; i < 500 && refused == 0; ++i) {
        const Result<void> added = writer.upsert(source_group(i), action({kIf3}, {kIf17}));
        if (!added) {
            EXPECT_EQ(added.error().code, Errc::kTableFull);
            ++refused;
        } else {
            ASSERT_TRUE(writer.remove(source_group(i)));
        }
    }
    EXPECT_EQ(refused, 1U);
    grace.quiescent(0);
    EXPECT_TRUE(writer.upsert(source_group(0), action({kIf3}, {kIf17})));
    grace.offline(0);
}

TEST_F(Entries, HoldAThousandOifs) {
    Geometry geometry = small_geometry();
    geometry.interfaces = 1500;
    const PrivateSegment large(geometry);
    GracePeriod own_grace(1);
    TableWriter own(large.tables(), own_grace);
    RouteAction wide{{IfIndex{1}}, {}};
    for (std::uint32_t i = 1; i <= 1300; ++i) {
        InterfaceSpec spec = interface_spec(IfIndex{i});
        ASSERT_TRUE(own.upsert_interface(spec));
        if (i != 1)
            wide.oifs.push_back({IfIndex{i}, static_cast<std::uint16_t>(i % 257), std::nullopt});
    }
    ASSERT_TRUE(own.upsert(source_group(0), wide));
    const auto &set = large.tables().forward_set(
        large.tables().mfe<Family::kIpv4>(own.find(source_group(0)).value()));
    ASSERT_EQ(set.oif_count, 1299U);
    for (std::uint32_t k = 0; k < set.oif_count; ++k)
        EXPECT_EQ(set.oifs()[k].ttl_threshold,
                  static_cast<std::uint32_t>(own.index_of(set.oifs()[k].slot).value()) % 257);
}

struct BadKey {
    const char *source;
    const char *group;
    const char *why;
};

class RefusedKey : public testing::TestWithParam<BadKey> {};

TEST_P(RefusedKey, IsRefusedWithItsReason_S1_4) {
    const Result<void> result = validate(route(GetParam().source, GetParam().group));
    ASSERT_FALSE(result.has_value());
    EXPECT_EQ(result.error().code, Errc::kInvalidArgument);
    EXPECT_NE(result.error().what.find(GetParam().why), std::string::npos) << result.error().what;
}

INSTANTIATE_TEST_SUITE_P(
    Keys, RefusedKey,
    testing::Values(
        BadKey{nullptr, "10.1.2.3", "not multicast"},
        BadKey{nullptr, "224.0.0.0/3", "not multicast"},
        BadKey{nullptr, "0.0.0.0/0", "not multicast"}, BadKey{nullptr, "fe80::1", "not multicast"},
        BadKey{nullptr, "224.0.0.5", "never leave"}, BadKey{"10.1.1.1", "224.0.0.5", "never leave"},
        BadKey{nullptr, "224.0.0.0/24", "never leave"},
        BadKey{nullptr, "224.0.0.128/25", "never leave"}, BadKey{nullptr, "ff02::1", "never leave"},
        BadKey{nullptr, "ff32::/16", "never leave"}, BadKey{nullptr, "ff11::/24", "never leave"},
        BadKey{nullptr, "ff00::1", "never leave"}, BadKey{nullptr, "232.1.1.1", "needs a source"},
        BadKey{nullptr, "232.0.0.0/8", "needs a source"},
        BadKey{nullptr, "232.7.0.0/21", "needs a source"},
        BadKey{nullptr, "ff3e::/32", "needs a source"},
        BadKey{nullptr, "ff3e::8000:1", "needs a source"},
        BadKey{"10.1.1.1", "225.1.0.0/16", "full-length"},
        BadKey{"10.1.1.1", "ff1e::1", "different families"},
        BadKey{"0.0.0.1", "225.1.1.1", "such a source"},
        BadKey{"127.3.0.1", "225.1.1.1", "such a source"},
        BadKey{"225.1.1.1", "225.1.1.1", "such a source"},
        BadKey{"255.255.255.255", "225.1.1.1", "such a source"},
        BadKey{"fe80::1", "ff1e::1", "such a source"}, BadKey{"::1", "ff1e::1", "such a source"},
        BadKey{"::ffff:10.0.0.1", "ff1e::1", "such a source"},
        BadKey{nullptr, "225.1.2.3/24", "bits behind its length"}));

TEST(AcceptedKey, MayBeAnyRangeThatHoldsGroupsThatAreForwarded) {
    for (const char *group :
         {"224.0.0.0/4", "224.0.0.0/23", "224.0.1.0/24", "232.0.0.0/7", "239.255.255.255",
          "ff00::/8", "ff02::/15", "ff30::/12", "ff3e::/31", "ff03::/16", "ff1e::1"})
        EXPECT_TRUE(validate(route(nullptr, group))) << group;
    EXPECT_TRUE(validate(route("240.1.1.1", "225.1.1.1"))) << "a switch of [forwarding] decides";
    EXPECT_TRUE(validate(route("2001:db8::1", "ff3e::8000:1")));
}

} // namespace
} // namespace mgm_test
