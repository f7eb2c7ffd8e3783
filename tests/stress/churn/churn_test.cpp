// SPDX-License-Identifier: BSD-3-Clause
// Routes change 10,000 times a second while traffic flows: one writer, one worker in its own poll
// loop, one thread that is the network. At the end every frame and every copy is accounted for and
// no mbuf is missing.
#include "support/eal_environment.hpp"
#include "support/test_router.hpp"

#include <fmt/format.h>
#include <rte_mempool.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <random>
#include <thread>

namespace {

using Clock = std::chrono::steady_clock;
using mgm::IfIndex;
using mgm::Verdict;
using support::kSource4;
using support::kSource6;
using support::TestRouter;

constexpr unsigned kChangesPerSecond = 10'000;
constexpr unsigned kGroups = 96; ///< of each family: two thirds come and go, the rest only change
constexpr unsigned kFlows = 2 * kGroups;
constexpr unsigned kFirstLasting = 64;
constexpr std::uint64_t kMostWaiting = 512; ///< frames that the worker has not taken yet
constexpr std::array<unsigned, 5> kOifs{22, 37, 41, 53, 67};
constexpr IfIndex kSteadyOif{71}; ///< of the one route that never changes
constexpr std::string_view kSteadyGroup = "239.254.254.37";

unsigned seconds() {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): before any thread starts
    const char *text = std::getenv("MGM_CHURN_SECONDS");
    return text == nullptr ? 5U : static_cast<unsigned>(std::max(1, std::atoi(text)));
}

std::string group(unsigned number) {
    return number < kGroups ? fmt::format("239.255.{}.7", number)
                            : fmt::format("ff1e::3:{:x}", number);
}
std::string_view source(unsigned number) {
    return number < kGroups ? kSource4 : kSource6;
}

/// The network: puts frames in, takes what comes out, counts both.
class Network {
public:
    explicit Network(TestRouter &router) : router_(router) {
        for (unsigned number = 0; number < kFlows; ++number)
            frames_.push_back(frame(source(number), group(number)));
        frames_.push_back(frame(kSource4, kSteadyGroup));
    }
    void run() {
        while (!stop_.load(std::memory_order_relaxed)) { // a flag only
            send_some();
            take_all();
            std::this_thread::yield(); // two cores have to do for three threads
        }
    }
    void stop() { stop_.store(true, std::memory_order_relaxed); } // a flag only

    /// After the worker has stopped.
    void take_all() {
        for (const unsigned oif : kOifs)
            taken_[oif] += router_.sent(IfIndex{oif}).size();
        taken_[static_cast<unsigned>(kSteadyOif)] += router_.sent(kSteadyOif).size();
    }
    [[nodiscard]] std::uint64_t sent() const { return sent_; }
    [[nodiscard]] std::uint64_t sent_to(std::size_t frame) const { return sent_to_[frame]; }
    [[nodiscard]] std::uint64_t sent_to_steady() const { return sent_to_.back(); }
    [[nodiscard]] std::uint64_t taken(IfIndex oif) const {
        return taken_[static_cast<unsigned>(oif)];
    }

private:
    static support::Octets frame(std::string_view from, std::string_view to) {
        return support::PacketBuilder(from, to).payload(61).build();
    }
    /// As long as the worker keeps up: what waits for it stays far below its ring.
    void send_some() {
        const std::uint64_t received =
            router_.counters(router_.slot(TestRouter::kArrival)).in_frames.read();
        for (int i = 0; i < 64 && sent_ - received < kMostWaiting; ++i) {
            const std::size_t which = random_() % frames_.size();
            router_.put(TestRouter::kArrival, frames_[which]);
            ++sent_to_[which];
            ++sent_;
        }
    }

    TestRouter &router_;
    std::vector<support::Octets> frames_;
    std::vector<std::uint64_t> sent_to_ = std::vector<std::uint64_t>(kFlows + 1);
    std::array<std::uint64_t, 128> taken_{};
    std::uint64_t sent_ = 0;
    std::minstd_rand random_{37};
    std::atomic<bool> stop_{false};
};

/// Control: changes one thing after the other at the wanted rate.
class Changes {
public:
    explicit Changes(TestRouter &router) : router_(router) {
        for (unsigned number = 0; number < kFlows; ++number)
            set(number);
        router_.route(kSource4, kSteadyGroup,
                      support::action({11}, {static_cast<unsigned>(kSteadyOif)}));
    }
    void run(std::chrono::seconds time) {
        const auto begin = Clock::now();
        const std::uint64_t wanted =
            static_cast<std::uint64_t>(time.count()) * std::uint64_t{kChangesPerSecond};
        while (done_ < wanted) {
            const std::chrono::duration<double> passed = Clock::now() - begin;
            while (static_cast<double>(done_) < passed.count() * kChangesPerSecond)
                change();
            (void)router_.writer().reclaim();
            std::this_thread::sleep_for(std::chrono::milliseconds(1)); // the pace, not a wait
        }
    }
    [[nodiscard]] std::uint64_t done() const { return done_; }

private:
    void change() {
        const auto number = static_cast<unsigned>(random_() % kFlows);
        if (++done_ % 100 == 0)
            return flap();
        const bool may_go = number % kGroups < kFirstLasting;
        if (may_go && there_[number] && random_() % 3 == 0)
            remove(number);
        else
            set(number);
    }
    void set(unsigned number) {
        std::vector<unsigned> oifs;
        for (const unsigned oif : kOifs)
            if (random_() % 2 == 0)
                oifs.push_back(oif);
        if (oifs.empty())
            oifs.push_back(kOifs[number % kOifs.size()]);
        router_.route(source(number), group(number), support::action({11}, oifs));
        there_[number] = true;
    }
    void remove(unsigned number) {
        const mgm::RouteKey key{.vrf = {},
                                .source = mgm::IpAddress::parse(source(number)),
                                .group = mgm::IpPrefix::parse(group(number)).value()};
        EXPECT_TRUE(router_.writer().remove(key));
        there_[number] = false;
    }
    void flap() {
        const IfIndex oif{kOifs[random_() % kOifs.size()]};
        router_.set_link(oif, random_() % 2 == 0 ? mgm::LinkState::kUp : mgm::LinkState::kDown);
    }

    TestRouter &router_;
    std::vector<bool> there_ = std::vector<bool>(kFlows);
    std::uint64_t done_ = 0;
    std::minstd_rand random_{41};
};

std::unique_ptr<TestRouter> wide_router() {
    auto router = std::make_unique<TestRouter>();
    router->add(support::interface_spec(11, {"198.51.100.1/28", "2001:db8:1::1/64"}), 3);
    unsigned port = 4;
    for (const unsigned oif : kOifs)
        router->add(support::interface_spec(oif), port++);
    router->add(support::interface_spec(static_cast<unsigned>(kSteadyOif)), port);
    return router;
}

} // namespace

TEST(Churn, AccountsForEveryFrameWhileRoutesChangeAllTheTime) {
    const auto router = wide_router();
    Changes changes(*router);
    Network network(*router);
    std::thread worker([&] { router->worker().run(); });
    std::thread wire([&] { network.run(); });

    changes.run(std::chrono::seconds(seconds()));

    network.stop();
    wire.join();
    auto &arrival = router->counters(router->slot(TestRouter::kArrival));
    const auto end = Clock::now() + std::chrono::seconds(10);
    while (arrival.in_frames.read() < network.sent() && Clock::now() < end)
        std::this_thread::yield();
    router->worker().stop();
    worker.join();
    network.take_all();

    EXPECT_EQ(arrival.in_frames.read(), network.sent());
    std::uint64_t copies = 0;
    for (const unsigned oif : kOifs) {
        EXPECT_EQ(router->copies_sent(IfIndex{oif}), network.taken(IfIndex{oif})) << "if" << oif;
        copies += network.taken(IfIndex{oif});
    }
    EXPECT_EQ(network.taken(kSteadyOif), network.sent_to_steady())
        << "a route that nobody changed lost frames";
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kTxFull), 0U);
    EXPECT_GT(copies, network.sent() / 2) << "hardly any traffic: the test proves little";
    EXPECT_EQ(router->writer().reclaim(), 0U) << "retired memory that is never freed";
    fmt::print("{} changes, {} frames in, {} copies out, {} no_entry\n", changes.done(),
               network.sent(), copies, router->count(TestRouter::kArrival, Verdict::kNoEntry));
    // ~TestRouter checks both identities and the pools
}

TEST(Churn, NeverLosesAFrameOfARouteThatOnlyChanges) {
    const auto router = wide_router();
    const std::string_view lasting = "239.255.93.7";
    router->route(kSource4, lasting, support::action({11}, {22, 37}));
    std::atomic<bool> stop{false};
    std::uint64_t sent = 0;
    auto &arrival = router->counters(router->slot(TestRouter::kArrival));
    std::thread worker([&] { router->worker().run(); });
    std::thread wire([&] {
        const auto frame = support::ipv4(kSource4, lasting).payload(61).build();
        while (!stop.load(std::memory_order_relaxed)) { // a flag only
            if (sent - arrival.in_frames.read() < 512) {
                router->put(TestRouter::kArrival, frame);
                ++sent;
            }
            for (const unsigned oif : kOifs)
                (void)router->sent(IfIndex{oif});
        }
    });

    for (unsigned i = 0; i < 10 * kChangesPerSecond; ++i)
        router->route(kSource4, lasting,
                      support::action({11}, {kOifs[i % kOifs.size()], kOifs[(i + 1) % 5]}));

    stop.store(true, std::memory_order_relaxed); // a flag only
    wire.join();
    const auto end = Clock::now() + std::chrono::seconds(10);
    while (arrival.in_frames.read() < sent && Clock::now() < end)
        std::this_thread::yield();
    router->worker().stop();
    worker.join();
    EXPECT_EQ(router->count(TestRouter::kArrival, Verdict::kForwarded), sent);
    EXPECT_GT(sent, 1000U) << "hardly any traffic: the test proves little";
}

int main(int argc, char **argv) {
    ::testing::InitGoogleTest(&argc, argv);
    support::start_eal();
    return RUN_ALL_TESTS();
}
