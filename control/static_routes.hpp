// SPDX-License-Identifier: BSD-3-Clause
// Routes, neighbours and interfaces of the configuration: moves the tables, and the group manager's
// static routes, from one desired state to the next, all or nothing, in slices so that the control
// thread stays responsive.
//
// Walk: plan() -> begin() -> step() until it says kDone. A step that fails turns the direction
// round: the same step() then undoes, and ends in the error.
#pragma once

#include "control/interface_ports.hpp"
#include "control/state_diff.hpp"

#include <chrono>
#include <memory>
#include <span>
#include <vector>

namespace control {

/// Who has the entries: routes go there, and it hears of interfaces before they go.
class RouteTarget {
public:
    virtual ~RouteTarget() = default;
    /// The route of this key and source range does what `route` says from now on; `is_new`: it
    /// should not be there yet. kTableFull: no room; nothing has changed. Later, when workers have
    /// let go of what was removed, there may be some.
    virtual mgm::Result<void> put_route(const mgm::RouteSpec &route, bool is_new) = 0;
    /// There is none of its key and source range any more.
    virtual mgm::Result<void> remove_route(const mgm::RouteSpec &route) = 0;
    /// The tables know them from now on.
    virtual void interfaces_come(std::span<const mgm::IfIndex> interfaces) = 0;
    /// About to leave the tables (in order): no entry may name one any more.
    virtual void interfaces_go(std::span<const mgm::IfIndex> interfaces) = 0;
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

    /// All of them outlive it.
    StaticRoutes(mgm::TableWriter &writer, InterfacePorts &ports, RouteTarget &target)
        : writer_(writer), ports_(ports), target_(target) {}

    /// What leads from current() to `next`; every mistake in `next`. Touches no table: any thread,
    /// while nobody steps.
    [[nodiscard]] mgm::Result<Plan> plan(mgm::DesiredState next) const;

    /// Takes up a plan that was made from current(). Not while busy().
    void begin(Plan plan);
    /// At most `budget` table updates. kDone: current() is the plan's state. An error: the tables
    /// are as they were before begin(), but for counters of entries that had to leave first, and
    /// for routes whose room was taken meanwhile: current() lacks them, so that the next plan
    /// brings them back. Protocols may have lost interfaces that were about to go.
    mgm::Result<Progress> step(unsigned budget);
    [[nodiscard]] bool is_busy() const noexcept { return plan_ != nullptr; }

    /// plan(), begin() and all steps, waiting where that needs it.
    mgm::Result<void> apply(mgm::DesiredState next);

    [[nodiscard]] const NormalState &current() const noexcept { return current_; }

private:
    mgm::Result<void> redo(const Step &step);
    mgm::Result<void> undo(const Step &step);
    mgm::Result<void> upsert_interface(const Step &step);
    mgm::Result<void> change_interface(const mgm::InterfaceSpec &from,
                                       const mgm::InterfaceSpec &to);
    mgm::Result<void> remove_interface(const Step &step);
    mgm::Result<void> bring_back_interface(const Step &step);
    mgm::Result<void> take_back_interface(const Step &step);
    void note_lost(const Step &step);
    void forget_lost();
    mgm::Result<void> set_neighbor(const mgm::NeighborSpec &neighbor, bool is_known);
    /// True when a step found no room, but retired things may still make some.
    bool may_wait_for_room();
    mgm::Result<Progress> step_forward(unsigned budget);
    mgm::Result<Progress> step_back(unsigned budget);
    mgm::Result<Progress> finish();

    mgm::TableWriter &writer_;
    InterfacePorts &ports_;
    RouteTarget &target_;
    NormalState current_;
    std::unique_ptr<Plan> plan_;        ///< in work
    std::size_t done_ = 0;              ///< steps of plan_ that are done now
    std::vector<mgm::IfIndex> leaving_; ///< interfaces that target_ has given up for plan_
    bool is_undoing_ = false;           ///< failure_ happened
    std::vector<std::uint32_t> lost_;   ///< positions of current_'s routes that cannot be put back
    mgm::Error failure_;
    std::chrono::steady_clock::time_point waiting_since_{}; ///< zero: not waiting
};

} // namespace control
