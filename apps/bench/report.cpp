// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/report.hpp"

#include "apps/bench/plot.hpp"
#include "apps/bench/report_page.hpp"
#include "apps/bench/report_plots.hpp"
#include "apps/bench/saved_result.hpp"

#include <fmt/ranges.h>

#include <array>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

namespace bench {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

Result<std::vector<SavedResult>> read_all(const std::vector<SavedText> &texts) {
    std::vector<SavedResult> results;
    for (const SavedText &text : texts) {
        Result<SavedResult> result = read_result(text.json, text.file);
        if (!result)
            return tl::unexpected(std::move(result.error()));
        results.push_back(std::move(*result));
    }
    return results;
}

/// A plot's id is one of the page's, too.
std::vector<Plot> plots_for(const SavedResult &result, std::size_t section) {
    std::vector<Plot> plots = plots_of(result);
    if (section != 0)
        for (Plot &plot : plots)
            plot.id = fmt::format("{}-of-{}", plot.id, section + 1);
    return plots;
}

bool write_all(int fd, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0)
            return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return fsync(fd) == 0;
}

} // namespace

Result<std::string> read_whole(const std::string &path) {
    std::ifstream file(path, std::ios::binary);
    std::string contents;
    std::array<char, 65536> part{};
    while (contents.size() <= kMaxSavedOctets &&
           (file.read(part.data(), part.size()) || file.gcount() > 0))
        contents.append(part.data(), static_cast<std::size_t>(file.gcount()));
    if (file.bad() || contents.empty())
        return fail(Errc::kInvalidArgument, "'{}' cannot be read, or is empty", path);
    return contents;
}

Result<void> write_whole(const std::string &path, const std::string &contents) {
    std::string temporary = path + ".XXXXXX";
    const int fd = mkstemp(temporary.data());
    if (fd < 0)
        return fail(Errc::kNoMemory, "cannot write '{}': {}", path,
                    std::generic_category().message(errno));
    constexpr mode_t kReadable = 0644;
    const bool is_written = fchmod(fd, kReadable) == 0 && write_all(fd, contents);
    const int write_error = errno;
    close(fd);
    if (is_written && rename(temporary.c_str(), path.c_str()) == 0)
        return {};
    const int error = is_written ? errno : write_error;
    unlink(temporary.c_str());
    return fail(Errc::kNoMemory, "cannot write '{}': {}", path,
                std::generic_category().message(error));
}

Result<void> prepare_report(const std::string &folder) {
    if (folder.empty())
        return {};
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (!std::filesystem::is_directory(folder, error))
        return fail(Errc::kInvalidArgument, "'{}' is no folder and cannot be made", folder);
    return find_gnuplot();
}

Result<void> write_report(const std::vector<SavedText> &texts, const std::string &folder) {
    Result<std::vector<SavedResult>> results = read_all(texts);
    if (!results)
        return tl::unexpected(std::move(results.error()));
    if (Result<void> ready = prepare_report(folder); !ready)
        return ready;
    std::vector<PageSection> sections;
    for (SavedResult &result : *results) {
        PageSection section;
        for (Plot &plot : plots_for(result, sections.size())) {
            Result<std::string> svg = draw(plot);
            if (!svg)
                return tl::unexpected(std::move(svg.error()));
            section.plots.push_back({std::move(plot), std::move(*svg)});
        }
        section.result = std::move(result);
        sections.push_back(std::move(section));
    }
    return write_whole((std::filesystem::path(folder) / "index.html").string(), page_of(sections));
}

Result<void> write_plot(const std::vector<SavedText> &texts, const std::string &id,
                        const std::string &file) {
    const Result<std::vector<SavedResult>> results = read_all(texts);
    if (!results)
        return tl::unexpected(results.error());
    std::vector<std::string> ids;
    for (std::size_t section = 0; section < results->size(); ++section)
        for (const Plot &plot : plots_for((*results)[section], section)) {
            if (plot.id == id)
                return draw(plot).and_then(
                    [&file](const std::string &svg) { return write_whole(file, svg); });
            ids.push_back(plot.id);
        }
    return fail(Errc::kInvalidArgument, "--plot '{}': these results have {}", id,
                ids.empty() ? "none" : fmt::format("{}", fmt::join(ids, ", ")));
}

} // namespace bench
