// SPDX-License-Identifier: BSD-3-Clause
// Any sequence of frames through a whole worker on ports in memory, and of answers to the flows
// that have no entry: both identities hold, every mbuf comes back, and no frame that leaves is
// longer than its interface's MTU allows.
//
// Input: records of {port, flags, split, length (2 octets, little-endian), frame}.
#include "mgm/inject_ring.hpp"
#include "mgm/signal_ring.hpp"
#include "support/eal_environment.hpp"
#include "support/test_router.hpp"

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>
#include <vector>

namespace {

using support::action;
using support::interface_spec;
using support::Octets;
using support::Pools;
using support::TestRouter;

constexpr std::uint8_t kGoodChecksum = 0x01, kEndOfTurn = 0x04;
/// At the end of the turn, of every flow that waits: no entry will come; one comes.
constexpr std::uint8_t kDropHeld = 0x08, kResolve = 0x10;
constexpr std::array<unsigned, 4> kIndices{11, 22, 37, 41};
constexpr std::size_t kRecordHead = 5;
constexpr std::uint8_t kInOnePiece =
    128; ///< of the split, from here on: none, so that programs run

struct Rings {
    mgm::InjectRing inject = mgm::InjectRing::create(0).value();
    mgm::SignalRing signals = mgm::SignalRing::create(0).value();
};

std::unique_ptr<TestRouter> make_router(Rings &rings) {
    auto router = std::make_unique<TestRouter>(
        TestRouter::Options{.policy = {.icmpv6_errors_per_second = 1'000'000,
                                       .held_flows = 13,
                                       .held_packets_per_flow = 3,
                                       .wrong_iif_interval_ms = 0},
                            .inject = &rings.inject,
                            .signals = &rings.signals});
    router->add(interface_spec(11, {"198.51.100.1/28", "2001:db8:1::1/64"}), 3);
    mgm::InterfaceSpec six_only = interface_spec(22, {"2001:db8:2::1/64"});
    six_only.mtu = 1280;
    router->add(six_only, 0);
    router->add(interface_spec(37, {"198.51.100.33/28"}, 100), 5);
    mgm::InterfaceSpec narrow = interface_spec(41, {"198.51.100.49/28"});
    narrow.mtu = 68;
    router->add(narrow, 7);
    router->route("*", "224.0.0.0/4", action({11, 37}, {22, 41}));
    router->route("*", "239.255.3.7", action({11, 22}, {37, 41}));
    router->route("*", "ff00::/8", action({11, 22}, {37}));
    router->route("*", "ff1e::3:7", action({11, 37}, {22}));
    router->route("198.51.100.2", "232.1.1.1", action({11}, {37}));
    return router;
}

void put_record(TestRouter &router, std::span<const std::uint8_t> head,
                std::span<const std::uint8_t> octets) {
    const Octets frame(octets.begin(), octets.end());
    std::vector<std::size_t> splits;
    if (head[2] < kInOnePiece)
        splits.push_back(std::min<std::size_t>(head[2], frame.size()));
    rte_mbuf *mbuf = support::make_frame(Pools::get().copies, frame, splits);
    if ((head[1] & kGoodChecksum) != 0)
        mbuf->ol_flags |= RTE_MBUF_F_RX_IP_CKSUM_GOOD;
    router.put(mgm::IfIndex{kIndices[head[0] % kIndices.size()]}, mbuf);
}

mgm::RouteKey key_of(const mgm::AnyFlow &flow) {
    mgm::RouteKey key;
    if (flow.family == mgm::Family::kIpv4) {
        const auto four = mgm::flow_key<mgm::Family::kIpv4>(flow);
        key.source = mgm::IpAddress(four.source);
        key.group = {mgm::IpAddress(four.group), 32};
    } else {
        const auto six = mgm::flow_key<mgm::Family::kIpv6>(flow);
        key.source = mgm::IpAddress(six.source);
        key.group = {mgm::IpAddress(six.group), 128};
    }
    return key;
}

/// The flows that wait, and how control answers.
class Control {
public:
    Control(TestRouter &router, Rings &rings) : router_(router), rings_(rings) {}
    void hear() {
        std::array<mgm::Signal, 32> signals;
        while (const unsigned count = rings_.signals.drain(signals))
            for (const mgm::Signal &signal : std::span(signals).first(count))
                if (signal.kind == mgm::Signal::Kind::kNoEntry)
                    waiting_.push_back(signal.flow);
    }
    void drop_all() {
        for (const mgm::AnyFlow &flow : waiting_)
            while (!rings_.inject.drop_held(flow))
                router_.turn();
        waiting_.clear();
    }
    void resolve_all() {
        for (const mgm::AnyFlow &flow : waiting_) {
            if (!router_.writer().upsert(key_of(flow), action({11, 22}, {37, 41})) ||
                !rings_.inject.release_held(flow))
                std::abort();
            router_.turn();
            if (!router_.writer().remove(key_of(flow)))
                std::abort();
        }
        waiting_.clear();
    }

private:
    TestRouter &router_;
    Rings &rings_;
    std::vector<mgm::AnyFlow> waiting_;
};

void end_turn(TestRouter &router, Control &control, std::uint8_t flags) {
    router.turn();
    control.hear();
    if ((flags & kDropHeld) != 0)
        control.drop_all();
    else if ((flags & kResolve) != 0)
        control.resolve_all();
}

void check_sent(TestRouter &router, unsigned index, std::size_t longest) {
    for (const Octets &frame : router.sent(mgm::IfIndex{index}))
        if (frame.size() > longest)
            std::abort();
}

void finish(TestRouter &router, Control &control) {
    while (router.turn() != 0) {
    }
    router.expect_identities();
    control.hear();
    control.drop_all();
    router.turn();
    check_sent(router, 11, 14 + 1500);
    check_sent(router, 22, 14 + 1280);
    check_sent(router, 37, 18 + 1500);
    check_sent(router, 41, 14 + 1280); // an ICMPv6 error back to it is one frame of up to 1,280
    router.expect_identities();
    if (::testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed() || router.held() != 0 ||
        rte_mempool_in_use_count(Pools::get().copies) != 0 ||
        rte_mempool_in_use_count(Pools::get().heads) != 0)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *input, std::size_t size) {
    static support::EalEnvironment eal;
    static const auto rings = [] {
        eal.SetUp();
        return std::make_unique<Rings>();
    }();
    static const auto router = make_router(*rings);
    Control control(*router, *rings);
    std::span<const std::uint8_t> rest(input, size);
    for (unsigned records = 0; rest.size() >= kRecordHead && records < 256; ++records) {
        const auto head = rest.first(kRecordHead);
        const std::size_t wanted = (head[3] | std::size_t{head[4]} << 8) % 9000;
        const std::size_t length = std::min(wanted, rest.size() - kRecordHead);
        put_record(*router, head, rest.subspan(kRecordHead, length));
        rest = rest.subspan(kRecordHead + length);
        if ((head[1] & kEndOfTurn) != 0)
            end_turn(*router, control, head[1]);
    }
    finish(*router, control);
    return 0;
}
