// SPDX-License-Identifier: BSD-3-Clause
// Workers on lcores of their own, as mgmd runs them, on ports that have a queue for each of them
// and on ports that have one: order within a flow, the accounts, and the mbufs. Also under TSan, so
// all that threads share is touched by code of this tree: rx callbacks make the frames, tx
// callbacks look at them and end them (numbered_flows.hpp), and the pool hands buffers out under a
// mutex (mutex_pool.hpp).
#include "dataplane/spread.hpp"
#include "dataplane/tx_rings.hpp"
#include "dataplane/worker.hpp"
#include "mgm/segment.hpp"
#include "mgm/table_writer.hpp"
#include "mutex_pool.hpp"
#include "numbered_flows.hpp"

#include <gtest/gtest.h>
#include <rte_bus_vdev.h>
#include <rte_eal.h>
#include <rte_ethdev.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

namespace {

using stress::group_of;
using stress::kFlows;
using stress::pool;
using stress::Sink;
using stress::Source;

constexpr std::uint64_t kPackets = 240'000; ///< of all flows

struct Case {
    std::uint32_t workers;
    std::uint16_t rx_queues, tx_queues;
    bool is_slow; ///< one of the ports that frames leave by
    const char *name;
};
void PrintTo(const Case &c, std::ostream *out) {
    *out << c.name;
}

class Workers : public ::testing::TestWithParam<Case> {
protected:
    static constexpr unsigned kOifs = 3;

    Workers()
        : segment_([] {
              mgm::Geometry geometry;
              geometry.ipv4_entries = geometry.ipv6_entries = 256;
              geometry.workers = GetParam().workers;
              return geometry;
          }()),
          grace_(GetParam().workers),
          writer_(segment_.tables(), grace_) {
        if (GetParam().workers > 1) {
            spread_.emplace(GetParam().workers, 255);
            tx_rings_.emplace(GetParam().workers, 255, segment_.tables());
        }
        for (unsigned k = 0; k <= kOifs; ++k)
            open_port(k);
        route_flows();
        receive_from_port_0();
        for (std::uint32_t id = 0; id < GetParam().workers; ++id)
            workers_.push_back(std::make_unique<dataplane::Worker>(
                dataplane::WorkerConfig{.id = id,
                                        .tables = segment_.tables(),
                                        .grace = &grace_,
                                        .ports = &active_,
                                        .pool = pool(),
                                        .spread = spread_ ? &*spread_ : nullptr,
                                        .tx_rings = tx_rings_ ? &*tx_rings_ : nullptr,
                                        .policy = {},
                                        .idle = dataplane::Idle::kAdaptive}));
    }
    ~Workers() override {
        workers_.clear();
        sources_.clear();
        sinks_.clear();
        for (const std::string &name : names_)
            rte_vdev_uninit(name.c_str());
        EXPECT_EQ(rte_mempool_in_use_count(pool()), 0U) << "mbufs missing";
    }

    void open_port(unsigned k) {
        const bool is_arrival = k == 0;
        const std::uint16_t rx = is_arrival ? GetParam().rx_queues : std::uint16_t{1};
        const std::uint16_t tx = is_arrival ? std::uint16_t{1} : GetParam().tx_queues;
        names_.push_back("net_null" + std::to_string(k));
        std::uint16_t id = 0;
        rte_eth_conf conf{};
        ASSERT_EQ(rte_vdev_init(names_.back().c_str(), "no-rx=1"), 0);
        ASSERT_EQ(rte_eth_dev_get_port_by_name(names_.back().c_str(), &id), 0);
        ASSERT_EQ(rte_eth_dev_configure(id, rx, tx, &conf), 0);
        for (std::uint16_t queue = 0; queue < rx; ++queue)
            ASSERT_EQ(rte_eth_rx_queue_setup(id, queue, 64, 0, nullptr, pool()), 0);
        for (std::uint16_t queue = 0; queue < tx; ++queue)
            ASSERT_EQ(rte_eth_tx_queue_setup(id, queue, 64, 0, nullptr), 0);
        ASSERT_EQ(rte_eth_dev_start(id), 0);
        ports_.push_back(id);
        ASSERT_TRUE(!tx_rings_ || tx_rings_->open(id, tx));
        attach(k, id);
        for (std::uint16_t queue = 0; !is_arrival && queue < tx; ++queue)
            sinks_.push_back(std::make_unique<Sink>(id, queue, GetParam().is_slow && k == 2));
    }
    /// Interface k + 1: 1 receives, 2 and 3 share a MAC, 4 is tagged.
    void attach(unsigned k, std::uint16_t port_id) {
        mgm::InterfaceSpec spec;
        spec.name = spec.port = "if" + std::to_string(k + 1);
        spec.index = mgm::IfIndex{k + 1};
        spec.vlan = k == kOifs ? 100 : 0;
        ASSERT_TRUE(writer_.upsert_interface(spec));
        mgm::PortAttachment attachment{port_id, mgm::LinkState::kUp, {}, true};
        attachment.mac.octets = {0x02, 0, 0, 0, 0, static_cast<std::uint8_t>(k == 2 ? 1 : k)};
        ASSERT_TRUE(writer_.attach_port(spec.index, attachment));
    }
    void route_flows() {
        for (std::uint32_t flow = 0; flow < kFlows; ++flow) {
            mgm::RouteKey key;
            key.group = mgm::IpPrefix::parse(group_of(flow)).value();
            mgm::RouteAction action{{mgm::IfIndex{1}}, {}};
            for (unsigned k = 1; k <= kOifs; ++k)
                action.oifs.push_back({mgm::IfIndex{k + 1}, 0, {}});
            ASSERT_TRUE(writer_.upsert(key, action));
        }
    }
    void receive_from_port_0() {
        const std::uint16_t queues = GetParam().rx_queues;
        for (std::uint16_t queue = 0; queue < queues; ++queue)
            sources_.push_back(
                std::make_unique<Source>(ports_[0], queue, queue, queues, kPackets / queues));
        if (GetParam().workers == 1)
            active_.poll(0, ports_[0], (dataplane::QueueMask{1} << queues) - 1);
        else if (queues == 2)
            for (std::uint32_t worker = 0; worker < 2; ++worker)
                active_.poll(worker, ports_[0], dataplane::QueueMask{1} << worker);
        else {
            ASSERT_TRUE(spread_->prepare(0));
            active_.poll_and_spread(0, ports_[0], 1);
        }
    }
    /// Until every packet has met its end and nothing waits for a port.
    void run() {
        std::atomic<unsigned> ended{0};
        struct Job {
            dataplane::Worker *worker;
            std::atomic<unsigned> *ended;
        };
        std::vector<Job> jobs;
        for (const auto &worker : workers_)
            jobs.push_back({worker.get(), &ended});
        unsigned lcore = rte_get_next_lcore(-1U, 1, 0);
        for (Job &job : jobs) {
            rte_eal_remote_launch(
                [](void *launched) {
                    auto &mine = *static_cast<Job *>(launched);
                    mine.worker->run();
                    mine.ended->fetch_add(1, std::memory_order_release); // TSan sees this one
                    return 0;
                },
                &job, lcore);
            lcore = rte_get_next_lcore(lcore, 1, 0);
        }
        const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
        while (!is_done() && std::chrono::steady_clock::now() < deadline)
            std::this_thread::yield();
        EXPECT_TRUE(is_done());
        for (const auto &worker : workers_)
            worker->stop();
        while (ended.load(std::memory_order_acquire) != workers_.size())
            std::this_thread::yield();
        rte_eal_mp_wait_lcore();
        for (const auto &worker : workers_)
            worker->finish();
    }
    [[nodiscard]] bool is_done() const {
        for (const auto &source : sources_)
            if (!source->is_over())
                return false;
        std::uint64_t ended = 0;
        for (std::size_t v = 0; v < mgm::kVerdictCount; ++v)
            ended += verdicts(static_cast<mgm::Verdict>(v));
        bool waits = false;
        for (const std::uint16_t port : ports_)
            waits = waits || (tx_rings_ && !tx_rings_->is_empty(port));
        return ended == packets() && !waits;
    }
    [[nodiscard]] static std::uint64_t packets() {
        return kPackets / GetParam().rx_queues * GetParam().rx_queues;
    }
    template <class Read>
    [[nodiscard]] std::uint64_t sum(unsigned interface, Read &&read) const {
        const mgm::IfSlot slot = writer_.slot_of(mgm::IfIndex{interface}).value();
        std::uint64_t sum = 0;
        for (std::uint32_t worker = 0; worker < GetParam().workers; ++worker)
            sum += read(segment_.tables().interface_counters(worker, slot)).read();
        return sum;
    }
    [[nodiscard]] std::uint64_t verdicts(mgm::Verdict verdict) const {
        return sum(1, [&](const auto &row) -> const mgm::Counter & {
            return row.verdicts[static_cast<std::size_t>(verdict)];
        });
    }
    [[nodiscard]] std::uint64_t lost(unsigned interface) const {
        std::uint64_t lost = 0;
        for (std::size_t v = 0; v < mgm::kVerdictCount; ++v)
            lost += sum(interface,
                        [&](const auto &row) -> const mgm::Counter & { return row.copy_drops[v]; });
        return lost;
    }

    mgm::PrivateSegment segment_;
    mgm::GracePeriod grace_;
    dataplane::ActivePorts active_;
    mgm::TableWriter writer_;
    std::optional<dataplane::SpreadRings> spread_;
    std::optional<dataplane::TxRings> tx_rings_;
    std::vector<std::string> names_;
    std::vector<std::uint16_t> ports_;
    std::vector<std::unique_ptr<Source>> sources_;
    std::vector<std::unique_ptr<Sink>> sinks_; ///< port by port, queue by queue
    std::vector<std::unique_ptr<dataplane::Worker>> workers_;
};

TEST_P(Workers, KeepEachFlowInOrderAndEveryAccountExact) {
    run();

    const std::uint64_t forwarded = verdicts(mgm::Verdict::kForwarded);
    EXPECT_EQ(forwarded + verdicts(mgm::Verdict::kSpreadFull) + verdicts(mgm::Verdict::kNoMbuf) +
                  verdicts(mgm::Verdict::kTxFull),
              packets());
    EXPECT_EQ(sum(1, [](const auto &row) -> const mgm::Counter & { return row.in_frames; }),
              packets());
    for (unsigned k = 1; k <= kOifs; ++k) {
        const auto sent =
            sum(k + 1, [](const auto &row) -> const mgm::Counter & { return row.copies_sent; });
        const auto wanted =
            sum(k + 1, [](const auto &row) -> const mgm::Counter & { return row.copies_wanted; });
        EXPECT_EQ(wanted, sent + lost(k + 1)) << "interface " << k + 1;
        std::uint64_t left = 0;
        for (unsigned queue = 0; queue < GetParam().tx_queues; ++queue) {
            const Sink &sink = *sinks_[(k - 1) * GetParam().tx_queues + queue];
            left += sink.frames;
            EXPECT_EQ(sink.out_of_order, 0U) << "interface " << k + 1 << ", queue " << queue;
            for (unsigned before = 0; before < queue; ++before) {
                const Sink &other = *sinks_[(k - 1) * GetParam().tx_queues + before];
                for (std::uint32_t flow = 0; flow < kFlows; ++flow)
                    EXPECT_FALSE(sink.has_seen[flow] && other.has_seen[flow])
                        << "flow " << flow << " has two queues";
            }
        }
        EXPECT_EQ(left, sent) << "interface " << k + 1;
        EXPECT_GT(sent, 0U);
    }
}

INSTANTIATE_TEST_SUITE_P(Ports, Workers,
                         ::testing::Values(Case{1, 1, 1, true, "OneWorker"},
                                           Case{1, 2, 1, false, "OneWorkerTwoRxQueues"},
                                           Case{2, 1, 1, false, "TwoWorkersOneQueue"},
                                           Case{2, 1, 1, true, "TwoWorkersOneQueueOneSlowPort"},
                                           Case{2, 2, 2, false, "TwoWorkersTwoQueues"},
                                           Case{2, 2, 1, true,
                                                "TwoWorkersTwoRxQueuesOneSlowTxQueue"},
                                           Case{2, 1, 2, false, "TwoWorkersOneRxQueueTwoTxQueues"}),
                         [](const auto &one) { return std::string(one.param.name); });

/// The main lcore and the first worker share a CPU, as mgmd's do on a machine of two.
class TwoLcores : public ::testing::Environment {
    void SetUp() override {
        const std::string lcores =
            std::thread::hardware_concurrency() > 1 ? "0@0,1@0,2@1" : "0@0,1@0,2@0";
        std::vector<std::string> arguments{"mgm-stress",
                                           "--no-huge",
                                           "--no-shconf",
                                           "--no-pci",
                                           "-m",
                                           "256",
                                           "--lcores",
                                           lcores,
                                           "--no-telemetry",
                                           "--file-prefix",
                                           "mgm-stress-" + std::to_string(getpid()),
                                           "--log-level",
                                           "*:error"};
        std::vector<char *> argv;
        argv.reserve(arguments.size());
        for (std::string &argument : arguments)
            argv.push_back(argument.data());
        ASSERT_GE(rte_eal_init(static_cast<int>(argv.size()), argv.data()), 0);
        std::filesystem::remove_all(rte_eal_get_runtime_dir());
    }
    void TearDown() override {
        rte_mempool_free(pool());
        EXPECT_EQ(rte_eal_cleanup(), 0);
    }
};

} // namespace

int main(int argc, char **argv) {
    ::testing::InitGoogleTest(&argc, argv);
    ::testing::AddGlobalTestEnvironment(new TwoLcores); // gtest's
    return RUN_ALL_TESTS();
}
