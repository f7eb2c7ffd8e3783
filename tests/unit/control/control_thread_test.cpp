// SPDX-License-Identifier: BSD-3-Clause
#include "control/control_thread.hpp"
#include "control_fixture.hpp"

#include <gmock/gmock.h>

#include <atomic>
#include <csignal>
#include <future>
#include <mutex>
#include <thread>

#include <unistd.h>

namespace control {
namespace {

using test::eventually;
using test::interface;
using test::route;
using test::three_interfaces;

class ControlThreadTest : public ::testing::Test {
protected:
    void start() {
        config_.writer = &tables_.writer;
        config_.port_events = &events_;
        config_.load = [this]() -> mgm::Result<mgm::DesiredState> {
            const std::lock_guard lock(mutex_);
            return next_;
        };
        config_.applied = [this](const mgm::DesiredState & /*state*/) { ++applied_; };
        config_.acknowledge_port = [this](std::uint16_t port_id) { acknowledged_ = port_id; };
        ControlThread::block_signals();
        control_ = std::make_unique<ControlThread>(config_);
        ASSERT_TRUE(control_->apply(three_interfaces()));
        thread_ = std::thread([this] { control_->run(); });
    }
    void TearDown() override {
        if (!thread_.joinable())
            return;
        control_->stop();
        thread_.join();
    }
    void set_next(mgm::Result<mgm::DesiredState> next) {
        const std::lock_guard lock(mutex_);
        next_ = std::move(next);
    }
    mgm::Result<void> reload() {
        std::promise<mgm::Result<void>> outcome;
        control_->reload([&](mgm::Result<void> result) { outcome.set_value(std::move(result)); });
        return outcome.get_future().get();
    }
    /// Runs on the control thread, as all that reads the writer must.
    template <class Ask>
    auto ask(Ask question) {
        std::promise<decltype(question())> answer;
        control_->post([&] { answer.set_value(question()); });
        return answer.get_future().get();
    }
    std::uint32_t index_at(std::uint16_t port_id, std::uint16_t vlan) {
        return ask([&, this] { return tables_.index_at(port_id, vlan); });
    }

    test::Tables tables_;
    mgm::PortEventQueue events_;
    ControlConfig config_;
    std::unique_ptr<ControlThread> control_;
    std::thread thread_;
    std::mutex mutex_;
    mgm::Result<mgm::DesiredState> next_ = three_interfaces();
    std::atomic<int> applied_{0};
    std::atomic<int> acknowledged_{-1};
};

mgm::PortEvent opened(const std::string &port, std::uint16_t port_id) {
    return {.kind = mgm::PortEvent::Kind::kOpened,
            .port = port,
            .port_id = port_id,
            .mac = {},
            .link = mgm::LinkState::kUp,
            .what = {}};
}

TEST_F(ControlThreadTest, AttachesInterfacesWhenAPortOpensAndAcknowledgesWhenItCloses) {
    start();
    events_.post(opened("net_null37", 6));
    EXPECT_TRUE(eventually([&] { return acknowledged_ == 6; }));
    EXPECT_EQ(index_at(6, 0), 37U);

    acknowledged_ = mgm::kNoPort;
    events_.post({.kind = mgm::PortEvent::Kind::kClosing,
                  .port = "net_null37",
                  .port_id = 6,
                  .mac = {},
                  .link = mgm::LinkState::kDown,
                  .what = "gone"});

    EXPECT_TRUE(eventually([&] { return acknowledged_ == 6; }));
    EXPECT_EQ(index_at(6, 0), 0U);
}

TEST_F(ControlThreadTest, SurvivesAFloodOfPortEventsAndSeesTheLast) {
    start();
    for (std::uint16_t i = 0; i < 1000; ++i)
        events_.post(opened("net_null37", static_cast<std::uint16_t>(i % 31)));

    EXPECT_TRUE(eventually([&] { return index_at(999 % 31, 0) == 37; }));
}

TEST_F(ControlThreadTest, ReloadsOnSighupAndTellsTheDaemon) {
    start();
    mgm::DesiredState next = three_interfaces();
    next.routes.push_back(route("10.1.1.1", "239.1.1.1", {3}, {7}));
    set_next(next);

    ::kill(::getpid(), SIGHUP);

    EXPECT_TRUE(eventually([&] { return applied_ == 1; }));
    EXPECT_TRUE(ask([&] { return tables_.writer.find(next.routes.back().key).has_value(); }));
    EXPECT_EQ(tables_.segment.tables().header().reloads.load(), 1U);
}

TEST_F(ControlThreadTest, KeepsTheOldStateWhenTheConfigurationDoesNotLoad) {
    start();
    set_next(mgm::fail(mgm::Errc::kInvalidArgument, "mgm.toml:7: unknown key\nmgm.toml:9: no"));

    const mgm::Result<void> outcome = reload();

    ASSERT_FALSE(outcome);
    EXPECT_THAT(outcome.error().what, ::testing::HasSubstr("mgm.toml:9"));
    EXPECT_EQ(applied_, 0);
    EXPECT_EQ(ask([&] { return tables_.writer.usage().ipv4_entries; }), 2U);
}

TEST_F(ControlThreadTest, AnswersEveryoneWhoAskedForAReloadMeanwhile) {
    start();
    std::atomic<int> answers{0};
    for (int i = 0; i < 31; ++i)
        control_->reload([&](const mgm::Result<void> &outcome) { answers += outcome ? 1 : 1000; });

    EXPECT_TRUE(eventually([&] { return answers == 31; }));
    EXPECT_LE(applied_, 31);
}

TEST_F(ControlThreadTest, HandlesPortEventsWhileAReloadLoads) {
    std::promise<void> may_load;
    std::shared_future<void> loading = may_load.get_future().share();
    start();
    TearDown();
    config_.load = [loading]() -> mgm::Result<mgm::DesiredState> {
        loading.wait();
        return three_interfaces();
    };
    control_ = std::make_unique<ControlThread>(config_);
    ASSERT_FALSE(control_->apply(mgm::DesiredState{
        .interfaces = {interface(3, "a"), interface(3, "b")}, .neighbors = {}, .routes = {}}));
    ASSERT_TRUE(control_->apply(three_interfaces()));
    thread_ = std::thread([this] { control_->run(); });
    control_->reload(nullptr);

    events_.post(opened("net_null7", 11));

    EXPECT_TRUE(eventually([&] { return index_at(11, 0) == 7; }));
    may_load.set_value();
}

TEST_F(ControlThreadTest, StopsOnSigterm) {
    start();

    ::kill(::getpid(), SIGTERM);

    thread_.join();
}

TEST_F(ControlThreadTest, StopsWhenTheTickSaysSo) {
    std::atomic<int> ticks{0};
    config_.on_tick = [&] { return ++ticks < 3; };
    start();

    thread_.join();

    EXPECT_EQ(ticks, 3);
}

TEST_F(ControlThreadTest, RunsCommandsInOrderAndDropsThoseAfterTheEnd) {
    start();
    std::vector<int> order;
    for (int i = 0; i < 500; ++i)
        control_->post([&order, i] { order.push_back(i); });
    EXPECT_EQ(ask([&] { return order.size(); }), 500U);
    EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
    TearDown();

    auto held = std::make_shared<int>(37);
    control_->post([held] { FAIL() << "ran after the end"; });

    EXPECT_EQ(held.use_count(), 1);
}

TEST_F(ControlThreadTest, TellsWhoWaitsForAReloadThatItStops) {
    start();
    std::promise<void> may_load;
    std::shared_future<void> loading = may_load.get_future().share();
    TearDown();
    config_.load = [loading]() -> mgm::Result<mgm::DesiredState> {
        loading.wait();
        return three_interfaces();
    };
    control_ = std::make_unique<ControlThread>(config_);
    thread_ = std::thread([this] { control_->run(); });
    std::promise<mgm::Result<void>> outcome;
    control_->reload([&](mgm::Result<void> result) { outcome.set_value(std::move(result)); });
    control_->post([this] { control_->stop(); });

    const mgm::Result<void> result = outcome.get_future().get();

    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, mgm::Errc::kUnavailable);
    may_load.set_value();
}

} // namespace
} // namespace control
