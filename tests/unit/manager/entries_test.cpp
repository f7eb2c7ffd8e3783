// SPDX-License-Identifier: BSD-3-Clause
// The life of an entry: T17-T23 and INV-3.
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using Kind = CallbackKind;

TEST_F(ManagerTest, T17_NewSource) {
    given_member(B, any(G), if2);
    given_member(C, any(G), if3);
    keeps_still(A, Kind::kRpf);
    keeps_still(B, Kind::kCreationAlert);
    keeps_still(C, Kind::kCreationAlert);

    data(S, G, if1);
    expect({"A: RPF((S,G),if1)"});
    EXPECT_EQ(recorder.outstanding.back().header.size(), 6U);
    data(S, G, if1); // a second upcall was under way
    expect({});

    answer(A, Kind::kRpf);
    expect({"B: CREATION((S,G),if1,[if2])", "C: CREATION((S,G),if1,[if3])"}); // none for A
    answer(C, Kind::kCreationAlert);
    EXPECT_EQ(forwarding(S, G), "no entry");
    EXPECT_FALSE(is_shown(S, G)); // 8.14
    expect_plane({});

    answer(B, Kind::kCreationAlert);
    expect_plane({"install (S,G) if1 -> if2,if3", "release (S,G)"});
    expect({"A: J((S,G),FALSE)"});
    const EntryInfo shown = info(S, G);
    EXPECT_EQ(shown.state, EntryState::kActive);
    EXPECT_EQ(shown.in, if1);
    EXPECT_EQ(shown.in_protocol, A.registration.identity.protocol);
    EXPECT_EQ(shown.timeout, 900s);
    EXPECT_EQ(shown.up_time, 0s);
    EXPECT_EQ(shown.route.prefix, prefix("10.0.0.0/24"));
    EXPECT_EQ(shown.route.protocol, static_cast<std::uint32_t>(RouteProtocol::kLocal));
}

TEST_F(ManagerTest, T17_NeighbourTowardsTheSourceIsHandedOver) {
    add_route("10.0.0.0/28", if2, "10.0.2.9");

    data(S, G, if1);

    expect({"B: RPF((S,G),if2 from 10.0.2.9)", "B: P((S,G),if2,FALSE)"});
    EXPECT_EQ(info(S, G).upstream, ip("10.0.2.9"));
    EXPECT_EQ(info(S, G).route.prefix, prefix("10.0.0.0/28"));
    EXPECT_EQ(info(S, G).route.protocol, static_cast<std::uint32_t>(RouteProtocol::kStatic));
}

TEST_F(ManagerTest, T17_EveryLevelOfMembershipMakesAnOif) {
    given_owner(A, if4);
    given_owner(C, if5);
    given_member(B, any_group(), if2);
    given_member(C, any(G), if3);
    given_member(A, sg(S, G), if4);
    given_member(C, any(G2), if5);

    data(S, G, if1);

    expect({"A: RPF((S,G),if1)", "A: CREATION((S,G),if1,[if4])", "B: CREATION((S,G),if1,[if2])",
            "C: CREATION((S,G),if1,[if3])", "A: J((S,G),FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3,if4");
}

TEST_F(ManagerTest, T17_OneCreationAlertNamesAllLinksOfAProtocol) {
    given_owner(I, if5);
    given_owner(B, if5);
    given_member(I, any(G), if5);
    given_member(B, any(G), if2);

    data(S, G, if1);

    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2,if5+IGMP])", "A: J((S,G),FALSE)"});
}

TEST_F(ManagerTest, T17_IgmpIsAskedAboutItsOwnLinksWhenItWantsToBe) {
    Client careful = group_management("I2", mgm::Family::kIpv4);
    careful.registration.identity.component = 2;
    careful.registration.callbacks = {Kind::kDisableIgmp, Kind::kEnableIgmp, Kind::kCreationAlert};
    given_client(careful);
    given_owner(careful, if4);
    given_owner(careful, if2);
    given_member(careful, any(G), if4);
    given_member(careful, any(G), if2);
    vetoes(careful, {if4});

    data(S, G, if1);

    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2+IGMP])",
            "I2: CREATION((S,G),if1,[if4+IGMP])", "A: J((S,G),FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
}

TEST_F(ManagerTest, T17_PacketHeldWhileTheEntryWasBeingMadeIsReleased) {
    given_member(B, any(G), if2);
    given_entry(S, G, if1);

    data(S, G, if1); // its worker had not seen the entry yet

    expect_plane({"release (S,G)"});
    expect({});
}

TEST_F(ManagerTest, T18_RpfAnswerReplacesTheIncomingInterface) {
    given_owner(A, if5);
    given_member(B, any(G), if2);
    answers_rpf(A, {.in = if5,
                    .upstream = ip("10.7.7.7"),
                    .route = {.protocol = 13, .prefix = prefix("10.0.0.0/9")}});

    data(S, G, if1);

    expect_plane(
        {"install (S,G) if5 -> if2", "release (S,G)"}); // which looks the first one up again
    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if5,[if2])", "A: J((S,G),FALSE)"});
    EXPECT_EQ(info(S, G).in, if5);
    EXPECT_EQ(info(S, G).upstream, ip("10.7.7.7"));
    EXPECT_EQ(info(S, G).route.protocol, 13U);
    EXPECT_EQ(info(S, G).route.prefix, prefix("10.0.0.0/9"));
}

TEST_F(ManagerTest, T18_R8_20_AnswerWithAnotherClientsInterfaceIsRefusedAsAWhole) {
    given_member(B, any(G), if2);
    given_member(C, any(G), if3);
    for (const Link &not_a_s : {if2, if4}) {
        answers_rpf(A, {.in = not_a_s,
                        .upstream = ip("10.7.7.7"),
                        .route = {.protocol = 13, .prefix = prefix("10.0.0.0/9")}});
        data(S, G, if1);
        expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2])", "C: CREATION((S,G),if1,[if3])",
                "A: J((S,G),FALSE)"});
        EXPECT_THAT(events(), Contains(Event::kRpfRefused));
        EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
        EXPECT_EQ(info(S, G).upstream, mgm::IpAddress{});
        EXPECT_EQ(info(S, G).route.prefix, prefix("10.0.0.0/24"));
        pass(900s);
    }
}

TEST_F(ManagerTest, T18_IncomingInterfaceOfTheAnswerIsNoOif) {
    given_owner(A, if5);
    given_member(A, any(G), if5);
    given_member(A, any(G), if1);
    answers_rpf(A, {.in = if5, .upstream = {}, .route = {}});

    data(S, G, if1);

    expect({"A: RPF((S,G),if1)", "A: CREATION((S,G),if5,[if1])"});
    EXPECT_EQ(forwarding(S, G), "if5 -> if1");
}

TEST_F(ManagerTest, T19_VetoIsForThisEntryAndItsLife) {
    given_member(B, any(G), if2);
    given_member(C, any(G), if3);
    vetoes(C, {if3});
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2])", "C: CREATION((S,G),if1,[if3])",
            "A: J((S,G),FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");

    EXPECT_EQ(add(C, sg(S, G), if3, kForwardState), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    EXPECT_THAT(groups(), ElementsAre("(*,G)"));
    EXPECT_EQ(remove(C, sg(S, G), if3, kForwardState), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    expect({});

    pass(900s);
    EXPECT_EQ(forwarding(S, G), "no entry");
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2])", "C: CREATION((S,G),if1,[if3])",
            "A: J((S,G),FALSE)"});
}

TEST_F(ManagerTest, T19_VetoOfForeignOrUnaskedLinksHasNoEffect) {
    given_member(B, any(G), if2);
    given_member(C, any(G), if3);
    vetoes(C, {if2, if4, if1});

    given_entry(S, G, if1);

    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
}

TEST_F(ManagerTest, T19_EntryWithEverythingVetoedIsNegative) {
    given_member(B, any(G), if2);
    vetoes(B, {if2});

    data(S, G, if1);

    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2])", "A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(info(S, G).state, EntryState::kNegative);
}

TEST_F(ManagerTest, T20_NegativeEntry) {
    answers_prune(A, 60);
    data(S, G2, if1);
    expect_plane({"install (S,G2) if1 -> nothing", "release (S,G2)"}); // to be dropped and counted
    expect({"A: RPF((S,G2),if1)", "A: P((S,G2),if1,FALSE)"});
    EXPECT_EQ(info(S, G2).state, EntryState::kNegative);
    EXPECT_EQ(info(S, G2).timeout, 60s);
    data(S, G2, if1); // an upcall that was under way
    expect({});

    EXPECT_EQ(add(B, any(G2), if2), kOk);
    expect({"A: J((*,G2),TRUE)", "C: J((*,G2),TRUE)", "A: J((S,G2),FALSE)"});
    EXPECT_EQ(forwarding(S, G2), "if1 -> if2");
    EXPECT_EQ(remove(B, any(G2), if2), kOk);
    expect({"A: P((*,G2),if2,TRUE)", "C: P((*,G2),if2,TRUE)", "A: P((S,G2),if1,FALSE)"});
    EXPECT_EQ(forwarding(S, G2), "if1 -> nothing");
}

TEST_F(ManagerTest, T21_IncomingInterfaceIsNeverAnOif) {
    given_member(A, any(G), if1);

    data(S, G, if1);

    expect({"A: RPF((S,G),if1)", "A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    EXPECT_EQ(add(A, sg(S, G), if1, kJoinState | kForwardState), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    expect({});
}

TEST_F(ManagerTest, T22_WrongInterface) {
    given_member(B, any(G), if2);
    given_entry(S, G, if1);

    data_on_wrong_interface(S, G, if2);
    expect({"B: WRONG_IF((S,G),if2)"});
    data_on_wrong_interface(S, G, if2);
    expect({});
    data_on_wrong_interface(S, G, if3); // limited by itself
    expect({"C: WRONG_IF((S,G),if3)"});
    data_on_wrong_interface(S, G, if4);  // nobody's
    data_on_wrong_interface(S, G2, if2); // no such entry
    expect({});
    pass(2999ms);
    data_on_wrong_interface(S, G, if2);
    expect({});
    pass(1ms);
    data_on_wrong_interface(S, G, if2);
    expect({"B: WRONG_IF((S,G),if2)"});
}

TEST_F(ManagerTest, INV3_OwnOifsAreNotToldOthersAre) {
    given_owner(A, if5);
    given_member(A, any(G), if5);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "A: CREATION((S,G),if1,[if5])"}); // only its own

    EXPECT_EQ(add(B, any(G), if2), kOk);
    expect({"A: J((*,G),TRUE)", "A: J((S,G),FALSE)"});
    EXPECT_EQ(add(C, any(G), if3), kOk);
    EXPECT_EQ(remove(A, any(G), if5), kOk); // caused by A itself, and no news to it
    EXPECT_EQ(remove(C, any(G), if3), kOk);
    forget();
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    EXPECT_THAT(callbacks(), Contains("A: P((S,G),if1,FALSE)"));
    forget();
}

TEST_F(ManagerTest, INV3_OwnerOfAnOifThatChangesIsToldToTheIncomingOne) {
    given_owner(I, if4);
    given_member(I, any(G), if4);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "A: J((S,G),FALSE)"});

    EXPECT_EQ(take(A, if4), kOk); // stale: still not A's own
    expect({"I: DISABLE(if4)", "A: P((*,G),if4,TRUE)", "B: P((*,G),if4,TRUE)",
            "C: P((*,G),if4,TRUE)", "I: ENABLE(if4)"});
    EXPECT_EQ(add(I, any(G), if4), kOk); // A's own now
    expect({"A: LJ((*,G),if4)", "B: J((*,G),TRUE)", "C: J((*,G),TRUE)", "A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if4");
}

} // namespace
} // namespace control::manager::test
