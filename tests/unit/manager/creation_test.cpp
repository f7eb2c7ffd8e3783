// SPDX-License-Identifier: BSD-3-Clause
// While an entry waits for answers (8.14), and answers that come too late or for something else
// (8.8).
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using Kind = CallbackKind;

class ManagerCreationTest : public ManagerTest {
protected:
    void SetUp() override {
        given_member(B, any(G), if2);
        keeps_still(B, Kind::kCreationAlert);
    }
    void until_creation() {
        data(S, G, if1);
        expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2])"});
    }
};

TEST_F(ManagerCreationTest, R8_14_LinkThatJoinsMeanwhileIsEnabledUnasked) {
    until_creation();

    EXPECT_EQ(add(C, any(G), if3), kOk);
    expect({"B: J((*,G),TRUE)"});
    answer(B, Kind::kCreationAlert);

    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    expect({"A: J((S,G),FALSE)"}); // INV-3 once, at the end
}

TEST_F(ManagerCreationTest, R8_14_LinkThatLeavesMeanwhileIsNotThere) {
    until_creation();

    EXPECT_EQ(remove(B, any(G), if2), kOk);
    expect({"A: P((*,G),if2,TRUE)", "C: P((*,G),if2,TRUE)"});
    answer(B, Kind::kCreationAlert);

    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    expect({"A: P((S,G),if1,FALSE)"});
}

TEST_F(ManagerCreationTest, R8_14_ForwardCallsMeanwhileComeAfterTheVetoes) {
    until_creation();
    EXPECT_EQ(add(B, sg(S, G), if2, kForwardState), kOk);
    EXPECT_EQ(add(C, sg(S, G), if3, kForwardState), kOk);
    expect({});

    vetoes(B, {if2});
    answer(B, Kind::kCreationAlert);

    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    expect({"A: J((S,G),FALSE)"});
}

TEST_F(ManagerCreationTest, R8_14_DeleteForwardMeanwhileIsKept) {
    until_creation();
    EXPECT_EQ(remove(B, sg(S, G), if2, kForwardState), kOk);

    answer(B, Kind::kCreationAlert);

    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    expect({"A: P((S,G),if1,FALSE)"});
}

TEST_F(ManagerCreationTest, R8_14_ForwardIsKeptWhileRpfIsOutstanding) {
    keeps_still(A, Kind::kRpf);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)"});
    EXPECT_EQ(add(C, sg(S, G), if3, kForwardState), kOk);

    answer(A, Kind::kRpf);
    expect({"B: CREATION((S,G),if1,[if2])"});
    answer(B, Kind::kCreationAlert);

    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    expect({"A: J((S,G),FALSE)"});
}

TEST_F(ManagerCreationTest, R8_14_IsShownToNobody) {
    until_creation();

    EXPECT_FALSE(is_shown(S, G));
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_EQ(set_upstream(A, sg(S, G), ip("10.0.0.77")), kNotFound);

    answer(B, Kind::kCreationAlert);
    EXPECT_TRUE(is_shown(S, G));
    expect({"A: J((S,G),FALSE)"});
}

TEST_F(ManagerCreationTest, R8_14_RouteThatMovesMeanwhileDropsTheEntry) {
    until_creation();
    recorder.records.clear();

    move_route("10.0.0.0/24", if1, if3);
    expect_plane({"drop (S,G)"});
    expect({});
    data(S, G, if3);
    expect({"C: RPF((S,G),if3)", "B: CREATION((S,G),if3,[if2])"});
    vetoes(B, {if2});
    answer(B, Kind::kCreationAlert); // of the first incarnation
    expect({});
    vetoes(B, {});
    answer(B, Kind::kCreationAlert);

    EXPECT_EQ(forwarding(S, G), "if3 -> if2");
    expect({"C: J((S,G),FALSE)"});
}

TEST_F(ManagerCreationTest, R8_14_NewOwnerOfTheExpectedInterfaceDropsTheEntry) {
    until_creation();

    EXPECT_EQ(release(A, if1), kOk);
    answer(B, Kind::kCreationAlert);

    EXPECT_EQ(forwarding(S, G), "no entry");
    EXPECT_FALSE(is_shown(S, G));
    expect({});
}

TEST_F(ManagerCreationTest, R8_08_RecipientsOfCreationAnswerInParallel) {
    given_member(C, any(G), if3);
    keeps_still(C, Kind::kCreationAlert);
    vetoes(C, {if3});
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2])", "C: CREATION((S,G),if1,[if3])"});

    pass(999ms);
    answer(C, Kind::kCreationAlert);
    expect({});
    pass(1ms); // B is overdue: all of its links are enabled

    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    expect({"A: J((S,G),FALSE)"});
    vetoes(B, {if2});
    answer(B, Kind::kCreationAlert); // late
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    expect({});
}

TEST_F(ManagerCreationTest, R8_08_VetoDoesNotCountWhenCoverageHasChanged) {
    until_creation();
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    forget();
    given_member(B, any(G), if2);

    vetoes(B, {if2});
    answer(B, Kind::kCreationAlert);

    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    expect({"A: J((S,G),FALSE)"});
}

TEST_F(ManagerCreationTest, R8_08_VetoDoesNotCountWhenTheOwnerHasChanged) {
    given_owner(I, if5);
    given_owner(B, if5);
    given_member(I, any(G), if5);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2,if5+IGMP])"});

    EXPECT_EQ(release(B, if5), kOk);
    forget();
    given_member(I, any(G), if5);
    vetoes(B, {if2, if5});
    answer(B, Kind::kCreationAlert);

    EXPECT_EQ(forwarding(S, G), "if1 -> if5");
    expect({"A: J((S,G),FALSE)"});
}

TEST_F(ManagerCreationTest, R8_14_VetoedLinkMayGoWhileOthersAreAsked) {
    given_member(C, any(G), if3);
    keeps_still(C, Kind::kCreationAlert);
    data(S, G, if1);
    forget();
    answer(B, Kind::kCreationAlert, CreationReply{.vetoed = std::span(&if2, 1)});
    EXPECT_EQ(release(B, if2), kOk);
    forget();

    answer(C, Kind::kCreationAlert, CreationReply{.vetoed = std::span(&if3, 1)});

    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    expect({"A: P((S,G),if1,FALSE)"});
}

TEST_F(ManagerCreationTest, S3_2_OneWhoEndsIsNotWaitedFor) {
    given_member(C, any(G), if3);
    data(S, G, if1);
    forget();
    ASSERT_EQ(forwarding(S, G), "no entry");

    client_ended(B);

    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    forget();
}

} // namespace
} // namespace control::manager::test
