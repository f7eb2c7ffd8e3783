// SPDX-License-Identifier: BSD-3-Clause
// Signals from workers' rings to the manager, and the answers; the test plays two workers.
#include "control/group_control.hpp"
#include "control/packet_signals.hpp"
#include "control_fixture.hpp"

#include <gmock/gmock.h>

#include <array>

namespace control {
namespace {

class PacketSignalsTest : public ::testing::Test {
protected:
    PacketSignalsTest() {
        for (std::uint32_t worker = 0; worker < 2; ++worker) {
            up_.push_back(std::move(*mgm::SignalRing::create(worker)));
            down_.push_back(std::move(*mgm::InjectRing::create(worker)));
        }
        signals_ = std::make_unique<PacketSignals>(
            tables_.writer, std::vector<mgm::SignalRing *>{&up_[0], &up_[1]},
            std::vector<mgm::InjectRing *>{&down_[0], &down_[1]});
        mgm::DesiredState state = test::three_interfaces();
        state.routes.clear();
        state.interfaces[0].addresses = {*mgm::IpPrefix::parse("10.9.8.1/24")};
        EXPECT_TRUE(routes_.apply(state));
        groups_.apply(state);
    }
    static mgm::AnyFlow flow(unsigned host) {
        return mgm::any_flow<mgm::Family::kIpv4>(
            {mgm::IpAddress::parse(fmt::format("10.9.8.{}", host))->v4(),
             mgm::IpAddress::parse("239.255.3.7")->v4(), 0});
    }
    void raise(std::size_t worker, unsigned host, mgm::IfSlot iif) {
        mgm::Signal signal;
        signal.flow = flow(host);
        signal.iif = iif;
        signal.kind = mgm::Signal::Kind::kNoEntry;
        signal.octets = 20;
        ASSERT_TRUE(up_[worker].raise(signal));
    }
    [[nodiscard]] mgm::IfSlot slot() const { return *tables_.writer.slot_of(mgm::IfIndex{3}); }
    /// What control asked of the worker since the last time.
    std::vector<mgm::InjectMessage> asked(std::size_t worker) {
        std::vector<mgm::InjectMessage> all(mgm::InjectRing::kMessages);
        all.resize(down_[worker].take(all));
        return all;
    }

    test::Tables tables_;
    InterfacePorts ports_{tables_.writer};
    CommandQueue commands_;
    std::vector<mgm::SignalRing> up_;
    std::vector<mgm::InjectRing> down_;
    std::unique_ptr<PacketSignals> signals_;
    GroupControl groups_{
        manager::Options{},
        tables_.writer,
        commands_,
        {.release = [this](const manager::Key &key) { signals_->release_held(key); },
         .drop = [this](const manager::Key &key) { signals_->drop_held(key); }}};
    StaticRoutes routes_{tables_.writer, ports_, groups_};
};

TEST_F(PacketSignalsTest, ASignalMakesAnEntryAndEveryWorkerIsToldToReleaseWhatItHolds) {
    raise(1, 7, slot());
    signals_->drain(groups_.manager());

    EXPECT_TRUE(tables_.writer.find({.vrf = {},
                                     .source = *mgm::IpAddress::parse("10.9.8.7"),
                                     .group = *mgm::IpPrefix::parse("239.255.3.7/32")}));
    for (std::size_t worker = 0; worker < 2; ++worker) {
        const std::vector<mgm::InjectMessage> messages = asked(worker);
        ASSERT_EQ(messages.size(), 1U);
        EXPECT_EQ(messages[0].kind, mgm::InjectMessage::Kind::kReleaseHeld);
        EXPECT_EQ(messages[0].flow, flow(7));
    }
}

TEST_F(PacketSignalsTest, ASignalOfAnInterfaceThatHasGoneDropsWhatIsHeld) {
    raise(0, 7, mgm::IfSlot{39});
    signals_->drain(groups_.manager());
    const std::vector<mgm::InjectMessage> messages = asked(1);
    ASSERT_EQ(messages.size(), 1U);
    EXPECT_EQ(messages[0].kind, mgm::InjectMessage::Kind::kDropHeld);
}

TEST_F(PacketSignalsTest, AWorkerThatFallsBehindIsToldTheRestLaterAndInOrder) {
    constexpr unsigned kMany = mgm::InjectRing::kMessages + 100;
    const auto key = [](unsigned host) {
        return manager::Key{
            .vrf = {},
            .group = *mgm::IpAddress::parse("239.255.3.7"),
            .source = *mgm::IpAddress::parse(fmt::format("10.7.{}.{}", host / 250, host % 250))};
    };
    unsigned seen[2] = {0, 0};
    const auto take = [&](std::size_t worker) {
        for (const mgm::InjectMessage &message : asked(worker))
            EXPECT_EQ(message.flow.source, key(seen[worker]++).source.octets());
    };
    for (unsigned host = 0; host < kMany; ++host) {
        signals_->release_held(key(host));
        take(0); // this one keeps up
    }
    EXPECT_EQ(seen[0], kMany);
    while (seen[1] < kMany) {
        const unsigned before = seen[1];
        take(1);
        ASSERT_GT(seen[1], before);
        signals_->drain(groups_.manager());
    }
}

TEST_F(PacketSignalsTest, ATurnHandsOverABoundedNumber) {
    for (unsigned host = 2; host < 202; ++host)
        raise(0, host, slot());
    std::size_t turns = 0;
    for (std::size_t made = 0; made < 64; ++turns) { // the table is full then
        signals_->drain(groups_.manager());
        made = 0;
        for (unsigned host = 2; host < 202; ++host)
            made += tables_.writer.find(
                        {.vrf = {},
                         .source = *mgm::IpAddress::parse(fmt::format("10.9.8.{}", host)),
                         .group = *mgm::IpPrefix::parse("239.255.3.7/32")})
                        ? 1
                        : 0;
        EXPECT_LE(made, 64 * (turns + 1));
        ASSERT_LT(turns, 10U);
    }
}

} // namespace
} // namespace control
