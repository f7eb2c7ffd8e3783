// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmd_summary.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <iterator>
#include <numeric>

namespace apps {

namespace {

using mgm::kVerdictCount;
using Verdicts = std::array<std::uint64_t, kVerdictCount>;

nlohmann::ordered_json non_zero(const Verdicts &counts) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < kVerdictCount; ++i)
        if (counts[i] != 0)
            json[std::string(mgm::kVerdicts[i].name)] = counts[i];
    return json;
}

nlohmann::ordered_json to_json(const mgm::InterfaceSums &totals) {
    return {{"in_frames", totals.in_frames},         {"in_octets", totals.in_octets},
            {"out_frames", totals.out_frames},       {"out_octets", totals.out_octets},
            {"copies_wanted", totals.copies_wanted}, {"copies_sent", totals.copies_sent},
            {"verdicts", non_zero(totals.verdicts)}, {"copy_drops", non_zero(totals.copy_drops)}};
}

std::uint64_t sum(const Verdicts &counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void append_counts(std::string &text, const Verdicts &counts, std::string_view title) {
    if (sum(counts) == 0)
        return;
    fmt::format_to(std::back_inserter(text), "\n{}\n", title);
    for (std::size_t i = 0; i < kVerdictCount; ++i)
        if (counts[i] != 0)
            fmt::format_to(std::back_inserter(text), "  {:<22} {:>14}  {}\n",
                           mgm::kVerdicts[i].name, counts[i], mgm::kVerdicts[i].text);
}

} // namespace

bool Summary::packets_add_up() const {
    return mgm::received_identity(total, held).holds();
}

bool Summary::copies_add_up() const {
    return total.copies_wanted == total.copies_sent + sum(total.copy_drops);
}

Summary summarise(const mgm::Tables &tables) {
    const mgm::SegmentReader segment(tables);
    Summary summary;
    summary.total = segment.total_sums();
    summary.events = segment.event_sums();
    summary.held = segment.held();
    const mgm::InterfaceSums nowhere = segment.interface_sums(mgm::kNoSlot);
    if (nowhere.in_frames != 0)
        summary.interfaces.push_back({{}, "-", nowhere});
    segment.visit_interfaces([&](const mgm::InterfaceCopy &interface) {
        summary.interfaces.push_back(
            {interface.index, interface.name, segment.interface_sums(interface.slot)});
    });
    return summary;
}

std::string to_text(const Summary &summary) {
    std::string text =
        fmt::format("{:<16} {:>14} {:>14} {:>14} {:>14} {:>14}\n", "interface", "received",
                    "forwarded", "dropped", "copies sent", "copies lost");
    const auto append = [&text](const mgm::InterfaceSums &row, std::string_view name) {
        const std::uint64_t forwarded =
            row.verdicts[static_cast<std::size_t>(mgm::Verdict::kForwarded)];
        fmt::format_to(std::back_inserter(text), "{:<16} {:>14} {:>14} {:>14} {:>14} {:>14}\n",
                       name, row.in_frames, forwarded, row.in_frames - forwarded, row.copies_sent,
                       sum(row.copy_drops));
    };
    for (const InterfaceRow &row : summary.interfaces)
        append(row.sums, row.name);
    append(summary.total, "total");
    append_counts(text, summary.total.verdicts, "packets by verdict");
    append_counts(text, summary.total.copy_drops, "copies lost by reason");
    for (std::size_t i = 0; i < mgm::kEventCount; ++i)
        if (summary.events[i] != 0)
            fmt::format_to(std::back_inserter(text), "event {:<24} {:>14}\n", mgm::kEventNames[i],
                           summary.events[i]);
    fmt::format_to(std::back_inserter(text), "\n{}\n", to_line(summary));
    return text;
}

std::string to_json(const Summary &summary) {
    nlohmann::ordered_json json;
    json["schema"] = 1;
    json["interfaces"] = nlohmann::ordered_json::array();
    for (const InterfaceRow &row : summary.interfaces) {
        nlohmann::ordered_json interface = {{"name", row.name},
                                            {"index", static_cast<std::uint32_t>(row.index)}};
        interface.update(to_json(row.sums));
        json["interfaces"].push_back(std::move(interface));
    }
    json["total"] = to_json(summary.total);
    json["events"] = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < mgm::kEventCount; ++i)
        if (summary.events[i] != 0)
            json["events"][std::string(mgm::kEventNames[i])] = summary.events[i];
    json["identities"] = {{"packets", summary.packets_add_up()},
                          {"copies", summary.copies_add_up()}};
    return json.dump(2);
}

std::string to_line(const Summary &summary) {
    const mgm::InterfaceSums &total = summary.total;
    const std::uint64_t forwarded =
        total.verdicts[static_cast<std::size_t>(mgm::Verdict::kForwarded)];
    const std::string held = summary.held == 0 ? "" : fmt::format("held {} + ", summary.held);
    return fmt::format("received {} = forwarded {} + {}dropped {}: {}; copies wanted {} = sent {} "
                       "+ lost {}: {}",
                       total.in_frames, forwarded, held, sum(total.verdicts) - forwarded,
                       summary.packets_add_up() ? "adds up" : "DOES NOT ADD UP",
                       total.copies_wanted, total.copies_sent, sum(total.copy_drops),
                       summary.copies_add_up() ? "adds up" : "DOES NOT ADD UP");
}

} // namespace apps
