// SPDX-License-Identifier: BSD-3-Clause
#include "apps/mgmbench_scenario.hpp"

#include "apps/cli_choice.hpp"

#include <fmt/format.h>

#include <utility>
#include <vector>

namespace apps {

void add_scenario(CLI::App &app, ScenarioOptions &options, CLI::Option *suite) {
    bench::Scenario &scenario = options.scenario;
    const std::string group = "One scenario of your own";
    for (CLI::Option *option : {
             app.add_option("--size", options.sizes,
                            "frame octets with FCS: 64, 64,1400, … or imix"),
             app.add_option("--fan-out", scenario.fan_out, "copies of a packet"),
             app.add_option("--groups", scenario.groups, "groups"),
             app.add_option("--sources", scenario.sources, "sources of each group"),
             app.add_option("--olists", scenario.olists, "different outgoing lists"),
             add_choice<bench::MacMode>(
                 app, "--mac", scenario.mac_mode,
                 {{"router", bench::MacMode::kRouter}, {"own", bench::MacMode::kPerPort}},
                 "source MAC of copies: router (one for all ports) or own (each port's)"),
             add_choice<bench::Pick>(app, "--pick", scenario.pick,
                                     {{"uniform", bench::Pick::kUniform},
                                      {"hot", bench::Pick::kHot},
                                      {"zipf", bench::Pick::kZipf}},
                                     "flows of the packets: uniform, hot (90 % of 1 %) or zipf"),
             add_choice<mgm::Family>(app, "--family", scenario.family,
                                     {{"4", mgm::Family::kIpv4}, {"6", mgm::Family::kIpv6}},
                                     "4 or 6"),
             app.add_option("--workers", scenario.workers,
                            "workers of the router, each with packets of its own"),
             app.add_option("--updates", scenario.updates_per_second,
                            "entries a second whose outgoing list is changed meanwhile"),
             app.add_flag("--blocked-port", scenario.has_blocked_port,
                          "one of the ports takes nothing"),
             add_choice<bench::Storm>(
                 app, "--storm", scenario.storm,
                 {{"no-route", bench::Storm::kNoRoute}, {"wrong-iif", bench::Storm::kWrongIif}},
                 "as many other packets: no-route or wrong-iif (not with --measure cost)"),
         })
        option->group(group)->excludes(suite);
}

mgm::Result<bench::Scenario> scenario_of(const ScenarioOptions &options) {
    bench::Scenario scenario = options.scenario;
    mgm::Result<std::vector<bench::SizeShare>> sizes = bench::parse_sizes(options.sizes);
    if (!sizes)
        return tl::unexpected(std::move(sizes.error()));
    scenario.sizes = std::move(*sizes);
    if (mgm::Result<void> valid = bench::validate(scenario); !valid)
        return tl::unexpected(std::move(valid.error()));
    scenario.name =
        fmt::format("{} MAC, {} B, N={}{}{}", bench::to_string(scenario.mac_mode),
                    bench::to_string(scenario.sizes), scenario.fan_out,
                    scenario.has_blocked_port ? ", one blocked" : "",
                    scenario.workers == 1 ? "" : fmt::format(", {} workers", scenario.workers));
    return scenario;
}

} // namespace apps
