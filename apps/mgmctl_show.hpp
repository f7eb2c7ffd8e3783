// SPDX-License-Identifier: BSD-3-Clause
// What each subcommand prints: once (show, dump), or as rates by interval (watch).
#pragma once

#include "apps/mgmctl_output.hpp"
#include "apps/mgmctl_source.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace apps {

struct ShowOptions {
    bool json = false;
    bool is_part = false;              ///< of a dump: without braces of its own
    bool all = false;                  ///< zero counters and idle routes, too
    bool per_interface = false;        ///< counters
    std::string name;                  ///< of one interface
    mgm::v1::ShowRoutesRequest routes; ///< the filter
    mgm::v1::TraceRequest trace;
    std::optional<double> watch_seconds; ///< rates every so often
    std::uint64_t watch_count = 0;       ///< intervals, 0 = no end
};

mgm::Result<void> show_status(Source &source, const ShowOptions &options, Output &out);
mgm::Result<void> show_interfaces(Source &source, const ShowOptions &options, Output &out);
mgm::Result<void> show_routes(Source &source, const ShowOptions &options, Output &out);
mgm::Result<void> show_counters(Source &source, const ShowOptions &options, Output &out);
mgm::Result<void> show_workers(Source &source, const ShowOptions &options, Output &out);
/// All of the above, one after the other; as JSON one object.
mgm::Result<void> dump_all(Source &source, const ShowOptions &options, Output &out);

mgm::Result<void> watch_interfaces(Source &source, const ShowOptions &options, Output &out);
mgm::Result<void> watch_routes(Source &source, const ShowOptions &options, Output &out);
mgm::Result<void> watch_counters(Source &source, const ShowOptions &options, Output &out);
mgm::Result<void> watch_workers(Source &source, const ShowOptions &options, Output &out);

/// kInvalidArgument, with every mistake, when the configuration was refused.
mgm::Result<void> reload(Source &source, const ShowOptions &options, Output &out);

/// A line for each packet, as it comes.
mgm::Result<void> trace(Source &source, const ShowOptions &options, Output &out);

} // namespace apps
