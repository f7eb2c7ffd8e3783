// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/trial.hpp"

#include <algorithm>
#include <numeric>

namespace bench {

namespace {

double quotient(double a, double b) noexcept {
    return b == 0 ? 0 : a / b;
}

} // namespace

std::string_view to_string(Subject subject) {
    switch (subject) {
    case Subject::kRouter:
        return "mgm";
    case Subject::kFloor:
        return "floor";
    case Subject::kFlat:
        return "flat";
    case Subject::kClone:
        return "clone";
    case Subject::kCeiling:
        return "ceiling";
    case Subject::kGenerator:
        return "generator";
    }
    return "?";
}

double Trial::cycles_a_packet() const noexcept {
    return quotient(static_cast<double>(meter.cycles), static_cast<double>(meter.packets));
}

double Trial::cycles_a_copy() const noexcept {
    return quotient(static_cast<double>(meter.cycles), static_cast<double>(copies));
}

Spread Spread::of(std::vector<double> values) {
    if (values.empty())
        return {};
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    const double median =
        values.size() % 2 != 0 ? values[middle] : std::midpoint(values[middle - 1], values[middle]);
    return {median, values.front(), values.back()};
}

double Spread::share() const noexcept {
    return quotient((most - least) / 2, median);
}

bool RowResult::has(Subject subject) const {
    return std::any_of(trials.begin(), trials.end(), [subject](const Trial &trial) {
        return trial.subject == subject && trial.invalid.empty();
    });
}

Spread RowResult::cost(Subject subject) const {
    std::vector<double> costs;
    for (const Trial &trial : trials)
        if (trial.subject == subject && trial.invalid.empty())
            costs.push_back(trial.cycles_a_packet());
    return Spread::of(std::move(costs));
}

Subject RowResult::best_floor() const {
    return has(Subject::kFlat) && cost(Subject::kFlat).median < cost(Subject::kFloor).median
               ? Subject::kFlat
               : Subject::kFloor;
}

Spread RowResult::ratio() const {
    const Subject floor = best_floor();
    std::vector<double> ratios;
    for (const Trial &ours : trials)
        for (const Trial &floors : trials)
            if (ours.subject == Subject::kRouter && floors.subject == floor &&
                ours.repeat == floors.repeat && ours.invalid.empty() && floors.invalid.empty())
                ratios.push_back(quotient(ours.cycles_a_packet(), floors.cycles_a_packet()));
    return Spread::of(std::move(ratios));
}

bool RowResult::is_generator_limited() const {
    return has(Subject::kGenerator) &&
           cost(Subject::kGenerator).median > 0.8 * cost(Subject::kRouter).median;
}

double RowResult::million_packets(Subject subject, double tsc_hz) const {
    return quotient(tsc_hz, cost(subject).median) / 1e6;
}

double RowResult::copies_a_packet(Subject subject) const {
    std::uint64_t copies = 0, packets = 0;
    for (const Trial &trial : trials)
        if (trial.subject == subject && trial.invalid.empty()) {
            copies += trial.copies;
            packets += trial.meter.packets;
        }
    return quotient(static_cast<double>(copies), static_cast<double>(packets));
}

double RowResult::updates_a_second(double tsc_hz) const {
    std::vector<double> rates;
    for (const Trial &trial : trials)
        if (trial.subject == Subject::kRouter && trial.invalid.empty())
            rates.push_back(quotient(static_cast<double>(trial.updates) * tsc_hz,
                                     static_cast<double>(trial.meter.cycles)));
    return Spread::of(std::move(rates)).median;
}

std::optional<Verdict> judge(const RowResult &result, const std::vector<RowResult> &all) {
    if (!result.row.target || !result.has(Subject::kRouter))
        return std::nullopt;
    const Target &target = *result.row.target;
    if (target.against.empty()) {
        const double ratio = result.ratio().median;
        return Verdict{ratio, ratio > 0 && ratio <= target.at_most};
    }
    const auto other = std::find_if(all.begin(), all.end(), [&target](const RowResult &candidate) {
        return candidate.row.scenario.name == target.against;
    });
    if (other == all.end() || !other->has(Subject::kRouter))
        return std::nullopt;
    const double ratio =
        quotient(result.cost(Subject::kRouter).median, other->cost(Subject::kRouter).median);
    return Verdict{ratio, ratio <= target.at_most};
}

} // namespace bench
