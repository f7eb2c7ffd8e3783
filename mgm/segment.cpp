// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/segment.hpp"

#include <rte_errno.h>
#include <rte_memzone.h>

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <new>
#include <stdexcept>
#include <utility>
#include <vector>

#include <sys/random.h>
#include <unistd.h>

namespace mgm {

namespace {

// At a load of half, two choices and eight slots, an insertion that finds both buckets full is
// rarer than one in 10^9.
constexpr std::uint32_t kEntriesPerBucket = 4;
constexpr std::uint32_t kMinBuckets = 4;
// Retired entries and nodes wait for a grace period beside those in use.
constexpr std::uint32_t kReserveDivisor = 16;
constexpr std::uint32_t kMinReserve = 64;

// Rows that tell oifs apart: entries with copies lost, or with packets just when their olist
// changed.
constexpr std::uint32_t kEntriesPerOifRow = 8;
constexpr std::uint32_t kMinOifRows = 1024;

constexpr std::uint32_t kMaxEntries = 1U << 24U;

/// Hands out consecutive, line-aligned places.
class Placer {
public:
    template <class T>
    std::uint64_t place(std::uint64_t count) noexcept {
        static_assert(alignof(T) <= kLine);
        const std::uint64_t offset = next_;
        next_ += (count * sizeof(T) + kLine - 1) / kLine * kLine;
        return offset;
    }
    [[nodiscard]] std::uint64_t total() const noexcept { return next_; }

private:
    std::uint64_t next_ = 0;
};

template <Family F>
FamilyLayout place_family(Placer &placer, std::uint32_t entries, std::uint32_t ranges,
                          std::uint32_t vrfs) {
    // A range's path has one node an octet, the root of its vrf included; the root is shared.
    constexpr std::uint32_t kNodesPerRange = sizeof(Address<F>) - kFirstRangeOctet<F> - 1;
    FamilyLayout layout;
    layout.bucket_count = std::max(entries / kEntriesPerBucket, kMinBuckets);
    layout.entry_count = 1 + entries + std::max(entries / kReserveDivisor, kMinReserve);
    layout.range_node_count = 1 + ranges * kNodesPerRange + std::min(vrfs, ranges) + kMinReserve;
    layout.vrf_roots = placer.place<std::atomic<std::uint32_t>>(vrfs);
    layout.buckets = placer.place<Bucket>(layout.bucket_count);
    layout.entries = placer.place<Mfe<F>>(layout.entry_count);
    layout.range_nodes = placer.place<RangeNode>(layout.range_node_count);
    return layout;
}

/// Places what one worker writes; the places of worker 0 tell those of all others.
WorkerLayout place_worker(Placer &placer, const Geometry &geometry, const SegmentLayout &layout) {
    WorkerLayout worker;
    worker.status = placer.place<WorkerStatus>(1);
    worker.interface_counters = placer.place<InterfaceCounters>(geometry.interfaces + 1U);
    worker.ipv4_counters = placer.place<EntryCounters>(layout.ipv4.entry_count);
    worker.ipv6_counters = placer.place<EntryCounters>(layout.ipv6.entry_count);
    worker.ipv4_different_in_if = placer.place<Counter>(layout.ipv4.entry_count);
    worker.ipv6_different_in_if = placer.place<Counter>(layout.ipv6.entry_count);
    worker.oif_counters = placer.place<OifCounters>(layout.oif_counter_rows);
    return worker;
}

void make_salt(HashSalt &salt) {
    if (getrandom(salt.data(), sizeof salt, 0) != static_cast<ssize_t>(sizeof salt))
        throw std::runtime_error("getrandom gave no salt for the flow table's hash");
}

std::uint64_t seconds_now() {
    return static_cast<std::uint64_t>(std::time(nullptr));
}

} // namespace

Result<void> validate(const Geometry &geometry) {
    struct Limit {
        const char *name;
        std::uint32_t value;
        std::uint32_t lowest;
        std::uint32_t highest;
    };
    const std::array limits{
        Limit{"interfaces", geometry.interfaces, 1, 65535},
        Limit{"neighbors", geometry.neighbors, 1, 1U << 20U},
        Limit{"vrfs", geometry.vrfs, 1, 65536},
        Limit{"ipv4_entries", geometry.ipv4_entries, 1, kMaxEntries},
        Limit{"ipv6_entries", geometry.ipv6_entries, 1, kMaxEntries},
        Limit{"ipv4_ranges", geometry.ipv4_ranges, 1, 65536},
        Limit{"ipv6_ranges", geometry.ipv6_ranges, 1, 65536},
        Limit{"block_units", geometry.block_units, 1024, 1U << 26U},
        Limit{"workers", geometry.workers, 1, kMaxWorkers},
    };
    for (const Limit &limit : limits)
        if (limit.value < limit.lowest || limit.value > limit.highest)
            return fail(Errc::kInvalidArgument, "capacity {} = {} is out of range: {} to {}",
                        limit.name, limit.value, limit.lowest, limit.highest);
    return {};
}

SegmentPlan plan_of(const Geometry &geometry) {
    SegmentPlan plan;
    SegmentLayout &layout = plan.layout;
    Placer placer;
    placer.place<SegmentHeader>(1);
    layout.interface_roots = placer.place<std::atomic<std::uint32_t>>(geometry.interfaces + 1U);
    layout.port_roots = placer.place<PortRoot>(kMaxPorts);
    layout.own_address_roots = placer.place<std::atomic<std::uint32_t>>(2);
    layout.neighbors = placer.place<std::atomic<std::uint64_t>>(geometry.neighbors + 1U);
    layout.neighbor_links = placer.place<NeighborLink>(geometry.neighbors + 1U);
    layout.neighbor_chains = placer.place<std::atomic<std::uint32_t>>(geometry.neighbors);
    layout.interface_bases = placer.place<InterfaceCounters>(geometry.interfaces + 1U);
    layout.ipv4 = place_family<Family::kIpv4>(placer, geometry.ipv4_entries, geometry.ipv4_ranges,
                                              geometry.vrfs);
    layout.ipv6 = place_family<Family::kIpv6>(placer, geometry.ipv6_entries, geometry.ipv6_ranges,
                                              geometry.vrfs);
    layout.blocks =
        placer.place<Bucket>(all_block_units(geometry)); // a unit is a line, as a bucket is
    layout.oif_counter_rows =
        std::max(std::bit_ceil((geometry.ipv4_entries + geometry.ipv6_entries) / kEntriesPerOifRow),
                 kMinOifRows);
    layout.workers = placer.place<WorkerLayout>(geometry.workers);
    for (std::uint32_t w = 0; w < geometry.workers; ++w)
        plan.workers.push_back(place_worker(placer, geometry, layout));
    layout.total_octets = placer.total();
    return plan;
}

SegmentLayout layout_of(const Geometry &geometry) {
    return plan_of(geometry).layout;
}

Tables initialise_segment(std::byte *base, const Geometry &geometry, const std::string &instance) {
    const SegmentPlan plan = plan_of(geometry);
    auto *header = new (base) SegmentHeader{};
    header->layout_version = kLayoutVersion;
    header->header_octets = sizeof(SegmentHeader);
    header->geometry = geometry;
    header->layout = plan.layout;
    make_salt(header->salt);
    header->pid = static_cast<std::uint32_t>(getpid());
    header->started_seconds = seconds_now();
    instance.copy(header->instance.data(), header->instance.size() - 1);
    Tables tables(base);
    std::copy(plan.workers.begin(), plan.workers.end(),
              tables.at<WorkerLayout>(plan.layout.workers));
    header->magic = kSegmentMagic;
    // release: whoever reads the state in order reads the header behind it; pairs with attach
    header->state.store(static_cast<std::uint32_t>(SegmentState::kBuilding),
                        std::memory_order_release);
    return tables;
}

// --- plain memory

namespace {

std::byte *make_zeroed(std::uint64_t octets) {
    void *memory = std::aligned_alloc(kLine, octets);
    if (memory == nullptr)
        throw std::bad_alloc();
    std::memset(memory, 0, octets);
    return static_cast<std::byte *>(memory);
}

} // namespace

PrivateSegment::PrivateSegment(const Geometry &geometry)
    : memory_(make_zeroed(layout_of(geometry).total_octets)) {
    initialise_segment(memory_.get(), geometry, "private");
}

Tables PrivateSegment::tables() const noexcept {
    return Tables(memory_.get());
}

void PrivateSegment::Free::operator()(std::byte *base) const noexcept {
    std::free(base);
}

// --- memzone

Result<SharedSegment> SharedSegment::create(const Geometry &geometry, const std::string &instance) {
    if (Result<void> valid = validate(geometry); !valid)
        return tl::unexpected(valid.error());
    const std::uint64_t octets = layout_of(geometry).total_octets;
    const rte_memzone *zone =
        rte_memzone_reserve_aligned(kSegmentZone, octets, SOCKET_ID_ANY, 0, kLine);
    if (zone == nullptr && rte_errno == EEXIST)
        return fail(Errc::kExists,
                    "cannot make memzone {}: this EAL instance has one already; give each mgmd its "
                    "own name",
                    kSegmentZone);
    if (zone == nullptr)
        return fail(Errc::kNoMemory,
                    "cannot reserve {} MiB for the tables: {}; raise vm.nr_hugepages or, with "
                    "--no-huge, EAL's -m, or lower [capacity]",
                    (octets + (1U << 20U) - 1) >> 20U, rte_strerror(rte_errno));
    auto *base = static_cast<std::byte *>(zone->addr);
    std::memset(base, 0, octets); // a zone that was freed and taken again keeps its octets
    return SharedSegment(zone, initialise_segment(base, geometry, instance));
}

SharedSegment::SharedSegment(SharedSegment &&other) noexcept
    : zone_(std::exchange(other.zone_, nullptr)), tables_(other.tables_) {}

SharedSegment &SharedSegment::operator=(SharedSegment &&other) noexcept {
    std::swap(zone_, other.zone_); // ours goes with `other`
    std::swap(tables_, other.tables_);
    return *this;
}

SharedSegment::~SharedSegment() {
    if (zone_ == nullptr)
        return;
    // release: nothing that the daemon did moves behind it; pairs with attach
    tables_.header().state.store(static_cast<std::uint32_t>(SegmentState::kStopped),
                                 std::memory_order_release);
    rte_memzone_free(static_cast<const rte_memzone *>(zone_));
}

void SharedSegment::publish() noexcept {
    // release: header, geometry and empty tables are complete; pairs with attach
    tables_.header().state.store(static_cast<std::uint32_t>(SegmentState::kReady),
                                 std::memory_order_release);
}

} // namespace mgm
