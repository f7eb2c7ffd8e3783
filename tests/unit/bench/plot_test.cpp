// SPDX-License-Identifier: BSD-3-Clause
// Which plots a result has, and what gnuplot makes of them.
#include "apps/bench/plot.hpp"
#include "apps/bench/report_plots.hpp"
#include "saved_rows.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

namespace bench_test {
namespace {

using bench::Plot;
using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::vector<std::string> ids_of(const std::vector<Json> &rows) {
    std::vector<std::string> ids;
    for (const Plot &plot : bench::plots_of(read(result_of(rows))))
        ids.push_back(plot.id);
    return ids;
}

TEST(Plots, FollowFromWhatTheRowsDifferIn) {
    EXPECT_THAT(ids_of(varied("fan_out", {1, 4, 16})), ElementsAre("fan-out-64"));
    EXPECT_THAT(ids_of(varied("size", {"64", "512", "1518"})), ElementsAre("size-n4"));
    EXPECT_THAT(ids_of(varied("groups", {1, 1000, 1000000})), ElementsAre("entries-64-n4"));
    EXPECT_THAT(ids_of(varied("updates_per_second", {0, 500000})), ElementsAre("churn"));
    EXPECT_THAT(ids_of({latency_row()}), ElementsAre("latency-64-n4"));
    EXPECT_THAT(ids_of({throughput_row()}), ElementsAre("throughput"));
    EXPECT_THAT(ids_of({latency_row(), latency_row()}),
                ElementsAre("latency-64-n4", "latency-64-n4-2"));
}

TEST(Plots, KeepApartWhatDiffersInAMemberThatTheyDoNotKnow) {
    std::vector<Json> rows = varied("fan_out", {1, 4, 16});
    for (const Json &made : varied("fan_out", {1, 4, 16}))
        rows.push_back(changed(made, "storm", "no-route"));
    for (const Json &made : varied("fan_out", {1, 4}))
        rows.push_back(changed(made, "blocked_port", true));
    for (const Json &made : varied("fan_out", {8}))
        rows.push_back(changed(made, "workers", 1)); // goes without saying
    EXPECT_THAT(ids_of(rows), ElementsAre("fan-out-64", "fan-out-64-storm-no-route"));
    EXPECT_EQ(bench::plots_of(read(result_of(rows)))[0].series[0].points.size(), 4U);
}

TEST(Plots, HaveNoLineOfTwoPointsAndNoneOfMixedSizes) {
    EXPECT_THAT(ids_of(varied("fan_out", {1, 4})), IsEmpty());
    EXPECT_THAT(ids_of(varied("size", {"imix", "64,1400", "570", "64"})), IsEmpty());
    EXPECT_THAT(ids_of({row("one", 100)}), IsEmpty());
    EXPECT_THAT(ids_of({}), IsEmpty());
}

TEST(Plots, ShowCyclesACopyOfBothMacModesBesideTheCheaperFloor) {
    std::vector<Json> rows = varied("fan_out", {1, 2, 4});
    for (const Json &other : varied("fan_out", {1, 2, 4}))
        rows.push_back(changed(other, "mac", "own"));

    const std::vector<Plot> plots = bench::plots_of(read(result_of(rows)));

    ASSERT_EQ(plots.size(), 1U);
    std::vector<std::string> names;
    for (const bench::PlotSeries &series : plots[0].series)
        names.push_back(series.name);
    EXPECT_THAT(names, ElementsAre("mgm, one router MAC", "floor, one router MAC",
                                   "clone, one router MAC", "mgm, own MAC of each port",
                                   "floor, own MAC of each port", "clone, own MAC of each port"));
    const bench::PlotPoint &mgm = plots[0].series[0].points[2],
                           &floor = plots[0].series[1].points[2];
    EXPECT_EQ(mgm.x, 4);
    EXPECT_DOUBLE_EQ(mgm.y, 102.0 / 4);
    EXPECT_DOUBLE_EQ(mgm.least, 102.0 * 0.9 / 4);
    EXPECT_DOUBLE_EQ(mgm.most, 102.0 * 1.2 / 4);
    EXPECT_DOUBLE_EQ(floor.y, 80.0 / 4); // "flat", not 99
}

TEST(Plots, GiveEachNineOfALatencyAsMuchRoom) {
    const std::vector<Plot> plots = bench::plots_of(read(result_of({latency_row()})));

    ASSERT_EQ(plots.size(), 1U);
    ASSERT_EQ(plots[0].series.size(), 2U);
    const bench::PlotSeries &no_load = plots[0].series[0], &loaded = plots[0].series[1];
    EXPECT_EQ(no_load.name, "no load");
    std::vector<double> places;
    for (const bench::PlotPoint &point : no_load.points)
        places.push_back(std::round(point.x));
    EXPECT_THAT(places, ElementsAre(1, 2, 10, 100, 1000, 10000, 120000));
    EXPECT_DOUBLE_EQ(no_load.points[1].y, 0.69); // microseconds
    EXPECT_DOUBLE_EQ(no_load.points[6].y, 41);
    EXPECT_EQ(loaded.name, "1.2 Mpps");
    EXPECT_EQ(loaded.points.size(), 4U); // least, two percentiles in order, most
    EXPECT_DOUBLE_EQ(loaded.points[1].y, 0.8);
}

// --- gnuplot

Plot small_plot() {
    Plot plot;
    plot.id = "small-1";
    plot.title = "small";
    plot.series = {{"a", bench::Ink::kBlue, false, {{1, 2, 1, 3}, {2, 3, 2, 4}, {3, 2, 2, 2}}}};
    return plot;
}

TEST(Drawing, IsAnSvgOnWhiteWithEverySeries) {
    Plot plot = small_plot();
    plot.series.push_back({"b", bench::Ink::kBlack, true, {{1, 5, 5, 5}, {3, 6, 6, 6}}});
    const auto svg = bench::draw(plot);
    ASSERT_TRUE(svg) << svg.error().what;
    EXPECT_EQ(svg->find("<svg"), 0U);
    EXPECT_THAT(*svg, AllOf(HasSubstr("fill=\"#ffffff\""), HasSubstr(">a<"), HasSubstr(">b<"),
                            HasSubstr("</svg>"), Not(HasSubstr("id='gp"))));
}

TEST(Drawing, TakesNothingInATextForACommandOrForMarkup) {
    testing::internal::CaptureStdout();
    Plot plot = small_plot();
    const std::string hostile = "'; system('echo run'); `echo run` \"$(echo run)\" @x \\' \n!echo "
                                "run\nEND\n</text><script>run()</script>{/Bold b}%s";
    plot.title = plot.x_label = plot.y_label = plot.series[0].name = hostile;
    const auto lines = bench::draw(plot);
    plot.categories = {hostile, "b", "c", "d"};
    const auto bars = bench::draw(plot);
    EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
    for (const auto &svg : {lines, bars}) {
        ASSERT_TRUE(svg) << svg.error().what;
        EXPECT_THAT(*svg, Not(HasSubstr("<script")));
        EXPECT_THAT(*svg,
                    HasSubstr("\u2019; system(\u2019echo run\u2019); `echo run` \"$(echo run)\" @x "
                              "\\\u2019  !echo run END &lt;/text>"));
        EXPECT_THAT(*svg, HasSubstr("{/Bold b}%s<"));
    }
}

TEST(Drawing, SaysWhatGnuplotSaid) {
    Plot plot = small_plot();
    plot.id = "no such name"; // an id has no blanks
    const auto svg = bench::draw(plot);
    ASSERT_FALSE(svg);
    EXPECT_THAT(svg.error().what,
                HasSubstr("gnuplot cannot draw the plot 'no such name': name must"));
}

TEST(Drawing, NamesThePackageWhereThereIsNoGnuplot) {
    {
        const NoPrograms nothing;
        const auto found = bench::find_gnuplot();
        const auto svg = bench::draw(small_plot());
        ASSERT_FALSE(found);
        ASSERT_FALSE(svg);
        EXPECT_THAT(found.error().what, HasSubstr("apt-get install gnuplot-nox"));
        EXPECT_EQ(svg.error().code, mgm::Errc::kUnavailable);
    }
    EXPECT_TRUE(bench::find_gnuplot());
}

} // namespace
} // namespace bench_test
