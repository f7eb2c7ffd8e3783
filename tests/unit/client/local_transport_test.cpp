// SPDX-License-Identifier: BSD-3-Clause
// Calls and callbacks on real threads: order, deadlines, calls from inside callbacks, clients that
// block or vanish.
#include "tests/unit/client/router.hpp"

#include <gmock/gmock.h>

namespace client_tests {
namespace {

using control::Client;
using namespace control::manager;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;

constexpr const char *kG = "239.1.1.1";
constexpr const char *kS = "10.0.0.5";

Options impatient() {
    Options options;
    options.callback_deadline = std::chrono::milliseconds(30);
    return options;
}

struct Protocol {
    Protocol(Router &router, std::uint32_t number, Role role = Role::kRouting)
        : client(router.transport()) {
        const bool is_igmp = role == Role::kGroupManagement;
        const Status status = client.open(
            {.identity = {.protocol = number, .component = 7},
             .role = role,
             .vrf = {},
             .families = Families::kIpv4,
             .callbacks = is_igmp ? CallbackSet::group_management() : CallbackSet::routing()},
            listener);
        EXPECT_EQ(status, Status::kOk);
    }
    Listener listener;
    Client client;
};

class OnThreads : public ::testing::Test {
protected:
    void add_route() {
        ASSERT_TRUE(router.rib.add({.vrf = {},
                                    .prefix = *mgm::IpPrefix::parse("10.0.0.0/28"),
                                    .interface = mgm::IfIndex{1},
                                    .neighbor = std::nullopt,
                                    .protocol = control::RouteProtocol::kLocal,
                                    .preference = 0}));
    }
    void flush() { ASSERT_EQ(router.transport().flush(), Status::kOk); }

    Router router{impatient()};
};

TEST_F(OnThreads, CallbacksComeInOrder) {
    Protocol a(router, 21), b(router, 22);
    ASSERT_EQ(a.client.take(link(1)), Status::kOk);
    for (int i = 0; i < 50; ++i) {
        ASSERT_EQ(a.client.add(membership("0.0.0.0", kG, 1)), Status::kOk);
        ASSERT_EQ(a.client.remove(membership("0.0.0.0", kG, 1)), Status::kOk);
    }
    flush();
    const std::vector<std::string> told = b.listener.told();
    ASSERT_EQ(told.size(), 100U);
    for (std::size_t i = 0; i < told.size(); i += 2) {
        EXPECT_EQ(told[i], "JOIN (*,239.1.1.1) TRUE");
        EXPECT_EQ(told[i + 1], "PRUNE (*,239.1.1.1) if1 TRUE");
    }
    EXPECT_THAT(a.listener.told(), IsEmpty());
}

TEST_F(OnThreads, AClientBlockedForEverHoldsUpOnlyItself) {
    Protocol a(router, 21), b(router, 22), c(router, 23);
    ASSERT_EQ(a.client.take(link(1)), Status::kOk);
    b.listener.block(CallbackKind::kJoinAlert);
    ASSERT_EQ(a.client.add(membership("0.0.0.0", kG, 1)), Status::kOk);
    b.listener.wait_until_blocked();

    ASSERT_EQ(a.client.add(membership("0.0.0.0", "239.1.1.2", 1)), Status::kOk);
    ASSERT_EQ(c.client.take(link(3)), Status::kOk);

    EXPECT_THAT(b.listener.told(), ElementsAre("JOIN (*,239.1.1.1) TRUE"));
    b.listener.open_gate();
    flush();
    EXPECT_THAT(b.listener.told(),
                ElementsAre("JOIN (*,239.1.1.1) TRUE", "JOIN (*,239.1.1.2) TRUE"));
}

TEST_F(OnThreads, ATakeGoesOnWhenDisableDoesNotReturnInTime_R8_8) {
    Protocol a(router, 21), igmp(router, 10, Role::kGroupManagement);
    ASSERT_EQ(igmp.client.take(link(4)), Status::kOk);
    igmp.listener.block(CallbackKind::kDisableIgmp);

    EXPECT_EQ(a.client.take(link(4)), Status::kOk);

    Identity owner;
    ASSERT_EQ(router.transport().owner_of(mgm::Vrf{}, link(4), owner), Status::kOk);
    EXPECT_EQ(owner.protocol, 21U);
    igmp.listener.open_gate();
    flush();
    EXPECT_THAT(igmp.listener.told(), ElementsAre("DISABLE if4", "ENABLE if4"));
}

TEST_F(OnThreads, AnEntryIsMadeWhenRpfAndCreationAreNotAnsweredInTime_R8_8) {
    add_route();
    Protocol a(router, 21), b(router, 22), c(router, 23);
    ASSERT_EQ(a.client.take(link(1)), Status::kOk);
    ASSERT_EQ(b.client.take(link(2)), Status::kOk);
    ASSERT_EQ(c.client.take(link(3)), Status::kOk);
    ASSERT_EQ(b.client.add(membership("0.0.0.0", kG, 2)), Status::kOk);
    ASSERT_EQ(c.client.add(membership("0.0.0.0", kG, 3)), Status::kOk);
    flush();
    a.listener.block(CallbackKind::kRpf);
    b.listener.block(CallbackKind::kCreationAlert);
    c.listener.reply = [](const Callback &callback) -> Reply {
        static const std::vector<Link> kVeto{link(3)};
        if (kind_of(callback) == CallbackKind::kCreationAlert)
            return CreationReply{.vetoed = kVeto};
        return {};
    };

    router.new_source(kS, kG, 1);

    while (router.oifs("(10.0.0.5,239.1.1.1)") != std::set<std::uint32_t>{2})
        std::this_thread::yield();
    a.listener.open_gate();
    b.listener.open_gate();
    flush();
    EXPECT_THAT(c.listener.told(), Contains("CREATION (10.0.0.5,239.1.1.1) if1: if3"));
}

TEST_F(OnThreads, IgmpThatAddsInsideEnableIsRefusedAndNothingHangs_T3) {
    Protocol a(router, 21), igmp(router, 10, Role::kGroupManagement);
    ASSERT_EQ(igmp.client.take(link(4)), Status::kOk);
    std::atomic<std::uint32_t> inside{0};
    igmp.listener.inside = [&](const Callback &callback) {
        if (kind_of(callback) == CallbackKind::kEnableIgmp)
            inside = static_cast<std::uint32_t>(igmp.client.add(membership("0.0.0.0", kG, 4)));
    };

    EXPECT_EQ(a.client.take(link(4)), Status::kOk);
    flush();

    EXPECT_EQ(inside, 1003U);
    EXPECT_THAT(a.listener.told(), IsEmpty());
    EXPECT_EQ(igmp.client.add(membership("0.0.0.0", kG, 4)), Status::kOk);
    flush();
    EXPECT_THAT(a.listener.told(), ElementsAre("LOCAL_JOIN (*,239.1.1.1) if4"));
}

TEST_F(OnThreads, ADeleteInsideAJoinAlertReturnsAtOnce_T29) {
    Protocol a(router, 21), b(router, 22);
    ASSERT_EQ(a.client.take(link(1)), Status::kOk);
    ASSERT_EQ(b.client.take(link(2)), Status::kOk);
    ASSERT_EQ(b.client.add(membership("0.0.0.0", "239.9.9.9", 2)), Status::kOk);
    flush();
    std::atomic<std::uint32_t> inside{7};
    b.listener.inside = [&](const Callback &callback) {
        if (to_string(callback) == "JOIN (*,239.1.1.1) TRUE")
            inside =
                static_cast<std::uint32_t>(b.client.remove(membership("0.0.0.0", "239.9.9.9", 2)));
    };

    ASSERT_EQ(a.client.add(membership("0.0.0.0", kG, 1)), Status::kOk);
    flush();

    EXPECT_EQ(inside, 0U);
    EXPECT_THAT(a.listener.told(),
                IsSupersetOf({"JOIN (*,239.9.9.9) TRUE", "PRUNE (*,239.9.9.9) if2 TRUE"}));
}

TEST_F(OnThreads, TakeAndReleaseInsideAnyCallbackAreRefused) {
    Protocol a(router, 21), b(router, 22);
    ASSERT_EQ(a.client.take(link(1)), Status::kOk);
    std::atomic<std::uint32_t> take{0}, close{0}, flushed{0};
    b.listener.inside = [&](const Callback &) {
        take = static_cast<std::uint32_t>(b.client.take(link(9)));
        close = static_cast<std::uint32_t>(b.client.close());
        flushed = static_cast<std::uint32_t>(router.transport().flush());
    };
    ASSERT_EQ(a.client.add(membership("0.0.0.0", kG, 1)), Status::kOk);
    flush();
    EXPECT_EQ(take, 1003U);
    EXPECT_EQ(close, 1003U);
    EXPECT_EQ(flushed, 1003U);
}

TEST_F(OnThreads, DeregisterWaitsForTheCallbackThatRuns_R8_11) {
    Protocol a(router, 21);
    auto b = std::make_unique<Protocol>(router, 22);
    ASSERT_EQ(a.client.take(link(1)), Status::kOk);
    b->listener.block(CallbackKind::kJoinAlert);
    ASSERT_EQ(a.client.add(membership("0.0.0.0", kG, 1)), Status::kOk);
    ASSERT_EQ(a.client.add(membership("0.0.0.0", "239.1.1.2", 1)), Status::kOk);
    b->listener.wait_until_blocked();

    std::atomic<bool> is_closed{false};
    std::thread closing([&] {
        EXPECT_EQ(b->client.close(), Status::kOk);
        is_closed = true;
    });
    // The handle dies at once, though DeRegister has not returned: its calls say so.
    const Handle dead = b->client.handle();
    while (router.transport().start_enumeration(dead, EnumerationKind::kAllSources).first !=
           Status::kInvalidParameter)
        std::this_thread::yield();
    EXPECT_FALSE(is_closed);
    b->listener.open_gate();
    closing.join();

    EXPECT_THAT(b->listener.told(), ElementsAre("JOIN (*,239.1.1.1) TRUE"))
        << "what was queued behind it is discarded";
}

TEST_F(OnThreads, AClientThatVanishesGivesEverythingBack_R8_10) {
    Protocol a(router, 21);
    {
        Protocol b(router, 22);
        ASSERT_EQ(b.client.take(link(2)), Status::kOk);
        ASSERT_EQ(b.client.add(membership("0.0.0.0", kG, 2)), Status::kOk);
    }
    Identity owner;
    while (router.transport().owner_of(mgm::Vrf{}, link(2), owner) != Status::kNotFound)
        std::this_thread::yield();
    flush();
    EXPECT_THAT(a.listener.told(),
                ElementsAre("JOIN (*,239.1.1.1) TRUE", "PRUNE (*,239.1.1.1) if2 TRUE"));
}

TEST_F(OnThreads, AClientThatGoesWaitsForItsCallbackThatRuns_R8_10) {
    Protocol a(router, 21);
    ASSERT_EQ(a.client.take(link(1)), Status::kOk);
    Listener listener; // of its own: it may go as soon as its client has gone
    auto client = std::make_unique<Client>(router.transport());
    ASSERT_EQ(client->open({.identity = {.protocol = 22, .component = 7},
                            .role = Role::kRouting,
                            .vrf = {},
                            .families = Families::kIpv4,
                            .callbacks = CallbackSet::routing()},
                           listener),
              Status::kOk);
    listener.block(CallbackKind::kJoinAlert);
    ASSERT_EQ(a.client.add(membership("0.0.0.0", kG, 1)), Status::kOk);
    listener.wait_until_blocked();
    std::atomic<bool> is_gone{false};
    std::thread leaver([&] {
        client.reset();
        is_gone = true;
    });
    ASSERT_EQ(a.client.add(membership("0.0.0.0", "239.1.1.2", 1)), Status::kOk);
    EXPECT_FALSE(is_gone);

    listener.open_gate();
    leaver.join();

    EXPECT_THAT(listener.told(), Contains("JOIN (*,239.1.1.1) TRUE"));
}

TEST(ControlThreadGone, CallsThatWaitEndInCanNotComplete) {
    auto router = std::make_unique<Router>();
    Listener listener;
    control::Transport &transport = router->transport();
    const auto [status, handle] =
        transport.register_client({.identity = {.protocol = 21, .component = 1},
                                   .role = Role::kRouting,
                                   .vrf = {},
                                   .families = Families::kIpv4,
                                   .callbacks = CallbackSet::routing()},
                                  listener);
    ASSERT_EQ(status, Status::kOk);
    std::atomic<bool> has_ended{false};
    std::thread caller([&, client = handle] {
        while (transport.take(client, link(1)) != Status::kCanNotComplete)
            (void)transport.release(client, link(1));
        has_ended = true;
    });
    router->stop();
    caller.join();
    EXPECT_TRUE(has_ended);
}

} // namespace
} // namespace client_tests
