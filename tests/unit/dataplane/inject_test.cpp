// SPDX-License-Identifier: BSD-3-Clause
// What control asks of a worker.
#include "mgm/inject_ring.hpp"
#include "packet_case.hpp"

#include <rte_mbuf.h>

namespace dataplane_test {
namespace {

using support::action;
using support::interface_spec;
using support::kPlainOif;

class Inject : public ::testing::Test {
protected:
    Inject()
        : ring_(mgm::InjectRing::create(0).value()), router_({.policy = {}, .inject = &ring_}) {
        router_.add(interface_spec(11), 3);
        router_.add(interface_spec(22), 0);
        router_.add(interface_spec(23, {}, 9), 0);
        router_.route("*", kGroup4, action({11}, {22, 23}));
        router_.route("*", kGroup6, action({11}, {22}));
    }
    static mgm::TraceRequest trace(mgm::Family family, std::uint32_t count) {
        mgm::TraceRequest request;
        request.family = family;
        request.count = count;
        return request;
    }
    static rte_mbuf *frame() {
        return support::make_frame(support::Pools::get().copies, good4().build());
    }
    mgm::InjectRing ring_;
    TestRouter router_;
};

TEST_F(Inject, AFrameOfControlLeavesAsItIsAndIsCountedApart) {
    ASSERT_TRUE(ring_.send_frame(frame(), router_.slot(kPlainOif)));

    EXPECT_EQ(router_.turn(), 0U);

    EXPECT_EQ(router_.sent(kPlainOif), std::vector<Octets>{good4().build()});
    EXPECT_EQ(router_.count(Event::kInjectedFrames), 1U);
    EXPECT_EQ(router_.counters(router_.slot(kPlainOif)).out_frames.read(), 1U);
    EXPECT_EQ(router_.copies_wanted(kPlainOif), 0U);
}

TEST_F(Inject, AFrameForAnInterfaceThatIsDownOrFullIsDroppedAndCounted) {
    router_.set_link(kPlainOif, mgm::LinkState::kDown);
    ASSERT_TRUE(ring_.send_frame(frame(), router_.slot(kPlainOif)));
    ASSERT_TRUE(ring_.send_frame(frame(), mgm::IfSlot{77}));
    router_.turn();
    EXPECT_EQ(router_.count(Event::kInjectedLost), 2U);
    router_.set_link(kPlainOif, mgm::LinkState::kUp);
    router_.port(kPlainOif).leave_room_for(0, support::Pools::get().received);
    ASSERT_TRUE(ring_.send_frame(frame(), router_.slot(kPlainOif)));
    router_.turn();

    EXPECT_EQ(router_.count(Event::kInjectedLost), 3U);
    EXPECT_EQ(router_.count(Event::kInjectedFrames), 0U);
    EXPECT_EQ(router_.copies_wanted(kPlainOif), 0U);
}

TEST_F(Inject, AFloodIsTakenAFewAtATimeBesideTheTraffic) {
    for (int k = 0; k < 100; ++k)
        ASSERT_TRUE(ring_.send_frame(frame(), router_.slot(kPlainOif)));

    EXPECT_EQ(router_.verdict_of(good6()), Verdict::kForwarded);

    EXPECT_EQ(router_.count(Event::kInjectedFrames), 32U);
    for (int k = 0; k < 3; ++k)
        router_.turn();
    EXPECT_EQ(router_.count(Event::kInjectedFrames), 100U);
}

TEST_F(Inject, ATraceTellsHowThePacketsItAskedForEnded) {
    mgm::TraceRequest request = trace(mgm::Family::kIpv4, 3);
    request.any_group = false;
    const auto group = mgm::IpAddress::parse(kGroup4)->octets();
    request.group = group;
    ASSERT_TRUE(ring_.arm_trace(request));

    router_.verdict_of(good6());
    router_.verdict_of(ipv4(kSource4, "239.9.9.9"));
    router_.verdict_of(good4().ttl(9));
    router_.verdict_of(good4().ttl(1));
    router_.verdict_of(good4().build(), kPlainOif);
    router_.verdict_of(good4()); // the count is used up

    const auto records = ring_.drain_traces();
    ASSERT_EQ(records.size(), 3U);
    EXPECT_EQ(records[0].verdict, Verdict::kForwarded);
    EXPECT_EQ(records[0].oifs_wanted, 2U);
    EXPECT_EQ(records[0].oifs_sent, 2U);
    EXPECT_EQ(records[0].ttl, 9);
    EXPECT_EQ(records[0].length, 46);
    EXPECT_EQ(records[0].iif, router_.slot(TestRouter::kArrival));
    EXPECT_EQ(records[0].group, group);
    EXPECT_EQ(records[1].verdict, Verdict::kTtl);
    EXPECT_EQ(records[1].oifs_wanted, 0U);
    EXPECT_EQ(records[2].verdict, Verdict::kWrongIif);
    EXPECT_EQ(records[2].iif, router_.slot(kPlainOif));
}

TEST_F(Inject, ATraceOfOneSourceLeavesOutTheOthersAndFramesWithoutAddresses) {
    mgm::TraceRequest request = trace(mgm::Family::kIpv6, 100);
    request.any_source = false;
    request.source = mgm::IpAddress::parse(kSource6)->octets();
    ASSERT_TRUE(ring_.arm_trace(request));

    router_.verdict_of(good6());
    router_.verdict_of(good6().version(4)); // its addresses are never looked at
    router_.verdict_of(ipv6("2001:db8:1::3", kGroup6));
    ASSERT_TRUE(ring_.arm_trace(trace(mgm::Family::kIpv6, 0)));
    router_.verdict_of(good6());

    EXPECT_EQ(ring_.drain_traces().size(), 1U);
}

TEST_F(Inject, RecordsThatNobodyFetchesAreLostAndCounted) {
    ASSERT_TRUE(ring_.arm_trace(trace(mgm::Family::kIpv6, 100'000)));
    for (unsigned k = 0; k < 2000; ++k) {
        router_.put(TestRouter::kArrival, ipv6("::1", kGroup6).build());
        router_.turn();
    }

    const std::size_t fetched = ring_.drain_traces().size();
    EXPECT_GT(fetched, 1000U);
    EXPECT_EQ(router_.count(Event::kTraceLost), 2000U - fetched);
}

} // namespace
} // namespace dataplane_test
