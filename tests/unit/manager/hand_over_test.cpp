// SPDX-License-Identifier: BSD-3-Clause
// A link changes hands and hosts go on receiving: 8.6.
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using Kind = CallbackKind;

/// Hosts of IGMP's on if4 hear S2 and S, which come in on if2 and if1; A takes if4.
class ManagerHandOverTest : public ManagerTest {
protected:
    void SetUp() override {
        given_owner(I, if4);
        given_member(I, any(G), if4);
        given_entry(S2, G, if2);
        ASSERT_EQ(forwarding(S2, G), "if2 -> if4");
    }
    void hand_over() {
        EXPECT_EQ(take(A, if4), kOk);
        forget();
    }
    void pass_silently(Time time) {
        forget();
        pass(time);
        forget();
    }
    [[nodiscard]] bool hosts_hear() const { return forwarding(S2, G) == "if2 -> if4"; }
};

TEST_F(ManagerHandOverTest, R8_06_StaleLinkForwardsUntilTheGraceTimeEnds) {
    hand_over();
    EXPECT_THAT(groups(), IsEmpty()); // not shown

    pass(9'999ms);
    EXPECT_TRUE(hosts_hear());
    expect({});
    pass(1ms);
    EXPECT_EQ(forwarding(S2, G), "if2 -> nothing");
    expect({"B: P((S2,G),if2,FALSE)"});
    EXPECT_EQ(gaps(S2, G, if4), 1U);
}

TEST_F(ManagerHandOverTest, R8_06_GraceTimeCountsFromTheReturnOfEnable) {
    struct Row {
        std::chrono::seconds returns_after;
        std::chrono::seconds ends_after;
    };
    for (const Row &row : {Row{5s, 15s}, Row{37s, 47s}, Row{55s, 60s}, Row{59s, 60s}}) {
        SCOPED_TRACE(row.returns_after.count());
        World w;
        w.given_owner(w.I, w.if4);
        w.given_member(w.I, any(w.G), w.if4);
        w.given_entry(w.S2, w.G, w.if2);
        w.keeps_still(w.I, Kind::kEnableIgmp);
        const Outcome taking = w.take(w.A, w.if4);
        w.forget();

        w.pass(row.returns_after);
        w.answer(w.I, Kind::kEnableIgmp);
        w.pass(row.ends_after - row.returns_after - 1ms);
        EXPECT_EQ(w.forwarding(w.S2, w.G), "if2 -> if4");
        w.expect({});
        w.pass(1ms);
        EXPECT_EQ(w.forwarding(w.S2, w.G), "if2 -> nothing");
        w.expect({"B: P((S2,G),if2,FALSE)"});
        EXPECT_EQ(taking, kOk);
        w.finish();
    }
}

TEST_F(ManagerHandOverTest, R8_06_EnableThatNeverReturnsMeansSixtySeconds) {
    keeps_still(I, Kind::kEnableIgmp);
    const Outcome taking = take(A, if4);
    forget();

    pass(59'999ms);
    EXPECT_EQ(taking, kOk); // 8.8
    EXPECT_TRUE(hosts_hear());
    pass(1ms);
    EXPECT_FALSE(hosts_hear());
    forget();
}

TEST_F(ManagerHandOverTest, R8_06_AnyCoveringKeyEndsTheMark) {
    for (const Key &key : {any(G), any_group(), sg(S2, G)}) {
        SCOPED_TRACE(text(key));
        World w;
        w.given_owner(w.I, w.if4);
        w.given_member(w.I, any(w.G), w.if4);
        w.given_entry(w.S2, w.G, w.if2);
        w.given_owner(w.A, w.if4);

        w.given_member(w.I, key, w.if4);
        w.pass(61s);
        EXPECT_EQ(w.forwarding(w.S2, w.G), "if2 -> if4");
        EXPECT_EQ(w.gaps(w.S2, w.G, w.if4), 0U);
        EXPECT_EQ(w.remove(w.I, key, w.if4), kOk); // the mark does not come back
        EXPECT_EQ(w.forwarding(w.S2, w.G), "if2 -> nothing");
        w.forget();
        w.finish();
    }
}

TEST_F(ManagerHandOverTest, R8_06_KeyThatDoesNotCoverLeavesTheMark) {
    hand_over();
    given_member(I, any(G2), if4);
    given_member(I, sg(S, G), if4);

    EXPECT_TRUE(hosts_hear());
    pass(10s);
    EXPECT_FALSE(hosts_hear());
    forget();
}

TEST_F(ManagerHandOverTest, R8_06_DeleteOfWhatMadeTheMarkEndsIt) {
    hand_over();

    EXPECT_EQ(remove(I, any(G), if4), kNotFound);

    EXPECT_EQ(forwarding(S2, G), "if2 -> nothing");
    expect({"B: P((S2,G),if2,FALSE)"});
}

TEST_F(ManagerHandOverTest, R8_06_EveryEntryThatMadeTheMarkMustBeDeleted) {
    given_member(I, sg(S2, G), if4);
    given_member(I, any(G2), if4); // made none
    hand_over();

    EXPECT_EQ(remove(I, any(G2), if4), kNotFound);
    EXPECT_EQ(remove(I, any(G), if4), kNotFound);
    EXPECT_TRUE(hosts_hear());
    expect({});
    EXPECT_EQ(remove(I, sg(S2, G), if4), kNotFound);
    EXPECT_FALSE(hosts_hear());
    expect({"B: P((S2,G),if2,FALSE)"});
}

TEST_F(ManagerHandOverTest, R8_06_UpdateReplacesTheMark) {
    hand_over();

    EXPECT_EQ(update(I, G2, if4, FilterMode::kInclude, {}), kOk);
    EXPECT_TRUE(hosts_hear());
    EXPECT_EQ(update(I, G, if4, FilterMode::kInclude, {}), kOk);
    EXPECT_FALSE(hosts_hear());
    expect({"B: P((S2,G),if2,FALSE)"});
}

TEST_F(ManagerHandOverTest, R8_06_UpdateThatCoversKeepsDataFlowing) {
    hand_over();

    EXPECT_EQ(update(I, G, if4, FilterMode::kExclude, {S}), kOk);
    forget();
    pass(61s);
    EXPECT_TRUE(hosts_hear());
}

TEST_F(ManagerHandOverTest, R8_06_IgmpThatLosesItsSlotLosesTheMark) {
    hand_over();

    EXPECT_EQ(release(I, if4), kOk);

    EXPECT_FALSE(hosts_hear());
    expect({"B: P((S2,G),if2,FALSE)"});
}

TEST_F(ManagerHandOverTest, R8_06_MarkIsNotRenewedByALaterHandOver) {
    hand_over();
    pass(8s);
    EXPECT_EQ(release(A, if4), kOk);
    expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});
    EXPECT_TRUE(hosts_hear());

    pass(1'999ms);
    EXPECT_TRUE(hosts_hear());
    pass(1ms);
    EXPECT_FALSE(hosts_hear());
    expect({"B: P((S2,G),if2,FALSE)"});
}

TEST_F(ManagerHandOverTest, R8_06_EntryMadeWithinTheGraceTimeCountsWhatWasThere) {
    hand_over();

    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "A: CREATION((S,G),if1,[if4+IGMP])", "A: J((S,G),FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if4");

    pass(10s);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    EXPECT_EQ(forwarding(S2, G), "if2 -> nothing");
    expect({"A: P((S,G),if1,FALSE)", "B: P((S2,G),if2,FALSE)"});
}

TEST_F(ManagerHandOverTest, R8_06_WhatALaterHandOverLeavesExcludedLeavesAnEarlierMark) {
    given_member(I, any_group(), if4);
    hand_over();
    EXPECT_EQ(update(I, G, if4, FilterMode::kExclude, {S}), kOk);
    forget();
    data(S, G, if1); // by (*,*) from before
    ASSERT_EQ(forwarding(S, G), "if1 -> if4");
    forget();

    EXPECT_EQ(release(A, if4), kOk); // (*,G) without S is IGMP's from before now, too
    forget();
    EXPECT_EQ(forwarding(S, G), "if1 -> if4");
    pass_silently(10s);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
}

TEST_F(ManagerHandOverTest, R8_06_EntryMadeAfterTheGraceTimeDoesNot) {
    hand_over();
    pass(10s);
    forget();

    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "A: P((S,G),if1,FALSE)"});
}

TEST_F(ManagerHandOverTest, R8_06_OnOverrideOfIgmpIsCover) {
    given_entry(S2, G2, if2);
    given_member(I, sg(S2, G2), if4, kForwardState);
    ASSERT_EQ(forwarding(S2, G2), "if2 -> if4");
    hand_over();

    EXPECT_EQ(forwarding(S2, G2), "if2 -> if4");
    EXPECT_EQ(gaps(S2, G2, if4), 0U);
    pass(10s);
    EXPECT_EQ(forwarding(S2, G2), "if2 -> nothing");
    forget();
}

TEST_F(ManagerHandOverTest, R8_06_GraceTimeOfAnOverdueIgmpCountsFromItsReturn) {
    keeps_still(I, Kind::kDisableIgmp);
    keeps_still(I, Kind::kEnableIgmp);
    const Outcome taking = take(A, if4);
    pass_silently(1s); // DISABLE is overdue: ENABLE is enqueued and not waited for
    EXPECT_EQ(taking, kOk);

    pass_silently(5s);
    answers_again(I, Kind::kDisableIgmp);
    answers_again(I, Kind::kEnableIgmp);
    pass_silently(9'999ms);
    EXPECT_TRUE(hosts_hear());
    pass_silently(1ms);
    EXPECT_FALSE(hosts_hear());
}

TEST_F(ManagerHandOverTest, R8_09_IgmpsAddThatFailsEndsNoMark) {
    given_entry(S2, G2, if2);
    given_member(I, sg(S2, G2), if4, kForwardState);
    hand_over();

    for (const mgm::IpAddress &group : {G, G2}) {
        recorder.refuses_after = 0;
        EXPECT_EQ(add(I, any(group), if4), kNotEnoughMemory);
        given_member(C, any(group), if3); // looks at the entry again
        EXPECT_EQ(forwarding(S2, group), "if2 -> if3,if4");
    }

    pass(10s);
    EXPECT_EQ(forwarding(S2, G), "if2 -> if3");
    EXPECT_EQ(forwarding(S2, G2), "if2 -> if3");
    expect({});
}

TEST_F(ManagerHandOverTest, R8_06_OwnersJoinAndLeaveEndNoMark) {
    hand_over();
    given_member(A, any(G), if4);
    EXPECT_EQ(remove(A, any(G), if4), kOk);
    forget();

    EXPECT_TRUE(hosts_hear());
    pass(10s);
    EXPECT_FALSE(hosts_hear());
    forget();
}

} // namespace
} // namespace control::manager::test
