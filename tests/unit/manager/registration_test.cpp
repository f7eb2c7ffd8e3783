// SPDX-License-Identifier: BSD-3-Clause
// Coming and going in good order: mgm-spec 2.1, 2.2, 8.11, 8.21.
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Not;

TEST_F(ManagerTest, T01_StartupWithoutIgmp) {
    Client d = routing("D", 5);
    EXPECT_EQ(register_client(d), kOk);
    EXPECT_EQ(owner(if4), "nobody");
    EXPECT_EQ(take(d, if4), kOk);
    EXPECT_EQ(owner(if4), "D");

    const Outcome enumeration = start_enumeration(d);
    EXPECT_EQ(enumeration, kOk);
    std::array<SourceGroup, 3> page;
    std::size_t count = 37;
    EXPECT_EQ(manager->next_groups(enumeration.handle(), page, count), kNoMoreItems);
    EXPECT_EQ(count, 0U);
    EXPECT_EQ(manager->end_enumeration(enumeration.handle()), kOk);
    EXPECT_EQ(manager->end_enumeration(enumeration.handle()), kInvalidParameter);
    expect({});
}

TEST_F(ManagerTest, T07_SecondRegistrationOfTheSamePairIsRefused) {
    Client twin = routing("twin of A", 3);
    EXPECT_EQ(register_client(twin), kAlreadyExists);
    EXPECT_THAT(events(), Contains(Event::kComponentRegistered));

    Client sister = routing("other component", 300);
    EXPECT_EQ(register_client(sister), kOk);
    EXPECT_NE(sister.handle, A.handle);
}

TEST_F(ManagerTest, R8_1_OfAVrfAndFamilyThereIsOneStaticClient) {
    Client first = configuration("K");
    ASSERT_EQ(register_client(first), kOk);
    Client second = configuration("L");
    second.registration.identity.protocol = 4711;
    EXPECT_EQ(register_client(second), kAlreadyExists);
    second.registration.families = Families::kBoth;
    EXPECT_EQ(register_client(second), kAlreadyExists);
    second.registration.families = Families::kIpv6;
    EXPECT_EQ(register_client(second), kOk);
    Client elsewhere = configuration("M");
    elsewhere.registration.identity.protocol = 4711;
    elsewhere.registration.vrf = mgm::Vrf{3};
    EXPECT_EQ(register_client(elsewhere), kOk);
}

TEST_F(ManagerTest, R8_17_HoldTimeHasBounds) {
    Client d = routing("D", 5);
    d.registration.hold = kLongestHold + Time(1);
    EXPECT_EQ(register_client(d), kInvalidParameter);
    d.registration.hold = Time(-1);
    EXPECT_EQ(register_client(d), kInvalidParameter);
    d.registration.hold = kLongestHold;
    EXPECT_EQ(register_client(d), kOk);
}

TEST_F(ManagerTest, T08_DeregistersOnlyWhoOwnsNothing) {
    EXPECT_EQ(deregister(A), kCanNotComplete);
    EXPECT_THAT(events(), Contains(Event::kStillEnabled));
    EXPECT_EQ(add(A, any(G), if1), kOk); // the handle still works
    expect({"B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});

    EXPECT_EQ(release(A, if1), kOk);
    expect({"B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)"});
    EXPECT_EQ(deregister(A), kOk);

    EXPECT_THAT(events(), Not(Contains(Event::kBadHandle)));
    EXPECT_EQ(take(A, if4), kInvalidParameter);
    EXPECT_THAT(events(), Contains(Event::kBadHandle));
    EXPECT_EQ(deregister(A), kInvalidParameter);
    EXPECT_EQ(owner(if1), "nobody");
}

TEST_F(ManagerTest, T14_LateRegistrantHearsOfTheEndNotOfTheBeginning) {
    given_owner(A, if5);
    given_member(A, any(G), if1);
    given_member(A, any(G), if5);
    given_member(B, any(G), if2);
    given_member(C, any(G), if3);

    Client d = routing("D", 5);
    EXPECT_EQ(register_client(d), kOk);
    expect({});
    const Outcome enumeration = start_enumeration(d);
    EXPECT_THAT(rest_of(enumeration.handle()), ElementsAre("(*,G)"));

    EXPECT_EQ(remove(A, any(G), if5), kOk);
    EXPECT_EQ(remove(C, any(G), if3), kOk);
    expect({});
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    expect({"A: P((*,G),if2,TRUE)"});
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    expect({"B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)", "D: P((*,G),if1,TRUE)"});
}

// 8.19: the baseline of INV-1 is the truth at Register.
TEST_F(ManagerTest, R8_19_LateRegistrantIsNotToldWhatWasTrueAtRegistration) {
    given_member(B, any(G), if2);
    Client d = routing("D", 5);
    given_client(d);
    given_owner(d, if4);

    EXPECT_EQ(add(A, any(G), if1), kOk);
    expect({"B: J((*,G),TRUE)"}); // D counts as alerted
    EXPECT_EQ(add(d, any(G), if4), kOk);
    expect({});
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    expect({"D: P((*,G),if2,TRUE)"});
}

TEST_F(ManagerTest, A3_NothingIsDeliveredThatWasNotRegistered) {
    Client deaf = routing("deaf", 5);
    deaf.registration.callbacks = {CallbackKind::kPruneAlert};
    given_client(deaf);

    EXPECT_EQ(add(A, any(G), if1), kOk);
    expect({"B: J((*,G),TRUE)", "C: J((*,G),TRUE)"});
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    expect({"B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)", "deaf: P((*,G),if1,TRUE)"});
}

TEST_F(ManagerTest, R8_21_RegistrationsThatMakeNoSenseAreRefused) {
    Client strange = routing("strange role", 5);
    strange.registration.role = static_cast<Role>(9);
    EXPECT_EQ(register_client(strange), kInvalidParameter);

    Client speechless = routing("no family", 5);
    speechless.registration.families = static_cast<Families>(0);
    EXPECT_EQ(register_client(speechless), kInvalidParameter);

    Client unreachable = group_management("IGMP without DISABLE", mgm::Family::kIpv4);
    unreachable.registration.identity.component = 5;
    unreachable.registration.callbacks = {CallbackKind::kEnableIgmp};
    EXPECT_EQ(register_client(unreachable), kInvalidParameter); // A3
}

TEST_F(ManagerTest, S2_2_HandleIsNobodysForEver) {
    std::set<Handle> seen = {A, B, C, I};
    for (int i = 0; i < 300; ++i) {
        Client d = routing("D", 5);
        ASSERT_EQ(register_client(d), kOk);
        ASSERT_TRUE(seen.insert(d.handle).second) << "handle of life " << i;
        ASSERT_EQ(deregister(d), kOk);
        forget();
    }
}

TEST_F(ManagerTest, S2_2_IdentityMayBeUsedAgainAtOnce) {
    Client first = routing("first D", 5);
    given_client(first);
    EXPECT_EQ(deregister(first), kOk);

    Client second = routing("second D", 5);
    EXPECT_EQ(register_client(second), kOk);
    EXPECT_EQ(take(first, if4), kInvalidParameter);
    EXPECT_EQ(take(second, if4), kOk);
    EXPECT_EQ(owner(if4), "second D");
}

TEST_F(ManagerTest, R8_10_SlotOfIgmpCountsAsOwned) {
    given_owner(I, if1);

    EXPECT_EQ(deregister(I), kCanNotComplete);
    EXPECT_EQ(release(I, if1), kOk);
    EXPECT_EQ(deregister(I), kOk);
}

TEST_F(ManagerTest, R8_10_PendingTakeCountsAsOwned) {
    Client d = routing("D", 5);
    given_client(d);
    given_owner(I, if4);
    keeps_still(I, CallbackKind::kDisableIgmp);
    const Outcome taking = take(d, if4);
    ASSERT_TRUE(taking.waits());
    expect({"I: DISABLE(if4)"});

    EXPECT_EQ(deregister(d), kCanNotComplete);

    answer(I, CallbackKind::kDisableIgmp);
    EXPECT_EQ(taking, kOk);
    expect({"I: ENABLE(if4)"});
}

TEST_F(ManagerTest, R8_11_DeregisterEndsEverythingInOneStep) {
    Client d = routing("D", 5);
    given_client(d);
    const Outcome enumeration = start_enumeration(d);
    keeps_still(d, CallbackKind::kJoinAlert);
    EXPECT_EQ(add(A, any(G), if1), kOk);
    expect({"B: J((*,G),TRUE)", "C: J((*,G),TRUE)", "D: J((*,G),TRUE)"});
    const CallbackId undelivered = recorder.outstanding.back().id;

    EXPECT_EQ(deregister(d), kOk); // waits for no callback: that is the library's part

    expect_order({"D is gone", "deregister(D) = 0"});
    std::array<SourceGroup, 3> page;
    std::size_t count = 0;
    EXPECT_EQ(manager->next_groups(enumeration.handle(), page, count), kInvalidParameter);
    EXPECT_EQ(manager->end_enumeration(enumeration.handle()), kInvalidParameter);
    manager->returned(d, undelivered, std::monostate{}, now);
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    expect({"B: P((*,G),if1,TRUE)", "C: P((*,G),if1,TRUE)"});
}

TEST_F(ManagerTest, R8_11_OutstandingRequestsOfOneWhoGoesAreAnsweredByDefault) {
    given_member(B, any(G), if2);
    given_member(C, any(G), if3);
    keeps_still(C, CallbackKind::kCreationAlert);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2])", "C: CREATION((S,G),if1,[if3])"});

    EXPECT_EQ(release(C, if3), kOk);
    EXPECT_THAT(callbacks(), Contains("B: P((*,G),if3,TRUE)"));
    forget();
    EXPECT_EQ(deregister(C), kOk);
    forget();

    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
}

TEST_F(ManagerTest, S2_1_FailedRegistrationLeavesNothing) {
    recorder.takes_clients = false;
    Client d = routing("D", 5);
    EXPECT_EQ(register_client(d), kNotEnoughMemory);
    EXPECT_THAT(callbacks(), IsEmpty());

    recorder.takes_clients = true;
    EXPECT_EQ(register_client(d), kOk);
}

} // namespace
} // namespace control::manager::test
