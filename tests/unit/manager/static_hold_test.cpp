// SPDX-License-Identifier: BSD-3-Clause
// The configuration dies and comes back (8.17): its memberships and static routes (8.1).
#include "static_fixture.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

/// K is held for a minute.
class StaticHoldTest : public StaticRouteTest {
protected:
    void SetUp() override {
        K.registration.hold = 60s;
        given_client(K);
    }
    void dies() {
        client_ended(K);
        forget();
    }
    void dies_and_comes_back() {
        dies();
        EXPECT_EQ(register_client(K), kOk);
        expect({});
        forget();
    }
    const StaticRoute range = static_route("0.0.0.0/0", "239.0.0.0/8", {if1}, {if3});
    const StaticRoute prefix = static_route("10.0.0.0/24", "239.1.1.2", {}, {if3});
};

TEST_F(StaticHoldTest, R8_17_MembershipsAreHeldAndSwept) {
    given_member(K, any(G), if3);
    given_member(K, any(G2), if3);
    dies_and_comes_back();
    EXPECT_THAT(groups(), ElementsAre("(*,G)", "(*,G2)"));
    EXPECT_EQ(add(K, any(G), if3), kOk);
    expect({});
    EXPECT_EQ(reconciled(K), kOk);
    expect({"A: P((*,G2),if3,TRUE)", "B: P((*,G2),if3,TRUE)", "C: P((*,G2),if3,TRUE)"});
    dies();
    pass(60s);
    EXPECT_THAT(groups(), IsEmpty());
    forget();
}

TEST_F(StaticHoldTest, R8_17_RoutesStandWhileTheirClientIsHeld) {
    given_static(K, exact({if1}, {if2}));
    given_static(K, range);
    dies();
    pass(59'999ms);
    EXPECT_EQ(way_of(S, G), "if1 -> if2");
    EXPECT_EQ(wildcard("239.0.0.0/8"), "if1 -> if3");
    pass(1ms); // and go with the hold
    EXPECT_THAT(recorder.table, IsEmpty());
}

TEST_F(StaticHoldTest, R8_17_RouteNamedAgainIsKeptNotMadeAgain) {
    given_static(K, exact({if1}, {if2}));
    given_static(K, range);
    given_static(K, prefix);
    dies_and_comes_back();
    recorder.has_room = false; // would refuse anything new
    for (const StaticRoute &route : {exact({if1}, {if2}), range, prefix})
        EXPECT_EQ(add_static(K, route), kOk);
    recorder.has_room = true;
    EXPECT_EQ(add_static(K, range), kInvalidParameter); // it is there
    EXPECT_EQ(reconciled(K), kOk);
    EXPECT_EQ(way_of(S, G), "if1 -> if2");
    EXPECT_EQ(wildcard("239.0.0.0/8"), "if1 -> if3");
    expect_plane({});
}

TEST_F(StaticHoldTest, R8_17_RouteNamedAgainMayDoSomethingElse) {
    given_static(K, exact({if1}, {if2}));
    given_static(K, range);
    dies_and_comes_back();
    EXPECT_EQ(add_static(K, exact({if1}, {if3})), kOk);
    EXPECT_EQ(add_static(K, per_source(range)), kOk); // another kind
    EXPECT_EQ(reconciled(K), kOk);
    EXPECT_EQ(way_of(S, G), "if1 -> if3");
    EXPECT_EQ(wildcard("239.0.0.0/8"), "no entry");
    EXPECT_EQ(change_static(K, per_source(range)), kOk);
}

TEST_F(StaticHoldTest, R8_17_ChangeNamesARouteToo) {
    given_static(K, exact({if1}, {if2}));
    given_static(K, range);
    dies_and_comes_back();
    EXPECT_EQ(change_static(K, exact({if1}, {if3})), kOk);
    EXPECT_EQ(remove_static(K, range), kOk);
    EXPECT_EQ(reconciled(K), kOk);
    EXPECT_EQ(way_of(S, G), "if1 -> if3");
    EXPECT_EQ(wildcard("239.0.0.0/8"), "no entry");
}

TEST_F(StaticHoldTest, R8_17_RefusedRouteIsHeldAsItWas) {
    given_static(K, exact({if1}, {if2}));
    dies_and_comes_back();
    recorder.has_room = false;
    EXPECT_EQ(add_static(K, exact({if1}, {if3})), kNotEnoughMemory);
    recorder.has_room = true;
    EXPECT_EQ(way_of(S, G), "if1 -> if2");
    EXPECT_EQ(reconciled(K), kOk);
    EXPECT_THAT(recorder.table, IsEmpty());
}

TEST_F(StaticHoldTest, R8_17_RoutesNotNamedAgainGoAtReconciledOrTheEndOfTheHold) {
    given_member(C, any(G2), if3);
    given_static(K, exact({if1}, {if2}));
    given_static(K, range);
    dies_and_comes_back();
    EXPECT_EQ(add_static(K, exact({if1}, {if2})), kOk);
    pass(60s);
    EXPECT_EQ(wildcard("239.0.0.0/8"), "no entry");
    EXPECT_EQ(way_of(S, G), "if1 -> if2");

    dies_and_comes_back();
    EXPECT_EQ(reconciled(K), kOk);
    EXPECT_THAT(recorder.table, IsEmpty());
    data(S, G2, if1); // as if it had never been
    expect({"A: RPF((S,G2),if1)", "C: CREATION((S,G2),if1,[if3])", "A: J((S,G2),FALSE)"});
}

TEST_F(StaticHoldTest, R8_17_SweptRouteIsFollowedUpLikeOneThatIsRemoved) {
    given_member(C, any(G2), if3);
    const StaticRoute oif = static_route("10.0.0.0/24", "239.1.1.2", {}, {if2});
    given_static(K, oif);
    given_entry(S, G2, if1);
    EXPECT_EQ(forwarding(S, G2), "if1 -> if2,if3");
    dies_and_comes_back();
    EXPECT_EQ(forwarding(S, G2), "if1 -> if2,if3");
    EXPECT_EQ(reconciled(K), kOk);
    EXPECT_EQ(forwarding(S, G2), "if1 -> if3");
    expect({});
}

} // namespace
} // namespace control::manager::test
