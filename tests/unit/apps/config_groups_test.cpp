// SPDX-License-Identifier: BSD-3-Clause
// [[membership]], [[mroute]], [[protocol]].
#include "tests/unit/apps/config_text.hpp"

namespace {

using config_text::Folder;
using config_text::good;
using config_text::mistakes;
using config_text::with;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

mgm::IpAddress address(std::string_view text) {
    return *mgm::IpAddress::parse(text);
}

TEST(ConfigGroups, ReadsMembershipsOfBothFamilies) {
    const apps::Config config = good(with(
        "[[membership]]\ninterface = \"p2\"\ngroup = \"239.1.2.3\"\n"
        "[[membership]]\ninterface = \"p3\"\ngroup = \"ff3e::7\"\nsource = \"2001:db8::9\"\n"));

    EXPECT_THAT(config.state.memberships,
                ElementsAre(mgm::MembershipSpec{mgm::IfIndex{41}, address("239.1.2.3"), {}},
                            mgm::MembershipSpec{mgm::IfIndex{43}, address("ff3e::7"),
                                                address("2001:db8::9")}));
    EXPECT_TRUE(config.is_data_driven());
    EXPECT_FALSE(good(std::string(config_text::kGood)).is_data_driven());
}

TEST(ConfigGroups, RefusesMembershipsThatCanNeverBe) {
    const auto of = [](const char *keys) {
        return mistakes(with(std::string("[[membership]]\ninterface = \"p2\"\n") + keys));
    };
    EXPECT_THAT(of(""), HasSubstr("t.toml:27"));
    EXPECT_THAT(of("group = \"10.1.1.1\"\n"), HasSubstr("is not a group that is ever forwarded"));
    EXPECT_THAT(of("group = \"224.0.0.251\"\n"),
                HasSubstr("t.toml:29:9: [[membership]] number 1: \"224.0.0.251\" is not a group"));
    EXPECT_THAT(of("group = \"ff02::1:3\"\n"), HasSubstr("is not a group"));
    EXPECT_THAT(of("group = \"239.0.0.0/8\"\n"), HasSubstr("is not a group"));
    EXPECT_THAT(of("group = \"232.1.1.1\"\n"),
                HasSubstr("232.1.1.1 is source-specific (RFC 4607): it needs a source"));
    EXPECT_THAT(of("group = \"239.1.1.1\"\nsource = \"2001:db8::1\"\n"),
                HasSubstr("source \"2001:db8::1\" is of the other family"));
    EXPECT_THAT(of("group = \"239.1.1.1\"\nsource = \"239.1.1.2\"\n"), HasSubstr("source"));
    EXPECT_THAT(of("group = \"239.1.1.1\"\n[[membership]]\ninterface = \"p2\"\n"
                   "group = \"239.1.1.1\"\n"),
                HasSubstr("239.1.1.1 is there twice on p2"));
    EXPECT_THAT(mistakes(with("[[membership]]\ninterface = \"p22\"\ngroup = \"239.1.1.1\"\n")),
                HasSubstr("there is no interface p22; did you mean p2?"));
}

TEST(ConfigGroups, ReadsMroutes) {
    const apps::Config config = good(with(
        "[[mroute]]\nprefix = \"10.0.0.0/9\"\ninterface = \"p1\"\nneighbor = \"198.51.100.2\"\n"
        "[[mroute]]\nprefix = \"::/0\"\ninterface = \"p3\"\npreference = 255\n"));

    EXPECT_THAT(
        config.state.mroutes,
        ElementsAre(mgm::MrouteSpec{*mgm::IpPrefix::parse("10.0.0.0/9"), mgm::IfIndex{37},
                                    address("198.51.100.2"), 1},
                    mgm::MrouteSpec{*mgm::IpPrefix::parse("::/0"), mgm::IfIndex{43}, {}, 255}));
    EXPECT_FALSE(config.is_data_driven()) << "a route alone asks for nothing";
}

TEST(ConfigGroups, RefusesMroutesThatLeadNowhere) {
    const auto of = [](const char *keys) {
        return mistakes(with(std::string("[[mroute]]\ninterface = \"p1\"\n") + keys));
    };
    EXPECT_THAT(of("prefix = \"10.0.0.1/9\"\n"), HasSubstr("10.0.0.0/9 is meant?"));
    EXPECT_THAT(of("prefix = \"224.0.0.0/4\"\n"), HasSubstr("a route leads to sources"));
    EXPECT_THAT(of("prefix = \"x\"\n"), HasSubstr("\"x\" is not a prefix"));
    EXPECT_THAT(of("prefix = \"10.0.0.0/8\"\npreference = 0\n"), HasSubstr("preference"));
    EXPECT_THAT(of("prefix = \"10.0.0.0/8\"\nneighbor = \"203.0.113.9\"\n"),
                HasSubstr("neighbor 203.0.113.9 is on none of p1's networks"));
}

TEST(ConfigGroups, FindsModulesBesideTheConfiguration) {
    const Folder folder;
    const std::string module = folder.write("pim.so", "");
    const std::string text =
        with("[[protocol]]\nmodule = \"./pim.so\"\nargs = [\"p1\", \"a b\"]\n");
    const mgm::Result<apps::Config> config = apps::load_config(folder.write("router.toml", text));

    ASSERT_TRUE(config) << config.error().what;
    ASSERT_EQ(config->protocols.size(), 1U);
    EXPECT_EQ(config->protocols[0].module, module);
    EXPECT_THAT(config->protocols[0].arguments, ElementsAre("p1", "a b"));
    EXPECT_TRUE(config->is_data_driven());
    const apps::Config printed = good(apps::to_toml(*config));
    EXPECT_EQ(printed.protocols, config->protocols);
    EXPECT_EQ(printed.state, config->state);
}

TEST(ConfigGroups, RefusesModulesThatAreNotThere) {
    EXPECT_THAT(mistakes(with("[[protocol]]\nmodule = \"/none/pim.so\"\n")),
                HasSubstr("there is no file /none/pim.so"));
    EXPECT_THAT(mistakes(with("[[protocol]]\nargs = []\n")), HasSubstr("module"));
}

TEST(ConfigGroups, PrintAndParseBack) {
    const apps::Config config = good(
        with("[[membership]]\ninterface = \"p2\"\ngroup = \"232.1.2.3\"\nsource = \"10.0.0.5\"\n"
             "[[mroute]]\nprefix = \"10.0.0.0/9\"\ninterface = \"p1\"\npreference = 7\n"
             "neighbor = \"198.51.100.2\"\n"));
    EXPECT_EQ(good(apps::to_toml(config)).state, config.state);
}

TEST(ConfigGroups, MayComeAndGoWithoutARestartButForTheFirst) {
    const auto reasons = [](const std::string &before, const std::string &after) {
        return apps::restart_reasons(good(before), good(after));
    };
    const std::string one = "[[membership]]\ninterface = \"p2\"\ngroup = \"239.1.1.1\"\n";
    const std::string two = one + "[[membership]]\ninterface = \"p3\"\ngroup = \"239.1.1.1\"\n";
    EXPECT_THAT(reasons(with(one), with(two)), IsEmpty());
    EXPECT_THAT(
        reasons(with(""), with(one)),
        ElementsAre(
            "packets held for the group manager, because of a [[protocol]], a [[membership]] or "
            "a [[route]] that acts on entries which data makes (false -> true)"));
}

} // namespace
