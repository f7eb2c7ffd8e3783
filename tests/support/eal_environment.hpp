// SPDX-License-Identifier: BSD-3-Clause
// Starts DPDK's EAL once for a test program: no hugepages, no PCI, no files shared with anybody.
//
// Use: `const auto *const kEal = support::start_eal();` at namespace scope in the test's main file;
// gtest's own main then runs it before the first test.
#pragma once

#include <gtest/gtest.h>
#include <rte_eal.h>

#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

namespace support {

class EalEnvironment : public ::testing::Environment {
public:
    /// `extra` arguments come last, so they win: {"-m", "512"}, {"--vdev", "net_null0"}.
    explicit EalEnvironment(std::vector<std::string> extra = {}) : extra_(std::move(extra)) {}

    void SetUp() override {
        std::vector<std::string> arguments{
            "mgm-test",
            "--no-huge",
            "--no-shconf",
            "--no-pci",
            "-m",
            "256",
            "-l",
            "0",
            "--no-telemetry",
            "--file-prefix",
            "mgm-test-" + std::to_string(getpid()),
            "--log-level",
            "*:error",
        };
        arguments.insert(arguments.end(), extra_.begin(), extra_.end());
        std::vector<char *> argv;
        argv.reserve(arguments.size());
        for (std::string &argument : arguments)
            argv.push_back(argument.data());
        ASSERT_GE(rte_eal_init(static_cast<int>(argv.size()), argv.data()), 0)
            << "EAL did not start without hugepages; see its message above";
        // EAL makes this folder, keeps nothing in it without --shconf, and leaves it. Removed at
        // once, so that a program which ends without TearDown (a fuzzer, a crash) leaves nothing
        // either.
        std::filesystem::remove_all(rte_eal_get_runtime_dir());
    }
    void TearDown() override { EXPECT_EQ(rte_eal_cleanup(), 0); }

private:
    std::vector<std::string> extra_;
};

/// gtest owns what is returned.
inline ::testing::Environment *start_eal(std::vector<std::string> extra = {}) {
    return ::testing::AddGlobalTestEnvironment(new EalEnvironment(std::move(extra)));
}

} // namespace support
