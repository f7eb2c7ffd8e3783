// SPDX-License-Identifier: BSD-3-Clause
// Calls from inside callbacks: the table of mgm-spec 1.8, T29, and when a call completes (8.4).
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using ::testing::ElementsAre;
using Kind = CallbackKind;

struct Context {
    std::string name;
    Kind kind{};
    bool may_change_membership = false; ///< and MgmSetMfe
};
std::ostream &operator<<(std::ostream &out, const Context &context) {
    return out << context.name;
}

class ContextTable : public ::testing::TestWithParam<Context> {};

TEST_P(ContextTable, AllowsWhatTheTableSays) {
    World w;
    w.given_member(w.A, any(w.G2), w.if1);
    w.given_entry(w.S, w.G, w.if1);
    const std::string before = w.snapshot();
    const Status membership = GetParam().may_change_membership ? kOk : kCanNotComplete;
    w.inside = GetParam().kind;

    Client d = w.routing("D", 5);
    EXPECT_EQ(w.register_client(d), kCanNotComplete);
    EXPECT_EQ(w.take(w.A, w.if4), kCanNotComplete);
    EXPECT_EQ(w.release(w.A, w.if1), kCanNotComplete);
    EXPECT_EQ(w.deregister(w.I), kCanNotComplete);

    EXPECT_EQ(w.add(w.A, any(w.G), w.if1), membership);
    w.forget();
    EXPECT_EQ(w.update(w.B, w.G, w.if2, FilterMode::kExclude, {w.S}), membership);
    w.forget();
    EXPECT_EQ(w.update(w.B, w.G, w.if2, FilterMode::kInclude, {}), membership);
    w.forget();
    EXPECT_EQ(w.remove(w.A, any(w.G), w.if1), membership);
    w.forget();
    EXPECT_EQ(w.set_upstream(w.A, sg(w.S, w.G), ip("10.0.0.77")), membership);

    const Outcome enumeration = w.start_enumeration(w.A);
    EXPECT_EQ(enumeration, kOk);
    EXPECT_THAT(w.rest_of(enumeration.handle()), ElementsAre("(*,G2)"));
    EXPECT_EQ(w.owner(w.if1), "A");

    w.inside.reset();
    EXPECT_EQ(w.snapshot(), before);
    w.finish();
}

INSTANTIATE_TEST_SUITE_P(S1_8, ContextTable,
                         ::testing::Values(Context{"InJoin", Kind::kJoinAlert, true},
                                           Context{"InPrune", Kind::kPruneAlert, true},
                                           Context{"InLocalJoin", Kind::kLocalJoin, true},
                                           Context{"InLocalLeave", Kind::kLocalLeave, true},
                                           Context{"InLocalUpdate", Kind::kLocalUpdate, true},
                                           Context{"InWrongIf", Kind::kWrongIf, true},
                                           Context{"InRpf", Kind::kRpf},
                                           Context{"InCreation", Kind::kCreationAlert},
                                           Context{"InDisable", Kind::kDisableIgmp},
                                           Context{"InEnable", Kind::kEnableIgmp}),
                         CaseName{});

TEST_F(ManagerTest, T29_DeleteInsideAJoinAlertGetsItsRealResult) {
    given_member(B, any(G), if2);
    keeps_still(B, Kind::kJoinAlert);
    EXPECT_EQ(add(A, any(G), if1), kOk);
    expect({"B: J((*,G),TRUE)"});

    inside = Kind::kJoinAlert;
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    expect({"A: P((*,G),if2,TRUE)"});
    EXPECT_EQ(remove(B, any(G), if2), kNotFound);
    inside.reset();
    answer(B, Kind::kJoinAlert);

    EXPECT_EQ(remove(A, any(G), if1), kOk);
    expect({"B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)"});
}

TEST_F(ManagerTest, R8_04_CallEndsWhenItsAlertsAreEnqueued) {
    for (const Client *client : {&A, &B, &C})
        keeps_still(*client, Kind::kJoinAlert);

    EXPECT_EQ(add(A, any(G), if1), kOk);

    expect_order({"B: J((*,G),TRUE)", "C: J((*,G),TRUE)", "add(A,if1) = 0"});
    pass(std::chrono::seconds(61)); // nobody waits for an alert
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    expect({"B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)"});
}

TEST_F(ManagerTest, R8_04_CallFromInsideNeverWaitsForATransaction) {
    given_owner(I, if1);
    keeps_still(I, Kind::kDisableIgmp);
    const Outcome releasing = release(A, if1);
    expect({"I: DISABLE(if1)"});

    inside = Kind::kJoinAlert;
    EXPECT_EQ(add(A, any(G), if1), kCanNotComplete);
    EXPECT_EQ(remove(A, any(G), if1), kCanNotComplete);
    inside.reset();

    answer(I, Kind::kDisableIgmp);
    EXPECT_EQ(releasing, kOk);
    expect({"I: ENABLE(if1)"});
}

TEST_F(ManagerTest, R8_19_TakeReturnsAfterEnableHasReturned) {
    given_owner(I, if4);
    keeps_still(I, Kind::kDisableIgmp);
    keeps_still(I, Kind::kEnableIgmp);
    const Outcome taking = take(A, if4);
    expect_order({"I: DISABLE(if4)"});
    EXPECT_EQ(owner(if4), "I"); // 8.10: until the commit

    answer(I, Kind::kDisableIgmp);
    expect_order({"I: ENABLE(if4)"});
    EXPECT_EQ(owner(if4), "A");
    EXPECT_TRUE(taking.waits());

    answer(I, Kind::kEnableIgmp);
    expect_order({"take(A,if4) = 0"});
}

} // namespace
} // namespace control::manager::test
