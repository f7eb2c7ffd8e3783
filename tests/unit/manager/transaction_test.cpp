// SPDX-License-Identifier: BSD-3-Clause
// Take and Release where IGMP is, while others call: 8.3.
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = CallbackKind;

class ManagerTransactionTest : public ManagerTest {
protected:
    void SetUp() override {
        given_owner(I, if4);
        given_member(I, any(G), if4);
        keeps_still(I, Kind::kDisableIgmp);
        keeps_still(I, Kind::kEnableIgmp);
    }
    Outcome begin_take(Handle client) {
        const Outcome taking = take(client, if4);
        EXPECT_TRUE(taking.waits());
        expect({"I: DISABLE(if4)"});
        return taking;
    }
    const std::vector<std::string> commit_ = {"A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)",
                                              "C: P((*,G),if4,TRUE)", "I: ENABLE(if4)"};
};

TEST_F(ManagerTransactionTest, R8_03_IgmpCallsDuringATransactionFail) {
    given_owner(I, if1);
    const Outcome taking = begin_take(A);

    EXPECT_EQ(add(I, any(G2), if4), kCanNotComplete);
    EXPECT_EQ(remove(I, any(G), if4), kCanNotComplete);
    EXPECT_EQ(update(I, G, if4, FilterMode::kInclude, {}), kCanNotComplete);
    EXPECT_THAT(groups(), ElementsAre("(*,G)")); // nothing done, nothing queued
    expect({});

    EXPECT_EQ(add(I, any(G2), if1), kOk); // another link
    expect({"A: LJ((*,G2),if1)", "B: J((*,G2),TRUE)", "C: J((*,G2),TRUE)"});
    answer(I, Kind::kDisableIgmp);
    expect(commit_);
    EXPECT_THAT(groups(), ElementsAre("(*,G2)"));
    answer(I, Kind::kEnableIgmp);
    EXPECT_EQ(taking, kOk);
}

TEST_F(ManagerTransactionTest, R8_03_LinkIsUnlockedWhenEnableIsEnqueued) {
    const Outcome taking = begin_take(A);
    answer(I, Kind::kDisableIgmp);
    expect(commit_);

    EXPECT_EQ(add(I, any(G), if4), kOk); // from a thread of its own
    expect({"A: LJ((*,G),if4)", "B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    EXPECT_EQ(take(B, if4), kAlreadyExists);
    EXPECT_EQ(add(A, any(G2), if4), kOk);
    expect({"B: J((*,G2),TRUE)", "C: J((*,G2),TRUE)"});
    EXPECT_TRUE(taking.waits()); // only the caller waits for the return

    answer(I, Kind::kEnableIgmp);
    EXPECT_EQ(taking, kOk);
}

TEST_F(ManagerTransactionTest, R8_03_SecondTakerWaitsAndLoses) {
    const Outcome first = begin_take(A);
    const Outcome second = take(B, if4);
    const Outcome third = take(A, if4);
    EXPECT_TRUE(second.waits());
    EXPECT_TRUE(third.waits());

    answer(I, Kind::kDisableIgmp);
    expect(commit_); // one DISABLE only
    EXPECT_EQ(second, kAlreadyExists);
    EXPECT_EQ(third, kAlreadyExists);
    answer(I, Kind::kEnableIgmp);
    EXPECT_EQ(first, kOk);
    EXPECT_EQ(owner(if4), "A");
}

TEST_F(ManagerTransactionTest, R8_03_WaitersAreServedInTheirOrder) {
    const Outcome a_takes = begin_take(A);
    const Outcome a_adds = add(A, any(G2), if4);
    const Outcome a_releases = release(A, if4);
    const Outcome b_takes = take(B, if4);
    const Outcome b_adds = add(B, any(G2), if4);
    EXPECT_TRUE(a_adds.waits());

    answers_again(I, Kind::kDisableIgmp);
    answers_again(I, Kind::kEnableIgmp);

    for (const Outcome &outcome : {a_takes, a_adds, a_releases, b_takes, b_adds})
        EXPECT_EQ(outcome, kOk);
    EXPECT_EQ(owner(if4), "B");
    expect({"A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)", "C: P((*,G),if4,TRUE)",
            "I: ENABLE(if4)",                                      // A has it
            "B: J((*,G2),TRUE)", "C: J((*,G2),TRUE)",              // A adds
            "I: DISABLE(if4)",                                     // A releases
            "B: P((*,G2),if4,TRUE)", "C: P((*,G2),if4,TRUE)",      //
            "I: ENABLE(if4)", "I: DISABLE(if4)", "I: ENABLE(if4)", // B takes
            "A: J((*,G2),TRUE)", "C: J((*,G2),TRUE)"});            // B adds
}

TEST_F(ManagerTransactionTest, R8_03_WaitingCallIsValidatedWhenItsTurnComes) {
    given_owner(I, if1);
    const Outcome releasing = release(A, if1);
    expect({"I: DISABLE(if1)"});
    const Outcome adding = add(A, any(G2), if1); // A's now, and not when its turn comes
    const Outcome removing = remove(A, any(G2), if1);
    const Outcome again = release(A, if1);
    EXPECT_TRUE(adding.waits());
    EXPECT_EQ(owner(if1), "A");

    answer(I, Kind::kDisableIgmp);
    expect({"I: ENABLE(if1)"});
    EXPECT_EQ(adding, kInvalidParameter);
    EXPECT_EQ(removing, kInvalidParameter);
    EXPECT_EQ(again, kInvalidParameter);
    answer(I, Kind::kEnableIgmp);
    EXPECT_EQ(releasing, kOk);
}

TEST_F(ManagerTransactionTest, R8_03_CallsOnOtherLinksDoNotWait) {
    const Outcome taking = begin_take(A);

    EXPECT_EQ(add(A, any(G2), if1), kOk);
    expect({"B: J((*,G2),TRUE)", "C: J((*,G2),TRUE)"});
    EXPECT_EQ(take(B, if5), kOk);
    EXPECT_EQ(take(B, link(1000, "10.0.4.9")), kOk); // if4's interface, another link
    EXPECT_EQ(start_enumeration(A), kOk);
    data(S2, G, if2);
    expect({"B: RPF((S2,G),if2)", "B: J((S2,G),FALSE)"});

    answer(I, Kind::kDisableIgmp);
    expect(commit_);
    answer(I, Kind::kEnableIgmp);
    EXPECT_EQ(taking, kOk);
}

TEST_F(ManagerTransactionTest, R8_03_TransactionsOfTwoLinksRunBesideEachOther) {
    given_owner(I, if5);
    const Outcome on_if4 = begin_take(A);
    const Outcome on_if5 = take(B, if5);
    expect({"I: DISABLE(if5)"});

    answer(I, Kind::kDisableIgmp);
    expect(commit_);
    answer(I, Kind::kDisableIgmp);
    expect({"I: ENABLE(if5)"});
    answer(I, Kind::kEnableIgmp);
    answer(I, Kind::kEnableIgmp);
    EXPECT_EQ(on_if4, kOk);
    EXPECT_EQ(on_if5, kOk);
}

TEST_F(ManagerTransactionTest, R8_03_RemovalOfTheInterfaceWaits) {
    const Outcome taking = begin_take(A);
    interface_removed(if4);
    EXPECT_EQ(owner(if4), "I");
    expect({});

    answer(I, Kind::kDisableIgmp);
    expect(commit_);
    EXPECT_EQ(owner(if4), "nobody"); // taken, and gone
    answer(I, Kind::kEnableIgmp);
    EXPECT_EQ(taking, kOk);
    EXPECT_THAT(groups(), IsEmpty());
}

TEST_F(ManagerTransactionTest, R8_03_IgmpMayReleaseOnlyAfterTheTransaction) {
    const Outcome taking = begin_take(A);
    const Outcome leaving = release(I, if4);

    answers_again(I, Kind::kDisableIgmp);
    answers_again(I, Kind::kEnableIgmp);
    EXPECT_EQ(taking, kOk);
    EXPECT_EQ(leaving, kOk);
    EXPECT_EQ(owner(if4), "A");
    expect(commit_);
}

} // namespace
} // namespace control::manager::test
