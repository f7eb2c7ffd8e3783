// SPDX-License-Identifier: BSD-3-Clause
// The way to a live entry's source changes: 8.15.
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using Kind = CallbackKind;

class ManagerRpfChangeTest : public ManagerTest {
protected:
    void SetUp() override {
        given_member(C, any(G), if3);
        given_member(B, any(G), if2);
        given_member(A, any(G), if1);
        given_entry(S, G, if1);
    }
};

TEST_F(ManagerRpfChangeTest, R8_15_AnotherOwnerIsAskedAndTakesOverInOnePublication) {
    keeps_still(B, Kind::kRpf);

    move_route("10.0.0.0/24", if1, if2);
    expect({"B: RPF((S,G),if2)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3"); // the old one forwards
    EXPECT_EQ(info(S, G).in_protocol, A.registration.identity.protocol);

    answer(B, Kind::kRpf);
    expect_plane({"install (S,G) if2 -> if1,if3"}); // if1 is covered; no CREATION
    expect({"A: P((S,G),if1,FALSE)", "B: J((S,G),FALSE)"});
    EXPECT_EQ(info(S, G).in, if2);
}

TEST_F(ManagerRpfChangeTest, R8_15_RepliesToThePruneOfTheOldOwnerAreIgnored) {
    answers_prune(A, 77);

    move_route("10.0.0.0/24", if1, if2);

    EXPECT_EQ(info(S, G).timeout, 900s);
    expect({"B: RPF((S,G),if2)", "A: P((S,G),if1,FALSE)", "B: J((S,G),FALSE)"});
}

TEST_F(ManagerRpfChangeTest, R8_15_UnansweredRpfIsSuperseded) {
    keeps_still(B, Kind::kRpf);
    keeps_still(C, Kind::kRpf);
    move_route("10.0.0.0/24", if1, if2);
    expect({"B: RPF((S,G),if2)"});
    move_route("10.0.0.0/24", if2, if3);
    expect({"C: RPF((S,G),if3)"});

    answer(B, Kind::kRpf); // of no interest any more
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    expect({});
    answer(C, Kind::kRpf);
    EXPECT_EQ(forwarding(S, G), "if3 -> if1,if2");
    expect({"A: P((S,G),if1,FALSE)", "C: J((S,G),FALSE)"});
}

TEST_F(ManagerRpfChangeTest, R8_15_OverdueRpfMeansTheRibsValues) {
    keeps_still(B, Kind::kRpf);
    move_route("10.0.0.0/24", if1, if2);
    expect({"B: RPF((S,G),if2)"});

    pass(1s);

    EXPECT_EQ(forwarding(S, G), "if2 -> if1,if3");
    expect({"A: P((S,G),if1,FALSE)", "B: J((S,G),FALSE)"});
}

TEST_F(ManagerRpfChangeTest, R8_15_SameOwnerHearsOnlyWhatChanges) {
    given_owner(A, if5);

    move_route("10.0.0.0/24", if1, if5);

    expect({"A: RPF((S,G),if5)"});
    EXPECT_EQ(forwarding(S, G), "if5 -> if1,if2,if3");
}

TEST_F(ManagerRpfChangeTest, R8_15_NewOwnerIsToldAsAtCreation) {
    EXPECT_EQ(remove(A, any(G), if1), kOk);
    EXPECT_EQ(remove(C, any(G), if3), kOk);
    forget(); // L = {if2}, B's

    move_route("10.0.0.0/24", if1, if2); // and now that is where it comes from
    expect({"B: RPF((S,G),if2)", "A: P((S,G),if1,FALSE)", "B: P((S,G),if2,FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if2 -> nothing");
}

TEST_F(ManagerRpfChangeTest, R8_15_OverridesStay) {
    EXPECT_EQ(remove(C, sg(S, G), if3, kForwardState), kOk);
    ASSERT_EQ(forwarding(S, G), "if1 -> if2");

    move_route("10.0.0.0/24", if1, if2);

    EXPECT_EQ(forwarding(S, G), "if2 -> if1");
    forget();
}

TEST_F(ManagerRpfChangeTest, R8_15_RouteThatGoesTakesTheEntryAlong) {
    remove_route("10.0.0.0/24", if1);

    EXPECT_EQ(forwarding(S, G), "no entry");
    EXPECT_FALSE(is_shown(S, G));
    expect({});
}

TEST_F(ManagerRpfChangeTest, R8_15_ReleaseOfTheIncomingInterfaceDeletes) {
    EXPECT_EQ(release(A, if1), kOk);

    EXPECT_EQ(forwarding(S, G), "no entry");
    expect({}); // B and C remain members
}

TEST_F(ManagerRpfChangeTest, R8_15_ReleaseOfTheExpectedInterfaceAsksAgain) {
    given_owner(A, if5);
    given_member(B, any(G2), if2);
    answers_rpf(A, {.in = if5, .upstream = {}, .route = {}});
    given_entry(S, G2, if1);
    ASSERT_EQ(forwarding(S, G2), "if5 -> if2");

    EXPECT_EQ(release(A, if1), kOk); // nobody's now: what the RIB says stands

    EXPECT_EQ(forwarding(S, G2), "if1 -> if2");
    EXPECT_EQ(info(S, G2).in_protocol, 0U);
    expect({"A: P((S,G2),if5,FALSE)"});
}

TEST_F(ManagerRpfChangeTest, R8_15_TakeOfTheExpectedInterfaceAsksItsOwner) {
    given_entry(S4, G, if4);
    ASSERT_EQ(forwarding(S4, G), "if4 -> if1,if2,if3");

    EXPECT_EQ(take(C, if4), kOk);

    expect({"C: RPF((S4,G),if4)", "C: J((S4,G),FALSE)"});
    EXPECT_EQ(info(S4, G).in_protocol, C.registration.identity.protocol);
    EXPECT_EQ(gaps(S4, G, if2), 0U);
}

TEST_F(ManagerRpfChangeTest, R8_15_ChangeElsewhereAsksNobody) {
    add_route("10.0.0.64/26", if2);
    add_route("10.0.2.0/28", if3, "10.9.9.9");
    add_route("10.0.0.0/25", if1); // the same way
    expect({});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
}

TEST_F(ManagerRpfChangeTest, R8_15_AnotherNeighbourAsksAgain) {
    add_route("10.0.0.0/28", if1, "10.0.0.14");

    expect({"A: RPF((S,G),if1 from 10.0.0.14)"});
    EXPECT_EQ(info(S, G).upstream, ip("10.0.0.14"));
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
}

} // namespace
} // namespace control::manager::test
