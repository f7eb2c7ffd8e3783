// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/eal.hpp"
#include "dataplane/eal_files.hpp"
#include "tests/unit/ports/environment.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

using dataplane::Eal;
using dataplane::InstanceLock;
using dataplane::lcores_for;
using mgm::Errc;
using ::testing::HasSubstr;

namespace {

/// An instance of our own that no other test program uses.
std::string other_instance(const std::string &name) {
    return "mgm-unit-ports-" + name + "-" + std::to_string(getpid());
}

} // namespace

TEST(EalLcores, GiveOneWorkerTheSecondCpu) {
    EXPECT_EQ(lcores_for(1, {0, 1}), "0@0,1@1");
}

TEST(EalLcores, LetTheFirstOfTooManyWorkersShareControlsCpu) {
    EXPECT_EQ(lcores_for(2, {0, 1}), "0@0,1@0,2@1");
    EXPECT_EQ(lcores_for(3, {5}), "0@5,1@5,2@5,3@5");
}

TEST(EalLcores, UseOnlyTheCpusThatTheProcessMayUse) {
    EXPECT_EQ(lcores_for(3, {2, 3, 7, 11}), "0@2,1@3,2@7,3@11");
    EXPECT_EQ(lcores_for(5, {2, 3, 7}), "0@2,1@2,2@3,3@7,4@2,5@3");
}

TEST(Eal, RefusesASecondDaemonOfTheSameInstance) {
    const auto second = Eal::start({.instance = port_tests::instance(), .args = {"--no-huge"}});

    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, Errc::kExists);
    EXPECT_THAT(second.error().what, HasSubstr("is running already"));
    EXPECT_THAT(second.error().what, HasSubstr(std::to_string(getpid())));
}

TEST(Eal, SaysHowToReserveHugepagesThatAreMissing) {
    const std::string name = other_instance("huge");
    const auto eal = Eal::start({.instance = name, .args = {"-m", "1048576"}});

    ASSERT_FALSE(eal);
    EXPECT_EQ(eal.error().code, Errc::kNoMemory);
    EXPECT_THAT(eal.error().what, HasSubstr("1048576 MiB wanted"));
    EXPECT_THAT(eal.error().what, HasSubstr("sysctl vm.nr_hugepages=524288"));
    EXPECT_THAT(eal.error().what, HasSubstr("mount -t hugetlbfs"));
    EXPECT_THAT(eal.error().what, HasSubstr("--no-huge"));
    EXPECT_FALSE(std::filesystem::exists(dataplane::runtime_folder(name)));
}

TEST(InstanceLock, IsFreeAgainWhenItsHolderIsGone) {
    const std::string name = other_instance("lock");
    {
        const auto first = InstanceLock::take(name);
        ASSERT_TRUE(first) << first.error().what;
        EXPECT_FALSE(InstanceLock::take(name));
    }

    const auto again = InstanceLock::take(name);

    EXPECT_TRUE(again);
    dataplane::remove_instance_folder(name);
}

TEST(InstanceFiles, OfADeadPredecessorAreRemovedAndOthersStay) {
    const std::string name = other_instance("dead");
    const port_tests::TemporaryFolder huge;
    const auto lock = InstanceLock::take(name);
    ASSERT_TRUE(lock);
    const auto runtime = dataplane::runtime_folder(name);
    for (const std::string &file : {huge / (name + "map_0"), huge / (name + "map_37"),
                                    huge / "othermap_0", (runtime / "config").string()})
        std::ofstream(file) << "x";

    const unsigned removed = dataplane::remove_instance_files(name, {huge / ""});

    EXPECT_EQ(removed, 3U);
    EXPECT_TRUE(std::filesystem::exists(huge / "othermap_0"));
    dataplane::remove_instance_folder(name);
    EXPECT_FALSE(std::filesystem::exists(runtime));
}
