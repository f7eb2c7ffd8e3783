// SPDX-License-Identifier: BSD-3-Clause
// Two stages of a worker by themselves: parsing a burst of 32 frames, and making and sending the
// copies of one, to ports that free at once. What comes before and after is not timed.
//
// parse/FRAMES, replicate/WAY/COPIES. The frames are in the cache: a worker's just came.
#include "bench_main.hpp"
#include "dataplane/lookup.hpp"
#include "dataplane/mbuf_pool.hpp"
#include "dataplane/parse.hpp"
#include "dataplane/port.hpp"
#include "dataplane/replicate.hpp"
#include "dataplane/rpf.hpp"
#include "dataplane/settle.hpp"
#include "mgm/segment.hpp"
#include "mgm/table_writer.hpp"
#include "support/packet_builder.hpp"

#include <fmt/format.h>

#include <cstring>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

namespace benches {

namespace {

using dataplane::Burst;
using support::Octets;

constexpr std::uint16_t kVlan = 100;
constexpr unsigned kMostCopies = 16;

/// Ports and buffers, for all benchmarks.
struct Bed {
    static constexpr std::uint32_t kMbufs = 8191;
    static constexpr std::uint16_t kRoom = 2048;

    dataplane::MbufPool frames =
        required(dataplane::MbufPool::create("frames", kMbufs, kRoom, SOCKET_ID_ANY));
    dataplane::MbufPool heads =
        required(dataplane::MbufPool::create("heads", kMbufs, dataplane::kHeadRoom, SOCKET_ID_ANY));
    dataplane::MbufPool foreign =
        required(dataplane::MbufPool::create("foreign", kMbufs, kRoom, SOCKET_ID_ANY));
    std::vector<dataplane::Port> ports; ///< the first is the arrival port

    Bed() {
        for (unsigned k = 0; k <= kMostCopies; ++k) {
            dataplane::PortSpec spec;
            spec.devargs = fmt::format("net_null{},no-rx=1", k);
            ports.push_back(required(dataplane::Port::open(spec, {.pool = frames.raw()})));
        }
    }
    static std::unique_ptr<Bed> &only() {
        static std::unique_ptr<Bed> only;
        return only;
    }
    static Bed &get() {
        if (!only())
            only() = std::make_unique<Bed>();
        return *only();
    }
};

struct RouterKind {
    unsigned copies = 1;
    bool has_own_macs = false;
    bool takes_segments = true; ///< the ports
};

/// Tables of a router, and the stages' state. Groups 239.255.3.x and ff1e::3:x go to all oifs.
class Stages {
public:
    explicit Stages(const RouterKind &kind)
        : segment_(mgm::Geometry{
              .interfaces = 64, .ipv4_entries = 1024, .ipv6_entries = 1024, .block_units = 8192}),
          grace_(1),
          writer_(segment_.tables(), grace_),
          context(0, segment_.tables(), {}, Bed::get().frames.raw(), Bed::get().heads.raw()),
          tx(std::make_unique<dataplane::TxBuffers>()),
          burst(std::make_unique<Burst>()) {
        add(1, 0, 0, kind, "198.51.100.1/28");
        add(2, 0, kVlan, kind, "198.51.100.33/28");
        mgm::RouteAction action{{mgm::IfIndex{1}, mgm::IfIndex{2}}, {}};
        for (unsigned k = 1; k <= kind.copies; ++k) {
            add(10 + k, k, 0, kind, "");
            action.oifs.push_back({mgm::IfIndex{10 + k}, 0, {}});
        }
        for (unsigned k = 0; k < Burst::kCapacity; ++k)
            for (const std::string &group : {group4(k), group6(k)})
                required(writer_.upsert({{}, {}, mgm::IpPrefix::parse(group).value()}, action));
    }
    static std::string group4(unsigned k) { return fmt::format("239.255.3.{}", k + 1); }
    static std::string group6(unsigned k) { return fmt::format("ff1e::3:{:x}", k + 1); }

    /// A full burst of these frames, in mbufs of `pool`.
    void receive(const std::vector<Octets> &frames, rte_mempool *pool) const {
        burst->port_id = Bed::get().ports[0].id();
        burst->size = Burst::kCapacity;
        if (rte_pktmbuf_alloc_bulk(pool, burst->mbufs.data(), Burst::kCapacity) != 0)
            throw std::runtime_error("no packet buffer is left: some did not come back");
        for (unsigned i = 0; i < Burst::kCapacity; ++i) {
            char *at =
                rte_pktmbuf_append(burst->mbufs[i], static_cast<std::uint16_t>(frames[i].size()));
            std::memcpy(at, frames[i].data(), frames[i].size());
        }
        burst->reset_outcomes();
    }
    [[nodiscard]] std::uint64_t copies_sent() const {
        std::uint64_t sent = 0;
        for (std::uint32_t slot = 1; slot < 64; ++slot)
            sent += segment_.tables().interface_counters(0, mgm::IfSlot{slot}).copies_sent.read();
        return sent;
    }

private:
    void add(unsigned index, unsigned port, std::uint16_t vlan, const RouterKind &kind,
             std::string_view address) {
        mgm::InterfaceSpec spec;
        spec.name = fmt::format("if{}", index);
        spec.index = mgm::IfIndex{index};
        spec.port = fmt::format("net_null{}", port);
        spec.vlan = vlan;
        spec.addresses.clear();
        if (!address.empty())
            spec.addresses.push_back(mgm::IpPrefix::parse(address).value());
        required(writer_.upsert_interface(spec));
        mgm::PortAttachment attachment{
            Bed::get().ports.at(port).id(), mgm::LinkState::kUp, {}, kind.takes_segments};
        attachment.mac.octets = {2, 0, 0,
                                 0, 0, static_cast<std::uint8_t>(kind.has_own_macs ? port + 1 : 1)};
        required(writer_.attach_port(spec.index, attachment));
    }

    mgm::PrivateSegment segment_;
    mgm::GracePeriod grace_;
    mgm::TableWriter writer_;

public:
    dataplane::Context context;
    std::unique_ptr<dataplane::TxBuffers> tx;
    std::unique_ptr<Burst> burst;
};

/// `octets`: of an IPv4 frame in memory.
std::vector<Octets> frames4(std::size_t octets, bool is_tagged = false) {
    std::vector<Octets> frames;
    for (unsigned k = 0; k < Burst::kCapacity; ++k) {
        support::PacketBuilder packet =
            support::ipv4("198.51.100.2", Stages::group4(k)).payload(octets - 34);
        frames.push_back(is_tagged ? packet.tag(kVlan).build() : packet.build());
    }
    return frames;
}

std::vector<Octets> frames6(std::size_t octets) {
    std::vector<Octets> frames;
    for (unsigned k = 0; k < Burst::kCapacity; ++k)
        frames.push_back(
            support::ipv6("2001:db8:1::2", Stages::group6(k)).payload(octets - 54).build());
    return frames;
}

void parse_frames(benchmark::State &state, const std::vector<Octets> &frames) {
    const Stages stages({});
    stages.receive(frames, Bed::get().frames.raw());
    Cycles cycles;
    cycles.start();
    for ([[maybe_unused]] auto _ : state) {
        dataplane::parse(stages.context, *stages.burst);
        benchmark::ClobberMemory();
    }
    cycles.stop();
    for (unsigned i = 0; i < Burst::kCapacity; ++i)
        if (!stages.burst->is_on_its_way(i))
            state.SkipWithError("a frame is refused");
    rte_pktmbuf_free_bulk(stages.burst->mbufs.data(), Burst::kCapacity);
    cycles.report(state, Burst::kCapacity, "cycles_per_packet");
}

struct Way {
    RouterKind router;
    std::size_t octets = 60;
    bool is_foreign = false; ///< mbufs that may not be written to
};

void make_copies(benchmark::State &state, const Way &way) {
    RouterKind kind = way.router;
    kind.copies = static_cast<unsigned>(state.range(0));
    const Stages stages(kind);
    const std::vector<Octets> frames = frames4(way.octets);
    const dataplane::MbufPool &pool = way.is_foreign ? Bed::get().foreign : Bed::get().frames;
    Burst &burst = *stages.burst;
    Cycles cycles;
    for ([[maybe_unused]] auto _ : state) {
        stages.receive(frames, pool.raw());
        dataplane::parse(stages.context, burst);
        dataplane::lookup(stages.context, burst);
        dataplane::check_rpf(stages.context, burst);
        cycles.start();
        dataplane::replicate(stages.context, burst, *stages.tx);
        stages.tx->flush(stages.context, burst);
        cycles.stop();
        state.SetIterationTime(cycles.last_seconds());
        dataplane::settle(stages.context, burst);
    }
    const std::uint64_t copies = std::uint64_t{kind.copies} * Burst::kCapacity;
    if (stages.copies_sent() != copies * static_cast<std::uint64_t>(state.iterations()))
        state.SkipWithError("not every copy was sent");
    if (Bed::get().frames.in_use() + Bed::get().heads.in_use() + Bed::get().foreign.in_use() != 0)
        state.SkipWithError("packet buffers are missing");
    cycles.report(state, copies, "cycles_per_copy");
}

void counts(benchmark::internal::Benchmark *replication) {
    replication->Arg(1)->Arg(4)->Arg(kMostCopies)->UseManualTime();
}

BENCHMARK_CAPTURE(parse_frames, ipv4, frames4(60))->Name("parse/ipv4_60");
BENCHMARK_CAPTURE(parse_frames, vlan, frames4(60, true))->Name("parse/ipv4_vlan_64");
BENCHMARK_CAPTURE(parse_frames, ipv6, frames6(80))->Name("parse/ipv6_80");
// How copies come about.
BENCHMARK_CAPTURE(make_copies, shared_short, Way{{.has_own_macs = false}, 60})
    ->Name("replicate/shared_60")
    ->Apply(counts);
BENCHMARK_CAPTURE(make_copies, shared_long, Way{{.has_own_macs = false}, 1396})
    ->Name("replicate/shared_1396")
    ->Apply(counts);
BENCHMARK_CAPTURE(make_copies, whole_short, Way{{.has_own_macs = true}, 60})
    ->Name("replicate/short_60")
    ->Apply(counts);
BENCHMARK_CAPTURE(make_copies, chained, Way{{.has_own_macs = true}, 1396})
    ->Name("replicate/chained_1396")
    ->Apply(counts);
BENCHMARK_CAPTURE(make_copies, whole_long,
                  Way{{.has_own_macs = true, .takes_segments = false}, 1396})
    ->Name("replicate/whole_1396")
    ->Apply(counts);
BENCHMARK_CAPTURE(make_copies, plain, Way{{.has_own_macs = true}, 60, true})
    ->Name("replicate/plain_60")
    ->Apply(counts);

} // namespace

} // namespace benches

int main(int argc, char **argv) {
    constexpr unsigned kMebibytes = 256;
    try {
        return benches::run({argv, static_cast<std::size_t>(argc)}, kMebibytes,
                            [] { benches::Bed::only().reset(); });
    } catch (const std::exception &error) {
        std::fprintf(stderr, "packet_bench: %s\n", error.what());
        return 3;
    }
}
