// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/port_manager.hpp"
#include "dataplane/spread.hpp"
#include "dataplane/tx_rings.hpp"
#include "mgm/segment.hpp"
#include "tests/unit/ports/environment.hpp"

#include <gmock/gmock.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>

#include <bit>
#include <deque>

#include <poll.h>

using dataplane::ActivePorts;
using dataplane::PortManager;
using dataplane::PortManagerConfig;
using dataplane::PortSpec;
using mgm::LinkState;
using mgm::PortEvent;
using port_tests::eventually;
using port_tests::ip;
using port_tests::TemporaryFolder;
using port_tests::Veth;
using Kind = mgm::PortEvent::Kind;
using ::testing::HasSubstr;

namespace {

std::vector<PortSpec> specs(const std::vector<std::string> &devargs) {
    std::vector<PortSpec> wanted(devargs.size());
    for (std::size_t i = 0; i < devargs.size(); ++i)
        wanted[i].devargs = devargs[i];
    return wanted;
}

/// A manager with what stands around it in mgmd, control played by the test.
class PortManagerTest : public ::testing::Test {
protected:
    PortManagerTest() : manager_(std::make_unique<PortManager>(config(1))) {}

    PortManagerConfig config(std::uint32_t workers) {
        return {.workers = workers,
                .pool = port_tests::pool().raw(),
                .active = &active_,
                .spread = workers == 3 ? &spread_ : nullptr,
                .tx_rings = workers == 3 ? &tx_rings_ : nullptr,
                .grace = &grace_,
                .events = &events_};
    }
    static mgm::Geometry three_workers() {
        mgm::Geometry geometry;
        geometry.ipv4_entries = geometry.ipv6_entries = 64;
        geometry.workers = 3;
        return geometry;
    }
    /// A manager of three workers that has opened a port of one queue.
    std::uint16_t start_a_narrow_port() {
        port_tests::write_pcap(folder_ / "in.pcap", 1, 61);
        manager_ = std::make_unique<PortManager>(config(3));
        start({narrow_});
        const auto opened = next(narrow_, Kind::kOpened);
        EXPECT_TRUE(opened && eventually([&] { return is_polled(opened->port_id); }));
        return opened ? opened->port_id : std::uint16_t{0};
    }
    void remove_it(std::uint16_t port_id) {
        manager_->reconcile({});
        ASSERT_TRUE(next(narrow_, Kind::kClosing));
        manager_->acknowledge(port_id);
    }
    /// The manager has had a few turns since.
    void let_it_turn() {
        for (const std::string port : {"net_null6,no-rx=1", "net_null7,no-rx=1"}) {
            manager_->reconcile(specs({port}));
            ASSERT_TRUE(next(port, Kind::kOpened));
        }
    }
    void start(const std::vector<std::string> &devargs) {
        const auto started = manager_->start(specs(devargs));
        ASSERT_TRUE(started) << started.error().what;
    }
    /// The next event of this kind about this port; earlier ones are skipped. That a port opened is
    /// acknowledged at once, as control does.
    std::optional<PortEvent> next(const std::string &port, Kind kind) {
        std::optional<PortEvent> found;
        (void)eventually([&] {
            for (PortEvent &event : take_in())
                waiting_.push_back(std::move(event));
            while (!waiting_.empty() && !found) {
                if (waiting_.front().port == port && waiting_.front().kind == kind)
                    found = std::move(waiting_.front());
                waiting_.pop_front();
            }
            return found.has_value();
        });
        EXPECT_TRUE(found) << "no event of kind " << static_cast<int>(kind) << " about " << port;
        return found;
    }
    std::vector<PortEvent> take_in() {
        std::vector<PortEvent> events = events_.drain();
        for (const PortEvent &event : events)
            if (event.kind == Kind::kOpened)
                manager_->acknowledge(event.port_id);
        return events;
    }
    bool is_polled(std::uint16_t port_id, std::uint32_t worker = 0) {
        return (active_.polled_by(worker) & (1U << port_id)) != 0;
    }

    ActivePorts active_;
    mgm::GracePeriod grace_{3};
    mgm::PrivateSegment segment_{three_workers()};
    dataplane::SpreadRings spread_{3, 31};
    dataplane::TxRings tx_rings_{3, 31, segment_.tables()};
    mgm::PortEventQueue events_;
    std::deque<PortEvent> waiting_;
    const TemporaryFolder folder_;
    const std::string narrow_ = "net_pcap3,rx_pcap=" + (folder_ / "in.pcap") + ",tx_pcap=/dev/null";
    std::unique_ptr<PortManager> manager_;
};

} // namespace

TEST_F(PortManagerTest, HasOpenedWhatIsThereWhenStartReturns) {
    start({"net_ring37", "net_null5,size=61"});

    const auto events = take_in();
    ASSERT_EQ(events.size(), 2U);
    EXPECT_EQ(events[0].kind, Kind::kOpened);
    EXPECT_EQ(events[0].port, "net_ring37");
    EXPECT_EQ(events[0].link, LinkState::kUp);
}

TEST_F(PortManagerTest, IsPolledOnlyAfterControlHasAttachedItsInterfaces) {
    start({"net_ring37"});
    const auto events = events_.drain();
    ASSERT_EQ(events.size(), 1U);
    const std::uint16_t id = events[0].port_id;
    manager_->reconcile(specs({"net_ring37", "net_null5"}));
    ASSERT_TRUE(next("net_null5", Kind::kOpened)); // the manager has had its turn
    EXPECT_FALSE(is_polled(id));

    manager_->acknowledge(id);

    EXPECT_TRUE(eventually([&] { return is_polled(id); }));
}

TEST_F(PortManagerTest, DoesNotTakeALateAnswerToOpenedForOneToClosing) {
    start({"net_ring37"});
    const auto events = events_.drain();
    ASSERT_EQ(events.size(), 1U);
    const std::uint16_t id = events[0].port_id;
    manager_->reconcile({});
    ASSERT_TRUE(next("net_ring37", Kind::kClosing));

    manager_->acknowledge(id); // to kOpened
    manager_->reconcile(specs({"net_null5"}));
    ASSERT_TRUE(next("net_null5", Kind::kOpened));
    EXPECT_TRUE(rte_eth_dev_is_valid_port(id)) << "control has interfaces on it still";

    manager_->acknowledge(id); // to kClosing
    EXPECT_TRUE(eventually([&] { return rte_eth_dev_is_valid_port(id) == 0; }));
}

TEST_F(PortManagerTest, GivesEveryWorkerAQueueOfItsOwnWhereThePortHasThem) {
    manager_ = std::make_unique<PortManager>(config(3));
    start({"net_null1,no-rx=1"});

    const auto opened = next("net_null1,no-rx=1", Kind::kOpened);
    ASSERT_TRUE(opened);
    for (std::uint32_t worker = 0; worker < 3; ++worker) {
        ASSERT_TRUE(eventually([&] { return is_polled(opened->port_id, worker); }));
        EXPECT_EQ(active_.queues(worker, opened->port_id), 1U << worker);
        EXPECT_EQ(active_.spread_by(worker), 0U);
    }
}

TEST_F(PortManagerTest, SharesPortsOfOneQueueOutAndTheirReceiversSpread) {
    NEEDS_NAMESPACE();
    const Veth first("pm31", "pm32"), second("pm33", "pm34");
    manager_ = std::make_unique<PortManager>(config(3));
    start({"net_af_packet1,iface=pm31", "net_af_packet2,iface=pm32", "net_af_packet3,iface=pm33",
           "net_af_packet4,iface=pm34"});

    (void)take_in();
    const auto ports = [&](std::uint32_t worker) {
        return std::popcount(active_.polled_by(worker));
    };
    EXPECT_TRUE(eventually([&] { return ports(0) + ports(1) + ports(2) == 4; }));
    for (std::uint32_t worker = 0; worker < 3; ++worker) {
        EXPECT_GE(ports(worker), 1) << "worker " << worker;
        EXPECT_EQ(active_.spread_by(worker) & active_.polled_by(worker), active_.polled_by(worker));
        EXPECT_NE(spread_.lane(worker, (worker + 1) % 3), nullptr);
    }
}

TEST_F(PortManagerTest, OneReceiverHasAllQueuesOfAPortWithFewerThanWorkers) {
    NEEDS_NAMESPACE();
    const Veth veth("pm31", "pm32");
    const std::string port = "net_af_packet1,iface=pm31,qpairs=2";
    manager_ = std::make_unique<PortManager>(config(3));
    start({port});

    const auto opened = next(port, Kind::kOpened);
    ASSERT_TRUE(opened);
    ASSERT_TRUE(eventually([&] { return is_polled(opened->port_id, 0); }));
    EXPECT_EQ(active_.queues(0, opened->port_id), 3U);
    EXPECT_FALSE(is_polled(opened->port_id, 1) || is_polled(opened->port_id, 2));
}

TEST_F(PortManagerTest, ClosesOnlyWhenNoLaneHoldsAFrameThatCameByThePort) {
    const std::uint16_t id = start_a_narrow_port();
    const dataplane::SpreadFrame given{nullptr, id};
    ASSERT_EQ(spread_.lane(0, 2)->push(&given, 1), 1U);

    remove_it(id);
    let_it_turn();
    EXPECT_TRUE(rte_eth_dev_is_valid_port(id));

    dataplane::SpreadFrame taken{};
    ASSERT_EQ(spread_.lane(0, 2)->peek(&taken, 1), 1U);
    spread_.lane(0, 2)->release(1);
    EXPECT_TRUE(eventually([&] { return rte_eth_dev_is_valid_port(id) == 0; }));
}

TEST_F(PortManagerTest, ClosesOnlyWhenNoFrameWaitsForThePort) {
    const std::uint16_t id = start_a_narrow_port();
    rte_mbuf *frame = rte_pktmbuf_alloc(port_tests::pool().raw());
    ASSERT_NE(rte_pktmbuf_append(frame, 61), nullptr);
    ASSERT_EQ(tx_rings_.send((id + 1U) % 3, id, &frame, 1), 1U);

    remove_it(id);
    let_it_turn();
    EXPECT_TRUE(rte_eth_dev_is_valid_port(id));

    EXPECT_EQ(tx_rings_.pass_on(id % 3U), 1U);
    EXPECT_TRUE(eventually([&] { return rte_eth_dev_is_valid_port(id) == 0; }));
    EXPECT_EQ(port_tests::pool().in_use(), 0U);
}

TEST_F(PortManagerTest, AtTheEndPassesOnWhatStoppedWorkersHadSent) {
    const std::uint16_t id = start_a_narrow_port();
    rte_mbuf *frame = rte_pktmbuf_alloc(port_tests::pool().raw());
    ASSERT_NE(rte_pktmbuf_append(frame, 61), nullptr);
    ASSERT_EQ(tx_rings_.send((id + 1U) % 3, id, &frame, 1), 1U);

    manager_->stop();

    EXPECT_TRUE(tx_rings_.is_empty(id));
    EXPECT_EQ(port_tests::pool().in_use(), 0U);
}

TEST_F(PortManagerTest, OpensAPendingPortWhenItsDeviceAppears) {
    NEEDS_NAMESPACE();
    const std::string port = "net_af_packet0,iface=pm37";
    start({port});
    const auto failed = next(port, Kind::kFailed);
    ASSERT_TRUE(failed);
    EXPECT_THAT(failed->what, HasSubstr("no device 'pm37'"));

    const Veth veth("pm37", "pm38");

    const auto opened = next(port, Kind::kOpened);
    ASSERT_TRUE(opened);
    EXPECT_TRUE(eventually([&] { return is_polled(opened->port_id); }));
}

TEST_F(PortManagerTest, SaysOnceWhyAPortDoesNotOpen) {
    NEEDS_NAMESPACE();
    start({"net_af_packet0,iface=pm37"});
    for (int i = 0; i < 5; ++i) // each makes it try again
        const Veth other("pm41", "pm42");

    const Veth veth("pm37", "pm38");
    std::vector<Kind> kinds;
    ASSERT_TRUE(eventually([&] {
        for (const PortEvent &event : take_in())
            if (event.kind != Kind::kLink)
                kinds.push_back(event.kind);
        return active_.polled_by(0) != 0;
    }));

    EXPECT_THAT(kinds, ::testing::ElementsAre(Kind::kFailed, Kind::kOpened));
}

TEST_F(PortManagerTest, TellsWhenTheOtherEndOfAKernelDeviceGoesAndComes) {
    NEEDS_NAMESPACE();
    const Veth veth("pm37", "pm38");
    const std::string port = "net_af_packet0,iface=pm37";
    start({port});
    ASSERT_TRUE(next(port, Kind::kOpened));

    ip("link set pm38 down");
    const auto down = next(port, Kind::kLink);
    ASSERT_TRUE(down);
    EXPECT_EQ(down->link, LinkState::kDown);

    ip("link set pm38 up");
    const auto up = next(port, Kind::kLink);
    ASSERT_TRUE(up);
    EXPECT_EQ(up->link, LinkState::kUp);
}

TEST_F(PortManagerTest, UsesADeviceAgainThatWasDeletedAndMadeAgain) {
    NEEDS_NAMESPACE();
    Veth veth("pm37", "pm38");
    const std::string port = "net_af_packet0,iface=pm37";
    start({port});
    const auto opened = next(port, Kind::kOpened);
    ASSERT_TRUE(opened);

    veth.remove();
    const auto closing = next(port, Kind::kClosing);
    ASSERT_TRUE(closing);
    EXPECT_EQ(closing->port_id, opened->port_id);
    EXPECT_THAT(closing->what, HasSubstr("deleted"));
    EXPECT_EQ(active_.polled_by(0), 0U);
    manager_->acknowledge(closing->port_id);
    const Veth again("pm37", "pm38");

    EXPECT_TRUE(next(port, Kind::kOpened));
}

TEST_F(PortManagerTest, NoticesADeviceThatWasReplacedUnderItsName) {
    NEEDS_NAMESPACE();
    Veth veth("pm37", "pm38");
    const std::string port = "net_af_packet0,iface=pm37";
    start({port});
    ASSERT_TRUE(next(port, Kind::kOpened));

    veth.remove();
    const Veth again("pm37", "pm38"); // at once: nobody may have seen the gap

    const auto closing = next(port, Kind::kClosing);
    ASSERT_TRUE(closing);
    manager_->acknowledge(closing->port_id);
    EXPECT_TRUE(next(port, Kind::kOpened));
}

TEST_F(PortManagerTest, ClosesOnlyAfterAcknowledgementAndGracePeriod) {
    start({"net_ring37"});
    const auto opened = next("net_ring37", Kind::kOpened);
    ASSERT_TRUE(opened);
    grace_.online(1); // a worker that is somewhere in its turn

    manager_->reconcile({});
    ASSERT_TRUE(next("net_ring37", Kind::kClosing));
    EXPECT_TRUE(rte_eth_dev_is_valid_port(opened->port_id)) << "control still has interfaces on it";
    manager_->acknowledge(opened->port_id);
    manager_->reconcile(specs({"net_null5"}));
    ASSERT_TRUE(next("net_null5", Kind::kOpened)); // so the acknowledgement has been taken
    EXPECT_TRUE(rte_eth_dev_is_valid_port(opened->port_id)) << "the worker has not been quiescent";

    grace_.quiescent(1);
    EXPECT_TRUE(eventually([&] { return rte_eth_dev_is_valid_port(opened->port_id) == 0; }));
    grace_.offline(1);
}

TEST_F(PortManagerTest, LeavesPortsAloneThatAReloadKeeps) {
    start({"net_ring37", "net_null5"});
    const auto kept = next("net_ring37", Kind::kOpened);
    const auto dropped = next("net_null5", Kind::kOpened);
    ASSERT_TRUE(kept && dropped);

    manager_->reconcile(specs({"net_null6", "net_ring37"}));

    const auto closing = next("net_null5", Kind::kClosing);
    ASSERT_TRUE(closing);
    EXPECT_EQ(closing->port_id, dropped->port_id);
    manager_->acknowledge(closing->port_id);
    EXPECT_TRUE(eventually([&] { return rte_eth_dev_is_valid_port(dropped->port_id) == 0; }));
    EXPECT_TRUE(is_polled(kept->port_id));
}

TEST_F(PortManagerTest, OpensAgainWhatAReloadRemovedAndTheNextBroughtBack) {
    start({"net_ring37"});
    ASSERT_TRUE(next("net_ring37", Kind::kOpened));
    manager_->reconcile({});
    const auto closing = next("net_ring37", Kind::kClosing);
    ASSERT_TRUE(closing);

    manager_->reconcile(specs({"net_ring37"}));
    manager_->acknowledge(closing->port_id);

    EXPECT_TRUE(next("net_ring37", Kind::kOpened));
}

TEST_F(PortManagerTest, TakesTheLinkOfAVhostPortFromItsPeer) {
    const TemporaryFolder folder;
    const std::string vhost = "net_vhost0,iface=" + (folder / "vhost.sock");
    const std::string peer = "net_virtio_user0,path=" + (folder / "vhost.sock");
    start({vhost});
    const auto opened = next(vhost, Kind::kOpened);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->link, LinkState::kDown);

    manager_->reconcile(specs({vhost, peer}));
    const auto up = next(vhost, Kind::kLink);
    ASSERT_TRUE(up);
    EXPECT_EQ(up->link, LinkState::kUp);

    manager_->reconcile(specs({vhost}));
    const auto closing = next(peer, Kind::kClosing);
    ASSERT_TRUE(closing);
    manager_->acknowledge(closing->port_id);
    const auto down = next(vhost, Kind::kLink);
    ASSERT_TRUE(down);
    EXPECT_EQ(down->link, LinkState::kDown);
}

TEST_F(PortManagerTest, OpensAVirtioUserPortAgainWhenItsPeerIsBack) {
    const TemporaryFolder folder;
    const std::string vhost = "net_vhost0,iface=" + (folder / "vhost.sock");
    const std::string client = "net_virtio_user0,path=" + (folder / "vhost.sock");
    start({vhost, client});
    ASSERT_TRUE(next(client, Kind::kOpened));

    manager_->reconcile(specs({client}));
    const auto peer = next(vhost, Kind::kClosing);
    ASSERT_TRUE(peer);
    manager_->acknowledge(peer->port_id);
    const auto closing = next(client, Kind::kClosing);
    ASSERT_TRUE(closing);
    EXPECT_THAT(closing->what, HasSubstr("peer"));
    manager_->acknowledge(closing->port_id);
    ASSERT_TRUE(next(client, Kind::kFailed));

    manager_->reconcile(specs({client, vhost}));
    EXPECT_TRUE(next(client, Kind::kOpened));
}

TEST_F(PortManagerTest, RefusesMorePortsThanDpdkHas) {
    std::vector<std::string> many(33);
    for (std::size_t i = 0; i < many.size(); ++i)
        many[i] = "net_null" + std::to_string(i);

    const auto started = manager_->start(specs(many));

    ASSERT_FALSE(started);
    EXPECT_THAT(started.error().what, HasSubstr("33 ports"));
    EXPECT_THAT(started.error().what, HasSubstr("32"));
}

TEST_F(PortManagerTest, ClosesEverythingAtItsEnd) {
    NEEDS_NAMESPACE();
    const Veth veth("pm37", "pm38");
    const std::vector<std::string> ports{"net_af_packet0,iface=pm37", "net_ring37", "net_nosuch0"};
    start(ports);
    manager_ = std::make_unique<PortManager>(config(1));
    const std::size_t before = port_tests::open_descriptors();

    for (int i = 0; i < 3; ++i) {
        start(ports);
        manager_ = std::make_unique<PortManager>(config(1));
    }

    EXPECT_EQ(port_tests::open_descriptors(), before);
    EXPECT_EQ(rte_eth_dev_count_avail(), 0U);
    EXPECT_EQ(active_.polled_by(0), 0U);
    EXPECT_EQ(port_tests::pool().in_use(), 0U);
}
