// SPDX-License-Identifier: BSD-3-Clause
// Every code of the table in mgm-spec 2.0 that a manager can give, bad parameters (T27), bad
// handles (2.2), and which of several faults is named (8.4).
#include "manager_harness.hpp"

#include <fmt/format.h>

#include <array>

namespace control::manager::test {
namespace {

using ::testing::IsEmpty;

Status status_of(const World &world, const Outcome &outcome) {
    EXPECT_FALSE(outcome.waits());
    for (const Status status :
         {kOk, kNotEnoughMemory, kInvalidParameter, kAlreadyExists, kCanNotComplete, kNotFound})
        if (outcome == status)
            return status;
    EXPECT_THAT(world.callbacks(), IsEmpty());
    return kInsufficientBuffer; // none of those that a call may end in
}

struct Cell {
    std::string name; ///< function and condition
    Status status{};
    std::function<Status(World &)> run;
};
std::ostream &operator<<(std::ostream &out, const Cell &cell) {
    return out << cell.name;
}

std::function<Status(World &)> call(std::function<Outcome(World &)> body) {
    return [body = std::move(body)](World &world) { return status_of(world, body(world)); };
}

std::function<Status(World &)> without_memory(std::function<Outcome(World &)> body) {
    return [body = std::move(body)](World &world) {
        world.memory.fail_at(1, FailingMemory::Failure::kFromThenOn);
        const Outcome outcome = body(world);
        world.memory.recover();
        return status_of(world, outcome);
    };
}

std::function<Status(World &)> in_rpf(std::function<Outcome(World &)> body) {
    return [body = std::move(body)](World &world) {
        world.inside = CallbackKind::kRpf;
        return status_of(world, body(world));
    };
}

Status next_groups(World &world, std::size_t room, std::size_t wanted) {
    world.given_member(world.A, any(world.G), world.if1);
    world.given_member(world.A, any(world.G2), world.if1);
    const Handle enumeration = world.start_enumeration(world.B).handle();
    std::array<SourceGroup, 3> page;
    std::size_t count = 37;
    const Status status =
        world.manager->next_groups(enumeration, std::span(page).first(room), count);
    EXPECT_EQ(count, wanted);
    return status;
}

Client stranger() {
    return World::routing("stranger", 55);
}

std::vector<Cell> cells() {
    using W = World;
    std::vector<Cell> all;
    const auto cell = [&](std::string name, Status status, std::function<Status(W &)> run) {
        all.push_back({.name = std::move(name), .status = status, .run = std::move(run)});
    };
    auto registers = [](W &w) {
        Client d = stranger();
        return w.register_client(d);
    };
    cell("RegisterOk", kOk, call(registers));
    cell("RegisterWithoutMemory", kNotEnoughMemory, without_memory(registers));
    cell("RegisterTwice", kAlreadyExists, call([](W &w) {
             Client twin = w.routing("twin", 3);
             return w.register_client(twin);
         }));
    cell("RegisterInsideRpf", kCanNotComplete, in_rpf(registers));

    cell("DeRegisterOk", kOk, call([](W &w) { return w.deregister(w.I); }));
    cell("DeRegisterBadHandle", kInvalidParameter,
         call([](W &w) { return w.deregister(Handle{}); }));
    cell("DeRegisterOwner", kCanNotComplete, call([](W &w) { return w.deregister(w.A); }));

    auto takes = [](W &w) { return w.take(w.A, w.if4); };
    cell("TakeOk", kOk, call(takes));
    cell("TakeWithoutMemory", kNotEnoughMemory, without_memory(takes));
    cell("TakeBadHandle", kInvalidParameter, call([](W &w) { return w.take(Handle{}, w.if4); }));
    cell("TakeOwned", kAlreadyExists, call([](W &w) { return w.take(w.A, w.if2); }));
    cell("TakeInsideRpf", kCanNotComplete, in_rpf(takes));

    cell("ReleaseOk", kOk, call([](W &w) { return w.release(w.A, w.if1); }));
    cell("ReleaseBadHandle", kInvalidParameter,
         call([](W &w) { return w.release(Handle{}, w.if1); }));
    cell("ReleaseOfOthers", kInvalidParameter, call([](W &w) { return w.release(w.A, w.if2); }));
    cell("ReleaseUnknown", kInvalidParameter, call([](W &w) { return w.release(w.A, w.if4); }));
    cell("ReleaseInsideRpf", kCanNotComplete, in_rpf([](W &w) { return w.release(w.A, w.if1); }));

    cell("GetProtocolOk", kOk, [](W &w) {
        Identity identity;
        const Status status = w.manager->owner_of({}, w.if1, identity);
        EXPECT_EQ(identity, w.A.registration.identity);
        return status;
    });
    cell("GetProtocolUnknown", kNotFound, [](W &w) {
        Identity identity;
        return w.manager->owner_of({}, w.if4, identity);
    });

    auto adds = [](W &w) { return w.add(w.I, any(w.G), w.if4); };
    const auto igmp_on_if4 = [](const std::function<Status(W &)> &then) {
        return [then](W &w) {
            w.given_owner(w.I, w.if4);
            const Status status = then(w);
            w.forget();
            return status;
        };
    };
    cell("AddOk", kOk, igmp_on_if4(call(adds)));
    cell("AddWithoutMemory", kNotEnoughMemory, igmp_on_if4(without_memory(adds)));
    cell("AddBadHandle", kInvalidParameter,
         call([](W &w) { return w.add(Handle{}, any(w.G), w.if1); }));
    cell("AddUnknownInterface", kInvalidParameter,
         call([](W &w) { return w.add(w.A, any(w.G), w.if4); }));
    cell("AddOnOthers", kInvalidParameter, call([](W &w) { return w.add(w.A, any(w.G), w.if2); }));
    cell("AddInsideRpf", kCanNotComplete, igmp_on_if4(in_rpf(adds)));

    cell("DeleteBadHandle", kInvalidParameter,
         call([](W &w) { return w.remove(Handle{}, any(w.G), w.if1); }));
    cell("DeleteOnOthers", kInvalidParameter,
         call([](W &w) { return w.remove(w.A, any(w.G), w.if2); }));
    cell("DeleteOnOthersForward", kInvalidParameter,
         call([](W &w) { return w.remove(w.A, any(w.G), w.if2, kForwardState); }));
    cell("DeleteUnknownInterface", kNotFound,
         call([](W &w) { return w.remove(w.A, any(w.G), w.if4); }));
    cell("DeleteUnknownInterfaceBoth", kNotFound,
         call([](W &w) { return w.remove(w.A, any(w.G), w.if4, kJoinState | kForwardState); }));
    cell("DeleteUnknownInterfaceForward", kInvalidParameter,
         call([](W &w) { return w.remove(w.A, any(w.G), w.if4, kForwardState); }));
    cell("DeleteUnknownEntry", kNotFound,
         call([](W &w) { return w.remove(w.A, any(w.G), w.if1); }));
    cell("DeleteUnknownEntryForward", kOk,
         call([](W &w) { return w.remove(w.A, any(w.G), w.if1, kForwardState); }));
    cell("DeleteInsideRpf", kCanNotComplete,
         in_rpf([](W &w) { return w.remove(w.A, any(w.G), w.if1); }));

    const auto sets_upstream = [](const std::function<Status(W &)> &then) {
        return [then](W &w) {
            w.given_entry(w.S, w.G, w.if1);
            return then(w);
        };
    };
    cell("SetMfeOk", kOk,
         sets_upstream([](W &w) { return w.set_upstream(w.A, sg(w.S, w.G), ip("10.0.0.77")); }));
    cell("SetMfeBadHandle", kInvalidParameter, sets_upstream([](W &w) {
             return w.set_upstream(Handle{}, sg(w.S, w.G), ip("10.0.0.77"));
         }));
    cell("SetMfeNotTheIifsOwner", kInvalidParameter,
         sets_upstream([](W &w) { return w.set_upstream(w.B, sg(w.S, w.G), ip("10.0.0.77")); }));
    cell("SetMfeUnknown", kNotFound,
         sets_upstream([](W &w) { return w.set_upstream(w.A, sg(w.S, w.G2), ip("10.0.0.77")); }));
    cell("SetMfeInsideRpf", kCanNotComplete, sets_upstream([](W &w) {
             w.inside = CallbackKind::kRpf;
             return w.set_upstream(w.A, sg(w.S, w.G), ip("10.0.0.77"));
         }));
    cell("GetMfeUnknown", kNotFound, [](W &w) {
        w.given_entry(w.S, w.G, w.if1);
        return w.is_shown(w.S, w.G2) ? kOk : kNotFound;
    });

    auto starts = [](W &w) { return w.start_enumeration(w.A); };
    cell("EnumerationStartOk", kOk, call(starts));
    cell("EnumerationStartWithoutMemory", kNotEnoughMemory, without_memory(starts));
    cell("EnumerationStartBadHandle", kInvalidParameter,
         call([](W &w) { return w.start_enumeration(Handle{}); }));
    cell("EnumerationStartBadKind", kInvalidParameter,
         call([](W &w) { return w.start_enumeration(w.A, static_cast<EnumerationKind>(2)); }));

    cell("EnumerationNextOk", kNoMoreItems, [](W &w) { return next_groups(w, 3, 2); });
    cell("EnumerationNextMore", kMoreData, [](W &w) { return next_groups(w, 1, 1); });
    cell("EnumerationNextNoRoom", kInsufficientBuffer, [](W &w) { return next_groups(w, 0, 0); });
    cell("EnumerationNextBadHandle", kInvalidParameter, [](W &w) {
        std::size_t count = 0;
        return w.manager->next_groups(Handle{}, {}, count);
    });
    cell("EnumerationEndOk", kOk,
         [](W &w) { return w.manager->end_enumeration(w.start_enumeration(w.A).handle()); });
    cell("EnumerationEndBadHandle", kInvalidParameter,
         [](W &w) { return w.manager->end_enumeration(Handle{}); });
    return all;
}

class ErrorTable : public ::testing::TestWithParam<Cell> {};

TEST_P(ErrorTable, GivesTheCode) {
    World world;

    EXPECT_EQ(GetParam().run(world), GetParam().status);

    world.finish();
}

INSTANTIATE_TEST_SUITE_P(S2_0, ErrorTable, ::testing::ValuesIn(cells()), CaseName{});

} // namespace
} // namespace control::manager::test
