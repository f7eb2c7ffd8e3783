// SPDX-License-Identifier: BSD-3-Clause
// mgm-spec 5 through mgm.h: entries as they are listed and counted.
#include "tests/unit/client/scene.hpp"

#include <fmt/format.h>

#include <cstring>
#include <utility>

namespace client_tests {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct Page {
    DWORD status = 0;
    std::vector<std::string> entries; ///< "(S,G)"
    MIB_IPMCAST_MFE last{};           ///< all but its olist
};

class InteractionsListing : public Scene {
protected:
    void SetUp() override {
        Scene::SetUp();
        add_route("10.0.0.6/32", kIf5); // an entry that can be made to go alone
        add_route("0.0.0.0/0", kIf1);
        ASSERT_EQ(take(A, kIf5), NO_ERROR);
        ASSERT_EQ(add(B, {}, kIf2), NO_ERROR);
        forget();
    }
    /// Five entries; neither the words' order nor a signed one is that of the addresses.
    void given_entries() {
        for (const auto &[source, group] : {std::pair("200.0.0.1", "239.1.1.1"),
                                            {"10.0.1.5", "239.1.1.1"},
                                            {"10.0.0.6", "239.1.1.1"},
                                            {"10.0.0.5", "239.0.2.1"},
                                            {"10.0.0.5", "239.1.1.1"}})
            data(be(source), be(group), source == std::string("10.0.0.6") ? kIf5 : kIf1);
        forget();
    }
    const std::vector<std::string> all{"(S,239.0.2.1)", "(S,G)", "(10.0.0.6,G)", "(10.0.1.5,G)",
                                       "(200.0.0.1,G)"};

    /// Behind `start`, or from the beginning.
    static Page page(MIB_IPMCAST_MFE *start, std::size_t octets) {
        Page page;
        std::vector<DWORD> buffer(octets / sizeof(DWORD));
        auto size = static_cast<DWORD>(octets);
        DWORD count = 77;
        auto *at = reinterpret_cast<PBYTE>(buffer.data());
        page.status = start == nullptr ? MgmGetFirstMfe(&size, at, &count)
                                       : MgmGetNextMfe(start, &size, at, &count);
        EXPECT_EQ(size, octets) << "unchanged but for 122";
        for (DWORD i = 0; i < count; ++i) {
            std::memcpy(&page.last, at, sizeof page.last);
            at += SIZEOF_MIB_MFE(page.last.ulNumOutIf);
            page.entries.push_back(
                fmt::format("({},{})", name_of(page.last.dwSource), name_of(page.last.dwGroup)));
        }
        return page;
    }
};

constexpr std::size_t kTwo = 2 * (60 + 16) + 8; // entries with one OIF, and a bit

TEST_F(InteractionsListing, T24_PagesOfTwoByGroupThenSource) {
    given_entries();

    Page page = this->page(nullptr, kTwo);
    EXPECT_EQ(page.status, ERROR_MORE_DATA);
    EXPECT_THAT(page.entries, ElementsAre(all[0], all[1]));
    page = this->page(&page.last, kTwo);
    EXPECT_EQ(page.status, ERROR_MORE_DATA);
    EXPECT_THAT(page.entries, ElementsAre(all[2], all[3]));
    page = this->page(&page.last, kTwo);
    EXPECT_EQ(page.status, ERROR_NO_MORE_ITEMS);
    EXPECT_THAT(page.entries, ElementsAre(all[4]));
    page = this->page(&page.last, kTwo);
    EXPECT_EQ(page.status, ERROR_NO_MORE_ITEMS);
    EXPECT_THAT(page.entries, IsEmpty());
}

TEST_F(InteractionsListing, T24_EntryThatGoesWhileItIsTheStartLosesAndRepeatsNoOther) {
    given_entries();
    Page page = this->page(nullptr, kTwo + 76);
    EXPECT_THAT(page.entries, ElementsAre(all[0], all[1], all[2]));

    ASSERT_EQ(release(A, kIf5), NO_ERROR); // takes (10.0.0.6,G) along
    forget();

    page = this->page(&page.last, kTwo);
    EXPECT_EQ(page.status, ERROR_NO_MORE_ITEMS);
    EXPECT_THAT(page.entries, ElementsAre(all[3], all[4]));
    page = this->page(nullptr, std::size_t{5} * 76);
    EXPECT_EQ(page.status, ERROR_NO_MORE_ITEMS);
    EXPECT_THAT(page.entries, ElementsAre(all[0], all[1], all[3], all[4]));
}

TEST_F(InteractionsListing, T24_NoRoomAsksForExactlyTheNextEntry) {
    DWORD size = 0, count = 77;
    EXPECT_EQ(MgmGetFirstMfe(&size, nullptr, &count), ERROR_NO_MORE_ITEMS) << "there are none";
    EXPECT_EQ(count, 0U);
    given_entries();

    count = 77;
    EXPECT_EQ(MgmGetFirstMfe(&size, nullptr, &count), ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, SIZEOF_MIB_MFE(1));
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(page(nullptr, size).entries.size(), 1U);
}

// NOLINTNEXTLINE(readability-function-cognitive-complexity): a list of expectations
TEST_F(InteractionsListing, T25_StatisticsComeInTheTwoLayoutsAndAddUp) {
    ASSERT_EQ(take(C, kIf4), NO_ERROR);
    ASSERT_EQ(add(C, {.group = kG}, kIf4), NO_ERROR);
    data(kS, kG, kIf1);
    forget();
    MIB_IPMCAST_MFE which{};
    which.dwSource = kS;
    which.dwGroup = kG;
    std::vector<DWORD> buffer(50);
    auto *at = reinterpret_cast<PBYTE>(buffer.data());
    for (const DWORD flags : {0U, 3U, 4U, 0x8000'0002U}) {
        DWORD size = 200, count = 77;
        EXPECT_EQ(MgmGetMfeStats(&which, &size, at, flags), ERROR_INVALID_PARAMETER);
        EXPECT_EQ(MgmGetFirstMfeStats(&size, at, &count, flags), ERROR_INVALID_PARAMETER);
        EXPECT_EQ(MgmGetNextMfeStats(&which, &size, at, &count, flags), ERROR_INVALID_PARAMETER);
        EXPECT_EQ(size, 200U);
    }

    DWORD size = 0, count = 77;
    EXPECT_EQ(MgmGetMfeStats(&which, &size, nullptr, MGM_MFE_STATS_0), ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, 64U + 2 * 28);
    ASSERT_EQ(MgmGetMfeStats(&which, &size, at, MGM_MFE_STATS_0), NO_ERROR);
    const auto *stats = reinterpret_cast<const MIB_IPMCAST_MFE_STATS *>(at);
    EXPECT_EQ(stats->ulNumOutIf, 2U);
    EXPECT_EQ(stats->dwSrcMask, 0xffff'ffffU);

    size = 0;
    EXPECT_EQ(MgmGetFirstMfeStats(&size, nullptr, &count, MGM_MFE_STATS_1),
              ERROR_INSUFFICIENT_BUFFER);
    EXPECT_EQ(size, 84U + 2 * 28);
    ASSERT_EQ(MgmGetFirstMfeStats(&size, at, &count, MGM_MFE_STATS_1), ERROR_NO_MORE_ITEMS);
    EXPECT_EQ(count, 1U);
    const auto *more = reinterpret_cast<const MIB_IPMCAST_MFE_STATS_EX *>(at);
    const MIB_IPMCAST_OIF_STATS *oifs = more->rgmiosOutStats;
    EXPECT_EQ(oifs[0].ulOutPackets + oifs[1].ulOutPackets, more->ulTotalOutPackets);
    EXPECT_NE(more->ulTotalOutPackets, 0U);
    EXPECT_EQ(oifs[1].dwOutIfIndex, kIf4);
}

} // namespace
} // namespace client_tests
