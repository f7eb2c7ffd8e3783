// SPDX-License-Identifier: BSD-3-Clause
#include "support/test_router.hpp"

#include "dataplane/rewrite.hpp"

#include <gtest/gtest.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <stdexcept>

namespace support {

namespace {

rte_mempool *make_pool(const char *name, unsigned count, std::uint16_t room) {
    rte_mempool *pool = rte_pktmbuf_pool_create(
        name, count, 0, 0, static_cast<std::uint16_t>(room + RTE_PKTMBUF_HEADROOM), 0);
    if (pool == nullptr)
        throw std::runtime_error("test pool: no memory");
    return pool;
}

void require(const mgm::Result<void> &result) {
    if (!result)
        throw std::runtime_error(result.error().what);
}

void require_that(bool done) {
    if (!done)
        throw std::runtime_error("no memory for lanes");
}

} // namespace

const Pools &Pools::get() {
    static const Pools pools{make_pool("received", 8191, 2048), make_pool("copies", 8191, 9728),
                             make_pool("heads", 8191, dataplane::kHeadRoom)};
    return pools;
}

TestRouter::TestRouter(const Options &options)
    : options_(options),
      segment_(options.geometry),
      tables_(segment_.tables()),
      grace_(options.geometry.workers) {
    if (options_.copies == nullptr)
        options_.copies = Pools::get().copies;
    if (options_.heads == nullptr)
        options_.heads = Pools::get().heads;
    writer_ = std::make_unique<mgm::TableWriter>(tables_, grace_);
    const std::uint32_t workers = options_.geometry.workers;
    if (workers > 1) {
        spread_rings_.emplace(workers, options_.lane_frames);
        tx_rings_.emplace(workers, options_.lane_frames, tables_);
        require_that(spread_rings_->prepare(0));
    }
    for (std::uint32_t id = 0; id < workers; ++id)
        workers_.push_back(std::make_unique<dataplane::Worker>(dataplane::WorkerConfig{
            .id = id,
            .tables = tables_,
            .grace = &grace_,
            .ports = &active_,
            .pool = options_.copies,
            .heads = options_.heads,
            .inject = options_.inject, // one worker's: tests with several have none
            .signals = options_.signals,
            .spread = spread_rings_ ? &*spread_rings_ : nullptr,
            .waits_for_lanes = options_.waits_for_lanes,
            .tx_rings = tx_rings_ ? &*tx_rings_ : nullptr,
            .policy = options_.policy}));
}

TestRouter::~TestRouter() {
    expect_identities();
    workers_.clear(); // drop what they hold
    EXPECT_EQ(held(), 0U);
    expect_identities();
    for (auto &[index, port] : ports_)
        port->drain();
    for (auto &[index, port] : ports_)
        if (tx_rings_)
            tx_rings_->finish(port->id());
    for (auto &[index, port] : ports_)
        port->drain();
    EXPECT_EQ(rte_mempool_in_use_count(Pools::get().received), 0U) << "foreign mbufs missing";
    EXPECT_EQ(rte_mempool_in_use_count(options_.copies), 0U) << "mbufs of copies missing";
    EXPECT_EQ(rte_mempool_in_use_count(options_.heads), 0U) << "mbufs of heads missing";
}

mgm::IfSlot TestRouter::add(const mgm::InterfaceSpec &spec, unsigned port_number) {
    const auto slot = writer_->upsert_interface(spec);
    if (!slot)
        throw std::runtime_error(slot.error().what);
    RingPort *port = &RingPort::get(port_number); // emptied: add interfaces before traffic
    ports_.emplace_back(spec.index, port);
    slots_.push_back(*slot);
    if (tx_rings_) {
        require_that(tx_rings_->open(port->id(), 1));
        active_.poll_and_spread(0, port->id(), 1);
    } else {
        active_.poll(0, port->id());
    }
    set_link(spec.index, mgm::LinkState::kUp);
    return *slot;
}

void TestRouter::set_link(mgm::IfIndex index, mgm::LinkState state, bool takes_segments) {
    mgm::PortAttachment attachment{port(index).id(), state, {}, takes_segments};
    attachment.mac.octets = {0x02, 0, 0, 0, 0, static_cast<std::uint8_t>(index)};
    require(writer_->attach_port(index, attachment));
}

mgm::MfeIndex TestRouter::route(std::string_view source, std::string_view group,
                                const mgm::RouteAction &action) {
    mgm::RouteKey key;
    if (source != "*")
        key.source = mgm::IpAddress::parse(source).value();
    key.group = mgm::IpPrefix::parse(group).value();
    require(writer_->upsert(key, action));
    return writer_->find(key).value();
}

mgm::IfSlot TestRouter::slot(mgm::IfIndex index) const {
    return writer_->slot_of(index).value();
}

RingPort &TestRouter::port(mgm::IfIndex index) const {
    for (const auto &[known, port] : ports_)
        if (known == index)
            return *port;
    throw std::out_of_range("no such interface in this test");
}

mgm::Oif &TestRouter::oif(mgm::MfeIndex entry, mgm::Family family, unsigned position) const {
    const mgm::ForwardSet &set = family == mgm::Family::kIpv4
                                     ? tables_.forward_set(tables_.mfe<mgm::Family::kIpv4>(entry))
                                     : tables_.forward_set(tables_.mfe<mgm::Family::kIpv6>(entry));
    const_cast<mgm::ForwardSet &>(set).program = 0; // it would not know
    return const_cast<mgm::Oif &>(set.oifs()[position]);
}

namespace {

rte_mbuf *frame_of(rte_mempool *pool, const Octets &octets) {
    const std::size_t room = rte_pktmbuf_data_room_size(pool) - std::size_t{RTE_PKTMBUF_HEADROOM};
    std::vector<std::size_t> splits;
    for (std::size_t rest = octets.size(); rest > room; rest -= room)
        splits.push_back(room);
    return make_frame(pool, octets, splits);
}

} // namespace

rte_mbuf *received_frame(const Octets &octets) {
    return frame_of(Pools::get().copies, octets);
}

rte_mbuf *foreign_frame(const Octets &octets) {
    return frame_of(Pools::get().received, octets);
}

void TestRouter::put(mgm::IfIndex arrival, const Octets &frame) {
    put(arrival, received_frame(frame));
}

unsigned TestRouter::turn() {
    unsigned moved = 0;
    for (const auto &worker : workers_)
        moved += worker->turn();
    return moved;
}

void TestRouter::settle() {
    while (turn() != 0) {
    }
}

Verdict TestRouter::verdict_of(const Octets &frame, mgm::IfIndex arrival) {
    return verdict_of(received_frame(frame), arrival);
}

Verdict TestRouter::verdict_of(rte_mbuf *frame, mgm::IfIndex arrival) {
    const std::vector<std::uint64_t> before = verdict_sums();
    put(arrival, frame);
    EXPECT_EQ(turn(), 1U);
    const std::vector<std::uint64_t> after = verdict_sums();
    Verdict verdict = Verdict::kCount;
    for (std::size_t v = 0; v < mgm::kVerdictCount; ++v) {
        if (after[v] == before[v])
            continue;
        EXPECT_EQ(after[v], before[v] + 1);
        EXPECT_EQ(verdict, Verdict::kCount) << "one packet, two verdicts";
        verdict = static_cast<Verdict>(v);
    }
    return verdict;
}

std::vector<std::uint64_t> TestRouter::verdict_sums() const {
    std::vector<std::uint64_t> sums(mgm::kVerdictCount);
    for (const mgm::IfSlot slot : slots_)
        for (std::size_t v = 0; v < mgm::kVerdictCount; ++v)
            sums[v] += counters(slot).verdicts[v].read();
    return sums;
}

mgm::InterfaceCounters &TestRouter::counters(mgm::IfSlot slot, std::uint32_t worker) const {
    return tables_.interface_counters(worker, slot);
}
std::uint64_t TestRouter::count(mgm::IfIndex arrival, Verdict verdict) const {
    return sum(slot(arrival), [&](const mgm::InterfaceCounters &row) -> const mgm::Counter & {
        return row.verdicts[static_cast<std::size_t>(verdict)];
    });
}
std::uint64_t TestRouter::count(Event event) const {
    std::uint64_t sum = 0;
    for (std::uint32_t worker = 0; worker < options_.geometry.workers; ++worker)
        sum += tables_.worker_status(worker).events[static_cast<std::size_t>(event)].read();
    return sum;
}
std::uint64_t TestRouter::held() const {
    std::uint64_t sum = 0;
    for (std::uint32_t worker = 0; worker < options_.geometry.workers; ++worker)
        sum += tables_.worker_status(worker).held.load();
    return sum;
}
std::uint64_t TestRouter::copies_wanted(mgm::IfIndex oif) const {
    return sum(slot(oif),
               [](const auto &row) -> const mgm::Counter & { return row.copies_wanted; });
}
std::uint64_t TestRouter::copies_sent(mgm::IfIndex oif) const {
    return sum(slot(oif), [](const auto &row) -> const mgm::Counter & { return row.copies_sent; });
}
std::uint64_t TestRouter::copy_drops(mgm::IfIndex oif, Verdict reason) const {
    return sum(slot(oif), [&](const mgm::InterfaceCounters &row) -> const mgm::Counter & {
        return row.copy_drops[static_cast<std::size_t>(reason)];
    });
}

void TestRouter::expect_identities() const {
    for (std::uint32_t worker = 0; worker < options_.geometry.workers; ++worker)
        expect_identities(worker);
}

void TestRouter::expect_identities(std::uint32_t worker) const {
    std::uint64_t received = 0, ended = tables_.worker_status(worker).held.load();
    for (const mgm::IfSlot slot : slots_) {
        const mgm::InterfaceCounters &row = counters(slot, worker);
        received += row.in_frames.read();
        for (const mgm::Counter &verdict : row.verdicts)
            ended += verdict.read();
        std::uint64_t lost = 0;
        for (const mgm::Counter &drop : row.copy_drops)
            lost += drop.read();
        EXPECT_EQ(row.copies_wanted.read(), row.copies_sent.read() + lost)
            << "copies of slot " << static_cast<std::uint32_t>(slot) << ", worker " << worker;
    }
    EXPECT_EQ(received, ended) << "worker " << worker;
}

mgm::InterfaceSpec interface_spec(unsigned index, const std::vector<std::string_view> &addresses,
                                  std::uint16_t vlan) {
    mgm::InterfaceSpec spec;
    spec.name = "if" + std::to_string(index);
    spec.index = mgm::IfIndex{index};
    spec.port = "ring";
    spec.vlan = vlan;
    for (const std::string_view address : addresses)
        spec.addresses.push_back(mgm::IpPrefix::parse(address).value());
    return spec;
}

mgm::RouteAction action(const std::vector<unsigned> &iifs, const std::vector<unsigned> &oifs) {
    mgm::RouteAction action;
    for (const unsigned index : iifs)
        action.iifs.push_back(mgm::IfIndex{index});
    for (const unsigned index : oifs)
        action.oifs.push_back({mgm::IfIndex{index}, 0, {}});
    return action;
}

std::unique_ptr<TestRouter> small_router(const dataplane::Policy &policy) {
    auto router = std::make_unique<TestRouter>(TestRouter::Options{.policy = policy});
    router->add(interface_spec(11, {"198.51.100.1/28", "2001:db8:1::1/64"}), 3);
    router->add(interface_spec(22, {"198.51.100.17/28", "2001:db8:2::1/64"}), 0);
    router->add(interface_spec(37, {"198.51.100.33/28", "2001:db8:3::1/64"}, 100), 5);
    router->route("*", kGroup4, action({11}, {22, 37}));
    router->route("*", kGroup6, action({11}, {22, 37}));
    return router;
}

} // namespace support
