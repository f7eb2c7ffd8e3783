// SPDX-License-Identifier: BSD-3-Clause
// [capacity].
#include "tests/unit/apps/config_text.hpp"

namespace {

using config_text::changed;
using config_text::good;
using config_text::mistakes;
using config_text::with;
using testing::AllOf;
using testing::HasSubstr;

std::string capacity(const std::string &line) {
    return with("[capacity]\n" + line + "\n");
}

TEST(ConfigCapacity, RefusesZeroOfAnything) {
    for (const char *key : {"interfaces", "neighbors", "vrfs", "ipv4_entries", "ipv6_entries",
                            "ipv4_ranges", "ipv6_ranges", "olist_mib"})
        EXPECT_THAT(mistakes(capacity(fmt::format("{} = 0", key))),
                    AllOf(HasSubstr("t.toml:28:"), HasSubstr(fmt::format("{} = 0", key)),
                          HasSubstr("outside 1..")))
            << key;
}

TEST(ConfigCapacity, RefusesNegativeAndHugeNumbers) {
    EXPECT_THAT(mistakes(capacity("ipv4_entries = -1")), HasSubstr("ipv4_entries = -1 is outside"));
    EXPECT_THAT(mistakes(capacity("ipv4_entries = 4000000000")), HasSubstr("ipv4_entries"));
    EXPECT_THAT(mistakes(capacity("ipv4_entries = 9223372036854775807")),
                HasSubstr("9223372036854775807 is outside"));
    EXPECT_THAT(mistakes(capacity("ipv4_entries = 9223372036854775808")), HasSubstr("not TOML"));
    EXPECT_THAT(mistakes(capacity("rx_descriptors = 65536")), HasSubstr("is outside 64..32768"));
}

TEST(ConfigCapacity, RefusesMoreInterfacesThanThereIsRoomFor) {
    EXPECT_THAT(mistakes(capacity("interfaces = 2")),
                HasSubstr("3 interfaces are more than [capacity] interfaces = 2; raise it"));
}

TEST(ConfigCapacity, RefusesMoreRoutesThanThereIsRoomFor) {
    std::string text = capacity("ipv4_entries = 64");
    for (int i = 0; i < 64; ++i)
        text += fmt::format("[[route]]\ngroup = \"239.7.0.{}\"\niifs = [\"p1\"]\noifs = []\n", i);

    EXPECT_THAT(mistakes(text), HasSubstr("65 IPv4 routes are more than [capacity] ipv4_entries"));
}

TEST(ConfigCapacity, RefusesAVrfBeyondTheLast) {
    EXPECT_THAT(mistakes(with("[[interface]]\nname = \"x\"\nindex = 9\nport = \"net_tap0\"\n"
                              "vrf = 64\n")),
                HasSubstr("interface x: vrf 64 is not below [capacity] vrfs = 64"));
}

TEST(ConfigCapacity, RefusesMbufsThatCannotFillTheRings) {
    EXPECT_THAT(mistakes(capacity("mbufs = 1000")),
                HasSubstr("[capacity]: mbufs = 1000 cannot fill the receive rings of 3 ports"));
}

TEST(ConfigCapacity, WarnsOfMbufsThatBlockedPortsCouldUseUp) {
    const std::string rings = "rx_descriptors = 512\ntx_descriptors = 256\n";
    const apps::Config config = good(capacity(rings + "mbufs = 4351"));

    EXPECT_THAT(config.warnings,
                testing::ElementsAre(AllOf(
                    HasSubstr("t.toml:27:"), // [capacity]
                    HasSubstr("mbufs = 4351 do not cover 1 workers x 3 ports x (512 receive + 256 "
                              "transmit descriptors) + 2048 on their way in each worker"),
                    HasSubstr("raise mbufs to 4352, or lower tx_descriptors"))));
    EXPECT_TRUE(good(capacity(rings + "mbufs = 4352")).warnings.empty());
    EXPECT_TRUE(good(capacity(rings)).warnings.empty());
}

TEST(ConfigCapacity, GivesEveryRingItsMbufsWhenNothingIsSaid) {
    const apps::Config config = good(capacity("rx_descriptors = 4096\ntx_descriptors = 4096"));

    EXPECT_FALSE(config.mbufs_given);
    EXPECT_GE(config.mbufs, 3U * (4096 + 4096));
}

TEST(ConfigCapacity, RefusesRingsThatWantMoreMbufsThanAPoolHolds) {
    EXPECT_THAT(mistakes(changed("[mgmd]\n", "[mgmd]\nworkers = 128\n") +
                         "[capacity]\nrx_descriptors = 32768\ntx_descriptors = 32768\n"),
                HasSubstr("mbufs, more than 16777215; lower the descriptors or the workers"));
}

TEST(ConfigCapacity, CountsOlistMemoryInMebibytes) {
    EXPECT_EQ(good(capacity("olist_mib = 3")).geometry.block_units, 3U << 14);
}

} // namespace
