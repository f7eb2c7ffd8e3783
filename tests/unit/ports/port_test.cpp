// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/port.hpp"
#include "dataplane/port_probe.hpp"
#include "dataplane/port_queues.hpp"
#include "tests/unit/ports/environment.hpp"

#include <gmock/gmock.h>
#include <rte_ethdev.h>

#include <array>
#include <cstring>

#include <net/if.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

using dataplane::Port;
using dataplane::PortSettings;
using dataplane::PortSpec;
using mgm::Errc;
using port_tests::TemporaryFolder;
using port_tests::Veth;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

namespace {

PortSpec spec(const std::string &devargs) {
    PortSpec wanted;
    wanted.devargs = devargs;
    return wanted;
}

mgm::Result<Port> open(const PortSpec &wanted, std::uint32_t workers = 1) {
    return Port::open(wanted, PortSettings{.tx_queues = workers, .pool = port_tests::pool().raw()});
}

/// What the kernel says about a device: SIOCGIF… into an ifreq.
ifreq ask_kernel(const std::string &device, unsigned long what) {
    ifreq request{};
    std::strncpy(request.ifr_name, device.c_str(), IFNAMSIZ - 1);
    const int descriptor = socket(AF_INET, SOCK_DGRAM, 0);
    EXPECT_EQ(ioctl(descriptor, what, &request), 0) << device;
    close(descriptor);
    return request;
}

bool is_promiscuous(const std::string &device) {
    return (ask_kernel(device, SIOCGIFFLAGS).ifr_flags & IFF_PROMISC) != 0;
}

unsigned receive_all(std::uint16_t port) {
    std::array<rte_mbuf *, 32> burst{};
    unsigned frames = 0;
    while (const std::uint16_t count = rte_eth_rx_burst(port, 0, burst.data(), burst.size())) {
        frames += count;
        rte_pktmbuf_free_bulk(burst.data(), count);
    }
    return frames;
}

void send(std::uint16_t port, std::uint16_t frames) {
    for (std::uint16_t i = 0; i < frames; ++i) {
        rte_mbuf *frame = rte_pktmbuf_alloc(port_tests::pool().raw());
        ASSERT_NE(frame, nullptr);
        std::memset(rte_pktmbuf_append(frame, 99), 0x37, 99);
        ASSERT_EQ(rte_eth_tx_burst(port, 0, &frame, 1), 1U);
    }
}

} // namespace

TEST(Devargs, NameTheDeviceAndItsArguments) {
    EXPECT_EQ(dataplane::device_name("net_pcap7,rx_pcap=a.pcap"), "net_pcap7");
    EXPECT_EQ(dataplane::device_name("vdev:net_ring0"), "net_ring0");
    EXPECT_EQ(dataplane::device_name("0000:03:00.0"), "0000:03:00.0");
    EXPECT_EQ(dataplane::devarg("net_af_packet0,qpairs=1,iface=r37", "iface"), "r37");
    EXPECT_EQ(dataplane::devarg("net_pcap0,rx_iface=r37", "iface"), "");
    EXPECT_EQ(dataplane::devarg("iface=r37", "iface"), "");
}

TEST(Port, ReceivesWhatAPcapFileHolds) {
    const TemporaryFolder folder;
    port_tests::write_pcap(folder / "in.pcap", 33, 61);

    const auto port = open(
        spec("net_pcap0,rx_pcap=" + (folder / "in.pcap") + ",tx_pcap=" + (folder / "out.pcap")));

    ASSERT_TRUE(port) << port.error().what;
    EXPECT_EQ(port->link(), mgm::LinkState::kUp);
    EXPECT_EQ(receive_all(port->id()), 33U);
    EXPECT_EQ(port_tests::pool().in_use(), 0U);
}

TEST(Port, IsGoneFromEalAfterItsEnd) {
    std::uint16_t id = 0;
    for (int i = 0; i < 3; ++i) {
        const auto port = open(spec("net_ring37"));
        ASSERT_TRUE(port) << port.error().what;
        id = port->id();
        EXPECT_TRUE(rte_eth_dev_is_valid_port(id));
    }
    EXPECT_FALSE(rte_eth_dev_is_valid_port(id));
}

TEST(Port, TakesADeviceThatEalProbedBeforeAndOpensItAgainWithItsArguments) {
    const TemporaryFolder folder;
    port_tests::write_pcap(folder / "in.pcap", 7, 61);
    const std::string given = "net_pcap5,rx_pcap=" + (folder / "in.pcap") + ",tx_pcap=/dev/null";
    ASSERT_EQ(rte_dev_probe(given.c_str()), 0); // as --vdev does

    for (int i = 0; i < 2; ++i) {
        const auto port = open(spec("net_pcap5"));
        ASSERT_TRUE(port) << port.error().what;
        EXPECT_EQ(receive_all(port->id()), 7U);
    }
}

TEST(Port, ForgetsTheArgumentsOfAPortThatItProbedItself) {
    const TemporaryFolder folder;
    port_tests::write_pcap(folder / "in.pcap", 7, 61);
    (void)open(spec("net_pcap6,rx_pcap=" + (folder / "in.pcap") + ",tx_pcap=/dev/null"));

    EXPECT_FALSE(open(spec("net_pcap6"))) << "a reload took the file away";
}

TEST(Port, SaysHowFewerQueuesThanWorkersAreServed) {
    const TemporaryFolder folder;
    port_tests::write_pcap(folder / "in.pcap", 1, 61);

    const auto port = open(
        spec("net_pcap0,rx_pcap=" + (folder / "in.pcap") + ",tx_pcap=" + (folder / "out.pcap")), 3);

    ASSERT_TRUE(port) << port.error().what;
    EXPECT_EQ(port->rx_queues(), 1U);
    EXPECT_EQ(port->tx_queues(), 1U);
    EXPECT_THAT(port->notes(),
                ElementsAre(HasSubstr("1 rx queue for 3 workers: one worker receives"),
                            HasSubstr("1 tx queue for 3 workers: the others send by way of")));
}

TEST(Port, HasAQueueForEachWorkerWhereTheDeviceCanHaveThem) {
    const auto port = open(spec("net_null5,no-rx=1"), 3);

    ASSERT_TRUE(port) << port.error().what;
    EXPECT_EQ(port->rx_queues(), 3U);
    EXPECT_EQ(port->tx_queues(), 3U);
    EXPECT_THAT(port->notes(), IsEmpty());
}

TEST(Port, TakesAllRxQueuesThatItsArgumentsMake) {
    NEEDS_NAMESPACE();
    const Veth veth("pt37", "pt38");

    const auto port = open(spec("net_af_packet0,iface=pt37,qpairs=3"), 2);

    ASSERT_TRUE(port) << port.error().what;
    EXPECT_EQ(port->rx_queues(), 3U) << "the kernel spreads over all of them";
    EXPECT_EQ(port->tx_queues(), 2U);
}

TEST(Port, HasAsManyQueuesOnATapInBothDirections) {
    NEEDS_NAMESPACE();
    const auto port = open(spec("net_tap0,iface=pt37"), 2);

    ASSERT_TRUE(port) << port.error().what;
    EXPECT_EQ(port->rx_queues(), 2U);
    EXPECT_EQ(port->tx_queues(), 2U);
}

namespace {
rte_eth_dev_info nic(std::uint16_t queues, std::uint64_t hashes) {
    rte_eth_dev_info info{};
    info.driver_name = "net_some_nic";
    info.max_rx_queues = info.max_tx_queues = queues;
    info.flow_type_rss_offloads = hashes;
    return info;
}
} // namespace

TEST(QueuePlan, HashesAddressesOnlyAndOnlyWhatTheDeviceCan) {
    const std::uint64_t can =
        RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_UDP;
    const dataplane::QueuePlan plan = dataplane::plan_queues(nic(8, can), 3);
    EXPECT_EQ(plan.rx, 3U);
    EXPECT_EQ(plan.tx, 3U);
    EXPECT_EQ(plan.rss, can & ~RTE_ETH_RSS_NONFRAG_IPV4_UDP);
}

TEST(QueuePlan, ADeviceThatDoesNotKeepFlowsOfBothFamiliesHasOneRxQueue) {
    for (const std::uint64_t can :
         {std::uint64_t{0}, std::uint64_t{RTE_ETH_RSS_IPV4}, std::uint64_t{RTE_ETH_RSS_IPV6},
          std::uint64_t{RTE_ETH_RSS_NONFRAG_IPV4_UDP | RTE_ETH_RSS_NONFRAG_IPV6_UDP}}) {
        const dataplane::QueuePlan plan = dataplane::plan_queues(nic(8, can), 2);
        EXPECT_EQ(plan.rx, 1U);
        EXPECT_EQ(plan.tx, 2U);
        EXPECT_EQ(plan.rss, 0U);
    }
}

TEST(QueuePlan, FewerRxQueuesThanWorkersAreOne) {
    const dataplane::QueuePlan plan =
        dataplane::plan_queues(nic(2, RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6), 3);
    EXPECT_EQ(plan.rx, 1U);
    EXPECT_EQ(plan.tx, 2U);
}

TEST(QueuePlan, OneWorkerAsksForNoHash) {
    const dataplane::QueuePlan plan =
        dataplane::plan_queues(nic(8, RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6), 1);
    EXPECT_EQ(plan.rx, 1U);
    EXPECT_EQ(plan.rss, 0U);
}

TEST(Port, SaysWhatTheDriverSaidAboutAMissingFile) {
    const auto port = open(spec("net_pcap0,rx_pcap=/nonexistent/in.pcap,tx_pcap=/dev/null"));

    ASSERT_FALSE(port);
    EXPECT_THAT(port.error().what, HasSubstr("/nonexistent/in.pcap"));
    EXPECT_THAT(port.error().what, ::testing::Not(HasSubstr("\n")));
}

TEST(Port, RefusesAnUnknownDriver) {
    const auto port = open(spec("net_nosuch0,iface=r1"));

    ASSERT_FALSE(port);
    EXPECT_THAT(port.error().what, HasSubstr("net_nosuch0"));
}

TEST(Port, RefusesUnknownArgumentsOfADriver) {
    const auto port = open(spec("net_null0,colour=blue"));

    ASSERT_FALSE(port);
    EXPECT_EQ(rte_eth_dev_count_avail(), 0U);
}

TEST(Port, IsUnavailableWhileTheKernelHasNoSuchDevice) {
    const auto port = open(spec("net_af_packet0,iface=nosuch37"));

    ASSERT_FALSE(port);
    EXPECT_EQ(port.error().code, Errc::kUnavailable);
    EXPECT_EQ(port.error().what, "the kernel has no device 'nosuch37' now");
}

TEST(Port, RefusesADeviceNameThatAnotherPortUses) {
    const auto first = open(spec("net_null5,size=61"));
    ASSERT_TRUE(first) << first.error().what;

    const auto second = open(spec("net_null5,size=99"));

    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::kExists);
    EXPECT_TRUE(rte_eth_dev_is_valid_port(first->id())) << "the first one stays open";
}

TEST(Port, NotesARefusedMtuAndWorks) {
    PortSpec jumbo = spec("net_ring37");
    jumbo.mtu = 9000;

    const auto port = open(jumbo);

    ASSERT_TRUE(port) << port.error().what;
    EXPECT_THAT(port->notes(), ElementsAre(HasSubstr("MTU of 9000")));
}

TEST(Port, RefusesMemifWithoutHugepages) {
    const auto port = open(spec("net_memif0,role=server"));

    ASSERT_FALSE(port);
    EXPECT_THAT(port.error().what, HasSubstr("memif shares hugepages"));
}

TEST(Port, SetsMtuAndMacOfAKernelDevice) {
    NEEDS_NAMESPACE();
    const Veth veth("pt37", "pt38");
    PortSpec wanted = spec("net_af_packet0,iface=pt37");
    wanted.mtu = 1380;
    wanted.mac = mgm::MacAddress::parse("02:00:5e:10:37:01");

    const auto port = open(wanted);

    ASSERT_TRUE(port) << port.error().what;
    EXPECT_EQ(ask_kernel("pt37", SIOCGIFMTU).ifr_mtu, 1380);
    EXPECT_EQ(port->mac(), *wanted.mac);
    EXPECT_EQ(std::memcmp(ask_kernel("pt37", SIOCGIFHWADDR).ifr_hwaddr.sa_data,
                          wanted.mac->octets.data(), 6),
              0);
    EXPECT_EQ(port->kernel_index(), if_nametoindex("pt37"));
    EXPECT_THAT(port->notes(), IsEmpty());
}

TEST(Port, IsPromiscuousOnlyWhileItIsOpen) {
    NEEDS_NAMESPACE();
    const Veth veth("pt37", "pt38");
    {
        const auto port = open(spec("net_af_packet0,iface=pt37"));
        ASSERT_TRUE(port) << port.error().what;
        EXPECT_TRUE(is_promiscuous("pt37"));
    }
    EXPECT_FALSE(is_promiscuous("pt37"));
}

TEST(Port, MakesTheTapDeviceAndRemovesItAgain) {
    NEEDS_NAMESPACE();
    {
        PortSpec wanted = spec("net_tap0,iface=pt37");
        wanted.groups = {*mgm::MacAddress::parse("01:00:5e:7f:03:07")};
        const auto port = open(wanted);
        ASSERT_TRUE(port) << port.error().what;
        EXPECT_EQ(port->kernel_index(), if_nametoindex("pt37"));
        EXPECT_NE(port->kernel_index(), 0U);
    }
    EXPECT_EQ(if_nametoindex("pt37"), 0U);
}

TEST(Port, OpensAndClosesWithoutLosingDescriptors) {
    NEEDS_NAMESPACE();
    const Veth veth("pt37", "pt38");
    const std::array<std::string, 5> kinds{"net_af_packet0,iface=pt37", "net_tap0,iface=pt39",
                                           "net_ring0", "net_af_xdp0,iface=pt38",
                                           "net_pcap0,rx_pcap=/nonexistent,tx_pcap=/dev/null"};
    for (const std::string &kind : kinds)
        (void)open(spec(kind)); // what a driver keeps for ever shows here
    const std::size_t before = port_tests::open_descriptors();

    for (int i = 0; i < 5; ++i)
        for (const std::string &kind : kinds)
            (void)open(spec(kind));

    EXPECT_EQ(port_tests::open_descriptors(), before);
    EXPECT_EQ(port_tests::pool().in_use(), 0U);
}

TEST(Port, ClosesCleanlyAfterItsDeviceWasDeleted) {
    NEEDS_NAMESPACE();
    Veth veth("pt37", "pt38");
    auto port = open(spec("net_af_packet0,iface=pt37"));
    ASSERT_TRUE(port) << port.error().what;
    const std::size_t before = port_tests::open_descriptors();

    veth.remove();
    (void)receive_all(port->id()); // the kernel sends solicitations and reports of its own
    EXPECT_EQ(receive_all(port->id()), 0U);
    { const Port closing = std::move(*port); }

    EXPECT_EQ(rte_eth_dev_count_avail(), 0U);
    EXPECT_LT(port_tests::open_descriptors(), before);
}

TEST(Port, StandsOnAnAfXdpSocket) {
    NEEDS_NAMESPACE();
    const Veth veth("pt37", "pt38");

    const auto port = open(spec("net_af_xdp0,iface=pt37"));

    ASSERT_TRUE(port) << port.error().what;
    EXPECT_EQ(port->kernel_index(), if_nametoindex("pt37"));
    EXPECT_THAT(port->notes(), IsEmpty());
}

TEST(Port, BringsBackTheMbufsThatAfXdpLendsToTheKernel) {
    NEEDS_NAMESPACE();
    const Veth veth("pt37", "pt38");
    const unsigned pools = port_tests::mempools();
    for (int i = 0; i < 3; ++i) {
        std::optional<Port> port; // the kernel frees the queue of a closed one a little later
        ASSERT_TRUE(port_tests::eventually([&] {
            auto opened = open(spec("net_af_xdp0,iface=pt37"));
            return opened.has_value() && (port.emplace(std::move(*opened)), true);
        }));
        const auto peer = open(spec("net_af_packet0,iface=pt38"));
        ASSERT_TRUE(peer) << peer.error().what;
        send(peer->id(), 61); // received and never read
        send(port->id(), 33);
        EXPECT_TRUE(port_tests::eventually([&] { return receive_all(peer->id()) > 0; }));
    }

    EXPECT_EQ(port_tests::pool().in_use(), 0U);
    EXPECT_EQ(port_tests::mempools(), pools) << "a port's own pool is freed when all of it is back";
}

TEST(Port, LosesNoMbufsWhenTheQueueOfAnAfXdpDeviceIsTaken) {
    NEEDS_NAMESPACE();
    const Veth veth("pt37", "pt38");
    const auto port = open(spec("net_af_xdp0,iface=pt37"));
    ASSERT_TRUE(port) << port.error().what;
    const unsigned pools = port_tests::mempools();

    for (int i = 0; i < 20; ++i)
        EXPECT_FALSE(open(spec("net_af_xdp1,iface=pt37")));

    EXPECT_EQ(port_tests::mempools(), pools);
    EXPECT_EQ(port_tests::pool().in_use(), 0U);
}

TEST(MbufPool, SaysHowMuchMemoryItMissed) {
    const auto huge = dataplane::MbufPool::create("port-huge", 1U << 22, 2176, -1);

    ASSERT_FALSE(huge);
    EXPECT_EQ(huge.error().code, Errc::kNoMemory);
    EXPECT_THAT(huge.error().what, HasSubstr("mbuf pool 'port-huge' of 4194304"));
    EXPECT_THAT(huge.error().what, HasSubstr("raise -m"));
    EXPECT_EQ(dataplane::MbufPool::create("port-none", 0, 2176, -1).error().code,
              Errc::kInvalidArgument);
}
