// SPDX-License-Identifier: BSD-3-Clause
// A real primary and a real secondary process. What can be seen without an EAL needs no hugepages;
// the rest is skipped, with the reason, where there are none.
#include "child_process.hpp"
#include "hugepages.hpp"
#include "mgm/attach.hpp"

#include <gtest/gtest.h>
#include <rte_eal.h>
#include <rte_version.h>

#include <chrono>
#include <fstream>
#include <set>

namespace mgm_test {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

std::set<std::string> names_in(const fs::path &folder) {
    std::set<std::string> names;
    for (const auto &file : fs::directory_iterator(folder))
        names.insert(file.path().filename().string());
    return names;
}

class Attach : public testing::Test {
protected:
    Attach()
        : prefix(fmt::format("mgm-attach-{}-{}", getpid(),
                             testing::UnitTest::GetInstance()->current_test_info()->line())),
          folder(mgm::runtime_folder(prefix)) {}
    ~Attach() override { fs::remove_all(folder); }

    /// What an attaching process printed, and how long it took.
    std::string attach(std::chrono::milliseconds at_most) {
        const auto start = Clock::now();
        ChildProcess secondary({ATTACH_PEER, "attach", prefix});
        std::string line = secondary.read_line(20s);
        EXPECT_LT(Clock::now() - start, at_most) << line;
        secondary.wait();
        return line;
    }
    void write_config(std::uint32_t magic, std::uint32_t version) {
        fs::create_directories(folder);
        std::ofstream file(folder / "config", std::ios::binary);
        file.write(reinterpret_cast<const char *>(&magic), sizeof magic);
        file.write(reinterpret_cast<const char *>(&version), sizeof version);
        file << std::string(4096, '\0');
    }

    const std::string prefix;
    const fs::path folder;
};

TEST_F(Attach, SaysWithinTwoSecondsThatThereIsNoDaemon) {
    const std::string line = attach(2s);
    EXPECT_TRUE(line.starts_with("error")) << line;
    EXPECT_NE(line.find("no mgmd of that name runs here"), std::string::npos) << line;
}

TEST_F(Attach, SaysWithinTwoSecondsThatTheStartNeverCompleted) {
    write_config(0, RTE_VERSION);
    const std::string line = attach(2s);
    EXPECT_NE(line.find("never completed"), std::string::npos) << line;
}

TEST_F(Attach, RefusesAnotherDpdkWithBothVersions) {
    write_config(RTE_MAGIC, RTE_VERSION_NUM(21, 5, 3, 99));
    const std::string line = attach(2s);
    EXPECT_NE(line.find("DPDK 21.05.3"), std::string::npos) << line;
    EXPECT_NE(line.find("we on 22.11"), std::string::npos) << line;
}

TEST_F(Attach, RefusesAConfigurationThatIsCutShort) {
    fs::create_directories(folder);
    std::ofstream(folder / "config") << "abc";
    EXPECT_NE(attach(2s).find("cut short"), std::string::npos);
}

TEST_F(Attach, RemovesOnlyItsOwnLeftovers) {
    fs::create_directories(folder);
    for (const char *name : {"fbarray_memseg-2048k-0-0_4711_1f", "mp_socket_4711_1f",
                             "fbarray_memseg-2048k-0-0", "mp_socket", "mp_socket_47110_1f"})
        std::ofstream(folder / name) << "x";
    mgm::remove_leftovers(folder, 4711);
    EXPECT_EQ(names_in(folder), (std::set<std::string>{"fbarray_memseg-2048k-0-0", "mp_socket",
                                                       "mp_socket_47110_1f"}));
}

/// With a primary that has 700 IPv4 entries, one IPv6 range and two interfaces.
class AttachToPrimary : public Attach {
protected:
    static constexpr const char *kContents = "interfaces=2 ipv4=700 ipv6=1 in_frames=4711";

    AttachToPrimary() : hugepages(40) {}

    /// False: hugepages are not to be had here; the test is skipped.
    bool start(const char *layout_version = "0") {
        if (!hugepages.why_not().empty())
            return false;
        primary.emplace(std::vector<std::string>{ATTACH_PEER, "primary", prefix, hugepages.folder(),
                                                 layout_version});
        EXPECT_EQ(primary->read_line(20s), "ready");
        before = names_in(folder);
        return true;
    }
    void expect_contents(const std::string &line, const char *state) {
        EXPECT_TRUE(line.starts_with(state)) << line;
        EXPECT_NE(line.find(kContents), std::string::npos) << line;
        EXPECT_EQ(names_in(folder), before) << "the attached process left files behind";
    }

    Hugepages hugepages;
    std::optional<ChildProcess> primary;
    std::set<std::string> before;
};

#define START_OR_SKIP(...)                                                                         \
    if (!start(__VA_ARGS__))                                                                       \
    GTEST_SKIP() << hugepages.why_not()

TEST_F(AttachToPrimary, ReadsARunningDaemonAgainAndAgain) {
    START_OR_SKIP();
    for (int i = 0; i < 3; ++i)
        expect_contents(attach(10s), "running");
}

TEST_F(AttachToPrimary, ReadsAStoppedDaemonWithinTenSeconds) {
    START_OR_SKIP();
    primary->send(SIGSTOP);
    expect_contents(attach(10s), "running");
    primary->send(SIGCONT);
}

TEST_F(AttachToPrimary, ReadsAKilledDaemonWithinTenSeconds) {
    START_OR_SKIP();
    primary->send(SIGKILL);
    primary->wait();
    expect_contents(attach(10s), "dead");
}

TEST_F(AttachToPrimary, RefusesAnotherLayoutVersionWithBothNumbers) {
    START_OR_SKIP("4711");
    const std::string line = attach(10s);
    EXPECT_NE(line.find("version 4711"), std::string::npos) << line;
    EXPECT_NE(line.find(fmt::format("ours {}", mgm::kLayoutVersion)), std::string::npos) << line;
}

TEST_F(AttachToPrimary, SaysThatADaemonHasNoTablesAnyMore) {
    START_OR_SKIP();
    primary->close_input(); // a proper end: the memzone goes, EAL's files stay
    primary->wait();
    const std::string line = attach(10s);
    EXPECT_TRUE(line.starts_with("error")) << line;
}

} // namespace
} // namespace mgm_test
