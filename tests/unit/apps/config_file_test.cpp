// SPDX-License-Identifier: BSD-3-Clause
// The file itself: missing, not TOML, keys and types.
#include "tests/unit/apps/config_text.hpp"

namespace {

using config_text::changed;
using config_text::Folder;
using config_text::good;
using config_text::mistakes;
using config_text::with;
using testing::AllOf;
using testing::HasSubstr;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;
using namespace std::string_literals;

std::string load_mistake(const std::string &path) {
    const mgm::Result<apps::Config> config = apps::load_config(path);
    return config ? "" : config.error().what;
}

TEST(ConfigFile, TakesTheGoodExampleWhole) {
    const apps::Config config = good(std::string(config_text::kGood));

    EXPECT_EQ(config.name, "edge-7");
    EXPECT_EQ(config.socket_path, "/run/mgm/edge-7.sock");
    ASSERT_EQ(config.state.interfaces.size(), 3U);
    EXPECT_EQ(config.state.interfaces[1].index, mgm::IfIndex{41});
    ASSERT_EQ(config.state.routes.size(), 1U);
    EXPECT_EQ(config.state.routes[0].action.oifs[1].ttl_threshold, 16);
    EXPECT_EQ(config.ports.size(), 3U);
    EXPECT_TRUE(config.warnings.empty());
}

TEST(ConfigFile, SaysThatAFileIsMissing) {
    const Folder folder;
    const mgm::Result<apps::Config> config = apps::load_config(folder.at("none.toml"));

    ASSERT_FALSE(config);
    EXPECT_EQ(config.error().code, mgm::Errc::kNotFound);
    EXPECT_THAT(config.error().what,
                AllOf(HasSubstr("none.toml"), HasSubstr("No such file or directory")));
}

TEST(ConfigFile, SaysThatADirectoryIsNoFile) {
    const Folder folder;
    EXPECT_THAT(load_mistake(folder.at("")), HasSubstr("is a directory"));
}

TEST(ConfigFile, SaysThatAFileIsEmpty) {
    const Folder folder;
    EXPECT_THAT(load_mistake(folder.write("e.toml", "")), HasSubstr("e.toml: is empty"));
    EXPECT_THAT(mistakes(" \n\t\r\n"), HasSubstr("t.toml: is empty"));
}

TEST(ConfigFile, SaysThatThereIsNoInterface) {
    EXPECT_THAT(mistakes("# nothing\n"), HasSubstr("there is no [[interface]]"));
}

TEST(ConfigFile, PointsAtTheFirstPlaceThatIsNotToml) {
    EXPECT_THAT(mistakes("[mgmd]\nname = \n"), MatchesRegex("t\\.toml:2:[0-9]+: not TOML: .*"));
    EXPECT_THAT(mistakes("this is\nno toml"), StartsWith("t.toml:1:"));
}

TEST(ConfigFile_S6, RefusesWhatIsNotUtf8) {
    EXPECT_THAT(mistakes("[mgmd]\nname = \"\xff\xfe\"\n"), StartsWith("t.toml:2:"));
}

TEST(ConfigFile_S6, RefusesNulCharactersAndDeepNesting) {
    EXPECT_THAT(mistakes("[mgmd]\nname = \"a\0b\"\n"s), StartsWith("t.toml:2:"));
    EXPECT_THAT(mistakes("a = " + std::string(10'000, '[')), HasSubstr("not TOML"));
}

TEST(ConfigFile_S6, RefusesKeysOfManyPartsBeforeTheParserMakesATableOfEach) {
    std::string parts = "a";
    for (int i = 0; i < 300'000; ++i)
        parts += ".a";

    EXPECT_THAT(mistakes("[mgmd]\n" + parts + " = 1\n"),
                StartsWith("t.toml:2: a key has more than 32 dots"));
    EXPECT_THAT(mistakes("\n\n[" + parts + "]\n"), StartsWith("t.toml:3: a key has more"));
    EXPECT_THAT(mistakes("x = \"\"\"\n\"'\"\"\"\"\ny = [{" + parts + " = 1}]\n"),
                StartsWith("t.toml:3: a key has more"));
}

TEST(ConfigFile, CountsNoDotsInTextAndComments) {
    const std::string dots(1000, '.');

    good(with("# " + dots + "\n[eal]\nargs = [\"'" + dots + "\\\"" + dots + "\", '\"" + dots +
              "', \"\"\"\n" + dots + "\"\"\"\"]\n"));
}

TEST(ConfigFile_S6, ShowsControlCharactersInsteadOfSendingThemToTheTerminal) {
    EXPECT_EQ(mistakes(with("[\"two\\nlines\\u001b[2J\"]\n")),
              "t.toml:27:2: the file: unknown key two\\x0alines\\x1b[2J");
}

TEST(ConfigFile, SuggestsTheKeyThatWasMeant) {
    EXPECT_THAT(mistakes(changed("index = 41", "indx = 41")),
                AllOf(HasSubstr("t.toml:10:1: interface p2: unknown key indx; did you mean index?"),
                      HasSubstr("t.toml:8:1: interface p2: index is missing")));
    EXPECT_THAT(mistakes(with("[capcity]\nipv4_entries = 5\n")),
                HasSubstr("unknown key capcity; did you mean capacity?"));
}

TEST(ConfigFile, NamesAnUnknownKeyThatResemblesNone) {
    EXPECT_THAT(mistakes(with("[mystery]\n")),
                AllOf(HasSubstr("t.toml:27:2: the file: unknown key mystery"),
                      Not(HasSubstr("did you mean"))));
}

TEST(ConfigFile, SaysWhereRoutesFileBelongsWhenItStandsInATable) {
    EXPECT_THAT(mistakes(with("routes_file = \"x\"\n")),
                HasSubstr("unknown key routes_file; it belongs at the top of the file"));
}

TEST(ConfigFile, NamesTheTypeThatIsThereAndTheOneThatIsWanted) {
    EXPECT_THAT(mistakes(changed("index = 41", "index = \"41\"")),
                HasSubstr("t.toml:10:9: interface p2: index must be an integer, not a string"));
    EXPECT_THAT(mistakes(changed("index = 41", "index = 41.0")),
                HasSubstr("index must be an integer, not a floating-point number"));
    EXPECT_THAT(mistakes(changed("name = \"edge-7\"", "name = 7")),
                HasSubstr("[mgmd]: name must be a string, not an integer"));
    EXPECT_THAT(mistakes(changed("iifs = [\"p1\"]", "iifs = \"p1\"")),
                HasSubstr("iifs must be an array, not a string"));
    EXPECT_THAT(mistakes(changed("iifs = [\"p1\"]", "iifs = [1]")),
                HasSubstr("iifs holds strings, this is an integer"));
    EXPECT_THAT(mistakes(with("[forwarding]\nstrict_group_mac = 1\n")),
                HasSubstr("strict_group_mac must be true or false, not an integer"));
    EXPECT_THAT(mistakes(with("[forwarding]\nstrict_group_mac = 2026-11-26\n")),
                HasSubstr("not a date or time"));
}

TEST(ConfigFile, TellsListsFromTables) {
    EXPECT_THAT(mistakes("[interface]\nname = \"p1\"\n"),
                HasSubstr("interface is a list: write [[interface]], not [interface]"));
    EXPECT_THAT(mistakes("interface = 3\n"), HasSubstr("interface must be a list of tables"));
    EXPECT_THAT(mistakes("interface = [3]\n"), HasSubstr("[[interface]] holds tables"));
    EXPECT_THAT(mistakes("[[mgmd]]\nname = \"x\"\n"), HasSubstr("mgmd must be one table [mgmd]"));
}

TEST(ConfigFile, ReportsEveryMistakeInTheOrderOfTheFile) {
    const std::string text = mistakes("[[interface]]\nname = \"a b\"\nindex = -1\nport = \"\"\n"
                                      "mtu = 67\nvlan = 4095\n[mgmd]\nworkers = 0\n");

    EXPECT_THAT(text, MatchesRegex("t\\.toml:2:.*\nt\\.toml:3:.*\nt\\.toml:4:.*\nt\\.toml:5:.*\n"
                                   "t\\.toml:6:.*\nt\\.toml:8:.*"));
}

TEST(ConfigFile, StopsListingAfterTwentyMistakesAndCountsTheRest) {
    std::string text(config_text::kGood);
    for (int i = 0; i < 33; ++i)
        text += "[[route]]\ngroup = \"10.0.0.1\"\niifs = [\"p1\"]\noifs = [\"p2\"]\n";

    EXPECT_THAT(mistakes(text), HasSubstr("t.toml: and 13 more mistakes that are not listed"));
}

TEST(ConfigFile, RefusesNamesThatCannotNameAnInstance) {
    for (const char *name : {"", "a b", "../x", "abcdefghijklmnopqrstuvwxy", "\xc3\xa4"})
        EXPECT_THAT(mistakes(changed("edge-7", name)), HasSubstr("[mgmd]: name")) << name;
}

TEST(ConfigFile, RefusesSettingsOutOfRange) {
    const auto in_mgmd = [](const std::string &line) {
        return mistakes(changed("name = \"edge-7\"\n", line + "\n"));
    };
    EXPECT_THAT(in_mgmd("workers = 0"), HasSubstr("[mgmd]: workers = 0 is outside 1..128"));
    EXPECT_THAT(in_mgmd("workers = -3"), HasSubstr("workers = -3 is outside 1..128"));
    EXPECT_THAT(in_mgmd("idle = \"busy\""), HasSubstr("must be \"poll\" or \"adaptive\""));
    EXPECT_THAT(in_mgmd("socket = \"mgm.sock\""), HasSubstr("must be an absolute path"));
    EXPECT_THAT(in_mgmd("socket = \"/" + std::string(108, 's') + "\""),
                HasSubstr("a unix socket's path has at most 107"));
    EXPECT_THAT(in_mgmd("router_mac = \"01:00:00:00:00:01\""), HasSubstr("is a group address"));
}

TEST(ConfigFile, RefusesEalArgumentsThatTheDaemonChooses) {
    EXPECT_THAT(mistakes(with("[eal]\nargs = [\"--no-huge\", \"--file-prefix=x\"]\n")),
                HasSubstr("t.toml:28:22: [eal]: args must not hold \"--file-prefix=x\": it comes "
                          "from [mgmd] name"));
    EXPECT_THAT(mistakes(with("[eal]\nargs = [\"--proc-type=secondary\"]\n")),
                HasSubstr("is always primary"));
    EXPECT_THAT(mistakes(with("[eal]\nargs = [\"\"]\n")), HasSubstr("an empty argument"));
}

} // namespace
