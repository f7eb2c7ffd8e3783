// SPDX-License-Identifier: BSD-3-Clause
#include "apps/config_mistakes.hpp"

#include <algorithm>
#include <string_view>
#include <tuple>

namespace apps {

namespace {

/// What the operator's terminal shows of a quoted text is one line and nothing else.
std::string printable(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet < 0x20 || octet == 0x7f)
            out += fmt::format("\\x{:02x}", octet);
        else
            out += c;
    }
    return out;
}

} // namespace

std::uint16_t Mistakes::add_file(std::string path) {
    files_.push_back({std::move(path)});
    return static_cast<std::uint16_t>(files_.size() - 1);
}

std::string Mistakes::where(Position at) const {
    const std::string &path = files_[at.file].path;
    if (at.line == 0)
        return path;
    if (at.column == 0)
        return fmt::format("{}:{}", path, at.line);
    return fmt::format("{}:{}:{}", path, at.line, at.column);
}

std::vector<std::string> Mistakes::sorted(std::vector<Line> lines) const {
    std::stable_sort(lines.begin(), lines.end(), [](const Line &a, const Line &b) {
        return std::tie(a.at.file, a.at.line, a.at.column) <
               std::tie(b.at.file, b.at.line, b.at.column);
    });
    std::vector<std::string> texts;
    texts.reserve(lines.size());
    for (const Line &line : lines)
        texts.push_back(printable(fmt::format("{}: {}", where(line.at), line.text)));
    return texts;
}

mgm::Error Mistakes::error() const {
    std::vector<std::string> lines = sorted(listed_);
    for (const File &file : files_)
        if (file.mistakes > kMostListed)
            lines.push_back(fmt::format("{}: and {} more mistakes that are not listed",
                                        printable(file.path), file.mistakes - kMostListed));
    return {mgm::Errc::kInvalidArgument, fmt::format("{}", fmt::join(lines, "\n"))};
}

std::vector<std::string> Mistakes::warnings() const {
    std::vector<std::string> lines = sorted(warnings_);
    for (const File &file : files_)
        if (file.warnings > kMostListed)
            lines.push_back(fmt::format("{}: and {} more warnings that are not listed",
                                        printable(file.path), file.warnings - kMostListed));
    return lines;
}

} // namespace apps
