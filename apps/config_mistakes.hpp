// SPDX-License-Identifier: BSD-3-Clause
// Collects what is wrong with a configuration, so that the operator sees all of it at once and in
// the order of the file.
#pragma once

#include "mgm/result.hpp"

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace apps {

/// A place in one of the files. Line 0: the file as a whole; column 0: the whole line.
struct Position {
    std::uint32_t line = 0;
    std::uint16_t column = 0;
    std::uint16_t file = 0; ///< from Mistakes::add_file
};

class Mistakes {
public:
    /// How many are listed per file; the rest is a count.
    static constexpr std::size_t kMostListed = 20;

    std::uint16_t add_file(std::string path);

    template <class... Args>
    void add(Position at, fmt::format_string<Args...> format, Args &&...args) {
        File &file = files_[at.file];
        ++file.mistakes;
        if (file.mistakes <= kMostListed)
            listed_.push_back({at, fmt::format(format, std::forward<Args>(args)...)});
    }
    /// Legal, but probably not what was meant.
    template <class... Args>
    void warn(Position at, fmt::format_string<Args...> format, Args &&...args) {
        File &file = files_[at.file];
        ++file.warnings;
        if (file.warnings <= kMostListed)
            warnings_.push_back({at, fmt::format(format, std::forward<Args>(args)...)});
    }

    [[nodiscard]] bool any() const noexcept { return !listed_.empty(); }
    /// One line per mistake, sorted by position; control characters are escaped.
    [[nodiscard]] mgm::Error error() const;
    [[nodiscard]] std::vector<std::string> warnings() const;
    /// "mgm.toml:12:7", for a mistake that points at another place.
    [[nodiscard]] std::string where(Position at) const;

private:
    struct File {
        std::string path;
        std::size_t mistakes = 0;
        std::size_t warnings = 0;
    };
    struct Line {
        Position at;
        std::string text;
    };
    [[nodiscard]] std::vector<std::string> sorted(std::vector<Line> lines) const;

    std::vector<File> files_;
    std::vector<Line> listed_;
    std::vector<Line> warnings_;
};

} // namespace apps
