// SPDX-License-Identifier: BSD-3-Clause
// Clients that come back: adoption, and what they do not say again (8.17).
#include "hold_fixture.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using Kind = CallbackKind;

TEST_F(ManagerHoldTest, R8_17_RegisterWithItsIdentityAndRoleAdopts) {
    given_member(A, any(G), if1);
    const Handle old = A;
    given_held(A);
    comes_back(A);
    expect({});
    EXPECT_NE(old, A.handle);
    EXPECT_EQ(release(old, if1), kInvalidParameter);
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    expect({"B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)"});
    EXPECT_EQ(release(A, if1), kOk);
    EXPECT_EQ(deregister(A), kOk);
}

TEST_F(ManagerHoldTest, R8_17_AnotherRoleOrALiveHolderIsRefused) {
    Client live = A;
    EXPECT_EQ(register_client(live), kAlreadyExists);
    given_held(A);
    Client other = A;
    other.registration.role = Role::kGroupManagement;
    other.registration.callbacks = CallbackSet::group_management();
    EXPECT_EQ(register_client(other), kAlreadyExists);
    Client families = A;
    families.registration.families = Families::kBoth;
    EXPECT_EQ(register_client(families), kAlreadyExists);
    comes_back(A);
    EXPECT_EQ(register_client(live), kAlreadyExists);
}

TEST_F(ManagerHoldTest, R8_17_AtAdoptionNothingCountsAsAlerted) {
    given_owner(I, if1);
    given_member(B, any(G), if2);
    given_member(B, any(G2), if2);
    given_member(B, sg(S, G), if2);
    given_member(C, sg(S, G2), if3);
    given_member(I, any_group(), if1);
    given_entry(S, G, if1);
    given_held(A);
    silently(remove(B, any(G2), if2)); // is not told to A, now or later
    comes_back(A);
    expect({"A: LJ((*,*),if1)", "A: J((*,G),TRUE)", "A: J((S,G),TRUE)", "A: J((S,G2),TRUE)",
            "A: J((S,G),FALSE)"});
    EXPECT_EQ(remove(B, any(G), if2), kOk);                   // A itself is a member of (*,*) only
    expect({"C: P((*,G),if2,TRUE)", "A: P((*,G),if2,TRUE)"}); // it registered last
}

TEST_F(ManagerHoldTest, R8_17_AnEntryThatEndedMeanwhileIsNotAlerted) {
    given_member(B, any(G), if2);
    given_entry(S, G, if1);
    given_held(A);
    silently(remove(B, any(G), if2));
    comes_back(A);
    expect({});
    EXPECT_EQ(add(B, any(G), if2), kOk);
    expect({"C: J((*,G),TRUE)", "A: J((*,G),TRUE)", "A: J((S,G),FALSE)"});
}

TEST_F(ManagerHoldTest, R8_17_AdopterMayRegisterOtherCallbacks) {
    given_owner(I, if1);
    silently(update(I, G, if1, FilterMode::kExclude, {S4}));
    given_held(A);
    A.registration.callbacks.add(Kind::kLocalUpdate);
    comes_back(A);
    expect({"A: LU((*,G),if1,EXCLUDE{S4})"});
}

TEST_F(ManagerHoldTest, T28_AdoptionWithoutMemoryChangesNothing) {
    given_member(B, any(G), if2);
    given_held(A);
    recorder.takes_clients = false;
    EXPECT_EQ(register_client(A), kNotEnoughMemory);
    recorder.takes_clients = true;
    EXPECT_EQ(owner(if1), "A");
    expect({});
    comes_back(A);
    expect({"A: J((*,G),TRUE)"});
}

class ManagerHoldWithOneCallbackTest : public ManagerHoldTest {
protected:
    ManagerHoldWithOneCallbackTest() : ManagerHoldTest({.max_undelivered = 1}) {}
};
TEST_F(ManagerHoldWithOneCallbackTest, R8_18_WhatFindsNoRoomAtAdoptionIsDue) {
    given_member(B, any(G), if2);
    given_member(B, any(G2), if2);
    given_entry(S, G, if1);
    given_held(A);
    comes_back_and_keeps_still(A, Kind::kJoinAlert);
    expect({"A: J((*,G),TRUE)"});
    answer(A, Kind::kJoinAlert);
    expect({"A: J((*,G2),TRUE)"});
    answers_again(A, Kind::kJoinAlert);
    expect({"A: J((S,G),FALSE)"});
}

// --- IGMP: links that changed hands meanwhile

TEST_F(ManagerHoldTest, R8_17_OnePairForEachLinkThatChanged) {
    given_owner(I, if4);
    given_owner(I, if5);
    given_owner(I, if1);
    given_held(I);
    silently(take(A, if4));
    silently(release(A, if4));
    silently(release(A, if1));
    comes_back(I);
    expect({"I: DISABLE(if1)", "I: ENABLE(if1)", "I: DISABLE(if4)", "I: ENABLE(if4)"});
    given_held(I);
    comes_back(I);
    expect({"I: DISABLE(if1)", "I: ENABLE(if1)", "I: DISABLE(if4)",
            "I: ENABLE(if4)"}); // it died within the grace time of the first
}

TEST_F(ManagerHoldTest, R8_17_GraceOfAHeldIgmpRunsFromTheEnableAtAdoption) {
    given_owner(I, if4);
    given_member(I, any(G), if4);
    given_entry(S2, G, if2);
    given_held(I);
    silently(take(A, if4));
    pass(59s);
    EXPECT_EQ(forwarding(S2, G), "if2 -> if4");
    expect({});

    comes_back_and_keeps_still(I, Kind::kEnableIgmp);
    expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});
    pass(30s);
    EXPECT_EQ(forwarding(S2, G), "if2 -> if4");
    answers_again(I, Kind::kEnableIgmp); // overdue, but it counts from here
    pass(9'999ms);
    EXPECT_EQ(forwarding(S2, G), "if2 -> if4");
    expect({});
    pass(1ms);
    EXPECT_EQ(forwarding(S2, G), "if2 -> nothing");
    forget();
}

TEST_F(ManagerHoldTest, R8_17_GraceOfAHeldIgmpEndsWithTheHold) {
    given_owner(I, if4);
    given_member(I, any(G), if4);
    given_entry(S2, G, if2);
    given_held(I);
    silently(take(A, if4));
    pass(59'999ms);
    EXPECT_EQ(forwarding(S2, G), "if2 -> if4");
    expect({});
    pass(1ms);
    EXPECT_EQ(forwarding(S2, G), "if2 -> nothing");
    expect({"B: P((S2,G),if2,FALSE)"});
}

TEST_F(ManagerHoldTest, R8_17_GraceThatRunsWhenIgmpDiesWaitsForItToo) {
    given_owner(I, if4);
    given_member(I, any(G), if4);
    given_entry(S2, G, if2);
    silently(take(A, if4));
    pass(9s);
    given_held(I);
    pass(30s);
    EXPECT_EQ(forwarding(S2, G), "if2 -> if4");
    comes_back(I);
    expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});
    EXPECT_EQ(add(I, any(G), if4), kOk);
    expect({"A: LJ((*,G),if4)", "B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    EXPECT_EQ(reconciled(I), kOk);
    pass(100s);
    EXPECT_EQ(forwarding(S2, G), "if2 -> if4");
    expect({});
}

// --- confirmation

TEST_F(ManagerHoldTest, R8_17_WhatIsNotAddedAgainIsSweptAtReconciled) {
    given_member(A, any(G), if1);
    given_member(A, any(G2), if1);
    given_member(A, sg(S2, G), if1);
    given_entry(S2, G2, if2);
    given_held(A);
    comes_back(A);
    expect({});
    EXPECT_EQ(add(A, any(G), if1), kOk); // is there
    EXPECT_EQ(add(A, any_group(), if1), kOk);
    expect({"B: J((*,*),TRUE)", "C: J((*,*),TRUE)"});
    EXPECT_EQ(remove(A, any_group(), if1), kOk);
    forget();
    EXPECT_EQ(reconciled(A), kOk);
    expect({"B: P((S2,G),if1,TRUE)", "B: P((*,G2),if1,TRUE)", "C: P((*,G2),if1,TRUE)",
            "B: P((S2,G2),if2,FALSE)"});
    EXPECT_THAT(groups(), ElementsAre("(*,G)"));
    EXPECT_EQ(reconciled(A), kOk);
    pass(60s);
    expect({});
    EXPECT_THAT(groups(), ElementsAre("(*,G)"));
}

TEST_F(ManagerHoldTest, R8_17_OrWhenTheHoldEnds) {
    given_member(A, any(G), if1);
    given_member(A, any(G2), if1);
    given_held(A);
    pass(30s);
    comes_back(A);
    EXPECT_EQ(add(A, any(G), if1), kOk);
    pass(29'999ms);
    expect({});
    pass(1ms);
    expect({"B: P((*,G2),if1,TRUE)", "C: P((*,G2),if1,TRUE)"});
    EXPECT_EQ(owner(if1), "A");
}

TEST_F(ManagerHoldTest, R8_17_UpdateConfirmsAllOfItsGroup) {
    silently(update(A, G, if1, FilterMode::kExclude, {S4, S2}));
    silently(update(A, G2, if1, FilterMode::kExclude, {S2}));
    given_member(A, any_group(), if1);
    given_entry(S2, G2, if2);
    EXPECT_EQ(forwarding(S2, G2), "if2 -> nothing");
    given_held(A);
    comes_back(A);
    EXPECT_EQ(update(A, G, if1, FilterMode::kExclude, {S4}), kOk);
    EXPECT_EQ(add(A, any_group(), if1), kOk);
    expect({});
    EXPECT_EQ(reconciled(A), kOk); // the exclusion goes with (*,G2)
    expect({"B: P((*,G2),if1,TRUE)", "C: P((*,G2),if1,TRUE)", "B: J((S2,G2),FALSE)"});
    EXPECT_EQ(forwarding(S2, G2), "if2 -> if1");
    EXPECT_THAT(groups(), ElementsAre("(*,*)", "(*,G)"));
}

TEST_F(ManagerHoldTest, R8_17_SweptMembershipOfIgmpsIsALocalLeave) {
    given_owner(I, if1);
    given_member(I, any(G), if1);
    given_member(I, any(G2), if1);
    given_held(I);
    comes_back(I);
    expect({});
    EXPECT_EQ(add(I, any(G), if1), kOk);
    EXPECT_EQ(reconciled(I), kOk);
    expect({"A: LL((*,G2),if1)", "B: P((*,G2),if1,TRUE)", "C: P((*,G2),if1,TRUE)"});
}

TEST_F(ManagerHoldTest, R8_17_WhoDiesAgainIsHeldAgain) {
    given_member(A, any(G), if1);
    given_held(A);
    pass(50s);
    comes_back(A);
    pass(5s);
    given_held(A);
    pass(59s);
    EXPECT_EQ(owner(if1), "A");
    expect({});
    A.registration.hold = {};
    comes_back(A);
    client_ended(A);
    expect({"B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)"});
    EXPECT_EQ(owner(if1), "nobody");
    pass(100s);
}

TEST_F(ManagerHoldTest, R8_17_ReconciledIsACallLikeAnyOther) {
    EXPECT_EQ(reconciled(A), kOk); // nothing to do
    EXPECT_EQ(reconciled(static_cast<Handle>(77)), kInvalidParameter);
    inside = Kind::kEnableIgmp;
    EXPECT_EQ(reconciled(A), kCanNotComplete);
    inside = Kind::kJoinAlert;
    EXPECT_EQ(reconciled(A), kOk);
    inside.reset();
    expect({});
}

} // namespace
} // namespace control::manager::test
