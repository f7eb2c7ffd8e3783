// SPDX-License-Identifier: BSD-3-Clause
// The loop itself, on a thread of its own.
#include "packet_case.hpp"

#include <chrono>
#include <thread>

namespace dataplane_test {
namespace {

using support::kPlainOif;
using support::kTaggedOif;

/// Polls until `holds` does; false after ten seconds.
bool eventually(const auto &holds) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (!holds()) {
        if (std::chrono::steady_clock::now() > deadline)
            return false;
        std::this_thread::yield();
    }
    return true;
}

/// A worker that runs from construction to the end of the scope.
class RunningWorker {
public:
    explicit RunningWorker(dataplane::Worker &worker)
        : worker_(worker), thread_([&worker] { worker.run(); }) {}
    ~RunningWorker() {
        worker_.stop();
        thread_.join();
    }

private:
    dataplane::Worker &worker_;
    std::thread thread_;
};

TEST(Worker_S6, AnIdleWorkerWakesUpForTrafficAndStopsWhenTold) {
    const auto router = small_router();
    const auto &status = router->tables().worker_status(0);
    {
        const RunningWorker running(router->worker());
        // Enough empty turns that it sleeps between them.
        ASSERT_TRUE(eventually([&] { return status.loops.read() > 600; }));
        for (int k = 0; k < 100; ++k)
            router->put(TestRouter::kArrival, good4().build());
        EXPECT_TRUE(eventually([&] { return router->port(kPlainOif).sent() == 100; }));
        EXPECT_EQ(status.running.load(), 1U);
    }
    EXPECT_EQ(status.running.load(), 0U);
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), 100U);
}

TEST(Worker_S6, AChangeIsReclaimedWhileTheWorkerRunsAndAfterItStopped) {
    const auto router = small_router();
    {
        const RunningWorker running(router->worker());
        const auto &loops = router->tables().worker_status(0).loops;
        ASSERT_TRUE(eventually([&] { return loops.read() > 0; })); // it is a reader now
        router->route("*", kGroup4, support::action({11}, {22}));
        EXPECT_TRUE(eventually([&] { return router->writer().reclaim() == 0; }));
    }
    router->route("*", kGroup4, support::action({11}, {37}));
    EXPECT_TRUE(eventually([&] { return router->writer().reclaim() == 0; }));
}

TEST(Worker_S6, EntriesThatChangeUnderTrafficKeepTheAccountsExact) {
    const auto router = small_router();
    constexpr unsigned kFrames = 3000;
    {
        const RunningWorker running(router->worker());
        for (unsigned k = 0; k < kFrames; ++k) {
            router->put(TestRouter::kArrival, (k % 2 == 0 ? good4() : good6()).build());
            const auto oifs = k % 3 == 0   ? std::vector<unsigned>{22}
                              : k % 3 == 1 ? std::vector<unsigned>{37, 22}
                                           : std::vector<unsigned>{};
            router->route("*", k % 4 < 2 ? kGroup4 : kGroup6, support::action({11}, oifs));
            router->writer().reclaim();
            if (k % 64 == 0)
                router->sent(kPlainOif);
        }
        const auto &arrival = router->counters(router->slot(TestRouter::kArrival));
        EXPECT_TRUE(eventually([&] { return arrival.in_frames.read() == kFrames; }));
    } // and the router checks both identities and the pools
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded) +
                  router->count(TestRouter::kArrival, Verdict::kNoOif),
              kFrames);
}

/// Programs say what interfaces were when they were made; the worker meets them older and newer
/// than the records.
TEST(Worker_S6, InterfacesThatChangeUnderTrafficKeepTheAccountsExact) {
    const auto router = small_router({.icmpv6_errors_per_second = 1'000'000});
    constexpr unsigned kFrames = 6000;
    mgm::InterfaceSpec plain = support::interface_spec(22, {"198.51.100.17/28"});
    mgm::InterfaceSpec tagged = support::interface_spec(37, {"198.51.100.33/28"}, 100);
    {
        const RunningWorker running(router->worker());
        for (unsigned k = 0; k < kFrames; ++k) {
            const PacketBuilder packet = k % 2 == 0 ? good4().payload(40) : good6().payload(1400);
            router->put(TestRouter::kArrival, packet.build());
            plain.mtu = k % 3 == 0 ? 1280 : 1500;
            plain.scope_boundary = k % 5 == 0 ? 5 : 0; // apart, or not
            tagged.ttl_threshold = k % 7 == 0 ? 200 : 1;
            ASSERT_TRUE(router->writer().upsert_interface(plain));
            ASSERT_TRUE(router->writer().upsert_interface(tagged));
            router->set_link(kTaggedOif, k % 11 == 0 ? mgm::LinkState::kDown : mgm::LinkState::kUp,
                             k % 2 == 0);
            if (k % 64 == 0)
                for (const mgm::IfIndex index : {kPlainOif, kTaggedOif, TestRouter::kArrival})
                    router->sent(index);
        }
        const auto &arrival = router->counters(router->slot(TestRouter::kArrival));
        EXPECT_TRUE(eventually([&] { return arrival.in_frames.read() == kFrames; }));
    } // and the router checks both identities and the pools
    EXPECT_GT(router->copy_drops(kPlainOif, Verdict::kMtuPtb), 0U);
    EXPECT_GT(router->copy_drops(kTaggedOif, Verdict::kOifDown), 0U);
    EXPECT_GT(router->count(TestRouter::kArrival, Verdict::kForwarded), kFrames / 2);
}

} // namespace
} // namespace dataplane_test
