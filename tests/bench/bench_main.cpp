// SPDX-License-Identifier: BSD-3-Clause
#include "bench_main.hpp"

#include "apps/bench/machine.hpp"
#include "dataplane/eal.hpp"
#include "dataplane/eal_files.hpp"

#include <fmt/format.h>
#include <rte_lcore.h>

#include <cstdio>
#include <optional>

#include <unistd.h>

namespace benches {

int run(std::span<char *> arguments, unsigned mebibytes, const std::function<void()> &clean_up) {
    auto count = static_cast<int>(arguments.size());
    benchmark::Initialize(&count, arguments.data());
    if (benchmark::ReportUnrecognizedArguments(count, arguments.data()))
        return 2;
    const bool is_huge = dataplane::free_hugepage_octets() >> 20U >= mebibytes;
    dataplane::EalConfig config;
    config.instance = fmt::format("bench-{}", ::getpid());
    config.args = {"--no-pci", "--no-telemetry"};
    if (is_huge)
        config.args.emplace_back("--in-memory");
    else
        config.args.insert(config.args.end(), {"--no-huge", "-m", fmt::format("{}", mebibytes)});
    std::optional<dataplane::Eal> eal;
    if (auto started = dataplane::Eal::start(config); started) {
        eal.emplace(std::move(*started));
    } else {
        fmt::print(stderr, "{}\n", started.error().what);
        return 3;
    }
    const bench::Machine machine =
        bench::describe_machine(is_huge, static_cast<unsigned>(rte_lcore_to_cpu_id(-1)));
    benchmark::AddCustomContext("cpu", machine.cpu);
    benchmark::AddCustomContext("kernel", machine.kernel);
    benchmark::AddCustomContext("dpdk", machine.dpdk);
    benchmark::AddCustomContext("pages", machine.pages);
    benchmark::AddCustomContext("tsc_hz", fmt::format("{:.0f}", machine.tsc_hz));
    benchmark::RunSpecifiedBenchmarks();
    clean_up();
    return 0;
}

} // namespace benches
