// SPDX-License-Identifier: BSD-3-Clause
// Clients that do not keep up: full queues, alerts that merge or are dropped, call rates (8.18).
#include "manager_harness.hpp"

#include <fmt/format.h>

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using Kind = CallbackKind;

/// Two callbacks may be outstanding. Those that keep_still() names answer when the test says so.
class ManagerBoundsTest : public ::testing::Test, public World {
protected:
    ManagerBoundsTest() : World({.max_undelivered = 2}) {}
    void TearDown() override { finish(); }

    const mgm::IpAddress X = ip("239.7.7.1"); // what fills queues
    const mgm::IpAddress Y = ip("239.7.7.2");

    void keep_still(Handle client) {
        for (const Kind kind : {Kind::kJoinAlert, Kind::kPruneAlert, Kind::kLocalJoin,
                                Kind::kLocalLeave, Kind::kLocalUpdate, Kind::kAlertsDropped})
            keeps_still(client, kind);
    }
    void answer_all(Handle client) {
        for (const Kind kind : {Kind::kJoinAlert, Kind::kPruneAlert, Kind::kLocalJoin,
                                Kind::kLocalLeave, Kind::kLocalUpdate, Kind::kAlertsDropped})
            answers_again(client, kind);
    }
    void silently(const Outcome &outcome) {
        EXPECT_EQ(outcome, kOk);
        forget();
    }
    /// Two JOINs, caused by a member on `link`.
    void fill(Handle client, Handle member, const Link &link) {
        keep_still(client);
        given_member(member, any(X), link);
        given_member(member, any(Y), link);
        ASSERT_EQ(manager->queue(client)->undelivered, 2U);
    }
};

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

// --- quotas

TEST(ManagerQuota, R8_18_CallsOverTheRateEndIn1003) {
    World w({.calls_per_second = 10, .calls_in_a_burst = 4});
    w.given_member(w.A, any(w.G), w.if1); // one was its Take
    EXPECT_EQ(w.remove(w.A, any(w.G), w.if1), kOk);
    w.forget();
    EXPECT_EQ(w.update(w.A, w.G, w.if1, FilterMode::kExclude, {}), kOk);
    w.forget();
    const std::string before = w.snapshot(); // enumerates, and that is not limited
    EXPECT_EQ(w.add(w.A, any(w.G2), w.if1), kCanNotComplete);
    EXPECT_EQ(w.remove(w.A, any(w.G), w.if1), kCanNotComplete);
    EXPECT_EQ(w.take(w.A, w.if5), kCanNotComplete);
    EXPECT_EQ(w.set_upstream(w.A, sg(w.S, w.G), ip("10.0.0.9")), kCanNotComplete);
    EXPECT_EQ(w.add(static_cast<Handle>(77), any(w.G), w.if1), kInvalidParameter); // 87 first
    w.expect({});
    EXPECT_EQ(w.snapshot(), before);
    EXPECT_EQ(w.add(w.B, any(w.G2), w.if2), kOk); // each has its own
    w.forget();

    w.pass(100ms);
    EXPECT_EQ(w.add(w.A, any(w.G2), w.if1), kOk);
    w.forget();
    EXPECT_EQ(w.add(w.A, any_group(), w.if1), kCanNotComplete);
    EXPECT_EQ(w.deregister(w.A), kCanNotComplete); // it owns if1; leaving is not limited
    w.pass(10s);
    for (int i = 0; i < 4; ++i)
        w.given_member(w.A, any_group(), w.if1);
    EXPECT_EQ(w.add(w.A, any_group(), w.if1), kCanNotComplete);
    w.forget();
    w.finish();
}

TEST(ManagerQuota, R8_18_TheConfigurationMayCallAsOftenAsItLikes) {
    World w({.calls_per_second = 1, .calls_in_a_burst = 1});
    Client k = World::configuration("K");
    w.given_client(k);
    for (int i = 0; i < 20; ++i)
        w.given_member(k, any(ip(fmt::format("239.3.3.{}", i))), w.if2);
    w.finish();
}

TEST(ManagerQuota, R8_18_ClientsThatAnswerEachOtherForEverAreStopped) {
    World w({.calls_per_second = 100, .calls_in_a_burst = 50});
    w.forget();
    int rounds = 0; // each answers the other's alert with a call
    bool goes_on = true;
    for (; rounds < 1000 && goes_on; ++rounds) {
        goes_on = w.add(w.A, any(w.G), w.if1) == kOk;
        w.forget();
        goes_on = goes_on && w.remove(w.A, any(w.G), w.if1) == kOk;
        w.forget();
        w.now += 1ms;
    }
    EXPECT_LT(rounds, 50);
    w.forget();
    w.finish();
}

TEST(ManagerQuota, R8_18_ProtocolsOfAVrfAreBounded) {
    World w;
    for (std::uint32_t i = 4; i < 64; ++i) {
        Client d = World::routing(fmt::format("D{}", i), 1000 + i);
        w.given_client(d);
    }
    Client one_more = World::routing("E", 5000);
    EXPECT_EQ(w.register_client(one_more), kNotEnoughMemory);
    Client elsewhere = World::routing("F", 5000);
    elsewhere.registration.vrf = mgm::Vrf{5};
    EXPECT_EQ(w.register_client(elsewhere), kOk);
    EXPECT_EQ(w.release(w.C, w.if3), kOk);
    EXPECT_EQ(w.deregister(w.C), kOk);
    EXPECT_EQ(w.register_client(one_more), kOk);
    w.finish();
}

} // namespace
} // namespace control::manager::test
