// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/wire_output.hpp"

#include "apps/text_table.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace bench {

namespace {

using Json = nlohmann::ordered_json;

constexpr int kSchema = 1;
constexpr double kFullRate = 0.999;
constexpr unsigned kL1Octets = 24; ///< preamble, FCS, gap

double seconds_of(const WireContext &context, std::uint64_t cycles) {
    return static_cast<double>(cycles) / context.tsc_hz;
}
double rate_of(const WireContext &context, std::uint64_t packets, std::uint64_t cycles) {
    return cycles == 0 ? 0 : static_cast<double>(packets) / seconds_of(context, cycles);
}
/// On the wire, preamble and gap counted.
double gigabits(const WireContext &context, std::uint64_t octets, std::uint64_t packets,
                std::uint64_t cycles) {
    return rate_of(context, octets + kL1Octets * packets, cycles) * 8 / 1e9;
}
double nanoseconds(const WireContext &context, double cycles) {
    return cycles / context.tsc_hz * 1e9;
}

class Rows {
public:
    template <class Value>
    void add(std::string name, const Value &value) {
        table_.add({std::move(name), fmt::format("{}", value)});
    }
    std::string render() { return table_.render() + '\n'; }

private:
    apps::TextTable table_{{{"what"}, {"", apps::TextTable::Align::kRight}}};
};

struct Share {
    const char *name;
    double share;
};
constexpr std::array kShares{Share{"p50", 0.5}, Share{"p90", 0.9}, Share{"p99", 0.99},
                             Share{"p99.9", 0.999}, Share{"p99.99", 0.9999}};

Json of(const WireContext &context, const Durations &durations) {
    const auto ns = [&context](auto cycles) {
        return nanoseconds(context, static_cast<double>(cycles));
    };
    Json json{{"count", durations.count()},
              {"min", ns(durations.least())},
              {"mean", ns(durations.mean())}};
    for (const Share &share : kShares)
        json[share.name] = ns(durations.percentile(share.share));
    json["max"] = ns(durations.most());
    return json;
}

void add(Rows &rows, const WireContext &context, std::string_view what,
         const Durations &durations) {
    const auto add_one = [&](std::string_view name, double cycles) {
        rows.add(fmt::format("{} {}, ns", what, name),
                 fmt::format("{:.0f}", nanoseconds(context, cycles)));
    };
    add_one("min", static_cast<double>(durations.least()));
    for (const Share &share : kShares)
        add_one(share.name, static_cast<double>(durations.percentile(share.share)));
    add_one("max", static_cast<double>(durations.most()));
}

Json header(const WireContext &context, std::string_view command) {
    return {{"schema", kSchema}, {"command", command}, {"port", context.port}};
}

} // namespace

bool TransmitReport::is_short(double tsc_hz) const noexcept {
    const WireContext context{{}, tsc_hz};
    return settings.rate != 0 &&
           rate_of(context, counts.sent, counts.cycles) < kFullRate * settings.rate;
}

std::string to_text(const WireContext &context, const TransmitReport &report) {
    const TransmitCounts &counts = report.counts;
    Rows rows;
    rows.add("sent", counts.sent);
    rows.add("flows", counts.flows);
    rows.add("seconds", fmt::format("{:.3f}", seconds_of(context, counts.cycles)));
    rows.add("packets a second",
             fmt::format("{:.0f}", rate_of(context, counts.sent, counts.cycles)));
    rows.add("Gbit/s on the wire",
             fmt::format("{:.3f}", gigabits(context, counts.octets, counts.sent, counts.cycles)));
    rows.add("bursts that the port took in part", counts.short_calls);
    std::string text = rows.render();
    if (report.is_short(context.tsc_hz))
        text += fmt::format("slower than the {:.0f} packets a second that were wanted\n",
                            report.settings.rate);
    if (counts.is_blocked)
        text += "given up: the port took nothing for 2 s\n";
    return text;
}

std::string to_json(const WireContext &context, const TransmitReport &report) {
    const TransmitCounts &counts = report.counts;
    Json json = header(context, "tx");
    json.update({{"seed", report.seed},
                 {"sent", counts.sent},
                 {"octets", counts.octets},
                 {"flows", counts.flows},
                 {"seconds", seconds_of(context, counts.cycles)},
                 {"rate_wanted", report.settings.rate},
                 {"rate", rate_of(context, counts.sent, counts.cycles)},
                 {"is_short", report.is_short(context.tsc_hz)},
                 {"short_calls", counts.short_calls},
                 {"no_mbufs", counts.no_mbufs},
                 {"blocked", counts.is_blocked}});
    return json.dump(2) + '\n';
}

std::string to_text(const WireContext &context, const ReceiveCounts &counts) {
    const FlowCounts &packets = counts.packets;
    Rows rows;
    rows.add("received", packets.received);
    rows.add("lost", packets.lost());
    rows.add("duplicated", packets.duplicated);
    rows.add("reordered", packets.reordered);
    rows.add("too old to tell", packets.too_old);
    rows.add("corrupted", counts.corrupted);
    rows.add("other frames", counts.other);
    rows.add("flows", counts.flows);
    rows.add("flows whose end came", counts.ended_flows);
    rows.add("seconds", fmt::format("{:.3f}", seconds_of(context, counts.cycles)));
    rows.add("packets a second",
             fmt::format("{:.0f}", rate_of(context, packets.received, counts.cycles)));
    if (counts.latency.count() != 0)
        add(rows, context, "latency", counts.latency);
    return rows.render();
}

std::string to_json(const WireContext &context, const ReceiveCounts &counts) {
    const FlowCounts &packets = counts.packets;
    Json json = header(context, "rx");
    json.update({{"expected", packets.expected},
                 {"received", packets.received},
                 {"lost", packets.lost()},
                 {"duplicated", packets.duplicated},
                 {"reordered", packets.reordered},
                 {"too_old", packets.too_old},
                 {"corrupted", counts.corrupted},
                 {"other", counts.other},
                 {"octets", counts.octets},
                 {"flows", counts.flows},
                 {"ended_flows", counts.ended_flows},
                 {"seconds", seconds_of(context, counts.cycles)},
                 {"rate", rate_of(context, packets.received, counts.cycles)},
                 {"flawless", counts.is_flawless()}});
    if (counts.latency.count() != 0)
        json["latency_ns"] = of(context, counts.latency);
    return json.dump(2) + '\n';
}

std::string to_text(const WireContext &context, const ReplayReport &report) {
    const ReplayCounts &counts = report.counts;
    Rows rows;
    rows.add("frames in the file", report.frames);
    rows.add("of them captured in part", report.cut_frames);
    rows.add("sent", counts.sent);
    rows.add("seconds", fmt::format("{:.6f}", seconds_of(context, counts.cycles)));
    rows.add("packets a second",
             fmt::format("{:.0f}", rate_of(context, counts.sent, counts.cycles)));
    rows.add("frames that the port took late", counts.short_calls);
    if (counts.lateness.count() != 0)
        add(rows, context, "late by", counts.lateness);
    return rows.render() + (counts.is_blocked ? "given up: the port took nothing for 2 s\n" : "");
}

std::string to_json(const WireContext &context, const ReplayReport &report) {
    const ReplayCounts &counts = report.counts;
    Json json = header(context, "replay");
    json.update({{"file", report.file},
                 {"frames", report.frames},
                 {"cut_frames", report.cut_frames},
                 {"speed", report.settings.speed},
                 {"loops", report.settings.loops},
                 {"sent", counts.sent},
                 {"octets", counts.octets},
                 {"seconds", seconds_of(context, counts.cycles)},
                 {"rate", rate_of(context, counts.sent, counts.cycles)},
                 {"short_calls", counts.short_calls},
                 {"blocked", counts.is_blocked}});
    if (counts.lateness.count() != 0)
        json["lateness_ns"] = of(context, counts.lateness);
    return json.dump(2) + '\n';
}

} // namespace bench
