// SPDX-License-Identifier: BSD-3-Clause
// How long entries live: T23, A18, and what starts the clock again (8.12, 8.16, 8.23).
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using Kind = CallbackKind;

TEST_F(ManagerTest, T23_Expiry) {
    given_member(B, any(G), if2);
    given_entry(S, G, if1);

    pass(899s + 999ms);
    EXPECT_EQ(info(S, G).up_time, 899s + 999ms);
    EXPECT_EQ(info(S, G).timeout, 900s);
    pass(1ms);
    EXPECT_FALSE(is_shown(S, G));
    EXPECT_EQ(forwarding(S, G), "no entry");
    expect({});
    EXPECT_THAT(groups(), ElementsAre("(*,G)"));

    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2])", "A: J((S,G),FALSE)"});
}

TEST_F(ManagerTest, T23_EachEntryHasItsOwnTime) {
    given_entry(S, G, if1);
    pass(37s);
    given_entry(S, G2, if1);

    jump(863s);
    EXPECT_FALSE(is_shown(S, G));
    EXPECT_TRUE(is_shown(S, G2));
    jump(37s);
    EXPECT_FALSE(is_shown(S, G2));
    EXPECT_EQ(manager->next_timer(), std::nullopt);
    expect({});
}

TEST_F(ManagerTest, A18_LiveFlowIsExtendedSilently) {
    given_member(B, any(G), if2);
    given_entry(S, G, if1);
    for (int i = 1; i <= 3; ++i) {
        recorder.matched[sg(S, G)] += 31;
        pass(900s);
        ASSERT_TRUE(is_shown(S, G)) << i;
        EXPECT_EQ(info(S, G).up_time, 0s); // 8.23
        EXPECT_EQ(info(S, G).age, 900s * i);
    }
    EXPECT_EQ(gaps(S, G, if2), 0U);

    pass(900s); // no packet since
    EXPECT_FALSE(is_shown(S, G));
    expect({});
}

TEST_F(ManagerTest, A18_NegativeEntryEndsHoweverMuchItDrops) {
    given_entry(S, G, if1);
    recorder.matched[sg(S, G)] = 4711;

    pass(900s);

    EXPECT_FALSE(is_shown(S, G));
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "A: P((S,G),if1,FALSE)"}); // the prune is renewed
}

TEST(ManagerLiteral, A18_WithoutRefreshBusyEntriesExpire) {
    World w({.refresh_entries = false});
    w.given_member(w.B, any(w.G), w.if2);
    w.given_entry(w.S, w.G, w.if1);
    w.recorder.matched[sg(w.S, w.G)] = 4711;

    w.pass(900s);

    EXPECT_FALSE(w.is_shown(w.S, w.G));
    w.finish();
}

TEST_F(ManagerTest, R8_12_TimeStartsAgainWhenTheOlistIsEmptied) {
    given_member(B, any(G), if2);
    given_entry(S, G, if1);
    pass(600s);

    EXPECT_EQ(remove(B, any(G), if2), kOk);
    forget();

    EXPECT_EQ(info(S, G).up_time, 0s);
    EXPECT_EQ(info(S, G).timeout, 900s);
    EXPECT_EQ(info(S, G).age, 600s); // 8.23
    pass(899s);
    EXPECT_TRUE(is_shown(S, G));
}

TEST_F(ManagerTest, R8_12_TimeStartsAgainWhenNegativeBecomesActive) {
    answers_prune(A, 60);
    given_entry(S, G, if1);
    pass(59s);

    given_member(B, any(G), if2);

    EXPECT_EQ(info(S, G).up_time, 0s);
    EXPECT_EQ(info(S, G).timeout, 900s);
}

TEST_F(ManagerTest, R8_12_TimeStartsAgainWhenTheIncomingOwnerChanges) {
    given_member(C, any(G), if3);
    given_entry(S, G, if1);
    pass(600s);

    move_route("10.0.0.0/24", if1, if2);
    forget();

    EXPECT_EQ(info(S, G).up_time, 0s);
    EXPECT_EQ(info(S, G).timeout, 900s);
}

TEST_F(ManagerTest, R8_12_TimeRunsOnWhenTheOlistOnlyShrinks) {
    given_member(B, any(G), if2);
    given_member(C, any(G), if3);
    given_entry(S, G, if1);
    pass(600s);

    EXPECT_EQ(remove(C, any(G), if3), kOk);
    forget();

    EXPECT_EQ(info(S, G).up_time, 600s);
}

TEST_F(ManagerTest, R8_16_PruneReplySetsAndRestartsTheTime) {
    keeps_still(A, Kind::kPruneAlert);
    given_entry(S, G, if1);
    EXPECT_EQ(info(S, G).timeout, 900s); // nothing waits for it
    pass(999ms);

    answer(A, Kind::kPruneAlert, PruneReply{60});

    EXPECT_EQ(info(S, G).timeout, 60s);
    EXPECT_EQ(info(S, G).up_time, 0s);
    pass(60s);
    EXPECT_FALSE(is_shown(S, G));
}

TEST_F(ManagerTest, R8_16_PruneRepliesWithOddValues) {
    struct Row {
        std::uint32_t reply;
        std::chrono::seconds timeout;
    };
    for (const Row &row : {Row{0, 900s}, Row{1, 1s}, Row{86'400, 86'400s},
                           Row{0x7fff'ffff, 2'147'483'647s}, Row{0xffff'ffff, 2'147'483'647s}}) {
        answers_prune(A, row.reply);
        given_entry(S, G, if1);
        EXPECT_EQ(info(S, G).timeout, row.timeout) << row.reply;
        remove_route("10.0.0.0/24", if1);
        add_route("10.0.0.0/24", if1);
    }
}

TEST_F(ManagerTest, R8_16_LatePruneReplyLosesItsTimeOutAndNothingElse) {
    keeps_still(A, Kind::kPruneAlert);
    given_entry(S, G, if1);
    pass(1s + 1ms);

    answer(A, Kind::kPruneAlert, PruneReply{60});
    EXPECT_EQ(info(S, G).timeout, 900s);
    data(S, G2, if1); // 8.8: A is not overdue
    expect({"A: RPF((S,G2),if1)", "A: P((S,G2),if1,FALSE)"});
}

TEST_F(ManagerTest, R8_16_UnansweredPruneDoesNotStopRequests) {
    keeps_still(A, Kind::kPruneAlert);
    given_entry(S, G, if1);
    pass(37s);

    data(S, G2, if1);
    expect({"A: RPF((S,G2),if1)", "A: P((S,G2),if1,FALSE)"});
}

TEST_F(ManagerTest, R8_16_PruneReplyForAnEntryThatIsActiveAgainIsIgnored) {
    keeps_still(A, Kind::kPruneAlert);
    given_entry(S, G, if1);
    given_member(B, any(G), if2);
    given_member(B, any(G2), if2);

    answer(A, Kind::kPruneAlert, PruneReply{60});
    EXPECT_EQ(info(S, G).timeout, 900s);

    EXPECT_EQ(remove(B, any(G), if2), kOk); // Negative again, but not since that prune
    forget();
    EXPECT_EQ(info(S, G).timeout, 900s);
}

TEST_F(ManagerTest, R8_16_PruneReplyOfAnEarlierNegativeTimeIsIgnored) {
    keeps_still(A, Kind::kPruneAlert);
    given_entry(S, G, if1);
    given_member(B, any(G), if2);
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    forget();

    answer(A, Kind::kPruneAlert, PruneReply{60}); // the first prune's
    EXPECT_EQ(info(S, G).timeout, 900s);
    answer(A, Kind::kPruneAlert, PruneReply{70}); // (*,G) TRUE: has no time-out
    EXPECT_EQ(info(S, G).timeout, 900s);
    answer(A, Kind::kPruneAlert, PruneReply{80});
    EXPECT_EQ(info(S, G).timeout, 80s);
}

TEST_F(ManagerTest, R8_16_PruneOfAnEntryThatStaysActiveHasNoTimeOut) {
    given_owner(A, if5);
    given_member(A, any(G), if5);
    given_member(B, any(G), if2);
    given_entry(S, G, if1);
    answers_prune(A, 60);

    EXPECT_EQ(remove(B, any(G), if2), kOk);

    expect({"A: P((*,G),if2,TRUE)", "A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(info(S, G).state, EntryState::kActive);
    EXPECT_EQ(info(S, G).timeout, 900s);
}

TEST_F(ManagerTest, R8_23_UpTimeStartsAgainWithEveryChangeOfState) {
    given_entry(S, G, if1);
    pass(7s);
    EXPECT_EQ(info(S, G).up_time, 7s);
    given_member(B, any(G), if2);
    EXPECT_EQ(info(S, G).up_time, 0s);
    pass(11s);
    EXPECT_EQ(info(S, G).up_time, 11s);
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    forget();
    EXPECT_EQ(info(S, G).up_time, 0s);
    EXPECT_EQ(info(S, G).age, 18s);
}

} // namespace
} // namespace control::manager::test
