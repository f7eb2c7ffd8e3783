// SPDX-License-Identifier: BSD-3-Clause
// mgmctl on the segment itself, without asking the daemon: it may be stopped or dead.
#pragma once

#include "apps/mgmctl_source.hpp"
#include "mgm/tables.hpp"

#include <memory>

namespace apps {

/// `tables` outlives the source.
std::unique_ptr<Source> read_segment(mgm::Tables tables);

} // namespace apps
