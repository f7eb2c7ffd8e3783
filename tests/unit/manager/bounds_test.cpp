// SPDX-License-Identifier: BSD-3-Clause
// Full queues: alerts TRUE and LOCAL_* that merge (8.18).
#include "bounds_fixture.hpp"

namespace control::manager::test {
namespace {

using Kind = CallbackKind;

// --- TRUE

TEST_F(ManagerBoundsTest, R8_18_JoinAndPruneOfOneKeyThatWereNotDeliveredCancelOut) {
    fill(B, A, if1);
    EXPECT_EQ(add(A, any(G), if1), kOk);
    expect({"C: J((*,G),TRUE)"});
    EXPECT_EQ(manager->queue(B)->behind, 1U);
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    expect({"C: P((*,G),if1,TRUE)"});
    EXPECT_EQ(manager->queue(B)->behind, 0U);

    answer_all(B);
    expect({});
}

TEST_F(ManagerBoundsTest, R8_18_NetStateIsDeliveredWhenThereIsRoom) {
    given_member(A, any(G), if1);
    fill(B, A, if1);
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    expect({"C: P((*,G),if1,TRUE)"}); // B's is due
    EXPECT_EQ(add(A, any(G2), if1), kOk);
    expect({"C: J((*,G2),TRUE)"});

    answer(B, Kind::kJoinAlert);
    expect({"B: P((*,G),if1,TRUE)"});
    EXPECT_EQ(manager->queue(B)->undelivered, 2U);
    answer(B, Kind::kJoinAlert);
    expect({"B: J((*,G2),TRUE)"});
    answer_all(B);
}

TEST_F(ManagerBoundsTest, R8_18_SourceAlertsMergeLikewise) {
    fill(A, B, if2);
    EXPECT_EQ(add(B, sg(S, G), if2), kOk); // A owns the way to S
    EXPECT_EQ(add(B, sg(S, G2), if2), kOk);
    EXPECT_EQ(remove(B, sg(S, G), if2), kOk);
    expect({});
    answer(A, Kind::kJoinAlert);
    expect({"A: J((S,G2),TRUE)"});
    answer(A, Kind::kJoinAlert);
    EXPECT_EQ(remove(B, sg(S, G2), if2), kOk);
    expect({"A: P((S,G2),if2,TRUE)"});
    answer_all(A);
}

TEST_F(ManagerBoundsTest, R8_18_SourceAlertThatMovedOnIsPrunedAtTheOldOwner) {
    given_member(C, sg(S, G), if3);
    fill(A, B, if2);
    move_route("10.0.0.0/24", if1, if2); // from A to B
    expect({"B: J((S,G),TRUE)"});
    answer(A, Kind::kJoinAlert);
    expect({"A: P((S,G),if1,TRUE)"});
    answer_all(A);
}

TEST_F(ManagerBoundsTest, R8_18_CallbackThatReturnsTwiceMakesRoomOnce) {
    fill(B, A, if1);
    given_member(A, any(G), if1);
    given_member(A, any(G2), if1);
    const CallbackId id = recorder.outstanding.front().id;
    answer(B, Kind::kJoinAlert);
    expect({"B: J((*,G),TRUE)"});
    manager->returned(B, id, Reply{}, now);
    expect({});
    answer_all(B);
    expect({"B: J((*,G2),TRUE)"});
}

TEST_F(ManagerBoundsTest, R8_18_WhoEndsIsDueNothingNorIsItsSuccessor) {
    given_member(A, any(G), if1);
    fill(B, A, if1);
    given_member(A, any(G2), if1);
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    expect({"C: P((*,G),if1,TRUE)"});
    client_ended(B);
    forget();
    Client d = routing("D", 5);
    given_client(d);
    EXPECT_EQ(manager->queue(d)->behind, 0U);
    EXPECT_EQ(add(A, any(G), if1), kOk);
    expect({"C: J((*,G),TRUE)", "D: J((*,G),TRUE)"});
}

TEST_F(ManagerBoundsTest, R8_09_RoomForAMergedAlertCameWithTheMembership) {
    given_owner(I, if1);
    given_member(C, any(G), if3);
    given_member(I, any(G2), if1);
    fill(A, B, if2);
    memory.fail_at(1, FailingMemory::Failure::kFromThenOn);
    silently(remove(C, any(G), if3));
    silently(remove(I, any(G2), if1));
    EXPECT_EQ(manager->queue(A)->behind, 2U);
    answer(A, Kind::kJoinAlert);
    answer(A, Kind::kJoinAlert);
    expect({"A: P((*,G),if3,TRUE)", "A: LL((*,G2),if1)"});
    memory.recover();
    answer_all(A);
}

// --- LOCAL_*

TEST_F(ManagerBoundsTest, R8_18_LocalAlertsMergePerKeyAndLink) {
    given_owner(I, if1);
    given_member(I, any(X), if1);
    fill(A, B, if2);
    silently(add(I, any(G), if1));
    silently(remove(I, any(G), if1));
    silently(add(I, any(G2), if1));
    silently(remove(I, any(X), if1));
    EXPECT_EQ(manager->queue(A)->behind, 2U);
    answer(A, Kind::kJoinAlert);
    expect({"A: LJ((*,G2),if1)"});
    answer(A, Kind::kJoinAlert);
    expect({"A: LL((*,239.7.7.1),if1)"});
    answer_all(A);
}

TEST_F(ManagerBoundsTest, R8_18_LocalAlertsOfALinkThatIsReleasedAreNotDueAnyMore) {
    given_owner(I, if1);
    given_member(I, any(G2), if1);
    fill(A, B, if2);
    silently(add(I, any(G), if1));
    silently(remove(I, any(G2), if1));
    silently(release(A, if1));
    answer_all(A);
    for (const std::string &text : callbacks())
        EXPECT_EQ(text.find("A: L"), std::string::npos) << text;
    forget();
}

TEST_F(ManagerBoundsTest, R8_24_UpdatesMergeIntoOneWithWhatHoldsThen) {
    Client d = routing("D", 5);
    d.registration.callbacks.add(Kind::kLocalUpdate);
    given_client(d);
    given_owner(d, if5);
    given_owner(I, if5);
    fill(d, B, if2);
    silently(update(I, G, if5, FilterMode::kInclude, {S, S2}));
    silently(update(I, G, if5, FilterMode::kExclude, {S, S4}));
    silently(update(I, G2, if5, FilterMode::kExclude, {S}));
    silently(update(I, G2, if5, FilterMode::kInclude, {}));
    answer(d, Kind::kJoinAlert);
    expect({"D: LU((*,G),if5,EXCLUDE{S,S4})"});

    silently(update(I, G, if5, FilterMode::kExclude, {S4}));
    answer(d, Kind::kJoinAlert);
    expect({"D: LU((*,G),if5,EXCLUDE{S4})"});
    answer_all(d);
}

TEST_F(ManagerBoundsTest, R8_18_ASweepLeavesDueWhatIsNotAboutIt) {
    Client d = routing("D", 5), igmp = group_management("I2", mgm::Family::kIpv4);
    d.registration.callbacks.add(Kind::kLocalUpdate);
    igmp.registration.identity.component = 2;
    igmp.registration.hold = std::chrono::seconds(60);
    given_client(d);
    given_client(igmp);
    given_owner(d, if5);
    given_owner(igmp, if5);
    silently(update(igmp, G, if5, FilterMode::kExclude, {S, S2}));
    given_member(igmp, any(G2), if5);
    client_ended(igmp);
    silently(register_client(igmp));
    fill(d, B, if2);
    silently(update(igmp, G, if5, FilterMode::kExclude, {S}));
    silently(reconciled(igmp)); // G2 goes
    answer(d, Kind::kJoinAlert);
    expect({"D: LU((*,G),if5,EXCLUDE{S})"});
    answer_all(d);
    forget();
}

} // namespace
} // namespace control::manager::test
