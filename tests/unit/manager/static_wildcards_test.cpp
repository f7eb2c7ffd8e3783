// SPDX-License-Identifier: BSD-3-Clause
// Static routes of any source with iifs (8.1 b): wildcard entries of the tables.
#include "static_fixture.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = CallbackKind;

class StaticWildcardTest : public StaticRouteTest {
protected:
    static StaticRoute to(const std::string &group, const std::vector<Link> &iifs,
                          const std::vector<Link> &oifs) {
        return static_route("0.0.0.0/0", group, iifs, oifs);
    }
    const mgm::IpAddress elsewhere = ip("239.200.1.1"); // in 239/8
};

TEST_F(StaticWildcardTest, R8_1_IsOneTableEntryFromLoadOn) {
    EXPECT_EQ(add_static(K, to("239.0.0.0/8", {if1, if5}, {if2, if5})), kOk);
    expect_plane({"install (*,239.0.0.0/8) if1,if5 -> if2,if5"});
    EXPECT_THAT(entries(), IsEmpty()); // no MFE
    EXPECT_THAT(groups(), IsEmpty());
    expect({});
}

TEST_F(StaticWildcardTest, R8_1_DataThatItMatchesMakesNoEntry) {
    given_static(K, to("239.0.0.0/8", {if1}, {if2}));
    data(S, G, if1); // a worker that had not seen it yet
    expect_plane({"release (S,G)"});
    expect({});
    EXPECT_THAT(entries(), IsEmpty());
}

TEST_F(StaticWildcardTest, R4607_DataOfSourceSpecificGroupsIsNotItsOwn) {
    given_static(K, to("224.0.0.0/4", {if5}, {if2}));
    data(S, ip("232.1.1.1"), if1);
    expect({"A: RPF((S,232.1.1.1),if1)", "A: P((S,232.1.1.1),if1,FALSE)"});
}

TEST_F(StaticWildcardTest, R8_1_JoinsOfAllGroupsCoverTheRange) {
    given_static(K, to("239.0.0.0/8", {if1}, {if2}));
    given_member(C, any_group(), if3);
    EXPECT_EQ(wildcard("239.0.0.0/8"), "if1 -> if2,if3");
    EXPECT_EQ(remove(C, any_group(), if3), kOk);
    EXPECT_EQ(wildcard("239.0.0.0/8"), "if1 -> if2");
    forget();
}

TEST_F(StaticWildcardTest, R8_1_JoinOfAGroupMakesAMoreSpecificEntry) {
    given_static(K, to("239.0.0.0/8", {if1}, {if2}));
    EXPECT_EQ(add(C, any(G), if3), kOk);
    expect_plane({"install (*,G) if1 -> if2,if3"});
    expect({"A: J((*,G),TRUE)", "B: J((*,G),TRUE)"});
    EXPECT_EQ(wildcard("239.0.0.0/8"), "if1 -> if2");
    given_member(B, any_group(), if2);
    given_owner(A, if5);
    given_member(A, any_group(), if5);
    EXPECT_EQ(way_of(S, G), "if1 -> if2,if3,if5");
    EXPECT_EQ(way_of(S, elsewhere), "if1 -> if2,if5");

    EXPECT_EQ(remove(C, any(G), if3), kOk);
    expect_plane({"remove (*,G)"});
    forget();
    EXPECT_EQ(way_of(S, G), "if1 -> if2,if5");
}

TEST_F(StaticWildcardTest, R8_1_JoinsThatAreThereMakeMoreSpecificEntriesAtLoad) {
    given_member(C, any(G), if3);
    given_member(B, any(G2), if2);
    EXPECT_EQ(add_static(K, to("239.1.0.0/16", {if1}, {if5})), kOk);
    EXPECT_EQ(way_of(S, G), "if1 -> if3,if5");
    EXPECT_EQ(way_of(S, G2), "if1 -> if2,if5");
    EXPECT_EQ(remove_static(K, to("239.1.0.0/16", {}, {})), kOk);
    EXPECT_THAT(recorder.table, IsEmpty());
    expect({});
}

TEST_F(StaticWildcardTest, R8_1_JoinOfTheRoutesOwnGroupIsInItsEntry) {
    given_static(K, to("239.1.1.1", {if1}, {if5}));
    given_member(C, any(G), if3);
    EXPECT_EQ(wildcard("239.1.1.1"), "if1 -> if3,if5");
    EXPECT_EQ(remove(C, any(G), if3), kOk);
    EXPECT_EQ(wildcard("239.1.1.1"), "if1 -> if5");
    forget();
}

TEST_F(StaticWildcardTest, R8_1_LongestRouteHasTheGroup) {
    given_static(K, to("239.0.0.0/8", {if1}, {if2}));
    given_member(C, any(G), if3);
    given_static(K, to("239.1.0.0/16", {if5}, {}));
    EXPECT_EQ(way_of(S, G), "if5 -> if3");
    EXPECT_EQ(way_of(S, G2), "if5 -> nothing");
    EXPECT_EQ(way_of(S, elsewhere), "if1 -> if2");

    given_static(K, to("239.1.1.1", {if2}, {if1}));
    EXPECT_EQ(way_of(S, G), "if2 -> if1,if3");
    EXPECT_EQ(remove_static(K, to("239.1.1.1", {}, {})), kOk);
    EXPECT_EQ(way_of(S, G), "if5 -> if3");
    EXPECT_EQ(remove_static(K, to("239.1.0.0/16", {}, {})), kOk);
    EXPECT_EQ(way_of(S, G), "if1 -> if2,if3");
}

TEST_F(StaticWildcardTest, R8_1_ChangeIsInherited) {
    given_static(K, to("239.0.0.0/8", {if1}, {if2}));
    given_member(C, any(G), if3);
    EXPECT_EQ(change_static(K, to("239.0.0.0/8", {if5}, {if1})), kOk);
    EXPECT_EQ(way_of(S, G), "if5 -> if1,if3");
    EXPECT_EQ(way_of(S, elsewhere), "if5 -> if1");
    EXPECT_EQ(change_static(K, to("239.0.0.0/8", {}, {if1})), kOk); // no entry any more
    EXPECT_THAT(recorder.table, IsEmpty());
    EXPECT_EQ(change_static(K, to("239.0.0.0/8", {if5}, {if1})), kOk);
    EXPECT_EQ(way_of(S, G), "if5 -> if1,if3");
}

TEST_F(StaticWildcardTest, R8_1_LiveEntriesThatItTakesAreDeletedWithoutAnAlert) {
    given_member(B, any(G), if2);
    given_entry(S, G, if1);
    EXPECT_EQ(add_static(K, to("239.0.0.0/8", {if1}, {if3})), kOk);
    expect_plane({"install (*,239.0.0.0/8) if1 -> if3", "install (*,G) if1 -> if2,if3",
                  "remove (S,G)"}); // never a moment without
    expect({});
}

TEST_F(StaticWildcardTest, R8_1_WhatIsHeldGoesByIt) {
    keeps_still(A, Kind::kRpf);
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)"});
    EXPECT_EQ(add_static(K, to("239.0.0.0/8", {if1}, {if3})), kOk);
    expect_plane({"install (*,239.0.0.0/8) if1 -> if3", "release (S,G)"});
    answers_again(A, Kind::kRpf);
    expect({});
}

// --- (S,G) inside: as with per_source

TEST_F(StaticWildcardTest, R8_1_JoinOfASourceInsideMakesItsEntryAtOnce) {
    given_static(K, to("239.0.0.0/8", {if1}, {if2}));
    EXPECT_EQ(add(C, sg(S, G), if3), kOk);
    expect({"A: J((S,G),TRUE)", "B: CREATION((S,G),if1,[if2])", "C: CREATION((S,G),if1,[if3])",
            "A: J((S,G),FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    EXPECT_EQ(way_of(S2, G), "if1 -> if2");
    EXPECT_EQ(info(S, G).route.protocol, 3U);

    pass(3000s); // it is not data that keeps it
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
    EXPECT_EQ(remove(C, sg(S, G), if3), kOk);
    expect({"A: P((S,G),if3,TRUE)"}); // and goes by the wildcard entry again
    EXPECT_THAT(entries(), IsEmpty());
}

TEST_F(StaticWildcardTest, R8_1_ExclusionInsideMakesAnEntryWithoutTheLink) {
    given_owner(I, if4);
    given_static(K, to("239.0.0.0/8", {if1}, {if2}));
    EXPECT_EQ(update(I, G, if4, FilterMode::kExclude, {S}), kOk);
    forget();
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    EXPECT_EQ(way_of(S2, G), "if1 -> if2,if4");
    EXPECT_EQ(update(I, G, if4, FilterMode::kExclude, {}), kOk);
    forget();
    EXPECT_THAT(entries(), IsEmpty());
    EXPECT_EQ(way_of(S, G), "if1 -> if2,if4");
    EXPECT_EQ(update(I, G, if4, FilterMode::kInclude, {S2}), kOk);
    forget();
    EXPECT_THAT(entries(), ElementsAre("(S2,G) if1 -> if2,if4"));
    EXPECT_EQ(way_of(S, G), "if1 -> if2");
}

TEST_F(StaticWildcardTest, R8_1_SourcesThatAreJoinedAlreadyKeepAnEntry) {
    given_member(C, sg(S2, G), if3);
    given_member(C, sg(S, G), if3);
    given_entry(S, G, if1);
    EXPECT_EQ(add_static(K, to("239.0.0.0/8", {if1}, {if2})), kOk);
    forget();
    EXPECT_THAT(entries(), ElementsAre("(S,G) if1 -> if2,if3", "(S2,G) if1 -> if2,if3"));
    EXPECT_EQ(remove_static(K, to("239.0.0.0/8", {}, {})), kOk);
    forget();
    EXPECT_THAT(entries(), ElementsAre("(S,G) if1 -> if3", "(S2,G) if2 -> if3"));
}

TEST_F(StaticWildcardTest, R8_1_EntryOfAJoinedSourceComesBackAfterARelease) {
    given_static(K, to("239.0.0.0/8", {if1}, {if2}));
    given_member(C, sg(S, G), if3);
    EXPECT_EQ(release(A, if1), kOk); // the final IIF: the entry ends
    forget();
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
}

TEST_F(StaticWildcardTest, R1_5_NegativeEntryOfAnExclusionAsksForItsPruneAgain) {
    given_owner(I, if4);
    EXPECT_EQ(update(I, G, if4, FilterMode::kExclude, {S}), kOk);
    forget();
    given_static(K, to("239.0.0.0/8", {if1}, {}));
    ASSERT_EQ(forwarding(S, G), "if1 -> nothing");
    pass(900s);
    expect({"A: P((S,G),if1,FALSE)"});
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
}

TEST_F(StaticWildcardTest, R8_1_SeveralIifsMakeNoOwner) {
    given_static(K, to("239.0.0.0/8", {if1, if2}, {}));
    EXPECT_EQ(add(C, sg(S, G), if3), kOk);
    expect({"C: CREATION((S,G),if1,[if3])"}); // 8.5: no RPF interface either
    EXPECT_EQ(forwarding(S, G), "if1,if2 -> if3");
    EXPECT_EQ(info(S, G).in, if1);
    EXPECT_EQ(info(S, G).in_protocol, 0U);
    EXPECT_EQ(set_upstream(A, sg(S, G), ip("10.0.0.99")), kInvalidParameter);
    data_on_wrong_interface(S, G, if2); // accepted
    expect({});
}

TEST_F(StaticWildcardTest, R8_6_MarksApplyToTableEntries) {
    given_static(K, to("239.0.0.0/8", {if1}, {if2}));
    given_owner(I, if4);
    given_member(I, any(G), if4);
    given_member(I, any_group(), if4);
    EXPECT_EQ(take(C, if4), kOk);
    forget();
    EXPECT_EQ(way_of(S, G), "if1 -> if2,if4");
    EXPECT_EQ(wildcard("239.0.0.0/8"), "if1 -> if2,if4");

    // A covering key ends the mark of that entry, whatever made it.
    given_member(I, any(G), if4);
    EXPECT_EQ(remove(I, any(G), if4), kOk);
    forget();
    EXPECT_EQ(wildcard("239.0.0.0/8"), "if1 -> if2,if4");
    pass(10s);
    EXPECT_EQ(wildcard("239.0.0.0/8"), "if1 -> if2");
    EXPECT_EQ(wildcard("239.1.1.1"), "no entry");
    forget();
}

TEST_F(StaticWildcardTest, R8_6_CoveringKeyEndsTheMarkOfATableEntry) {
    given_static(K, to("239.0.0.0/8", {if1}, {}));
    given_owner(I, if4);
    given_member(I, any_group(), if4);
    given_member(C, any(G), if3);
    EXPECT_EQ(take(B, if4), kOk);
    forget();
    EXPECT_EQ(way_of(S, G), "if1 -> if3,if4");
    given_member(I, any(G), if4);
    EXPECT_EQ(remove(I, any(G), if4), kOk);
    forget();
    EXPECT_EQ(way_of(S, G), "if1 -> if3");
    EXPECT_EQ(way_of(S, elsewhere), "if1 -> if4");
}

TEST_F(StaticWildcardTest, R8_1_FamiliesAndVrfsDoNotMix) {
    given_static(K, to("239.0.0.0/8", {if1}, {if2}));
    Client six = configuration("K6");
    six.registration.families = Families::kIpv6;
    six.registration.identity.component = 99;
    given_client(six);
    given_static(six, static_route("::/0", "ff1e::/16", {if1}, {link(37, "::")}));
    EXPECT_EQ(wildcard("239.0.0.0/8"), "if1 -> if2");
    EXPECT_EQ(wildcard("ff1e::/16"), "if1 -> if2/::");
}

} // namespace
} // namespace control::manager::test
