// SPDX-License-Identifier: BSD-3-Clause
// Saved results -> the page, also of files that somebody else wrote.
#include "apps/bench/report.hpp"
#include "apps/bench/saved_result.hpp"
#include "saved_rows.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace bench_test {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class Report : public ::testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "mgm-report.XXXXXX").string();
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path(const char *name) const { return (folder_ / name).string(); }
    [[nodiscard]] std::string contents(const char *name) const {
        std::ostringstream text;
        text << std::ifstream(folder_ / name).rdbuf();
        return text.str();
    }
    [[nodiscard]] std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto &entry : std::filesystem::directory_iterator(folder_))
            names.push_back(entry.path().filename().string());
        return names;
    }

private:
    std::filesystem::path folder_;
};

std::vector<Json> rows_of_all_kinds() {
    std::vector<Json> rows = varied("fan_out", {1, 4, 16});
    for (const auto &[field, values] :
         std::initializer_list<std::pair<const char *, std::vector<Json>>>{
             {"size", {"128", "512", "1518"}},
             {"groups", {1, 100000, 1000000}},
             {"updates_per_second", {500000}}})
        for (const Json &made : varied(field, values))
            rows.push_back(made);
    rows.push_back(latency_row());
    rows.push_back(throughput_row());
    return rows;
}

TEST_F(Report, IsOnePageWithEveryPlotTableAndFact) {
    std::vector<Json> rows = rows_of_all_kinds();
    rows[0]["target"] = {{"at_most", 1.35}, {"against", ""}};
    rows[0]["result"] = {{"value", 1.41}, {"met", false}};
    rows[1]["generator_limited"] = true;
    const auto made = bench::write_report({{"r.json", result_of(rows).dump()}}, path("new/page"));
    ASSERT_TRUE(made) << made.error().what;

    const std::string page = contents("new/page/index.html");
    for (const char *id :
         {"fan-out-64", "size-n4", "entries-64-n4", "churn", "latency-64-n4", "throughput"})
        EXPECT_THAT(page, HasSubstr(std::string("<figure id=\"") + id + "\">\n<svg"));
    for (const char *text :
         {"EPYC", "abc1234", "22.11", "2 MiB", "2.600 GHz", "18446744073709551615", "6.1",
          "mgmbench run --scenario &#39;a &amp; b&#39;", "≤ 1.35 × floor",
          "<td class=\"missed\">1.41 missed</td>", "generator-limited",
          "1 of 2 trials, floor: the CPU was &lt;busy&gt;", "p99.99", "9800 ns", "41.0 µs",
          "min 20 ns, avg 41 ns, max 820 ns, p50 35 ns", "11.250", "12.100"})
        EXPECT_THAT(page, HasSubstr(text));
    for (const char *text : {"<script", "<link", "src=", "@import", "url(http", "href=\"http"})
        EXPECT_THAT(page, Not(HasSubstr(text)));
}

TEST_F(Report, ShowsDelaysAndWhyARowDoesNotCount) {
    Json made = result_of({delay_row()});
    made.erase("repeats"); // such results have none
    made.erase("command");
    ASSERT_TRUE(bench::write_report({{"r.json", made.dump()}}, path(".")));
    EXPECT_THAT(contents("index.html"),
                AllOf(HasSubstr("<figure id=\"latency-64-n4\">"), HasSubstr("join delay"),
                      HasSubstr("not counted: 2 groups had no copy in time"),
                      HasSubstr("7000 ns")));
}

TEST_F(Report, KeepsSeveralResultsApart) {
    const std::string json = result_of(varied("fan_out", {1, 4, 16})).dump();
    ASSERT_TRUE(bench::write_report({{"a.json", json}, {"b.json", json}}, path(".")));
    EXPECT_THAT(contents("index.html"),
                AllOf(HasSubstr("tried (a.json)"), HasSubstr("<figure id=\"fan-out-64\">"),
                      HasSubstr("tried (b.json)"), HasSubstr("<figure id=\"fan-out-64-of-2\">")));
}

TEST_F(Report, ShowsWhatAHostileResultContainsAsText) {
    const std::string hostile =
        "</td><script>alert(1)</script><img src=x onerror=alert(1)>'\"&`id`";
    Json made = result_of(rows_of_all_kinds());
    for (const char *field : {"suite", "command", "started", "commit"})
        made[field] = hostile;
    for (const char *field : {"cpu", "kernel", "dpdk", "pages", "governor", "mgm"})
        made["machine"][field] = hostile;
    for (Json &line : made["rows"]) {
        for (const char *field : {"name", "mac", "sink", "pick"})
            line["scenario"][field] = hostile;
        if (line.contains("latency")) {
            line["latency"]["loads"][0]["load"] = hostile;
            line["latency"]["loads"][0]["percentiles"][0][hostile] = 1;
        } else if (line.contains("floor")) {
            line["floor"] = hostile;
            line["cycles_a_packet"][hostile] = spread(3);
            line["trials"][1]["reason"] = hostile;
            line["target"] = {{"at_most", 1}, {"against", hostile}};
        }
    }
    const auto written = bench::write_report({{hostile, made.dump()}}, path("."));
    ASSERT_TRUE(written) << written.error().what;
    EXPECT_THAT(contents("index.html"), AllOf(Not(HasSubstr("<script")), Not(HasSubstr("<img")),
                                              HasSubstr("&lt;img src=x")));
}

TEST_F(Report, IsWrittenWholeOrNotAtAll) {
    const Json good = result_of(varied("fan_out", {1, 4, 16}));
    ASSERT_TRUE(bench::write_report({{"r", good.dump()}}, path(".")));
    const std::string before = contents("index.html");
    {
        const NoPrograms nothing;
        EXPECT_FALSE(bench::write_report({{"r", good.dump()}}, path(".")));
    }
    EXPECT_FALSE(bench::write_report({{"r", "{"}}, path(".")));
    EXPECT_EQ(contents("index.html"), before);
    EXPECT_THAT(names(), ElementsAre("index.html"));
    EXPECT_FALSE(bench::write_whole(path("no/folder"), "text"));
    std::filesystem::create_directory(path("taken"));
    EXPECT_FALSE(bench::write_whole(path("taken"), "text"));
    EXPECT_EQ(names().size(), 2U);
}

TEST_F(Report, WritesOnePlotByItsName) {
    const std::string json = result_of(varied("fan_out", {1, 4, 16})).dump();
    ASSERT_TRUE(bench::write_plot({{"r", json}}, "fan-out-64", path("f.svg")));
    EXPECT_THAT(contents("f.svg"), HasSubstr("xmlns=\"http://www.w3.org/2000/svg\""));
    EXPECT_THAT(bench::write_plot({{"r", json}}, "fan", path("g.svg")).error().what,
                HasSubstr("--plot 'fan': these results have fan-out-64"));
    EXPECT_THAT(names(), ElementsAre("f.svg"));
}

// --- what is no result

void expect_refused(const std::string &text, const std::string &reason) {
    const auto result = bench::read_result(text, "r.json");
    ASSERT_FALSE(result) << text.substr(0, 200);
    EXPECT_EQ(result.error().code, mgm::Errc::kInvalidArgument);
    EXPECT_THAT(result.error().what, HasSubstr(reason));
}

TEST(SavedResult, IsRefusedWhereItIsNone) {
    for (const char *text :
         {"", "{", "[]", "3", "null", "{}", "\xff", R"({"schema": NaN})", R"({"schema": 1e999})"})
        expect_refused(text, "'r.json' is not JSON of mgmbench run --json");
    expect_refused(R"({"schema": 99})", fmt::format("mgmbench reads {}", bench::kSchemaVersion));
    expect_refused(fmt::format("{{\"schema\": {}}}", bench::kSchemaVersion),
                   "suite is missing: want a text");
    expect_refused(std::string(bench::kMaxSavedOctets + 1, ' '), "want up to 67108864");
    expect_refused("{\"schema\": 1, \"rows\": " + std::string(100'000, '['), "not JSON");
}

TEST(SavedResult, NamesTheFieldThatIsWrong) {
    const Json good = result_of(rows_of_all_kinds());
    const auto expect_at = [&good](const char *pointer, const Json &value, const char *reason) {
        Json bad = good;
        bad[Json::json_pointer(pointer)] = value;
        expect_refused(bad.dump(), reason);
    };
    expect_at("/rows", 7, "rows is 7: want a list of up to 1000");
    expect_at("/rows/1", "x", "rows[1] is text of 1 octets: want an object");
    expect_at("/rows/1/cycles_a_packet/mgm/median", nullptr,
              "rows[1].cycles_a_packet.mgm.median is null: want a number from 0");
    expect_at("/rows/1/scenario/fan_out", -1, "rows[1].scenario.fan_out is -1: want a number");
    expect_at("/rows/1/scenario/name", std::string(5000, 'x'),
              "rows[1].scenario.name is text of 5000 octets: want a text of up to 1000 octets");
    expect_at("/rows/1/cycles_a_packet/mgm/most", 1e300, "want a number from 0 to 1e+18");
    expect_at("/rows/1/generator_limited", "no",
              "generator_limited is text of 2 octets: want true");
    expect_at("/rows/11/throughput/ndr_pps", Json::array(), "ndr_pps is array: want a number");
    expect_at("/rows/10/latency/loads/0/percentiles/0/p", 101,
              "p is 101: want a number from 0 to 100");
    expect_at("/machine", 3, "machine is 3: want an object");
    expect_at("/seed", 1.5, "seed is 1.5: want a whole number");
    Json many = good;
    many["rows"] = std::vector<Json>(1001, good["rows"][0]);
    expect_refused(many.dump(), "rows is array: want a list of up to 1000");
}

} // namespace
} // namespace bench_test
