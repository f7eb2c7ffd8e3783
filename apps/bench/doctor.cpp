// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/doctor.hpp"

#include "apps/bench/bed.hpp"
#include "apps/bench/scenario.hpp"
#include "dataplane/eal_files.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include <sched.h>
#include <time.h>

namespace bench {

namespace {

constexpr double kLeastShare = 0.97;
constexpr double kMostSteal = 0.01;
constexpr std::chrono::milliseconds kBusy{200};

std::string first_line(const std::string &path) {
    std::ifstream file(path);
    std::string line;
    std::getline(file, line);
    return line;
}

std::vector<unsigned> usable_cpus() {
    cpu_set_t set;
    CPU_ZERO(&set);
    std::vector<unsigned> cpus;
    if (sched_getaffinity(0, sizeof set, &set) == 0)
        for (unsigned cpu = 0; cpu < CPU_SETSIZE; ++cpu)
            if (CPU_ISSET(cpu, &set))
                cpus.push_back(cpu);
    return cpus;
}

/// "0", "0,4", "0-1"
bool names_cpu(const std::string &list, unsigned cpu) {
    std::istringstream parts(list);
    for (std::string part; std::getline(parts, part, ',');) {
        const std::size_t dash = part.find('-');
        const unsigned long first = std::strtoul(part.c_str(), nullptr, 10);
        const unsigned long last =
            dash == part.npos ? first : std::strtoul(part.c_str() + dash + 1, nullptr, 10);
        if (!part.empty() && cpu >= first && cpu <= last)
            return true;
    }
    return false;
}

/// Jiffies of `cpu` so far: all, and those that the host gave to others.
std::pair<double, double> cpu_times(unsigned cpu) {
    std::ifstream stat("/proc/stat");
    const std::string name = fmt::format("cpu{} ", cpu);
    for (std::string line; std::getline(stat, line);) {
        if (!line.starts_with(name))
            continue;
        std::istringstream fields(line.substr(name.size()));
        double all = 0, steal = 0;
        double value = 0;
        for (unsigned field = 0; fields >> value && field < 8; ++field) {
            all += value;
            if (field == 7)
                steal = value;
        }
        return {all, steal};
    }
    return {};
}

double seconds_of(clockid_t clock) {
    timespec now{};
    clock_gettime(clock, &now);
    return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

/// How much of `cpu` a thread gets that wants all of it.
double share_of(unsigned cpu) {
    double share = 0;
    std::thread busy([cpu, &share] {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(cpu, &set);
        sched_setaffinity(0, sizeof set, &set);
        const double wall = seconds_of(CLOCK_MONOTONIC);
        const double own = seconds_of(CLOCK_THREAD_CPUTIME_ID);
        const auto end = std::chrono::steady_clock::now() + kBusy;
        while (std::chrono::steady_clock::now() < end) {
        }
        share = (seconds_of(CLOCK_THREAD_CPUTIME_ID) - own) / (seconds_of(CLOCK_MONOTONIC) - wall);
    });
    busy.join();
    return share;
}

} // namespace

Facts examine_machine() {
    Facts facts;
    const std::vector<unsigned> cpus = usable_cpus();
    facts.cpus = static_cast<unsigned>(cpus.size());
    const unsigned control = cpus.empty() ? 0 : cpus.front();
    const unsigned worker = cpus.size() > 1 ? cpus[1] : control;
    const std::string folder = fmt::format("/sys/devices/system/cpu/cpu{}/", worker);
    facts.is_sibling = control != worker &&
                       names_cpu(first_line(folder + "topology/thread_siblings_list"), control);
    if (const std::string governor = first_line(folder + "cpufreq/scaling_governor");
        !governor.empty())
        facts.governor = governor;
    facts.is_virtual =
        first_line("/sys/class/dmi/id/sys_vendor").find("QEMU") != std::string::npos ||
        !first_line("/sys/hypervisor/type").empty();
    std::ifstream cpuinfo("/proc/cpuinfo");
    for (std::string line; std::getline(cpuinfo, line) && !facts.is_virtual;)
        facts.is_virtual = line.starts_with("flags") && line.find(" hypervisor") != line.npos;
    facts.hugepages_mib = dataplane::free_hugepage_octets() >> 20U;
    facts.wanted_mib = BedNeeds::of(find_suite("headline")->rows).mebibytes(true);
    facts.load = std::strtod(first_line("/proc/loadavg").c_str(), nullptr);
    const auto before = cpu_times(worker);
    facts.cpu_share = share_of(worker);
    const auto after = cpu_times(worker);
    if (after.first > before.first)
        facts.steal_share = (after.second - before.second) / (after.first - before.first);
    return facts;
}

std::vector<Finding> findings_of(const Facts &facts) {
    std::vector<Finding> findings;
    const auto add = [&findings](bool is_good, std::string what, std::string mend) {
        findings.push_back({is_good, std::move(what), is_good ? "" : std::move(mend)});
    };
    add(facts.cpus >= 2, fmt::format("{} CPUs for this process", facts.cpus),
        "with one CPU the worker shares it with everything: use a machine, or a CPU set, of two");
    add(!facts.is_sibling,
        facts.is_sibling ? "the worker's CPU and control's are two threads of one core"
                         : "the worker's CPU is on a core of its own",
        "take CPUs of two cores: taskset -c 0,2 mgmbench … (see lscpu -e)");
    add(facts.governor == "performance" || facts.governor == "none",
        facts.governor == "none" ? "no frequency governor to see"
                                 : fmt::format("frequency governor '{}'", facts.governor),
        "cpupower frequency-set -g performance");
    add(facts.hugepages_mib >= facts.wanted_mib,
        fmt::format("{} MiB of hugepages free, {} wanted for the headline suite",
                    facts.hugepages_mib, facts.wanted_mib),
        fmt::format("sysctl vm.nr_hugepages={}", facts.wanted_mib / 2 + 1));
    add(facts.load < 0.5, fmt::format("load {:.2f} in the last minute", facts.load),
        "let what runs there end first; what shares caches and memory costs, too");
    add(facts.cpu_share >= kLeastShare,
        fmt::format("a busy thread gets {:.1f} % of the worker's CPU", facts.cpu_share * 100),
        "see who else runs there: ps -eLo psr,pcpu,comm --sort=-pcpu; or isolcpus=");
    add(facts.steal_share <= kMostSteal,
        fmt::format("the host takes {:.1f} % of the worker's CPU for others",
                    facts.steal_share * 100),
        "nothing can be done from in here: measure at another time or on another host");
    if (facts.is_virtual)
        findings.push_back(
            {true, "a virtual machine: its neighbours share the last cache and memory", ""});
    return findings;
}

} // namespace bench
