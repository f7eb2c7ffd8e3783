// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/eal_instance.hpp"

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_version.h>

#include <cerrno>
#include <cstdlib>
#include <string_view>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

namespace mgm {

namespace {

namespace fs = std::filesystem;

/// The first words of rte_mem_config: 0 until the primary's start is complete, then RTE_MAGIC; and
/// RTE_VERSION.
struct ConfigStart {
    std::uint32_t magic = 0;
    std::uint32_t version = 0;
};

class File {
public:
    explicit File(const fs::path &path) noexcept
        : descriptor_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {}
    ~File() {
        if (descriptor_ >= 0)
            ::close(descriptor_);
    }
    File(const File &) = delete;
    File &operator=(const File &) = delete;

    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

/// A living primary holds a write lock on its configuration.
bool is_locked(int descriptor) noexcept {
    struct flock lock {};
    lock.l_type = F_RDLCK;
    lock.l_whence = SEEK_SET;
    return fcntl(descriptor, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

std::string version_text(std::uint32_t version) {
    return fmt::format("{}.{:02}.{}", version >> 24U, version >> 16U & 0xffU,
                       version >> 8U & 0xffU);
}

const char *variable_or(const char *name, const char *otherwise) {
    // NOLINTNEXTLINE(concurrency-mt-unsafe): no thread of ours ever changes the environment
    const char *value = std::getenv(name);
    return value != nullptr ? value : otherwise;
}

} // namespace

fs::path runtime_folder(const std::string &file_prefix) {
    const char *usual = getuid() == 0 ? "/var/run" : variable_or("XDG_RUNTIME_DIR", "/tmp");
    return fs::path(variable_or("RUNTIME_DIRECTORY", usual)) / "dpdk" / file_prefix;
}

Result<EalInstance> find_instance(const fs::path &folder) {
    const fs::path path = folder / "config";
    const File file(path);
    if (file.descriptor() < 0)
        return fail(Errc::kUnavailable,
                    "cannot attach: {}: {}; no mgmd of that name runs here, or it runs without "
                    "hugepages (--no-huge)",
                    path.string(), std::generic_category().message(errno));
    ConfigStart start;
    if (::pread(file.descriptor(), &start, sizeof start, 0) != sizeof start)
        return fail(Errc::kUnavailable, "cannot attach: {} is cut short; start mgmd again",
                    path.string());
    const bool is_running = is_locked(file.descriptor());
    if (start.magic != RTE_MAGIC)
        return fail(Errc::kUnavailable, "cannot attach: the start of the mgmd in {} {}",
                    folder.string(),
                    is_running ? "is not complete yet; try again"
                               : "never completed, and it is gone; start it again");
    if (start.version != RTE_VERSION)
        return fail(Errc::kVersionMismatch,
                    "cannot attach: mgmd in {} runs on DPDK {}, we on {}; use the mgmctl that came "
                    "with it",
                    folder.string(), version_text(start.version), version_text(RTE_VERSION));
    return EalInstance{folder, is_running};
}

void remove_leftovers(const fs::path &folder, pid_t pid) noexcept {
    const std::string array_part = fmt::format("_{}_", pid);
    const std::string socket_start = fmt::format("mp_socket_{}_", pid);
    std::error_code error;
    // Names first: a folder must not change under its iterator.
    std::vector<fs::path> leftovers;
    for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
        const std::string name = at->path().filename().string();
        if (name.starts_with(socket_start) ||
            (name.starts_with("fbarray_") && name.find(array_part) != std::string::npos))
            leftovers.push_back(at->path());
    }
    for (const fs::path &leftover : leftovers)
        fs::remove(leftover, error); // gone already is as good
}

} // namespace mgm
