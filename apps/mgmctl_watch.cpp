// SPDX-License-Identifier: BSD-3-Clause
// Rates: two samples, the difference over the time that really passed between them.
#include "apps/mgmctl_json.hpp"
#include "apps/mgmctl_show.hpp"
#include "apps/mgmctl_text.hpp"
#include "apps/text_table.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <thread>
#include <utility>

namespace apps {

namespace {

using Align = TextTable::Align;
using Clock = std::chrono::steady_clock;

constexpr std::string_view kClearScreen = "\x1b[H\x1b[2J";
constexpr std::size_t kBusiestRoutes = 40;
constexpr double kBitsPerOctet = 8;

/// What is counted under one name, and how fast it grows.
using Numbers = std::map<std::string, std::uint64_t>;
using Rates = std::map<std::string, double>;

struct Row {
    std::string name;
    Numbers numbers;
};
struct RateRow {
    std::string name;
    Rates rates; ///< per second
};

/// A counter that went back (its entry was made anew) counts from zero.
double rate(std::uint64_t before, std::uint64_t after, double seconds) {
    return static_cast<double>(after >= before ? after - before : after) / seconds;
}

std::vector<RateRow> rates_of(const std::vector<Row> &before, const std::vector<Row> &after,
                              double seconds) {
    std::unordered_map<std::string_view, const Numbers *> old;
    for (const Row &row : before)
        old.emplace(row.name, &row.numbers);
    std::vector<RateRow> result;
    result.reserve(after.size());
    for (const Row &row : after) {
        const auto was = old.find(row.name);
        RateRow rates{row.name, {}};
        for (const auto &[key, value] : row.numbers) {
            // What is new since the last sample has no rate yet, its past would look like one.
            const std::uint64_t start = was == old.end() ? value : was->second->at(key);
            rates.rates[key] = rate(start, value, seconds);
        }
        result.push_back(std::move(rates));
    }
    return result;
}

Json to_json(const std::vector<RateRow> &rows, const char *name, double seconds) {
    Json list = Json::array();
    for (const RateRow &row : rows) {
        Json json{{"name", row.name}};
        for (const auto &[key, value] : row.rates)
            json[key] = value;
        list.push_back(std::move(json));
    }
    return Json{{"seconds", seconds}, {name, std::move(list)}};
}

/// `column` of the table: head and the key of the number.
struct RateColumn {
    std::string_view head;
    const char *key;
};

struct Watch {
    const char *list;      ///< name in JSON
    std::string_view head; ///< of the first column
    std::vector<RateColumn> columns;
    bool only_busy = false; ///< rows without any rate are left out, the busiest come first
};

bool is_idle(const RateRow &row) {
    return std::all_of(row.rates.begin(), row.rates.end(),
                       [](const auto &item) { return item.second == 0; });
}

void keep_busiest(std::vector<RateRow> &rows, const char *key) {
    std::erase_if(rows, is_idle);
    std::stable_sort(rows.begin(), rows.end(), [key](const RateRow &a, const RateRow &b) {
        return a.rates.at(key) > b.rates.at(key);
    });
    if (rows.size() > kBusiestRoutes)
        rows.resize(kBusiestRoutes);
}

std::string table_of(const Watch &watch, const std::vector<RateRow> &rows) {
    std::vector<TextTable::Column> columns{{watch.head}};
    for (const RateColumn &column : watch.columns)
        columns.push_back({column.head, Align::kRight});
    TextTable table(std::move(columns));
    for (const RateRow &row : rows) {
        std::vector<std::string> cells{row.name};
        for (const RateColumn &column : watch.columns)
            cells.push_back(si_text(row.rates.at(column.key)));
        table.add(std::move(cells));
    }
    return table.is_empty() ? "nothing moves\n" : table.render();
}

bool print(const Watch &watch, const ShowOptions &options, std::vector<RateRow> rows,
           double seconds, Output &out) {
    if (watch.only_busy && !options.all)
        keep_busiest(rows, watch.columns.front().key);
    if (options.json)
        out.write(dump(to_json(rows, watch.list, seconds)) + "\n");
    else
        out.write(
            fmt::format("{}{}\n", out.is_terminal() ? kClearScreen : "", table_of(watch, rows)));
    return out.flush();
}

template <class Take>
mgm::Result<void> run(const Watch &watch, const ShowOptions &options, Output &out, Take take) {
    const auto interval = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(options.watch_seconds.value_or(1)));
    Clock::time_point before_at = Clock::now();
    mgm::Result<std::vector<Row>> before = take();
    for (std::uint64_t i = 0; before && (options.watch_count == 0 || i < options.watch_count);
         ++i) {
        std::this_thread::sleep_until(before_at + interval);
        const Clock::time_point after_at = Clock::now();
        mgm::Result<std::vector<Row>> after = take();
        if (!after)
            return tl::unexpected<mgm::Error>(std::move(after.error()));
        const double seconds = std::chrono::duration<double>(after_at - before_at).count();
        if (!print(watch, options, rates_of(*before, *after, seconds), seconds, out))
            return out.result();
        before = std::move(after);
        before_at = after_at;
    }
    if (!before)
        return tl::unexpected<mgm::Error>(std::move(before.error()));
    return out.result();
}

std::uint64_t bits(std::uint64_t octets) {
    return octets * static_cast<std::uint64_t>(kBitsPerOctet);
}

} // namespace

mgm::Result<void> watch_interfaces(Source &source, const ShowOptions &options, Output &out) {
    const Watch watch{.list = "interfaces",
                      .head = "INTERFACE",
                      .columns = {{"IN PPS", "in_pps"},
                                  {"IN BIT/S", "in_bps"},
                                  {"OUT PPS", "out_pps"},
                                  {"OUT BIT/S", "out_bps"},
                                  {"COPIES/S", "copies_pps"},
                                  {"LOST/S", "copies_lost_pps"}}};
    return run(watch, options, out, [&] {
        return source.interfaces(options.name).map([](const auto &interfaces) {
            std::vector<Row> rows;
            rows.reserve(interfaces.size());
            for (const mgm::v1::Interface &interface : interfaces) {
                const mgm::v1::InterfaceTotals &t = interface.totals();
                const std::uint64_t lost =
                    t.copies_wanted() - std::min(t.copies_wanted(), t.copies_sent());
                rows.push_back({interface.name(),
                                {{"in_pps", t.in_frames()},
                                 {"in_bps", bits(t.in_octets())},
                                 {"out_pps", t.out_frames()},
                                 {"out_bps", bits(t.out_octets())},
                                 {"copies_pps", t.copies_sent()},
                                 {"copies_lost_pps", lost}}});
            }
            return rows;
        });
    });
}

mgm::Result<void> watch_routes(Source &source, const ShowOptions &options, Output &out) {
    const Watch watch{
        .list = "routes",
        .head = "ROUTE",
        .columns = {{"PPS", "pps"}, {"BIT/S", "bps"}, {"WRONG IIF/S", "different_in_if_pps"}},
        .only_busy = true};
    return run(watch, options, out, [&] {
        std::vector<Row> rows;
        return source
            .routes(options.routes,
                    [&](const mgm::v1::ShowRoutesResponse &page) {
                        for (const mgm::v1::Route &route : page.routes())
                            rows.push_back(
                                {route_text(route),
                                 {{"pps", route.packets()},
                                  {"bps", bits(route.octets())},
                                  {"different_in_if_pps", route.different_in_if_packets()}}});
                        return true;
                    })
            .map([&] { return std::move(rows); });
    });
}

mgm::Result<void> watch_counters(Source &source, const ShowOptions &options, Output &out) {
    const Watch watch{.list = "counters",
                      .head = "COUNTER",
                      .columns = {{"PER SECOND", "per_second"}},
                      .only_busy = true};
    return run(watch, options, out, [&] {
        return source.counters(false).map([](const Counters &counters) {
            const mgm::v1::CounterTotals &totals = counters.totals;
            std::vector<Row> rows{{"received", {{"per_second", totals.received()}}},
                                  {"copies_sent", {{"per_second", totals.copies_sent()}}}};
            for (const mgm::v1::NamedCounter &counter : totals.verdicts())
                rows.push_back({counter.name(), {{"per_second", counter.value()}}});
            for (const mgm::v1::NamedCounter &counter : totals.copy_drops())
                rows.push_back({"copy:" + counter.name(), {{"per_second", counter.value()}}});
            for (const mgm::v1::NamedCounter &counter : totals.events())
                rows.push_back({counter.name(), {{"per_second", counter.value()}}});
            return rows;
        });
    });
}

mgm::Result<void> watch_workers(Source &source, const ShowOptions &options, Output &out) {
    const Watch watch{.list = "workers",
                      .head = "WORKER",
                      .columns = {{"IN PPS", "in_pps"},
                                  {"OUT PPS", "out_pps"},
                                  {"LOOPS/S", "loops_per_second"},
                                  {"BUSY LOOPS/S", "busy_loops_per_second"}}};
    return run(watch, options, out, [&] {
        return source.workers().map([](const auto &workers) {
            std::vector<Row> rows;
            rows.reserve(workers.size());
            for (const mgm::v1::Worker &worker : workers)
                rows.push_back({fmt::format("{}", worker.id()),
                                {{"in_pps", worker.in_frames()},
                                 {"out_pps", worker.out_frames()},
                                 {"loops_per_second", worker.loops()},
                                 {"busy_loops_per_second", worker.busy_loops()}}});
            return rows;
        });
    });
}

} // namespace apps
