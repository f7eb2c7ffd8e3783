// SPDX-License-Identifier: BSD-3-Clause
// mgmctl on the segment itself, without asking the daemon: it may be stopped or dead.
#pragma once

#include "apps/mgmctl_source.hpp"
#include "mgm/segment_reader.hpp"

#include <memory>

namespace apps {

/// The segment outlives the source.
std::unique_ptr<Source> read_segment(mgm::SegmentReader segment);

} // namespace apps
