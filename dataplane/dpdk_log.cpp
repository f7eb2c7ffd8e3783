// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/dpdk_log.hpp"

#include <rte_log.h>

#include <algorithm>
#include <cstdio>
#include <mutex>
#include <sstream>
#include <string_view>
#include <vector>

#include <stdio.h>
#include <sys/types.h>
#include <unistd.h>

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
    static constexpr std::string_view kNoise = " \t\r";
    line.remove_prefix(std::min(line.find_first_not_of(kNoise), line.size()));
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

} // namespace

void send_dpdk_log_to_stderr() {
    static std::once_flag once;
    std::call_once(once, [] {
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
