// SPDX-License-Identifier: BSD-3-Clause
// Runs gnuplot: no shell, no start-up file, no file with a name. Its input, its output and its
// errors are files in memory, so neither side can wait for the other.
#include "apps/bench/plot.hpp"

#include <array>
#include <cerrno>
#include <system_error>

#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

namespace bench {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

constexpr std::size_t kMaxSvgOctets = 16U << 20U;

std::string reason(int error) {
    return std::generic_category().message(error);
}

class MemoryFile {
public:
    explicit MemoryFile(const char *name) : fd_(memfd_create(name, MFD_CLOEXEC)) {}
    ~MemoryFile() {
        if (fd_ >= 0)
            close(fd_);
    }
    MemoryFile(const MemoryFile &) = delete;
    MemoryFile &operator=(const MemoryFile &) = delete;

    [[nodiscard]] int fd() const noexcept { return fd_; }
    [[nodiscard]] bool write(std::string_view text) const {
        while (!text.empty()) {
            const ssize_t written = ::write(fd_, text.data(), text.size());
            if (written <= 0)
                return false;
            text.remove_prefix(static_cast<std::size_t>(written));
        }
        return lseek(fd_, 0, SEEK_SET) == 0;
    }
    /// From the beginning, up to kMaxSvgOctets.
    [[nodiscard]] std::string read() const {
        std::string text;
        std::array<char, 65536> part{};
        for (ssize_t got = 1; got > 0 && text.size() < kMaxSvgOctets;) {
            got = pread(fd_, part.data(), part.size(), static_cast<off_t>(text.size()));
            text.append(part.data(), got > 0 ? static_cast<std::size_t>(got) : 0);
        }
        return text;
    }

private:
    int fd_;
};

/// Its wait status.
Result<int> run_gnuplot(std::array<const char *, 3> arguments, const MemoryFile &in,
                        const MemoryFile &out, const MemoryFile &errors) {
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in.fd(), STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out.fd(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, errors.fd(), STDERR_FILENO);
    pid_t pid = 0;
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-const-cast): posix_spawn() only reads them
    const int error = posix_spawnp(&pid, "gnuplot", &actions, nullptr,
                                   const_cast<char *const *>(arguments.data()), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error == ENOENT)
        return fail(Errc::kUnavailable, "gnuplot draws the plots, and there is none: "
                                        "'apt-get install gnuplot-nox' brings it");
    if (error != 0)
        return fail(Errc::kUnavailable, "gnuplot cannot be started: {}", reason(error));
    int status = 0;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return fail(Errc::kInternal, "gnuplot is lost: {}", reason(errno));
    return status;
}

/// gnuplot's first words about what is wrong.
std::string first_line(std::string text) {
    text.erase(0, text.find_first_not_of(" \n"));
    for (const std::size_t at = text.find("line 0: "); at != std::string::npos;) {
        text.erase(0, at + 8);
        break;
    }
    return text.substr(0, std::min<std::size_t>(text.find('\n'), 300));
}

/// From its root element on. gnuplot names its marks the same way in each SVG: with the plot's name
/// in front, several fit into one page.
std::string as_part_of_a_page(std::string svg, const std::string &id) {
    svg.erase(0, svg.find("<svg"));
    for (const std::string_view before : {"id='", "href='#", "url(#", "id=\""})
        for (const std::string_view name :
             {"gpDot", "gpPt", "gnuplot_canvas", "textbox", "greybox"})
            for (std::size_t at = 0;
                 (at = svg.find(std::string(before).append(name), at)) != std::string::npos;) {
                svg.insert(at + before.size(), id + "_");
                at += before.size() + id.size();
            }
    return svg;
}

} // namespace

Result<void> find_gnuplot() {
    const MemoryFile in("mgmbench-in"), out("mgmbench-out"), errors("mgmbench-errors");
    const Result<int> status = run_gnuplot({"gnuplot", "--version", nullptr}, in, out, errors);
    if (!status)
        return tl::unexpected(status.error());
    if (*status != 0)
        return fail(Errc::kUnavailable, "gnuplot does not work: {}", first_line(errors.read()));
    return {};
}

Result<std::string> draw(const Plot &plot) {
    const MemoryFile in("mgmbench-in"), out("mgmbench-out"), errors("mgmbench-errors");
    if (!in.write(script_of(plot)))
        return fail(Errc::kNoMemory, "no memory for the plot '{}': {}", plot.id, reason(errno));
    const Result<int> status = run_gnuplot({"gnuplot", "-d", nullptr}, in, out, errors);
    if (!status)
        return tl::unexpected(status.error());
    std::string svg = out.read();
    if (*status != 0 || svg.find("</svg>") == std::string::npos)
        return fail(Errc::kInternal, "gnuplot cannot draw the plot '{}': {}", plot.id,
                    first_line(errors.read()));
    return as_part_of_a_page(std::move(svg), plot.id);
}

} // namespace bench
