// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/flow_hash.hpp"
#include "table_fixture.hpp"

#include <array>

namespace mgm_test {
namespace {

constexpr std::uint64_t kMiB = std::uint64_t{1} << 20U;

Geometry million() {
    Geometry geometry;
    geometry.ipv4_entries = 1'000'000;
    geometry.workers = 2;
    return geometry;
}

TEST(Segment, HoldsAMillionIpv4EntriesAndTheCountersOfTwoWorkersIn256MiB) {
    const std::uint64_t octets = layout_of(million()).total_octets;
    testing::Test::RecordProperty("mebioctets", static_cast<int>(octets / kMiB));
    EXPECT_LE(octets, 256 * kMiB);
    EXPECT_GT(octets, 64 * kMiB) << "something is missing";
}

TEST(Segment, PlacesEveryPartOnALineAndNoneOnAnother) {
    const SegmentPlan plan = plan_of(million());
    std::vector<std::uint64_t> offsets{
        plan.layout.interface_roots, plan.layout.port_roots,       plan.layout.own_address_roots,
        plan.layout.neighbors,       plan.layout.neighbor_links,   plan.layout.neighbor_chains,
        plan.layout.interface_bases, plan.layout.ipv4.vrf_roots,   plan.layout.ipv4.buckets,
        plan.layout.ipv4.entries,    plan.layout.ipv4.range_nodes, plan.layout.ipv6.vrf_roots,
        plan.layout.ipv6.buckets,    plan.layout.ipv6.entries,     plan.layout.ipv6.range_nodes,
        plan.layout.blocks,          plan.layout.workers};
    for (const WorkerLayout &worker : plan.workers)
        for (const std::uint64_t offset :
             {worker.status, worker.interface_counters, worker.ipv4_counters, worker.ipv6_counters,
              worker.ipv4_different_in_if, worker.ipv6_different_in_if, worker.oif_counters})
            offsets.push_back(offset);
    std::uint64_t before = 0;
    for (const std::uint64_t offset : offsets) {
        EXPECT_EQ(offset % kLine, 0U);
        EXPECT_GT(offset, before);
        before = offset;
    }
    EXPECT_GT(plan.layout.total_octets, before);
    EXPECT_GE(plan.layout.ipv4.entries - plan.layout.ipv4.buckets,
              plan.layout.ipv4.bucket_count * sizeof(Bucket));
    EXPECT_GE(plan.layout.ipv4.entry_count, 1'000'001U);
}

TEST(Segment, RefusesEveryCapacityThatIsZeroOrTooLargeByItsName) {
    const std::array<std::pair<const char *, std::uint32_t Geometry::*>, 9> fields{
        {{"interfaces", &Geometry::interfaces},
         {"neighbors", &Geometry::neighbors},
         {"vrfs", &Geometry::vrfs},
         {"ipv4_entries", &Geometry::ipv4_entries},
         {"ipv6_entries", &Geometry::ipv6_entries},
         {"ipv4_ranges", &Geometry::ipv4_ranges},
         {"ipv6_ranges", &Geometry::ipv6_ranges},
         {"block_units", &Geometry::block_units},
         {"workers", &Geometry::workers}}};
    EXPECT_TRUE(validate(Geometry{}));
    for (const auto &[name, field] : fields)
        for (const std::uint32_t value : {0U, 0xffff'ffffU}) {
            Geometry geometry;
            geometry.*field = value;
            const Result<void> result = validate(geometry);
            ASSERT_FALSE(result.has_value()) << name;
            EXPECT_EQ(result.error().code, Errc::kInvalidArgument);
            EXPECT_NE(result.error().what.find(name), std::string::npos) << result.error().what;
            EXPECT_NE(result.error().what.find(std::to_string(value)), std::string::npos);
        }
}

TEST(Segment, SaltsItsHashAnewEachTime) {
    const PrivateSegment one(small_geometry());
    const PrivateSegment other(small_geometry());
    EXPECT_NE(one.tables().header().salt, other.tables().header().salt);
}

TEST(Hash, SpreadsNeighbouringKeysOverAllBuckets) {
    const HashSalt salt{0x0123'4567'89ab'cdef, 0xfedc'ba98'7654'3210};
    constexpr std::uint32_t kBuckets = 1021;
    constexpr std::uint32_t kKeys = kBuckets * 16;
    std::array<unsigned, kBuckets> first{};
    std::array<unsigned, kBuckets> second{};
    for (std::uint32_t i = 0; i < kKeys; ++i) {
        const FlowKey<Family::kIpv4> key{from_host(0x0a000000U + i), from_host(0xe8010101U), 0};
        const HashPlace place = place_of(hash_of(key, salt), kBuckets);
        ASSERT_LT(place.first, kBuckets);
        ASSERT_LT(place.second, kBuckets);
        ASSERT_NE(place.tag, 0U);
        ++first[place.first];
        ++second[place.second];
    }
    // 16 on average, sigma 4: beyond 48 something is wrong.
    EXPECT_LT(*std::max_element(first.begin(), first.end()), 48U);
    EXPECT_LT(*std::max_element(second.begin(), second.end()), 48U);
}

TEST(Hash, DoesNotLetKeysCollideUnderEverySalt) {
    // Keys that collide under one salt are no worse than others under the next.
    constexpr std::uint32_t kBuckets = 64;
    const HashSalt salt{0x1111'2222'3333'4444, 0x5555'6666'7777'8889};
    const HashSalt other{0x9999'aaaa'bbbb'cccd, 0xdddd'eeee'ffff'0001};
    unsigned together = 0;
    unsigned still_together = 0;
    const FlowKey<Family::kIpv6> base = flow6("2001:db8::1", "ff1e::1");
    for (std::uint32_t i = 0; i < 64000; ++i) {
        FlowKey<Family::kIpv6> key = base;
        key.source.octets[13] = static_cast<std::uint8_t>(i >> 16U);
        key.source.octets[14] = static_cast<std::uint8_t>(i >> 8U);
        key.source.octets[15] = static_cast<std::uint8_t>(i);
        if (place_of(hash_of(key, salt), kBuckets).first !=
            place_of(hash_of(base, salt), kBuckets).first)
            continue;
        ++together;
        still_together += place_of(hash_of(key, other), kBuckets).first ==
                          place_of(hash_of(base, other), kBuckets).first;
    }
    EXPECT_GT(together, 800U);
    EXPECT_LT(still_together, together / 16);
}

} // namespace
} // namespace mgm_test
