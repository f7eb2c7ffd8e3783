// SPDX-License-Identifier: BSD-3-Clause
// Forward state: what vetoes and FORWARD calls lay over membership, and for how long (8.13, A8).
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;

TEST_F(ManagerTest, A8_ForwardWithoutAnEntryIsForgotten) {
    EXPECT_EQ(add(B, sg(S, G), if2, kForwardState), kOk);
    EXPECT_EQ(remove(B, sg(S, G2), if2, kForwardState), kOk);

    EXPECT_THAT(groups(), IsEmpty());
    given_entry(S, G, if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
}

TEST_F(ManagerTest, A8_ForwardAtAWildcardKeyMeansAllMatchingEntries) {
    for (const auto &[source, group] : {std::pair(S, G), {S2, G}, {S, G2}})
        given_entry(source, group, if1);

    EXPECT_EQ(add(C, any(G), if3, kForwardState), kOk);
    expect({"A: J((S,G),FALSE)", "B: J((S2,G),FALSE)"});
    EXPECT_EQ(add(C, any_group(), if3, kForwardState), kOk);
    expect({"A: J((S,G2),FALSE)"});
    EXPECT_EQ(remove(C, any(G), if3, kForwardState), kOk);
    expect({"A: P((S,G),if1,FALSE)", "B: P((S2,G),if2,FALSE)"});
    EXPECT_EQ(forwarding(S, G2), "if1 -> if3");
}

TEST_F(ManagerTest, R8_13_DeleteForwardTurnsACoveredLinkOff) {
    given_member(C, any(G), if3);
    given_entry(S, G, if1);

    EXPECT_EQ(remove(C, sg(S, G), if3, kForwardState), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    expect({"A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(add(C, any(G), if3), kOk);   // a duplicate
    EXPECT_EQ(add(C, sg(S, G), if3), kOk); // more of what covers it anyway
    expect({"A: J((S,G),TRUE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    EXPECT_EQ(remove(C, any(G), if3), kOk); // less of it
    expect({"A: P((*,G),if3,TRUE)", "B: P((*,G),if3,TRUE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");

    EXPECT_EQ(remove(C, sg(S, G), if3), kOk); // no longer covered: the override ends
    expect({"A: P((S,G),if3,TRUE)"});
    EXPECT_EQ(add(C, any(G), if3), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    expect({"A: J((*,G),TRUE)", "B: J((*,G),TRUE)", "A: J((S,G),FALSE)"});
}

TEST_F(ManagerTest, R8_13_OnEndsWhenAJoinBeginsToCoverTheLink) {
    given_entry(S, G, if1);
    EXPECT_EQ(add(C, sg(S, G), if3, kForwardState), kOk);
    expect({"A: J((S,G),FALSE)"});

    given_member(C, any(G), if3);
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    EXPECT_EQ(remove(C, any(G), if3), kOk); // nothing holds it any more
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    forget();
}

TEST_F(ManagerTest, R8_13_OverrideEndsWithItsOwner) {
    given_entry(S, G, if1);
    EXPECT_EQ(add(B, sg(S, G), if2, kForwardState), kOk);
    expect({"A: J((S,G),FALSE)"});

    EXPECT_EQ(release(B, if2), kOk);
    expect({"A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    EXPECT_EQ(take(C, if2), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
}

TEST_F(ManagerTest, R8_13_OverrideEndsWithTheEntry) {
    given_entry(S, G, if1);
    given_member(C, sg(S, G), if3, kForwardState);
    ASSERT_EQ(forwarding(S, G), "if1 -> if3");

    pass(900s);
    given_entry(S, G, if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
}

TEST_F(ManagerTest, R8_13_ForwardIsForRoutingOwnersAndForIgmpAlone) {
    given_owner(I, if1);
    given_owner(I, if2);
    given_owner(I, if4);
    given_entry(S, G, if1);

    EXPECT_EQ(add(I, sg(S, G), if2, kForwardState), kInvalidParameter);
    EXPECT_EQ(add(I, sg(S, G), if2, kJoinState | kForwardState), kInvalidParameter);
    EXPECT_EQ(remove(I, sg(S, G), if2, kForwardState), kInvalidParameter);
    EXPECT_EQ(add(C, sg(S, G), if2, kForwardState), kInvalidParameter);
    EXPECT_THAT(groups(), IsEmpty());
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    expect({});

    EXPECT_EQ(add(I, sg(S, G), if4, kForwardState), kOk);
    expect({"A: J((S,G),FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if4");
    EXPECT_EQ(remove(I, sg(S, G), if4, kForwardState), kOk);
    expect({"A: P((S,G),if1,FALSE)"});
}

TEST_F(ManagerTest, R8_13_OfBothFlagsJoinDecidesTheCode) {
    given_entry(S, G, if1);
    given_member(C, sg(S, G), if3, kForwardState);

    EXPECT_EQ(remove(C, sg(S, G), if3, kJoinState | kForwardState), kNotFound);
    EXPECT_EQ(forwarding(S, G), "if1 -> if3"); // FORWARD was left undone

    EXPECT_EQ(add(C, sg(S, G), if3, kJoinState | kForwardState), kOk);
    expect({"A: J((S,G),TRUE)"});
    EXPECT_EQ(remove(C, sg(S, G), if3, kJoinState | kForwardState), kOk);
    expect({"A: P((S,G),if3,TRUE)", "A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
}

TEST_F(ManagerTest, A8_BothFlagsLiftAVeto) {
    given_member(C, any(G), if3);
    vetoes(C, {if3});
    given_entry(S, G, if1);
    ASSERT_EQ(forwarding(S, G), "if1 -> nothing");

    EXPECT_EQ(add(C, any(G), if3, kJoinState | kForwardState), kOk); // the join is a duplicate
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    expect({"A: J((S,G),FALSE)"});
}

TEST_F(ManagerTest, R8_12_ChangeOfAnOifsOwnerEndsOnlyOverrides) {
    Client k = configuration("K");
    given_client(k);
    given_member(k, any(G), if2);
    given_member(C, any(G), if3);
    given_entry(S, G, if1);

    EXPECT_EQ(release(B, if2), kOk);
    EXPECT_EQ(take(C, if2), kOk);
    expect({});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    EXPECT_EQ(gaps(S, G, if2), 0U);
}

} // namespace
} // namespace control::manager::test
