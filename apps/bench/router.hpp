// SPDX-License-Identifier: BSD-3-Clause
// The product under test: tables in the shared segment, interfaces on the bench's ports, one entry
// for each flow, and the worker that mgmd runs.
//
// Thread: built and asked on the main thread, which is the tables' writer; run() on a worker's
// lcore.
#pragma once

#include "apps/bench/ingress.hpp"
#include "apps/bench/scenario.hpp"
#include "dataplane/active_ports.hpp"
#include "dataplane/worker.hpp"
#include "mgm/grace_period.hpp"
#include "mgm/segment.hpp"
#include "mgm/table_writer.hpp"
#include "mgm/verdict.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

struct rte_mempool;

namespace bench {

/// What the router's counters say of one trial.
struct RouterCounts {
    std::uint64_t received = 0;
    std::uint64_t forwarded = 0;
    std::uint64_t copies_wanted = 0;
    std::uint64_t copies_sent = 0;
    std::uint64_t copies_refused = 0; ///< by their port
    std::uint64_t entry_packets = 0;  ///< of all entries
};

struct RouterPools {
    rte_mempool *frames; ///< frames come in buffers of this one, and long copies
    rte_mempool *heads;  ///< short copies and heads
};

class Router {
public:
    /// kNoMemory and kTableFull say what to raise.
    static mgm::Result<std::unique_ptr<Router>> create(const Scenario &scenario,
                                                       std::uint16_t ingress_port,
                                                       const std::vector<std::uint16_t> &ports,
                                                       const RouterPools &pools);
    Router(const Router &) = delete;
    Router &operator=(const Router &) = delete;

    /// A worker for one trial; it is run on an lcore and stopped from here. `id` below the
    /// scenario's workers: it polls that rx queue of the ingress port.
    std::unique_ptr<dataplane::Worker> make_worker(std::uint32_t id = 0);
    /// Gives entry `k` its other olist, as long as its own, or that one back. False when the tables
    /// are full of what no grace period has passed for.
    bool change_entry(std::uint64_t k);
    /// Entry `k` with its own olist, or without any.
    bool add_entry(std::uint64_t k);
    bool remove_entry(std::uint64_t k);
    /// Packets and copies that were not sent, by reason, since the last call or since it was made.
    std::vector<std::pair<std::string_view, std::uint64_t>> take_drops();
    std::uint32_t reclaim() { return writer_->reclaim(); }

    /// Since the last call, or since it was made.
    RouterCounts take_counts();
    [[nodiscard]] double load_seconds() const noexcept { return load_seconds_; }
    [[nodiscard]] std::uint64_t table_octets() const noexcept;
    /// What the tables of a scenario take.
    static std::uint64_t table_octets_for(const Scenario &scenario);

private:
    Router(Scenario scenario, mgm::SharedSegment segment, const RouterPools &pools);
    mgm::Result<void> add_interfaces(std::uint16_t ingress_port,
                                     const std::vector<std::uint16_t> &ports);
    mgm::Result<void> add_entries();
    [[nodiscard]] mgm::RouteKey key(std::uint64_t k) const;

    dataplane::ActivePorts active_; // first: its lines are whole
    Scenario scenario_;
    mgm::SharedSegment segment_;
    RouterPools pools_;
    mgm::GracePeriod grace_;
    std::unique_ptr<mgm::TableWriter> writer_;
    std::vector<mgm::RouteAction> actions_; ///< the olists, rotated
    std::vector<std::uint8_t> changed_;     ///< by entry: has its other olist
    std::vector<mgm::IfSlot> slots_;        ///< arrival first
    RouterCounts before_;
    std::array<std::uint64_t, mgm::kVerdictCount> drops_before_{};
    double load_seconds_ = 0;
};

} // namespace bench
