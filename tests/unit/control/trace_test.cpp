// SPDX-License-Identifier: BSD-3-Clause
// A trace from mgmctl's client to a worker's ring and back; the test plays the worker.
#include "apps/mgmctl_source.hpp"
#include "control/control_thread.hpp"
#include "control/rpc/segment_pages.hpp"
#include "control_fixture.hpp"
#include "mgm/inject_ring.hpp"
#include "tests/support/eal_environment.hpp"

#include <gmock/gmock.h>

#include <array>
#include <atomic>
#include <thread>

#include <unistd.h>

namespace control {
namespace {

[[maybe_unused]] const auto *const kEal = support::start_eal();

using test::eventually;
using test::three_interfaces;
using ::testing::HasSubstr;

class TraceTest : public ::testing::Test {
protected:
    void SetUp() override {
        for (std::uint32_t worker = 0; worker < 2; ++worker)
            rings_.push_back(std::move(*mgm::InjectRing::create(worker)));
        ControlConfig config;
        config.writer = &tables_.writer;
        config.port_events = &events_;
        config.socket_path = path_;
        for (mgm::InjectRing &ring : rings_)
            config.inject.push_back(&ring);
        control_ = std::make_unique<ControlThread>(std::move(config));
        ASSERT_TRUE(control_->open());
        ASSERT_TRUE(control_->apply(three_interfaces()));
        thread_ = std::thread([this] { control_->run(); });
        source_ = std::move(*apps::connect(path_));
        request_.set_group(control::rpc::octets_of(*mgm::IpAddress::parse("239.255.3.7")));
        request_.set_count(3);
    }
    void TearDown() override {
        control_->stop();
        thread_.join();
        control_.reset();
    }
    /// What worker `worker` was asked for last; waits for it.
    mgm::TraceRequest armed(std::size_t worker) {
        std::array<mgm::InjectMessage, 8> messages{};
        unsigned count = 0;
        EXPECT_TRUE(eventually([&] { return (count = rings_[worker].take(messages)) != 0; }));
        return messages[count - 1].trace;
    }
    mgm::TraceRecord record(std::uint8_t ttl) const {
        mgm::TraceRecord record;
        record.iif = *tables_.writer.slot_of(mgm::IfIndex{3});
        record.ttl = ttl;
        record.length = 1500;
        record.verdict = mgm::Verdict::kTtlThreshold;
        record.oifs_wanted = 2;
        record.group = mgm::IpAddress::parse("239.255.3.7")->octets();
        record.source = mgm::IpAddress::parse("10.9.8.7")->octets();
        return record;
    }

    std::string path_ = fmt::format("/tmp/mgm-trace-{}.sock", ::getpid());
    test::Tables tables_;
    mgm::PortEventQueue events_;
    std::vector<mgm::InjectRing> rings_;
    std::unique_ptr<ControlThread> control_;
    std::thread thread_;
    std::unique_ptr<apps::Source> source_;
    mgm::v1::TraceRequest request_;
};

TEST_F(TraceTest, ArmsEveryWorkerAndEndsAfterTheLastPacket) {
    std::vector<mgm::v1::TraceResponse> packets;
    std::thread client([&] {
        EXPECT_TRUE(source_->trace(request_, [&](const mgm::v1::TraceResponse &packet) {
            packets.push_back(packet);
            return true;
        }));
    });
    const mgm::TraceRequest first = armed(0);
    EXPECT_EQ(first.count, 3U);
    EXPECT_TRUE(first.any_source);
    EXPECT_EQ(armed(1).count, 3U);

    for (const unsigned ttl : {63U, 31U, 7U, 1U}) // one more than asked for
        ASSERT_TRUE(rings_[ttl % 2].answer(record(static_cast<std::uint8_t>(ttl))));
    client.join();

    ASSERT_EQ(packets.size(), 3U);
    EXPECT_EQ(packets[0].iif_name(), "p3");
    EXPECT_EQ(packets[0].verdict(), "ttl_threshold");
    EXPECT_EQ(packets[0].copies_wanted(), 2U);
    EXPECT_EQ(armed(0).count, 0U); // disarmed
    EXPECT_EQ(armed(1).count, 0U);
}

TEST_F(TraceTest, DisarmsWhenTheClientGoes) {
    std::thread client([&] {
        EXPECT_TRUE(source_->trace(request_, [](const auto & /*packet*/) { return false; }));
    });
    EXPECT_EQ(armed(0).count, 3U);
    ASSERT_TRUE(rings_[0].answer(record(63)));
    client.join();

    EXPECT_EQ(armed(0).count, 0U);
}

TEST_F(TraceTest, RefusesASecondOneWhileTheFirstRuns) {
    std::thread client([&] {
        EXPECT_TRUE(source_->trace(request_, [](const auto & /*packet*/) { return false; }));
    });
    EXPECT_EQ(armed(0).count, 3U);

    const auto second = source_->trace(request_, [](const auto & /*packet*/) { return true; });

    ASSERT_FALSE(second);
    EXPECT_THAT(second.error().what, HasSubstr("another one runs"));
    ASSERT_TRUE(rings_[0].answer(record(63)));
    client.join();
}

TEST_F(TraceTest, RefusesWhatIsNoGroupNoCountOrAnotherFamily) {
    const auto packet = [](const auto & /*packet*/) { return true; };
    request_.set_source(control::rpc::octets_of(*mgm::IpAddress::parse("2001:db8::9")));
    EXPECT_FALSE(source_->trace(request_, packet));
    request_.clear_source();
    request_.set_count(0);
    EXPECT_FALSE(source_->trace(request_, packet));
    request_.set_count(3);
    request_.set_group("abc");
    EXPECT_FALSE(source_->trace(request_, packet));
}

TEST_F(TraceTest, EndsWithTheDaemon) {
    std::thread client([&] {
        EXPECT_FALSE(source_->trace(request_, [](const auto & /*packet*/) { return true; }));
    });
    EXPECT_EQ(armed(0).count, 3U);

    control_->stop();

    client.join();
}

} // namespace
} // namespace control
