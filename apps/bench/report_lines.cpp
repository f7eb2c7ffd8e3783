// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/report_lines.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <functional>
#include <map>
#include <set>

namespace bench {

namespace {

constexpr std::size_t kMostSeries = 14; ///< more nobody can tell apart
constexpr std::size_t kLeastPoints = 3; ///< of a line

struct Subjects {
    const char *name;
    Ink ink;
};
constexpr std::array kDrawn{Subjects{"mgm", Ink::kBlue}, Subjects{"floor", Ink::kBlack},
                            Subjects{"clone", Ink::kVermilion}};

/// A family of line plots: all rows that agree in everything but what is varied share one.
struct LineFamily {
    unsigned varied;
    const char *id, *title, *x_label, *y_label, *caption;
    Axis x_axis, y_axis;
    std::function<double(const SavedRow &)> x; ///< not finite: has none
    std::function<double(const SavedRow &)> by;
    std::function<std::string(const SavedRow &)> variant; ///< a line each
    std::function<bool(const SavedRow &)> is_dashed;
};

void add_points(std::map<std::string, PlotSeries> &lines, const LineFamily &family,
                const SavedRow &row) {
    const double x = family.x(row), by = family.by(row);
    if (!std::isfinite(x) || x <= 0 || by <= 0)
        return;
    for (const Subjects &subject : kDrawn)
        if (const Spread *cost = cost_of(row, subject.name)) {
            PlotSeries &line = lines[family.variant(row) + subject.name];
            line.name = fmt::format("{}, {}", subject.name, family.variant(row));
            line.ink = subject.ink;
            line.is_dashed = family.is_dashed(row);
            line.points.push_back(point_of(x, *cost, by));
        }
}

/// Ascending, the first of each x.
void sort_points(std::vector<PlotPoint> &points) {
    std::stable_sort(points.begin(), points.end(),
                     [](const PlotPoint &a, const PlotPoint &b) { return a.x < b.x; });
    points.erase(std::unique(points.begin(), points.end(),
                             [](const PlotPoint &a, const PlotPoint &b) { return a.x == b.x; }),
                 points.end());
}

/// Where there are points, as far as the texts have room beside each other.
std::vector<PlotTick> ticks_at(const std::vector<PlotSeries> &series, Axis axis) {
    constexpr double kCharacter = 0.0125; ///< of the axis
    std::set<double> places;
    for (const PlotSeries &line : series)
        for (const PlotPoint &point : line.points)
            places.insert(point.x);
    const auto along = [axis](double x) { return axis == Axis::kLinear ? x : std::log(x); };
    const double character = kCharacter * (along(*places.rbegin()) - along(*places.begin()));
    std::vector<PlotTick> ticks;
    for (const double place : places) {
        const std::string text = short_number(place);
        const std::size_t room =
            ticks.empty() ? 0 : (ticks.back().text.size() + text.size()) / 2 + 1;
        if (ticks.empty() ||
            along(place) - along(ticks.back().at) >= character * static_cast<double>(room))
            ticks.push_back({place, text});
    }
    return ticks;
}

/// mgm, floor and clone of one variant stand together.
std::vector<PlotSeries> in_order(std::map<std::string, PlotSeries> &lines) {
    std::vector<PlotSeries> series;
    for (auto &[key, line] : lines) {
        sort_points(line.points);
        if (line.points.size() >= kLeastPoints)
            series.push_back(std::move(line));
    }
    std::stable_sort(series.begin(), series.end(), [](const PlotSeries &a, const PlotSeries &b) {
        return std::pair(a.is_dashed, a.ink) < std::pair(b.is_dashed, b.ink);
    });
    series.resize(std::min(series.size(), kMostSeries));
    return series;
}

void add_lines(std::vector<Plot> &plots, const SavedResult &result, const LineFamily &family) {
    std::map<std::string, std::vector<const SavedRow *>> groups;
    for (const SavedRow &row : result.rows)
        groups[circumstances_of(row, family.varied).text].push_back(&row);
    for (const auto &[text, rows] : groups) {
        std::map<std::string, PlotSeries> lines;
        for (const SavedRow *row : rows)
            add_points(lines, family, *row);
        Plot plot;
        plot.series = in_order(lines);
        if (plot.series.empty())
            continue;
        plot.id = family.id + circumstances_of(*rows.front(), family.varied).slug;
        plot.title = fmt::format("{}{}{}", family.title, text.empty() ? "" : ": ", text);
        plot.caption = family.caption;
        plot.x_label = family.x_label;
        plot.y_label = family.y_label;
        plot.x_axis = family.x_axis;
        plot.y_axis = family.y_axis;
        plot.x_ticks = ticks_at(plot.series, plot.x_axis);
        plots.push_back(std::move(plot));
    }
}

std::string mac_words(const SavedRow &row) {
    return row.mac == "router" ? "one router MAC" : row.mac + " MAC of each port";
}
bool has_other_macs(const SavedRow &row) {
    return row.mac != "router";
}

/// "imix" and "64,1400" have no place on an axis.
double size_of(const SavedRow &row) {
    const bool is_number = !row.size.empty() && row.size.size() < 6 &&
                           std::all_of(row.size.begin(), row.size.end(),
                                       [](unsigned char c) { return std::isdigit(c) != 0; });
    return is_number ? std::stod(row.size) : NAN;
}

} // namespace

void Circumstances::add(const std::string &words, const std::string &mark) {
    text += (text.empty() ? "" : ", ") + words;
    slug += '-';
    for (const char letter : mark.substr(0, 40)) {
        const auto c = static_cast<unsigned char>(letter);
        slug += c < 0x80 && std::isalnum(c) != 0 ? static_cast<char>(std::tolower(c)) : '-';
    }
}

Circumstances circumstances_of(const SavedRow &row, unsigned varied) {
    Circumstances fixed;
    if ((varied & kSize) == 0)
        fixed.add(row.size + " octets", row.size);
    if ((varied & kFanOut) == 0)
        fixed.add(fmt::format("{:g} copies", row.fan_out), fmt::format("n{:g}", row.fan_out));
    if ((varied & kMac) == 0 && row.mac != "router")
        fixed.add(row.mac + " MACs", row.mac);
    if ((varied & kFamily) == 0 && row.family != 4)
        fixed.add(fmt::format("IPv{:g}", row.family), fmt::format("v{:g}", row.family));
    if ((varied & kEntries) == 0 && row.entries() != 1000)
        fixed.add(short_number(row.entries()) + " entries", short_number(row.entries()));
    if ((varied & kUpdates) == 0 && row.updates != 0)
        fixed.add(short_number(row.updates) + " updates/s", short_number(row.updates) + "-updates");
    if (row.sink != "null")
        fixed.add(row.sink + " sinks", row.sink);
    if (row.pick != "uniform")
        fixed.add(row.pick + " flows", row.pick);
    if (row.olists != 1)
        fixed.add(fmt::format("{:g} olists", row.olists), fmt::format("olists{:g}", row.olists));
    for (const std::string &words : row.also)
        fixed.add(words, words);
    return fixed;
}

std::string short_number(double value) {
    for (const auto &[unit, sign] :
         std::initializer_list<std::pair<double, const char *>>{{1e6, "M"}, {1e3, "k"}})
        if (value >= unit && std::fmod(value, unit / 10) == 0)
            return fmt::format("{:g}{}", value / unit, sign);
    return fmt::format("{:.10g}", value);
}

PlotPoint point_of(double x, const Spread &spread, double by) {
    return {x, spread.median / by, spread.least / by, spread.most / by};
}

const Spread *cost_of(const SavedRow &row, const std::string &subject) {
    const auto found =
        row.costs.find(subject == "floor" && !row.floor.empty() ? row.floor : subject);
    return found == row.costs.end() || found->second.median == 0 ? nullptr : &found->second;
}

void add_line_plots(std::vector<Plot> &plots, const SavedResult &result) {
    add_lines(plots, result,
              {kFanOut | kMac, "fan-out", "Cost of a copy by fan-out", "copies of a packet",
               "TSC cycles a copy",
               "Everything that a packet costs, from receiving it on, shared out among its copies. "
               "Marks are medians, bars reach from the least to the most of the repeats.",
               Axis::kLinear, Axis::kLogarithmic, [](const SavedRow &row) { return row.fan_out; },
               [](const SavedRow &row) { return row.fan_out; }, mac_words, has_other_macs});
    add_lines(plots, result,
              {kSize | kMac, "size", "Cost of a copy by frame size", "octets of a frame, with FCS",
               "TSC cycles a copy",
               "Frames that are shared cost the same at any size; what is copied costs its octets.",
               Axis::kLogarithmic, Axis::kLogarithmic, size_of,
               [](const SavedRow &row) { return row.fan_out; }, mac_words, has_other_macs});
    add_lines(plots, result,
              {kEntries | kFamily, "entries", "Cost of a packet by table size",
               "(S,G) entries in the table", "TSC cycles a packet",
               "Each packet belongs to any entry with the same chance, the worst case for caches. "
               "The floor and the clones look up in a table of 1,000 entries at most.",
               Axis::kLogarithmic, Axis::kLinear,
               [](const SavedRow &row) { return std::max(row.entries(), 1.0); },
               [](const SavedRow &) { return 1.0; },
               [](const SavedRow &row) { return fmt::format("IPv{:g}", row.family); },
               [](const SavedRow &row) { return row.family != 4; }});
}

} // namespace bench
