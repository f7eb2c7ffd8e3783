// SPDX-License-Identifier: BSD-3-Clause
// Interfaces that the tables come to know, or know no more (8.25): what has to do with them is
// published again, and nothing else is touched. There may be a million entries.
#include "control/manager/impl.hpp"

#include <algorithm>

namespace control::manager {

/// `interfaces` is sorted.
struct Manager::Impl::Changed {
    std::span<const mgm::IfIndex> interfaces;

    [[nodiscard]] bool operator()(mgm::IfIndex interface) const noexcept {
        return std::ranges::binary_search(interfaces, interface);
    }
    [[nodiscard]] bool are_named_by(const StaticAction &action) const noexcept {
        return std::ranges::any_of(action.iifs, *this) ||
               std::ranges::any_of(action.oifs, [this](const StaticOif &oif) {
                   return (*this)(oif.link->link.interface);
               });
    }
};

bool Manager::Impl::concerns(const Changed &changed, const Sender &sender) const noexcept {
    bool is_covered = false;
    for_coverage(sender, [&](const Coverage &c) {
        is_covered = is_covered || changed(c.link->link.interface);
    });
    return is_covered || std::ranges::any_of(incoming(sender), changed);
}

void Manager::Impl::interfaces_changed(std::span<const mgm::IfIndex> interfaces, Time now) {
    const MustSucceed guard(memory_);
    const Changed changed{interfaces};
    refresh_exact_routes(changed);
    for (auto &[name, wildcard] : wildcards_)
        if (concerns(changed, wildcard))
            refresh_route(wildcard);
    for (Entries::iterator it = entries_.begin(); it != entries_.end();) {
        Entry &entry = it->second;
        ++it; // the entry may go
        if (concerns(changed, entry))
            refresh(entry, now);
    }
}

void Manager::Impl::refresh_exact_routes(const Changed &changed) {
    const bool are_named = std::ranges::any_of(
        actions_, [&](const StaticAction &action) { return changed.are_named_by(action); });
    if (are_named) {
        for (auto &[key, exact] : exacts_)
            if (concerns(changed, exact))
                refresh_route(exact);
        return;
    }
    // The usual case, for routes come after their interfaces, and go before them.
    for (const auto &[name, link] : links_)
        if (changed(name.link.interface))
            for (const KeyState *key : link.keys)
                for_covered(exacts_, key->key, [&](Sender &exact) { refresh_route(exact); });
    for (auto it = exceptional_.begin(); it != exceptional_.end();) {
        Sender &sender = **it;
        ++it; // it may be none any more
        if (sender.kind == Sender::Kind::kExact && concerns(changed, sender))
            refresh_route(sender);
    }
}

} // namespace control::manager
