// SPDX-License-Identifier: BSD-3-Clause
// One plot as values, and its picture. gnuplot draws it.
//
// Thread: any.
#pragma once

#include "mgm/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace bench {

/// In the middle of what repeats showed, `least` … `most`.
struct PlotPoint {
    double x = 0, y = 0;
    double least = 0, most = 0;
};

/// Colours that colour-blind people tell apart (Okabe and Ito); lines differ in their marks, too.
enum class Ink : std::uint8_t { kBlue, kBlack, kVermilion, kGreen, kPurple, kOrange, kSky };
inline constexpr unsigned kInks = 7;

struct PlotSeries {
    std::string name;
    Ink ink = Ink::kBlue;
    bool is_dashed = false;
    std::vector<PlotPoint> points;
};

struct PlotTick {
    double at = 0;
    std::string text;
};

enum class Axis : std::uint8_t { kLinear, kLogarithmic };

/// Lines over x; or bars, one group of them for each of `categories`, whose points' x is the
/// category's number.
struct Plot {
    std::string id; ///< a-z, 0-9, '-': how a user names it
    std::string title;
    std::string caption; ///< what is to be seen, for the page
    std::string x_label, y_label;
    Axis x_axis = Axis::kLinear, y_axis = Axis::kLinear;
    std::vector<PlotTick> x_ticks;       ///< empty: gnuplot's choice
    std::vector<std::string> categories; ///< not empty: bars; `y_label` is what they show
    std::vector<PlotSeries> series;
};

/// gnuplot's input. Texts are quoted so that gnuplot takes nothing in them for a command.
std::string script_of(const Plot &plot);

/// kUnavailable names the package to install.
mgm::Result<void> find_gnuplot();

/// The SVG: a white page of its own, so that it can be read on a dark one. kUnavailable: no
/// gnuplot; kInternal: what gnuplot said.
mgm::Result<std::string> draw(const Plot &plot);

} // namespace bench
