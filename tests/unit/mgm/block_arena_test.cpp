// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/block_arena.hpp"
#include "table_fixture.hpp"

#include <cstring>
#include <random>

namespace mgm_test {
namespace {

class Blocks : public testing::Test {
protected:
    Blocks()
        : segment(small_geometry()),
          tables(segment.tables()),
          grace(1),
          retired(grace),
          arena(tables, retired, 1, 4096 - 1) {}
    BlockRef make(std::size_t octets, unsigned pattern = 0) {
        const std::vector<std::byte> contents(octets, static_cast<std::byte>(pattern));
        return arena.make(BlockKind::kForwardSet, contents);
    }
    [[nodiscard]] std::uint32_t generation(BlockRef ref) const {
        return tables.block<BlockHeader>(ref).generation.load(); // seq_cst: a test
    }
    static constexpr std::size_t kWhole = (4096 - 1) * kLine - sizeof(BlockHeader);

    PrivateSegment segment;
    Tables tables;
    GracePeriod grace;
    RetiredList retired;
    BlockArena arena;
};

TEST_F(Blocks, AreWholeAndEvenOnceMadeAndOddOnceFreed) {
    const BlockRef ref = make(100, 0x5a);
    ASSERT_NE(ref, kNoBlock);
    EXPECT_EQ(generation(ref) % 2, 0U);
    EXPECT_EQ(tables.block<BlockHeader>(ref).units, 2U);
    EXPECT_EQ(*reinterpret_cast<const std::byte *>(&tables.block<BlockHeader>(ref) + 1),
              std::byte{0x5a});
    arena.free(ref);
    EXPECT_EQ(generation(ref) % 2, 1U);
    EXPECT_EQ(tables.block<BlockHeader>(ref).kind, BlockKind::kFree);
    EXPECT_EQ(arena.units_used(), 0U);
}

TEST_F(Blocks, NeverShowAGenerationAgainAtTheSamePlace) {
    const BlockRef first = make(8);
    const std::uint32_t before = generation(first);
    arena.free(first);
    ASSERT_EQ(make(8), first);
    EXPECT_GT(generation(first), before);
}

TEST_F(Blocks, GrowTogetherAgainInAnyOrderOfFreeing) {
    std::mt19937 random(4711);
    for (int round = 0; round < 50; ++round) {
        std::vector<BlockRef> made;
        for (;;) {
            const BlockRef ref = make(random() % 700 / 4 * 4);
            if (ref == kNoBlock)
                break;
            made.push_back(ref);
        }
        std::shuffle(made.begin(), made.end(), random);
        for (const BlockRef ref : made)
            arena.free(ref);
        const BlockRef whole = make(kWhole);
        ASSERT_NE(whole, kNoBlock) << "round " << round;
        arena.free(whole);
    }
}

TEST_F(Blocks, SayThatThereIsNoRoomForOneUnitTooMany) {
    EXPECT_EQ(make(kWhole + 4), kNoBlock);
    EXPECT_NE(make(kWhole), kNoBlock);
    EXPECT_EQ(make(4), kNoBlock);
}

TEST_F(Blocks, AreWaitedForWhenRetiredOnesHoldTheRoom) {
    arena.retire(make(kWhole));
    EXPECT_NE(make(kWhole), kNoBlock);
}

TEST_F(Blocks, StayAsTheyAreWhileAReaderMayHoldThem) {
    grace.online(0);
    const BlockRef ref = make(8, 0x77);
    arena.retire(ref);
    retired.reclaim();
    EXPECT_EQ(generation(ref) % 2, 0U);
    EXPECT_EQ(*reinterpret_cast<const std::byte *>(&tables.block<BlockHeader>(ref) + 1),
              std::byte{0x77});
    EXPECT_EQ(make(kWhole), kNoBlock);
    grace.offline(0);
    retired.reclaim();
    EXPECT_EQ(generation(ref) % 2, 1U);
}

} // namespace
} // namespace mgm_test
