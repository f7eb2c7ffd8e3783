// SPDX-License-Identifier: BSD-3-Clause
// Clients that die, before and after the commit point (8.10), and interfaces that are taken away
// (8.25).
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using Kind = CallbackKind;

class ManagerEndingTest : public ManagerTest {
protected:
    void SetUp() override {
        given_client(D);
        given_owner(I, if4);
        given_member(I, any(G), if4);
        forget();
    }
    Client D = routing("D", 5);
};

TEST_F(ManagerEndingTest, R8_10_TakerThatDiesBeforeTheCommitChangesNothing) {
    keeps_still(I, Kind::kDisableIgmp);
    const Outcome taking = take(D, if4);
    expect({"I: DISABLE(if4)"});

    client_ended(D);
    answers_again(I, Kind::kDisableIgmp);

    expect({"I: ENABLE(if4)"});
    EXPECT_FALSE(taking.waits());
    EXPECT_FALSE(taking == kOk);
    EXPECT_EQ(owner(if4), "I");
    EXPECT_THAT(groups(), ElementsAre("(*,G)")); // they still count
}

TEST_F(ManagerEndingTest, R8_10_EntriesNotAddedAgainAfterAnAbortAreDeleted) {
    given_member(I, any(G2), if4);
    keeps_still(I, Kind::kDisableIgmp);
    EXPECT_TRUE(take(D, if4).waits());
    forget();
    client_ended(D);
    answers_again(I, Kind::kDisableIgmp);
    forget();

    pass(4s);
    EXPECT_EQ(add(I, any(G2), if4), kOk);
    expect({}); // it was there all the time
    pass(5'999ms);
    expect({});
    pass(1ms);

    expect({"A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)", "C: P((*,G),if4,TRUE)"});
    EXPECT_THAT(groups(), ElementsAre("(*,G2)"));
    pass(61s);
    EXPECT_THAT(groups(), ElementsAre("(*,G2)"));
}

TEST_F(ManagerEndingTest, R8_10_TakerThatDiesAfterTheCommitWasTheOwner) {
    keeps_still(I, Kind::kEnableIgmp);
    const Outcome taking = take(D, if4);
    expect({"I: DISABLE(if4)", "A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)",
            "C: P((*,G),if4,TRUE)", "D: P((*,G),if4,TRUE)", "I: ENABLE(if4)"});

    client_ended(D);
    answers_again(I, Kind::kEnableIgmp);

    expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});
    EXPECT_FALSE(taking.waits());
    EXPECT_EQ(owner(if4), "I");
}

TEST_F(ManagerEndingTest, R8_10_NextInTheQueueTakesAfterAnAbort) {
    keeps_still(I, Kind::kDisableIgmp);
    EXPECT_TRUE(take(D, if4).waits());
    expect({"I: DISABLE(if4)"});
    const Outcome second = take(A, if4);

    client_ended(D);
    answers_again(I, Kind::kDisableIgmp);

    EXPECT_EQ(second, kOk);
    EXPECT_EQ(owner(if4), "A");
    expect({"I: ENABLE(if4)", "I: DISABLE(if4)", "A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)",
            "C: P((*,G),if4,TRUE)", "I: ENABLE(if4)"});
}

TEST_F(ManagerEndingTest, R8_10_CallsOfTheDeadEndToo) {
    keeps_still(I, Kind::kDisableIgmp);
    const Outcome taking = take(A, if4);
    expect({"I: DISABLE(if4)"});
    const Outcome waiting_take = take(D, if4);
    const Outcome waiting_add = add(D, any(G), if4);

    client_ended(D);
    answers_again(I, Kind::kDisableIgmp);

    EXPECT_EQ(taking, kOk);
    EXPECT_FALSE(waiting_take.waits());
    EXPECT_FALSE(waiting_add.waits());
    EXPECT_EQ(owner(if4), "A");
    forget();
}

TEST_F(ManagerEndingTest, R8_10_EndIsAReleaseOfEachLinkInOrder) {
    given_owner(I, if1);
    given_owner(A, if5);
    given_member(A, any(G2), if5);
    given_member(A, sg(S2, G), if1);
    given_member(B, any(G2), if2);
    given_entry(S, G2, if1);
    keeps_still(I, Kind::kDisableIgmp);

    client_ended(A);
    EXPECT_EQ(callbacks().front(), "I: DISABLE(if1)");
    EXPECT_EQ(owner(if1), "A"); // until the commit
    forget();
    EXPECT_EQ(take(A, if5), kInvalidParameter); // at once
    answers_again(I, Kind::kDisableIgmp);

    EXPECT_EQ(owner(if1), "I");
    EXPECT_EQ(owner(if5), "nobody");
    EXPECT_EQ(forwarding(S, G2), "no entry");
    EXPECT_THAT(groups(), ElementsAre("(*,G)", "(*,G2)"));
    forget();
}

TEST_F(ManagerEndingTest, R8_10_AlertsOfAnEndAreThoseOfARelease) {
    given_member(A, any(G2), if1);
    given_member(A, sg(S2, G2), if1);
    given_entry(S2, G2, if2);

    client_ended(A);

    expect({"B: P((*,G2),if1,TRUE)", "C: P((*,G2),if1,TRUE)", "D: P((*,G2),if1,TRUE)",
            "B: P((S2,G2),if1,TRUE)", "B: P((S2,G2),if2,FALSE)"});
}

TEST_F(ManagerEndingTest, R8_10_HeirOfTheIdentityIsNotTheDead) {
    given_owner(I, if1);
    given_member(A, any(G2), if1);
    keeps_still(I, Kind::kDisableIgmp);
    client_ended(A);
    expect({"I: DISABLE(if1)"});

    Client heir = routing("heir", 3); // A's identity
    EXPECT_EQ(register_client(heir), kOk);
    const Outcome adding = add(heir, any(G2), if1); // waits, and then the link is not its own
    data(S, G2, if1);                               // neither the dead nor the heir is asked
    expect({});

    answers_again(I, Kind::kDisableIgmp);
    EXPECT_EQ(owner(if1), "I");
    EXPECT_EQ(adding, kInvalidParameter);
    EXPECT_THAT(callbacks(), Contains("B: P((*,G2),if1,TRUE)"));
    forget();
}

TEST_F(ManagerEndingTest, R8_10_IgmpThatEndsLeavesItsSlots) {
    given_owner(I, if1);
    given_member(I, any(G2), if1);

    client_ended(I);

    expect({"A: LL((*,G2),if1)", "B: P((*,G2),if1,TRUE)", "C: P((*,G2),if1,TRUE)",
            "D: P((*,G2),if1,TRUE)", "A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)",
            "C: P((*,G),if4,TRUE)", "D: P((*,G),if4,TRUE)"});
    EXPECT_EQ(owner(if1), "A");
    EXPECT_EQ(owner(if4), "nobody");
}

TEST_F(ManagerEndingTest, R8_10_IgmpThatEndsDuringATransactionCountsAsDisabled) {
    given_entry(S2, G, if2);
    keeps_still(I, Kind::kDisableIgmp);
    const Outcome taking = take(A, if4);
    expect({"I: DISABLE(if4)"});

    client_ended(I);

    EXPECT_EQ(taking, kOk); // no ENABLE
    EXPECT_EQ(owner(if4), "A");
    expect({"A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)", "C: P((*,G),if4,TRUE)",
            "D: P((*,G),if4,TRUE)", "B: P((S2,G),if2,FALSE)"}); // no slot, no mark
    EXPECT_EQ(release(A, if4), kOk);
    EXPECT_EQ(owner(if4), "nobody");
}

TEST_F(ManagerEndingTest, R8_10_IgmpThatEndsBeforeEnableReturnedEndsTheWait) {
    keeps_still(I, Kind::kEnableIgmp);
    const Outcome taking = take(A, if4);
    forget();
    EXPECT_TRUE(taking.waits());

    client_ended(I);

    EXPECT_EQ(taking, kOk);
    EXPECT_EQ(owner(if4), "A");
    expect({});
}

// --- 8.25

TEST_F(ManagerEndingTest, R8_25_RemovedInterfaceIsReleasedByBothAtOnce) {
    given_owner(I, if1);
    given_member(I, any(G2), if1);
    given_member(A, sg(S2, G2), if1);
    given_entry(S, G2, if1);
    given_entry(S2, G2, if2);
    ASSERT_EQ(forwarding(S2, G2), "if2 -> if1");

    interface_removed(if1);

    expect({"B: P((*,G2),if1,TRUE)", "C: P((*,G2),if1,TRUE)", "D: P((*,G2),if1,TRUE)",
            "B: P((S2,G2),if1,TRUE)", "B: P((S2,G2),if2,FALSE)"});
    EXPECT_EQ(owner(if1), "nobody");
    EXPECT_EQ(forwarding(S, G2), "no entry");
    EXPECT_EQ(forwarding(S2, G2), "if2 -> nothing"); // not even stale
    EXPECT_EQ(deregister(A), kOk);
}

TEST_F(ManagerEndingTest, R8_25_AllLinksOfTheInterfaceGo) {
    const Link towards_33 = link(9, "198.51.100.33");
    const Link towards_34 = link(9, "198.51.100.34");
    given_owner(A, towards_33);
    given_owner(B, towards_34);
    given_member(B, any(G2), towards_34);

    interface_removed(link(9));

    expect({"A: P((*,G2),#9/198.51.100.34,TRUE)", "C: P((*,G2),#9/198.51.100.34,TRUE)",
            "D: P((*,G2),#9/198.51.100.34,TRUE)"});
    EXPECT_EQ(owner(towards_33), "nobody");
    EXPECT_EQ(owner(towards_34), "nobody");
    EXPECT_EQ(take(C, towards_33), kOk); // unconfigured indices may be taken
}

TEST_F(ManagerEndingTest, R8_25_StaticMembershipsStayForItsReturn) {
    Client k = configuration("K");
    given_client(k);
    given_member(k, any(G2), if5);

    interface_removed(if5);

    EXPECT_THAT(groups(), ElementsAre("(*,G)", "(*,G2)"));
    expect({});
    EXPECT_EQ(remove(k, any(G2), if5), kOk);
    forget();
}

TEST_F(ManagerEndingTest, R8_25_RemovalOfAnInterfaceThatNobodyHasIsNoEvent) {
    interface_removed(if5);
    interface_removed(link(4711));
    expect({});
}

} // namespace
} // namespace control::manager::test
