// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/report_plots.hpp"

#include "apps/bench/report_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace bench {

namespace {

constexpr std::size_t kMostCategories = 24;
constexpr std::size_t kMostPlots = 60; ///< a page of more nobody reads
constexpr std::array kBarInks{Ink::kBlue, Ink::kOrange,    Ink::kGreen, Ink::kPurple,
                              Ink::kSky,  Ink::kVermilion, Ink::kBlack};
constexpr std::size_t kLongestLabel = 56;

/// Not inside a character of UTF-8.
std::string shortened(const std::string &text) {
    if (text.size() <= kLongestLabel)
        return text;
    std::size_t end = kLongestLabel;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80)
        --end;
    return text.substr(0, end) + "…";
}

/// Rows that differ in their updates alone, by what they have in common.
using Churned = std::map<std::string, std::map<double, const SavedRow *>>;

Churned churned_rows(const SavedResult &result) {
    Churned groups;
    for (const SavedRow &row : result.rows)
        if (cost_of(row, "mgm") != nullptr)
            groups[circumstances_of(row, kUpdates).text].emplace(row.updates, &row);
    std::erase_if(groups, [](const auto &group) { return group.second.size() < 2; });
    return groups;
}

void add_churn(std::vector<Plot> &plots, const SavedResult &result) {
    std::map<double, PlotSeries> by_rate;
    Plot plot;
    for (const auto &[text, rates] : churned_rows(result)) {
        if (plot.categories.size() == kMostCategories)
            break;
        for (const auto &[rate, row] : rates) {
            PlotSeries &series = by_rate[rate];
            series.name = rate == 0 ? "quiet" : short_number(rate) + " updates/s";
            series.points.push_back(
                point_of(static_cast<double>(plot.categories.size()), *cost_of(*row, "mgm"), 1));
        }
        plot.categories.push_back(shortened(text));
    }
    for (auto &[rate, series] : by_rate)
        if (plot.series.size() < kBarInks.size()) {
            series.ink = kBarInks.at(plot.series.size());
            plot.series.push_back(std::move(series));
        }
    if (plot.series.empty())
        return;
    plot.id = "churn";
    plot.title = "Cost of a packet while entries are changed";
    plot.y_label = "TSC cycles a packet";
    plot.caption = "The same packets and tables, with a writer that rests and one that changes so "
                   "many entries a second.";
    plots.push_back(std::move(plot));
}

void add_throughput(std::vector<Plot> &plots, const SavedResult &result) {
    Plot plot;
    PlotSeries ndr{"NDR, nothing lost", Ink::kBlue, false, {}};
    PlotSeries pdr{"PDR, some lost", Ink::kOrange, false, {}};
    for (const SavedRow &row : result.rows) {
        if (!row.ndr_pps || !row.pdr_pps || plot.categories.size() == kMostCategories)
            continue;
        const auto k = static_cast<double>(plot.categories.size());
        for (auto &[series, rate] : {std::pair(&ndr, *row.ndr_pps), std::pair(&pdr, *row.pdr_pps)})
            series->points.push_back({k, rate / 1e6, rate / 1e6, rate / 1e6});
        plot.categories.push_back(shortened(row.name));
    }
    if (plot.categories.empty())
        return;
    plot.id = "throughput";
    plot.title = "Highest rates that the search found";
    plot.y_label = "million packets in a second";
    plot.caption =
        "The highest rate of packets in at which no copy was lost (NDR), and at which no "
        "more were lost than the partial drop rate (PDR) allows.";
    plot.series = {std::move(ndr), std::move(pdr)};
    plots.push_back(std::move(plot));
}

/// Where a percentile stands: at 1 / (1 - p), so that each nine takes as much room.
double place_of(double percent) {
    return 100 / std::max(100 - percent, 1e-7);
}

PlotSeries latency_curve(const SavedLoad &load) {
    PlotSeries curve;
    curve.name = load.name;
    const auto add = [&curve](double x, double ns) {
        if (curve.points.empty() || x > curve.points.back().x)
            curve.points.push_back({x, ns / 1e3, ns / 1e3, ns / 1e3});
    };
    add(1, load.min);
    for (const auto &[percent, ns] : load.percentiles)
        if (percent < 100)
            add(place_of(percent), ns);
    add(load.samples, load.max); // the most of n is the percentile 1 - 1/n
    return curve;
}

void add_latency(std::vector<Plot> &plots, const SavedRow &row) {
    Plot plot;
    for (const SavedLoad &load : row.latency)
        if (plot.series.size() < kInks && load.samples > 0) {
            PlotSeries curve = latency_curve(load);
            curve.ink = static_cast<Ink>(plot.series.size());
            plot.series.push_back(std::move(curve));
        }
    if (plot.series.empty())
        return;
    plot.id = "latency" + circumstances_of(row, 0).slug;
    plot.title = "Latency: " + shortened(row.name);
    plot.x_label = "share of packets that took no longer";
    plot.y_label = "latency, microseconds";
    plot.x_axis = plot.y_axis = Axis::kLogarithmic;
    plot.caption = "From receiving to sending. Each nine of the percentile takes as much room; a "
                   "curve ends at the slowest of its samples.";
    plot.x_ticks = {{1, "min"},        {2, "50 %"},        {10, "90 %"},
                    {100, "99 %"},     {1000, "99.9 %"},   {1e4, "99.99 %"},
                    {1e5, "99.999 %"}, {1e6, "99.9999 %"}, {1e7, "99.99999 %"}};
    plots.push_back(std::move(plot));
}

void make_ids_unique(std::vector<Plot> &plots) {
    std::set<std::string> seen;
    for (Plot &plot : plots) {
        const std::string id = plot.id;
        for (unsigned k = 2; !seen.insert(plot.id).second; ++k)
            plot.id = fmt::format("{}-{}", id, k);
    }
}

} // namespace

std::vector<Plot> plots_of(const SavedResult &result) {
    std::vector<Plot> plots;
    add_line_plots(plots, result);
    add_churn(plots, result);
    for (const SavedRow &row : result.rows)
        add_latency(plots, row);
    add_throughput(plots, result);
    plots.resize(std::min(plots.size(), kMostPlots));
    make_ids_unique(plots);
    return plots;
}

} // namespace bench
