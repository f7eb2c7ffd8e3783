// SPDX-License-Identifier: BSD-3-Clause
// Static routes that act when data makes an entry (8.1 b), and what a change of a route means for
// live ones.
#include "static_fixture.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using Kind = CallbackKind;

TEST_F(StaticRouteTest, R8_1_PrefixActsWhenDataMakesAnEntry) {
    given_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {}, {if3}));
    EXPECT_THAT(recorder.table, IsEmpty());
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "C: CREATION((S,G),if1,[if3])", "A: J((S,G),FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    EXPECT_EQ(info(S, G).in_protocol, A.registration.identity.protocol);
}

TEST_F(StaticRouteTest, R8_1_VetoOfItsOifsHasNoEffect) {
    given_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {}, {if3}));
    given_member(B, any(G), if2);
    vetoes(C, {if3});
    vetoes(B, {if2});
    given_entry(S, G, if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
}

TEST_F(StaticRouteTest, R8_1_IifsAreFixedWithoutAnRpfCallback) {
    given_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {if2}, {if3}));
    data(S, G, if1);
    expect({"C: CREATION((S,G),if2,[if3])", "B: J((S,G),FALSE)"}); // B is O
    EXPECT_EQ(forwarding(S, G), "if2 -> if3");
    const EntryInfo shown = info(S, G);
    EXPECT_EQ(shown.in_protocol, B.registration.identity.protocol);
    EXPECT_EQ(shown.route.protocol, 3U);
    EXPECT_EQ(shown.route.prefix, prefix("10.0.0.0/16"));
    EXPECT_EQ(set_upstream(B, sg(S, G), ip("10.0.2.9")), kOk);
    pass(900s);
    EXPECT_EQ(forwarding(S, G), "no entry"); // it expires
    expect({});
}

TEST_F(StaticRouteTest, R8_1_PerSourceWinsOverTheExactCase) {
    given_static(K, per_source(exact({if1}, {if3})));
    EXPECT_EQ(forwarding(S, G), "no entry");
    data(S, G, if1);
    expect({"C: CREATION((S,G),if1,[if3])", "A: J((S,G),FALSE)"});
}

TEST_F(StaticRouteTest, R8_1_LongestGroupThenLongestSourceActs) {
    given_static(K, static_route("10.0.0.0/24", "239.0.0.0/8", {}, {if2}));
    given_static(K, per_source(static_route("0.0.0.0/0", "239.1.1.0/24", {if5}, {})));
    given_static(K, static_route("10.0.0.0/16", "239.1.1.0/24", {}, {if3}));
    given_entry(S, G, if1);
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    given_entry(S, ip("239.200.1.1"), if1);
    EXPECT_EQ(forwarding(S, ip("239.200.1.1")), "if1 -> if2");
    given_entry(ip("192.0.2.77"), G, if5);
    EXPECT_EQ(forwarding(Lost, G), "if5 -> nothing");
}

TEST_F(StaticRouteTest, R8_1_RouteOfOneSourceAndARangeActsByData) {
    given_static(K, static_route("10.0.0.5", "239.1.0.0/16", {if2}, {if3}));
    EXPECT_THAT(recorder.table, IsEmpty());
    given_entry(S, G, if2);
    EXPECT_EQ(forwarding(S, G), "if2 -> if3");
}

TEST_F(StaticRouteTest, R8_1_ChangeReevaluatesTheOlistOfLiveEntries) {
    given_entry(S, G, if1);
    EXPECT_EQ(add_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {}, {if3})), kOk);
    expect({"A: J((S,G),FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    EXPECT_EQ(change_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {}, {if2, if3})), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    EXPECT_EQ(remove_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {}, {})), kOk);
    expect({"A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
}

TEST_F(StaticRouteTest, R8_1_ChangeMovesLiveEntries) {
    given_member(C, any(G), if3);
    given_entry(S, G, if1);
    EXPECT_EQ(add_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {if2}, {})), kOk);
    expect({"A: P((S,G),if1,FALSE)", "B: J((S,G),FALSE)"}); // no RPF
    EXPECT_EQ(forwarding(S, G), "if2 -> if3");
    EXPECT_EQ(change_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {if2, if5}, {})), kOk);
    expect({"B: P((S,G),if2,FALSE)"}); // no O
    EXPECT_EQ(forwarding(S, G), "if2,if5 -> if3");
    EXPECT_EQ(change_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {if2, if1}, {})), kOk);
    EXPECT_EQ(forwarding(S, G), "if2,if1 -> if3");

    keeps_still(A, Kind::kRpf);
    EXPECT_EQ(remove_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {}, {})), kOk);
    expect({"A: RPF((S,G),if1)"}); // as of any other change of where it lies (8.15)
    EXPECT_EQ(forwarding(S, G), "if2,if1 -> if3");
    answers_again(A, Kind::kRpf);
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    expect({"A: J((S,G),FALSE)"});
}

TEST_F(StaticRouteTest, R8_14_UninitialisedEntryThatARouteMovesStartsAgain) {
    keeps_still(A, Kind::kRpf);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)"});
    EXPECT_EQ(add_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {if2}, {if3})), kOk);
    answers_again(A, Kind::kRpf);
    expect_plane({"drop (S,G)"});
    expect({});
    data(S, G, if2);
    expect({"C: CREATION((S,G),if2,[if3])", "B: J((S,G),FALSE)"});
}

TEST_F(StaticRouteTest, R8_8_VetoOfALinkThatARouteCoversMeanwhileDoesNotCount) {
    given_member(C, any(G), if3);
    keeps_still(C, Kind::kCreationAlert);
    vetoes(C, {if3});
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "C: CREATION((S,G),if1,[if3])"});
    EXPECT_EQ(add_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {}, {if3})), kOk);
    answer(C, Kind::kCreationAlert);
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    expect({"A: J((S,G),FALSE)"});
}

TEST_F(StaticRouteTest, R8_1_OffEndsNoOifOfARoute) {
    given_member(C, any(G), if3);
    given_entry(S, G, if1);
    EXPECT_EQ(remove(C, sg(S, G), if3, kForwardState), kOk);
    expect({"A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(add_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {}, {if3})), kOk);
    EXPECT_EQ(forwarding(S, G), "if1 -> if3");
    expect({"A: J((S,G),FALSE)"});
}

TEST_F(StaticRouteTest, R1_8_INV3_OifThroughTheRouteAloneIsForeignToItsOwner) {
    given_owner(A, if5);
    given_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {}, {if5}));
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "A: CREATION((S,G),if1,[if5])", "A: J((S,G),FALSE)"});
    EXPECT_EQ(add(A, any(G), if5), kOk); // now it is A's own
    expect({"B: J((*,G),TRUE)", "C: J((*,G),TRUE)", "A: P((S,G),if1,FALSE)"});
}

// --- INV-2

TEST_F(StaticRouteTest, R8_5_RpfInterfaceIsTheRoutesIif) {
    EXPECT_EQ(add(C, sg(S, G), if3), kOk);
    expect({"A: J((S,G),TRUE)"});
    EXPECT_EQ(add_static(K, static_route("10.0.0.0/16", "239.0.0.0/8", {if2}, {})), kOk);
    expect({"A: P((S,G),if1,TRUE)", "B: J((S,G),TRUE)"});
    EXPECT_EQ(add_static(K, exact({if1, if2}, {})), kOk); // several: none
    expect({"B: P((S,G),if2,TRUE)"});
    EXPECT_EQ(remove_static(K, exact({}, {})), kOk);
    expect({"B: J((S,G),TRUE)"});
    EXPECT_EQ(change_static(K, static_route("10.0.0.0/16", "239.0.0.0/8", {}, {})), kOk);
    expect({"B: P((S,G),if2,TRUE)", "A: J((S,G),TRUE)"}); // the RIB's
    EXPECT_EQ(release(A, if1), kOk);
    expect({"A: P((S,G),if1,TRUE)"});
}

TEST_F(StaticRouteTest, R8_5_OwnerOfTheRoutesIifIsTold) {
    given_static(K, exact({if4}, {}));
    given_member(C, sg(S, G), if3);
    EXPECT_EQ(take(A, if4), kOk);
    expect({"A: J((S,G),TRUE)"});
}

TEST_F(StaticRouteTest, R8_15_RouteToTheSourceDoesNotMatterWhereIifsAreFixed) {
    given_static(K, static_route("10.0.0.0/16", "239.1.0.0/16", {if2}, {if3}));
    given_entry(S, G, if2);
    move_route("10.0.0.0/24", if1, if4);
    expect({});
    remove_route("10.0.0.0/24", if4);
    EXPECT_EQ(forwarding(S, G), "if2 -> if3");
    EXPECT_EQ(release(B, if2), kOk); // its final IIF
    EXPECT_EQ(forwarding(S, G), "no entry");
    expect({});
}

} // namespace
} // namespace control::manager::test
