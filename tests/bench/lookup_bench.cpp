// SPDX-License-Identifier: BSD-3-Clause
// Lookup of bursts of 32 in tables of 1,000 to 4 million entries, beside rte_hash with the same
// keys. Packets belong to any entry with the same chance: the worst case for caches.
//
// lookup/FAMILY/KIND/TABLE/ENTRIES; KIND: hit ((S,G)), wildcard (no (S,G), but (*,G)), miss.
#include "table_bench.hpp"

#include <fmt/format.h>

#include <array>
#include <random>
#include <string>
#include <typeinfo>
#include <vector>

namespace benches {

namespace {

constexpr unsigned kBurst = 32;
constexpr std::size_t kStream = 1U << 20U;

enum class Kind { kHit, kWildcard, kMiss };

/// A full table; the last that was asked for is kept: it takes seconds to fill.
struct Kept {
    std::string name;
    std::shared_ptr<void> table;
};
Kept &kept() {
    static Kept kept;
    return kept;
}

template <class Table, mgm::Family F>
const Table &full_table(std::uint32_t entries, Kind kind) {
    const bool has_sources = kind != Kind::kWildcard;
    const std::string name = fmt::format("{}/{}/{}", typeid(Table).name(), entries, has_sources);
    if (kept().name != name) {
        kept() = {}; // before the next: there is one segment
        auto table = std::make_shared<Table>(entries);
        for (std::uint32_t k = 0; k < entries; ++k)
            table->set(has_sources ? flow<F>(k) : any_source(flow<F>(k)));
        kept() = {name, table};
    }
    return *static_cast<const Table *>(kept().table.get());
}

template <mgm::Family F>
std::vector<mgm::FlowKey<F>> stream_of(std::uint32_t entries, Kind kind) {
    std::mt19937 random(1);
    std::vector<mgm::FlowKey<F>> keys(kStream);
    for (mgm::FlowKey<F> &key : keys) {
        const auto k = static_cast<std::uint32_t>(random() % entries);
        key = flow<F>(kind == Kind::kMiss ? entries + k : k);
    }
    return keys;
}

template <class FindBurst, mgm::Family F>
void look_up(benchmark::State &state, const std::vector<mgm::FlowKey<F>> &keys, Kind kind,
             FindBurst find_burst) {
    // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before read
    std::array<std::int32_t, kBurst> found;
    for (std::size_t at = 0; at < 1024; at += kBurst) {
        find_burst(&keys[at], found.data());
        for (const std::int32_t position : found)
            if ((position >= 0) != (kind != Kind::kMiss))
                return state.SkipWithError("a key is found that is not there, or the reverse");
    }
    std::size_t at = 0;
    Cycles cycles;
    cycles.start();
    for ([[maybe_unused]] auto _ : state) {
        find_burst(&keys[at], found.data());
        benchmark::DoNotOptimize(found);
        at = (at + kBurst) & (kStream - 1);
    }
    cycles.stop();
    cycles.report(state, kBurst);
}

template <mgm::Family F, Kind kind>
void find_in_mgm(benchmark::State &state) {
    const auto entries = static_cast<std::uint32_t>(state.range(0));
    const mgm::MfeTable<F> table(full_table<MgmTable<F>, F>(entries, kind).tables());
    look_up(state, stream_of<F>(entries, kind), kind,
            [&table](const mgm::FlowKey<F> *keys, std::int32_t *positions) {
                // NOLINTNEXTLINE(cppcoreguidelines-pro-type-member-init): written before read
                std::array<mgm::MfeIndex, kBurst> found;
                table.find_burst(keys, kBurst, found.data());
                for (unsigned i = 0; i < kBurst; ++i)
                    positions[i] = static_cast<std::int32_t>(found[i]) - 1; // kNoMfe is 0
            });
    state.counters["octets_per_entry"] = MgmTable<F>::octets_per_entry(entries);
}
static_assert(static_cast<std::uint32_t>(mgm::kNoMfe) == 0);

template <mgm::Family F, Kind kind>
void find_in_dpdk(benchmark::State &state) {
    const auto entries = static_cast<std::uint32_t>(state.range(0));
    const rte_hash *hash = full_table<DpdkTable<F>, F>(entries, kind).hash();
    std::array<mgm::FlowKey<F>, kBurst> wildcards{};
    std::array<const void *, kBurst> pointers{};
    look_up(state, stream_of<F>(entries, kind), kind,
            [&, hash](const mgm::FlowKey<F> *keys, std::int32_t *positions) {
                for (unsigned i = 0; i < kBurst; ++i)
                    pointers[i] = keys + i;
                rte_hash_lookup_bulk(hash, pointers.data(), kBurst, positions);
                if (kind == Kind::kHit)
                    return;
                for (unsigned i = 0; i < kBurst; ++i) { // all have missed
                    wildcards[i] = any_source(keys[i]);
                    pointers[i] = &wildcards[i];
                }
                rte_hash_lookup_bulk(hash, pointers.data(), kBurst, positions);
            });
}

constexpr mgm::Family kIpv4 = mgm::Family::kIpv4;
constexpr mgm::Family kIpv6 = mgm::Family::kIpv6;

void sizes(benchmark::internal::Benchmark *lookup) {
    for (const std::int64_t entries : {1000, 100'000, 1'000'000, 4'000'000})
        lookup->Arg(entries);
}
BENCHMARK(find_in_mgm<kIpv4, Kind::kHit>)->Name("lookup/ipv4/hit/mgm")->Apply(sizes);
BENCHMARK(find_in_dpdk<kIpv4, Kind::kHit>)->Name("lookup/ipv4/hit/rte_hash")->Apply(sizes);
BENCHMARK(find_in_mgm<kIpv4, Kind::kMiss>)->Name("lookup/ipv4/miss/mgm")->Apply(sizes);
BENCHMARK(find_in_dpdk<kIpv4, Kind::kMiss>)->Name("lookup/ipv4/miss/rte_hash")->Apply(sizes);
BENCHMARK(find_in_mgm<kIpv4, Kind::kWildcard>)->Name("lookup/ipv4/wildcard/mgm")->Apply(sizes);
BENCHMARK(find_in_dpdk<kIpv4, Kind::kWildcard>)
    ->Name("lookup/ipv4/wildcard/rte_hash")
    ->Apply(sizes);
BENCHMARK(find_in_mgm<kIpv6, Kind::kHit>)->Name("lookup/ipv6/hit/mgm")->Apply(sizes);
BENCHMARK(find_in_dpdk<kIpv6, Kind::kHit>)->Name("lookup/ipv6/hit/rte_hash")->Apply(sizes);
BENCHMARK(find_in_mgm<kIpv6, Kind::kMiss>)->Name("lookup/ipv6/miss/mgm")->Apply(sizes);
BENCHMARK(find_in_dpdk<kIpv6, Kind::kMiss>)->Name("lookup/ipv6/miss/rte_hash")->Apply(sizes);
BENCHMARK(find_in_mgm<kIpv6, Kind::kWildcard>)->Name("lookup/ipv6/wildcard/mgm")->Apply(sizes);
BENCHMARK(find_in_dpdk<kIpv6, Kind::kWildcard>)
    ->Name("lookup/ipv6/wildcard/rte_hash")
    ->Apply(sizes);

} // namespace

void forget_tables() {
    kept() = {};
}

} // namespace benches
