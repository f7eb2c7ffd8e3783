// SPDX-License-Identifier: BSD-3-Clause
// Which keys an open enumeration shows: those with join state at its generation, whatever happened
// since (8.22). A key that died stays as long as some enumeration may still come to it.
#include "control/manager/impl.hpp"

#include <algorithm>

namespace control::manager {

namespace {

bool was_alive(const KeyState::Life &life, std::uint64_t generation) noexcept {
    return life.born != 0 && life.born <= generation && (life.died == 0 || life.died > generation);
}

bool has_join_state(const KeyState &key) noexcept {
    return std::ranges::any_of(key.contributions, [](const Contribution &c) {
        return (c.joined & contributor::kMember) != 0;
    });
}

} // namespace

bool Manager::Impl::is_shown(const KeyState &key, std::uint64_t generation) const noexcept {
    return was_alive(key.life, generation) ||
           std::ranges::any_of(key.past, [generation](const KeyState::Life &life) {
               return was_alive(life, generation);
           });
}

bool Manager::Impl::is_needed(std::uint64_t born, std::uint64_t died) const noexcept {
    return std::ranges::any_of(enumerations_, [&](const EnumerationSlot &slot) {
        return slot.enumeration &&
               was_alive({.born = born, .died = died}, slot.enumeration->generation);
    });
}

/// After each change of contributions: the key is born or dies, and that is a new generation.
/// Allocates only when a key comes back to life, which only Add and UpdateMembership do.
void Manager::Impl::update_life(KeyState &key) {
    const bool is_alive = key.life.born != 0 && key.life.died == 0;
    if (has_join_state(key) == is_alive)
        return;
    if (is_alive) {
        key.life.died = ++generation_;
        return;
    }
    if (is_needed(key.life.born, key.life.died))
        key.past.push_back(key.life);
    key.life = {.born = ++generation_, .died = 0};
}

void Manager::Impl::erase_key_if_empty(KeyState &key) noexcept {
    if (!key.contributions.empty() || key.alerted != nullptr || key.clients != 0)
        return;
    const bool is_shown_later = is_needed(key.life.born, key.life.died) ||
                                std::ranges::any_of(key.past, [this](const KeyState::Life &life) {
                                    return is_needed(life.born, life.died);
                                });
    if (!is_shown_later) {
        if (key.is_kept)
            kept_keys_.erase(&key);
        forget_due(key);
        keys_.erase(key.key);
        return;
    }
    if (!key.is_kept) {
        const MustSucceed guard(memory_);
        kept_keys_.insert(&key);
        key.is_kept = true;
    }
}

void Manager::Impl::purge_keys() noexcept {
    for (auto it = kept_keys_.begin(); it != kept_keys_.end();) {
        KeyState &key = keys_.find((*it)->key)->second;
        ++it; // the key may leave the set
        erase_key_if_empty(key);
    }
}

} // namespace control::manager
