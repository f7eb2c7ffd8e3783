// SPDX-License-Identifier: BSD-3-Clause
// The release, from meson.build.
#pragma once

namespace apps {
inline constexpr const char *kVersion = MGM_VERSION;
} // namespace apps
