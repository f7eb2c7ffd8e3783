// SPDX-License-Identifier: BSD-3-Clause
// `mgmbench report` and `mgmbench run --report`: saved results -> a page with plots, or one plot.
// What is written appears whole or not at all.
#pragma once

#include "mgm/result.hpp"

#include <string>
#include <vector>

namespace bench {

/// Something that run --json wrote.
struct SavedText {
    std::string file; ///< for people
    std::string json;
};

/// Makes the folder, and sees whether there is a gnuplot: before anybody measures for minutes.
/// Nothing where no folder is named.
mgm::Result<void> prepare_report(const std::string &folder);
/// `folder`/index.html. kInvalidArgument: a result is none; kUnavailable, kInternal: gnuplot;
/// kNoMemory: it cannot be written.
mgm::Result<void> write_report(const std::vector<SavedText> &results, const std::string &folder);
/// The one plot with that id as an SVG file. kInvalidArgument lists those that there are.
mgm::Result<void> write_plot(const std::vector<SavedText> &results, const std::string &id,
                             const std::string &file);
/// A file that somebody names, up to kMaxSavedOctets and one. kInvalidArgument: not readable,
/// empty.
mgm::Result<std::string> read_whole(const std::string &path);
/// The whole file or, on an error, none of it: what was there stays.
mgm::Result<void> write_whole(const std::string &path, const std::string &contents);

} // namespace bench
