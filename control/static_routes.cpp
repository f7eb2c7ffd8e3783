// SPDX-License-Identifier: BSD-3-Clause
#include "control/static_routes.hpp"

#include "mgm/log.hpp"

#include <thread>
#include <utility>

namespace control {

namespace {

const mgm::Log kLog("mgm.routes");

} // namespace

mgm::Result<StaticRoutes::Plan> StaticRoutes::plan(mgm::DesiredState next) const {
    const mgm::Geometry &geometry = writer_.tables().geometry();
    mgm::Result<NormalState> normal = normalise(std::move(next), geometry);
    if (!normal)
        return tl::unexpected<mgm::Error>(std::move(normal.error()));
    mgm::Result<std::vector<Step>> steps = diff(current_, *normal, geometry);
    if (!steps)
        return tl::unexpected<mgm::Error>(std::move(steps.error()));
    return Plan{std::move(*normal), std::move(*steps)};
}

void StaticRoutes::begin(Plan plan) {
    plan_ = std::make_unique<Plan>(std::move(plan));
    done_ = 0;
    is_undoing_ = false;
    waiting_since_ = {};
}

mgm::Result<StaticRoutes::Progress> StaticRoutes::step(unsigned budget) {
    if (plan_ == nullptr)
        return Progress::kDone;
    return is_undoing_ ? step_back(budget) : step_forward(budget);
}

mgm::Result<StaticRoutes::Progress> StaticRoutes::step_forward(unsigned budget) {
    for (; budget > 0 && done_ < plan_->steps.size(); --budget) {
        mgm::Result<void> result = redo(plan_->steps[done_]);
        if (!result) {
            if (result.error().code == mgm::Errc::kTableFull && may_wait_for_room())
                return Progress::kWaiting;
            failure_ = std::move(result.error());
            is_undoing_ = true;
            waiting_since_ = {};
            return Progress::kMore;
        }
        waiting_since_ = {};
        ++done_;
    }
    return done_ < plan_->steps.size() ? Progress::kMore : finish();
}

mgm::Result<StaticRoutes::Progress> StaticRoutes::step_back(unsigned budget) {
    for (; budget > 0 && done_ > 0; --budget) {
        const mgm::Result<void> result = undo(plan_->steps[done_ - 1]);
        if (!result) {
            if (result.error().code == mgm::Errc::kTableFull && may_wait_for_room())
                return Progress::kWaiting;
            // Only a worker that stands still for kGraceLimit leads here: go on with the rest.
            kLog.error("taking a failed change back: {}", result.error().what);
        }
        waiting_since_ = {};
        --done_;
    }
    return done_ > 0 ? mgm::Result<Progress>{Progress::kMore} : finish();
}

mgm::Result<StaticRoutes::Progress> StaticRoutes::finish() {
    const std::unique_ptr<Plan> plan = std::move(plan_);
    if (is_undoing_)
        return tl::unexpected<mgm::Error>(std::move(failure_));
    current_ = std::move(plan->next);
    return Progress::kDone;
}

bool StaticRoutes::may_wait_for_room() {
    const auto now = std::chrono::steady_clock::now();
    const bool had_retired = writer_.usage().retired != 0;
    writer_.reclaim();
    if (!had_retired)
        return false;
    if (waiting_since_ == std::chrono::steady_clock::time_point{})
        waiting_since_ = now;
    return now - waiting_since_ < kGraceLimit;
}

mgm::Result<void> StaticRoutes::set_neighbor(const mgm::NeighborSpec &neighbor, bool is_known) {
    return writer_.set_neighbor(neighbor.interface, neighbor.address,
                                is_known ? std::optional(neighbor.mac) : std::nullopt);
}

mgm::Result<void> StaticRoutes::redo(const Step &step) {
    const NormalState &next = plan_->next;
    switch (step.kind) {
    case Step::Kind::kDetach:
        return ports_.detach(current_.interfaces[step.before].index);
    case Step::Kind::kUpsertInterface:
        return writer_.upsert_interface(next.interfaces[step.after]).map([](mgm::IfSlot /*slot*/) {
        });
    case Step::Kind::kAttach:
        return ports_.attach(next.interfaces[step.after].index, next.interfaces[step.after].port);
    case Step::Kind::kSetNeighbor:
        return set_neighbor(next.neighbors[step.after], true);
    case Step::Kind::kUpsertRoute:
        if (tenant_ != nullptr)
            tenant_->route_comes(next.routes[step.after].key);
        return writer_.upsert(next.routes[step.after].key, next.routes[step.after].action);
    case Step::Kind::kRemoveRoute:
        return writer_.remove(current_.routes[step.before].key);
    case Step::Kind::kForgetNeighbor:
        return set_neighbor(current_.neighbors[step.before], false);
    case Step::Kind::kRemoveInterface:
        if (tenant_ != nullptr)
            tenant_->interface_goes(current_.interfaces[step.before].index);
        return writer_.remove_interface(current_.interfaces[step.before].index);
    }
    return {};
}

mgm::Result<void> StaticRoutes::undo(const Step &step) {
    const NormalState &next = plan_->next;
    const bool was_there = step.before != Step::kNone;
    switch (step.kind) {
    case Step::Kind::kDetach:
        return ports_.attach(current_.interfaces[step.before].index,
                             current_.interfaces[step.before].port);
    case Step::Kind::kAttach:
        return ports_.detach(next.interfaces[step.after].index);
    case Step::Kind::kRemoveInterface:
    case Step::Kind::kUpsertInterface:
        if (!was_there)
            return writer_.remove_interface(next.interfaces[step.after].index);
        return writer_.upsert_interface(current_.interfaces[step.before])
            .map([](mgm::IfSlot /*slot*/) {});
    case Step::Kind::kForgetNeighbor:
    case Step::Kind::kSetNeighbor:
        return was_there ? set_neighbor(current_.neighbors[step.before], true)
                         : set_neighbor(next.neighbors[step.after], false);
    case Step::Kind::kRemoveRoute:
    case Step::Kind::kUpsertRoute:
        if (!was_there)
            return writer_.remove(next.routes[step.after].key);
        return writer_.upsert(current_.routes[step.before].key,
                              current_.routes[step.before].action);
    }
    return {};
}

mgm::Result<void> StaticRoutes::apply(mgm::DesiredState next) {
    if (is_busy())
        return mgm::fail(mgm::Errc::kUnavailable, "another change is being applied; try again");
    mgm::Result<Plan> planned = plan(std::move(next));
    if (!planned)
        return tl::unexpected<mgm::Error>(std::move(planned.error()));
    begin(std::move(*planned));
    constexpr unsigned kSlice = 4096;
    for (;;) {
        const mgm::Result<Progress> progress = step(kSlice);
        if (!progress)
            return tl::unexpected<mgm::Error>(progress.error());
        if (*progress == Progress::kDone)
            return {};
        if (*progress == Progress::kWaiting)
            std::this_thread::sleep_for(std::chrono::microseconds(100));
        else
            writer_.reclaim();
    }
}

} // namespace control
