// SPDX-License-Identifier: BSD-3-Clause
// Joins of one source: their one recipient is the owner of the interface towards it (INV-2), and
// that may change (8.5).
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

TEST_F(ManagerTest, R8_05_JoinIsToldWhenAnOwnerAppears) {
    EXPECT_EQ(add(B, sg(S4, G), if2), kOk); // A28: towards if4, which is nobody's
    expect({});

    EXPECT_EQ(take(C, if4), kOk);
    expect({"C: J((S4,G),TRUE)"});
    EXPECT_EQ(release(C, if4), kOk);
    expect({"C: P((S4,G),if4,TRUE)"});
}

TEST_F(ManagerTest, R8_05_AlertOfATakeComesBeforeEnable) {
    given_owner(I, if4);
    given_member(B, sg(S4, G), if2);

    EXPECT_EQ(take(C, if4), kOk);
    expect({"I: DISABLE(if4)", "C: J((S4,G),TRUE)", "I: ENABLE(if4)"});
}

TEST_F(ManagerTest, R8_05_RouteThatMovesPrunesTheOldOwnerThenJoinsTheNew) {
    given_member(C, sg(S, G), if3);

    move_route("10.0.0.0/24", if1, if2);
    expect({"A: P((S,G),if1,TRUE)", "B: J((S,G),TRUE)"});
    move_route("10.0.0.0/24", if2, if4); // nobody's
    expect({"B: P((S,G),if2,TRUE)"});
    move_route("10.0.0.0/24", if4, if1);
    expect({"A: J((S,G),TRUE)"});
    remove_route("10.0.0.0/24", if1);
    expect({"A: P((S,G),if1,TRUE)"});
}

TEST_F(ManagerTest, R8_05_MoreSpecificRouteTakesOverAndGivesBack) {
    given_member(C, sg(S, G), if3);
    given_member(C, sg(ip("10.0.0.6"), G), if3);

    add_route("10.0.0.5", if2, "10.0.2.9");
    expect({"A: P((S,G),if1,TRUE)", "B: J((S,G),TRUE)"});
    remove_route("10.0.0.5", if2, "10.0.2.9");
    expect({"B: P((S,G),if2,TRUE)", "A: J((S,G),TRUE)"});
}

TEST_F(ManagerTest, R8_05_RouteToTheOnlyMemberItselfAlertsNobody) {
    given_member(B, sg(S, G), if2);

    move_route("10.0.0.0/24", if1, if2);
    expect({"A: P((S,G),if1,TRUE)"});
    EXPECT_EQ(add(C, sg(S, G), if3), kOk);
    expect({"B: J((S,G),TRUE)"});
}

TEST_F(ManagerTest, R8_05_RouteChangeTellsByGroupAndSource) {
    const mgm::IpAddress low = ip("10.0.0.3");
    for (const Key &key : {sg(S, G2), sg(S, G), sg(low, G)})
        given_member(C, key, if3);

    move_route("10.0.0.0/24", if1, if2);
    expect({"A: P((10.0.0.3,G),if1,TRUE)", "B: J((10.0.0.3,G),TRUE)", "A: P((S,G),if1,TRUE)",
            "B: J((S,G),TRUE)", "A: P((S,G2),if1,TRUE)", "B: J((S,G2),TRUE)"});
}

TEST_F(ManagerTest, R8_05_RouteChangeElsewhereTellsNobody) {
    given_member(C, sg(S, G), if3);

    add_route("10.0.0.128/25", if2);
    remove_route("10.0.2.0/24", if2);
    expect({});
}

TEST_F(ManagerTest, R8_05_IgmpsJoinCountsAsTheOwnersOrItsOwn) {
    for (const Link &on : {if1, if2, if4})
        given_owner(I, on);

    EXPECT_EQ(add(I, sg(S, G), if1), kOk); // A is the owner of the RPF interface, and the member
    expect({"A: LJ((S,G),if1)"});
    EXPECT_EQ(add(I, sg(S, G), if2), kOk);
    expect({"B: LJ((S,G),if2)", "A: J((S,G),TRUE)"});
    EXPECT_EQ(remove(I, sg(S, G), if2), kOk);
    expect({"B: LL((S,G),if2)", "A: P((S,G),if2,TRUE)"});
    EXPECT_EQ(add(I, sg(S, G), if4), kOk);
    expect({"A: J((S,G),TRUE)"});
}

TEST_F(ManagerTest, R8_05_IgmpIsNeverTheOwnerTowardsASource) {
    Client hopeful = group_management("I2", mgm::Family::kIpv4);
    hopeful.registration.identity.component = 2;
    hopeful.registration.callbacks = {CallbackKind::kDisableIgmp, CallbackKind::kEnableIgmp,
                                      CallbackKind::kJoinAlert, CallbackKind::kPruneAlert};
    given_client(hopeful);
    given_owner(hopeful, if4);

    EXPECT_EQ(add(B, sg(S4, G), if2), kOk);
    expect({});
}

TEST_F(ManagerTest, R8_05_HandOverOfAMembersLinkToTheAlertedOwner) {
    given_owner(I, if4);
    given_member(I, sg(S, G), if4); // A is alerted

    EXPECT_EQ(take(A, if4), kOk);
    expect({"I: DISABLE(if4)", "A: P((S,G),if4,TRUE)", "I: ENABLE(if4)"});
    EXPECT_EQ(add(I, sg(S, G), if4), kOk); // A's from now on
    expect({"A: LJ((S,G),if4)"});
}

TEST_F(ManagerTest, R8_05_OneThatEndedIsNotPruned) {
    given_member(B, sg(S, G), if2);

    client_ended(A);

    expect({});
    Client heir = routing("heir", 5);
    given_client(heir);
    EXPECT_EQ(take(heir, if1), kOk);
    expect({"heir: J((S,G),TRUE)"});
}

TEST_F(ManagerTest, R8_05_InterfaceUnderWhichItWasAlertedIsNamed) {
    given_owner(A, if5);
    given_member(B, sg(S, G), if2);

    move_route("10.0.0.0/24", if1, if5); // A's, too: nothing to tell
    expect({});
    EXPECT_EQ(remove(B, sg(S, G), if2), kOk);
    expect({"A: P((S,G),if2,TRUE)"}); // that of the deletion
}

} // namespace
} // namespace control::manager::test
