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

void add(InterfaceTotals &to, const InterfaceTotals &from) {
    to.in_frames += from.in_frames;
    to.in_octets += from.in_octets;
    to.out_frames += from.out_frames;
    to.out_octets += from.out_octets;
    to.copies_wanted += from.copies_wanted;
    to.copies_sent += from.copies_sent;
    for (std::size_t i = 0; i < kVerdictCount; ++i) {
        to.verdicts[i] += from.verdicts[i];
        to.copy_drops[i] += from.copy_drops[i];
    }
}

InterfaceTotals read(const mgm::InterfaceCounters &row) {
    InterfaceTotals totals;
    totals.in_frames = row.in_frames.read();
    totals.in_octets = row.in_octets.read();
    totals.out_frames = row.out_frames.read();
    totals.out_octets = row.out_octets.read();
    totals.copies_wanted = row.copies_wanted.read();
    totals.copies_sent = row.copies_sent.read();
    for (std::size_t i = 0; i < kVerdictCount; ++i) {
        totals.verdicts[i] = row.verdicts[i].read();
        totals.copy_drops[i] = row.copy_drops[i].read();
    }
    return totals;
}

nlohmann::ordered_json non_zero(const Verdicts &counts) {
    nlohmann::ordered_json json = nlohmann::ordered_json::object();
    for (std::size_t i = 0; i < kVerdictCount; ++i)
        if (counts[i] != 0)
            json[std::string(mgm::kVerdicts[i].name)] = counts[i];
    return json;
}

nlohmann::ordered_json to_json(const InterfaceTotals &totals) {
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
    return total.in_frames == sum(total.verdicts);
}

bool Summary::copies_add_up() const {
    return total.copies_wanted == total.copies_sent + sum(total.copy_drops);
}

Summary summarise(const mgm::Tables &tables) {
    Summary summary;
    const mgm::Geometry &geometry = tables.geometry();
    for (std::uint32_t slot = 0; slot <= geometry.interfaces; ++slot) {
        const mgm::InterfaceRecord *record =
            slot == 0 ? nullptr : tables.interface(mgm::IfSlot{slot});
        InterfaceTotals row;
        for (std::uint32_t worker = 0; worker < geometry.workers; ++worker)
            add(row, read(tables.interface_counters(worker, mgm::IfSlot{slot})));
        row.name = record != nullptr ? record->name.data() : "-";
        row.index = record != nullptr ? record->index : mgm::IfIndex{};
        add(summary.total, row); // a removed interface still counts in the sums
        if (record != nullptr || (slot == 0 && row.in_frames != 0))
            summary.interfaces.push_back(std::move(row));
    }
    for (std::uint32_t worker = 0; worker < geometry.workers; ++worker)
        for (std::size_t event = 0; event < mgm::kEventCount; ++event)
            summary.events[event] += tables.worker_status(worker).events[event].read();
    return summary;
}

std::string to_text(const Summary &summary) {
    std::string text =
        fmt::format("{:<16} {:>14} {:>14} {:>14} {:>14} {:>14}\n", "interface", "received",
                    "forwarded", "dropped", "copies sent", "copies lost");
    const auto append = [&text](const InterfaceTotals &row, std::string_view name) {
        const std::uint64_t forwarded =
            row.verdicts[static_cast<std::size_t>(mgm::Verdict::kForwarded)];
        fmt::format_to(std::back_inserter(text), "{:<16} {:>14} {:>14} {:>14} {:>14} {:>14}\n",
                       name, row.in_frames, forwarded, row.in_frames - forwarded, row.copies_sent,
                       sum(row.copy_drops));
    };
    for (const InterfaceTotals &row : summary.interfaces)
        append(row, row.name);
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
    for (const InterfaceTotals &row : summary.interfaces) {
        nlohmann::ordered_json interface = {{"name", row.name},
                                            {"index", static_cast<std::uint32_t>(row.index)}};
        interface.update(to_json(row));
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
    const InterfaceTotals &total = summary.total;
    const std::uint64_t forwarded =
        total.verdicts[static_cast<std::size_t>(mgm::Verdict::kForwarded)];
    return fmt::format("received {} = forwarded {} + dropped {}: {}; copies wanted {} = sent {} + "
                       "lost {}: {}",
                       total.in_frames, forwarded, sum(total.verdicts) - forwarded,
                       summary.packets_add_up() ? "adds up" : "DOES NOT ADD UP",
                       total.copies_wanted, total.copies_sent, sum(total.copy_drops),
                       summary.copies_add_up() ? "adds up" : "DOES NOT ADD UP");
}

} // namespace apps
