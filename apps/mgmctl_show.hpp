// SPDX-License-Identifier: BSD-3-Clause
// What each subcommand prints: once (show, dump), or as rates by interval (watch).
#pragma once

#include "apps/mgmctl_source.hpp"

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace apps {

/// Where the text goes. Remembers that it could not be written.
class Output {
public:
    explicit Output(std::FILE *file) noexcept : file_(file) {}
    /// False: nobody reads any more, or the disk is full. `text` may be any length.
    bool write(std::string_view text);
    bool flush();
    /// A pipe whose reader went (`| head`) is no error; all else is.
    [[nodiscard]] mgm::Result<void> result() const;
    [[nodiscard]] bool is_terminal() const;

private:
    std::FILE *file_;
    int error_ = 0; ///< errno of the first failure
};

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

/// "(10.0.0.1,232.1.1.1)", "(*,225.0.0.0/8)", with " vrf 7" unless 0.
std::string route_text(const mgm::v1::Route &route);

} // namespace apps
