// SPDX-License-Identifier: BSD-3-Clause
// The configuration that runs, and the one that a reload is about to put in its place.
#pragma once

#include "apps/config.hpp"

#include <mutex>
#include <optional>
#include <utility>

namespace apps {

class ReloadableConfig {
public:
    explicit ReloadableConfig(Config config) : running_(std::move(config)) {}

    /// What runs now. Main thread.
    [[nodiscard]] const Config &running() const noexcept { return running_; }

    /// Reads the file again. kNeedsRestart names every key that only a restart can change; nothing
    /// is taken over yet. Control's helper thread, one call at a time.
    mgm::Result<mgm::DesiredState> load_next();

    /// The tables are what load_next() returned last. Main thread.
    void next_is_running();

private:
    Config running_;
    std::mutex mutex_; ///< guards next_: written by the helper thread, taken by the main thread
    std::optional<Config> next_;
};

} // namespace apps
