// SPDX-License-Identifier: BSD-3-Clause
// What a reload may change.
#include "tests/unit/apps/config_text.hpp"

namespace {

using config_text::changed;
using config_text::good;
using config_text::with;
using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> reasons(const std::string &next) {
    return apps::restart_reasons(good(std::string(config_text::kGood)), good(next));
}

TEST(ConfigReload, MayChangeRoutesInterfacesAndNeighbors) {
    EXPECT_THAT(reasons(changed("225.129.2.3", "225.1.2.3")), IsEmpty());
    EXPECT_THAT(reasons(with("[[interface]]\nname = \"n\"\nindex = 5\nport = \"net_tap0\"\n")),
                IsEmpty());
    EXPECT_THAT(reasons(changed("02:00:00:00:03:02", "02:00:00:00:03:03")), IsEmpty());
}

TEST(ConfigReload, NamesEveryKeyThatNeedsARestart) {
    EXPECT_THAT(reasons(with("[capacity]\nipv4_entries = 131072\nolist_mib = 32\n")),
                ElementsAre("[capacity] ipv4_entries (65536 -> 131072)",
                            "[capacity] olist_mib (16 -> 32)"));
    EXPECT_THAT(reasons(changed("name = \"edge-7\"", "name = \"edge-7\"\nworkers = 2")),
                ElementsAre("[mgmd] workers (1 -> 2)"));
    EXPECT_THAT(reasons(with("[forwarding]\nstrict_group_mac = true\n")),
                ElementsAre("[forwarding] strict_group_mac (false -> true)"));
    EXPECT_THAT(reasons(with("[eal]\nargs = [\"--no-huge\"]\n")),
                ElementsAre("[eal] args ( -> --no-huge)"));
}

TEST(ConfigReload, RefusesFramesThatThePacketBuffersCannotHold) {
    EXPECT_THAT(reasons(changed("index = 41", "index = 41\nmtu = 9000")),
                ElementsAre("[[interface]] mtu: octets in a packet buffer (2048 -> 9018)"));
    EXPECT_THAT(reasons(changed("index = 41", "index = 41\nmtu = 2000")), IsEmpty());
}

} // namespace
