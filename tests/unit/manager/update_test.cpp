// SPDX-License-Identifier: BSD-3-Clause
// IGMPv3 and MLDv2 state, set whole: 8.24.
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using enum FilterMode;

class ManagerUpdateTest : public ManagerTest {
protected:
    void SetUp() override { given_owner(I, if4); }
};

TEST_F(ManagerUpdateTest, R8_24_ExcludeIsAGroupJoinThatLeavesSourcesOut) {
    EXPECT_EQ(update(I, G, if4, kExclude, {S}), kOk);

    expect({"A: J((*,G),TRUE)", "B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    EXPECT_THAT(groups(), ElementsAre("(*,G)")); // exclusions are not enumerated
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "A: P((S,G),if1,FALSE)"});
    data(S2, G, if2);
    expect({"B: RPF((S2,G),if2)", "B: J((S2,G),FALSE)"});
}

TEST_F(ManagerUpdateTest, R8_24_IncludeIsAJoinOfEachSource) {
    EXPECT_EQ(update(I, G, if4, kInclude, {S2, S}), kOk);

    expect({"A: J((S,G),TRUE)", "B: J((S2,G),TRUE)"});
    EXPECT_THAT(groups(), ElementsAre("(S,G)", "(S2,G)"));
}

TEST_F(ManagerUpdateTest, R8_24_SameStateAgainTellsNobody) {
    EXPECT_EQ(update(I, G, if4, kExclude, {S, S2}), kOk);
    forget();

    EXPECT_EQ(update(I, G, if4, kExclude, {S2, S, S2}), kOk);
    expect({});
}

TEST_F(ManagerUpdateTest, R8_24_JoinsComeBeforePrunes) {
    EXPECT_EQ(update(I, G, if4, kExclude, {S2}), kOk);
    forget();
    given_entry(S, G, if1);
    given_entry(S2, G, if2);
    ASSERT_EQ(forwarding(S, G), "if1 -> if4");
    ASSERT_EQ(forwarding(S2, G), "if2 -> nothing");

    EXPECT_EQ(update(I, G, if4, kInclude, {S2}), kOk);

    expect({"B: J((S2,G),TRUE)", "B: J((S2,G),FALSE)", "A: P((*,G),if4,TRUE)",
            "B: P((*,G),if4,TRUE)", "C: P((*,G),if4,TRUE)", "A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    EXPECT_EQ(forwarding(S2, G), "if2 -> if4");
}

TEST_F(ManagerUpdateTest, R8_24_IncludeOfNothingIsALeave) {
    EXPECT_EQ(update(I, G, if4, kExclude, {}), kOk);
    forget();

    EXPECT_EQ(update(I, G, if4, kInclude, {}), kOk);
    expect({"A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)", "C: P((*,G),if4,TRUE)"});
    EXPECT_THAT(groups(), IsEmpty());
    EXPECT_EQ(update(I, G, if4, kInclude, {}), kOk);
    expect({});
}

TEST_F(ManagerUpdateTest, R8_24_OnlyThisGroupIsReplaced) {
    given_member(I, any_group(), if4);
    given_member(I, sg(S, G2), if4);
    given_member(I, any(G), if4);

    EXPECT_EQ(update(I, G, if4, kInclude, {S}), kOk);

    expect({"A: J((S,G),TRUE)", "A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)",
            "C: P((*,G),if4,TRUE)"});
    EXPECT_THAT(groups(), ElementsAre("(*,*)", "(S,G)", "(S,G2)"));
}

TEST_F(ManagerUpdateTest, R8_24_ExclusionIsItsContributorsOnly) {
    given_owner(I, if2);
    given_member(B, any(G), if2);
    given_entry(S, G, if1);
    ASSERT_EQ(forwarding(S, G), "if1 -> if2");

    EXPECT_EQ(update(I, G, if2, kExclude, {S}), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2"); // B wants it
    expect({"B: LJ((*,G),if2)"});
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing"); // IGMP does not
    expect({"A: P((S,G),if1,FALSE)"});             // (*,G) has B as its member still
    EXPECT_EQ(add(B, sg(S, G), if2), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    forget();
}

TEST_F(ManagerUpdateTest, R8_24_ExclusionWeighsOnAllGroups) {
    given_member(I, any_group(), if4);
    EXPECT_EQ(update(I, G, if4, kExclude, {S}), kOk);
    forget();

    given_entry(S, G, if1);
    given_entry(S, G2, if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    EXPECT_EQ(forwarding(S, G2), "if1 -> if4");
}

TEST_F(ManagerUpdateTest, R8_24_LiveEntriesFollowTheSourceList) {
    EXPECT_EQ(update(I, G, if4, kExclude, {S}), kOk);
    forget();
    given_entry(S, G, if1);
    given_entry(S2, G, if2);

    EXPECT_EQ(update(I, G, if4, kExclude, {S2}), kOk);

    expect({"A: J((S,G),FALSE)", "B: P((S2,G),if2,FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if4");
    EXPECT_EQ(forwarding(S2, G), "if2 -> nothing");
}

TEST_F(ManagerUpdateTest, R8_24_OverrideStaysWhenTheLinkIsCoveredAsBefore) {
    EXPECT_EQ(update(B, G, if2, kExclude, {}), kOk);
    forget();
    vetoes(B, {if2});
    given_entry(S, G, if1);
    ASSERT_EQ(forwarding(S, G), "if1 -> nothing");

    EXPECT_EQ(update(B, G, if2, kInclude, {S}), kOk); // 8.13: S was covered, S is covered
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    forget();
    EXPECT_EQ(update(B, G, if2, kExclude, {S2}), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    forget();
    EXPECT_EQ(update(B, G, if2, kExclude, {S}), kOk);
    forget();
    EXPECT_EQ(update(B, G, if2, kExclude, {}), kOk); // it was not, it is again
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    forget();
}

TEST_F(ManagerUpdateTest, R8_24_RoutingProtocolsMayUseItToo) {
    EXPECT_EQ(update(B, G, if2, kExclude, {S}), kOk);
    expect({"A: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    EXPECT_EQ(update(B, G, if1, kExclude, {S}), kInvalidParameter);
    expect({});
}

TEST_F(ManagerUpdateTest, R8_24_OwnerOfMgmHHearsJoinsAndLeaves) {
    given_owner(I, if1);

    EXPECT_EQ(update(I, G, if1, kInclude, {S2, S}), kOk);
    expect({"A: LJ((S,G),if1)", "A: LJ((S2,G),if1)", "B: J((S2,G),TRUE)"});
    EXPECT_EQ(update(I, G, if1, kInclude, {S}), kOk);
    expect({"A: LL((S2,G),if1)", "B: P((S2,G),if1,TRUE)"});
}

TEST_F(ManagerUpdateTest, R8_24_NativeOwnerHearsTheWholeState) {
    Client native = routing("N", 5);
    native.registration.callbacks = {CallbackKind::kJoinAlert, CallbackKind::kLocalJoin,
                                     CallbackKind::kLocalLeave, CallbackKind::kLocalUpdate};
    given_client(native);
    given_owner(native, if5);
    given_owner(I, if5);

    EXPECT_EQ(update(I, G, if5, kExclude, {S2, S}), kOk);
    expect({"N: LU((*,G),if5,EXCLUDE{S,S2})", "A: J((*,G),TRUE)", "B: J((*,G),TRUE)",
            "C: J((*,G),TRUE)"});
    EXPECT_EQ(update(I, G, if5, kExclude, {S2, S}), kOk); // nothing new
    expect({});
    EXPECT_EQ(update(I, G, if5, kExclude, {S}), kOk);
    expect({"N: LU((*,G),if5,EXCLUDE{S})"});
    EXPECT_EQ(update(I, G, if5, kInclude, {}), kOk);
    expect({"N: LU((*,G),if5,INCLUDE{})", "A: P((*,G),if5,TRUE)", "B: P((*,G),if5,TRUE)",
            "C: P((*,G),if5,TRUE)"});
}

TEST_F(ManagerUpdateTest, R8_24_OwnersChangeTakesExclusionsAlong) {
    EXPECT_EQ(update(I, G, if4, kExclude, {S}), kOk);
    EXPECT_FALSE(callbacks().empty());
    forget();
    given_owner(A, if4);
    given_member(I, any(G), if4); // added again without them

    given_entry(S, G, if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> if4");
}

} // namespace
} // namespace control::manager::test
