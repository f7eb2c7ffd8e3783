// SPDX-License-Identifier: BSD-3-Clause
// The files that an EAL instance has on the machine: the lock that says it lives, its runtime
// folder, its hugepage maps. EAL itself leaves them behind, also after a proper clean-up.
#pragma once

#include "mgm/result.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace dataplane {

/// The folder that EAL uses for this instance ("/var/run/dpdk/mgm").
std::filesystem::path runtime_folder(const std::string &prefix);

/// Where hugetlbfs is mounted now.
std::vector<std::filesystem::path> hugetlbfs_mounts();

/// Hugepages that nobody uses, all page sizes, in octets.
std::uint64_t free_hugepage_octets();

/// Held while this process is the live daemon of an instance. Freed by the kernel if it dies.
class InstanceLock {
public:
    /// kExists: another live process has the instance.
    static mgm::Result<InstanceLock> take(const std::string &prefix);
    InstanceLock(InstanceLock &&other) noexcept;
    InstanceLock &operator=(InstanceLock &&other) noexcept;
    ~InstanceLock();

private:
    explicit InstanceLock(int descriptor) noexcept : descriptor_(descriptor) {}
    int descriptor_;
};

/// Removes the instance's map files in `huge_folders` and what is in its runtime folder, but the
/// lock. Only with the lock held. Returns how many files went.
unsigned remove_instance_files(const std::string &prefix,
                               const std::vector<std::filesystem::path> &huge_folders);

/// Removes the lock's file and the folder, the last thing an instance does. Only with the lock
/// held.
void remove_instance_folder(const std::string &prefix);

} // namespace dataplane
