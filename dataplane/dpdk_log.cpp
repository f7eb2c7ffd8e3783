// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/dpdk_log.hpp"

#include <rte_log.h>

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <mutex>
#include <sstream>
#include <string_view>
#include <vector>

#include <bpf/libbpf.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <unistd.h>
#include <xdp/libxdp.h>

namespace dataplane {

namespace {

thread_local std::string *capture = nullptr;

ssize_t write_log(void * /*cookie*/, const char *octets, std::size_t count) {
    if (capture != nullptr) {
        capture->append(octets, count);
        return static_cast<ssize_t>(count);
    }
    return write(STDERR_FILENO, octets, count);
}

/// "EAL: x" -> "x", "rte_pmd_init_internals(): x" -> "x": who said it matters less than what.
std::string_view without_prefix(std::string_view line) {
    line.remove_prefix(std::min(line.find_first_not_of(" \t\r"), line.size()));
    for (;;) {
        const std::size_t colon = line.find(": ");
        const std::string_view head = line.substr(0, colon);
        const bool is_component = colon != std::string_view::npos && !head.empty() &&
                                  (head.ends_with("()") || head == "EAL" || head == "ETHDEV" ||
                                   head == "PMD" || head == "VHOST_CONFIG");
        if (!is_component)
            return line;
        line.remove_prefix(colon + 2);
    }
}

int write_warning(const char *format, va_list arguments) {
    std::array<char, 512> text{};
    const int length = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (length > 0)
        (void)write_log(nullptr, text.data(),
                        std::min(static_cast<std::size_t>(length), text.size() - 1));
    return length;
}

/// net_af_xdp's libraries print to stderr by themselves; only their warnings are of interest.
void quieten_xdp_libraries() {
    (void)libbpf_set_print([](libbpf_print_level level, const char *format, va_list arguments) {
        return level == LIBBPF_WARN ? write_warning(format, arguments) : 0;
    });
    (void)libxdp_set_print([](libxdp_print_level level, const char *format, va_list arguments) {
        return level == LIBXDP_WARN ? write_warning(format, arguments) : 0;
    });
}

} // namespace

void send_dpdk_log_to_stderr() {
    static std::once_flag once;
    std::call_once(once, [] {
        quieten_xdp_libraries();
        const cookie_io_functions_t functions{
            .read = nullptr, .write = write_log, .seek = nullptr, .close = nullptr};
        // Lives as long as the process: DPDK's threads may log at any time.
        static FILE *const stream = fopencookie(nullptr, "w", functions);
        if (stream == nullptr)
            return;
        // Unbuffered, so that a line is written by the thread that logged it.
        (void)std::setvbuf(stream, nullptr, _IONBF, 0);
        (void)rte_openlog_stream(stream);
    });
}

DpdkLogCapture::DpdkLogCapture() {
    send_dpdk_log_to_stderr();
    capture = &text_;
}

DpdkLogCapture::~DpdkLogCapture() {
    capture = nullptr;
}

OutputCapture::OutputCapture()
    : errors_(memfd_create("mgmd-start", MFD_CLOEXEC)),
      stdout_(fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 0)),
      stderr_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 0)) {
    (void)std::fflush(stdout);
    const int nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
    (void)dup2(nowhere, STDOUT_FILENO);
    (void)dup2(errors_, STDERR_FILENO);
    close(nowhere);
}

OutputCapture::~OutputCapture() {
    (void)std::fflush(stdout);
    (void)dup2(stdout_, STDOUT_FILENO);
    (void)dup2(stderr_, STDERR_FILENO);
    for (const int descriptor : {errors_, stdout_, stderr_})
        close(descriptor);
}

std::string OutputCapture::errors() const {
    std::string text;
    std::array<char, 512> part{};
    for (ssize_t count = 0;
         (count = pread(errors_, part.data(), part.size(), static_cast<off_t>(text.size()))) > 0;)
        text.append(part.data(), static_cast<std::size_t>(count));
    return text;
}

std::string DpdkLogCapture::reason() const {
    std::vector<std::string> lines;
    std::istringstream stream(text_);
    for (std::string line; std::getline(stream, line);) {
        std::string clean(without_prefix(line));
        if (!clean.empty() && std::find(lines.begin(), lines.end(), clean) == lines.end())
            lines.push_back(std::move(clean));
    }
    std::string joined;
    for (const std::string &line : lines)
        joined += (joined.empty() ? "" : "; ") + line;
    return joined;
}

} // namespace dataplane
