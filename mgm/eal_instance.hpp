// SPDX-License-Identifier: BSD-3-Clause
// What a DPDK instance leaves in its runtime folder, looked at without starting the EAL: a
// secondary process that starts it for a primary whose start never completed waits for ever.
#pragma once

#include "mgm/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>

#include <sys/types.h>

namespace mgm {

/// Where EAL puts the instance's files: RUNTIME_DIRECTORY (systemd), else /var/run for root, else
/// XDG_RUNTIME_DIR or /tmp; in it dpdk/<prefix>.
std::filesystem::path runtime_folder(const std::string &file_prefix);

struct EalInstance {
    std::filesystem::path folder;
    bool is_running = false; ///< false: the primary was killed; its memory is still there
};

/// kUnavailable: no such instance, or its start never completed. kVersionMismatch: another DPDK,
/// with both versions. Never blocks.
Result<EalInstance> find_instance(const std::filesystem::path &folder);

/// Removes what a secondary's EAL leaves in the folder: fbarray_*_<pid>_*, mp_socket_<pid>_*.
void remove_leftovers(const std::filesystem::path &folder, pid_t pid) noexcept;

} // namespace mgm
