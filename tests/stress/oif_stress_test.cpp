// SPDX-License-Identifier: BSD-3-Clause
// Olists change at full speed under two workers that forward by them: in the end the tables say
// what each oif was given, to the packet.
#include "dataplane/count_entry.hpp"
#include "dataplane/lookup.hpp"
#include "dataplane/settle.hpp"
#include "dataplane/tx.hpp"
#include "mgm/segment.hpp"
#include "mgm/segment_reader.hpp"
#include "mgm/table_writer.hpp"

#include <gtest/gtest.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace mgm_test {
namespace {

using namespace mgm;

constexpr std::uint32_t kWorkers = 2;
constexpr std::uint32_t kEntries = 3;
constexpr std::uint32_t kPassing = kEntries; ///< one more, which comes and goes
constexpr std::uint32_t kOifs = 5;
constexpr unsigned kChanges = 100'000;
constexpr IfIndex kArrival{4711};

RouteKey key_of(std::uint32_t entry) {
    return {.vrf = {},
            .source = IpAddress(from_host(0x0a07'0001U + entry)),
            .group = {IpAddress(from_host(0xe101'0101U)), 32}};
}
IfIndex oif_of(std::uint32_t k) {
    return IfIndex{100 + 7 * k};
}

struct Given {
    std::uint64_t packets = 0, lost = 0;
};
using Account = std::array<std::array<Given, kOifs + 2>, kEntries + 1>; ///< by entry and IfSlot

class OifStress : public testing::Test {
protected:
    OifStress()
        : segment(geometry()), tables(segment.tables()), grace(kWorkers), writer(tables, grace) {
        add(kArrival);
        for (std::uint32_t k = 0; k < kOifs; ++k)
            add(oif_of(k));
        for (std::uint32_t entry = 0; entry < kEntries; ++entry)
            set_olist(entry, entry);
    }
    static Geometry geometry() {
        Geometry geometry;
        geometry.interfaces = kOifs + 1;
        geometry.ipv4_entries = kEntries + 1;
        geometry.ipv6_entries = 1;
        geometry.workers = kWorkers;
        return geometry;
    }
    void add(IfIndex index) {
        InterfaceSpec spec;
        spec.index = index;
        spec.name = "if" + std::to_string(static_cast<std::uint32_t>(index));
        spec.port = spec.name;
        ASSERT_TRUE(writer.upsert_interface(spec).has_value());
    }
    void set_olist(std::uint32_t entry, std::uint32_t members) {
        RouteAction action{{kArrival}, {}};
        for (std::uint32_t k = 0; k < kOifs; ++k)
            if ((members >> k & 1U) != 0)
                action.oifs.push_back({oif_of(k), 0, std::nullopt});
        if (!writer.upsert(key_of(entry), action) && entry != kPassing) // its place may still wait
            ++refused;
    }

    void forward(std::uint32_t worker, Account &account) {
        const dataplane::Context context(worker, tables, {}, nullptr);
        const auto burst = std::make_unique<dataplane::Burst>();
        std::mt19937 random(worker);
        grace.online(worker);
        while (!stop.load(std::memory_order_relaxed)) { // a flag only
            receive(*burst, random);
            (void)dataplane::lookup(context, *burst);
            for (unsigned i = 0; i < burst->size; ++i)
                if (burst->is_on_its_way(i))
                    send(context, *burst, i, account.at(i % (kEntries + 1)), random);
            grace.quiescent(worker);
            at_work.fetch_or(1U << worker, std::memory_order_relaxed); // a flag only
        }
        grace.offline(worker);
    }
    static void receive(dataplane::Burst &burst, std::mt19937 &random) {
        burst.size = 1 + static_cast<unsigned>(random() % dataplane::Burst::kCapacity);
        for (unsigned i = 0; i < burst.size; ++i) {
            const RouteKey key = key_of(i % (kEntries + 1));
            burst.verdicts[i] = Verdict::kForwarded;
            burst.headers[i].family = Family::kIpv4;
            burst.ipv4_flows[i] = {key.source->v4(), key.group.address.v4(), 0};
            burst.reset_outcomes();
        }
    }
    static void send(const dataplane::Context &context, dataplane::Burst &burst, unsigned i,
                     std::array<Given, kOifs + 2> &given, std::mt19937 &random) {
        const ForwardSet &set = *burst.sets[i];
        for (const Oif *oif = set.oifs(); oif != set.oifs() + set.oif_count; ++oif) {
            Given &account = given.at(static_cast<std::uint32_t>(oif->slot));
            if (random() % 8 != 0) {
                ++burst.copies_sent[i];
                ++account.packets;
            } else {
                dataplane::lose_copy(context, burst, i, oif->slot, oif->neighbor, Verdict::kTxFull);
                ++account.lost;
            }
        }
        dataplane::conclude(context, burst, i, context.counters(kNoSlot));
    }

    /// No sum of any moment may go back or be of a packet that was never there.
    void look_at(std::uint32_t entry) {
        const EntryReport report = writer.report(key_of(entry)).value();
        EXPECT_GE(report.sums.packets, seen.at(entry));
        seen.at(entry) = report.sums.packets;
        const std::uint64_t later = writer.sums(key_of(entry)).packets;
        for (const auto &[oif, sums] : report.oifs)
            EXPECT_LE(sums.packets, later);
    }
    void read_from_outside() {
        const SegmentReader reader(tables);
        while (!stop.load(std::memory_order_relaxed)) // a flag only
            reader.visit_entries<Family::kIpv4>([&](const EntryCopy<Family::kIpv4> &copy) {
                copies += copy.sums.packets != 0 ? 1 : 0;
            });
    }

    PrivateSegment segment;
    Tables tables;
    GracePeriod grace;
    TableWriter writer;
    std::array<std::uint64_t, kEntries> seen{};
    std::uint64_t copies = 0; ///< of entries with packets, by read_from_outside()
    std::atomic<std::uint32_t> at_work{0};
    std::atomic<bool> stop{false};
    unsigned refused = 0;
};

TEST_F(OifStress, EveryCopyIsItsOifsHoweverFastOlistsChange) {
    std::array<Account, kWorkers> accounts{};
    std::vector<std::thread> workers;
    for (std::uint32_t w = 0; w < kWorkers; ++w)
        workers.emplace_back([this, w, &accounts] { forward(w, accounts[w]); });
    workers.emplace_back([this] { read_from_outside(); });
    while (at_work.load(std::memory_order_relaxed) != (1U << kWorkers) - 1) // a flag only
        std::this_thread::yield();
    std::mt19937 random(4711);
    for (unsigned change = 0; change < kChanges; ++change) {
        if (change % 64 == 0)
            look_at(change / 64 % kEntries);
        if (change % 16 == 0 && !writer.remove(key_of(kPassing)))
            set_olist(kPassing, static_cast<std::uint32_t>(random()));
        set_olist(static_cast<std::uint32_t>(random() % kEntries),
                  static_cast<std::uint32_t>(random()));
    }
    for (std::uint32_t entry = 0; entry < kEntries; ++entry)
        set_olist(entry, ~0U);
    stop = true;
    for (std::thread &worker : workers)
        worker.join();

    EXPECT_EQ(writer.reclaim(), 0U);
    EXPECT_EQ(refused, 0U);
    std::uint64_t sent = 0;
    for (std::uint32_t entry = 0; entry < kEntries; ++entry) {
        const EntryReport report = writer.report(key_of(entry)).value();
        ASSERT_EQ(report.oifs.size(), kOifs);
        for (const auto &[oif, sums] : report.oifs) {
            const auto slot = static_cast<std::uint32_t>(writer.slot_of(oif.interface).value());
            const Given one = accounts[0][entry][slot];
            const Given two = accounts[1][entry][slot];
            EXPECT_EQ(sums.packets, one.packets + two.packets);
            EXPECT_EQ(sums.discarded, one.lost + two.lost);
            sent += sums.packets;
        }
    }
    EXPECT_GT(sent, kChanges / 100);
    EXPECT_GT(copies, 0U);
}

} // namespace
} // namespace mgm_test
