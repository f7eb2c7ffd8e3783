// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/port_queues.hpp"

#include "dataplane/active_ports.hpp"
#include "dataplane/dpdk_log.hpp"
#include "dataplane/port_probe.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <string_view>

namespace dataplane {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

/// Addresses alone: a flow is source and group, and fragments have no ports.
constexpr std::uint64_t kAddresses =
    RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_FRAG_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_OTHER | RTE_ETH_RSS_IPV6 |
    RTE_ETH_RSS_FRAG_IPV6 | RTE_ETH_RSS_NONFRAG_IPV6_OTHER | RTE_ETH_RSS_IPV6_EX;
constexpr std::uint64_t kBothFamilies = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_IPV6;

/// What a driver does with several rx queues, where ethdev does not tell.
enum class RxQueues : std::uint8_t {
    kOne,    ///< more are more than it can use here
    kGiven,  ///< its arguments have made them, all get frames, and a flow stays in one of them
    kWanted, ///< as many as asked for, and a flow stays in one of them, or it has no flows
    kAsk,    ///< as RSS can do it
};
struct Driver {
    std::string_view name;
    RxQueues rx;
};
constexpr std::array<Driver, 10> kDrivers{{
    {"net_af_packet", RxQueues::kGiven},   // PACKET_FANOUT_HASH
    {"net_af_xdp", RxQueues::kOne},        // its pool is made for one
    {"net_memif", RxQueues::kOne},         // the peer says how many there are, later
    {"net_null", RxQueues::kWanted},       // no flows
    {"net_pcap", RxQueues::kGiven},        // a file each
    {"net_ring", RxQueues::kWanted},       // the sender's tx queue, so its worker
    {"net_tap", RxQueues::kWanted},        // the kernel's hash of the flow
    {"net_vhost", RxQueues::kGiven},       // the guest's choice
    {"net_virtio", RxQueues::kWanted},     // the host's hash of the flow
    {"net_virtio_user", RxQueues::kWanted} // the same
}};

RxQueues rx_queues_of(std::string_view driver) {
    const auto *const known = std::find_if(kDrivers.begin(), kDrivers.end(),
                                           [&](const Driver &one) { return one.name == driver; });
    return known != kDrivers.end() ? known->rx : RxQueues::kAsk;
}

} // namespace

QueuePlan plan_queues(const rte_eth_dev_info &info, std::uint32_t workers) {
    const std::string_view driver = info.driver_name;
    const auto wanted = static_cast<std::uint16_t>(std::min(workers, kMaxRxQueues));
    const bool has_enough = info.max_rx_queues >= wanted;
    QueuePlan plan;
    plan.tx = std::clamp<std::uint16_t>(info.max_tx_queues, 1, wanted);
    switch (rx_queues_of(driver)) {
    case RxQueues::kOne:
        plan.tx = 1;
        break;
    case RxQueues::kGiven:
        plan.rx = static_cast<std::uint16_t>(std::min<unsigned>(info.max_rx_queues, kMaxRxQueues));
        break;
    case RxQueues::kWanted:
        plan.rx = has_enough ? wanted : std::uint16_t{1};
        break;
    case RxQueues::kAsk:
        if (workers > 1 && has_enough &&
            (info.flow_type_rss_offloads & kBothFamilies) == kBothFamilies) {
            plan.rx = wanted;
            plan.rss = info.flow_type_rss_offloads & kAddresses;
        }
        break;
    }
    if (driver == "net_tap") // it wants as many of one as of the other
        plan.tx = plan.rx = std::min(plan.tx, plan.rx);
    return plan;
}

std::vector<std::string> QueuePlan::notes(std::uint32_t workers) const {
    std::vector<std::string> notes;
    if (rx < workers)
        notes.push_back(fmt::format("{} rx queue{} for {} workers: one worker receives and spreads "
                                    "the flows over all",
                                    rx, rx == 1 ? "" : "s", workers));
    if (tx < workers)
        notes.push_back(fmt::format("{} tx queue{} for {} workers: the others send by way of its "
                                    "owner{}",
                                    tx, tx == 1 ? "" : "s", workers, tx == 1 ? "" : "s"));
    return notes;
}

Result<void> configure_queues(std::uint16_t port_id, const QueuePlan &plan, rte_eth_conf conf) {
    if (plan.rss != 0) {
        conf.rxmode.mq_mode = RTE_ETH_MQ_RX_RSS;
        conf.rx_adv_conf.rss_conf.rss_hf = plan.rss;
    }
    const DpdkLogCapture log;
    if (const int error = rte_eth_dev_configure(port_id, plan.rx, plan.tx, &conf); error != 0)
        return fail(Errc::kInvalidArgument, "{} rx and {} tx queues are refused: {}", plan.rx,
                    plan.tx, words_of(log, error));
    return {};
}

Result<void> set_up_queues(std::uint16_t port_id, const QueuePlan &plan,
                           const PortSettings &settings) {
    std::uint16_t rx = settings.rx_descriptors;
    std::uint16_t tx = settings.tx_descriptors;
    const DpdkLogCapture log;
    if (const int error = rte_eth_dev_adjust_nb_rx_tx_desc(port_id, &rx, &tx); error != 0)
        return fail(Errc::kInternal, "{} rx and {} tx descriptors are refused: {}", rx, tx,
                    words_of(log, error));
    const auto socket = static_cast<unsigned>(rte_eth_dev_socket_id(port_id));
    for (std::uint16_t queue = 0; queue < plan.rx; ++queue)
        if (const int error =
                rte_eth_rx_queue_setup(port_id, queue, rx, socket, nullptr, settings.pool);
            error != 0)
            return fail(Errc::kInvalidArgument, "rx queue {} of {} descriptors: {}", queue, rx,
                        words_of(log, error));
    for (std::uint16_t queue = 0; queue < plan.tx; ++queue)
        if (const int error = rte_eth_tx_queue_setup(port_id, queue, tx, socket, nullptr);
            error != 0)
            return fail(Errc::kInvalidArgument, "tx queue {} of {} descriptors: {}", queue, tx,
                        words_of(log, error));
    return {};
}

} // namespace dataplane
