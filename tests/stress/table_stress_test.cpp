// SPDX-License-Identifier: BSD-3-Clause
// One writer at full speed against readers of every kind: workers that look up in bursts, and a
// thread that reads from outside of the grace periods. Whatever they find must be whole and of the
// key they asked for. The writer poisons what it frees (builds without NDEBUG).
//
// README.md says what ThreadSanitizer sees of it.
#include "mgm/mfe_table.hpp"
#include "mgm/segment.hpp"
#include "mgm/segment_reader.hpp"
#include "mgm/table_writer.hpp"
#include "self_checking.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <mutex>
#include <random>
#include <thread>

namespace mgm_test {
namespace {

constexpr std::uint32_t kWorkers = 3;
constexpr std::uint32_t kKeys = 300;  ///< of each kind
constexpr std::uint32_t kStable = 37; ///< the first so many keys are never removed

std::chrono::milliseconds duration() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread of ours ever changes the environment
    const char *seconds = std::getenv("STRESS_SECONDS");
    return std::chrono::milliseconds(seconds != nullptr ? std::atoi(seconds) * 1000 : 4000);
}

RouteKey ipv4_key(std::uint32_t i) {
    return {Vrf{static_cast<std::uint16_t>(i % 3)},
            IpAddress(from_host(0x0a07'0001U + i)),
            {IpAddress(from_host(0xe101'0101U)), 32}};
}
RouteKey ipv6_key(std::uint32_t i) {
    Ipv6Address source{{0x20, 0x01, 0x0d, 0xb8}};
    source.octets[14] = static_cast<std::uint8_t>(i >> 8U);
    source.octets[15] = static_cast<std::uint8_t>(i);
    return {Vrf{static_cast<std::uint16_t>(i % 3)}, IpAddress(source),
            *IpPrefix::parse("ff3e::8000:7")};
}
/// Nested ranges of 226.0.0.0/8, every fourth with a node path of its own.
RouteKey range_key(std::uint32_t i) {
    const IpPrefix range{IpAddress(from_host(0xe200'0000U + i * 0x0001'0381U)),
                         static_cast<std::uint8_t>(9 + i % 23)};
    return {Vrf{}, std::nullopt, range.network()};
}
/// Five interfaces share the addresses out; a neighbor's MAC follows from both.
IfSlot neighbor_interface(std::uint32_t i) {
    return IfSlot{1 + i % 5};
}
Ipv6Address neighbor_address(std::uint32_t i) {
    return ipv6_key(i).source->v6();
}
MacAddress neighbor_mac(std::uint32_t i) {
    return {{2, static_cast<std::uint8_t>(i % 5), 0x77, 0, static_cast<std::uint8_t>(i >> 8U),
             static_cast<std::uint8_t>(i)}};
}
/// A program's number says which kind of key it belongs to: a reader can tell a stranger.
std::uint32_t program_for(std::uint32_t kind, std::uint32_t random) {
    return random % (kPrograms / 3) * 3 + kind;
}

class Stress : public testing::Test {
protected:
    Stress()
        : segment(geometry()), tables(segment.tables()), grace(kWorkers), writer(tables, grace) {
        for (std::uint32_t slot = 1; slot <= kInterfaces; ++slot)
            EXPECT_TRUE(writer.upsert_interface(interface_version(slot, 0)).has_value());
        for (std::uint32_t i = 0; i < kStable; ++i) {
            EXPECT_TRUE(writer.upsert(ipv4_key(i), program(program_for(0, i))).has_value());
            EXPECT_TRUE(writer.upsert(ipv6_key(i), program(program_for(1, i))).has_value());
            EXPECT_TRUE(set_neighbor(i, true).has_value());
        }
        EXPECT_TRUE(writer
                        .upsert({Vrf{}, std::nullopt, *IpPrefix::parse("226.0.0.0/8")},
                                program(program_for(2, 7)))
                        .has_value());
    }
    static Geometry geometry() {
        Geometry geometry;
        geometry.interfaces = kInterfaces + 10;
        geometry.neighbors = 2 * kKeys;
        geometry.vrfs = 3;
        geometry.ipv4_entries = 4 * kKeys;
        geometry.ipv6_entries = 2 * kKeys;
        geometry.ipv4_ranges = 2 * kKeys;
        geometry.ipv6_ranges = 8;
        geometry.block_units = 16384;
        geometry.workers = kWorkers;
        return geometry;
    }

    void report(const std::string &fault) {
        if (fault.empty())
            return;
        stop = true;
        const std::lock_guard lock(faults_mutex);
        if (faults.size() < 10)
            faults.push_back(fault);
    }

    // --- workers

    template <Family F>
    void check_entry(MfeIndex index, const FlowKey<F> &asked, std::uint32_t kind, bool is_stable) {
        if (index == kNoMfe) {
            report(is_stable ? "an entry that stays was missed" : "");
            return;
        }
        const Mfe<F> &mfe = tables.mfe<F>(index);
        const ForwardSet &set = tables.forward_set(mfe);
        if (mfe.key.vrf != asked.vrf || (kind != 2 && mfe.key != asked))
            report("found the entry of another key");
        report(fault_of(set));
        if ((static_cast<std::uint32_t>(set.oifs()->slot) - 1) % 3 != kind)
            report("found the set of another kind of key");
    }

    template <Family F>
    void look_up(std::uint32_t worker, std::mt19937 &random, RouteKey (*key_of)(std::uint32_t),
                 std::uint32_t kind) {
        std::array<FlowKey<F>, kMaxFindBurst> keys;
        std::array<std::uint32_t, kMaxFindBurst> numbers{};
        for (unsigned i = 0; i < keys.size(); ++i) {
            numbers[i] = static_cast<std::uint32_t>(random() % kKeys);
            const RouteKey key = key_of(numbers[i]);
            keys[i] = {key.source->as<F>(), key.group.address.as<F>(),
                       static_cast<std::uint32_t>(key.vrf)};
        }
        std::array<MfeIndex, kMaxFindBurst> found{};
        const MfeTable<F> table(tables);
        table.find_burst(keys.data(), kMaxFindBurst, found.data());
        for (unsigned i = 0; i < keys.size(); ++i) {
            check_entry<F>(found[i], keys[i], kind, numbers[i] < kStable);
            if (found[i] != kNoMfe)
                tables.entry_counters<F>(worker, found[i]).packets[0].add(1);
        }
    }

    void look_up_ranges(std::mt19937 &random) {
        const MfeTable<Family::kIpv4> table(tables);
        for (int i = 0; i < 32; ++i) {
            const FlowKey<Family::kIpv4> key{
                from_host(0x0a07'0001U),
                from_host(0xe200'0000U + static_cast<std::uint32_t>(random() % 0x0100'0000U)), 0};
            const MfeIndex found = table.find(key);
            check_entry<Family::kIpv4>(found, key, 2, true); // 226.0.0.0/8 stays
            if (found == kNoMfe)
                continue;
            const Mfe<Family::kIpv4> &mfe = tables.mfe<Family::kIpv4>(found);
            if (!IpPrefix{IpAddress(mfe.key.group), mfe.group_length}.contains(
                    IpAddress(key.group)))
                report("found a range that does not hold the group");
        }
    }

    void look_up_neighbors(std::mt19937 &random) {
        for (int n = 0; n < 32; ++n) {
            const auto i = static_cast<std::uint32_t>(random() % kKeys);
            const auto mac = tables.neighbor_mac(neighbor_interface(i), neighbor_address(i));
            if (mac && *mac != neighbor_mac(i))
                report("found the MAC of another neighbor");
            if (!mac && i < kStable)
                report("a neighbor that stays was missed");
        }
    }

    void work(std::uint32_t worker) {
        std::mt19937 random(worker);
        grace.online(worker);
        std::uint64_t turns = 0;
        while (!stop) {
            look_up<Family::kIpv4>(worker, random, ipv4_key, 0);
            look_up<Family::kIpv6>(worker, random, ipv6_key, 1);
            look_up_ranges(random);
            look_up_neighbors(random);
            for (int i = 0; i < 8; ++i)
                if (const auto *record = tables.interface(
                        IfSlot{1 + static_cast<std::uint32_t>(random() % kInterfaces)}))
                    report(fault_of(*record));
            grace.quiescent(worker);
            if (++turns % 1024 == 0) { // as an idle worker does
                grace.offline(worker);
                grace.online(worker);
            }
        }
        grace.offline(worker);
        turns_done += turns;
    }

    // --- a reader that takes no part in grace periods

    template <Family F>
    std::uint64_t read_entries(const SegmentReader &reader) {
        std::uint64_t whole = 0;
        reader.visit_entries<F>([&](const EntryCopy<F> &entry) {
            if (entry.is_changing)
                return;
            ++whole;
            report(fault_of(entry.oifs.data(), static_cast<std::uint32_t>(entry.oifs.size()),
                            entry.iifs.data(), static_cast<std::uint32_t>(entry.iifs.size())));
        });
        return whole;
    }

    void read_from_outside() {
        const SegmentReader reader(tables);
        std::uint64_t whole = 0;
        while (!stop) {
            whole += read_entries<Family::kIpv4>(reader) + read_entries<Family::kIpv6>(reader);
            reader.visit_interfaces([&](const InterfaceCopy &copy) {
                if (!copy.is_changing && (copy.name != "v" + std::to_string(copy.mtu) ||
                                          copy.addresses.size() != copy.mtu % 5))
                    report("an interface's copy has fields of two versions");
            });
        }
        copies_done = whole;
    }

    // --- the writer

    /// Room that retired things hold may come too late on a busy machine: that is no fault.
    void expect_done(const Result<void> &result) {
        if (result)
            return;
        if (result.error().code == Errc::kTableFull)
            ++refused;
        else
            report(result.error().what);
    }

    void change(const RouteKey &key, bool may_go, std::uint32_t kind, std::mt19937 &random) {
        if (may_go && random() % 3 == 0) {
            (void)writer.remove(key); // or is not there
            return;
        }
        expect_done(
            writer.upsert(key, program(program_for(kind, static_cast<std::uint32_t>(random())))));
    }

    void replace_interface(std::uint32_t slot, std::mt19937 &random) {
        const auto version = static_cast<std::uint32_t>(random());
        expect_done(writer.upsert_interface(interface_version(slot, version)).map([](IfSlot) {}));
    }

    Result<void> set_neighbor(std::uint32_t i, bool is_known) {
        return writer.set_neighbor(index_at(static_cast<std::uint32_t>(neighbor_interface(i))),
                                   IpAddress(neighbor_address(i)),
                                   is_known ? std::optional(neighbor_mac(i)) : std::nullopt);
    }

    std::uint64_t write_until(std::chrono::steady_clock::time_point end) {
        std::mt19937 random(4711);
        std::uint64_t updates = 0;
        while (!stop && std::chrono::steady_clock::now() < end) {
            const auto number = static_cast<std::uint32_t>(random() % kKeys);
            change(ipv4_key(number), number >= kStable, 0, random);
            change(ipv6_key(number), number >= kStable, 1, random);
            change(range_key(number), true, 2, random);
            expect_done(set_neighbor(number, number < kStable || random() % 3 != 0));
            updates += 4;
            if (random() % 8 == 0)
                replace_interface(1 + number % kInterfaces, random);
        }
        stop = true;
        return updates;
    }

    PrivateSegment segment;
    Tables tables;
    GracePeriod grace;
    TableWriter writer;
    std::atomic<bool> stop{false}; // seq_cst, as all here: a test's own business
    std::atomic<std::uint64_t> turns_done{0};
    std::atomic<std::uint64_t> copies_done{0};
    std::uint64_t refused = 0; ///< the writer's own
    std::mutex faults_mutex;
    std::vector<std::string> faults;
};

TEST_F(Stress, ShowsNoTornOlistNoEarlyFreeAndMissesNothingThatStays) {
    std::vector<std::thread> readers;
    for (std::uint32_t worker = 0; worker < kWorkers; ++worker)
        readers.emplace_back([this, worker] { work(worker); });
    readers.emplace_back([this] { read_from_outside(); });
    const std::uint64_t updates = write_until(std::chrono::steady_clock::now() + duration());
    for (std::thread &reader : readers)
        reader.join();
    for (const std::string &fault : faults)
        ADD_FAILURE() << fault;
    EXPECT_EQ(writer.reclaim(), 0U) << "retired things stay although no reader is left";
    EXPECT_GT(updates, 100U);
    EXPECT_LT(refused, updates / 10);
    EXPECT_GT(turns_done.load(), kWorkers);
    EXPECT_GT(copies_done.load(), 0U);
    std::printf("%llu updates (%llu refused for want of room), %llu worker turns of 192 lookups, "
                "%llu entry copies from outside\n",
                static_cast<unsigned long long>(updates), static_cast<unsigned long long>(refused),
                static_cast<unsigned long long>(turns_done.load()),
                static_cast<unsigned long long>(copies_done.load()));
}

} // namespace
} // namespace mgm_test
