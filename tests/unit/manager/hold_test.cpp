// SPDX-License-Identifier: BSD-3-Clause
// Clients that die and are held (8.17).
#include "hold_fixture.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using Kind = CallbackKind;

// --- held

TEST_F(ManagerHoldTest, R8_17_WhatAHeldClientHasStands) {
    given_member(A, any(G), if1);
    const Handle old = A;
    client_ended(A);
    expect_order({"A is gone"});

    EXPECT_EQ(owner(if1), "A");
    EXPECT_THAT(groups(), ElementsAre("(*,G)"));
    EXPECT_EQ(take(B, if1), kAlreadyExists);
    EXPECT_EQ(add(old, any(G2), if1), kInvalidParameter);
    EXPECT_EQ(release(old, if1), kInvalidParameter);
    client_ended(old); // is nobody's handle
    pass(59'999ms);
    EXPECT_EQ(owner(if1), "A");
    expect({});
    pass(1ms);
    forget();
}

TEST_F(ManagerHoldTest, R8_17_NothingIsDeliveredAndDefaultsApply) {
    given_owner(A, if5);
    given_member(A, any(G), if5);
    given_member(B, any(G), if2);
    given_held(A);
    data(S, G, if1);
    expect({"B: CREATION((S,G),if1,[if2])"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if5");
    data_on_wrong_interface(S, G, if5);
    data(S, G2, if1);
    EXPECT_EQ(info(S, G2).timeout, 900s);
    expect({});
    given_owner(I, if1);
    silently(add(I, any(G2), if1));
    pass(60s);
    forget();
}

TEST_F(ManagerHoldTest, R8_17_QuestionsThatAreOpenAreAnsweredByDefault) {
    given_member(B, any(G), if2);
    keeps_still(A, Kind::kRpf);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)"});
    client_ended(A);
    expect({"B: CREATION((S,G),if1,[if2])"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    pass(60s);
    forget();
}

TEST_F(ManagerHoldTest, R8_17_DisableCountsAsReturned) {
    given_owner(I, if4);
    given_held(I);
    const Outcome taking = take(A, if4);
    EXPECT_EQ(taking, kOk);
    expect({});
    EXPECT_EQ(owner(if4), "A");

    EXPECT_EQ(release(A, if4), kOk);
    expect({});
    EXPECT_EQ(owner(if4), "I");
    pass(60s);
    EXPECT_EQ(owner(if4), "nobody");
}

TEST_F(ManagerHoldTest, R8_17_TransactionThatWaitsForItGoesOn) {
    given_owner(I, if4);
    keeps_still(I, Kind::kDisableIgmp);
    const Outcome taking = take(A, if4);
    expect({"I: DISABLE(if4)"});
    client_ended(I);
    expect_order({"I is gone", "take(A,if4) = 0"});
    EXPECT_EQ(taking, kOk);
    comes_back(I);
    expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});
    answers_again(I, Kind::kDisableIgmp);
}

TEST_F(ManagerHoldTest, R8_17_EnumerationsOfAHeldClientAreDead) {
    const Outcome started = start_enumeration(A);
    const Handle enumeration = started.handle();
    given_held(A);
    EXPECT_EQ(manager->end_enumeration(enumeration), kInvalidParameter);
    comes_back(A);
    EXPECT_EQ(manager->end_enumeration(enumeration), kInvalidParameter);
}

TEST_F(ManagerHoldTest, R8_25_InterfaceThatGoesIsNotHeld) {
    given_held(A);
    interface_removed(if1);
    EXPECT_EQ(owner(if1), "nobody");
    EXPECT_EQ(take(B, if1), kOk);
    comes_back(A);
    EXPECT_EQ(owner(if1), "B");
    expect({});
}

// --- the end of the hold

TEST_F(ManagerHoldTest, R8_17_HoldThatEndsIsReleaseOfEverythingThenDeregister) {
    given_owner(I, if1);
    given_owner(A, if5);
    given_member(A, any(G), if1);
    given_member(A, any(G2), if5);
    given_held(A);
    pass(60s);
    expect({"I: DISABLE(if1)", "B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)", "I: ENABLE(if1)",
            "B: P((*,G2),if5,TRUE)", "C: P((*,G2),if5,TRUE)"});
    EXPECT_EQ(owner(if1), "I");
    EXPECT_EQ(owner(if5), "nobody");

    comes_back(A); // as anybody
    EXPECT_EQ(take(A, if5), kOk);
    expect({});
    EXPECT_EQ(add(A, any(G), if5), kOk);
    expect({"B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    pass(60s);
    expect({});
}

TEST_F(ManagerHoldTest, R8_17_DeregisterNeverHolds) {
    silently(release(A, if1));
    EXPECT_EQ(deregister(A), kOk);
    Client other = A;
    other.registration.role = Role::kGroupManagement;
    other.registration.callbacks = CallbackSet::group_management();
    EXPECT_EQ(register_client(other), kOk);
}

TEST_F(ManagerHoldTest, R8_10_CallerOfATakeBeforeItsCommitIsAborted) {
    given_owner(I, if4);
    keeps_still(I, Kind::kDisableIgmp);
    const Outcome taking = take(A, if4);
    expect({"I: DISABLE(if4)"});
    client_ended(A);
    expect_order({"A is gone", "take(A,if4) = 1003", "I: ENABLE(if4)"});
    EXPECT_EQ(owner(if4), "I"); // no hold time for what it never had
    EXPECT_EQ(owner(if1), "A");
    EXPECT_EQ(taking, kCanNotComplete);
    EXPECT_EQ(take(B, if4).waits(), true);
    expect({"I: DISABLE(if4)"});
    answers_again(I, Kind::kDisableIgmp);
    expect({"I: ENABLE(if4)"});
    EXPECT_EQ(owner(if4), "B");
    pass(60s);
    forget();
}

TEST_F(ManagerHoldTest, R8_10_CallerOfATakeBehindItsCommitIsHeldWithIt) {
    given_owner(I, if4);
    keeps_still(I, Kind::kEnableIgmp);
    const Outcome taking = take(A, if4);
    expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});
    client_ended(A);
    EXPECT_EQ(owner(if4), "A");
    answers_again(I, Kind::kEnableIgmp);
    EXPECT_EQ(taking, kOk);
    comes_back(A);
    EXPECT_EQ(owner(if4), "A");
    silently(release(A, if4));
}

} // namespace
} // namespace control::manager::test
