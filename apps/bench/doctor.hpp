// SPDX-License-Identifier: BSD-3-Clause
// What would spoil a figure on this machine, and how to mend it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace bench {

/// What was found out about the machine.
struct Facts {
    unsigned cpus = 0;             ///< that this process may use
    bool is_sibling = false;       ///< control's and the worker's CPU are threads of one core
    std::string governor = "none"; ///< of the worker's CPU
    bool is_virtual = false;
    std::uint64_t hugepages_mib = 0; ///< free
    std::uint64_t wanted_mib = 0;    ///< by the headline suite
    double load = 0;                 ///< of the last minute
    double cpu_share = 1;            ///< that a busy thread got of the worker's CPU
    double steal_share = 0;          ///< of that time went to other machines of the host
};

struct Finding {
    bool is_good = true;
    std::string what; ///< one line
    std::string mend; ///< what to do; empty when all is well
};

/// Keeps `cpu`, the worker's, busy for a fifth of a second.
Facts examine_machine();
std::vector<Finding> findings_of(const Facts &facts);

} // namespace bench
