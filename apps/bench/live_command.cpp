// SPDX-License-Identifier: BSD-3-Clause
#include "apps/bench/live_command.hpp"

#include "apps/bench/exit_code.hpp"

#include <CLI/CLI.hpp>
#include <rte_cycles.h>

#include <algorithm>

namespace bench {

void add_live_options(CLI::App &app, LiveSettings &live, Scenario &scenario, CLI::Option *suite) {
    const std::string group = "Packets from elsewhere, copies to real ports";
    app.add_option("--ingress", live.ingress,
                   "pcap:FILE (its frames, again and again), ring, or any port by its "
                   "devargs; then the product alone is measured, and what became of every packet")
        ->type_name("SPEC")
        ->group(group)
        ->excludes(suite)
        ->excludes(app.get_option("--csv"));
    app.add_option_function<std::vector<std::string>>(
           "--sink",
           [&live, &scenario](const std::vector<std::string> &words) {
               scenario.sink = words.front() == "parked" ? Sink::kParked : Sink::kNull;
               live.sinks = words;
           },
           "null (copies are freed at once) or parked (after 1024 more, as in a NIC's ring); ring, "
           "as many as copies, or a port for each copy by its devargs: then the "
           "product alone is measured")
        ->type_name("SPEC")
        ->group(group)
        ->excludes(suite);
}

bool is_live(const LiveSettings &live) {
    const bool has_plain_sink =
        live.sinks.empty() || (live.sinks.size() == 1 &&
                               (live.sinks.front() == "null" || live.sinks.front() == "parked"));
    return !live.ingress.empty() || !has_plain_sink;
}

int run_live_command(const LiveSettings &live, const Scenario &scenario, bool json,
                     const std::function<bool(const std::string &)> &write) {
    const mgm::Result<LiveResult> result = run_live(live, scenario);
    if (!result)
        return fail_with(result.error());
    const auto tsc_hz = static_cast<double>(rte_get_tsc_hz());
    if (!write(json ? to_json(*result, tsc_hz) : to_text(*result, tsc_hz)))
        return kResources;
    return std::all_of(result->trials.begin(), result->trials.end(),
                       [](const LiveTrial &trial) { return trial.invalid.empty(); })
               ? kDone
               : kInvalid;
}

} // namespace bench
