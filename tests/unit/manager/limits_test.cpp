// SPDX-License-Identifier: BSD-3-Clause
// How many entries data may make: A22, and the threshold of live entries.
#include "manager_harness.hpp"

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::Not;
using Kind = CallbackKind;

mgm::IpAddress group(int number) {
    return ip(fmt::format("239.7.7.{}", number));
}
/// What clients are told of it is not this test's.
void packet(World &w, const mgm::IpAddress &source, int number, const Link &on) {
    w.data(source, group(number), on);
    w.forget();
}
std::uint64_t refused(const World &w, Refusal why) {
    return w.manager->refusals()[static_cast<std::size_t>(why)];
}

TEST(ManagerLimits, A22_EntriesThatWaitForAnswersAreBounded) {
    World w({.max_uninitialised = 3});
    w.keeps_still(w.A, Kind::kRpf);
    for (int i = 1; i <= 3; ++i) {
        w.data(w.S, group(i), w.if1);
        w.expect({fmt::format("A: RPF((S,239.7.7.{}),if1)", i)});
    }

    w.data(w.S, group(4), w.if1);
    w.expect_plane({"drop (S,239.7.7.4)"});
    w.expect({});
    w.answer(w.A, Kind::kRpf);
    w.forget();
    w.data(w.S, group(4), w.if1);
    w.expect({"A: RPF((S,239.7.7.4),if1)"});
    w.answers_again(w.A, Kind::kRpf);
    w.forget();
    w.finish();
}

TEST(ManagerLimits, A22_UpcallsOfAnInterfaceAreBounded) {
    World w({.upcalls_per_second = 3});
    int number = 0;
    const auto heard_of_five = [&](const mgm::IpAddress &source, const Link &on) {
        std::size_t heard = 0;
        for (int i = 0; i < 5; ++i) {
            w.data(source, group(++number), on);
            heard += w.callbacks().empty() ? 0 : 1;
            w.forget();
        }
        return heard;
    };

    EXPECT_EQ(heard_of_five(w.S, w.if1), 3U);
    EXPECT_EQ(heard_of_five(w.S2, w.if2), 3U); // a budget of its own
    EXPECT_EQ(heard_of_five(w.S, w.if1), 0U);
    w.pass(1s);
    EXPECT_EQ(heard_of_five(w.S, w.if1), 3U);
    w.finish();
}

TEST(ManagerLimits, A22_EntriesOfOneSourceThatWaitAreBounded) {
    World w({.max_uninitialised_of_source = 2});
    w.keeps_still(w.A, Kind::kRpf);
    for (int i = 1; i <= 5; ++i)
        packet(w, w.S, i, w.if1);
    EXPECT_EQ(refused(w, Refusal::kWaitingOfSource), 3U);

    packet(w, w.S2, 1, w.if1); // another one is not held up
    EXPECT_EQ(refused(w, Refusal::kWaitingOfSource), 3U);
    w.answers_again(w.A, Kind::kRpf);
    w.forget();
    packet(w, w.S, 6, w.if1); // nor is it when its own have ended
    EXPECT_TRUE(w.is_shown(w.S, group(6)));
    w.finish();
}

TEST(ManagerLimits, A22_EntriesOfOneInterfaceThatWaitAreBounded) {
    World w({.max_uninitialised_of_interface = 2});
    w.keeps_still(w.A, Kind::kRpf);
    for (int i = 1; i <= 5; ++i)
        packet(w, w.S, i, w.if1);
    EXPECT_EQ(refused(w, Refusal::kWaitingOfInterface), 3U);
    w.forget();

    packet(w, w.S, 6, w.if2); // whatever interface the source belongs behind
    EXPECT_EQ(refused(w, Refusal::kWaitingOfInterface), 3U);
    w.finish();
}

TEST(ManagerLimits, A22_RefusedForAnotherReasonIsNoUpcall) {
    World w({.max_uninitialised = 1, .upcalls_per_second = 2});
    w.keeps_still(w.A, Kind::kRpf);
    for (int i = 1; i <= 5; ++i)
        packet(w, w.S, i, w.if1);
    EXPECT_EQ(refused(w, Refusal::kWaiting), 4U);
    EXPECT_EQ(refused(w, Refusal::kRate), 0U);
    w.answers_again(w.A, Kind::kRpf);
    w.forget();
    packet(w, w.S, 6, w.if1);
    EXPECT_TRUE(w.is_shown(w.S, group(6)));
    w.finish();
}

TEST(ManagerLimits, A22_ThresholdSuppressesUntilFewerAreLeft) {
    World w({.entry_timeout = 100s, .suppress_entries = 3, .reuse_entries = 1});
    w.has_no_answer(w.A, Kind::kPruneAlert);
    for (int i = 1; i <= 2; ++i) {
        packet(w, w.S, i, w.if1);
        w.pass(10s);
    }
    w.data(w.S, group(3), w.if1);
    EXPECT_THAT(w.events(), Contains(Event::kEntriesSuppressed));
    w.forget();
    w.pass(10s);
    packet(w, w.S, 4, w.if1);
    EXPECT_FALSE(w.is_shown(w.S, group(4)));
    EXPECT_EQ(refused(w, Refusal::kSuppressed), 1U);

    w.pass(70s); // the first has ended: two are left
    packet(w, w.S, 4, w.if1);
    EXPECT_FALSE(w.is_shown(w.S, group(4)));
    EXPECT_THAT(w.events(), Not(Contains(Event::kEntriesReused)));
    w.pass(10s); // and the second
    EXPECT_THAT(w.events(), Contains(Event::kEntriesReused));
    packet(w, w.S, 4, w.if1);
    EXPECT_TRUE(w.is_shown(w.S, group(4)));
    w.finish();
}

} // namespace
} // namespace control::manager::test
