// SPDX-License-Identifier: BSD-3-Clause
// Full queues: alerts about entries that are dropped, questions that are not asked (8.18).
#include "bounds_fixture.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using Kind = CallbackKind;

// --- FALSE, WRONG_IF

TEST_F(ManagerBoundsTest, R8_18_FalseAlertIsDroppedAndEvaluatedAgain) {
    given_member(B, any(G), if2);
    fill(A, B, if2);
    data(S, G, if1); // nobody waits for A's answer to RPF
    expect({"B: CREATION((S,G),if1,[if2])"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    EXPECT_EQ(manager->queue(A)->dropped, 1U);
    EXPECT_THAT(events(), Contains(Event::kAlertsDropped));

    answer(A, Kind::kJoinAlert);
    expect({"A: J((S,G),FALSE)"});
    answer_all(A);
    expect({});
}

TEST_F(ManagerBoundsTest, R8_18_DroppedFalseAlertThatNoLongerHoldsIsNotDue) {
    given_member(B, any(G), if2);
    fill(A, B, if2);
    data(S, G, if1);
    EXPECT_EQ(manager->queue(A)->behind, 1U);
    forget();
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    forget();
    answer_all(A);
    expect({"A: P((*,G),if2,TRUE)"}); // that of the membership
}

TEST_F(ManagerBoundsTest, R8_18_PruneOfAnEntryMadeEmptyStaysDueUntilSent) {
    fill(A, B, if2);
    data(S, G, if1);
    expect({});
    EXPECT_EQ(manager->queue(A)->behind, 1U);
    pass(100s);
    answers_prune(A, 60);
    answer(A, Kind::kJoinAlert);
    expect({"A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(info(S, G).timeout, 900s);
    answer_all(A);
    EXPECT_EQ(info(S, G).timeout, 60s); // its reply counts
    EXPECT_EQ(info(S, G).up_time, 0s);
}

TEST_F(ManagerBoundsTest, R8_18_PruneOfAnEntryMadeEmptyIsOverWhenLGains) {
    given_owner(A, if5);
    fill(A, B, if2);
    data(S, G, if1);
    EXPECT_EQ(add(A, any(G), if5), kOk); // its own: nothing to be told
    expect({"B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    answer_all(A);
    expect({});
}

TEST_F(ManagerBoundsTest, R8_18_AlertedStateIsKeptPerEntryAndClient) {
    given_member(C, any(G), if3);
    given_entry(S, G, if1); // A is alerted
    fill(A, B, if2);
    move_route("10.0.0.0/24", if1, if2);
    expect({"B: RPF((S,G),if2)", "B: J((S,G),FALSE)"});
    EXPECT_EQ(manager->queue(A)->behind, 1U);
    answer(A, Kind::kJoinAlert);
    expect({"A: P((S,G),if1,FALSE)"}); // for which it is false, since it is not O any more
    answer_all(A);
}

TEST_F(ManagerBoundsTest, R8_18_WhoBecomesOwnerAgainHasMissedNothing) {
    given_member(C, any(G), if3);
    given_entry(S, G, if1);
    fill(A, B, if2);
    move_route("10.0.0.0/24", if1, if2);
    forget();
    move_route("10.0.0.0/24", if2, if1);
    forget();
    answer_all(A);
    expect({});
    EXPECT_EQ(remove(C, any(G), if3), kOk);
    expect({"A: P((*,G),if3,TRUE)", "B: P((*,G),if3,TRUE)", "A: P((S,G),if1,FALSE)"});
}

TEST_F(ManagerBoundsTest, R8_18_WrongInterfaceIsDroppedAndCounted) {
    given_member(C, any(G), if3);
    given_entry(S, G, if1);
    fill(B, A, if1);
    data_on_wrong_interface(S, G, if2);
    expect({});
    EXPECT_EQ(manager->queue(B)->dropped, 1U);
    answer_all(B);
    pass(3s);
    data_on_wrong_interface(S, G, if2);
    expect({"B: WRONG_IF((S,G),if2)"});
}

TEST_F(ManagerBoundsTest, R8_18_NativeClientIsToldHowManyWereDropped) {
    Client d = routing("D", 5);
    d.registration.callbacks.add(Kind::kAlertsDropped);
    given_client(d);
    given_owner(d, if5);
    add_route("10.0.5.0/24", if5);
    given_member(B, any(G), if2);
    fill(d, B, if2);
    data(ip("10.0.5.1"), G, if5);
    forget();
    data(ip("10.0.5.2"), G, if5);
    forget();
    data(ip("10.0.5.3"), G2, if5);
    forget();
    answer(d, Kind::kJoinAlert);
    expect({"D: DROPPED(3)"});
    answer(d, Kind::kAlertsDropped);
    expect({"D: J((10.0.5.1,G),FALSE)"});
    answer_all(d);
    expect({"D: J((10.0.5.2,G),FALSE)", "D: P((10.0.5.3,G2),if5,FALSE)"});
    EXPECT_EQ(manager->queue(d)->dropped, 3U);
}

// --- requests

TEST_F(ManagerBoundsTest, R8_18_DefaultsApplyAtOnceToWhoHasNoRoomForRpf) {
    given_member(C, any(G), if3);
    fill(A, B, if2);
    keeps_still(A, Kind::kRpf); // which would hold the entry up
    data(S, G, if1);
    expect({"C: CREATION((S,G),if1,[if3])"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    EXPECT_EQ(manager->queue(A)->undelivered, 2U);
    answer_all(A);
    expect({"A: J((S,G),FALSE)"});

    answers_again(A, Kind::kRpf);
    data(ip("10.0.0.9"), G, if1); // there is room
    expect({"A: RPF((10.0.0.9,G),if1)", "C: CREATION((10.0.0.9,G),if1,[if3])",
            "A: J((10.0.0.9,G),FALSE)"});
}

TEST_F(ManagerBoundsTest, R8_18_NorIsItAskedWhenTheSourceMoves) {
    given_member(C, any(G), if3);
    given_entry(S, G, if1);
    fill(B, A, if1);
    keeps_still(B, Kind::kRpf);
    move_route("10.0.0.0/24", if1, if2);
    EXPECT_EQ(forwarding(S, G), "if2 -> if3"); // at once (8.15)
    expect({"A: P((S,G),if1,FALSE)"});
    answer_all(B);
    expect({"B: J((S,G),FALSE)"});
    answers_again(B, Kind::kRpf);
}

TEST_F(ManagerBoundsTest, R8_18_DefaultsApplyAtOnceToWhoHasNoRoomForCreation) {
    given_member(B, any(G), if2);
    given_member(C, any(G), if3);
    fill(B, A, if1);
    vetoes(B, {if2});
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "C: CREATION((S,G),if1,[if3])", "A: J((S,G),FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    answer_all(B);
}

TEST_F(ManagerBoundsTest, R8_18_DisableAndEnableAreAlwaysEnqueued) {
    Client other = group_management("I2", mgm::Family::kIpv4);
    other.registration.identity.component = 2;
    other.registration.callbacks = {Kind::kDisableIgmp, Kind::kEnableIgmp, Kind::kJoinAlert};
    given_client(other);
    given_owner(other, if4);
    fill(other, B, if2);
    EXPECT_EQ(take(A, if4), kOk);
    expect({"I2: DISABLE(if4)", "I2: ENABLE(if4)"});
    EXPECT_EQ(release(A, if4), kOk);
    expect({"I2: DISABLE(if4)", "I2: ENABLE(if4)"});
    answer_all(other);
}

} // namespace
} // namespace control::manager::test
