// SPDX-License-Identifier: BSD-3-Clause
// Entries at the edges: unowned incoming interfaces and no route (8.2, A12), limits (A22, A23), a
// full table (8.9), the listing (T24).
#include "manager_harness.hpp"

#include <fmt/format.h>

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Kind = CallbackKind;

TEST_F(ManagerTest, T24_ListingIsByGroupThenSource) {
    const mgm::IpAddress low = ip("9.255.255.255");
    add_route("9.0.0.0/8", if1);
    for (const auto &[source, group] :
         {std::pair(S2, G2), {S, G}, {low, G2}, {S2, G}, {S, ip("225.0.0.1")}})
        given_entry(source, group, if1);

    EXPECT_THAT(entries(), ElementsAre("(S,225.0.0.1) if1 -> nothing", "(S,G) if1 -> nothing",
                                       "(S2,G) if2 -> nothing", "(9.255.255.255,G2) if1 -> nothing",
                                       "(S2,G2) if2 -> nothing"));
}

TEST_F(ManagerTest, T24_DeletedStartKeyLosesAndRepeatsNothing) {
    for (const auto &[source, group] : {std::pair(S, G), {S2, G}, {S, G2}})
        given_entry(source, group, if1);
    const Key second = manager->entry_after(sg(S, G), now)->key;
    EXPECT_EQ(text(second), "(S2,G)");

    remove_route("10.0.2.0/24", if2); // 8.15: and with it (S2,G)
    ASSERT_FALSE(is_shown(S2, G));

    EXPECT_EQ(text(manager->entry_after(second, now)->key), "(S,G2)");
    EXPECT_EQ(manager->entry_after(sg(S, G2), now), std::nullopt);
    EXPECT_EQ(manager->entry_after(any_group(mgm::Family::kIpv6), now), std::nullopt);
}

TEST_F(ManagerTest, T24_NoEntries) {
    EXPECT_EQ(manager->entry_after(any_group(), now), std::nullopt);
}

// --- 8.2

TEST_F(ManagerTest, R8_02_UnownedIncomingInterfaceForwardsByMembership) {
    given_member(B, any(G), if2);

    data(S4, G, if4);

    expect({"B: CREATION((S4,G),if4,[if2])"}); // neither RPF nor a FALSE alert
    EXPECT_EQ(forwarding(S4, G), "if4 -> if2");
    EXPECT_EQ(info(S4, G).in_protocol, 0U);
    EXPECT_EQ(set_upstream(B, sg(S4, G), ip("10.0.4.1")), kInvalidParameter);
    data_on_wrong_interface(S4, G, if2);
    expect({"B: WRONG_IF((S4,G),if2)"});
    EXPECT_EQ(remove(B, any(G), if2), kOk);
    expect({"A: P((*,G),if2,TRUE)", "C: P((*,G),if2,TRUE)"});
    EXPECT_EQ(forwarding(S4, G), "if4 -> nothing");
}

TEST_F(ManagerTest, R8_02_IgmpIsNoOwnerOfAnIncomingInterface) {
    Client eager = group_management("I2", mgm::Family::kIpv4);
    eager.registration.identity.component = 2;
    eager.registration.callbacks = {Kind::kDisableIgmp, Kind::kEnableIgmp, Kind::kRpf,
                                    Kind::kWrongIf, Kind::kPruneAlert};
    given_client(eager);
    given_owner(eager, if4);

    data(S4, G, if4);
    expect({});
    EXPECT_EQ(info(S4, G).in_protocol, 10U);
    given_entry(S, G, if1);
    data_on_wrong_interface(S, G, if4);
    expect({});
}

TEST_F(ManagerTest, R8_02_WithoutARouteTheArrivalOwnerIsAsked) {
    given_member(C, any(G), if3);

    data(Lost, G, if2);

    expect({"B: RPF((Lost,G),if2)", "C: CREATION((Lost,G),if2,[if3])", "B: J((Lost,G),FALSE)"});
    EXPECT_EQ(forwarding(Lost, G), "if2 -> if3");
    EXPECT_EQ(info(Lost, G).timeout, 900s);
}

TEST_F(ManagerTest, R8_02_WithoutARouteAndAnAnswerNothingIsAccepted) {
    struct Row {
        std::string why;
        std::function<void(World &, Link &)> given;
    };
    const std::vector<Row> table = {
        {"nobody's interface", [](World &w, Link &on) { on = w.if4; }},
        {"IGMP's interface",
         [](World &w, Link &on) {
             w.given_owner(w.I, w.if4);
             on = w.if4;
         }},
        {"no RPF callback",
         [](World &w, Link &on) {
             Client d = w.routing("D", 5);
             d.registration.callbacks = {Kind::kJoinAlert, Kind::kWrongIf};
             w.given_client(d);
             w.given_owner(d, w.if4);
             on = w.if4;
         }},
        {"a client that does not run it",
         [](World &w, Link &on) {
             w.has_no_answer(w.B, Kind::kRpf);
             on = w.if2;
         }},
    };
    for (const Row &row : table) {
        SCOPED_TRACE(row.why);
        World w;
        Link on;
        row.given(w, on);
        w.given_member(w.C, any(w.G), w.if3);

        w.data(w.Lost, w.G, on);
        w.forget(); // an RPF that had no answer
        EXPECT_EQ(w.forwarding(w.Lost, w.G), "nothing -> nothing");
        EXPECT_EQ(w.info(w.Lost, w.G).in, std::nullopt);
        EXPECT_EQ(w.info(w.Lost, w.G).timeout, 10s);
        EXPECT_EQ(w.add(w.C, sg(w.Lost, w.G), w.if3, kJoinState | kForwardState), kOk);
        w.data_on_wrong_interface(w.Lost, w.G, w.if3);
        w.expect({});
        EXPECT_EQ(w.forwarding(w.Lost, w.G), "nothing -> nothing");

        w.pass(9'999ms);
        EXPECT_TRUE(w.is_shown(w.Lost, w.G));
        w.pass(1ms);
        EXPECT_FALSE(w.is_shown(w.Lost, w.G));
        w.expect({});
        w.finish();
    }
}

TEST_F(ManagerTest, R8_02_NoRouteEntryEndsWhenARouteAppears) {
    given_entry(Lost, G, if4);

    add_route("192.0.2.0/24", if2);

    EXPECT_FALSE(is_shown(Lost, G));
    expect({});
    data(Lost, G, if2);
    expect({"B: RPF((Lost,G),if2)", "B: P((Lost,G),if2,FALSE)"});
}

TEST_F(ManagerTest, R8_02_NoRouteEntryEndsWhenTheArrivalInterfaceGetsAnOwner) {
    given_entry(Lost, G, if4);

    EXPECT_EQ(take(C, if5), kOk);
    EXPECT_TRUE(is_shown(Lost, G));
    EXPECT_EQ(take(C, if4), kOk);
    EXPECT_FALSE(is_shown(Lost, G));
    expect({});
}

// --- A22, A23

TEST_F(ManagerTest, A23_DataOfLinkLocalGroupsMakesNoEntry) {
    for (const char *group : {"224.0.0.1", "224.0.0.251"})
        data(S, ip(group), if1);

    EXPECT_THAT(entries(), IsEmpty());
    expect({});
}

// --- 8.9: no room in the tables

TEST_F(ManagerTest, R8_09_EntryThatDoesNotFitIsNotMade) {
    given_member(B, any(G), if2);
    recorder.has_room = false;

    data(S, G, if1);

    EXPECT_THAT(callbacks(), ElementsAre("A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2])"));
    EXPECT_THAT(events(), Contains(Event::kTableFull));
    forget();
    EXPECT_THAT(entries(), IsEmpty());
    recorder.has_room = true;
    data(S, G, if1);
    expect({"A: RPF((S,G),if1)", "B: CREATION((S,G),if1,[if2])", "A: J((S,G),FALSE)"});
}

TEST_F(ManagerTest, R8_09_DeleteThatCannotBeBuiltDeletesTheEntry) {
    given_member(B, any(G), if2);
    given_member(C, any(G), if3);
    given_entry(S, G, if1);
    recorder.has_room = false;

    EXPECT_EQ(remove(C, any(G), if3), kOk);

    expect({"B: P((*,G),if3,TRUE)"}); // no FALSE alert
    EXPECT_EQ(forwarding(S, G), "no entry");
    EXPECT_THAT(entries(), IsEmpty());
}

TEST_F(ManagerTest, R8_09_AddThatDoesNotFitChangesNothing) {
    given_member(B, any_group(), if2);
    for (const auto &[source, group] : {std::pair(S, G), {S, G2}, {S2, G}})
        given_entry(source, group, if1);
    for (const std::uint32_t flags : {kJoinState, kForwardState, kJoinState | kForwardState})
        for (const unsigned fitting : {0U, 1U, 2U}) {
            SCOPED_TRACE(fmt::format("flags {}, {} of 3 entries fit", flags, fitting));
            const std::string before = snapshot();

            recorder.refuses_after = fitting;
            EXPECT_EQ(add(C, any_group(), if3, flags), kNotEnoughMemory);

            EXPECT_THAT(events(), Contains(Event::kTableFull));
            expect({});
            EXPECT_EQ(snapshot(), before);
        }
    given_member(C, any_group(), if3, kJoinState | kForwardState);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
}

} // namespace
} // namespace control::manager::test
