// SPDX-License-Identifier: BSD-3-Clause
#include "control/static_routes.hpp"

#include "mgm/log.hpp"

#include <algorithm>
#include <array>
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
    leaving_.clear();
    lost_.clear();
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
            std::erase_if(leaving_, [this](mgm::IfIndex index) {
                return !writer_.slot_of(index)
                            .has_value(); // it is gone: until undo() brings it back
            });
            target_.interfaces_come(leaving_);
            leaving_.clear();
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
            // A worker that stands still for kGraceLimit, or an entry that data made in the room
            // of a route that had to leave first: go on with the rest.
            kLog.error("taking a failed change back: {}", result.error().what);
            note_lost(plan_->steps[done_ - 1]);
        }
        waiting_since_ = {};
        --done_;
    }
    return done_ > 0 ? mgm::Result<Progress>{Progress::kMore} : finish();
}

mgm::Result<StaticRoutes::Progress> StaticRoutes::finish() {
    const std::unique_ptr<Plan> plan = std::move(plan_);
    if (is_undoing_) {
        forget_lost();
        return tl::unexpected<mgm::Error>(std::move(failure_));
    }
    current_ = std::move(plan->next);
    return Progress::kDone;
}

/// A route that is not what current_ says it is.
void StaticRoutes::note_lost(const Step &step) {
    if (step.before != Step::kNone &&
        (step.kind == Step::Kind::kRemoveRoute || step.kind == Step::Kind::kUpsertRoute))
        lost_.push_back(step.before);
}

void StaticRoutes::forget_lost() {
    if (lost_.empty())
        return;
    kLog.error("{} routes are not what they were; reload to bring them back", lost_.size());
    std::ranges::sort(lost_);
    std::vector<mgm::RouteSpec> &routes = current_.routes;
    std::uint32_t position = 0;
    std::erase_if(routes, [&](const mgm::RouteSpec &) {
        return std::ranges::binary_search(lost_, position++);
    });
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

mgm::Result<void> StaticRoutes::upsert_interface(const Step &step) {
    const mgm::InterfaceSpec &spec = plan_->next.interfaces[step.after];
    if (step.before != Step::kNone)
        return change_interface(current_.interfaces[step.before], spec);
    const mgm::Result<mgm::IfSlot> slot = writer_.upsert_interface(spec);
    if (!slot)
        return tl::unexpected<mgm::Error>(slot.error());
    target_.interfaces_come(std::array{spec.index});
    return {};
}

/// Who owns it and who joins there does so in its vrf: to another vrf it goes and comes.
mgm::Result<void> StaticRoutes::change_interface(const mgm::InterfaceSpec &from,
                                                 const mgm::InterfaceSpec &to) {
    const bool changes_vrf = from.vrf != to.vrf;
    if (changes_vrf)
        target_.interfaces_go(std::array{to.index});
    const mgm::Result<mgm::IfSlot> slot = writer_.upsert_interface(to);
    if (changes_vrf)
        target_.interfaces_come(std::array{to.index}); // also where nothing changed
    return slot.map([](mgm::IfSlot /*slot*/) {});
}

/// The first that goes takes the others along: who has entries looks through them once.
mgm::Result<void> StaticRoutes::remove_interface(const Step &step) {
    if (leaving_.empty()) {
        for (const Step &each : plan_->steps)
            if (each.kind == Step::Kind::kRemoveInterface)
                leaving_.push_back(current_.interfaces[each.before].index);
        target_.interfaces_go(leaving_);
    }
    return writer_.remove_interface(current_.interfaces[step.before].index);
}

mgm::Result<void> StaticRoutes::bring_back_interface(const Step &step) {
    const mgm::InterfaceSpec &spec = current_.interfaces[step.before];
    const mgm::Result<mgm::IfSlot> slot = writer_.upsert_interface(spec);
    if (!slot)
        return tl::unexpected<mgm::Error>(slot.error());
    target_.interfaces_come(std::array{spec.index});
    return {};
}

/// One that is new goes. Likewise: the first takes the others along.
mgm::Result<void> StaticRoutes::take_back_interface(const Step &step) {
    const NormalState &next = plan_->next;
    if (leaving_.empty()) {
        for (std::size_t i = 0; i < done_; ++i)
            if (const Step &each = plan_->steps[i];
                each.kind == Step::Kind::kUpsertInterface && each.before == Step::kNone)
                leaving_.push_back(next.interfaces[each.after].index);
        target_.interfaces_go(leaving_);
    }
    return writer_.remove_interface(next.interfaces[step.after].index);
}

mgm::Result<void> StaticRoutes::redo(const Step &step) {
    const NormalState &next = plan_->next;
    switch (step.kind) {
    case Step::Kind::kDetach:
        return ports_.detach(current_.interfaces[step.before].index);
    case Step::Kind::kUpsertInterface:
        return upsert_interface(step);
    case Step::Kind::kAttach:
        return ports_.attach(next.interfaces[step.after].index, next.interfaces[step.after].port);
    case Step::Kind::kSetNeighbor:
        return set_neighbor(next.neighbors[step.after], true);
    case Step::Kind::kUpsertRoute:
        return target_.put_route(next.routes[step.after], step.before == Step::kNone);
    case Step::Kind::kRemoveRoute:
        return target_.remove_route(current_.routes[step.before]);
    case Step::Kind::kForgetNeighbor:
        return set_neighbor(current_.neighbors[step.before], false);
    case Step::Kind::kRemoveInterface:
        return remove_interface(step);
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
        return bring_back_interface(step);
    case Step::Kind::kUpsertInterface:
        if (!was_there)
            return take_back_interface(step);
        return change_interface(next.interfaces[step.after], current_.interfaces[step.before]);
    case Step::Kind::kForgetNeighbor:
    case Step::Kind::kSetNeighbor:
        return was_there ? set_neighbor(current_.neighbors[step.before], true)
                         : set_neighbor(next.neighbors[step.after], false);
    case Step::Kind::kRemoveRoute:
        return target_.put_route(current_.routes[step.before], true);
    case Step::Kind::kUpsertRoute:
        return was_there ? target_.put_route(current_.routes[step.before], false)
                         : target_.remove_route(next.routes[step.after]);
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
