// SPDX-License-Identifier: BSD-3-Clause
// A million IPv4 (S,G) entries: all load, all are found, nothing else is.
#include "mgm/mfe_table.hpp"
#include "mgm/segment.hpp"
#include "mgm/segment_reader.hpp"
#include "mgm/table_writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstdio>

namespace mgm_test {
namespace {

using namespace mgm;

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
constexpr std::uint32_t kEntries = 100'000; // a sanitizer's build is a tenth as fast
#else
constexpr std::uint32_t kEntries = 1'000'000;
#endif
constexpr std::uint32_t kOlists = 300; ///< distinct ones, as networks have

/// 1,000 groups of 232/8 with the sources of 10.0.0.0/8 spread over them.
FlowKey<Family::kIpv4> flow_at(std::uint32_t i) {
    return {from_host(0x0a00'0001U + i * 7), from_host(0xe801'0000U + i % 1000), 0};
}

RouteKey key_at(std::uint32_t i) {
    const FlowKey<Family::kIpv4> flow = flow_at(i);
    return {Vrf{}, IpAddress(flow.source), {IpAddress(flow.group), 32}};
}

std::uint32_t misses(const MfeTable<Family::kIpv4> &table, std::uint32_t first,
                     std::uint32_t count) {
    std::uint32_t missed = 0;
    std::array<FlowKey<Family::kIpv4>, kMaxFindBurst> keys;
    std::array<MfeIndex, kMaxFindBurst> found{};
    for (std::uint32_t done = 0; done < count; done += kMaxFindBurst) {
        const std::uint32_t size = std::min(kMaxFindBurst, count - done);
        for (std::uint32_t i = 0; i < size; ++i)
            keys[i] = flow_at(first + done + i);
        table.find_burst(keys.data(), size, found.data());
        for (std::uint32_t i = 0; i < size; ++i)
            missed += found[i] == kNoMfe;
    }
    return missed;
}

class Stopwatch {
public:
    [[nodiscard]] double seconds() const {
        return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

private:
    std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// One to arrive on, one for each olist.
void add_interfaces(TableWriter &writer) {
    for (std::uint32_t i = 0; i <= kOlists; ++i) {
        InterfaceSpec spec;
        spec.index = IfIndex{1000 + i};
        spec.name = fmt::format("p{}", i);
        ASSERT_TRUE(writer.upsert_interface(spec));
    }
}

TEST(Million, EntriesLoadAndAreAllFoundAndNothingElseIs) {
    Geometry geometry;
    geometry.ipv4_entries = kEntries;
    geometry.workers = 2;
    const PrivateSegment segment(geometry);
    GracePeriod grace(geometry.workers);
    TableWriter writer(segment.tables(), grace);
    add_interfaces(writer);
    const Stopwatch loading;
    for (std::uint32_t i = 0; i < kEntries; ++i) {
        const RouteAction action{{IfIndex{1000 + kOlists}},
                                 {{IfIndex{1000 + i % kOlists}, 0, std::nullopt}}};
        ASSERT_TRUE(writer.upsert(key_at(i), action)) << i;
    }
    const double load_seconds = loading.seconds();
    EXPECT_EQ(writer.usage().ipv4_entries, kEntries);
    EXPECT_EQ(writer.usage().forward_sets, kOlists);

    const MfeTable<Family::kIpv4> table(segment.tables());
    const Stopwatch finding;
    EXPECT_EQ(misses(table, 0, kEntries), 0U);
    const double find_seconds = finding.seconds();
    EXPECT_EQ(misses(table, kEntries, kEntries), kEntries);
    for (std::uint32_t i = 0; i < kEntries; i += 997)
        EXPECT_EQ(segment.tables().mfe<Family::kIpv4>(table.find(flow_at(i))).key, flow_at(i));
    EXPECT_EQ(writer.upsert(key_at(kEntries), {}).error().code, Errc::kTableFull);

    const Stopwatch dumping;
    std::uint32_t dumped = 0;
    SegmentReader(segment.tables()).visit_entries<Family::kIpv4>([&](const auto &entry) {
        dumped += entry.oifs.size() == 1 && entry.iifs.size() == 1;
    });
    const double dump_seconds = dumping.seconds();
    EXPECT_EQ(dumped, kEntries);

    const Stopwatch removing;
    for (std::uint32_t i = 0; i < kEntries; ++i)
        ASSERT_TRUE(writer.remove(key_at(i)));
    std::printf(
        "%u entries: segment %.1f MiB with counters of 2 workers; loaded in %.2f s, each found "
        "once in %.2f s, copied by an attached reader in %.2f s, removed in %.2f s\n",
        kEntries, static_cast<double>(segment.tables().header().layout.total_octets) / (1 << 20),
        load_seconds, find_seconds, dump_seconds, removing.seconds());
    EXPECT_EQ(writer.reclaim(), 0U);
    EXPECT_EQ(misses(table, 0, kEntries), kEntries);
}

} // namespace
} // namespace mgm_test
