// SPDX-License-Identifier: BSD-3-Clause
// Who owns a link, and how it changes hands: mgm-spec 1.3, 2.3, 2.4, 2.5.
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST_F(ManagerTest, T02_StartupWithIgmpThere) {
    EXPECT_EQ(take(I, if4), kOk);
    EXPECT_EQ(add(I, any(G), if4), kOk);
    expect({"A: J((*,G),TRUE)", "B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    EXPECT_EQ(owner(if4), "I");
    data(S2, G, if2);
    expect({"B: RPF((S2,G),if2)", "B: J((S2,G),FALSE)"});
    EXPECT_EQ(forwarding(S2, G), "if2 -> if4");
    forget();

    EXPECT_EQ(take(A, if4), kOk);
    expect({"I: DISABLE(if4)", "A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)",
            "C: P((*,G),if4,TRUE)", "I: ENABLE(if4)"});
    EXPECT_EQ(owner(if4), "A");

    EXPECT_EQ(add(I, any(G), if4), kOk);
    expect({"A: LJ((*,G),if4)", "B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    EXPECT_EQ(forwarding(S2, G), "if2 -> if4");
    EXPECT_EQ(gaps(S2, G, if4), 0U); // 8.6
    pass(std::chrono::seconds(61));
    EXPECT_EQ(gaps(S2, G, if4), 0U);
}

TEST_F(ManagerTest, T03_IgmpThatAddsInsideEnableIsRefusedAndNothingHangs) {
    given_owner(I, if4);
    given_member(I, any(G), if4);
    keeps_still(I, CallbackKind::kEnableIgmp);
    const Outcome taking = take(A, if4);
    expect({"I: DISABLE(if4)", "A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)",
            "C: P((*,G),if4,TRUE)", "I: ENABLE(if4)"});
    ASSERT_TRUE(taking.waits());

    inside = CallbackKind::kEnableIgmp;
    EXPECT_EQ(add(I, any(G), if4), kCanNotComplete);
    inside.reset();

    EXPECT_THAT(groups(), IsEmpty());
    answer(I, CallbackKind::kEnableIgmp);
    EXPECT_EQ(taking, kOk);
    expect({});
}

TEST_F(ManagerTest, T04_IgmpOnAProtocolsInterface) {
    EXPECT_EQ(take(I, if1), kOk);
    expect({});
    EXPECT_EQ(owner(if1), "A");

    EXPECT_EQ(add(I, any(G), if1), kOk);
    expect({"A: LJ((*,G),if1)", "B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
}

TEST_F(ManagerTest, T05_OwnershipConflict) {
    EXPECT_EQ(take(B, if1), kAlreadyExists);
    EXPECT_THAT(events(), Contains(Event::kEnabledByOther));
    EXPECT_EQ(owner(if1), "A");

    EXPECT_EQ(take(A, if1), kAlreadyExists);
    EXPECT_THAT(events(), Contains(Event::kEnabledByThis));
    expect({});
}

TEST_F(ManagerTest, T05_ConflictOnALinkWithIgmpDisturbsNobody) {
    given_owner(I, if1);

    EXPECT_EQ(take(B, if1), kAlreadyExists);
    EXPECT_EQ(take(I, if1), kAlreadyExists);
    Client igmp2 = group_management("I2", mgm::Family::kIpv4);
    igmp2.registration.identity.component = 2;
    given_client(igmp2);
    EXPECT_EQ(take(igmp2, if1), kAlreadyExists);
    expect({});
}

TEST_F(ManagerTest, T06_NextHopIsPartOfTheKey) {
    const Link towards_33 = link(9, "198.51.100.33");
    const Link towards_34 = link(9, "198.51.100.34");

    EXPECT_EQ(take(A, towards_33), kOk);
    EXPECT_EQ(take(B, towards_34), kOk);

    EXPECT_EQ(owner(towards_33), "A");
    EXPECT_EQ(owner(towards_34), "B");
    EXPECT_EQ(owner(link(9)), "nobody");
    EXPECT_EQ(add(A, any(G), towards_34), kInvalidParameter);
}

TEST_F(ManagerTest, T09_ShutdownWithIgmp) {
    given_owner(I, if1);
    given_member(I, any(G), if1);
    data(S2, G, if2);
    expect({"B: RPF((S2,G),if2)", "A: CREATION((S2,G),if2,[if1+IGMP])", "B: J((S2,G),FALSE)"});
    given_entry(S, G, if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");

    EXPECT_EQ(release(A, if1), kOk);
    expect({"I: DISABLE(if1)", "B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)", "I: ENABLE(if1)"});
    EXPECT_EQ(owner(if1), "I");
    EXPECT_THAT(groups(), IsEmpty());
    EXPECT_EQ(forwarding(S, G), "no entry");

    EXPECT_EQ(add(I, any(G), if1), kOk);
    expect({"A: J((*,G),TRUE)", "B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    pass(std::chrono::seconds(61));
    EXPECT_EQ(forwarding(S2, G), "if2 -> if1");
    EXPECT_EQ(gaps(S2, G, if1), 0U); // 8.6
}

TEST_F(ManagerTest, T26_OnlyTheOwnerChangesMembership) {
    given_member(A, any(G), if1);

    EXPECT_EQ(remove(B, any(G), if1), kInvalidParameter);
    EXPECT_EQ(remove(I, any(G), if1), kInvalidParameter);
    EXPECT_EQ(remove(B, any(G), if4), kNotFound);
    EXPECT_EQ(add(B, any(G), if1), kInvalidParameter);
    EXPECT_EQ(add(I, any(G), if1), kInvalidParameter);
    EXPECT_EQ(add(B, any(G), if4), kInvalidParameter);
    EXPECT_THAT(groups(), ElementsAre("(*,G)"));
    expect({});
}

TEST_F(ManagerTest, S2_4_ReleasesOnlyWhatIsTheCallers) {
    EXPECT_EQ(release(B, if1), kInvalidParameter);
    EXPECT_EQ(release(I, if1), kInvalidParameter);
    EXPECT_EQ(release(A, if4), kInvalidParameter);
    EXPECT_THAT(events(), Contains(Event::kInterfaceNotFound));
    EXPECT_EQ(release(A, if1), kOk);
    EXPECT_EQ(release(A, if1), kInvalidParameter);
    expect({});
}

TEST_F(ManagerTest, S2_4_ReleaseAlertsKeyByKeyThenEntryByEntry) {
    given_member(B, any(G2), if2);
    given_member(B, sg(S, G), if2);
    given_member(B, any(G), if2);
    given_member(B, any_group(), if2);
    given_entry(S, G2, if1);
    given_entry(S, G, if1);

    EXPECT_EQ(release(B, if2), kOk);

    expect({"A: P((*,*),if2,TRUE)", "C: P((*,*),if2,TRUE)", "A: P((*,G),if2,TRUE)",
            "C: P((*,G),if2,TRUE)", "A: P((S,G),if2,TRUE)", "A: P((*,G2),if2,TRUE)",
            "C: P((*,G2),if2,TRUE)", "A: P((S,G),if1,FALSE)", "A: P((S,G2),if1,FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing"); // A13: only edited
    EXPECT_EQ(forwarding(S, G2), "if1 -> nothing");
    EXPECT_EQ(owner(if2), "nobody");
}

TEST_F(ManagerTest, S2_4_IgmpThatReleasesLeavesTheLinkToItsOwner) {
    given_owner(I, if1);
    given_member(I, any(G2), if1);
    given_member(I, any(G), if1);

    EXPECT_EQ(release(I, if1), kOk);

    expect({"A: LL((*,G),if1)", "A: LL((*,G2),if1)", "B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)",
            "B: P((*,G2),if1,TRUE)", "C: P((*,G2),if1,TRUE)"});
    EXPECT_EQ(owner(if1), "A");
}

TEST_F(ManagerTest, S2_4_IgmpThatReleasesALinkOfItsOwn) {
    given_owner(I, if4);
    given_member(I, any(G), if4);

    EXPECT_EQ(release(I, if4), kOk);

    expect({"A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)", "C: P((*,G),if4,TRUE)"});
    EXPECT_EQ(owner(if4), "nobody");
}

TEST_F(ManagerTest, S1_3_LinkMayChangeHandsEndlessly) {
    given_owner(I, if4);
    for (const Client *next : {&A, &B, &C, &A}) {
        EXPECT_EQ(take(*next, if4), kOk);
        expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});
        EXPECT_EQ(owner(if4), next->name);
        EXPECT_EQ(release(*next, if4), kOk);
        expect({"I: DISABLE(if4)", "I: ENABLE(if4)"});
        EXPECT_EQ(owner(if4), "I");
    }
}

} // namespace
} // namespace control::manager::test
