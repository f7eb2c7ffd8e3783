// SPDX-License-Identifier: BSD-3-Clause
// [[interface]] and [[neighbor]].
#include "tests/unit/apps/config_text.hpp"

namespace {

using config_text::changed;
using config_text::good;
using config_text::mistakes;
using config_text::with;
using testing::HasSubstr;

/// One more interface that is right but for `lines`.
std::string fourth(const std::string &lines) {
    std::string text = "[[interface]]\nname = \"p4\"\n";
    const std::string own = lines.substr(0, lines.find("[["));
    if (own.find("index =") == std::string::npos)
        text += "index = 47\n";
    if (own.find("port =") == std::string::npos)
        text += "port = \"net_tap0,iface=t4\"\n";
    return with(text + lines + "\n");
}

TEST(ConfigInterface, MayBeAsLittleAsNameIndexAndPort) {
    const apps::Config config = good(fourth(""));
    const mgm::InterfaceSpec &spec = config.state.interfaces.at(3);

    EXPECT_EQ(spec.mtu, 1500);
    EXPECT_EQ(spec.ttl_threshold, 1);
    EXPECT_EQ(spec.vlan, 0);
    EXPECT_FALSE(spec.mac);
}

TEST(ConfigInterface, NeedsNameIndexAndPort) {
    const std::string text = mistakes("[[interface]]\n");

    EXPECT_THAT(text, HasSubstr("t.toml:1:1: [[interface]] number 1: name is missing"));
    EXPECT_THAT(text, HasSubstr("index is missing"));
    EXPECT_THAT(text, HasSubstr("port is missing"));
}

TEST(ConfigInterface, RefusesANameThatIsTaken) {
    EXPECT_THAT(mistakes(changed("name = \"p2\"", "name = \"p1\"")),
                HasSubstr("t.toml:8:1: interface p1: has the same name as p1 (t.toml:3:1)"));
}

TEST(ConfigInterface, RefusesAnIndexThatIsTaken) {
    EXPECT_THAT(mistakes(changed("index = 41", "index = 37")),
                HasSubstr("t.toml:8:1: interface p2: index 37 is taken by p1 (t.toml:3:1)"));
}

TEST(ConfigInterface, RefusesIndexZeroAndBeyond32Bits) {
    EXPECT_THAT(mistakes(fourth("index = 0")), HasSubstr("index = 0 is outside 1..4294967295"));
    EXPECT_THAT(mistakes(fourth("index = 4294967296")), HasSubstr("index = 4294967296 is outside"));
}

TEST(ConfigInterface, RefusesTwoOnOnePortWithoutVlan) {
    EXPECT_THAT(
        mistakes(fourth("port = \"net_af_packet1,iface=r2\"")),
        HasSubstr("interface p4: port net_af_packet1 without VLAN belongs to interface p2"));
}

TEST(ConfigInterface, RefusesOneVlanTwiceOnAPort) {
    EXPECT_THAT(mistakes(fourth("vlan = 7\n[[interface]]\nname = \"p5\"\nindex = 5\n"
                                "port = \"net_tap0,iface=t4\"\nvlan = 7")),
                HasSubstr("interface p5: vlan 7 of port net_tap0 belongs to interface p4"));
}

TEST(ConfigInterface, RefusesOneDeviceWithTwoSetsOfArguments) {
    EXPECT_THAT(mistakes(fourth("port = \"net_af_packet1,iface=r9\"\nvlan = 9")),
                HasSubstr("device net_af_packet1 has other arguments than at interface p2"));
}

TEST(ConfigInterface, SharesAPortByVlanAndGivesItTheLargestMtu) {
    const apps::Config config =
        good(fourth("port = \"net_af_packet1,iface=r2\"\nvlan = 4094\nmtu = 9000"));

    ASSERT_EQ(config.ports.size(), 3U);
    EXPECT_EQ(config.ports[1].mtu, 9000);
    EXPECT_EQ(apps::longest_frame(config), 9018);
}

TEST(ConfigInterface_S1_6, RefusesVlan4095AndNegativeOnes) {
    EXPECT_THAT(mistakes(fourth("vlan = 4095")), HasSubstr("vlan = 4095 is outside 0..4094"));
    EXPECT_THAT(mistakes(fourth("vlan = -1")), HasSubstr("vlan = -1 is outside"));
}

TEST(ConfigInterface, RefusesMoreThan32Ports) {
    std::string text(config_text::kGood);
    for (int i = 0; i < 30; ++i)
        text += fmt::format("[[interface]]\nname = \"n{0}\"\nindex = {1}\nport = \"net_null{0}\"\n",
                            i, 100 + i);

    EXPECT_THAT(mistakes(text), HasSubstr("33 ports are more than the 32 that DPDK can drive"));
}

TEST(ConfigInterface, RefusesPortsThatAreNoDevargs) {
    EXPECT_THAT(mistakes(fourth("port = \"\"")), HasSubstr("interface p4: port is empty"));
    EXPECT_THAT(mistakes(fourth("port = \"net tap\"")), HasSubstr("holds a blank"));
    EXPECT_THAT(mistakes(fourth("port = \"" + std::string(64, 'n') + "\"")),
                HasSubstr("at most 63 characters"));
}

TEST(ConfigInterface, RefusesWhatIsNoStationsMac) {
    EXPECT_THAT(mistakes(fourth("mac = \"02:00:00:00:03\"")),
                HasSubstr("mac \"02:00:00:00:03\" must be six hexadecimal octets"));
    EXPECT_THAT(mistakes(fourth("mac = \"01:00:5e:01:02:03\"")), HasSubstr("is a group address"));
    EXPECT_THAT(mistakes(fourth("mac = \"00:00:00:00:00:00\"")), HasSubstr("is all zeros"));
}

TEST(ConfigInterface, RefusesTwoMacsOnOnePort) {
    EXPECT_THAT(mistakes(fourth("mac = \"02:00:00:00:00:01\"\n[[interface]]\nname = \"p5\"\n"
                                "index = 5\nport = \"net_tap0,iface=t4\"\nvlan = 7\n"
                                "mac = \"02:00:00:00:00:02\"")),
                HasSubstr("interface p5: wants another MAC on the same port than interface p4"));
}

TEST(ConfigInterface, RefusesMacAndRouterMacTogether) {
    EXPECT_THAT(mistakes(fourth("mac = \"02:00:00:00:00:01\"\nrouter_mac = \"02:00:00:00:00:02\"")),
                HasSubstr("mac and router_mac exclude each other"));
}

TEST(ConfigInterface, TakesTheRouterMacOfTheWholeRouterUnlessItHasItsOwn) {
    std::string text = fourth("mac = \"02:00:00:00:00:09\"");
    text.insert(text.find("[[interface]]"), "router_mac = \"02:00:00:00:00:07\"\n");
    const apps::Config config = good(text);

    EXPECT_EQ(config.ports.at(0).mac, mgm::MacAddress::parse("02:00:00:00:00:07"));
    EXPECT_EQ(config.ports.at(3).mac, mgm::MacAddress::parse("02:00:00:00:00:09"));
}

TEST(ConfigInterface_S1_5, RefusesMtusThatNoLinkHas) {
    EXPECT_THAT(mistakes(fourth("mtu = 67")), HasSubstr("mtu = 67 is outside 68..9600"));
    EXPECT_THAT(mistakes(fourth("mtu = 9601")), HasSubstr("mtu = 9601 is outside 68..9600"));
    EXPECT_EQ(mistakes(fourth("mtu = 68")), "");
    EXPECT_EQ(mistakes(fourth("mtu = 9600")), "");
}

TEST(ConfigInterface_S1_5, RefusesAnMtuBelow1280WithAnIpv6Address) {
    EXPECT_THAT(mistakes(fourth("addresses = [\"2001:db8:4::1/64\"]\nmtu = 1279")),
                HasSubstr("mtu = 1279 is below 1280, which IPv6 needs"));
    EXPECT_EQ(mistakes(fourth("addresses = [\"2001:db8:4::1/64\"]\nmtu = 1280")), "");
}

TEST(ConfigInterface_S1_4, RefusesAThresholdAbove256) {
    EXPECT_THAT(mistakes(fourth("ttl_threshold = 257")),
                HasSubstr("ttl_threshold = 257 is outside 0..256"));
    EXPECT_EQ(mistakes(fourth("ttl_threshold = 256")), "");
}

TEST(ConfigInterface, RefusesAddressesThatNoInterfaceCanHave) {
    for (const auto &[address, reason] : std::vector<std::pair<std::string, std::string>>{
             {"198.51.100.300/28", "is not an address"},
             {"198.51.100.1/33", "is not an address"},
             {"224.1.2.3/24", "is a multicast group"},
             {"127.0.0.1/8", "is a loopback address"},
             {"0.0.0.0/8", "is unspecified"},
             {"::1/128", "is a loopback address"},
             {"::ffff:192.0.2.1/128", "is an IPv4-mapped address"},
             {"192.0.2.0/24", "is the address of the network itself"},
             {"192.0.2.255/24", "is the broadcast address"},
             {"192.0.2.1/0", "must have a prefix length above 0"}})
        EXPECT_THAT(mistakes(fourth("addresses = [\"" + address + "\"]")),
                    testing::AllOf(HasSubstr("interface p4"), HasSubstr(reason)))
            << address;
}

TEST(ConfigInterface, RefusesAnAddressOfAnotherInterfaceOfItsVrf) {
    EXPECT_THAT(mistakes(fourth("addresses = [\"198.51.100.17/24\"]")),
                HasSubstr("interface p4: address 198.51.100.17 is also on interface p2"));
    EXPECT_EQ(mistakes(fourth("vrf = 3\naddresses = [\"198.51.100.17/24\"]")), "");
}

TEST(ConfigInterface, LetsLinkLocalAddressesRepeatOnOtherLinks) {
    EXPECT_EQ(mistakes(fourth("addresses = [\"fe80::1/64\"]\n[[interface]]\nname = \"p5\"\n"
                              "index = 5\nport = \"net_tap1\"\naddresses = [\"fe80::1/64\"]")),
              "");
}

TEST(ConfigInterface_S1_6, RefusesBoundariesThatAreNoGroups) {
    EXPECT_THAT(mistakes(fourth("boundaries = [\"239.255.0.1/16\"]")),
                HasSubstr("has bits behind its length; write 239.255.0.0/16"));
    EXPECT_THAT(mistakes(fourth("boundaries = [\"10.0.0.0/8\"]")),
                HasSubstr("does not lie in 224.0.0.0/4 or ff00::/8"));
    EXPECT_THAT(mistakes(fourth("boundaries = [\"local\"]")),
                HasSubstr("is not a range of groups"));
    EXPECT_THAT(mistakes(fourth("scope_boundary = 16")), HasSubstr("scope_boundary = 16"));
    EXPECT_EQ(mistakes(fourth("boundaries = [\"239.255.0.0/16\", \"ff18::/16\"]\n"
                              "scope_boundary = 5")),
              "");
}

TEST(ConfigNeighbor, RefusesWhatIsNoNeighbor) {
    const auto neighbor = [](const std::string &interface, const std::string &address,
                             const std::string &mac) {
        return mistakes(with("[[neighbor]]\ninterface = \"" + interface + "\"\naddress = \"" +
                             address + "\"\nmac = \"" + mac + "\"\n"));
    };
    EXPECT_THAT(neighbor("p33", "198.51.100.35", "02:00:00:00:00:01"),
                HasSubstr("t.toml:28:13: neighbor 198.51.100.35: there is no interface p33; did "
                          "you mean p3?"));
    EXPECT_THAT(neighbor("p3", "198.51.100.35", "01:00:5e:00:00:01"),
                HasSubstr("is a group address"));
    EXPECT_THAT(neighbor("p3", "225.1.1.1", "02:00:00:00:00:01"),
                HasSubstr("is a multicast group"));
    EXPECT_THAT(neighbor("p3", "203.0.113.7", "02:00:00:00:00:01"),
                HasSubstr("is on none of p3's networks"));
    EXPECT_THAT(neighbor("p3", "198.51.100.33", "02:00:00:00:00:01"),
                HasSubstr("is p3's own address"));
    EXPECT_THAT(neighbor("p3", "198.51.100.34", "02:00:00:00:00:01"),
                HasSubstr("neighbor 198.51.100.34: is there twice on p3; first at t.toml:18:1"));
    EXPECT_EQ(neighbor("p3", "fe80::9", "02:00:00:00:00:01"), "");
}

} // namespace
