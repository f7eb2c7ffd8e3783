// SPDX-License-Identifier: BSD-3-Clause
// Static routes (8.1 b): the calls, and exact routes, which are entries from load on.
#include "manager_harness.hpp"
#include "static_fixture.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = CallbackKind;

// --- calls

TEST_F(StaticRouteTest, R8_1_SecondRouteOfTheSameSourceAndGroupIsRefused) {
    given_static(K, exact({if1}, {if2}));
    EXPECT_EQ(add_static(K, exact({if1}, {if3})), kInvalidParameter);
    EXPECT_EQ(add_static(K, per_source(exact({if1}, {if3}))), kInvalidParameter);
    EXPECT_EQ(way_of(S, G), "if1 -> if2");

    given_static(K, static_route("0.0.0.0/0", "239.0.0.0/8", {if1}, {if3}));
    EXPECT_EQ(add_static(K, static_route("0.0.0.0/0", "239.0.0.0/8", {}, {if2})),
              kInvalidParameter);
}

TEST_F(StaticRouteTest, R8_1_AnyGroupIsEveryGroup) {
    given_static(K, static_route("0.0.0.0/0", "0.0.0.0/0", {if1}, {if3}));
    EXPECT_EQ(wildcard("224.0.0.0/4"), "if1 -> if3");
    EXPECT_EQ(add_static(K, static_route("0.0.0.0/0", "224.0.0.0/4", {if1}, {if2})),
              kInvalidParameter);
    EXPECT_EQ(remove_static(K, static_route("0.0.0.0/0", "224.0.0.0/4", {}, {})), kOk);
    EXPECT_EQ(wildcard("224.0.0.0/4"), "no entry");
}

TEST_F(StaticRouteTest, R8_1_IsForTheRoleStatic) {
    EXPECT_EQ(add_static(A, exact({if1}, {if2})), kInvalidParameter);
    EXPECT_EQ(add_static(I, exact({if1}, {if2})), kInvalidParameter);
    EXPECT_EQ(add_static(Handle{4711}, exact({if1}, {if2})), kInvalidParameter);
    given_static(K, exact({if1}, {if2}));
    EXPECT_EQ(change_static(A, exact({if1}, {if3})), kInvalidParameter);
    EXPECT_EQ(remove_static(A, exact({if1}, {if2})), kInvalidParameter);
    EXPECT_EQ(way_of(S, G), "if1 -> if2");
}

TEST_F(StaticRouteTest, R8_1_AddressesThatCannotBeRoutedAreRefused) {
    const auto refused = [&](const char *source, const char *group) {
        EXPECT_EQ(add_static(K, static_route(source, group, {if1}, {if2})), kInvalidParameter)
            << source << " " << group;
    };
    refused("10.0.0.5", "10.1.1.1");
    refused("10.0.0.5", "224.0.0.5"); // A23
    refused("10.0.0.5/24", "239.1.1.1");
    refused("0.0.0.0/0", "239.1.1.1/8");
    refused("0.0.0.0/0", "192.0.0.0/3");
    refused("239.1.1.1", "239.1.1.1");
    refused("0.0.0.0/0", "232.1.1.0/24"); // RFC 4607: no wildcard entry
    refused("::/0", "239.1.1.1");
    refused("::/0", "ff1e::37"); // not K's family
    StaticRoute elsewhere = exact({if1}, {if2});
    elsewhere.vrf = mgm::Vrf{5};
    EXPECT_EQ(add_static(K, elsewhere), kInvalidParameter);
    StaticRoute blocked = exact({if1}, {if2});
    blocked.oifs.front().ttl_threshold = 257;
    EXPECT_EQ(add_static(K, blocked), kInvalidParameter);
    EXPECT_THAT(recorder.table, IsEmpty());
}

TEST_F(StaticRouteTest, R8_1_ChangeAndRemovalNeedARoute) {
    EXPECT_EQ(change_static(K, exact({if1}, {if2})), kNotFound);
    EXPECT_EQ(remove_static(K, exact({}, {})), kNotFound);
    given_static(K, exact({if1}, {if2}));
    EXPECT_EQ(remove_static(K, exact({}, {})), kOk);
    EXPECT_EQ(remove_static(K, exact({}, {})), kNotFound);
}

TEST_F(StaticRouteTest, R1_8_NotFromInsideACallbackThatForbidsIt) {
    inside = Kind::kCreationAlert;
    EXPECT_EQ(add_static(K, exact({if1}, {if2})), kCanNotComplete);
    inside = Kind::kJoinAlert;
    EXPECT_EQ(add_static(K, exact({if1}, {if2})), kOk);
}

// --- exact routes

TEST_F(StaticRouteTest, R8_1_ExactRouteIsAnEntryFromLoadOn) {
    EXPECT_EQ(add_static(K, exact({if1}, {if2, if3})), kOk);
    expect({});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    EXPECT_THAT(entries(), ElementsAre("(S,G) if1 -> if2,if3"));
    EXPECT_THAT(groups(), IsEmpty()); // no membership
    data(S, G, if1);                  // a worker that had not seen it yet
    expect_plane({"release (S,G)"});
    expect({});
}

TEST_F(StaticRouteTest, R8_1_ExactRouteIsShownWithoutAnOwner) {
    given_static(K, exact({if1, if5}, {if2}));
    pass(100s);
    const EntryInfo shown = info(S, G);
    EXPECT_EQ(shown.state, EntryState::kActive);
    EXPECT_EQ(shown.in, if1);
    EXPECT_EQ(shown.in_protocol, 0U);
    EXPECT_EQ(shown.timeout, Time{});
    EXPECT_EQ(shown.age, 100s);
    EXPECT_EQ(shown.route.protocol, 3U);
    EXPECT_EQ(set_upstream(A, sg(S, G), ip("10.0.0.99")), kInvalidParameter);
}

TEST_F(StaticRouteTest, R8_1_ExactRouteDoesNotExpire) {
    given_static(K, exact({if1}, {if2}));
    pass(10'000s);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
}

TEST_F(StaticRouteTest, R8_1_EveryCoveredLinkIsInItsOlist) {
    given_static(K, exact({if1}, {if2}));
    given_owner(I, if4);
    given_member(C, any(G), if3);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    given_member(I, sg(S, G), if4);
    given_member(A, any_group(), if1); // in: never out
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3,if4");
    given_member(B, any(G), if2); // named anyway
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    forget();
    EXPECT_EQ(remove(C, any(G), if3), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if4");
    forget();
}

TEST_F(StaticRouteTest, R8_1_AcceptedInterfaceIsNoOif) {
    given_static(K, exact({if1}, {if1, if3}));
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    given_member(A, any(G), if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    given_member(B, any(G), if2);
    EXPECT_EQ(change_static(K, exact({if1, if2}, {if3})), kOk);
    EXPECT_EQ(forwarding(S, G), "if1,if2 -> if3");
}

TEST_F(StaticRouteTest, R8_1_OfSeveralAcceptedInterfacesOneThatTheRouteNamesIsAnOif) {
    given_static(K, exact({if1, if2}, {if2, if3}));
    EXPECT_EQ(forwarding(S, G), "if1,if2 -> if2,if3");
}

TEST_F(StaticRouteTest, R8_1_NoFalseAlertsForAnExactRoute) {
    given_static(K, exact({if1}, {if2}));
    EXPECT_EQ(add(C, any(G), if3), kOk);
    expect({"A: J((*,G),TRUE)", "B: J((*,G),TRUE)"});
    EXPECT_EQ(change_static(K, exact({if1}, {})), kOk);
    EXPECT_EQ(remove(C, any(G), if3), kOk);
    expect({"A: P((*,G),if3,TRUE)", "B: P((*,G),if3,TRUE)"});
    EXPECT_EQ(info(S, G).state, EntryState::kNegative);
}

TEST_F(StaticRouteTest, R8_1_ReleaseDoesNotDeleteAnExactRoute) {
    given_static(K, exact({if1}, {if2}));
    EXPECT_EQ(release(A, if1), kOk);
    EXPECT_EQ(release(B, if2), kOk);
    interface_removed(if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
}

TEST_F(StaticRouteTest, R8_1_RemovalDeletesWithoutAnAlert) {
    given_static(K, exact({if1}, {if2}));
    EXPECT_EQ(remove_static(K, exact({}, {})), kOk);
    expect({});
    EXPECT_EQ(forwarding(S, G), "no entry");
    data(S, G, if1); // as ever
    expect({"A: RPF((S,G),if1)", "A: P((S,G),if1,FALSE)"});
}

TEST_F(StaticRouteTest, R8_1_ExactRouteTakesTheEntryOfDataOver) {
    given_member(B, any(G), if2);
    given_entry(S, G, if1);
    EXPECT_EQ(add_static(K, exact({if1}, {if3})), kOk);
    expect_plane({"install (S,G) if1 -> if2,if3"}); // in one publication
    expect({});
    pass(1000s);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
}

TEST_F(StaticRouteTest, R8_1_ExactRouteReleasesWhatIsHeld) {
    keeps_still(A, Kind::kRpf);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)"});
    EXPECT_EQ(add_static(K, exact({if1}, {if3})), kOk);
    expect_plane({"install (S,G) if1 -> if3", "release (S,G)"});
    answers_again(A, Kind::kRpf);
    expect({});
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
}

TEST_F(StaticRouteTest, R8_1_ChangeReplacesInOnePublication) {
    given_static(K, exact({if1}, {if2}));
    EXPECT_EQ(change_static(K, exact({if5}, {if3})), kOk);
    expect_plane({"install (S,G) if5 -> if3"});
    EXPECT_EQ(change_static(K, per_source(exact({if5}, {if3}))), kOk);
    EXPECT_EQ(forwarding(S, G), "no entry");
    EXPECT_EQ(change_static(K, exact({if5}, {if2})), kOk);
    EXPECT_EQ(forwarding(S, G), "if5 -> if2");
}

TEST_F(StaticRouteTest, R8_13_OverridesLieOverAnExactRoute) {
    given_static(K, exact({if1}, {if2}));
    EXPECT_EQ(add(C, sg(S, G), if3, kForwardState), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    EXPECT_EQ(remove(C, any(G), if3, kForwardState), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    given_member(C, any(G), if3);
    EXPECT_EQ(remove(C, sg(S, G), if3, kForwardState), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    EXPECT_EQ(release(C, if3), kOk); // and with it the override
    forget();
    EXPECT_EQ(take(C, if3), kOk);
    given_member(C, any(G), if3);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
}

TEST_F(StaticRouteTest, R8_1_DeleteForwardSetsNoOffOnALinkOfTheRoute) {
    given_static(K, exact({if1}, {if2}));
    EXPECT_EQ(remove(B, sg(S, G), if2, kForwardState), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    EXPECT_EQ(add(B, sg(S, G), if2, kForwardState), kOk);
    EXPECT_EQ(change_static(K, exact({if1}, {})), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2"); // its "on"
    EXPECT_EQ(change_static(K, exact({if1}, {if2})), kOk);
    EXPECT_EQ(remove(B, sg(S, G), if2, kForwardState), kOk); // ends it
    EXPECT_EQ(change_static(K, exact({if1}, {})), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
}

TEST_F(StaticRouteTest, R8_6_MarksApplyToExactRoutes) {
    given_static(K, exact({if1}, {if2}));
    given_owner(I, if4);
    given_member(I, any(G), if4);
    EXPECT_EQ(take(C, if4), kOk);
    forget();
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if4");
    EXPECT_EQ(gaps(S, G, if4), 0U);
    pass(10s);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
}

TEST_F(StaticRouteTest, R3_7_WrongInterfaceOfAnExactRouteIsTold) {
    given_static(K, exact({if1, if5}, {}));
    data_on_wrong_interface(S, G, if5); // accepted
    expect({});
    data_on_wrong_interface(S, G, if2);
    expect({"B: WRONG_IF((S,G),if2)"});
    data_on_wrong_interface(S, G, if2);
    expect({});
    pass(3s);
    data_on_wrong_interface(S, G, if2);
    expect({"B: WRONG_IF((S,G),if2)"});
}

TEST_F(StaticRouteTest, R2_10_ExactRoutesAndEntriesOfDataAreListedInOneOrder) {
    given_static(K, static_route("10.0.2.6", "239.1.1.1", {if2}, {if3}));
    given_entry(S, G, if1);
    given_static(K, static_route("10.0.0.5", "239.1.1.2", {if1}, {if3}));
    given_entry(S2, G2, if2);
    EXPECT_THAT(entries(), ElementsAre("(S,G) if1 -> nothing", "(S2,G) if2 -> if3",
                                       "(S,G2) if1 -> if3", "(S2,G2) if2 -> nothing"));
}

TEST_F(StaticRouteTest, R8_25_InterfacesThatChangeArePublishedAgain) {
    given_static(K, exact({if1}, {if2}));
    given_static(K, static_route("0.0.0.0/0", "239.2.0.0/16", {if1}, {if3}));
    const std::array one{if1.interface};
    manager->interfaces_changed(one, now);
    expect_plane({"install (S,G) if1 -> if2", "install (*,239.2.0.0/16) if1 -> if3"});
    const std::array other{if3.interface};
    manager->interfaces_changed(other, now);
    expect_plane({"install (*,239.2.0.0/16) if1 -> if3"});
    EXPECT_EQ(remove_static(K, static_route("0.0.0.0/0", "239.2.0.0/16", {}, {})), kOk);
    given_member(C, any(G), if3);
    forget();
    const std::array last{if3.interface, if4.interface};
    manager->interfaces_changed(last, now);
    expect_plane({"install (S,G) if1 -> if2,if3"});
}

TEST_F(StaticRouteTest, R8_10_RoutesEndWithTheirClient) {
    given_static(K, exact({if1}, {if2}));
    given_static(K, static_route("0.0.0.0/0", "239.2.0.0/16", {if1}, {if3}));
    given_static(K, static_route("10.0.0.0/8", "239.1.0.0/16", {}, {if3}));
    EXPECT_EQ(deregister(K), kOk);
    EXPECT_THAT(recorder.table, IsEmpty());
    given_client(K);
    EXPECT_EQ(add_static(K, exact({if1}, {if2})), kOk);
}

} // namespace
} // namespace control::manager::test
