// SPDX-License-Identifier: BSD-3-Clause
// Static routes when memory or the tables have no room (8.9, T28).
#include "static_fixture.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::IsEmpty;
using Failure = FailingMemory::Failure;

constexpr unsigned kMoreThanAnyStepAllocates = 2000;

/// Routes of every kind, members inside and outside, live entries.
struct Scene : World {
    Client K = configuration("K");
    Scene() {
        given_client(K);
        given_owner(I, if4);
        given_member(C, any(G), if3);
        given_member(C, sg(S, G2), if3);
        EXPECT_EQ(update(I, G, if4, FilterMode::kExclude, {S4}), kOk);
        forget();
        given_static(K, static_route("10.0.2.6", "239.1.1.2", {if2}, {if3}));
        given_static(K, static_route("0.0.0.0/0", "225.0.0.0/8", {if1}, {if3}));
        given_static(K, static_route("10.0.0.0/8", "239.0.0.0/8", {}, {if5}));
        given_entry(S, G, if1);
        given_entry(S2, G, if2);
    }
    [[nodiscard]] std::string picture() {
        std::string result = snapshot();
        for (const Link &each : {if1, if2, if3})
            for (const mgm::IpAddress &source : {S, S2, S4})
                result += way_of(source, G) + way_of(source, G2) + text(each);
        return result;
    }
};

struct Step {
    std::string name;
    std::function<Outcome(Scene &)> run;
};
std::ostream &operator<<(std::ostream &out, const Step &step) {
    return out << step.name;
}

class StaticNoMemory : public ::testing::TestWithParam<Step> {};

TEST_P(StaticNoMemory, T28_CallEndsIn8WithNothingChanged) {
    Scene reference;
    ASSERT_EQ(GetParam().run(reference), kOk);
    reference.forget();
    const std::string after = reference.picture();
    for (const Failure failure : {Failure::kOnce, Failure::kFromThenOn}) {
        bool has_failed = true;
        for (unsigned nth = 1; has_failed && nth < kMoreThanAnyStepAllocates; ++nth) {
            SCOPED_TRACE(nth);
            Scene w;
            const std::string before = w.picture();
            w.memory.fail_at(nth, failure);
            const Outcome outcome = GetParam().run(w);
            w.memory.recover();
            has_failed = w.memory.has_failed() && !HasFailure();
            if (!(outcome == kOk)) {
                EXPECT_EQ(outcome, kNotEnoughMemory);
                w.expect({});
                EXPECT_EQ(w.picture(), before);
                EXPECT_EQ(GetParam().run(w), kOk) << "with memory again";
            } else if (has_failed) {
                w.forget();
                w.pass(1s); // what is due or starved is tried again
            }
            w.forget();
            if (outcome == kNotEnoughMemory) {
                EXPECT_EQ(w.picture(), after);
            }
            w.finish();
        }
    }
}

TEST_P(StaticNoMemory, R8_9_FullTableLeavesEverythingAsItWas) {
    for (unsigned room = 0; room < 5; ++room) {
        SCOPED_TRACE(room);
        Scene w;
        const std::string before = w.picture();
        w.recorder.refuses_after = room;
        const Outcome outcome = GetParam().run(w);
        w.recorder.refuses_after.reset();
        if (!(outcome == kOk)) {
            EXPECT_EQ(outcome, kNotEnoughMemory);
            w.expect({});
            EXPECT_EQ(w.picture(), before);
            EXPECT_EQ(GetParam().run(w), kOk);
        }
        w.forget();
        w.finish();
    }
}

INSTANTIATE_TEST_SUITE_P(
    S8_9, StaticNoMemory,
    ::testing::Values(
        Step{"AddExact",
             [](Scene &w) {
                 return w.add_static(w.K, static_route("10.0.0.5", "239.1.1.1", {w.if1}, {w.if5}));
             }},
        Step{"AddWildcard",
             [](Scene &w) {
                 return w.add_static(w.K,
                                     static_route("0.0.0.0/0", "239.0.0.0/8", {w.if1}, {w.if5}));
             }},
        Step{"AddWildcardOfAGroup",
             [](Scene &w) {
                 return w.add_static(w.K, static_route("0.0.0.0/0", "239.1.1.1", {w.if1}, {w.if5}));
             }},
        Step{"AddPerSource",
             [](Scene &w) {
                 return w.add_static(w.K,
                                     static_route("10.0.0.0/16", "239.1.0.0/16", {w.if2}, {w.if5}));
             }},
        Step{"ChangeExact",
             [](Scene &w) {
                 return w.change_static(w.K,
                                        static_route("10.0.2.6", "239.1.1.2", {w.if1}, {w.if5}));
             }},
        Step{"ChangeExactToPerSource",
             [](Scene &w) {
                 return w.change_static(
                     w.K, per_source(static_route("10.0.2.6", "239.1.1.2", {w.if1}, {w.if5})));
             }},
        Step{"ChangeWildcard",
             [](Scene &w) {
                 return w.change_static(w.K,
                                        static_route("0.0.0.0/0", "225.0.0.0/8", {w.if2}, {w.if5}));
             }},
        Step{"ChangeWildcardToPerSource",
             [](Scene &w) {
                 return w.change_static(w.K, static_route("0.0.0.0/0", "225.0.0.0/8", {}, {w.if5}));
             }},
        Step{"JoinInsideAWildcard",
             [](Scene &w) { return w.add(w.C, any(ip("225.1.1.1")), w.if3); }},
        Step{"JoinOfAllGroups", [](Scene &w) { return w.add(w.C, any_group(), w.if3); }},
        Step{"ForwardOnAnExactRoute",
             [](Scene &w) { return w.add(w.B, sg(w.S2, w.G2), w.if2, kForwardState); }}),
    [](const auto &each) { return each.param.name; });

// --- what cannot fail

TEST_F(StaticRouteTest, R8_9_ExactRouteWithoutRoomIsEmptiedAndBuiltAgain) {
    given_member(C, any(G), if3);
    given_static(K, exact({if1}, {if2}));
    recorder.has_room_for_oifs = false;
    EXPECT_EQ(remove(C, any(G), if3), kOk);
    forget();
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    EXPECT_EQ(info(S, G).state, EntryState::kNegative);
    pass(5s);
    EXPECT_EQ(forwarding(S, G), "if1 -> nothing");
    recorder.has_room_for_oifs = true;
    pass(1s);
    EXPECT_EQ(forwarding(S, G), "if1 -> if2");
    EXPECT_EQ(info(S, G).state, EntryState::kActive);
}

TEST_F(StaticRouteTest, R8_9_TableWithoutAnyRoomLosesTheEntryUntilThereIs) {
    given_member(C, any(G), if3);
    given_static(K, static_route("0.0.0.0/0", "239.1.0.0/16", {if1}, {if2}));
    recorder.has_room = false;
    EXPECT_EQ(change_static(K, static_route("0.0.0.0/0", "239.1.0.0/16", {if1}, {if5})),
              kNotEnoughMemory);
    EXPECT_EQ(add_static(K, exact({if1}, {if2})), kNotEnoughMemory);
    EXPECT_EQ(remove(C, any(G), if3), kOk);
    forget();
    recorder.has_room = true;
    pass(1s);
    EXPECT_EQ(way_of(S, G), "if1 -> if2");
    given_member(C, any(G), if3);
    EXPECT_EQ(way_of(S, G), "if1 -> if2,if3");
}

TEST_F(StaticRouteTest, R8_9_EntryOfAJoinedSourceIsMadeWhenThereIsRoom) {
    given_static(K, static_route("0.0.0.0/0", "239.1.0.0/16", {if1}, {if2}));
    recorder.has_room = false;
    EXPECT_EQ(add(C, sg(S, G), if3), kOk);
    forget();
    EXPECT_THAT(entries(), IsEmpty());
    recorder.has_room = true;
    pass(1s);
    forget();
    EXPECT_EQ(forwarding(S, G), "if1 -> if2,if3");
}

TEST_F(StaticRouteTest, R8_9_RemovalNeverFails) {
    for (unsigned nth = 1; nth < 12; ++nth) {
        given_static(K, exact({if1}, {if2}));
        given_static(K, static_route("0.0.0.0/0", "239.1.0.0/16", {if1}, {if2}));
        memory.fail_at(nth, Failure::kFromThenOn);
        EXPECT_EQ(remove_static(K, exact({}, {})), kOk);
        EXPECT_EQ(remove_static(K, static_route("0.0.0.0/0", "239.1.0.0/16", {}, {})), kOk);
        memory.recover();
        EXPECT_THAT(recorder.table, IsEmpty());
    }
}

} // namespace
} // namespace control::manager::test
