// SPDX-License-Identifier: BSD-3-Clause
// Clients that do not keep up, on real threads (mgm-spec 8.18).
#include "tests/unit/client/router.hpp"

#include <gmock/gmock.h>

namespace client_tests {
namespace {

using control::Client;
using namespace control::manager;

constexpr std::uint32_t kBound = 64;

Options bounded() {
    Options options;
    options.max_undelivered = kBound;
    return options;
}

Registration protocol(std::uint32_t number) {
    return {.identity = {.protocol = number, .component = 7},
            .role = Role::kRouting,
            .vrf = {},
            .families = Families::kIpv4,
            .callbacks = CallbackSet::routing()};
}

/// The groups that a client must take for joined by others after all that it was told.
std::set<std::string> view_of(const Listener &listener) {
    std::set<std::string> groups;
    for (const std::string &told : listener.told()) {
        const std::string group = told.substr(told.find('('), told.find(')') - told.find('(') + 1);
        const bool is_join = told.starts_with("JOIN");
        EXPECT_NE(groups.contains(group), is_join) << told << " is no change";
        if (is_join)
            groups.insert(group);
        else
            groups.erase(group);
    }
    return groups;
}

struct Load {
    std::size_t undelivered = 0;
    std::size_t outstanding = 0;
    std::size_t behind = 0;
};

Load load_of(Router &router, Handle client) {
    Load load;
    router.run([&](Manager &manager) {
        const QueueInfo queue = manager.queue(client).value_or(QueueInfo{});
        load = {.undelivered = queue.undelivered,
                .outstanding = router.local().outstanding(client),
                .behind = queue.behind};
    });
    return load;
}

constexpr unsigned kMemberships = 100'000;
constexpr unsigned kKeptOf = 1000; ///< one of so many stays

/// All come and most go; the groups that stay. `look` is called every now and then.
std::set<std::string> come_and_go(Client &client,
                                  const std::function<void(std::size_t kept)> &look) {
    std::set<std::string> kept;
    for (unsigned i = 0; i < kMemberships; ++i) {
        const std::string group = fmt::format("239.{}.{}.{}", i >> 16, i >> 8 & 255, i & 255);
        EXPECT_EQ(client.add(membership("0.0.0.0", group.c_str(), 1)), Status::kOk);
        if (i % kKeptOf == 0)
            kept.insert(fmt::format("(*,{})", group));
        else
            EXPECT_EQ(client.remove(membership("0.0.0.0", group.c_str(), 1)), Status::kOk);
        if (i % 10'000 == 0)
            look(kept.size());
    }
    return kept;
}

TEST(BoundsOnThreads, AClientBlockedForEverCostsABoundedQueueAndCatchesUp_R8_18) {
    Router router(bounded());
    Listener of_a, of_b;
    Client a(router.transport()), b(router.transport());
    ASSERT_EQ(a.open(protocol(21), of_a), Status::kOk);
    ASSERT_EQ(b.open(protocol(22), of_b), Status::kOk);
    ASSERT_EQ(a.take(link(1)), Status::kOk);
    of_b.block(CallbackKind::kJoinAlert);
    ASSERT_EQ(a.add(membership("0.0.0.0", "239.255.0.1", 1)), Status::kOk);
    of_b.wait_until_blocked();

    std::set<std::string> truth = come_and_go(a, [&](std::size_t kept) {
        const Load load = load_of(router, b.handle());
        EXPECT_LE(load.undelivered, kBound);
        EXPECT_EQ(load.outstanding, load.undelivered);
        EXPECT_LE(load.behind, kept + kBound);
    });
    truth.insert("(*,239.255.0.1)");
    EXPECT_EQ(load_of(router, b.handle()).outstanding, kBound);
    EXPECT_EQ(of_b.told().size(), 1U);

    of_b.open_gate();
    ASSERT_EQ(router.transport().flush(), Status::kOk);

    EXPECT_EQ(view_of(of_b), truth);
    EXPECT_EQ(load_of(router, b.handle()).behind, 0U);
}

} // namespace
} // namespace client_tests
