// SPDX-License-Identifier: BSD-3-Clause
#include "control/reloader.hpp"

#include <memory>
#include <utility>

namespace control {

namespace {

/// Table updates in one turn: about a millisecond.
constexpr unsigned kStepsPerTurn = 1000;

} // namespace

Reloader::Reloader(StaticRoutes &routes, CommandQueue &commands, Load load,
                   std::function<void(const mgm::Result<void> &)> finished)
    : routes_(routes),
      commands_(commands),
      load_(std::move(load)),
      finished_(std::move(finished)) {}

Reloader::~Reloader() {
    if (loader_.joinable())
        loader_.join();
}

void Reloader::request(Done done) {
    waiting_.push_back(std::move(done));
    if (!is_loading_ && !routes_.is_busy())
        start_load();
}

void Reloader::start_load() {
    served_ = std::exchange(waiting_, {});
    if (!load_) {
        finish(mgm::fail(mgm::Errc::kInvalidArgument,
                         "reload: started without a configuration file, so there is none to read"));
        return;
    }
    if (loader_.joinable())
        loader_.join(); // has posted its last command long ago
    is_loading_ = true;
    loader_ = std::thread([this] {
        mgm::Result<mgm::DesiredState> state = load_();
        // std::function wants what it holds to be copyable
        auto plan = std::make_shared<mgm::Result<StaticRoutes::Plan>>(
            state ? routes_.plan(std::move(*state))
                  : tl::unexpected<mgm::Error>(std::move(state.error())));
        commands_.post([this, plan] { loaded(std::move(*plan)); });
    });
}

void Reloader::loaded(mgm::Result<StaticRoutes::Plan> plan) {
    is_loading_ = false;
    if (!plan) {
        finish(tl::unexpected<mgm::Error>(std::move(plan.error())));
        return;
    }
    routes_.begin(std::move(*plan));
    progress_ = StaticRoutes::Progress::kMore;
}

void Reloader::step() {
    if (!routes_.is_busy())
        return;
    const mgm::Result<StaticRoutes::Progress> progress = routes_.step(kStepsPerTurn);
    if (!progress) {
        finish(tl::unexpected<mgm::Error>(progress.error()));
        return;
    }
    progress_ = *progress;
    if (progress_ == StaticRoutes::Progress::kDone)
        finish({});
}

int Reloader::wait_ms() const noexcept {
    if (!routes_.is_busy())
        return -1;
    return progress_ == StaticRoutes::Progress::kWaiting ? 1 : 0;
}

void Reloader::finish(const mgm::Result<void> &outcome) {
    finished_(outcome);
    for (const Done &done : std::exchange(served_, {}))
        if (done)
            done(outcome);
    if (!waiting_.empty())
        start_load();
}

void Reloader::abandon() {
    const mgm::Result<void> outcome = mgm::fail(mgm::Errc::kUnavailable, "mgmd is stopping");
    for (std::vector<Done> *list : {&served_, &waiting_})
        for (const Done &done : std::exchange(*list, {}))
            if (done)
                done(outcome);
}

} // namespace control
