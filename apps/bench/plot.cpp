// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/plot.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <limits>
#include <utility>

namespace bench {

namespace {

constexpr std::array<std::string_view, kInks> kColours{"#0072b2", "#000000", "#d55e00", "#009e73",
                                                       "#aa4499", "#e69f00", "#56b4e9"};
constexpr std::array<unsigned, kInks> kMarks{7, 5, 9, 13, 11, 6, 4};
constexpr unsigned kWidth = 800;
constexpr unsigned kBarsWidth = 1000; ///< long names stand beside them
constexpr unsigned kLineHeight = 460;

/// In single quotes gnuplot runs nothing and expands nothing. A quote inside becomes a typographic
/// one, and no control character may end the line.
std::string quoted(std::string_view text) {
    std::string out = "'";
    for (const char c : text)
        if (c == '\'')
            out += "\u2019";
        else
            out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
    return out + "'";
}

/// A tick's text is a format: percent signs are written twice.
std::string ticks_text(const std::vector<PlotTick> &ticks) {
    std::string text;
    for (const PlotTick &tick : ticks) {
        std::string format;
        for (const char c : tick.text)
            format.append(c == '%' ? 2 : 1, c);
        text += fmt::format("{}{} {:.12g}", text.empty() ? "" : ", ", quoted(format), tick.at);
    }
    return text;
}

struct Extent {
    double least = std::numeric_limits<double>::max();
    double most = 0;

    void take(double value) noexcept {
        least = std::min(least, value);
        most = std::max(most, value);
    }
};

/// Of x, and of y with its spread.
std::pair<Extent, Extent> extents_of(const Plot &plot) {
    Extent x, y;
    for (const PlotSeries &series : plot.series)
        for (const PlotPoint &point : series.points) {
            x.take(point.x);
            y.take(point.least);
            y.take(point.most);
        }
    return {x, y};
}

/// A little more than what there is to be seen.
std::string x_range(const Plot &plot, const Extent &x) {
    constexpr double kFactor = 1.25;
    constexpr double kShare = 0.03;
    if (plot.x_axis == Axis::kLogarithmic)
        return fmt::format("set logscale x\nset xrange [{:.12g}:{:.12g}]\n",
                           std::max(x.least, 1e-9) / kFactor, std::max(x.most, 1e-9) * kFactor);
    const double margin = std::max((x.most - x.least) * kShare, 1e-9);
    return fmt::format("set xrange [{:.12g}:{:.12g}]\n", x.least - margin, x.most + margin);
}

bool has_spread(const PlotSeries &series) {
    return std::any_of(series.points.begin(), series.points.end(),
                       [](const PlotPoint &point) { return point.least < point.most; });
}

/// 1, 2, 5, 10, 20 … from below `extent` to above it.
std::vector<PlotTick> steps_around(const Extent &extent) {
    std::vector<PlotTick> ticks;
    const double least = std::max(extent.least, 1e-3);
    const bool is_wide = extent.most / least > 3000; // only powers of ten then
    for (double decade = std::pow(10, std::floor(std::log10(least)));
         decade <= std::max(extent.most, least) * 10 && ticks.size() < 50; decade *= 10)
        for (const double step : {1.0, 2.0, 5.0})
            if (!is_wide || step == 1.0)
                ticks.push_back({decade * step, fmt::format("{:g}", decade * step)});
    const auto above = std::find_if(ticks.begin(), ticks.end(), [&extent](const PlotTick &tick) {
        return tick.at >= extent.most;
    });
    if (above != ticks.end())
        ticks.erase(std::next(above), ticks.end());
    const auto first = std::find_if(ticks.begin(), ticks.end(),
                                    [least](const PlotTick &tick) { return tick.at > least; });
    if (first - ticks.begin() > 1)
        ticks.erase(ticks.begin(), std::prev(first));
    return ticks;
}

std::string data_blocks(const Plot &plot) {
    std::string text;
    for (std::size_t k = 0; k < plot.series.size(); ++k) {
        text += fmt::format("$data{} << END\n", k);
        for (const PlotPoint &point : plot.series[k].points)
            text += fmt::format("{:.12g} {:.12g} {:.12g} {:.12g}\n", point.x, point.y, point.least,
                                point.most);
        text += "END\n";
    }
    return text;
}

std::string head_of(const Plot &plot, unsigned width, unsigned height) {
    std::string name = "plot_" + plot.id; // in front of what the SVG names
    std::replace(name.begin(), name.end(), '-', '_');
    return fmt::format("set encoding utf8\n"
                       "set terminal svg size {},{} fixed noenhanced font 'sans-serif,14' "
                       "background rgb 'white' name '{}'\n"
                       "set title {} font 'sans-serif,16'\n"
                       "set border 3 linecolor rgb '#606060'\n"
                       "set tics nomirror out textcolor rgb '#303030'\n"
                       "set errorbars small linewidth 1\n"
                       "set style fill solid 0.85 noborder\n"
                       "set grid linetype 1 linewidth 0.6 linecolor rgb '#d8d8d8'\n",
                       width, height, name, quoted(plot.title));
}

std::string lines_of(const Plot &plot) {
    std::string text = head_of(plot, kWidth, kLineHeight);
    text += fmt::format(
        "set key bottom center outside vertical maxrows 3 samplen 4 width 1 height 0.4\n"
        "set xlabel {} offset 0,0.3\nset ylabel {}\n",
        quoted(plot.x_label), quoted(plot.y_label));
    const auto [x, extent] = extents_of(plot);
    text += x_range(plot, x);
    if (!plot.x_ticks.empty())
        text += fmt::format("set xtics ({})\n", ticks_text(plot.x_ticks));
    if (plot.y_axis == Axis::kLogarithmic) {
        const std::vector<PlotTick> ticks = steps_around(extent);
        text += fmt::format("set logscale y\nset ytics ({})\nset yrange [{:.12g}:{:.12g}]\n",
                            ticks_text(ticks), ticks.front().at, ticks.back().at);
    } else {
        text += fmt::format("set yrange [0:{:.12g}]\n", extent.most > 0 ? extent.most * 1.08 : 1);
    }
    text += data_blocks(plot) + "plot";
    for (std::size_t k = 0; k < plot.series.size(); ++k) {
        const PlotSeries &series = plot.series[k];
        const auto ink = static_cast<std::size_t>(series.ink);
        const std::string style =
            fmt::format("linewidth 2 dashtype {} pointtype {} pointsize 0.7 linecolor rgb '{}'",
                        series.is_dashed ? "'-'" : "1", kMarks.at(ink), kColours.at(ink));
        // The key shows the line without its error bar, which would hide the dashes.
        text +=
            fmt::format("{} $data{} using 1:2:3:4 with {} {} notitle, keyentry with "
                        "linespoints {} title {}",
                        k == 0 ? "" : ",", k, has_spread(series) ? "yerrorlines" : "linespoints",
                        style, style, quoted(series.name));
    }
    return text + "\n";
}

/// Lying bars: their names are long.
std::string bars_of(const Plot &plot) {
    const std::size_t bars = plot.categories.size() * plot.series.size();
    std::string text = head_of(plot, kBarsWidth, static_cast<unsigned>(120 + 26 * bars));
    const double thickness = 0.8 / static_cast<double>(plot.series.size());
    std::vector<PlotTick> ticks;
    for (std::size_t k = 0; k < plot.categories.size(); ++k)
        ticks.push_back({static_cast<double>(k), plot.categories[k]});
    text += fmt::format("set key center right outside vertical Left reverse samplen 1.5\n"
                        "set xlabel {}\nset grid noytics xtics\nset ytics ({}) scale 0\n"
                        "set yrange [{}:-0.6]\nset xrange [0:{:.12g}]\n",
                        quoted(plot.y_label), ticks_text(ticks),
                        static_cast<double>(plot.categories.size()) - 0.4,
                        std::max(extents_of(plot).second.most * 1.08, 1e-9));
    text += data_blocks(plot) + "plot";
    for (std::size_t k = 0; k < plot.series.size(); ++k) {
        const double above = -0.4 + thickness * static_cast<double>(k);
        const auto ink = static_cast<std::size_t>(plot.series[k].ink);
        text += fmt::format("{} $data{} using 2:1:(0):2:($1+{:.6g}):($1+{:.6g}) with boxxyerror "
                            "linecolor rgb '{}' title {}",
                            k == 0 ? "" : ",", k, above, above + thickness * 0.92, kColours.at(ink),
                            quoted(plot.series[k].name));
        if (!has_spread(plot.series[k]))
            continue;
        text += fmt::format(", $data{} using 2:($1+{:.6g}):3:4 with xerrorbars pointtype 0 "
                            "linewidth 1.5 linecolor rgb '#404040' notitle",
                            k, above + thickness * 0.46);
    }
    return text + "\n";
}

} // namespace

std::string script_of(const Plot &plot) {
    return plot.categories.empty() ? lines_of(plot) : bars_of(plot);
}

} // namespace bench
