// SPDX-License-Identifier: BSD-3-Clause
// What the writer works out of an olist, and when it does so again.
#include "mgm/bucket_scan.hpp"
#include "table_fixture.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <functional>
#include <span>

namespace mgm_test {
namespace {

constexpr MacAddress kMac{{0x02, 0, 0, 0, 0, 0x77}};

class Programs : public TableTest {
protected:
    Programs() {
        std::uint16_t port = 5;
        for (const IfIndex index : {kIf3, kIf17, kIf99, kIf4711})
            attach(index, port++);
    }
    void attach(IfIndex index, std::uint16_t port, LinkState state = LinkState::kUp,
                bool takes_segments = true) {
        ASSERT_TRUE(writer.attach_port(index, {port, state, kMac, takes_segments}));
    }
    void change(IfIndex index, const std::function<void(InterfaceSpec &)> &edit) {
        InterfaceSpec spec = interface_spec(index);
        edit(spec);
        ASSERT_TRUE(writer.upsert_interface(spec));
    }
    /// Of (*,225.1.2.3) from p3 to the others, unless another action is given.
    const ReplicationProgram *program(const RouteAction &does = action({kIf3},
                                                                       {kIf17, kIf99, kIf4711})) {
        EXPECT_TRUE(writer.upsert(key_, does));
        return tables.program(set_of(key_));
    }
    const ReplicationProgram *program_now() { return tables.program(set_of(key_)); }
    static std::span<const Rewrite> rewrites(const ReplicationProgram *program) {
        return {program->rewrites(), program->rewrite_count};
    }

    RouteKey key_ = route(nullptr, "225.1.2.3");
};

TEST_F(Programs, PutCopiesWithTheSameHeaderTogether) {
    const ReplicationProgram *made = program();
    ASSERT_NE(made, nullptr);
    ASSERT_EQ(made->rewrite_count, 1);
    EXPECT_EQ(made->copy_count, 3);
    EXPECT_EQ(made->apart_count, 0);
    EXPECT_EQ(made->least_mtu, 1500);
    EXPECT_EQ(made->ttl_above, 1);
    EXPECT_EQ(made->ports, 0b1'1100'0000U); // 6, 7, 8
    const Rewrite &rewrite = *made->rewrites();
    EXPECT_EQ(rewrite.copies, 3);
    EXPECT_EQ(rewrite.prefix_octets, 14);
    EXPECT_EQ(rewrite.next_hop, kGroupMac);
    EXPECT_EQ((std::vector<std::uint8_t>(rewrite.tails[0], rewrite.tails[0] + 8)),
              (std::vector<std::uint8_t>{0x02, 0, 0, 0, 0, 0x77, 0x08, 0x00}));
    EXPECT_EQ((std::vector<std::uint8_t>(rewrite.tails[1] + 6, rewrite.tails[1] + 8)),
              (std::vector<std::uint8_t>{0x86, 0xdd}));
}

TEST_F(Programs, TellHeadersApartByMacVlanAndNextHop) {
    change(kIf17, [](InterfaceSpec &spec) { spec.mac = MacAddress{{0x02, 1, 1, 1, 1, 1}}; });
    change(kIf99, [](InterfaceSpec &spec) { spec.vlan = 0x123; });
    RouteAction does = action({kIf3}, {kIf17, kIf99, kIf4711});
    does.oifs.push_back({kIf4711, 0, address("10.9.9.9")});

    const ReplicationProgram *made = program(does);

    ASSERT_NE(made, nullptr);
    EXPECT_EQ(made->rewrite_count, 4);
    EXPECT_EQ(made->has_next_hops, 1);
    EXPECT_EQ(made->most_on_a_port, 2);
    const auto all = rewrites(made);
    const auto tagged = std::find_if(
        all.begin(), all.end(), [](const Rewrite &rewrite) { return rewrite.prefix_octets == 18; });
    ASSERT_NE(tagged, all.end());
    EXPECT_EQ((std::vector<std::uint8_t>(tagged->tails[0] + 6, tagged->tails[0] + 12)),
              (std::vector<std::uint8_t>{0x81, 0x00, 0x01, 0x23, 0x08, 0x00}));
}

TEST_F(Programs, AreForPacketsThatPassEveryThresholdAndMtu) {
    change(kIf17, [](InterfaceSpec &spec) { spec.ttl_threshold = 9; });
    change(kIf99, [](InterfaceSpec &spec) { spec.mtu = 1300; });
    RouteAction does = action({kIf3}, {kIf17, kIf99});
    does.oifs.push_back({kIf4711, 37, {}});

    const ReplicationProgram *made = program(does);

    EXPECT_EQ(made->ttl_above, 37);
    EXPECT_EQ(made->least_mtu, 1300);
}

TEST_F(Programs, LeaveApartWhatNeedsALookOfItsOwn) {
    attach(kIf17, 6, LinkState::kDown);
    change(kIf99, [](InterfaceSpec &spec) {
        spec.boundaries = {prefix("239.255.0.0/16")};
        spec.mtu = 1281;
    });
    // p3 accepts, too: what comes in there must not go back out.
    const ReplicationProgram *made =
        program(action({kIf3, kIf4711}, {kIf3, kIf17, kIf99, kIf4711}));
    EXPECT_EQ(made, nullptr);

    const ReplicationProgram *other = program();
    ASSERT_NE(other, nullptr);
    EXPECT_EQ(other->copy_count, 1);
    EXPECT_EQ(other->copies()->slot, slot(kIf4711));
    ASSERT_EQ(other->apart_count, 2);
    std::vector<IfSlot> apart;
    for (const std::uint16_t at : std::span(other->apart(), other->apart_count))
        apart.push_back(set_of(key_).oifs()[at].slot);
    EXPECT_EQ(apart, (std::vector{slot(kIf17), slot(kIf99)}));
    EXPECT_EQ(other->least_mtu, 1281) << "of those apart, too: their packets are looked at whole";
}

TEST_F(Programs, PutPortsThatTakeSegmentsLast) {
    attach(kIf17, 6, LinkState::kUp, false);
    change(kIf99, [](InterfaceSpec &spec) { spec.mac = MacAddress{{0x02, 0, 0, 0, 0, 1}}; });

    const ReplicationProgram *made = program();

    ASSERT_EQ(made->rewrite_count, 3) << "the same header, but one cannot be chained";
    EXPECT_EQ(rewrites(made)[0].takes_segments, 0);
    EXPECT_EQ(rewrites(made)[1].takes_segments, 1);
    EXPECT_EQ(made->segment_rewrites, 2);
    EXPECT_EQ(made->segment_copies, 2);
}

TEST_F(Programs, FollowTheirInterfaces) {
    const ReplicationProgram *before = program();
    attach(kIf17, 6, LinkState::kDown);
    const ReplicationProgram *down = program_now();
    EXPECT_NE(down, before);
    EXPECT_EQ(down->copy_count, 2);
    EXPECT_EQ(down->apart_count, 1);
    attach(kIf17, 11);
    EXPECT_EQ(program_now()->copy_count, 3);
    EXPECT_NE(program_now()->ports & 1U << 11U, 0U);
    const ReplicationProgram *same = program_now();
    attach(kIf17, 11);
    change(kIf3, [](InterfaceSpec &spec) { spec.mtu = 1400; });
    EXPECT_EQ(program_now(), same) << "nothing changed that it says";
}

TEST_F(Programs, AreGoneWithTheirSets) {
    writer.reclaim();
    const std::uint32_t units = writer.usage().block_units;
    program();
    ASSERT_TRUE(writer.remove(key_));
    writer.reclaim();
    EXPECT_EQ(writer.usage().block_units, units);
}

TEST_F(Programs, KnowHowManyCopiesGoToOnePort) {
    RouteAction does{{kIf3}, {}};
    does.oifs.push_back({kIf17, 0, {}});
    for (unsigned k = 1; k <= 6; ++k) // the fixture has room for seven neighbours
        does.oifs.push_back({kIf17, 0, address(("10.9.9." + std::to_string(k)).c_str())});
    ASSERT_NE(program(does), nullptr);
    EXPECT_EQ(program_now()->most_on_a_port, 7);
}

class FewBlocks : public TableTest {
protected:
    static constexpr std::uint32_t kUnits = 96;
    static constexpr std::uint32_t kPrograms = kUnits / 2 / 2; // of two units each
    static Geometry geometry() {
        Geometry few = small_geometry();
        few.block_units = kUnits;
        return few;
    }
    FewBlocks() : TableTest(geometry()) {}
};

TEST_F(FewBlocks, ProgramsTakeNothingFromSetsAndFollowWhenThereIsRoom) {
    ASSERT_TRUE(writer.attach_port(kIf17, {2, LinkState::kUp, kMac}));
    writer.reclaim();
    const std::uint32_t before = writer.usage().block_units;
    const auto key = [](unsigned k) {
        return route(("10.7.1." + std::to_string(k)).c_str(), "225.1.2.3");
    };
    std::uint16_t sets = 0; // each threshold makes one of its own, of one unit
    while (writer.upsert(key(sets + 1U),
                         {{kIf3}, {{kIf17, static_cast<std::uint16_t>(sets + 1), {}}}}))
        ++sets;
    EXPECT_EQ(sets, kUnits - 1 - before) << "as many as there is room for without programs";
    const auto programs = [&] {
        unsigned with = 0;
        for (unsigned k = 1; k <= sets; ++k)
            with += writer.find(key(k)) && tables.program(set_of(key(k))) != nullptr ? 1U : 0U;
        return with;
    };
    EXPECT_EQ(programs(), kPrograms);
    EXPECT_EQ(writer.usage().without_program, sets - kPrograms);

    ASSERT_TRUE(writer.remove(key(1))); // had one of the first programs
    writer.reclaim();
    EXPECT_EQ(programs(), kPrograms) << "another has its room";
    EXPECT_EQ(writer.usage().without_program, sets - 1 - kPrograms);
}

// --- bucket_scan.hpp

TEST(BucketScan, FindsTheFirstSlotWithTheTag) {
    for (unsigned mask = 0; mask < 256; ++mask) { // bit k: slot k has the tag
        Bucket bucket{};
        for (unsigned k = 0; k < Bucket::kSlots; ++k) {
            const std::uint64_t tag = (mask >> k & 1U) != 0 ? 0x8000'0001U : 0x8000'0003U;
            bucket.slots[k] = tag << 32U | 0x8000'0001U; // an index that looks like the tag
        }
        const auto first = static_cast<unsigned>(std::countr_zero(mask | 1U << Bucket::kSlots));
        EXPECT_EQ(slot_tagged(bucket, 0x8000'0001U), first);
    }
}

} // namespace
} // namespace mgm_test
