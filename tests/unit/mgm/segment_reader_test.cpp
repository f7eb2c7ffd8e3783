// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/segment_reader.hpp"
#include "table_fixture.hpp"

#include <cstring>
#include <random>

namespace mgm_test {
namespace {

class Reader : public TableTest {
protected:
    Reader() : reader(tables) {
        // release: as SharedSegment::publish()
        tables.header().state.store(static_cast<std::uint32_t>(SegmentState::kReady),
                                    std::memory_order_release);
    }
    void fill() {
        for (std::uint16_t i = 0; i < 50; ++i) {
            RouteKey key = route("10.7.0.1", "232.4.0.1", i % 5);
            key.source = IpAddress(from_host(0x0a070000U + i));
            RouteAction sends = action({kIf3}, {kIf17, kIf99});
            sends.oifs.push_back({kIf4711, i, address("198.51.100.34")});
            ASSERT_TRUE(writer.upsert(key, sends));
        }
        ASSERT_TRUE(writer.upsert(route(nullptr, "ff1e::/17"), action({kIf99}, {kIf3})));
    }
    [[nodiscard]] std::vector<std::byte> octets() const {
        const std::byte *base = tables.base();
        return {base, base + tables.header().layout.total_octets};
    }
    template <Family F>
    static std::uint64_t walk_entries(const SegmentReader &over) {
        std::uint64_t seen = 0;
        over.visit_entries<F>([&](const EntryCopy<F> &entry) {
            seen += entry.oifs.size() + entry.iifs.size() + entry.sums.packets;
            for (const Oif &oif : entry.oifs)
                seen += over.neighbor_mac(oif.neighbor).has_value() +
                        over.interface(oif.slot).has_value();
        });
        return seen;
    }
    static std::uint64_t walk(const SegmentReader &over) {
        std::uint64_t seen = walk_entries<Family::kIpv4>(over) + walk_entries<Family::kIpv6>(over);
        over.visit_interfaces([&](const InterfaceCopy &copy) { seen += copy.addresses.size(); });
        return seen + over.total_sums().in_frames + over.worker(1).loops +
               over.identity().instance.size();
    }

    SegmentReader reader;
};

/// Memory of a segment's alignment.
struct AlignedCopy {
    explicit AlignedCopy(const std::vector<std::byte> &octets)
        : base(new (std::align_val_t{kLine}) std::byte[octets.size()]), size(octets.size()) {
        std::memcpy(base, octets.data(), size);
    }
    ~AlignedCopy() { ::operator delete[](base, std::align_val_t{kLine}); }
    AlignedCopy(const AlignedCopy &) = delete;
    AlignedCopy &operator=(const AlignedCopy &) = delete;
    [[nodiscard]] std::span<const std::byte> span() const { return {base, size}; }

    std::byte *base;
    std::size_t size;
};

TEST_F(Reader, ShowsAnInterfaceAsItWasWritten) {
    InterfaceSpec spec = interface_spec(kIf17);
    spec.addresses = {prefix("198.51.100.1/28"), prefix("2001:db8:1::1/64")};
    spec.boundaries = {prefix("239.255.0.0/16"), prefix("ff35::/16")};
    spec.mtu = 1481;
    spec.ttl_threshold = 256;
    spec.scope_boundary = 5;
    spec.vrf = Vrf{3};
    ASSERT_TRUE(writer.upsert_interface(spec));
    ASSERT_TRUE(
        writer.attach_port(kIf17, {5, LinkState::kDown, *MacAddress::parse("02:00:00:00:03:02")}));
    const InterfaceCopy copy = reader.interface(slot(kIf17)).value();
    EXPECT_FALSE(copy.is_changing);
    EXPECT_EQ(copy.index, kIf17);
    EXPECT_EQ(copy.name, "p17");
    EXPECT_EQ(copy.port_id, 5);
    EXPECT_EQ(copy.vrf, 3);
    EXPECT_EQ(copy.mtu, 1481);
    EXPECT_EQ(copy.ttl_threshold, 256);
    EXPECT_EQ(copy.scope_boundary, 5);
    EXPECT_EQ(copy.state, LinkState::kDown);
    EXPECT_EQ(to_string(copy.mac), "02:00:00:00:03:02");
    EXPECT_EQ(copy.addresses, spec.addresses);
    EXPECT_EQ(copy.boundaries, spec.boundaries);
}

TEST_F(Reader, ShowsEntriesOfAllThreeKindsWithTheirOlists) {
    fill();
    std::size_t ipv4_entries = 0;
    reader.visit_entries<Family::kIpv4>([&](const EntryCopy<Family::kIpv4> &entry) {
        ++ipv4_entries;
        EXPECT_FALSE(entry.is_changing);
        EXPECT_EQ(entry.group_length, 32);
        EXPECT_EQ(entry.iifs, std::vector{slot(kIf3)});
        ASSERT_EQ(entry.oifs.size(), 3U);
    });
    EXPECT_EQ(ipv4_entries, 50U);
    std::size_t ipv6_entries = 0;
    reader.visit_entries<Family::kIpv6>([&](const EntryCopy<Family::kIpv6> &entry) {
        ++ipv6_entries;
        EXPECT_EQ(entry.group_length, 17);
        EXPECT_EQ(entry.key.group, address("ff1e::").v6());
    });
    EXPECT_EQ(ipv6_entries, 1U);
}

TEST_F(Reader, DoesNotShowARemovedEntryThatStillWaitsForAWorker) {
    const RouteKey key = route("10.7.0.1", "232.4.0.1");
    ASSERT_TRUE(writer.upsert(key, action({kIf3}, {kIf17})));
    const MfeIndex index = writer.find(key).value();
    grace.online(1);
    ASSERT_TRUE(writer.remove(key));
    EXPECT_FALSE(reader.entry<Family::kIpv4>(index).has_value());
    grace.offline(1);
}

TEST_F(Reader, AddsUpWhatTheWorkersCounted) {
    const RouteKey key = route("10.7.0.1", "232.4.0.1");
    ASSERT_TRUE(writer.upsert(key, action({kIf3}, {kIf17})));
    const MfeIndex index = writer.find(key).value();
    for (std::uint32_t w = 0; w < 2; ++w) {
        tables.entry_counters<Family::kIpv4>(w, index).packets[0].add(3 + w);
        tables.entry_counters<Family::kIpv4>(w, index).octets.add(1000);
        tables.different_in_if<Family::kIpv4>(w, index).add(7);
        InterfaceCounters &row = tables.interface_counters(w, slot(kIf3));
        row.in_frames.add(10 + w);
        row.verdicts[static_cast<std::size_t>(Verdict::kForwarded)].add(9);
        row.verdicts[static_cast<std::size_t>(Verdict::kTtl)].add(1 + w);
        row.copies_wanted.add(4);
        row.copies_sent.add(3);
        row.copy_drops[static_cast<std::size_t>(Verdict::kTxFull)].add(1);
    }
    const auto sums = reader.entry<Family::kIpv4>(index)->sums;
    EXPECT_EQ(sums.packets, 7U);
    EXPECT_EQ(sums.octets, 2000U);
    EXPECT_EQ(sums.different_in_if, 14U);
    const InterfaceSums total = reader.total_sums();
    EXPECT_EQ(total.in_frames, 21U);
    EXPECT_TRUE(received_identity(total).holds());
    EXPECT_FALSE(received_identity(total, 1).holds());
    EXPECT_TRUE(copies_identity(total).holds());
    EXPECT_EQ(reader.worker(1).sums.in_frames, 11U);
}

TEST_F(Reader, AddsUpWhatTheWorkersHold) {
    tables.interface_counters(1, slot(kIf3)).in_frames.add(37);
    tables.worker_status(0).held = 30;
    tables.worker_status(1).held = 7;
    EXPECT_EQ(reader.held(), 37U);
    EXPECT_EQ(reader.worker(1).held, 7U);
    EXPECT_TRUE(received_identity(reader.total_sums(), reader.held()).holds());
}

TEST_F(Reader, RefusesAnotherLayoutVersionWithBothNumbers) {
    AlignedCopy copy(octets());
    reinterpret_cast<SegmentHeader *>(copy.base)->layout_version = 4711;
    const auto opened = SegmentReader::open(copy.span());
    ASSERT_EQ(code_of(opened), Errc::kVersionMismatch);
    EXPECT_NE(opened.error().what.find("4711"), std::string::npos) << opened.error().what;
    EXPECT_NE(opened.error().what.find(std::to_string(kLayoutVersion)), std::string::npos);
}

TEST_F(Reader, RefusesWhatIsTruncatedUnfinishedOrInconsistent) {
    AlignedCopy copy(octets());
    EXPECT_TRUE(SegmentReader::open(copy.span()).has_value());
    EXPECT_EQ(code_of(SegmentReader::open(copy.span().first(sizeof(SegmentHeader) - 1))),
              Errc::kUnavailable);
    EXPECT_EQ(code_of(SegmentReader::open(copy.span().first(copy.size - kLine))),
              Errc::kUnavailable);
    auto &header = *reinterpret_cast<SegmentHeader *>(copy.base);
    header.layout.blocks += kLine;
    EXPECT_EQ(code_of(SegmentReader::open(copy.span())), Errc::kUnavailable);
    header.layout.blocks -= kLine;
    header.geometry.workers = 0xffff'ffff;
    EXPECT_EQ(code_of(SegmentReader::open(copy.span())), Errc::kUnavailable);
    header.geometry.workers = 2;
    header.state.store(static_cast<std::uint32_t>(SegmentState::kBuilding)); // seq_cst: a test
    EXPECT_EQ(code_of(SegmentReader::open(copy.span())), Errc::kUnavailable);
    header.magic = 0;
    EXPECT_EQ(code_of(SegmentReader::open(copy.span())), Errc::kUnavailable);
}

TEST_F(Reader, SurvivesNoiseAnywhereBehindTheHeader_S6) {
    fill();
    const std::vector<std::byte> sound = octets();
    std::mt19937_64 random(20260713);
    std::uint64_t seen = 0;
    for (int round = 0; round < 150; ++round) {
        AlignedCopy copy(sound);
        const std::size_t faults = std::size_t{1} << (random() % 16);
        for (std::size_t i = 0; i < faults; ++i) {
            const std::size_t where =
                sizeof(SegmentHeader) + random() % (copy.size - sizeof(SegmentHeader));
            copy.base[where] = static_cast<std::byte>(random());
        }
        const auto opened = SegmentReader::open(copy.span());
        ASSERT_TRUE(opened.has_value());
        seen += walk(*opened);
    }
    EXPECT_NE(seen, 0U);
}

TEST_F(Reader, SurvivesNoiseInRootsEntriesAndBlocks_S6) {
    fill();
    const std::vector<std::byte> sound = octets();
    const SegmentLayout layout = tables.header().layout;
    std::mt19937_64 random(4711);
    const std::array<std::pair<std::uint64_t, std::uint64_t>, 3> parts{
        {{layout.interface_roots, layout.port_roots},
         {layout.ipv4.entries, layout.ipv4.entries + 60 * sizeof(Mfe<Family::kIpv4>)},
         {layout.blocks, layout.blocks + 100 * kLine}}};
    for (int round = 0; round < 300; ++round) {
        AlignedCopy copy(sound);
        const auto [first, last] = parts[random() % parts.size()];
        for (int i = 0; i < 40; ++i) {
            const std::uint64_t where = first + random() % ((last - first) / 4) * 4;
            const auto word = static_cast<std::uint32_t>(random() >> (random() % 64));
            std::memcpy(copy.base + where, &word, sizeof word);
        }
        const auto opened = SegmentReader::open(copy.span());
        ASSERT_TRUE(opened.has_value());
        walk(*opened);
    }
}

} // namespace
} // namespace mgm_test
