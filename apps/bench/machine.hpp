// SPDX-License-Identifier: BSD-3-Clause
// Where a figure was measured.
#pragma once

#include <cstdint>
#include <string>

namespace bench {

struct Machine {
    std::string cpu;      ///< /proc/cpuinfo "model name"
    unsigned cpus = 0;    ///< of the machine
    std::string governor; ///< of the worker's CPU; "none" in most virtual machines
    std::string kernel;
    std::string dpdk;
    std::string pages;   ///< "2 MiB" or "4 KiB"
    std::string mgm;     ///< release
    std::string commit;  ///< git's name for what was built; "unknown" outside a repository
    std::string started; ///< UTC, ISO 8601
    double tsc_hz = 0;
};

/// `worker_cpu`: where the worker runs. EAL must have started.
Machine describe_machine(bool is_huge, unsigned worker_cpu);

} // namespace bench
