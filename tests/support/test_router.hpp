// SPDX-License-Identifier: BSD-3-Clause
// A router in one test: tables in plain memory, ports in memory, one worker driven by hand, or
// several: then the first receives from every port and spreads, and each port has one tx queue.
//
// Interfaces (awkward on purpose): the arrival interface p1 is if11 on port 3, the others are on
// ports that are neither their index nor their slot.
#pragma once

#include "dataplane/spread.hpp"
#include "dataplane/tx_rings.hpp"
#include "dataplane/worker.hpp"
#include "mgm/segment.hpp"
#include "mgm/table_writer.hpp"
#include "support/packet_builder.hpp"
#include "support/ring_port.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

struct rte_mempool;

namespace support {

/// The numbers of one packet's end.
using mgm::Event;
using mgm::Verdict;

struct Pools {
    rte_mempool *received; ///< 2 KiB data rooms: a port's own, not the router's
    rte_mempool *copies;   ///< data rooms for 9,600 octets: the router's
    rte_mempool *heads;    ///< small ones
    static const Pools &get();
};

class TestRouter {
public:
    struct Options {
        dataplane::Policy policy;
        mgm::Geometry geometry{.interfaces = 1100,
                               .neighbors = 64,
                               .vrfs = 8,
                               .ipv4_entries = 256,
                               .ipv6_entries = 256,
                               .ipv4_ranges = 16,
                               .ipv6_ranges = 16,
                               .block_units = 4096,
                               .workers = 1}; ///< its number of workers, too
        std::uint16_t lane_frames = 63;       ///< what a lane between two workers holds
        bool waits_for_lanes = false;         ///< as for files
        rte_mempool *copies = nullptr;        ///< nullptr: the shared one
        rte_mempool *heads = nullptr;         ///< nullptr: the shared one
        mgm::InjectRing *inject = nullptr;    ///< must outlive the router
        mgm::SignalRing *signals = nullptr;   ///< must outlive the router
    };
    static constexpr mgm::IfIndex kArrival{11};

    TestRouter() : TestRouter(Options{}) {}
    explicit TestRouter(const Options &options);
    ~TestRouter(); ///< expects both identities and that no mbuf is missing

    // --- what the router is made of
    /// The port numbered `port` polled by the worker, `spec` on it, link up.
    mgm::IfSlot add(const mgm::InterfaceSpec &spec, unsigned port);
    /// `takes_segments`: of the port.
    void set_link(mgm::IfIndex index, mgm::LinkState state, bool takes_segments = true);
    mgm::MfeIndex route(std::string_view source, std::string_view group,
                        const mgm::RouteAction &action);
    mgm::TableWriter &writer() { return *writer_; }
    dataplane::Worker &worker(std::uint32_t id = 0) { return *workers_.at(id); }
    dataplane::TxRings &tx_rings() { return *tx_rings_; } ///< of several workers
    dataplane::SpreadRings &spread_rings() { return *spread_rings_; }
    [[nodiscard]] mgm::IfSlot slot(mgm::IfIndex index) const;
    [[nodiscard]] RingPort &port(mgm::IfIndex index) const;
    /// For what the writer refuses to make: the forward set itself.
    [[nodiscard]] mgm::Oif &oif(mgm::MfeIndex entry, mgm::Family family, unsigned position) const;

    // --- traffic
    void put(mgm::IfIndex arrival, const Octets &frame);
    void put(mgm::IfIndex arrival, rte_mbuf *frame) { port(arrival).put(frame); }
    /// Of each worker.
    unsigned turn();
    /// Turns until nothing moves.
    void settle();
    /// Puts one frame in on kArrival, turns once, and says how it ended.
    Verdict verdict_of(const Octets &frame, mgm::IfIndex arrival = kArrival);
    Verdict verdict_of(const PacketBuilder &packet) { return verdict_of(packet.build()); }
    Verdict verdict_of(rte_mbuf *frame, mgm::IfIndex arrival = kArrival);
    std::vector<Octets> sent(mgm::IfIndex oif) { return port(oif).take(); }

    // --- counters
    [[nodiscard]] std::uint64_t count(mgm::IfIndex arrival, Verdict verdict) const;
    [[nodiscard]] std::uint64_t count(Event event) const;
    [[nodiscard]] std::uint64_t copies_wanted(mgm::IfIndex oif) const;
    [[nodiscard]] std::uint64_t copies_sent(mgm::IfIndex oif) const;
    [[nodiscard]] std::uint64_t copy_drops(mgm::IfIndex oif, Verdict reason) const;
    [[nodiscard]] mgm::InterfaceCounters &counters(mgm::IfSlot slot,
                                                   std::uint32_t worker = 0) const;
    /// Sum over all workers of what `read(row)` says of the interface.
    template <class Read>
    [[nodiscard]] std::uint64_t sum(mgm::IfSlot slot, Read &&read) const {
        std::uint64_t sum = 0;
        for (std::uint32_t worker = 0; worker < workers_.size(); ++worker)
            sum += read(counters(slot, worker)).read();
        return sum;
    }
    /// Packets that wait for an entry.
    [[nodiscard]] std::uint64_t held() const;
    [[nodiscard]] const mgm::Tables &tables() const { return tables_; }

    /// Both identities over all interfaces (architecture 5).
    void expect_identities() const;

private:
    [[nodiscard]] std::vector<std::uint64_t> verdict_sums() const;
    void expect_identities(std::uint32_t worker) const;

    Options options_;
    mgm::PrivateSegment segment_;
    mgm::Tables tables_;
    mgm::GracePeriod grace_;
    dataplane::ActivePorts active_;
    std::unique_ptr<mgm::TableWriter> writer_;
    std::optional<dataplane::SpreadRings> spread_rings_;
    std::optional<dataplane::TxRings> tx_rings_;
    std::vector<std::unique_ptr<dataplane::Worker>> workers_;
    std::vector<mgm::IfSlot> slots_{mgm::kNoSlot};
    std::vector<std::pair<mgm::IfIndex, RingPort *>> ports_;
};

/// A frame as a port with the router's pool delivers it, in one mbuf.
rte_mbuf *received_frame(const Octets &octets);
/// The same of a port's own pool: over several mbufs when it is longer than one. No program is run
/// for it.
rte_mbuf *foreign_frame(const Octets &octets);

mgm::InterfaceSpec interface_spec(unsigned index,
                                  const std::vector<std::string_view> &addresses = {},
                                  std::uint16_t vlan = 0);
mgm::RouteAction action(const std::vector<unsigned> &iifs, const std::vector<unsigned> &oifs);

/// kArrival on port 3 with 198.51.100.1/28 and 2001:db8:1::1/64, if22 on port 0, if37 tagged 100 on
/// port 5; 239.255.3.7 and ff1e::3:7 go from kArrival to both, from any source.
std::unique_ptr<TestRouter> small_router(const dataplane::Policy &policy = {});
inline constexpr std::string_view kSource4 = "198.51.100.2", kGroup4 = "239.255.3.7";
inline constexpr std::string_view kSource6 = "2001:db8:1::2", kGroup6 = "ff1e::3:7";
inline constexpr mgm::IfIndex kPlainOif{22}, kTaggedOif{37};

} // namespace support

/// gtest prints verdicts by name.
namespace mgm {
inline void PrintTo(Verdict verdict, std::ostream *out) {
    *out << name_of(verdict);
}
} // namespace mgm
