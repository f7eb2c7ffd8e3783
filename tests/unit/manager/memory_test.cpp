// SPDX-License-Identifier: BSD-3-Clause
// Memory runs out at every single allocation, once and for good: T28, 8.9.
#include "manager_harness.hpp"

#include <algorithm>

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using Failure = FailingMemory::Failure;

/// Members of every kind, live entries with and without oifs, IGMP on an owned link and on one of
/// its own.
void busy_router(World &w) {
    w.given_owner(w.I, w.if1);
    w.given_owner(w.I, w.if4);
    w.given_member(w.I, any(w.G), w.if4);
    w.given_member(w.I, any(w.G2), w.if1);
    w.given_member(w.B, any(w.G), w.if2);
    w.given_member(w.B, sg(w.S, w.G2), w.if2);
    w.given_member(w.C, any_group(), w.if3);
    EXPECT_EQ(w.update(w.I, w.G, w.if1, FilterMode::kExclude, {w.S, w.S4}), kOk);
    w.forget();
    for (const auto &[source, group] :
         {std::pair(w.S, w.G), {w.S, w.G2}, {w.S2, w.G}, {w.S4, w.G2}, {w.Lost, w.G}})
        w.given_entry(source, group, w.if1);
}

struct Step {
    std::string name;
    std::function<Outcome(World &)> run;
};
std::ostream &operator<<(std::ostream &out, const Step &step) {
    return out << step.name;
}

constexpr unsigned kMoreThanAnyStepAllocates = 2000;

/// Calls `attempt` with failures at the 1st, 2nd … allocation, until it says that none came.
void at_every_allocation(const std::function<bool(unsigned nth, Failure)> &attempt) {
    for (const Failure failure : {Failure::kOnce, Failure::kFromThenOn}) {
        unsigned nth = 1;
        while (nth < kMoreThanAnyStepAllocates && attempt(nth, failure))
            ++nth;
        EXPECT_LT(nth, kMoreThanAnyStepAllocates);
    }
}

// --- calls that may fail

class NoMemory : public ::testing::TestWithParam<Step> {};

TEST_P(NoMemory, T28_CallEndsIn8WithNothingChanged) {
    World reference;
    busy_router(reference);
    ASSERT_EQ(GetParam().run(reference), kOk);
    const std::vector<std::string> told = reference.callbacks();
    const std::string after = reference.snapshot();

    at_every_allocation([&](unsigned nth, Failure failure) {
        SCOPED_TRACE(nth);
        World w;
        busy_router(w);
        const std::string before = w.snapshot();

        w.memory.fail_at(nth, failure);
        const Outcome outcome = GetParam().run(w);
        w.memory.recover();
        const bool has_failed = w.memory.has_failed();

        if (!(outcome == kOk)) { // else what was reserved was enough: all of it was done
            EXPECT_EQ(outcome, kNotEnoughMemory);
            w.expect({});
            EXPECT_EQ(w.snapshot(), before);
            EXPECT_EQ(GetParam().run(w), kOk) << "with memory again";
        }
        EXPECT_EQ(w.callbacks(), told);
        EXPECT_EQ(w.snapshot(), after);
        w.forget();
        w.finish();
        return has_failed && !HasFailure();
    });
}

Outcome registers(World &w) {
    Client d = w.routing("D", 5);
    return w.register_client(d);
}

INSTANTIATE_TEST_SUITE_P(
    S8_9, NoMemory,
    ::testing::Values(
        Step{"Register", registers}, Step{"Take", [](World &w) { return w.take(w.A, w.if5); }},
        Step{"TakeFromIgmp", [](World &w) { return w.take(w.A, w.if4); }},
        Step{"TakeOfTheWayToASource",
             [](World &w) { return w.take(w.C, link(1000, "10.0.4.77")); }},
        Step{"AddGroup", [](World &w) { return w.add(w.C, any(w.G2), w.if3); }},
        Step{"AddSource", [](World &w) { return w.add(w.C, sg(w.S2, w.G), w.if3); }},
        Step{"AddAllGroups", [](World &w) { return w.add(w.B, any_group(), w.if2); }},
        Step{"AddByIgmp", [](World &w) { return w.add(w.I, any_group(), w.if1); }},
        Step{"AddForward",
             [](World &w) { return w.add(w.B, sg(w.S, w.G2), w.if2, kForwardState); }},
        Step{"AddForwardToAll",
             [](World &w) { return w.add(w.B, any_group(), w.if2, kForwardState); }},
        Step{"AddBothToAll",
             [](World &w) { return w.add(w.B, any_group(), w.if2, kJoinState | kForwardState); }},
        Step{"AddBoth",
             [](World &w) { return w.add(w.B, any(w.G2), w.if2, kJoinState | kForwardState); }},
        Step{"Update",
             [](World &w) {
                 return w.update(w.I, w.G, w.if4, FilterMode::kExclude, {w.S2, w.Lost});
             }},
        Step{"UpdateToSources",
             [](World &w) {
                 return w.update(w.I, w.G, w.if1, FilterMode::kInclude, {w.S2, w.S, w.S4});
             }},
        Step{"StartEnumeration", [](World &w) { return w.start_enumeration(w.B); }}),
    CaseName{});

// --- what never fails

struct Occurrence {
    std::string name;
    std::function<void(World &)> run;
};
std::ostream &operator<<(std::ostream &out, const Occurrence &it) {
    return out << it.name;
}

/// All but FALSE alerts, which an entry that had to be deleted does not cause, and what else making
/// entries takes.
std::vector<std::string> certain(const World &w) {
    std::vector<std::string> result = w.callbacks();
    std::erase_if(result, [](const std::string &text) {
        return text.ends_with("FALSE)") || text.find("CREATION") != std::string::npos ||
               text.find("RPF") != std::string::npos;
    });
    return result;
}

class NoMemoryNeeded : public ::testing::TestWithParam<Occurrence> {};

TEST_P(NoMemoryNeeded, T28_Succeeds) {
    World reference;
    busy_router(reference);
    GetParam().run(reference);
    const std::vector<std::string> told = certain(reference);
    const std::vector<std::string> entries = reference.entries();
    const std::vector<std::string> groups = reference.groups();

    at_every_allocation([&](unsigned nth, Failure failure) {
        SCOPED_TRACE(nth);
        World w;
        busy_router(w);

        w.memory.fail_at(nth, failure);
        GetParam().run(w);
        w.memory.recover();

        EXPECT_EQ(certain(w), told);
        EXPECT_EQ(w.groups(), groups);
        for (const Link &each : {w.if1, w.if2, w.if3, w.if4, w.if5})
            EXPECT_EQ(w.owner(each), reference.owner(each));
        for (const std::string &entry : w.entries()) // some may have been deleted
            EXPECT_THAT(entries, ::testing::Contains(entry));
        w.forget();
        const bool has_failed = w.memory.has_failed();
        w.finish();
        return has_failed && !HasFailure();
    });
}

INSTANTIATE_TEST_SUITE_P(
    S8_9, NoMemoryNeeded,
    ::testing::Values(
        Occurrence{"Delete", [](World &w) { EXPECT_EQ(w.remove(w.B, any(w.G), w.if2), kOk); }},
        Occurrence{"DeleteAllGroups",
                   [](World &w) { EXPECT_EQ(w.remove(w.C, any_group(), w.if3), kOk); }},
        Occurrence{"DeleteByIgmp",
                   [](World &w) { EXPECT_EQ(w.remove(w.I, any(w.G2), w.if1), kOk); }},
        Occurrence{
            "DeleteForward",
            [](World &w) { EXPECT_EQ(w.remove(w.C, sg(w.S, w.G), w.if3, kForwardState), kOk); }},
        Occurrence{"Release", [](World &w) { EXPECT_EQ(w.release(w.B, w.if2), kOk); }},
        Occurrence{"ReleaseToIgmp", [](World &w) { EXPECT_EQ(w.release(w.A, w.if1), kOk); }},
        Occurrence{"ReleaseByIgmp", [](World &w) { EXPECT_EQ(w.release(w.I, w.if4), kOk); }},
        Occurrence{"DeRegister",
                   [](World &w) {
                       EXPECT_EQ(w.release(w.B, w.if2), kOk);
                       w.forget();
                       EXPECT_EQ(w.deregister(w.B), kOk);
                   }},
        Occurrence{"ClientEnds", [](World &w) { w.client_ended(w.A); }},
        Occurrence{"IgmpEnds", [](World &w) { w.client_ended(w.I); }},
        Occurrence{"NewSource", [](World &w) { w.data(w.S2, w.G2, w.if2); }},
        Occurrence{"NewSourceWithoutARoute",
                   [](World &w) { w.data(ip("192.0.2.78"), w.G, w.if2); }},
        Occurrence{"WrongInterface", [](World &w) { w.data_on_wrong_interface(w.S, w.G, w.if2); }},
        Occurrence{"Expiry", [](World &w) { w.pass(900s); }},
        Occurrence{"RouteMoves", [](World &w) { w.move_route("10.0.0.0/24", w.if1, w.if3); }},
        Occurrence{"RouteGoes", [](World &w) { w.remove_route("10.0.2.0/24", w.if2); }},
        Occurrence{"InterfaceIsRemoved", [](World &w) { w.interface_removed(w.if1); }}),
    CaseName{});

// Reserved before DISABLE is enqueued; from then on a Take cannot fail.
TEST_F(ManagerTest, R8_09_HandOverThatHasBegunEnds) {
    for (const Failure failure : {Failure::kOnce, Failure::kFromThenOn}) {
        World w;
        busy_router(w);
        w.keeps_still(w.I, CallbackKind::kDisableIgmp);
        const Outcome taking = w.take(w.C, w.if4);
        w.expect({"I: DISABLE(if4)"});
        w.given_member(w.B, any(ip("239.1.1.3")), w.if2); // meanwhile there is more to do
        w.given_entry(w.S2, ip("239.1.1.3"), w.if2);
        w.given_entry(w.S2, w.G2, w.if2);

        w.memory.fail_at(1, failure);
        w.answer(w.I, CallbackKind::kDisableIgmp);
        w.memory.recover();

        EXPECT_EQ(taking, kOk);
        EXPECT_EQ(w.owner(w.if4), "C");
        EXPECT_THAT(w.callbacks(), ::testing::Contains("I: ENABLE(if4)"));
        EXPECT_THAT(w.callbacks(), ::testing::Contains("A: P((*,G),if4,TRUE)").Times(0));
        w.forget();
        w.finish();
    }
}

// --- quotas

TEST(ManagerQuota, S8_18_MembershipsAndLinksOfAClientAreBounded) {
    World w({.max_memberships = 3, .max_links = 2});
    for (const Key &key : {any(w.G), sg(w.S2, w.G), any(w.G2)})
        w.given_member(w.B, key, w.if2);
    w.given_owner(w.B, w.if5);
    const std::string before = w.snapshot();

    EXPECT_EQ(w.add(w.B, any_group(), w.if2), kNotEnoughMemory);
    EXPECT_EQ(w.update(w.B, w.G, w.if2, FilterMode::kInclude, {w.S, w.S2, w.S4}), kNotEnoughMemory);
    EXPECT_EQ(w.take(w.B, w.if4), kNotEnoughMemory);
    w.expect({});
    EXPECT_EQ(w.snapshot(), before);

    EXPECT_EQ(w.add(w.B, any(w.G), w.if2), kOk); // there already
    EXPECT_EQ(w.remove(w.B, any(w.G), w.if2), kOk);
    w.forget();
    EXPECT_EQ(w.add(w.B, any_group(), w.if2), kOk);
    w.forget();
    EXPECT_EQ(w.release(w.B, w.if5), kOk);
    EXPECT_EQ(w.take(w.B, w.if4), kOk);
    w.finish();
}

} // namespace
} // namespace control::manager::test
