// SPDX-License-Identifier: BSD-3-Clause
// How many calls a client may make, how many protocols a vrf may have (8.18).
#include "manager_harness.hpp"

#include <fmt/format.h>

namespace control::manager::test {
namespace {

using namespace std::chrono_literals;

TEST(ManagerQuota, R8_18_CallsOverTheRateEndIn1003) {
    World w({.calls_per_second = 10, .calls_in_a_burst = 4});
    w.given_member(w.A, any(w.G), w.if1); // one was its Take
    EXPECT_EQ(w.remove(w.A, any(w.G), w.if1), kOk);
    w.forget();
    EXPECT_EQ(w.update(w.A, w.G, w.if1, FilterMode::kExclude, {}), kOk);
    w.forget();
    const std::string before = w.snapshot(); // enumerates, and that is not limited
    EXPECT_EQ(w.add(w.A, any(w.G2), w.if1), kCanNotComplete);
    EXPECT_EQ(w.remove(w.A, any(w.G), w.if1), kCanNotComplete);
    EXPECT_EQ(w.take(w.A, w.if5), kCanNotComplete);
    EXPECT_EQ(w.set_upstream(w.A, sg(w.S, w.G), ip("10.0.0.9")), kCanNotComplete);
    EXPECT_EQ(w.add(static_cast<Handle>(77), any(w.G), w.if1), kInvalidParameter); // 87 first
    w.expect({});
    EXPECT_EQ(w.snapshot(), before);
    EXPECT_EQ(w.add(w.B, any(w.G2), w.if2), kOk); // each has its own
    w.forget();

    w.pass(100ms);
    EXPECT_EQ(w.add(w.A, any(w.G2), w.if1), kOk);
    w.forget();
    EXPECT_EQ(w.add(w.A, any_group(), w.if1), kCanNotComplete);
    EXPECT_EQ(w.deregister(w.A), kCanNotComplete); // it owns if1; leaving is not limited
    w.pass(10s);
    for (int i = 0; i < 4; ++i)
        w.given_member(w.A, any_group(), w.if1);
    EXPECT_EQ(w.add(w.A, any_group(), w.if1), kCanNotComplete);
    w.forget();
    w.finish();
}

TEST(ManagerQuota, R8_18_TheConfigurationMayCallAsOftenAsItLikes) {
    World w({.calls_per_second = 1, .calls_in_a_burst = 1});
    Client k = World::configuration("K");
    w.given_client(k);
    for (int i = 0; i < 20; ++i)
        w.given_member(k, any(ip(fmt::format("239.3.3.{}", i))), w.if2);
    w.finish();
}

TEST(ManagerQuota, R8_18_ClientsThatAnswerEachOtherForEverAreStopped) {
    World w({.calls_per_second = 100, .calls_in_a_burst = 50});
    w.forget();
    int rounds = 0; // each answers the other's alert with a call
    bool goes_on = true;
    for (; rounds < 1000 && goes_on; ++rounds) {
        goes_on = w.add(w.A, any(w.G), w.if1) == kOk;
        w.forget();
        goes_on = goes_on && w.remove(w.A, any(w.G), w.if1) == kOk;
        w.forget();
        w.now += 1ms;
    }
    EXPECT_LT(rounds, 50);
    w.forget();
    w.finish();
}

TEST(ManagerQuota, R8_18_ProtocolsOfAVrfAreBounded) {
    World w;
    for (std::uint32_t i = 4; i < 64; ++i) {
        Client d = World::routing(fmt::format("D{}", i), 1000 + i);
        w.given_client(d);
    }
    Client one_more = World::routing("E", 5000);
    EXPECT_EQ(w.register_client(one_more), kNotEnoughMemory);
    Client elsewhere = World::routing("F", 5000);
    elsewhere.registration.vrf = mgm::Vrf{5};
    EXPECT_EQ(w.register_client(elsewhere), kOk);
    EXPECT_EQ(w.release(w.C, w.if3), kOk);
    EXPECT_EQ(w.deregister(w.C), kOk);
    EXPECT_EQ(w.register_client(one_more), kOk);
    w.finish();
}

} // namespace
} // namespace control::manager::test
