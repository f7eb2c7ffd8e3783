// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/eal_files.hpp"

#include <array>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <mntent.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace dataplane {

namespace fs = std::filesystem;
using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

constexpr const char *kLockName = "mgm.lock";
constexpr int kTries = 16; ///< each lost to a daemon that ended between our open and our lock

std::uint64_t number_in(const fs::path &file) {
    std::uint64_t value = 0;
    std::ifstream(file) >> value;
    return value;
}

/// EAL's primary holds a record lock on its shared configuration while it lives.
bool is_locked_by_an_eal(const fs::path &config) {
    const int descriptor = open(config.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return false;
    struct flock query {};
    query.l_type = F_WRLCK;
    query.l_whence = SEEK_SET;
    const bool locked = fcntl(descriptor, F_GETLK, &query) == 0 && query.l_type != F_UNLCK;
    close(descriptor);
    return locked;
}

/// False when the file that we locked was removed by a daemon that ended meanwhile.
bool is_still_there(int descriptor, const fs::path &file) {
    struct stat ours {
    }, there{};
    return fstat(descriptor, &ours) == 0 && stat(file.c_str(), &there) == 0 &&
           ours.st_ino == there.st_ino && ours.st_dev == there.st_dev;
}

/// The process that holds the lock wrote its number into it.
std::string holder(const fs::path &lock) {
    const std::uint64_t pid = number_in(lock);
    return pid == 0 ? "another process" : fmt::format("process {}", pid);
}

void write_pid(int descriptor) {
    std::array<char, 32> text{};
    const int length = std::snprintf(text.data(), text.size(), "%d\n", getpid());
    // For people only: nothing depends on it.
    if (ftruncate(descriptor, 0) != 0 ||
        pwrite(descriptor, text.data(), static_cast<std::size_t>(length), 0) < 0)
        return;
}

} // namespace

fs::path runtime_folder(const std::string &prefix) {
    // the same choice as EAL's, which tells the folder only after it was started
    // NOLINTNEXTLINE(concurrency-mt-unsafe): nobody changes the environment of the daemon
    if (const char *systemd = std::getenv("RUNTIME_DIRECTORY"); systemd != nullptr)
        return fs::path(systemd) / "dpdk" / prefix;
    if (getuid() == 0)
        return fs::path("/var/run/dpdk") / prefix;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): as above, nobody changes it
    const char *user = std::getenv("XDG_RUNTIME_DIR");
    return fs::path(user != nullptr ? user : "/tmp") / "dpdk" / prefix;
}

std::vector<fs::path> hugetlbfs_mounts() {
    std::vector<fs::path> mounts;
    const std::unique_ptr<FILE, int (*)(FILE *)> table(setmntent("/proc/mounts", "r"), endmntent);
    if (!table)
        return mounts;
    mntent entry{};
    std::array<char, 4096> text{};
    while (getmntent_r(table.get(), &entry, text.data(), static_cast<int>(text.size())) != nullptr)
        if (std::strcmp(entry.mnt_type, "hugetlbfs") == 0)
            mounts.emplace_back(entry.mnt_dir);
    return mounts;
}

std::uint64_t free_hugepage_octets() {
    std::uint64_t octets = 0;
    std::error_code error;
    for (const auto &folder : fs::directory_iterator("/sys/kernel/mm/hugepages", error)) {
        const std::string name = folder.path().filename(); // hugepages-2048kB
        std::uint64_t kilo = 0;
        const char *first = name.c_str() + std::strlen("hugepages-");
        std::from_chars(first, name.c_str() + name.size(), kilo);
        octets += number_in(folder.path() / "free_hugepages") * kilo * 1024;
    }
    return octets;
}

Result<InstanceLock> InstanceLock::take(const std::string &prefix) {
    const fs::path folder = runtime_folder(prefix);
    const fs::path file = folder / kLockName;
    for (int i = 0; i < kTries; ++i) {
        std::error_code error;
        fs::create_directories(folder, error);
        const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        if (descriptor < 0)
            return fail(Errc::kUnavailable, "instance '{}': cannot open {}: {}", prefix,
                        file.string(), std::generic_category().message(errno));
        InstanceLock lock(descriptor);
        if (flock(descriptor, LOCK_EX | LOCK_NB) != 0 || is_locked_by_an_eal(folder / "config"))
            return fail(Errc::kExists,
                        "instance '{}' is running already ({} holds {}); stop it, or choose "
                        "another name in [mgmd]",
                        prefix, holder(file), folder.string());
        if (!is_still_there(descriptor, file))
            continue;
        write_pid(descriptor);
        return lock;
    }
    return fail(Errc::kUnavailable, "instance '{}': {} keeps disappearing", prefix, file.string());
}

InstanceLock::InstanceLock(InstanceLock &&other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

InstanceLock &InstanceLock::operator=(InstanceLock &&other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

InstanceLock::~InstanceLock() {
    if (descriptor_ >= 0)
        close(descriptor_);
}

unsigned remove_instance_files(const std::string &prefix,
                               const std::vector<fs::path> &huge_folders) {
    std::vector<fs::path> files;
    std::error_code error;
    for (const fs::path &folder : huge_folders)
        for (const auto &file : fs::directory_iterator(folder, error))
            if (file.path().filename().string().starts_with(prefix + "map_"))
                files.push_back(file.path());
    for (const auto &file : fs::directory_iterator(runtime_folder(prefix), error))
        if (file.path().filename() != kLockName)
            files.push_back(file.path());

    unsigned removed = 0;
    for (const fs::path &file : files)
        removed += fs::remove(file, error) ? 1U : 0U;
    return removed;
}

void remove_instance_folder(const std::string &prefix) {
    std::error_code error;
    fs::remove(runtime_folder(prefix) / kLockName, error);
    fs::remove(runtime_folder(prefix), error); // stays when somebody else put a file there
}

} // namespace dataplane
