// SPDX-License-Identifier: BSD-3-Clause
// [manager].
#include "tests/unit/apps/config_text.hpp"

namespace {

using config_text::good;
using config_text::mistakes;
using config_text::with;
using testing::ElementsAre;
using testing::HasSubstr;
using namespace std::chrono_literals;

constexpr const char *kAll = R"([manager]
mfe_refresh = false
callback_deadline_ms = 777
mfe_timeout_s = 77
no_route_timeout_s = 7
igmp_regrace_s = 17
pending_mfes = 1717
pending_mfes_per_interface = 171
pending_mfes_per_source = 11
upcalls_per_second = 1111
mfe_suppress = 70000
mfe_reuse = 60000
memberships_per_client = 7000000
callbacks_per_client = 77
calls_per_second = 0
calls_in_a_burst = 17
held_packets_per_mfe = 3
wrong_if_interval_ms = 333
)";

TEST(ConfigManager, ReadsEveryLimit) {
    const apps::Config config = good(with(kAll));
    EXPECT_EQ(config.manager, (control::manager::Options{.callback_deadline = 777ms,
                                                         .entry_timeout = 77s,
                                                         .no_route_timeout = 7s,
                                                         .igmp_regrace = 17s,
                                                         .wrong_if_interval = 333ms,
                                                         .refresh_entries = false,
                                                         .max_uninitialised = 1717,
                                                         .max_uninitialised_of_interface = 171,
                                                         .max_uninitialised_of_source = 11,
                                                         .upcalls_per_second = 1111,
                                                         .suppress_entries = 70000,
                                                         .reuse_entries = 60000,
                                                         .max_memberships = 7'000'000,
                                                         .max_undelivered = 77,
                                                         .calls_per_second = 0,
                                                         .calls_in_a_burst = 17}));
    EXPECT_EQ(config.policy.held_packets_per_flow, 3U);
    EXPECT_EQ(config.policy.wrong_iif_interval_ms, 333U);
}

TEST(ConfigManager, DefaultsAreThoseOfTheManager) {
    EXPECT_EQ(good(with("[manager]\n")).manager, control::manager::Options{});
    EXPECT_EQ(good(std::string(config_text::kGood)).manager, control::manager::Options{});
}

TEST(ConfigManager, IsPrintedAndReadBack) {
    const apps::Config config = good(with(kAll));
    const apps::Config again = good(apps::to_toml(config));
    EXPECT_EQ(again.manager, config.manager);
    EXPECT_EQ(again.policy, config.policy);
}

TEST(ConfigManager, RefusesWhatCannotBe) {
    EXPECT_THAT(mistakes(with("[manager]\ncallback_deadline_ms = 0\n")),
                HasSubstr("callback_deadline_ms"));
    EXPECT_THAT(mistakes(with("[manager]\nmfe_timeout = 900\n")), HasSubstr("mfe_timeout"));
    EXPECT_THAT(mistakes(with("[manager]\nmfe_suppress = 70\nmfe_reuse = 70\n")),
                HasSubstr("mfe_reuse = 70 must be less than mfe_suppress = 70"));
    EXPECT_THAT(mistakes(with("[manager]\nmfe_refresh = 1\n")), HasSubstr("mfe_refresh"));
}

TEST(ConfigManager, ChangesNeedARestart) {
    EXPECT_THAT(apps::restart_reasons(good(with(kAll)), good(with(std::string(kAll) +
                                                                  "[capacity]\nolist_mib = 16\n"))),
                testing::IsEmpty());
    EXPECT_THAT(
        apps::restart_reasons(good(with("[manager]\nmfe_timeout_s = 77\n")),
                              good(with("[manager]\nmfe_refresh = false\n"))),
        ElementsAre("[manager] mfe_refresh (1 -> 0)", "[manager] mfe_timeout_s (77 -> 900)"));
}

} // namespace
