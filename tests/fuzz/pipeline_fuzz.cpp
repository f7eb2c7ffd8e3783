// SPDX-License-Identifier: BSD-3-Clause
// Any sequence of frames through a whole worker on ports in memory: both identities hold, every
// mbuf comes back, and no frame that leaves is longer than its interface's MTU allows.
//
// Input: records of {port, flags, split, length (2 octets, little-endian), frame}.
#include "support/eal_environment.hpp"
#include "support/test_router.hpp"

#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <span>

namespace {

using support::action;
using support::interface_spec;
using support::Octets;
using support::Pools;
using support::TestRouter;

constexpr std::uint8_t kGoodChecksum = 0x01, kEndOfTurn = 0x04;
constexpr std::array<unsigned, 4> kIndices{11, 22, 37, 41};
constexpr std::size_t kRecordHead = 5;

std::unique_ptr<TestRouter> make_router() {
    auto router = std::make_unique<TestRouter>(
        TestRouter::Options{.policy = {.icmpv6_errors_per_second = 1'000'000}});
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
    const std::size_t split = std::min<std::size_t>(head[2], frame.size());
    rte_mbuf *mbuf = support::make_frame(Pools::get().copies, frame, {split});
    if ((head[1] & kGoodChecksum) != 0)
        mbuf->ol_flags |= RTE_MBUF_F_RX_IP_CKSUM_GOOD;
    router.put(mgm::IfIndex{kIndices[head[0] % kIndices.size()]}, mbuf);
}

void check_sent(TestRouter &router, unsigned index, std::size_t longest) {
    for (const Octets &frame : router.sent(mgm::IfIndex{index}))
        if (frame.size() > longest)
            std::abort();
}

void finish(TestRouter &router) {
    while (router.turn() != 0) {
    }
    check_sent(router, 11, 14 + 1500);
    check_sent(router, 22, 14 + 1280);
    check_sent(router, 37, 18 + 1500);
    check_sent(router, 41, 14 + 1280); // an ICMPv6 error back to it is one frame of up to 1,280
    router.expect_identities();
    if (::testing::UnitTest::GetInstance()->ad_hoc_test_result().Failed() ||
        rte_mempool_in_use_count(Pools::get().copies) != 0)
        std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *input, std::size_t size) {
    static support::EalEnvironment eal;
    static const auto router = [] {
        eal.SetUp();
        return make_router();
    }();
    std::span<const std::uint8_t> rest(input, size);
    for (unsigned records = 0; rest.size() >= kRecordHead && records < 256; ++records) {
        const auto head = rest.first(kRecordHead);
        const std::size_t wanted = (head[3] | std::size_t{head[4]} << 8) % 9000;
        const std::size_t length = std::min(wanted, rest.size() - kRecordHead);
        put_record(*router, head, rest.subspan(kRecordHead, length));
        rest = rest.subspan(kRecordHead + length);
        if ((head[1] & kEndOfTurn) != 0)
            router->turn();
    }
    finish(*router);
    return 0;
}
