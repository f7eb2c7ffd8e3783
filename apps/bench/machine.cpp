// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/machine.hpp"

#include "apps/bench/commit.hpp"
#include "apps/version.hpp"

#include <fmt/chrono.h>
#include <rte_cycles.h>
#include <rte_version.h>

#include <ctime>
#include <fstream>
#include <string_view>
#include <thread>

#include <sys/utsname.h>

namespace bench {

namespace {

std::string first_line(const std::string &path, std::string_view otherwise) {
    std::ifstream file(path);
    std::string line;
    return std::getline(file, line) ? line : std::string(otherwise);
}

std::string cpu_model() {
    std::ifstream file("/proc/cpuinfo");
    for (std::string line; std::getline(file, line);)
        if (line.starts_with("model name"))
            return line.substr(std::min(line.find(": ") + 2, line.size()));
    return "unknown";
}

std::string kernel_release() {
    utsname name{};
    return uname(&name) == 0 ? name.release : "unknown";
}

} // namespace

Machine describe_machine(bool is_huge, unsigned worker_cpu) {
    Machine machine;
    machine.cpu = cpu_model();
    machine.cpus = std::thread::hardware_concurrency();
    machine.governor = first_line(
        fmt::format("/sys/devices/system/cpu/cpu{}/cpufreq/scaling_governor", worker_cpu), "none");
    machine.kernel = kernel_release();
    machine.dpdk = rte_version();
    machine.pages = is_huge ? "2 MiB" : "4 KiB";
    machine.mgm = apps::kVersion;
    machine.commit = kCommit;
    machine.started = fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::time(nullptr)));
    machine.tsc_hz = static_cast<double>(rte_get_tsc_hz());
    return machine;
}

} // namespace bench
