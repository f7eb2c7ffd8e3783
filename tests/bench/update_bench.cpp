// SPDX-License-Identifier: BSD-3-Clause
// Updates by the writer of the tables, beside rte_hash's: entries come, change their olist and go,
// in a table of so many, and a table is loaded. Nobody reads meanwhile.
//
// update/FAMILY/WHAT/TABLE/ENTRIES, load/FAMILY/TABLE/ENTRIES. Ends table_bench.
#include "apps/bench/crc.hpp"
#include "table_bench.hpp"

#include <rte_memory.h>

#include <algorithm>
#include <cstdio>
#include <random>
#include <vector>

namespace benches {

template <mgm::Family F>
DpdkTable<F>::DpdkTable(std::uint32_t entries) {
    rte_hash_parameters parameters{};
    parameters.name = "baseline";
    parameters.entries = std::max(64U, 2 * entries);
    parameters.key_len = sizeof(mgm::FlowKey<F>);
    parameters.hash_func = bench::crc32c;
    parameters.socket_id = SOCKET_ID_ANY;
    hash_.reset(rte_hash_create(&parameters));
    if (!hash_)
        throw std::runtime_error("no memory for the hash of DPDK");
}
template class DpdkTable<mgm::Family::kIpv4>;
template class DpdkTable<mgm::Family::kIpv6>;

namespace {

constexpr std::uint32_t kBatch = 512; ///< updates of an iteration
static_assert(kBatch < MgmTable<mgm::Family::kIpv4>::kRoom);

/// Filled with `entries` flows.
template <class Table, mgm::Family F>
std::unique_ptr<Table> filled(std::uint32_t entries) {
    auto table = std::make_unique<Table>(entries);
    for (std::uint32_t k = 0; k < entries; ++k)
        table->set(flow<F>(k));
    return table;
}

/// `update` is timed, `undo` is not; both for numbers of a batch.
template <class Update, class Undo>
void time_batches(benchmark::State &state, const Update &update, const Undo &undo) {
    Cycles cycles;
    for ([[maybe_unused]] auto _ : state) {
        cycles.start();
        for (std::uint32_t k = 0; k < kBatch; ++k)
            update(k);
        cycles.stop();
        state.SetIterationTime(cycles.last_seconds());
        for (std::uint32_t k = 0; k < kBatch; ++k)
            undo(k);
    }
    cycles.report(state, kBatch);
}

/// What an update may have left to a grace period belongs to its cost: all is freed before the
/// next batch, by the updates themselves.
template <class Table, mgm::Family F>
void insert(benchmark::State &state) {
    forget_tables();
    const auto entries = static_cast<std::uint32_t>(state.range(0));
    const auto table = filled<Table, F>(entries);
    time_batches(
        state, [&](std::uint32_t k) { table->set(flow<F>(entries + k)); },
        [&](std::uint32_t k) { table->remove(flow<F>(entries + k)); });
}

template <class Table, mgm::Family F>
void remove(benchmark::State &state) {
    forget_tables();
    const auto entries = static_cast<std::uint32_t>(state.range(0));
    const auto table = filled<Table, F>(entries);
    std::mt19937 random(1);
    std::vector<mgm::FlowKey<F>> keys(kBatch);
    const std::uint32_t stretch = std::max(entries / kBatch, 1U);
    for (std::uint32_t k = 0; k < kBatch; ++k) // one of each stretch: none twice
        keys[k] = flow<F>(k * stretch + static_cast<std::uint32_t>(random() % stretch));
    time_batches(
        state, [&](std::uint32_t k) { table->remove(keys[k]); },
        [&](std::uint32_t k) { table->set(keys[k]); });
}

template <mgm::Family F>
void change(benchmark::State &state) {
    forget_tables();
    const auto entries = static_cast<std::uint32_t>(state.range(0));
    const auto table = filled<MgmTable<F>, F>(entries);
    std::mt19937 random(1);
    std::vector<bool> is_changed(entries);
    time_batches(
        state,
        [&](std::uint32_t) {
            const auto k = static_cast<std::uint32_t>(random() % entries);
            is_changed[k] = !is_changed[k];
            table->set(flow<F>(k), is_changed[k]);
        },
        [](std::uint32_t) {});
}

template <class Table, mgm::Family F>
void load(benchmark::State &state) {
    forget_tables();
    const auto entries = static_cast<std::uint32_t>(state.range(0));
    Cycles cycles;
    for ([[maybe_unused]] auto _ : state) {
        Table table(entries);
        cycles.start();
        for (std::uint32_t k = 0; k < entries; ++k)
            table.set(flow<F>(k));
        cycles.stop();
        state.SetIterationTime(cycles.last_seconds());
    }
    cycles.report(state, entries);
    if constexpr (std::is_same_v<Table, MgmTable<F>>) {
        state.counters["octets_per_entry"] = Table::octets_per_entry(entries);
        state.counters["mebibytes"] = Table::mebibytes(entries);
    }
}

constexpr mgm::Family kIpv4 = mgm::Family::kIpv4;
constexpr mgm::Family kIpv6 = mgm::Family::kIpv6;

void sizes(benchmark::internal::Benchmark *update) {
    update->Arg(1000)->Arg(1'000'000)->UseManualTime();
}
BENCHMARK(insert<MgmTable<kIpv4>, kIpv4>)->Name("update/ipv4/insert/mgm")->Apply(sizes);
BENCHMARK(insert<DpdkTable<kIpv4>, kIpv4>)->Name("update/ipv4/insert/rte_hash")->Apply(sizes);
BENCHMARK(remove<MgmTable<kIpv4>, kIpv4>)->Name("update/ipv4/remove/mgm")->Apply(sizes);
BENCHMARK(remove<DpdkTable<kIpv4>, kIpv4>)->Name("update/ipv4/remove/rte_hash")->Apply(sizes);
BENCHMARK(change<kIpv4>)->Name("update/ipv4/change/mgm")->Apply(sizes);
BENCHMARK(load<MgmTable<kIpv4>, kIpv4>)
    ->Name("load/ipv4/mgm")
    ->Apply(sizes)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(load<DpdkTable<kIpv4>, kIpv4>)
    ->Name("load/ipv4/rte_hash")
    ->Apply(sizes)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(insert<MgmTable<kIpv6>, kIpv6>)->Name("update/ipv6/insert/mgm")->Apply(sizes);
BENCHMARK(insert<DpdkTable<kIpv6>, kIpv6>)->Name("update/ipv6/insert/rte_hash")->Apply(sizes);
BENCHMARK(remove<MgmTable<kIpv6>, kIpv6>)->Name("update/ipv6/remove/mgm")->Apply(sizes);
BENCHMARK(remove<DpdkTable<kIpv6>, kIpv6>)->Name("update/ipv6/remove/rte_hash")->Apply(sizes);
BENCHMARK(change<kIpv6>)->Name("update/ipv6/change/mgm")->Apply(sizes);
BENCHMARK(load<MgmTable<kIpv6>, kIpv6>)
    ->Name("load/ipv6/mgm")
    ->Apply(sizes)
    ->Unit(benchmark::kMillisecond);
BENCHMARK(load<DpdkTable<kIpv6>, kIpv6>)
    ->Name("load/ipv6/rte_hash")
    ->Apply(sizes)
    ->Unit(benchmark::kMillisecond);

} // namespace

} // namespace benches

int main(int argc, char **argv) {
    constexpr unsigned kMebibytes = 3072; // 4 million IPv6 entries, twice; taken when touched
    try {
        return benches::run({argv, static_cast<std::size_t>(argc)}, kMebibytes,
                            benches::forget_tables);
    } catch (const std::exception &error) {
        std::fprintf(stderr, "table_bench: %s\n", error.what());
        return 3;
    }
}
