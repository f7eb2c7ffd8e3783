// SPDX-License-Identifier: BSD-3-Clause
// DPDK's environment from start to clean-up, as one object: arguments, CPU sets, hugepage files.
//
// The calling thread becomes the EAL main lcore (control); each worker gets an lcore of its own.
// Threads made later by the main thread inherit its CPU set, so they stay off the workers' cores.
#pragma once

#include "mgm/result.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dataplane {

struct EalConfig {
    std::string instance = "mgm";  ///< prefixes hugepage files and names the runtime folder
    std::vector<std::string> args; ///< `[eal] args`; what they say wins over what we add
    std::uint32_t workers = 1;
};

class Eal {
public:
    /// Once per process. Sweeps what a dead predecessor of the same instance left. Errors: kExists
    /// (a live daemon has this instance), kNoMemory (hugepages; says how many and what to do),
    /// kInvalidArgument (arguments, lcores), kInternal.
    static mgm::Result<Eal> start(const EalConfig &config);
    Eal(Eal &&) noexcept;
    Eal &operator=(Eal &&) noexcept;
    /// Cleans up EAL and removes its map files and its runtime folder. Ports, pools and zones must
    /// be gone.
    ~Eal();

    /// The lcore of each worker, by worker index.
    [[nodiscard]] const std::vector<unsigned> &worker_lcores() const noexcept;
    /// Other processes may attach: hugepages and shared configuration are in use.
    [[nodiscard]] bool can_be_attached() const noexcept;

private:
    struct State;
    explicit Eal(std::unique_ptr<State> state) noexcept;
    std::unique_ptr<State> state_;
};

/// The `--lcores` value for `workers` workers on `cpus`: control on the first CPU, workers on the
/// others; more workers than other CPUs share them, beginning with control's. Pure.
/// "0@0,1@1" for one worker on CPUs 0 and 1; "0@0,1@0,2@1" for two.
std::string lcores_for(std::uint32_t workers, const std::vector<unsigned> &cpus);

} // namespace dataplane
