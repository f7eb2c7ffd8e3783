// SPDX-License-Identifier: BSD-3-Clause
// Conditions of which, in the ordinary case, all hold and so all are looked at: one branch instead
// of one for each.
#pragma once

namespace dataplane {

/// Looks at every condition, whatever the others say: none may rely on another.
template <class... Conditions>
[[nodiscard]] constexpr bool all_hold(Conditions... conditions) noexcept {
    return (static_cast<unsigned>(conditions) & ...) != 0;
}

} // namespace dataplane
