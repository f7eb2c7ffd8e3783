// SPDX-License-Identifier: BSD-3-Clause
// Callbacks that do not return in time: 8.8.
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using Kind = CallbackKind;

TEST_F(ManagerTest, R8_08_OverdueDisableIsTakenAsReturned) {
    given_owner(I, if4);
    keeps_still(I, Kind::kDisableIgmp);
    const Outcome taking = take(A, if4);
    expect({"I: DISABLE(if4)"});

    pass(999ms);
    EXPECT_TRUE(taking.waits());
    EXPECT_EQ(owner(if4), "I");
    pass(1ms);

    expect({"I: ENABLE(if4)"});
    EXPECT_EQ(owner(if4), "A");
    EXPECT_EQ(taking, kOk);
    EXPECT_THAT(events(), Contains(Event::kCallbackOverdue));
}

TEST_F(ManagerTest, R8_08_OverdueEnableEndsTheCall) {
    given_owner(I, if4);
    keeps_still(I, Kind::kEnableIgmp);
    const Outcome taking = take(A, if4);
    expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});

    pass(999ms);
    EXPECT_TRUE(taking.waits());
    pass(1ms);
    EXPECT_EQ(taking, kOk);
    EXPECT_THAT(events(), Contains(Event::kCallbackOverdue));
    expect({});
}

TEST_F(ManagerTest, R8_08_NobodyWaitsForAnIgmpThatIsOverdue) {
    given_owner(I, if4);
    keeps_still(I, Kind::kDisableIgmp);
    keeps_still(I, Kind::kEnableIgmp);
    EXPECT_TRUE(take(A, if4).waits());
    forget();
    pass(1s);
    forget();

    EXPECT_EQ(release(A, if4), kOk); // at once, and still told in order
    expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});
    EXPECT_EQ(owner(if4), "I");

    answers_again(I, Kind::kDisableIgmp);
    answers_again(I, Kind::kEnableIgmp);
    keeps_still(I, Kind::kDisableIgmp);
    const Outcome taking = take(B, if4); // it is waited for again
    EXPECT_TRUE(taking.waits());
    answer(I, Kind::kDisableIgmp);
    EXPECT_EQ(taking, kOk);
    expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});
}

TEST_F(ManagerTest, R8_08_OverdueRpfMeansTheRibsValues) {
    given_owner(A, if5);
    given_member(B, any(G), if2);
    keeps_still(A, Kind::kRpf);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)"});

    pass(999ms);
    EXPECT_FALSE(is_shown(S, G));
    expect({});
    pass(1ms);

    expect({"B: CREATION((S,G),if1,[if2])", "A: J((S,G),FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    EXPECT_THAT(events(), Contains(Event::kCallbackOverdue));
    answer(A, Kind::kRpf, RpfReply{.in = if5, .upstream = {}, .route = {}}); // late
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    expect({});
}

TEST_F(ManagerTest, R8_08_OverdueClientIsNotAskedUntilItReturns) {
    given_member(A, any(G2), if1);
    keeps_still(A, Kind::kRpf);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)"});
    pass(1s);
    expect({"A: P((S,G),if1,FALSE)"});

    data(S, G2, if1); // no RPF
    expect({"A: P((S,G2),if1,FALSE)"});
    data(S2, G2, if2); // no CREATION; alerts go on
    expect({"B: RPF((S2,G2),if2)", "B: J((S2,G2),FALSE)"});
    EXPECT_EQ(forwarding(S2, G2), "if2 -> if1");
    EXPECT_EQ(add(B, any(G2), if2), kOk);
    EXPECT_THAT(callbacks(), Contains("A: J((*,G2),TRUE)"));
    forget();

    answers_again(A, Kind::kRpf);
    const mgm::IpAddress g3 = ip("239.1.1.3");
    data(S, g3, if1);
    expect({"A: RPF((S,239.1.1.3),if1)", "A: P((S,239.1.1.3),if1,FALSE)"});
}

TEST_F(ManagerTest, R8_08_RpfAndCreationHaveADeadlineEach) {
    given_member(B, any(G), if2);
    keeps_still(A, Kind::kRpf);
    keeps_still(B, Kind::kCreationAlert);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)"});

    pass(800ms);
    answer(A, Kind::kRpf);
    expect({"B: CREATION((S,G),if1,[if2])"});
    pass(999ms);
    EXPECT_FALSE(is_shown(S, G));
    pass(1ms);
    EXPECT_TRUE(is_shown(S, G));
    expect({"A: J((S,G),FALSE)"});
}

TEST_F(ManagerTest, R8_08_LateReplyDoesNotTouchTheNextIncarnation) {
    given_member(B, any(G), if2);
    keeps_still(B, Kind::kCreationAlert);
    data(S, G, if1);
    forget();
    pass(1s);
    forget();
    ASSERT_TRUE(is_shown(S, G));
    remove_route("10.0.0.0/24", if1);
    add_route("10.0.0.0/24", if1);
    ASSERT_FALSE(is_shown(S, G));

    data(S, G, if1); // B is overdue: enabled at once
    expect({"A: RPF((S,G),if1)", "A: J((S,G),FALSE)"});
    vetoes(B, {if2});
    answer(B, Kind::kCreationAlert);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    expect({});
}

TEST_F(ManagerTest, R8_08_UnknownAndRepeatedRepliesDoNoHarm) {
    given_member(B, any(G), if2);
    keeps_still(A, Kind::kRpf);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)"});
    const CallbackId id = recorder.outstanding.back().id;

    manager->returned(B, id, std::monostate{}, now);                // not B's
    manager->returned(A, CallbackId{~0ULL}, std::monostate{}, now); // nobody's
    expect({});
    answer(A, Kind::kRpf);
    const std::vector<std::string> made = {"B: CREATION((S,G),if1,[if2])", "A: J((S,G),FALSE)"};
    expect(made);
    manager->returned(A, id, std::monostate{}, now); // again
    expect({});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
}

TEST_F(ManagerTest, R8_08_ReplyOfAnotherKindIsNoAnswer) {
    given_member(B, any(G), if2);
    keeps_still(A, Kind::kRpf);
    keeps_still(B, Kind::kCreationAlert);
    data(S, G, if1);
    answer(A, Kind::kRpf, PruneReply{60});
    answer(B, Kind::kCreationAlert, RpfReply{.in = if3, .upstream = {}, .route = {}});

    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2])", "A: J((S,G),FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    EXPECT_EQ(info(S, G).timeout, 900s);
}

TEST(ManagerDeadline, R8_08_DeadlineIsConfigured) {
    World w({.callback_deadline = 250ms});
    w.given_owner(w.I, w.if4);
    w.keeps_still(w.I, Kind::kDisableIgmp);
    const Outcome taking = w.take(w.A, w.if4);

    w.expect({"I: DISABLE(if4)"});
    w.pass(249ms);
    EXPECT_TRUE(taking.waits());
    w.pass(1ms);
    EXPECT_EQ(taking, kOk);
    w.expect({"I: ENABLE(if4)"});
    w.finish();
}

} // namespace
} // namespace control::manager::test
