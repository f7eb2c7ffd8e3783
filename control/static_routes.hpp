// SPDX-License-Identifier: BSD-3-Clause
// Routes, neighbours and interfaces of the configuration: moves the tables from one desired state
// to the next, all or nothing, in slices so that the control thread stays responsive.
//
// Walk: plan() -> begin() -> step() until it says kDone. A step that fails turns the direction
// round: the same step() then undoes, and ends in the error.
#pragma once

#include "control/interface_ports.hpp"
#include "control/state_diff.hpp"

#include <chrono>
#include <memory>

namespace control {

/// Who else has entries in the tables and must make way.
class TableTenant {
public:
    virtual ~TableTenant() = default;
    /// A static route with this key is about to be written.
    virtual void route_comes(const mgm::RouteKey &key) = 0;
    /// The interface is about to leave the tables: no entry may name it any more.
    virtual void interface_goes(mgm::IfIndex index) = 0;
};

class StaticRoutes {
public:
    struct Plan {
        NormalState next;
        std::vector<Step> steps;
    };
    enum class Progress : std::uint8_t {
        kMore,    ///< call step() again
        kWaiting, ///< call step() again soon: what was removed waits for a grace period
        kDone,
    };
    /// How long a step waits for room that workers still hold, before it gives up.
    static constexpr std::chrono::seconds kGraceLimit{5};

    /// All of them outlive it. `tenant` null: nobody else has entries.
    StaticRoutes(mgm::TableWriter &writer, InterfacePorts &ports, TableTenant *tenant = nullptr)
        : writer_(writer), ports_(ports), tenant_(tenant) {}

    /// What leads from current() to `next`; every mistake in `next`. Touches no table: any thread,
    /// while nobody steps.
    [[nodiscard]] mgm::Result<Plan> plan(mgm::DesiredState next) const;

    /// Takes up a plan that was made from current(). Not while busy().
    void begin(Plan plan);
    /// At most `budget` table updates. kDone: current() is the plan's state. An error: the tables
    /// are as they were before begin(), but for counters of entries that had to leave first.
    mgm::Result<Progress> step(unsigned budget);
    [[nodiscard]] bool is_busy() const noexcept { return plan_ != nullptr; }

    /// plan(), begin() and all steps, waiting where that needs it.
    mgm::Result<void> apply(mgm::DesiredState next);

    [[nodiscard]] const NormalState &current() const noexcept { return current_; }

private:
    mgm::Result<void> redo(const Step &step);
    mgm::Result<void> undo(const Step &step);
    mgm::Result<void> set_neighbor(const mgm::NeighborSpec &neighbor, bool is_known);
    /// True when a step found no room, but retired things may still make some.
    bool may_wait_for_room();
    mgm::Result<Progress> step_forward(unsigned budget);
    mgm::Result<Progress> step_back(unsigned budget);
    mgm::Result<Progress> finish();

    mgm::TableWriter &writer_;
    InterfacePorts &ports_;
    TableTenant *tenant_;
    NormalState current_;
    std::unique_ptr<Plan> plan_; ///< in work
    std::size_t done_ = 0;       ///< steps of plan_ that are done now
    bool is_undoing_ = false;    ///< failure_ happened
    mgm::Error failure_;
    std::chrono::steady_clock::time_point waiting_since_{}; ///< zero: not waiting
};

} // namespace control
