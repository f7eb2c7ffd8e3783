// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/report_page.hpp"

#include "apps/version.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace bench {

namespace {

// The policy lets the page do nothing but show itself, whatever a result smuggles in.
constexpr const char *kHead = R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>mgmbench</title>
<style>
:root { color-scheme: light dark; --line: #8886; --soft: #8882; --bad: #c5401b; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; }
h1 { font-size: 1.6rem; } h2 { font-size: 1.3rem; margin-top: 3rem; } h3 { font-size: 1.1rem; }
figure { margin: 1.5rem 0; }
figure svg { background: #fff; border: 1px solid var(--line); border-radius: 6px; max-width: 100%; height: auto; }
figcaption { font-size: .9rem; max-width: 50rem; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; }
th, td { padding: .25rem .7rem; border-bottom: 1px solid var(--line); text-align: right; white-space: nowrap; }
th { text-align: right; vertical-align: bottom; background: var(--soft); }
th:first-child, td:first-child, .facts td, .facts th { text-align: left; }
.facts td { white-space: normal; }
code { background: var(--soft); padding: .1rem .3rem; border-radius: 3px; overflow-wrap: anywhere; white-space: pre-wrap; }
.missed, .warning { color: var(--bad); font-weight: 600; }
</style>
</head>
<body>
<h1>How fast does mgm replicate?</h1>
)";

constexpr const char *kLegend =
    "<p>Cycles are the time stamp counter's; figures are medians of the repeats, ± is half of "
    "what lies between the least and the most. <i>mgm</i> is the router's worker; the "
    "<i>floor</i> does what no forwarder can do without, on the same core in the same minutes; "
    "<i>clone</i> makes an indirect buffer for each copy; <i>ceiling</i> copies and does nothing "
    "else; the <i>generator</i>'s cycles are part of all of them.</p>\n";

std::string number(double value, int decimals = 1) {
    return value == 0 ? "–" : fmt::format("{:.{}f}", value, decimals);
}

std::string median_of(const SavedRow &row, const std::string &subject) {
    const auto found = row.costs.find(subject);
    return found == row.costs.end() ? "–" : number(found->second.median);
}

std::string cells(const std::vector<std::string> &texts) {
    std::string line = "<tr>";
    for (const std::string &text : texts)
        line += fmt::format("<td>{}</td>", escaped(text));
    return line;
}

std::string head_cells(const std::vector<std::string> &texts) {
    std::string line = "<div class=\"wide\"><table>\n<tr>";
    for (const std::string &text : texts)
        line += fmt::format("<th>{}</th>", escaped(text));
    return line + "</tr>\n";
}

std::string target_of(const SavedRow &row) {
    return row.target ? fmt::format("≤ {:.2f} × {}", row.target->at_most,
                                    row.target->against.empty() ? "floor" : row.target->against)
                      : "";
}

/// The last cell: the one with a colour.
std::string verdict_cell(const SavedRow &row) {
    if (!row.verdict)
        return "<td></td>";
    return fmt::format("<td{}>{:.2f} {}</td>", row.verdict->is_met ? "" : " class=\"missed\"",
                       row.verdict->value, row.verdict->is_met ? "met" : "missed");
}

std::string cost_table(const SavedResult &result) {
    std::string lines;
    for (const SavedRow &row : result.rows) {
        if (row.floor.empty()) // something else was measured
            continue;
        const auto measured = row.costs.find("mgm"); // not there when no trial counts
        const Spread ours = measured == row.costs.end() ? Spread{} : measured->second;
        const double copies = row.copies_a_packet;
        lines +=
            cells({row.name, number(row.million_packets, 2), number(row.million_packets * copies),
                   number(ours.median), copies == 0 ? "–" : number(ours.median / copies),
                   fmt::format("{:.0f} %", ours.share() * 100), median_of(row, row.floor),
                   number(row.ratio.median, 2), median_of(row, "clone"), median_of(row, "ceiling"),
                   median_of(row, "generator"), target_of(row)}) +
            verdict_cell(row) + "</tr>\n";
    }
    if (lines.empty())
        return "";
    return "<h3>Cost of each scenario</h3>\n" +
           head_cells({"scenario", "Mpps in", "Mpps out", "cycles a packet", "cycles a copy", "±",
                       "floor", "times the floor", "clone", "ceiling", "generator", "target",
                       "result"}) +
           lines + "</table></div>\n";
}

std::string nanoseconds(double ns) {
    return ns < 10'000 ? fmt::format("{:.0f} ns", ns) : fmt::format("{:.1f} µs", ns / 1e3);
}

/// Of all loads, each once; as many as there is room for.
std::vector<double> percents_of(const SavedRow &row) {
    constexpr std::size_t kMostColumns = 20;
    std::vector<double> percents;
    for (const SavedLoad &load : row.latency)
        for (const auto &[percent, ns] : load.percentiles)
            percents.push_back(percent);
    std::sort(percents.begin(), percents.end());
    percents.erase(std::unique(percents.begin(), percents.end()), percents.end());
    percents.resize(std::min(percents.size(), kMostColumns));
    return percents;
}

std::string latency_table(const SavedRow &row) {
    if (row.latency.empty())
        return "";
    const std::vector<double> percents = percents_of(row);
    std::vector<std::string> head{"load", "samples", "least", "average"};
    for (const double percent : percents)
        head.push_back(fmt::format("p{:g}", percent));
    head.insert(head.end(), {"most", "first to last port"});
    std::string text = fmt::format("<h3>Latency: {}</h3>\n", escaped(row.name)) + head_cells(head);
    for (const SavedLoad &load : row.latency) {
        std::vector<std::string> line{load.name, fmt::format("{:.0f}", load.samples),
                                      nanoseconds(load.min), nanoseconds(load.avg)};
        for (const double percent : percents) {
            const auto at = std::find_if(load.percentiles.begin(), load.percentiles.end(),
                                         [percent](const auto &p) { return p.first == percent; });
            line.push_back(at == load.percentiles.end() ? "–" : nanoseconds(at->second));
        }
        line.push_back(nanoseconds(load.max));
        std::string spread;
        for (const auto &[what, ns] : load.spread)
            spread += fmt::format("{}{} {}", spread.empty() ? "" : ", ", what, nanoseconds(ns));
        line.push_back(spread);
        text += cells(line) + "</tr>\n";
    }
    return text + "</table></div>\n";
}

std::string throughput_table(const SavedResult &result) {
    std::string lines;
    for (const SavedRow &row : result.rows)
        if (row.ndr_pps && row.pdr_pps)
            lines += cells({row.name, number(*row.ndr_pps / 1e6, 3), number(*row.pdr_pps / 1e6, 3),
                            number(*row.ndr_pps * row.fan_out / 1e6, 3)}) +
                     "</tr>\n";
    return lines.empty()
               ? ""
               : "<h3>Highest rates</h3>\n" +
                     head_cells({"scenario", "NDR, Mpps in", "PDR, Mpps in", "NDR, Mpps out"}) +
                     lines + "</table></div>\n";
}

std::string warnings_of(const SavedResult &result) {
    std::string lines;
    const auto add = [&lines](const SavedRow &row, const std::string &what) {
        lines += fmt::format("<li>{}: {}</li>\n", escaped(row.name), escaped(what));
    };
    for (const SavedRow &row : result.rows) {
        for (const std::string &reason : row.not_counted)
            add(row, "not counted: " + reason);
        if (row.is_generator_limited)
            add(row, "generator-limited: making packets took most of the time");
    }
    return lines.empty() ? "<p>Every trial counted, and none was generator-limited.</p>\n"
                         : "<h3 class=\"warning\">Warnings</h3>\n<ul>\n" + lines + "</ul>\n";
}

std::string facts_of(const SavedResult &result) {
    std::string text = "<div class=\"wide\"><table class=\"facts\">\n";
    const auto add = [&text](const std::string &what, const std::string &value) {
        text += fmt::format("<tr><th>{}</th><td>{}</td></tr>\n", escaped(what), escaped(value));
    };
    for (const auto &[what, value] : result.machine)
        add(what, value);
    add("begun", result.started);
    add("seed", result.seed);
    add("trials", result.repeats == 0 ? fmt::format("{:g} s", result.trial_seconds)
                                      : fmt::format("{:g} of {:g} s for each subject",
                                                    result.repeats, result.trial_seconds));
    if (!result.command.empty())
        text += fmt::format("<tr><th>command</th><td><code>{}</code></td></tr>\n",
                            escaped(result.command));
    return text + "</table></div>\n";
}

std::string section_of(const PageSection &section) {
    const SavedResult &result = section.result;
    std::string text = fmt::format(
        "<h2>{}</h2>\n",
        escaped(result.suite.empty() ? result.file
                                     : fmt::format("{} ({})", result.suite, result.file)));
    text += facts_of(result) + warnings_of(result);
    for (const DrawnPlot &drawn : section.plots)
        text +=
            fmt::format("<figure id=\"{}\">\n{}<figcaption>{} <code>--plot {}</code></figcaption>"
                        "\n</figure>\n",
                        drawn.plot.id, drawn.svg, escaped(drawn.plot.caption), drawn.plot.id);
    text += cost_table(result);
    for (const SavedRow &row : result.rows)
        text += latency_table(row);
    return text + throughput_table(result);
}

} // namespace

std::string escaped(const std::string &text) {
    std::string out;
    for (const char c : text)
        switch (c) {
        case '&':
            out += "&amp;";
            break;
        case '<':
            out += "&lt;";
            break;
        case '>':
            out += "&gt;";
            break;
        case '"':
            out += "&quot;";
            break;
        case '\'':
            out += "&#39;";
            break;
        default:
            out += static_cast<unsigned char>(c) < ' ' ? ' ' : c;
        }
    return out;
}

std::string page_of(const std::vector<PageSection> &sections) {
    std::string page = std::string(kHead) + kLegend;
    for (const PageSection &section : sections)
        page += section_of(section);
    return page + fmt::format("<hr><p>mgmbench {}</p>\n</body>\n</html>\n", apps::kVersion);
}

} // namespace bench
