// SPDX-License-Identifier: BSD-3-Clause
// routes_file.
#include "tests/unit/apps/config_text.hpp"

#include <chrono>

namespace {

using config_text::Folder;
using config_text::kGood;
using testing::AllOf;
using testing::HasSubstr;

mgm::Result<apps::Config> load(const Folder &folder, std::string_view routes,
                               const std::string &more = "") {
    (void)folder.write("routes.txt", routes);
    return apps::load_config(
        folder.write("c.toml", "routes_file = \"routes.txt\"\n" + std::string(kGood) + more));
}

std::string mistakes(std::string_view routes) {
    const Folder folder;
    const mgm::Result<apps::Config> config = load(folder, routes);
    return config ? "" : config.error().what;
}

TEST(RoutesFile, HoldsOneRouteALine) {
    const Folder folder;
    const auto config = load(folder, "# routes\n\n"
                                     "198.51.100.9 239.7.0.1 p1 p2,p3   # two\r\n"
                                     "\t*  225.0.0.0/8  p1,p2  p3\n"
                                     "2001:db8:1::9 ff3e::8000:1 p1 -\n"
                                     "198.51.100.0/24 232.7.0.0/16 - p2");
    ASSERT_TRUE(config) << config.error().what;

    ASSERT_EQ(config->state.routes.size(), 5U);
    EXPECT_EQ(mgm::to_string(config->state.routes[1].key), "(198.51.100.9,239.7.0.1)");
    EXPECT_EQ(config->state.routes[1].action.oifs.size(), 2U);
    EXPECT_EQ(mgm::to_string(config->state.routes[2].key), "(*,225.0.0.0/8)");
    EXPECT_EQ(config->state.routes[2].action.iifs.size(), 2U);
    EXPECT_TRUE(config->state.routes[3].action.oifs.empty());
    EXPECT_EQ(mgm::to_string(config->state.routes[4]), "(198.51.100.0/24,232.7.0.0/16)");
    EXPECT_TRUE(config->state.routes[4].action.iifs.empty());
}

TEST(RoutesFile, PointsAtFileLineAndColumn) {
    const std::string text = mistakes("* 239.7.0.1 p1 p2\n"
                                      "* 239.7.0.2 p1\n"
                                      "* 239.7.0.3 p1 p2 p3\n"
                                      "198.51.100.1/24 239.7.0.4 p1 p2\n"
                                      "* 239.7.0.5 p1 p2,p9\n"
                                      "* 239.7.0.6 p1 p2,,p3\n"
                                      "* 232.7.0.7 p1 p2\n"
                                      "* 224.0.0.8 p1 p2\n"
                                      "* 239.7.0.9 p1 p1\n"
                                      "* 239.7.0.1 p1 p3\n"
                                      "* 10.1.2.3 p1 p3\n"
                                      "x 239.7.0.9 p1 p3\n");

    EXPECT_THAT(text, HasSubstr("routes.txt:2: wanted \"source group iif[,iif] oif[,oif]\", the "
                                "line has fewer"));
    EXPECT_THAT(text, HasSubstr("routes.txt:3: wanted"));
    EXPECT_THAT(text, HasSubstr("routes.txt:4:1: route: source 198.51.100.1/24 has bits behind"));
    EXPECT_THAT(text, HasSubstr("routes.txt:5:19: route: there is no interface p9"));
    EXPECT_THAT(text, HasSubstr("routes.txt:6:19: route: there is no interface "));
    EXPECT_THAT(text, HasSubstr("routes.txt:7: "));
    EXPECT_THAT(text, HasSubstr("routes.txt:8: "));
    EXPECT_THAT(text, HasSubstr("routes.txt:9: route (*,239.7.0.9): p1 is an iif and an oif"));
    EXPECT_THAT(text, AllOf(HasSubstr("routes.txt:10: route (*,239.7.0.1) is there already ("),
                            HasSubstr("routes.txt:1)")));
    EXPECT_THAT(text, HasSubstr("routes.txt:11: "));
    EXPECT_THAT(text, HasSubstr("routes.txt:12:1: route: source \"x\" is neither an address"));
}

TEST(RoutesFile, StopsListingAfterTwentyMistakes) {
    std::string lines;
    for (int i = 0; i < 1000; ++i)
        lines += "nonsense\n";
    const std::string text = mistakes(lines);

    EXPECT_THAT(text, HasSubstr("routes.txt: and 980 more mistakes that are not listed"));
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 20);
}

TEST(RoutesFile, RefusesARouteThatTheConfigurationHasToo) {
    EXPECT_THAT(mistakes("198.51.100.2 225.129.2.3 p1 p2\n"),
                AllOf(HasSubstr("routes.txt:1: route (198.51.100.2,225.129.2.3) is there already"),
                      HasSubstr("c.toml:23:1")));
}

TEST(RoutesFile, SaysThatItIsMissingOrNoFile) {
    const Folder folder;
    const auto named = [&](const std::string &name) {
        const auto config = apps::load_config(
            folder.write("c.toml", "routes_file = \"" + name + "\"\n" + std::string(kGood)));
        return config ? "" : config.error().what;
    };
    EXPECT_THAT(named("nowhere.txt"), AllOf(HasSubstr("c.toml:1:15: routes_file "),
                                            HasSubstr("nowhere.txt: No such file or directory")));
    EXPECT_THAT(named("."), HasSubstr("is not a regular file"));
    EXPECT_THAT(named(""), HasSubstr("routes_file"));
    EXPECT_THAT(named("c.toml\\u0000.txt"), HasSubstr("c.toml\\x00.txt: holds a NUL"));
}

TEST(RoutesFile_S6, RefusesALineWithoutEnd) {
    EXPECT_THAT(mistakes("* 239.7.0.1 p1 p2\n" + std::string(2U << 20, 'x')),
                HasSubstr("routes.txt:2: the line is longer than"));
}

TEST(RoutesFile_S6, RefusesBinaryContent) {
    std::string octets;
    for (int i = 0; i < 4096; ++i)
        octets += static_cast<char>(i * 7);
    EXPECT_THAT(mistakes(octets), HasSubstr("routes.txt:"));
}

TEST(RoutesFile, MayBeEmpty) {
    EXPECT_EQ(mistakes(""), "");
    EXPECT_EQ(mistakes("# nothing"), "");
}

TEST(RoutesFile, LoadsAMillionRoutes) {
    const Folder folder;
    std::string lines;
    lines.reserve(40U << 20);
    for (unsigned i = 0; i < 1'000'000; ++i)
        lines += fmt::format("10.{}.{}.{} 239.{}.{}.{} p1 {}\n", i >> 16, (i >> 8) & 255U, i & 255U,
                             i % 13, (i >> 8) & 255U, i & 255U, i % 3 == 0 ? "p2,p3" : "p2");
    const auto config = load(folder, lines, "[capacity]\nipv4_entries = 1048576\n");

    ASSERT_TRUE(config) << config.error().what.substr(0, 1000);
    EXPECT_EQ(config->state.routes.size(), 1'000'001U);
}

TEST(RoutesFile, CountsAgainstTheCapacity) {
    std::string lines;
    for (unsigned i = 0; i < 65'536; ++i)
        lines += fmt::format("* 239.7.{}.{} p1 p2\n", i >> 8, i & 255U);
    EXPECT_THAT(mistakes(lines), HasSubstr("65537 IPv4 routes are more than [capacity] "
                                           "ipv4_entries = 65536; raise it"));
}

} // namespace
