// SPDX-License-Identifier: BSD-3-Clause
// A worker with rings to control, whose part the test plays.
#pragma once

#include "mgm/inject_ring.hpp"
#include "mgm/signal_ring.hpp"
#include "packet_case.hpp"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace dataplane_test {

using mgm::AnyFlow;
using mgm::Signal;
using support::action;
using support::interface_spec;
using support::kPlainOif;

inline constexpr mgm::IfIndex kArrival = TestRouter::kArrival;

inline AnyFlow flow4(std::string_view source, std::string_view group, std::uint32_t vrf = 0) {
    return mgm::any_flow<mgm::Family::kIpv4>(
        {mgm::IpAddress::parse(source)->v4(), mgm::IpAddress::parse(group)->v4(), vrf});
}
inline AnyFlow flow6(std::string_view source, std::string_view group) {
    return mgm::any_flow<mgm::Family::kIpv6>(
        {mgm::IpAddress::parse(source)->v6(), mgm::IpAddress::parse(group)->v6(), 0});
}
/// A packet of 198.51.100.k.
inline PacketBuilder from_host(unsigned k) {
    return ipv4("198.51.100." + std::to_string(k), kGroup4);
}

class SignalTest : public ::testing::Test {
protected:
    SignalTest()
        : signals_(mgm::SignalRing::create(0).value()),
          inject_(mgm::InjectRing::create(0).value()) {}
    void make_router(const dataplane::Policy &policy = {}, rte_mempool *copies = nullptr) {
        router_ = std::make_unique<TestRouter>(TestRouter::Options{
            .policy = policy, .copies = copies, .inject = &inject_, .signals = &signals_});
        router_->add(interface_spec(11, {"198.51.100.1/24", "2001:db8:1::1/64"}), 3);
        router_->add(interface_spec(22), 0);
        router_->add(interface_spec(37, {}, 100), 5);
    }
    /// Puts it in on `arrival`, turns once.
    void receive(const PacketBuilder &packet, mgm::IfIndex arrival = kArrival) {
        router_->put(arrival, packet.build());
        router_->turn();
    }
    void release(const AnyFlow &flow) {
        ASSERT_TRUE(inject_.release_held(flow));
        router_->turn();
    }
    std::vector<Signal> drained() {
        std::vector<Signal> signals(mgm::SignalRing::kSignals);
        signals.resize(signals_.drain(signals));
        return signals;
    }
    [[nodiscard]] std::uint64_t count(Verdict verdict) const {
        return router_->count(kArrival, verdict);
    }
    [[nodiscard]] std::uint64_t received() const {
        return router_->counters(router_->slot(kArrival)).in_frames.read();
    }

    [[nodiscard]] std::uint64_t counted(mgm::MfeIndex entry) const {
        return router_->tables().entry_counters<mgm::Family::kIpv4>(0, entry).packets[0].read();
    }

    mgm::SignalRing signals_;
    mgm::InjectRing inject_;
    std::unique_ptr<TestRouter> router_;
};

} // namespace dataplane_test
