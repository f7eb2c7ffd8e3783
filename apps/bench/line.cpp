// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/line.hpp"

#include "dataplane/af_packet.hpp"
#include "dataplane/eal_files.hpp"
#include "dataplane/port_probe.hpp"

#include <fmt/format.h>
#include <rte_ether.h>
#include <rte_launch.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <chrono>
#include <thread>

#include <unistd.h>

namespace bench {

using mgm::Result;

namespace {

constexpr std::uint32_t kMbufs = 16'383;
constexpr std::uint16_t kDescriptors = 1024;
constexpr std::uint64_t kReserveMiB = 64;
constexpr std::chrono::milliseconds kGlance{100};
/// No driver says when its ring is empty; a peer that polls empties one in microseconds.
constexpr std::chrono::milliseconds kLinger{200};

std::uint64_t mebibytes_for(std::uint16_t room) {
    return (std::uint64_t{kMbufs} * (room + RTE_PKTMBUF_HEADROOM + sizeof(rte_mbuf) + 64) >> 20U) +
           kReserveMiB;
}

} // namespace

std::vector<std::string> eal_args_for(const std::vector<std::string> &ports,
                                      std::uint64_t mebibytes) {
    std::vector<std::string> args{"--no-telemetry"};
    const bool is_virtual = std::all_of(ports.begin(), ports.end(), [](const std::string &devargs) {
        const std::string_view device = dataplane::device_name(devargs);
        return device.starts_with("net_") || device.starts_with("eth_");
    });
    if (is_virtual)
        args.emplace_back("--no-pci");
    if (dataplane::free_hugepage_octets() >> 20U >= mebibytes) // one file: vhost maps few
        args.insert(args.end(), {"--in-memory", "--single-file-segments"});
    else
        args.insert(args.end(), {"--no-huge", "-m", fmt::format("{}", mebibytes)});
    return args;
}

Result<std::unique_ptr<Line>> Line::create(const LineSettings &settings) {
    constexpr std::uint16_t kLeastRoom = 2048;
    const std::uint16_t room = std::max(settings.frame_octets, kLeastRoom);
    std::unique_ptr<Line> line(new Line);
    Result<dataplane::Eal> eal = dataplane::Eal::start(
        {.instance = fmt::format("mgmbench-{}", ::getpid()),
         .args = settings.eal_args.empty() ? eal_args_for({settings.devargs}, mebibytes_for(room))
                                           : settings.eal_args,
         .workers = 1});
    if (!eal)
        return tl::unexpected(std::move(eal.error()));
    line->eal_.emplace(std::move(*eal));
    Result<dataplane::MbufPool> pool =
        dataplane::MbufPool::create("line", kMbufs, room, SOCKET_ID_ANY);
    if (!pool)
        return tl::unexpected(std::move(pool.error()));
    line->pool_.emplace(std::move(*pool));
    dataplane::PortSpec spec;
    spec.devargs = settings.devargs;
    spec.mtu = static_cast<std::uint16_t>(std::max<unsigned>(
        settings.frame_octets - (RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN), RTE_ETHER_MTU));
    Result<dataplane::Port> port = dataplane::Port::open(spec, {.tx_queues = 1,
                                                                .rx_descriptors = kDescriptors,
                                                                .tx_descriptors = kDescriptors,
                                                                .pool = line->pool()});
    if (!port)
        return tl::unexpected(mgm::Error{
            port.error().code, fmt::format("port '{}': {}", settings.devargs, port.error().what)});
    line->port_.emplace(std::move(*port));
    return line;
}

bool Line::wait_until_up(double seconds, const std::atomic<bool> &stop) const {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
    while (port_->link() != mgm::LinkState::kUp) {
        if (stop.load(std::memory_order_relaxed) || std::chrono::steady_clock::now() >= deadline)
            return false;
        std::this_thread::sleep_for(kGlance / 10);
    }
    return true;
}

void Line::run(const std::function<void()> &work, const std::function<void()> &watch) {
    struct Task {
        const std::function<void()> &work;
        std::atomic<bool> is_done{false};
    } task{work};
    rte_eal_remote_launch(
        [](void *given) {
            const dataplane::NeverWait for_the_port; // it would not see the signal to stop
            auto &running = *static_cast<Task *>(given);
            running.work();
            running.is_done.store(true, std::memory_order_release); // pairs with the load below
            return 0;
        },
        &task, eal_->worker_lcores().front());
    while (!task.is_done.load(std::memory_order_acquire)) { // rte_eal_wait_lcore() would spin
        std::this_thread::sleep_for(kGlance);
        watch();
    }
    rte_eal_wait_lcore(eal_->worker_lcores().front());
}

void Line::linger() const {
    std::this_thread::sleep_for(kLinger);
}

} // namespace bench
