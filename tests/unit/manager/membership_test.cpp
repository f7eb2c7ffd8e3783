// SPDX-License-Identifier: BSD-3-Clause
// Who hears of joins and leaves at a wildcard key: INV-1, the credit rule, static memberships.
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(ManagerTest, T10_FirstSecondAndThirdJoin) {
    given_owner(A, if5);

    EXPECT_EQ(add(A, any(G), if1), kOk);
    expect({"B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    EXPECT_EQ(add(B, any(G), if2), kOk);
    expect({"A: J((*,G),TRUE)"});
    EXPECT_EQ(add(C, any(G), if3), kOk);
    EXPECT_EQ(add(A, any(G), if5), kOk);
    for (const auto &[client, on] : {std::pair(A.handle, if1), {B, if2}, {C, if3}, {A, if5}})
        EXPECT_EQ(add(client, any(G), on), kOk);
    expect({});
}

TEST_F(ManagerTest, T10_IgmpIsAlertedWhenItAskedToBe) {
    Client curious = group_management("I2", mgm::Family::kIpv4);
    curious.registration.identity.component = 2;
    curious.registration.callbacks = {CallbackKind::kDisableIgmp, CallbackKind::kEnableIgmp,
                                      CallbackKind::kJoinAlert};
    given_client(curious);

    EXPECT_EQ(add(A, any(G), if1), kOk);
    expect({"B: J((*,G),TRUE)", "C: J((*,G),TRUE)", "I2: J((*,G),TRUE)"});
}

TEST_F(ManagerTest, T11_LastOnesToLeave) {
    given_owner(A, if5);
    for (const auto &[client, on] : {std::pair(A.handle, if1), {B, if2}, {C, if3}, {A, if5}})
        given_member(client, any(G), on);

    EXPECT_EQ(remove(A, any(G), if5), kOk);
    EXPECT_EQ(remove(C, any(G), if3), kOk);
    expect({});
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    expect({"A: P((*,G),if2,TRUE)"});
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    expect({"B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)"});
    EXPECT_EQ(remove(A, any(G), if1), kNotFound);
    expect({});
}

TEST_F(ManagerTest, T12_SourceSpecificJoinsAreForTheOwnerOfTheRpfInterface) {
    given_owner(A, if5);

    EXPECT_EQ(add(B, sg(S, G), if2), kOk);
    expect({"A: J((S,G),TRUE)"});
    EXPECT_EQ(add(C, sg(S, G), if3), kOk);
    EXPECT_EQ(remove(C, sg(S, G), if3), kOk);
    expect({});
    EXPECT_EQ(remove(B, sg(S, G), if2), kOk);
    expect({"A: P((S,G),if2,TRUE)"});
    EXPECT_EQ(add(A, sg(S, G), if5), kOk);
    expect({});
}

TEST_F(ManagerTest, T13_AllGroupsAndOneGroupAreCountedApart) {
    EXPECT_EQ(add(A, any_group(), if1), kOk);
    expect({"B: J((*,*),TRUE)", "C: J((*,*),TRUE)"});
    EXPECT_EQ(add(A, any(G), if1), kOk);
    expect({"B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    EXPECT_EQ(remove(A, any_group(), if1), kOk);
    expect({"B: P((*,*),if1,TRUE)", "C: P((*,*),if1,TRUE)"});
}

TEST_F(ManagerTest, T15_HostJoinsThroughIgmp) {
    given_owner(I, if4);
    EXPECT_EQ(add(I, any(G), if4), kOk);
    expect({"A: J((*,G),TRUE)", "B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});

    World upstream; // B of the first router told it
    EXPECT_EQ(upstream.add(upstream.B, any(G), upstream.if2), kOk);
    upstream.expect({"A: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    upstream.finish();
}

TEST_F(ManagerTest, T16_HostLeaves) {
    given_owner(I, if1);
    given_owner(I, if4);
    given_member(I, any(G), if1);
    given_member(I, any(G2), if4);

    EXPECT_EQ(remove(I, any(G), if1), kOk);
    expect({"A: LL((*,G),if1)", "B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)"});
    EXPECT_EQ(remove(I, any(G2), if4), kOk);
    expect({"A: P((*,G2),if4,TRUE)", "B: P((*,G2),if4,TRUE)", "C: P((*,G2),if4,TRUE)"});
}

// A5: on an owned link IGMP's membership counts as the owner's.
TEST_F(ManagerTest, A5_OwnerAndIgmpOnOneLinkAreOneMember) {
    given_owner(I, if1);
    given_member(I, any(G), if1);

    EXPECT_EQ(add(A, any(G), if1), kOk);
    expect({});
    EXPECT_EQ(add(B, any(G), if2), kOk);
    expect({"A: J((*,G),TRUE)"});
    EXPECT_EQ(remove(I, any(G), if1), kOk);
    expect({"A: LL((*,G),if1)"});
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    expect({"B: P((*,G),if1,TRUE)"});
}

TEST_F(ManagerTest, A7_IgmpsRepetitionsAreNotToldAgain) {
    given_owner(I, if1);
    given_member(I, any(G), if1);

    EXPECT_EQ(add(I, any(G), if1), kOk);
    expect({});
    EXPECT_EQ(remove(I, any(G), if1), kOk);
    expect({"A: LL((*,G),if1)", "B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)"});
    EXPECT_EQ(remove(I, any(G), if1), kNotFound);
    expect({});
}

TEST_F(ManagerTest, A5_OwnersEntryIsNotIgmpsToDelete) {
    given_owner(I, if1);
    given_member(A, any(G), if1);

    EXPECT_EQ(remove(I, any(G), if1), kNotFound);
    expect({});
    EXPECT_THAT(groups(), ElementsAre("(*,G)"));
}

TEST_F(ManagerTest, R8_19_LocalThenTrueThenFalse) {
    given_owner(I, if2);
    given_entry(S, G, if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");

    EXPECT_EQ(add(I, any(G), if2), kOk);
    expect({"B: LJ((*,G),if2)", "A: J((*,G),TRUE)", "C: J((*,G),TRUE)", "A: J((S,G),FALSE)"});
    EXPECT_EQ(remove(I, any(G), if2), kOk);
    expect({"B: LL((*,G),if2)", "A: P((*,G),if2,TRUE)", "C: P((*,G),if2,TRUE)",
            "A: P((S,G),if1,FALSE)"});
}

TEST_F(ManagerTest, R8_19_FalseAlertsOfManyEntriesComeByGroupAndSource) {
    const mgm::IpAddress low = ip("10.0.0.3");
    for (const auto &[source, group] : {std::pair(S, G2), {S, G}, {low, G2}, {low, G}})
        given_entry(source, group, if1);

    EXPECT_EQ(add(B, any_group(), if2), kOk);
    expect({"A: J((*,*),TRUE)", "C: J((*,*),TRUE)", "A: J((10.0.0.3,G),FALSE)", "A: J((S,G),FALSE)",
            "A: J((10.0.0.3,G2),FALSE)", "A: J((S,G2),FALSE)"});
}

// --- 8.1 (a)

TEST_F(ManagerTest, R8_01_StaticMembershipIsAClientOfItsOwn) {
    Client k = configuration("K");
    given_client(k);
    EXPECT_EQ(take(k, if4), kInvalidParameter);

    EXPECT_EQ(add(k, any(G), if1), kOk); // A's link, and A is told as of anybody else's
    expect({"A: J((*,G),TRUE)", "B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    EXPECT_EQ(add(k, any(G), if4), kOk); // nobody's
    EXPECT_EQ(owner(if4), "nobody");
    EXPECT_THAT(groups(), ElementsAre("(*,G)"));
    EXPECT_EQ(remove(k, any(G), if1), kOk);
    expect({});
    EXPECT_EQ(remove(k, any(G), if4), kOk);
    expect({"A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)", "C: P((*,G),if4,TRUE)"});
}

TEST_F(ManagerTest, R8_01_StaticMembershipStaysWhenTheOwnerGoes) {
    Client k = configuration("K");
    given_client(k);
    given_member(k, any(G), if2);
    given_entry(S, G, if1);

    EXPECT_EQ(release(B, if2), kOk);

    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    expect({});
}

TEST_F(ManagerTest, R8_01_LinkHeldByStaticAloneIsNotTheOwners) {
    Client k = configuration("K");
    given_client(k);
    given_owner(A, if5);
    given_member(k, any(G), if5);

    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "A: CREATION((S,G),if1,[if5])", "A: J((S,G),FALSE)"});
    EXPECT_EQ(add(A, any(G), if5), kOk); // now it is A's own, too
    expect({"A: P((S,G),if1,FALSE)"});
}

TEST_F(ManagerTest, R8_01_StaticMembershipCannotBeVetoed) {
    Client k = configuration("K");
    given_client(k);
    given_member(k, any(G), if2);
    vetoes(B, {if2});

    given_entry(S, G, if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    EXPECT_EQ(remove(B, sg(S, G), if2, kForwardState), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    expect({});
}

TEST_F(ManagerTest, R8_01_MembershipsOfTheConfigurationGoWithIt) {
    Client k = configuration("K");
    given_client(k);
    given_member(k, any(G), if4);

    client_ended(k);

    expect({"A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)", "C: P((*,G),if4,TRUE)"});
    EXPECT_THAT(groups(), IsEmpty());
}

} // namespace
} // namespace control::manager::test
