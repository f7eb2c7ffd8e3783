// SPDX-License-Identifier: BSD-3-Clause
// Lookup of bursts of 32 in tables of 1,000 to 4 million entries, beside rte_hash with the same
// keys. Packets belong to any entry with the same chance: the worst case for caches.
//
// lookup/FAMILY/KIND/TABLE/ENTRIES; KIND: hit ((S,G)), wildcard (no (S,G), but (*,G)), miss.
#include "table_bench.hpp"

#include <array>
#include <random>
#include <string>
#include <vector>

namespace benches {

namespace {

constexpr unsigned kBurst = 32;
constexpr std::size_t kStream = 1U << 20U;

enum class Kind { kHit, kWildcard, kMiss };

/// Both tables, full; the last that was asked for is kept: it takes seconds to fill.
template <mgm::Family F>
struct FullTables {
    FullTables(std::uint32_t entries, bool has_sources) : mgm(entries), dpdk(entries) {
        for (std::uint32_t k = 0; k < entries; ++k) {
            const mgm::FlowKey<F> key = has_sources ? flow<F>(k) : any_source(flow<F>(k));
            mgm.set(key);
            dpdk.set(key);
        }
    }
    MgmTable<F> mgm;
    DpdkTable<F> dpdk;
};

struct Kept {
    std::string name;
    std::shared_ptr<void> tables;
};
Kept &kept() {
    static Kept kept;
    return kept;
}

template <mgm::Family F>
const FullTables<F> &full_tables(std::uint32_t entries, Kind kind) {
    const bool has_sources = kind != Kind::kWildcard;
    const std::string name = std::to_string(sizeof(mgm::FlowKey<F>)) + '/' +
                             std::to_string(entries) + '/' + std::to_string(has_sources);
    if (kept().name != name) {
        kept().tables.reset(); // before the next: there is one segment
        kept().tables = std::make_shared<FullTables<F>>(entries, has_sources);
        kept().name = name;
    }
    return *static_cast<const FullTables<F> *>(kept().tables.get());
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

template <mgm::Family F>
void find_in_mgm(benchmark::State &state, Kind kind) {
    const auto entries = static_cast<std::uint32_t>(state.range(0));
    const mgm::MfeTable<F> table(full_tables<F>(entries, kind).mgm.tables());
    look_up(state, stream_of<F>(entries, kind), kind,
            [&table](const mgm::FlowKey<F> *keys, std::int32_t *positions) {
                std::array<mgm::MfeIndex, kBurst> found;
                table.find_burst(keys, kBurst, found.data());
                for (unsigned i = 0; i < kBurst; ++i)
                    positions[i] = static_cast<std::int32_t>(found[i]) - 1; // kNoMfe is 0
            });
    state.counters["octets_per_entry"] = MgmTable<F>::octets_per_entry(entries);
}
static_assert(static_cast<std::uint32_t>(mgm::kNoMfe) == 0);

template <mgm::Family F>
void find_in_dpdk(benchmark::State &state, Kind kind) {
    const auto entries = static_cast<std::uint32_t>(state.range(0));
    const rte_hash *hash = full_tables<F>(entries, kind).dpdk.hash();
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

template <mgm::Family F>
void register_family(const std::string &family) {
    for (const auto &[name, kind] : {std::pair("hit", Kind::kHit), std::pair("miss", Kind::kMiss),
                                     std::pair("wildcard", Kind::kWildcard)})
        for (const std::int64_t entries : {1000, 100'000, 1'000'000, 4'000'000}) {
            const std::string prefix = "lookup/" + family + '/' + name;
            benchmark::RegisterBenchmark((prefix + "/mgm").c_str(), find_in_mgm<F>, kind)
                ->Arg(entries);
            benchmark::RegisterBenchmark((prefix + "/rte_hash").c_str(), find_in_dpdk<F>, kind)
                ->Arg(entries);
        }
}

} // namespace

void register_lookups() {
    register_family<mgm::Family::kIpv4>("ipv4");
    register_family<mgm::Family::kIpv6>("ipv6");
}

void forget_tables() {
    kept() = {};
}

} // namespace benches
