// SPDX-License-Identifier: BSD-3-Clause
// The suites that mgmbench knows by name.
#include "apps/bench/scenario.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

namespace bench {

namespace {

using Numbers = std::initializer_list<std::uint16_t>;
constexpr std::uint16_t kShort = 64;
constexpr std::uint16_t kLong = 1400;
constexpr std::uint32_t kMillion = 1'000'000;

Scenario fan_out_of(std::uint16_t copies, MacMode mode, std::uint16_t octets, Sink sink) {
    Scenario scenario;
    scenario.sizes = {{octets, 1}};
    scenario.fan_out = copies;
    scenario.mac_mode = mode;
    scenario.sink = sink;
    scenario.name = fmt::format("{} MAC, {} B, N={}{}", to_string(mode), octets, copies,
                                sink == Sink::kParked ? ", parked" : "");
    return scenario;
}

Scenario named(Scenario scenario, std::string name) {
    scenario.name = std::move(name);
    return scenario;
}

Row against_floor(Scenario scenario, double at_most) {
    return {std::move(scenario), Target{at_most, {}}};
}

Row against(const Scenario &other, Scenario scenario, double at_most) {
    return {std::move(scenario), Target{at_most, other.name}};
}

std::vector<Row> headline() {
    std::vector<Row> rows;
    for (const MacMode mode : {MacMode::kRouter, MacMode::kPerPort}) {
        const double many = mode == MacMode::kRouter ? 1.15 : 1.12;
        for (const std::uint16_t copies : Numbers{1, 4})
            rows.push_back(against_floor(fan_out_of(copies, mode, kShort, Sink::kNull), 1.35));
        for (const std::uint16_t copies : Numbers{8, 16, 28})
            rows.push_back(against_floor(fan_out_of(copies, mode, kShort, Sink::kNull), many));
        rows.push_back(against_floor(fan_out_of(16, mode, kLong, Sink::kNull), 1.12));
        for (const std::uint16_t octets : {kShort, kLong})
            rows.push_back(against_floor(fan_out_of(16, mode, octets, Sink::kParked), 1.15));
    }
    const Scenario four = fan_out_of(4, MacMode::kRouter, kShort, Sink::kNull);
    Scenario million = named(four, "1M (S,G), N=4");
    million.groups = kMillion;
    rows.push_back(against(four, million, 1.4));
    Scenario churn = named(million, "1M (S,G), N=4, 500k updates/s");
    churn.updates_per_second = 500'000;
    rows.push_back(against(million, churn, 1.1));
    const Scenario eight = fan_out_of(8, MacMode::kRouter, kShort, Sink::kNull);
    Scenario mixed = named(eight, "8 olists, N=8");
    mixed.olists = 8;
    rows.push_back(against(eight, mixed, 1.25));
    // The same size for both families: IPv6 does not fit into 64 octets with what is measured.
    Scenario v4 = named(four, "IPv4, 84 B, N=4");
    v4.sizes = {{84, 1}};
    rows.push_back({v4, {}});
    Scenario v6 = named(v4, "IPv6, 84 B, N=4");
    v6.family = mgm::Family::kIpv6;
    rows.push_back(against(v4, v6, 1.15));
    return rows;
}

std::vector<Row> fan_outs() {
    std::vector<Row> rows;
    for (const MacMode mode : {MacMode::kRouter, MacMode::kPerPort})
        for (const std::uint16_t octets : {kShort, kLong})
            for (const std::uint16_t copies : Numbers{1, 2, 4, 8, 12, 16, 20, 24, 28})
                rows.push_back({fan_out_of(copies, mode, octets, Sink::kNull), {}});
    return rows;
}

std::vector<Row> frame_sizes() {
    std::vector<Row> rows;
    for (const MacMode mode : {MacMode::kRouter, MacMode::kPerPort})
        for (const std::uint16_t octets : Numbers{64, 128, 256, 512, 1024, 1280, 1518, 9000})
            rows.push_back({fan_out_of(8, mode, octets, Sink::kNull), {}});
    return rows;
}

std::vector<Row> table_sizes() {
    std::vector<Row> rows;
    for (const mgm::Family family : {mgm::Family::kIpv4, mgm::Family::kIpv6})
        for (const std::uint32_t entries :
             {1U, 1'000U, 10'000U, 100'000U, kMillion, 4 * kMillion}) {
            Scenario scenario = fan_out_of(4, MacMode::kRouter, 84, Sink::kNull);
            scenario.groups = entries;
            scenario.family = family;
            scenario.name =
                fmt::format("IPv{}, {} (S,G)", family == mgm::Family::kIpv4 ? 4 : 6, entries);
            rows.push_back({scenario, {}});
        }
    return rows;
}

/// A port of 16 that takes nothing beside 16 that take everything.
std::vector<Row> blocked_ports() {
    std::vector<Row> rows;
    for (const MacMode mode : {MacMode::kRouter, MacMode::kPerPort})
        for (const std::uint16_t octets : {kShort, kLong}) {
            const Scenario open = fan_out_of(16, mode, octets, Sink::kNull);
            Scenario blocked = named(open, open.name + ", one blocked");
            blocked.has_blocked_port = true;
            rows.push_back({open, {}});
            rows.push_back({blocked, {}});
        }
    return rows;
}

/// Each worker has its own packets, so with a core for each of them nothing is shared but the
/// tables.
std::vector<Row> workers() {
    std::vector<Row> rows;
    for (const std::uint16_t copies : Numbers{4, 16}) {
        const Scenario one = fan_out_of(copies, MacMode::kRouter, kShort, Sink::kNull);
        Scenario two = named(one, fmt::format("{}, 2 workers", one.name));
        two.workers = 2;
        rows.push_back({one, {}});
        rows.push_back(against(one, two, 1 / 1.9));
    }
    return rows;
}

} // namespace

const std::vector<Suite> &all_suites() {
    static const std::vector<Suite> suites = [] {
        std::vector<Suite> all{
            {"headline", "each target of the project, beside its floor", headline()},
            {"fan-out", "1 to 28 copies of a packet, 64 and 1400 octets, both MAC modes",
             fan_outs()},
            {"size", "frames of 64 to 9000 octets to 8 ports, both MAC modes", frame_sizes()},
            {"entries", "tables of 1 to 4 million (S,G), IPv4 and IPv6", table_sizes()},
            {"blocked-port", "16 ports of which one takes nothing, beside 16 that take all",
             blocked_ports()},
            {"workers", "two workers beside one: at least 1.9 times the packets", workers()},
        };
        std::vector<Suite> rfc = rfc_suites();
        all.insert(all.end(), std::make_move_iterator(rfc.begin()),
                   std::make_move_iterator(rfc.end()));
        return all;
    }();
    return suites;
}

const Suite *find_suite(std::string_view name) {
    const std::vector<Suite> &suites = all_suites();
    const auto found = std::find_if(suites.begin(), suites.end(),
                                    [name](const Suite &suite) { return suite.name == name; });
    return found == suites.end() ? nullptr : &*found;
}

} // namespace bench
