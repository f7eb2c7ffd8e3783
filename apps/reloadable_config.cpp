// SPDX-License-Identifier: BSD-3-Clause
#include "apps/reloadable_config.hpp"

#include <fmt/format.h>

#include <string>
#include <vector>

namespace apps {

mgm::Result<mgm::DesiredState> ReloadableConfig::load_next() {
    mgm::Result<Config> loaded = load_config(running_.file);
    if (!loaded)
        return tl::unexpected(std::move(loaded.error()));
    const std::vector<std::string> reasons = restart_reasons(running_, *loaded);
    if (!reasons.empty())
        return mgm::fail(mgm::Errc::kNeedsRestart,
                         "{}: needs restart: {}; restart mgmd, or take the change back",
                         running_.file, fmt::join(reasons, ", "));
    mgm::DesiredState state = loaded->state;
    const std::lock_guard lock(mutex_);
    next_ = std::move(*loaded);
    return state;
}

void ReloadableConfig::next_is_running() {
    const std::lock_guard lock(mutex_);
    if (next_)
        running_ = std::move(*next_);
    next_.reset();
}

} // namespace apps
