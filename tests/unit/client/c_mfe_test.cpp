// SPDX-License-Identifier: BSD-3-Clause
// mgm.h: entries as they are made, shown, listed and counted.
#include "tests/unit/client/c_program.hpp"

#include <gmock/gmock.h>

#include <array>
#include <cstring>

#include <arpa/inet.h>

namespace client_tests {
namespace {

using ::testing::ElementsAre;

TEST_F(CApi, CallbacksGetWordsInNetworkOrder_T17) {
    add_entries(1);
    EXPECT_THAT(flushed(),
                ElementsAre("RPF (10.0.0.5,239.1.1.1) in 31/0 upstream 10.0.0.1 header 20 0x45 "
                            "route 3 10.0.0.0/255.255.240.0",
                            "CREATION (10.0.0.5,239.1.1.1) in 31: 32 igmp 0 enabled 1 33 igmp 0 "
                            "enabled 1",
                            "JOIN (10.0.0.5,239.1.1.1) 0"));
    EXPECT_THAT(router.oifs("(10.0.0.5,239.1.1.1)"), ElementsAre(kOut)) << "if33 was vetoed";
}

TEST_F(CApi, AnEntryShowsWhatRpfAnswered_T17) {
    add_entries(1);
    (void)flushed();
    MIB_IPMCAST_MFE which{};
    which.dwGroup = word("239.1.1.1");
    which.dwSource = word("10.0.0.5");
    std::array<MIB_IPMCAST_MFE, 2> buffer{};
    DWORD size = 0;
    ASSERT_EQ(MgmGetMfe(&which, &size, nullptr), ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, SIZEOF_MIB_MFE(1));
    ASSERT_EQ(MgmGetMfe(&which, &size, reinterpret_cast<PBYTE>(buffer.data())), NO_ERROR);
    EXPECT_EQ(size, SIZEOF_MIB_MFE(1)) << "unchanged but for 122";
    const MIB_IPMCAST_MFE &mfe = buffer[0];
    EXPECT_EQ(mfe.dwSrcMask, kHost);
    EXPECT_EQ(mfe.dwUpStrmNgbr, word("10.0.0.9"));
    EXPECT_EQ(mfe.dwInIfIndex, kIn);
    EXPECT_EQ(mfe.dwInIfProtocol, 77U);
    EXPECT_EQ(mfe.dwRouteProtocol, 3U);
    EXPECT_EQ(mfe.dwRouteNetwork, word("10.0.0.0"));
    EXPECT_EQ(mfe.dwRouteMask, word("255.255.240.0"));
    EXPECT_EQ(mfe.ulTimeOut, 900U);
    EXPECT_LE(mfe.ulUpTime, 1U);
    EXPECT_EQ(mfe.ulUpTime + mfe.ulExpiryTime, 900U);
    ASSERT_EQ(mfe.ulNumOutIf, 1U);
    EXPECT_EQ(mfe.rgmioOutInfo[0].dwOutIfIndex, kOut);

    which.dwUpStrmNgbr = word("10.0.0.200");
    EXPECT_EQ(MgmSetMfe(downstream, &which), ERROR_INVALID_PARAMETER) << "not its owner";
    EXPECT_EQ(MgmSetMfe(upstream, &which), NO_ERROR);
    ASSERT_EQ(MgmGetMfe(&which, &size, reinterpret_cast<PBYTE>(buffer.data())), NO_ERROR);
    EXPECT_EQ(mfe.dwUpStrmNgbr, word("10.0.0.200"));
    which.dwSource = word("10.0.0.6");
    EXPECT_EQ(MgmGetMfe(&which, &size, reinterpret_cast<PBYTE>(buffer.data())), ERROR_NOT_FOUND);
    EXPECT_EQ(MgmSetMfe(upstream, &which), ERROR_NOT_FOUND);
}

TEST_F(CApi, AListReturnsEachEntryOnceInSmallBuffers_T24) {
    add_entries(5);
    (void)flushed();
    std::vector<DWORD> sources;
    std::array<BYTE, 2 * 76 + 11> buffer{}; // two entries and a bit
    DWORD size = buffer.size(), count = 77;
    DWORD status = MgmGetFirstMfe(&size, buffer.data(), &count);
    while (status == ERROR_MORE_DATA || status == ERROR_NO_MORE_ITEMS) {
        MIB_IPMCAST_MFE last{};
        for (DWORD i = 0; i < count; ++i) {
            std::memcpy(&last, buffer.data() + std::size_t{i} * SIZEOF_MIB_MFE(1),
                        SIZEOF_MIB_MFE(1));
            sources.push_back(ntohl(last.dwSource) & 0xff);
        }
        if (status == ERROR_NO_MORE_ITEMS)
            break;
        EXPECT_EQ(count, 2U);
        EXPECT_EQ(size, buffer.size());
        status = MgmGetNextMfe(&last, &size, buffer.data(), &count);
    }
    EXPECT_EQ(status, ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 1U);
    EXPECT_THAT(sources, ElementsAre(5, 6, 7, 8, 9));
}

TEST_F(CApi, AListWithoutRoomSaysHowMuchTheNextEntryTakes_T24) {
    DWORD size = 0, count = 77;
    EXPECT_EQ(MgmGetFirstMfe(&size, nullptr, &count), ERROR_NO_MORE_ITEMS) << "none: at any size";
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(size, 0U);
    add_entries(1);
    (void)flushed();
    std::array<BYTE, 75> buffer{};
    size = buffer.size(), count = 77;
    EXPECT_EQ(MgmGetFirstMfe(&size, buffer.data(), &count), ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, 76U);
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(MgmGetFirstMfe(&size, nullptr, &count), ERROR_INVALID_PARAMETER);
}

TEST_F(CApi, StatisticsHaveTwoLayouts_T25) {
    add_entries(1);
    (void)flushed();
    MIB_IPMCAST_MFE which{};
    which.dwGroup = word("239.1.1.1");
    which.dwSource = word("10.0.0.5");
    std::array<BYTE, 200> buffer{};
    DWORD size = buffer.size();
    for (const DWORD flags : {0U, 3U, 4U, 0x80000001U})
        EXPECT_EQ(MgmGetMfeStats(&which, &size, buffer.data(), flags), ERROR_INVALID_PARAMETER);

    ASSERT_EQ(MgmGetMfeStats(&which, &size, buffer.data(), MGM_MFE_STATS_0), NO_ERROR);
    MIB_IPMCAST_MFE_STATS stats{};
    std::memcpy(&stats, buffer.data(), sizeof stats);
    EXPECT_EQ(stats.ulInPkts, 7U) << "64 bits wrap in 32";
    EXPECT_EQ(stats.ulInOctets, 61U);
    EXPECT_NEAR(stats.ulUpTime + stats.ulExpiryTime, 90000, 1);
    EXPECT_EQ(stats.rgmiosOutStats[0].ulOutPackets, 100U);

    ASSERT_EQ(MgmGetMfeStats(&which, &size, buffer.data(), MGM_MFE_STATS_1), NO_ERROR);
    MIB_IPMCAST_MFE_STATS_EX more{};
    std::memcpy(&more, buffer.data(), sizeof more);
    EXPECT_EQ(more.ulTotalOutPackets, 100U);
    EXPECT_EQ(more.rgmiosOutStats[0].dwOutIfIndex, kOut);

    DWORD count = 0;
    size = 3;
    EXPECT_EQ(MgmGetFirstMfeStats(&size, buffer.data(), &count, MGM_MFE_STATS_1),
              ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, SIZEOF_MIB_MFE_STATS_EX(1));
    EXPECT_EQ(MgmGetNextMfeStats(&which, &size, buffer.data(), &count, MGM_MFE_STATS_0),
              ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 0U);
}

TEST_F(CApi, TheReplyToAPruneSetsTheTimeOut_T20) {
    add_route();
    upstream = open(77);
    ASSERT_EQ(MgmTakeInterfaceOwnership(upstream, kIn, 0), NO_ERROR);
    router.new_source("10.0.0.5", "239.1.1.2", kIn);
    const std::vector<std::string> lines = flushed();
    ASSERT_EQ(lines.size(), 2U);
    EXPECT_EQ(lines[1], "PRUNE (10.0.0.5,239.1.1.2) 31 0 900");
    MIB_IPMCAST_MFE which{}, mfe{};
    which.dwGroup = word("239.1.1.2");
    which.dwSource = word("10.0.0.5");
    DWORD size = sizeof mfe;
    ASSERT_EQ(MgmGetMfe(&which, &size, reinterpret_cast<PBYTE>(&mfe)), NO_ERROR);
    EXPECT_EQ(mfe.ulTimeOut, 61U);
    EXPECT_EQ(mfe.ulNumOutIf, 0U);
}

} // namespace
} // namespace client_tests
