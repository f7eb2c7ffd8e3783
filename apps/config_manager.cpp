// SPDX-License-Identifier: BSD-3-Clause
#include "apps/config_manager.hpp"

#include "apps/config_draft.hpp"

#include <fmt/format.h>

#include <array>
#include <chrono>
#include <iterator>

namespace apps {

namespace {

using control::manager::Options;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

struct Key {
    std::string_view name;
    IntegerRange range;
    std::int64_t (*get)(const Config &);
    void (*set)(Config &, std::int64_t);
};

/// A key that is a number of `Unit`s.
template <class Unit, control::manager::Time Options::*member>
constexpr Key time_key(std::string_view name, IntegerRange range) {
    return {
        .name = name,
        .range = range,
        .get = [](const Config &config) -> std::int64_t {
            return duration_cast<Unit>(config.manager.*member).count();
        },
        .set = [](Config &config, std::int64_t value) { config.manager.*member = Unit(value); }};
}

template <std::uint32_t Options::*member>
constexpr Key count_key(std::string_view name, IntegerRange range) {
    return {.name = name,
            .range = range,
            .get = [](const Config &config) -> std::int64_t { return config.manager.*member; },
            .set =
                [](Config &config, std::int64_t value) {
                    config.manager.*member = static_cast<std::uint32_t>(value);
                }};
}

constexpr IntegerRange kMillions{1, 100'000'000};
constexpr std::int64_t kDay = 86'400;

constexpr std::array kKeys{
    time_key<milliseconds, &Options::callback_deadline>("callback_deadline_ms", {1, 60'000}),
    time_key<seconds, &Options::entry_timeout>("mfe_timeout_s", {1, kDay}),
    time_key<seconds, &Options::no_route_timeout>("no_route_timeout_s", {1, kDay}),
    time_key<seconds, &Options::igmp_regrace>("igmp_regrace_s", {1, 60}),
    count_key<&Options::max_uninitialised>("pending_mfes", {1, 1'000'000}),
    count_key<&Options::max_uninitialised_of_interface>("pending_mfes_per_interface",
                                                        {1, 1'000'000}),
    count_key<&Options::max_uninitialised_of_source>("pending_mfes_per_source", {1, 1'000'000}),
    count_key<&Options::upcalls_per_second>("upcalls_per_second", {1, 1'000'000}),
    count_key<&Options::suppress_entries>("mfe_suppress", {0, 100'000'000}),
    count_key<&Options::reuse_entries>("mfe_reuse", {0, 100'000'000}),
    count_key<&Options::max_memberships>("memberships_per_client", kMillions),
    count_key<&Options::max_undelivered>("callbacks_per_client", {16, 65'536}),
    count_key<&Options::calls_per_second>("calls_per_second", {0, 100'000'000}),
    count_key<&Options::calls_in_a_burst>("calls_in_a_burst", kMillions),
    Key{.name = "held_packets_per_mfe",
        .range = {0, 1024},
        .get = [](const Config &config) -> std::int64_t {
            return config.policy.held_packets_per_flow;
        },
        .set =
            [](Config &config, std::int64_t value) {
                config.policy.held_packets_per_flow = static_cast<std::uint32_t>(value);
            }},
    Key{.name = "wrong_if_interval_ms",
        .range = {1, 3'600'000},
        .get = [](const Config &config) -> std::int64_t {
            return config.policy.wrong_iif_interval_ms;
        },
        .set =
            [](Config &config, std::int64_t value) { // workers limit it, and the manager again
                config.policy.wrong_iif_interval_ms = static_cast<std::uint32_t>(value);
                config.manager.wrong_if_interval = milliseconds(value);
            }},
};

} // namespace

void read_manager(TableReader &root, Draft &draft) {
    const toml::table *section = root.table("manager");
    if (section == nullptr)
        return;
    TableReader table(*section, "[manager]", draft.file, draft.mistakes);
    Options &options = draft.config.manager;
    options.refresh_entries = table.boolean("mfe_refresh").value_or(options.refresh_entries);
    for (const Key &key : kKeys)
        if (const auto value = table.integer<std::int64_t>(key.name, key.range))
            key.set(draft.config, *value);
    table.finish();
    if (options.suppress_entries != 0 && options.reuse_entries >= options.suppress_entries)
        draft.mistakes.add(table.at(table.has("mfe_reuse") ? "mfe_reuse" : "mfe_suppress"),
                           "[manager]: mfe_reuse = {} must be less than mfe_suppress = {}, or it "
                           "would never be reached",
                           options.reuse_entries, options.suppress_entries);
}

std::string print_manager(const Config &config) {
    std::string text =
        fmt::format("\n[manager]\nmfe_refresh = {}\n", config.manager.refresh_entries);
    for (const Key &key : kKeys)
        fmt::format_to(std::back_inserter(text), "{} = {}\n", key.name, key.get(config));
    return text;
}

void compare_manager(
    const Config &a, const Config &b,
    const std::function<void(std::string_view, std::int64_t, std::int64_t)> &differs) {
    if (a.manager.refresh_entries != b.manager.refresh_entries)
        differs("mfe_refresh", a.manager.refresh_entries ? 1 : 0,
                b.manager.refresh_entries ? 1 : 0);
    for (const Key &key : kKeys)
        if (key.get(a) != key.get(b))
            differs(key.name, key.get(a), key.get(b));
}

} // namespace apps
