// SPDX-License-Identifier: BSD-3-Clause
// [[route]].
#include "mgm/address_class.hpp"
#include "tests/unit/apps/config_text.hpp"

namespace {

using config_text::changed;
using config_text::good;
using config_text::mistakes;
using config_text::with;
using testing::ElementsAre;
using testing::HasSubstr;

/// One more route; its group stands in line 28.
std::string route(const std::string &group, const std::string &more = "",
                  const std::string &oifs = "[\"p2\"]") {
    return with("[[route]]\ngroup = \"" + group + "\"\niifs = [\"p1\"]\noifs = " + oifs + "\n" +
                more);
}

TEST(ConfigRoute, TakesAnySourceAndRangesOfGroups) {
    const apps::Config config = good(route("225.0.0.0/8"));

    EXPECT_FALSE(config.state.routes.at(1).key.source);
    EXPECT_EQ(config.state.routes.at(1).key.group, mgm::IpPrefix::parse("225.0.0.0/8"));
}

TEST(ConfigRoute, TakesEveryGroupAndNoOif) {
    EXPECT_EQ(mistakes(route("224.0.0.0/4", "", "[]")), "");
    EXPECT_EQ(mistakes(route("ff00::/8")), "");
}

TEST(ConfigRoute_R8_1, TakesRangesOfSourcesAndLeavesTheWayInToTheRib) {
    const apps::Config config =
        good(with("[[route]]\nsource = \"10.9.0.0/16\"\ngroup = \"232.7.0.0/16\"\noifs = [\"p3\"]\n"
                  "[[route]]\nsource = \"198.51.100.2\"\ngroup = \"225.129.0.0/16\"\n"
                  "iifs = [\"p1\"]\noifs = []\n"));

    const mgm::RouteSpec &range = config.state.routes.at(1);
    EXPECT_EQ(range.source_range, mgm::IpPrefix::parse("10.9.0.0/16"));
    EXPECT_FALSE(range.key.source);
    EXPECT_THAT(range.action.iifs, testing::IsEmpty());
    EXPECT_FALSE(range.makes_entry());
    EXPECT_FALSE(config.state.routes.at(2).makes_entry()); // a source, and a range of groups
    EXPECT_TRUE(config.state.routes.at(0).makes_entry());
    EXPECT_TRUE(config.is_data_driven());
}

TEST(ConfigRoute_R8_1, ActsPerSourceIfItIsAsked) {
    const apps::Config config = good(route("225.7.7.7", "per_source = true\n"));

    EXPECT_TRUE(config.state.routes.at(1).is_per_source);
    EXPECT_FALSE(config.state.routes.at(1).makes_entry());
    EXPECT_THAT(mistakes(route("225.7.7.7", "per_source = 1\n")), HasSubstr("per_source"));
}

TEST(ConfigRoute, ASourceOfLengthZeroIsAnySource) {
    const apps::Config config = good(route("225.7.7.7", "source = \"0.0.0.0/0\""));

    EXPECT_FALSE(config.state.routes.at(1).source_range);
    EXPECT_TRUE(config.state.routes.at(1).makes_entry());
    EXPECT_THAT(mistakes(route("225.7.7.7", "source = \"::/0\"")), HasSubstr("different families"));
}

TEST(ConfigRoute, TellsRangesOfSourcesApart) {
    const std::string range =
        "[[route]]\nsource = \"10.9.0.0/16\"\ngroup = \"225.7.7.7\"\noifs = [\"p3\"]\n";
    EXPECT_THAT(
        mistakes(with(range + range)),
        HasSubstr("t.toml:31:1: route (10.9.0.0/16,225.7.7.7) is there already (t.toml:27:1)"));
    EXPECT_EQ(mistakes(route("225.7.7.7") + range), "");
}

TEST(ConfigRoute, KeepsTheOrderOfIifs) {
    const apps::Config config =
        good(changed("iifs = [\"p1\"]\noifs = [\"p2\", ", "iifs = [\"p2\", \"p1\"]\noifs = ["));
    EXPECT_THAT(config.state.routes.at(0).action.iifs,
                ElementsAre(mgm::IfIndex{41}, mgm::IfIndex{37}));
}

TEST(ConfigRoute, NeedsAGroupOifsAndAnInterface) {
    const std::string text = mistakes(with("[[route]]\n"));

    EXPECT_THAT(text, HasSubstr("t.toml:27:1: [[route]] number 2: group is missing"));
    EXPECT_THAT(text, HasSubstr("oifs is missing"));
    EXPECT_THAT(mistakes(with("[[route]]\ngroup = \"225.1.1.1\"\niifs = []\noifs = [\"p2\"]\n")),
                HasSubstr("iifs is empty"));
    EXPECT_THAT(mistakes(with("[[route]]\ngroup = \"225.1.1.1\"\noifs = []\n")),
                HasSubstr("neither iifs nor oifs names an interface"));
}

TEST(ConfigRoute_S1_1, RefusesAnySourceInSsmRanges) {
    EXPECT_THAT(mistakes(route("232.7.7.7")), HasSubstr("t.toml:27:1: "));
    EXPECT_THAT(mistakes(route("232.7.7.7")),
                HasSubstr("a source-specific group (RFC 4607) needs a source"));
    EXPECT_THAT(mistakes(route("232.7.0.0/16")),
                HasSubstr("a source-specific group (RFC 4607) needs a source"));
    EXPECT_THAT(mistakes(route("ff3e::8000:7")),
                HasSubstr("a source-specific group (RFC 4607) needs a source"));
    EXPECT_EQ(mistakes(route("232.7.7.7", "source = \"198.51.100.2\"")), "");
}

TEST(ConfigRoute_S1_1, RefusesGroupsThatAreNeverForwarded) {
    for (const char *group : {"224.0.0.5", "224.0.0.0", "224.0.0.251", "ff02::1", "ff12::7",
                              "ff01::7", "ff00::7", "10.0.0.1", "255.255.255.255", "2001:db8::1"})
        EXPECT_THAT(mistakes(route(group)), HasSubstr(group)) << group;
}

TEST(ConfigRoute_S1_3, RefusesSourcesThatNoPacketMayHave) {
    for (const char *source : {"0.0.0.0", "127.3.3.3", "225.1.1.1", "255.255.255.255"})
        EXPECT_THAT(mistakes(route("225.7.7.7", fmt::format("source = \"{}\"", source))),
                    HasSubstr(source))
            << source;
    for (const char *source : {"::1", "ff0e::1", "fe80::1", "::ffff:192.0.2.1"})
        EXPECT_THAT(mistakes(route("ff0e::7", fmt::format("source = \"{}\"", source))),
                    HasSubstr("source"))
            << source;
}

TEST(ConfigRoute, RefusesASourceOfTheOtherFamily) {
    EXPECT_THAT(mistakes(route("225.7.7.7", "source = \"2001:db8::7\"")), HasSubstr("t.toml:27"));
}

TEST(ConfigRoute, RefusesRangesOfSourcesThatNoPacketComesFrom) {
    EXPECT_THAT(mistakes(route("225.7.7.7", "source = \"198.51.100.7/24\"")),
                HasSubstr("t.toml:31:10: route: source 198.51.100.7/24 has bits behind its length; "
                          "write 198.51.100.0/24"));
    EXPECT_THAT(mistakes(route("225.7.7.7", "source = \"239.0.0.0/8\"")),
                HasSubstr("packets from such a source are never forwarded"));
    EXPECT_THAT(mistakes(route("225.7.7.7", "source = \"2001:db8::/32\"")),
                HasSubstr("different families"));
}

TEST(ConfigRoute, RefusesHostBitsBehindTheGroupsLength) {
    EXPECT_THAT(mistakes(route("239.1.2.3/16")),
                HasSubstr("t.toml:28:9: route: group 239.1.2.3/16 has bits behind its length; "
                          "write 239.1.0.0/16"));
}

TEST(ConfigRoute, RefusesWhatIsNoAddress) {
    EXPECT_THAT(mistakes(route("group7")), HasSubstr("group \"group7\" is neither a group nor"));
    EXPECT_THAT(mistakes(route("225.7.7.7", "source = \"s\"")),
                HasSubstr("source \"s\" is neither an address nor a prefix"));
}

TEST(ConfigRoute_S1_6, RefusesAnOifThatIsAnIif) {
    EXPECT_THAT(mistakes(route("225.7.7.7", "", "[\"p2\", \"p1\"]")),
                HasSubstr("t.toml:27:1: route (*,225.7.7.7): p1 is an iif and an oif"));
}

TEST(ConfigRoute, RefusesUnknownInterfacesAndSuggestsKnownOnes) {
    EXPECT_THAT(mistakes(route("225.7.7.7", "", "[\"p22\"]")),
                HasSubstr("t.toml:30:9: route: there is no interface p22; did you mean p2?"));
    EXPECT_THAT(mistakes(changed("iifs = [\"p1\"]", "iifs = [\"uplink\"]")),
                HasSubstr("there is no interface uplink"));
}

TEST(ConfigRoute, RefusesInterfacesThatAreThereTwice) {
    EXPECT_THAT(mistakes(route("225.7.7.7", "", "[\"p2\", \"p3\", \"p2\"]")),
                HasSubstr("p2 is among the oifs twice"));
    EXPECT_THAT(mistakes(changed("iifs = [\"p1\"]", "iifs = [\"p1\", \"p1\"]")),
                HasSubstr("p1 is among the iifs twice"));
    EXPECT_EQ(mistakes(route("225.7.7.7", "",
                             "[\"p3\", {interface = \"p3\", next_hop = \"198.51.100.34\"}]")),
              "");
}

TEST(ConfigRoute, RefusesTheSameRouteTwice) {
    EXPECT_THAT(mistakes(route("225.129.2.3", "source = \"198.51.100.2\"")),
                HasSubstr("t.toml:27:1: route (198.51.100.2,225.129.2.3) is there already "
                          "(t.toml:22:1)"));
    EXPECT_EQ(mistakes(route("225.129.2.3")), ""); // another key: (*,G)
}

TEST(ConfigRoute_S1_4, RefusesAThresholdAbove256) {
    EXPECT_THAT(mistakes(route("225.7.7.7", "", "[{interface = \"p2\", ttl_threshold = 257}]")),
                HasSubstr("ttl_threshold = 257 is outside 0..256"));
    EXPECT_EQ(mistakes(route("225.7.7.7", "", "[{interface = \"p2\", ttl_threshold = 256}]")), "");
}

TEST(ConfigRoute, RefusesNextHopsThatAreNotOnTheLink) {
    const auto next_hop = [](const std::string &address) {
        return mistakes(
            route("225.7.7.7", "", "[{interface = \"p2\", next_hop = \"" + address + "\"}]"));
    };
    EXPECT_THAT(next_hop("203.0.113.7"), HasSubstr("next_hop 203.0.113.7 is on none of p2's"));
    EXPECT_THAT(next_hop("198.51.100.17"), HasSubstr("is p2's own address"));
    EXPECT_THAT(next_hop("225.1.1.1"), HasSubstr("is a multicast group"));
    EXPECT_THAT(next_hop("x"), HasSubstr("next_hop \"x\" is not an address"));
    EXPECT_THAT(next_hop("2001:db8::7"), HasSubstr("is of the other address family"));
}

TEST(ConfigRoute, OnlyWarnsOfANextHopWithoutNeighbor) {
    const apps::Config config =
        good(route("225.7.7.7", "", "[{interface = \"p2\", next_hop = \"198.51.100.18\"}]"));

    EXPECT_THAT(config.warnings,
                ElementsAre(testing::AllOf(HasSubstr("t.toml:30:"), HasSubstr("no [[neighbor]]"),
                                           HasSubstr("no_neighbor"))));
}

TEST(ConfigRoute, RefusesUnknownKeysInAnOif) {
    EXPECT_THAT(mistakes(route("225.7.7.7", "", "[{interface = \"p2\", ttl_treshold = 3}]")),
                HasSubstr("unknown key ttl_treshold; did you mean ttl_threshold?"));
    EXPECT_THAT(mistakes(route("225.7.7.7", "", "[7]")), HasSubstr("this is an integer"));
}

TEST(ConfigRoute, LiesInOneVrf) {
    const std::string other = "[[interface]]\nname = \"v3\"\nindex = 9\nport = \"net_tap0\"\n"
                              "vrf = 3\n[[interface]]\nname = \"w3\"\nindex = 10\n"
                              "port = \"net_tap1\"\nvrf = 3\n";
    EXPECT_THAT(mistakes(route("225.7.7.7", other, "[\"v3\"]")),
                HasSubstr("interface v3 is in vrf 3, but p1 is in vrf 0"));
    const apps::Config config = good(
        with(other + "[[route]]\ngroup = \"225.129.2.3\"\niifs = [\"v3\"]\noifs = [\"w3\"]\n"));
    EXPECT_EQ(config.state.routes.at(1).key.vrf, mgm::Vrf{3});
}

TEST(ConfigRoute_S1_5, RefusesAnIpv6OifWithAnMtuBelow1280) {
    EXPECT_THAT(mistakes(route("ff0e::7",
                               "[[interface]]\nname = \"s\"\nindex = 9\nport = \"net_tap0\"\n"
                               "mtu = 600\n",
                               "[\"s\"]")),
                HasSubstr("oif s has mtu 600, but IPv6 needs 1280"));
}

TEST(ConfigRoute_S1_6, AsksPortsOnlyForTheGroupsOfTheirRoutes) {
    const apps::Config config = good(route("224.1.2.3", "source = \"198.51.100.3\""));

    // 225.129.2.3 and 224.1.2.3 share one MAC: bit 23 is not carried
    EXPECT_THAT(config.ports.at(0).groups,
                ElementsAre(*mgm::MacAddress::parse("01:00:5e:01:02:03")));
    EXPECT_TRUE(good(route("225.0.0.0/8")).ports.at(0).groups.empty());
}

} // namespace
