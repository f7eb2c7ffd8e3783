// SPDX-License-Identifier: BSD-3-Clause
// Which groups there are: mgm-spec 2.11-2.13, 8.21, 8.22.
#include "manager_harness.hpp"

#include <array>

namespace control::manager::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = EnumerationKind;

TEST_F(ManagerTest, A11_AllSourcesShowsKeysAnySourceShowsGroups) {
    given_member(A, any(G), if1);
    given_member(B, any(G), if2); // one record, not one an interface
    given_member(B, sg(S, G), if2);
    given_member(B, sg(S2, G), if2);
    given_member(C, sg(S, G2), if3);

    EXPECT_THAT(groups(Kind::kAllSources), ElementsAre("(*,G)", "(S,G)", "(S,G2)", "(S2,G)"));
    EXPECT_THAT(groups(Kind::kAnySource), ElementsAre("(*,G)", "(*,G2)"));
}

TEST_F(ManagerTest, R8_21_AllGroupsIsOneRecordOfZeros) {
    given_member(A, any_group(), if1);
    given_member(B, any_group(), if2);

    EXPECT_THAT(groups(Kind::kAllSources), ElementsAre("(*,*)"));
    EXPECT_THAT(groups(Kind::kAnySource), ElementsAre("(*,*)"));
}

TEST_F(ManagerTest, S2_11_ForwardStateIsNotShown) {
    given_entry(S, G, if1);
    given_member(B, sg(S, G), if2, kForwardState);
    EXPECT_THAT(groups(), IsEmpty());
}

TEST_F(ManagerTest, R8_22_EnumerationShowsWhatWasThereAtItsStart) {
    given_member(A, any(G), if1);
    given_member(B, sg(S, G), if2);
    given_member(C, sg(S, G2), if3);
    const Outcome all = start_enumeration(C);
    const Outcome any_source = start_enumeration(C, Kind::kAnySource);

    EXPECT_EQ(remove(B, sg(S, G), if2), kOk);
    forget();
    EXPECT_EQ(remove(C, sg(S, G2), if3), kOk);
    forget();
    given_member(C, any(ip("239.1.1.3")), if3);
    given_member(B, any(G), if2); // there already

    EXPECT_THAT(rest_of(all.handle()), ElementsAre("(*,G)", "(S,G)", "(S,G2)"));
    EXPECT_THAT(rest_of(any_source.handle()), ElementsAre("(*,G)", "(*,G2)"));
    EXPECT_THAT(groups(), ElementsAre("(*,239.1.1.3)", "(*,G)"));
}

TEST_F(ManagerTest, R8_22_KeyThatGoesAndComesIsShownOnce) {
    given_member(A, any(G), if1);
    const Outcome before = start_enumeration(B);
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(remove(A, any(G), if1), kOk);
        forget();
        given_member(A, any(G), if1);
    }
    const Outcome after = start_enumeration(B);

    EXPECT_THAT(rest_of(before.handle()), ElementsAre("(*,G)"));
    EXPECT_THAT(rest_of(after.handle()), ElementsAre("(*,G)"));
}

TEST_F(ManagerTest, R8_22_ChangesBetweenPagesNeitherLoseNorRepeat) {
    const std::vector<Key> keys = {any(G), sg(S, G), sg(S2, G), any(G2), sg(S, G2)};
    for (const Key &key : keys)
        given_member(A, key, if1);
    const Outcome enumeration = start_enumeration(B);

    std::vector<std::string> seen;
    std::array<SourceGroup, 1> page;
    std::size_t count = 0;
    for (const Key &key : keys) {
        ASSERT_EQ(manager->next_groups(enumeration.handle(), page, count),
                  seen.size() + 1 < keys.size() ? kMoreData : kNoMoreItems);
        ASSERT_EQ(count, 1U);
        seen.push_back(text(sg(page[0].source, page[0].group)));
        EXPECT_EQ(remove(A, key, if1), kOk);
        forget();
    }
    EXPECT_THAT(seen,
                ::testing::UnorderedElementsAre("(*,G)", "(S,G)", "(S2,G)", "(*,G2)", "(S,G2)"));
}

TEST_F(ManagerTest, R8_22_EnumerationsDoNotInfluenceEachOther) {
    given_member(A, any(G), if1);
    const Outcome first = start_enumeration(B);
    given_member(A, any(G2), if1);
    const Outcome second = start_enumeration(B);
    EXPECT_NE(first.handle(), second.handle());

    EXPECT_EQ(manager->end_enumeration(first.handle()), kOk);
    EXPECT_THAT(rest_of(second.handle()), ElementsAre("(*,G)", "(*,G2)"));
}

TEST_F(ManagerTest, R8_21_NoRoomKeepsThePosition) {
    given_member(A, any(G), if1);
    given_member(A, any(G2), if1);
    const Handle enumeration = start_enumeration(B).handle();
    std::array<SourceGroup, 2> page;
    std::size_t count = 37;

    EXPECT_EQ(manager->next_groups(enumeration, {}, count), kInsufficientBuffer);
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(manager->next_groups(enumeration, page, count), kNoMoreItems);
    EXPECT_EQ(count, 2U);
    for (const std::size_t room : {0U, 1U, 2U}) { // nothing left wins at any size
        count = 37;
        EXPECT_EQ(manager->next_groups(enumeration, std::span(page).first(room), count),
                  kNoMoreItems);
        EXPECT_EQ(count, 0U);
    }
}

TEST_F(ManagerTest, S2_11_EachFamilyAndVrfIsEnumeratedByItsOwnClients) {
    Client x = routing("X", 3);
    x.registration.vrf = mgm::Vrf{5};
    given_client(x);
    given_owner(x, if1);
    given_member(x, any(G2), if1);
    given_member(A, any(G), if1);

    EXPECT_THAT(rest_of(start_enumeration(x).handle()), ElementsAre("(*,G2)"));
    EXPECT_THAT(groups(), ElementsAre("(*,G)"));
}

} // namespace
} // namespace control::manager::test
