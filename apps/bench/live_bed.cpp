// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/live_bed.hpp"

#include "apps/bench/line.hpp"
#include "dataplane/rewrite.hpp"

#include <fmt/format.h>
#include <rte_ether.h>
#include <rte_lcore.h>
#include <rte_mbuf.h>

#include <algorithm>
#include <iterator>

#include <unistd.h>

namespace bench {

using mgm::Result;

namespace {

constexpr std::uint32_t kMbufs = 65'535;
constexpr std::uint32_t kHeads = 32'767;
constexpr std::uint64_t kReserveMiB = 96;
constexpr std::uint16_t kDescriptors = 1024;
constexpr unsigned kMbufOverhead = RTE_PKTMBUF_HEADROOM + sizeof(rte_mbuf) + 64;

/// Of the devices that are none of ours.
std::vector<std::string> devices_of(const std::string &from, const std::vector<std::string> &to) {
    std::vector<std::string> devices;
    std::copy_if(to.begin(), to.end(), std::back_inserter(devices),
                 [](const std::string &what) { return !LiveWire::is_word(what); });
    if (!LiveWire::is_word(from))
        devices.push_back(from);
    return devices;
}

Result<void> make_pool(std::optional<dataplane::MbufPool> &pool, const char *name,
                       std::uint32_t count, std::uint16_t room) {
    Result<dataplane::MbufPool> made =
        dataplane::MbufPool::create(name, count, room, SOCKET_ID_ANY);
    if (!made)
        return tl::unexpected(std::move(made.error()));
    pool.emplace(std::move(*made));
    return {};
}

} // namespace

Result<void> LiveBed::start(const std::string &from, const std::vector<std::string> &to,
                            std::uint16_t room, std::uint64_t table_octets) {
    const std::uint64_t octets = std::uint64_t{kMbufs} * (room + kMbufOverhead) +
                                 std::uint64_t{kHeads} * (dataplane::kHeadRoom + kMbufOverhead) +
                                 table_octets;
    Result<dataplane::Eal> eal = dataplane::Eal::start(
        {.instance = fmt::format("mgmbench-{}", ::getpid()),
         .args = eal_args_for(devices_of(from, to), (octets >> 20U) + kReserveMiB),
         .workers = 1});
    if (!eal)
        return tl::unexpected(std::move(eal.error()));
    eal_.emplace(std::move(*eal));
    return make_pool(frames_, "live_frames", kMbufs, room)
        .and_then([&] { return make_pool(heads_, "live_heads", kHeads, dataplane::kHeadRoom); })
        .and_then([&] { return open_ports(from, to); });
}

Result<void> LiveBed::open_ports(const std::string &from, const std::vector<std::string> &to) {
    const dataplane::PortSettings settings{.tx_queues = 1,
                                           .rx_descriptors = kDescriptors,
                                           .tx_descriptors = kDescriptors,
                                           .pool = frames()};
    Result<LiveWire> wire = LiveWire::make(from, 0, RTE_ETHER_MTU, settings);
    if (!wire)
        return tl::unexpected(std::move(wire.error()));
    ingress_.emplace(std::move(*wire));
    for (unsigned k = 0; k < to.size(); ++k) {
        wire = LiveWire::make(to[k], k + 1, RTE_ETHER_MTU, settings);
        if (!wire)
            return tl::unexpected(std::move(wire.error()));
        sinks_.push_back(std::move(*wire));
    }
    return {};
}

bool LiveBed::are_up() const {
    return ingress_->is_up() && std::all_of(sinks_.begin(), sinks_.end(),
                                            [](const LiveWire &wire) { return wire.is_up(); });
}

std::uint64_t LiveBed::drain() noexcept {
    std::uint64_t count = 0;
    for (LiveWire &sink : sinks_)
        count += sink.has_far_end() ? sink.drain() : 0;
    return count;
}

std::string LiveBed::cores() const {
    const bool has_far_ends = ingress_->has_far_end() ||
                              std::any_of(sinks_.begin(), sinks_.end(),
                                          [](const LiveWire &wire) { return wire.has_far_end(); });
    const int worker = rte_lcore_to_cpu_id(static_cast<int>(worker_lcore()));
    const int main = rte_lcore_to_cpu_id(static_cast<int>(rte_get_main_lcore()));
    if (!has_far_ends)
        return fmt::format("worker on CPU {}", worker);
    if (worker == main)
        return fmt::format("worker, and what feeds and drains the other ends, SHARE CPU {}", main);
    return fmt::format("worker on CPU {}; what feeds and what drains the other ends share CPU {}",
                       worker, main);
}

} // namespace bench
