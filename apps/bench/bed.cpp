// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/bed.hpp"

#include "apps/bench/router.hpp"
#include "apps/bench/sinks.hpp"
#include "dataplane/rewrite.hpp"

#include <rte_lcore.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>

#include <unistd.h>

namespace bench {

using mgm::Result;

namespace {

constexpr std::uint32_t kFreeMbufs = 16'383; ///< of each pool, beside what is parked
constexpr std::uint64_t kReserveMiB = 96;

} // namespace

BedNeeds BedNeeds::of(const std::vector<Row> &rows) {
    BedNeeds needs;
    for (const Row &row : rows) {
        const Scenario &scenario = row.scenario;
        needs.ports = std::max(needs.ports, scenario.ports());
        needs.workers = std::max(needs.workers, scenario.workers);
        for (const SizeShare &share : scenario.sizes)
            needs.frame_octets = std::max(needs.frame_octets, share.octets);
        needs.is_parked |= scenario.sink == Sink::kParked;
        // Each step of a capacity makes tables, and what the one before had is in pieces.
        const std::uint64_t times = row.measure == Measure::kCapacity ? 2 : 1;
        needs.table_octets =
            std::max(needs.table_octets, times * Router::table_octets_for(scenario));
    }
    return needs;
}

std::uint32_t BedNeeds::received_mbufs() const noexcept {
    // Each olist parks frames of its own.
    return kFreeMbufs * workers +
           (is_parked ? ports * static_cast<std::uint32_t>(ParkedFrames::kFrames) : 0U);
}

std::uint32_t BedNeeds::copied_mbufs() const noexcept {
    return kFreeMbufs * workers +
           (is_parked ? ports * static_cast<std::uint32_t>(ParkedFrames::kFrames) : 0U);
}

std::uint64_t BedNeeds::mebibytes(bool is_huge) const noexcept {
    // As a mempool lays it out: with what it adds to an element, and none crosses a page.
    const auto in_pages = [is_huge](std::uint64_t element) {
        constexpr std::uint64_t kPage = 4096;
        if (is_huge)
            return element;
        return element > kPage ? (element + kPage - 1) / kPage * kPage : kPage / (kPage / element);
    };
    const auto element = [&](std::uint64_t room) {
        const std::uint64_t octets = room + RTE_PKTMBUF_HEADROOM + sizeof(rte_mbuf);
        return in_pages(rte_mempool_calc_obj_size(static_cast<std::uint32_t>(octets), 0, nullptr));
    };
    const std::uint64_t octets =
        (std::uint64_t{received_mbufs()} + copied_mbufs()) * element(frame_room()) +
        std::uint64_t{copied_mbufs()} * (element(dataplane::kHeadRoom) + element(1)) + table_octets;
    return (octets >> 20U) + kReserveMiB;
}

Result<std::unique_ptr<Bed>> Bed::create(const BedNeeds &needs, bool is_huge) {
    std::unique_ptr<Bed> bed(new Bed);
    dataplane::EalConfig config;
    config.instance = fmt::format("mgmbench-{}", ::getpid());
    config.workers = needs.workers;
    config.args = {"--no-pci", "--no-telemetry"};
    if (is_huge)
        config.args.emplace_back("--in-memory");
    else
        config.args.insert(config.args.end(),
                           {"--no-huge", "-m", fmt::format("{}", needs.mebibytes(false))});
    Result<dataplane::Eal> eal = dataplane::Eal::start(config);
    if (!eal)
        return tl::unexpected(std::move(eal.error()));
    bed->eal_.emplace(std::move(*eal));
    if (Result<void> made = bed->make_pools(needs); !made)
        return tl::unexpected(std::move(made.error()));
    if (Result<void> opened = bed->open_ports(needs); !opened)
        return tl::unexpected(std::move(opened.error()));
    for (std::uint16_t queue = 0; queue < needs.workers; ++queue)
        bed->ingresses_.push_back(
            std::make_unique<Ingress>(bed->ingress_port(), bed->received_->raw(), queue));
    return bed;
}

Bed::~Bed() = default;

Result<void> Bed::make_pools(const BedNeeds &needs) {
    const auto make = [](std::optional<dataplane::MbufPool> &pool, const char *name,
                         std::uint32_t count, std::uint16_t frame_octets) -> Result<void> {
        Result<dataplane::MbufPool> made =
            dataplane::MbufPool::create(name, count, frame_octets, SOCKET_ID_ANY);
        if (!made)
            return tl::unexpected(std::move(made.error()));
        pool.emplace(std::move(*made));
        return {};
    };
    // A power of two less one is what a mempool's ring holds without waste.
    const std::uint16_t room = needs.frame_room();
    return make(received_, "bench_received", needs.received_mbufs(), room)
        .and_then([&] { return make(copies_, "bench_copies", needs.copied_mbufs(), room); })
        .and_then(
            [&] { return make(heads_, "bench_heads", needs.copied_mbufs(), dataplane::kHeadRoom); })
        .and_then([&] { return make(clones_, "bench_clones", needs.copied_mbufs(), 1); });
}

Result<void> Bed::open_ports(const BedNeeds &needs) {
    const dataplane::PortSettings settings{.tx_queues = needs.workers,
                                           .rx_descriptors = 1024,
                                           .tx_descriptors = 1024,
                                           .pool = received_->raw()};
    for (unsigned k = 0; k <= needs.ports; ++k) {
        dataplane::PortSpec spec;
        spec.devargs = fmt::format("net_null{},no-rx=1", k);
        Result<dataplane::Port> port = dataplane::Port::open(spec, settings);
        if (!port)
            return tl::unexpected(mgm::Error{
                port.error().code, fmt::format("port '{}': {}", spec.devargs, port.error().what)});
        ports_.push_back(std::move(*port));
    }
    return {};
}

std::vector<std::uint16_t> Bed::sink_ports(std::size_t count) const {
    std::vector<std::uint16_t> ids;
    for (std::size_t k = 1; k <= count; ++k)
        ids.push_back(ports_.at(k).id());
    return ids;
}

FloorPools Bed::floor_pools() const noexcept {
    return {copies_->raw(), heads_->raw(), clones_->raw()};
}

unsigned Bed::worker_cpu() const noexcept {
    return static_cast<unsigned>(rte_lcore_to_cpu_id(static_cast<int>(worker_lcore())));
}

std::uint32_t Bed::mbufs_in_use() const noexcept {
    return received_->in_use() + copies_->in_use() + heads_->in_use() + clones_->in_use();
}

} // namespace bench
