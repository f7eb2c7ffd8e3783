// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/live.hpp"
#include "apps/bench/trial.hpp"
#include "apps/text_table.hpp"
#include "mgm/verdict.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <nlohmann/json.hpp>

namespace bench {

namespace {

using Json = nlohmann::ordered_json;
constexpr int kSchema = 1;
constexpr double kSaturated = 0.2; ///< share of full rings: below, the producer was the slower one

double rate(const LiveTrial &trial, double packets) {
    return trial.seconds == 0 ? 0 : packets / trial.seconds;
}
double copies_a_packet(const LiveTrial &trial) {
    return trial.sums.in_frames == 0 ? 0
                                     : static_cast<double>(trial.sums.copies_sent) /
                                           static_cast<double>(trial.sums.in_frames);
}
double cycles_a_packet(const LiveTrial &trial) {
    return trial.measured == 0
               ? 0
               : static_cast<double>(trial.cycles) / static_cast<double>(trial.measured);
}

double full_share(const LiveTrial &trial) {
    return trial.feeds == 0 ? 0
                            : static_cast<double>(trial.full) / static_cast<double>(trial.feeds);
}

template <class Value>
Spread spread(const LiveResult &result, Value &&value) {
    std::vector<double> values;
    for (const LiveTrial &trial : result.trials)
        if (trial.invalid.empty())
            values.push_back(value(trial));
    return Spread::of(std::move(values));
}

Json by_name(const std::array<std::uint64_t, mgm::kVerdictCount> &counts) {
    Json json = Json::object();
    for (std::size_t v = 0; v < counts.size(); ++v)
        if (counts.at(v) != 0)
            json[mgm::name_of(static_cast<mgm::Verdict>(v))] = counts.at(v);
    return json;
}

Json of(const LiveTrial &trial) {
    Json json{{"seconds", trial.seconds},
              {"cycles", trial.cycles},
              {"measured", trial.measured},
              {"feeds", trial.feeds},
              {"full", trial.full},
              {"offered", trial.offered},
              {"received", trial.sums.in_frames},
              {"verdicts", by_name(trial.sums.verdicts)},
              {"copies_wanted", trial.sums.copies_wanted},
              {"copies_sent", trial.sums.copies_sent},
              {"copy_drops", by_name(trial.sums.copy_drops)},
              {"drained", trial.drained},
              {"valid", trial.invalid.empty()}};
    if (!trial.invalid.empty())
        json["reason"] = trial.invalid;
    return json;
}

/// Of all trials.
std::string ends_of(const LiveResult &result) {
    mgm::InterfaceSums sums;
    for (const LiveTrial &trial : result.trials)
        sums.add(trial.sums);
    apps::TextTable table({{"what became of packets"},
                           {"count", apps::TextTable::Align::kRight},
                           {"share", apps::TextTable::Align::kRight}});
    const auto add = [&table](std::string name, std::uint64_t count, std::uint64_t of) {
        if (count != 0)
            table.add({std::move(name), fmt::format("{}", count),
                       fmt::format("{:.2f} %",
                                   static_cast<double>(count) * 100 / static_cast<double>(of))});
    };
    for (std::size_t v = 0; v < mgm::kVerdictCount; ++v)
        add(std::string(mgm::name_of(static_cast<mgm::Verdict>(v))), sums.verdicts.at(v),
            sums.in_frames);
    for (std::size_t v = 0; v < mgm::kVerdictCount; ++v)
        add(fmt::format("copies lost: {}", mgm::name_of(static_cast<mgm::Verdict>(v))),
            sums.copy_drops.at(v), sums.copies_wanted);
    return table.render();
}

} // namespace

std::string to_text(const LiveResult &result, double tsc_hz) {
    const auto million = [](double a_second) { return fmt::format("{:.3f}", a_second / 1e6); };
    const Spread in = spread(result, [](const LiveTrial &trial) {
        return rate(trial, static_cast<double>(trial.measured));
    });
    const Spread out = spread(result, [](const LiveTrial &trial) {
        return rate(trial, static_cast<double>(trial.measured)) * copies_a_packet(trial);
    });
    std::string text = fmt::format(
        "from {} to {} ports, {} entries, {} VLANs: {} Mpps in (+-{:.0f} %), {} Mpps out, {:.0f} "
        "TSC cycles a packet\n{}; TSC {:.3f} GHz; medians of {} trials of {} s\n\n{}",
        result.settings.ingress.empty() ? "frames made in process" : result.settings.ingress,
        result.fan_out, result.entries, result.vlans, million(in.median), in.share() * 100,
        million(out.median), spread(result, cycles_a_packet).median, result.cores, tsc_hz / 1e9,
        result.trials.size(), result.settings.run.seconds, ends_of(result));
    if (result.settings.ingress == "ring") {
        const double full = spread(result, full_share).median;
        text += fmt::format("\nthe ring was full {:.1f} % of the times that it was offered packets"
                            "{}\n",
                            full * 100, full < kSaturated ? ": generator-limited" : "");
    }
    for (std::size_t k = 0; k < result.trials.size(); ++k)
        if (!result.trials[k].invalid.empty())
            text += fmt::format("not counted, trial {}: {}\n", k + 1, result.trials[k].invalid);
    return text;
}

std::string to_json(const LiveResult &result, double tsc_hz) {
    Json trials = Json::array();
    for (const LiveTrial &trial : result.trials)
        trials.push_back(of(trial));
    const Json json{{"schema", kSchema},
                    {"ingress", result.settings.ingress},
                    {"sinks", result.settings.sinks},
                    {"ports", result.fan_out},
                    {"entries", result.entries},
                    {"vlans", result.vlans},
                    {"cores", result.cores},
                    {"tsc_hz", tsc_hz},
                    {"seed", result.settings.run.seed},
                    {"trial_seconds", result.settings.run.seconds},
                    {"trials", trials}};
    return json.dump(2) + '\n';
}

} // namespace bench
