// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/doctor.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace {

using bench::Facts;
using bench::Finding;
using bench::findings_of;
using ::testing::HasSubstr;

Facts quiet_machine() {
    Facts facts;
    facts.cpus = 2;
    facts.hugepages_mib = 400;
    facts.wanted_mib = 376;
    facts.load = 0.04;
    return facts;
}

std::vector<Finding> bad_ones(const Facts &facts) {
    std::vector<Finding> findings = findings_of(facts);
    std::erase_if(findings, [](const Finding &finding) { return finding.is_good; });
    return findings;
}

TEST(Doctor, FindsNothingWrongWithAQuietMachine) {
    EXPECT_TRUE(bad_ones(quiet_machine()).empty());
    Facts tuned = quiet_machine();
    tuned.governor = "performance";
    tuned.is_virtual = true;
    EXPECT_TRUE(bad_ones(tuned).empty());
}

TEST(Doctor, SaysWhatSpoilsAFigureAndHowToMendIt) {
    Facts facts = quiet_machine();
    facts.cpus = 1;
    facts.is_sibling = true;
    facts.governor = "powersave";
    facts.hugepages_mib = 375;
    facts.load = 1.7;
    facts.cpu_share = 0.968;
    facts.steal_share = 0.02;
    const std::vector<Finding> findings = bad_ones(facts);
    ASSERT_EQ(findings.size(), 7U);
    for (const Finding &finding : findings)
        EXPECT_FALSE(finding.mend.empty()) << finding.what;
    EXPECT_EQ(findings[2].what, "frequency governor 'powersave'");
    EXPECT_EQ(findings[3].mend, "sysctl vm.nr_hugepages=189");
    EXPECT_THAT(findings[5].what, HasSubstr("96.8 %"));
}

TEST(Doctor, LooksAtThisMachine) {
    const Facts facts = bench::examine_machine();
    EXPECT_GE(facts.cpus, 1U);
    EXPECT_GT(facts.wanted_mib, 0U);
    EXPECT_GT(facts.cpu_share, 0);
    EXPECT_LE(facts.cpu_share, 1.01);
    EXPECT_GE(facts.steal_share, 0);
}

} // namespace
