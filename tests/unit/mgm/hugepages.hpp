// SPDX-License-Identifier: BSD-3-Clause
// Some hugepages and a hugetlbfs of our own for the length of a test, given back afterwards.
#pragma once

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include <sys/mount.h>
#include <unistd.h>

namespace mgm_test {

class Hugepages {
public:
    /// `pages` of 2 MiB more than there are. Others may do the same meanwhile, so the number is
    /// moved, never set back.
    explicit Hugepages(long pages) {
        if (getuid() != 0) {
            why_not_ = "hugepages need root";
            return;
        }
        const long before = reserved();
        write_reserved(before + pages);
        added_ = reserved() - before;
        if (added_ < pages) {
            why_not_ = fmt::format("vm.nr_hugepages could be raised by {} only, {} are needed",
                                   added_, pages);
            return;
        }
        char pattern[] = "/tmp/mgm-huge-XXXXXX";
        folder_ = mkdtemp(pattern);
        is_mounted_ = mount("nodev", folder_.c_str(), "hugetlbfs", 0, nullptr) == 0;
        if (!is_mounted_)
            why_not_ = "hugetlbfs cannot be mounted here";
    }
    ~Hugepages() {
        if (is_mounted_)
            umount2(folder_.c_str(), MNT_DETACH);
        if (!folder_.empty())
            std::filesystem::remove(folder_);
        if (added_ > 0)
            write_reserved(reserved() - added_);
    }
    Hugepages(const Hugepages &) = delete;
    Hugepages &operator=(const Hugepages &) = delete;

    /// Empty when they are there.
    [[nodiscard]] const std::string &why_not() const { return why_not_; }
    [[nodiscard]] const std::string &folder() const { return folder_; }

private:
    static constexpr const char *kReserved = "/proc/sys/vm/nr_hugepages";
    static long reserved() {
        long pages = 0;
        std::ifstream(kReserved) >> pages;
        return pages;
    }
    static void write_reserved(long pages) { std::ofstream(kReserved) << pages; }

    std::string why_not_;
    std::string folder_;
    long added_ = 0;
    bool is_mounted_ = false;
};

} // namespace mgm_test
