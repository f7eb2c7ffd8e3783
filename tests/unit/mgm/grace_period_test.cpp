// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/grace_period.hpp"
#include "mgm/port_events.hpp"
#include "mgm/retired_list.hpp"

#include <gtest/gtest.h>

#include <thread>

#include <poll.h>

namespace mgm_test {
namespace {

using mgm::GracePeriod;

TEST(GracePeriods, PassAtOnceWhenNobodyIsOnline) {
    GracePeriod grace(3);
    EXPECT_TRUE(grace.passed(grace.start()));
}

TEST(GracePeriods, WaitForEveryReaderThatWasOnline) {
    GracePeriod grace(3);
    grace.online(0);
    grace.online(2);
    const GracePeriod::Ticket ticket = grace.start();
    EXPECT_FALSE(grace.passed(ticket));
    grace.quiescent(0);
    EXPECT_FALSE(grace.passed(ticket));
    grace.offline(2);
    EXPECT_TRUE(grace.passed(ticket));
    grace.offline(0);
}

TEST(GracePeriods, DoNotWaitForAReaderThatCameLater) {
    GracePeriod grace(2);
    const GracePeriod::Ticket ticket = grace.start();
    grace.online(1);
    EXPECT_TRUE(grace.passed(ticket));
    EXPECT_FALSE(grace.passed(grace.start()));
    grace.offline(1);
}

TEST(GracePeriods, CanBeWaitedForByAThread) {
    GracePeriod grace(1);
    grace.online(0);
    std::atomic<bool> is_over{false}; // seq_cst: a test
    std::thread writer([&] {
        grace.wait(grace.start());
        is_over = true;
    });
    while (!is_over)
        grace.quiescent(0);
    writer.join();
    grace.offline(0);
}

TEST(RetiredThings, AreFreedInOrderAndNotBeforeTheirTime) {
    GracePeriod grace(1);
    mgm::RetiredList retired(grace);
    std::vector<int> freed;
    grace.online(0);
    retired.retire([&] { freed.push_back(3); });
    grace.quiescent(0);
    retired.retire([&] { freed.push_back(17); });
    retired.reclaim();
    EXPECT_EQ(freed, (std::vector{3}));
    EXPECT_EQ(retired.size(), 1U);
    grace.offline(0);
    retired.wait_and_reclaim();
    EXPECT_EQ(freed, (std::vector{3, 17}));
}

TEST(PortEvents, MakeTheDescriptorReadableUntilTheyAreDrained) {
    mgm::PortEventQueue queue;
    pollfd readable{queue.descriptor(), POLLIN, 0};
    EXPECT_EQ(poll(&readable, 1, 0), 0);
    mgm::PortEvent event;
    event.port = "net_null7";
    queue.post(event);
    event.kind = mgm::PortEvent::Kind::kClosing;
    queue.post(event);
    EXPECT_EQ(poll(&readable, 1, 0), 1);
    const std::vector<mgm::PortEvent> drained = queue.drain();
    ASSERT_EQ(drained.size(), 2U);
    EXPECT_EQ(drained[0].kind, mgm::PortEvent::Kind::kOpened);
    EXPECT_EQ(drained[1].port, "net_null7");
    EXPECT_EQ(poll(&readable, 1, 0), 0);
    EXPECT_TRUE(queue.drain().empty());
}

} // namespace
} // namespace mgm_test
