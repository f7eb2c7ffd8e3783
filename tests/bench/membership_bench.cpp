// SPDX-License-Identifier: BSD-3-Clause
// Three protocols, each on a thread of its own, join 100,000 groups on several interfaces; then all
// groups are enumerated, and an entry of each is listed, in small buffers while others come and go.
// One run at each size; `memberships` a second, octets of heap for each.
#include "tests/unit/client/router.hpp"

#include <cstdint>
#include <span>
#include <thread>
#include <unordered_set>
#include <vector>

#include <benchmark/benchmark.h>
#include <malloc.h>

namespace {

using namespace client_tests;
using namespace control::manager;

constexpr std::uint32_t kClients = 3;

mgm::IpAddress group(std::uint32_t number) {
    return mgm::IpAddress(mgm::Ipv4Address{__builtin_bswap32(0xEF00'0000U + number)});
}

Membership any_source(std::uint32_t number, std::uint32_t interface) {
    return {.source = {.address = any_of(mgm::Family::kIpv4), .length = 0},
            .group = {.address = group(number), .length = 32},
            .link = link(interface),
            .flags = kJoinState};
}

struct Protocol {
    Protocol(Router &router, std::uint32_t number, std::uint32_t interfaces)
        : client(router.transport()), first_interface(number * interfaces + 1) {
        (void)client.open({.identity = {.protocol = number + 1, .component = 1},
                           .role = Role::kRouting,
                           .vrf = {},
                           .families = Families::kIpv4,
                           .callbacks = {}},
                          listener);
        for (std::uint32_t i = 0; i < interfaces; ++i)
            (void)client.take(link(first_interface + i));
    }
    Listener listener;
    control::Client client;
    std::uint32_t first_interface;
};

/// Everything that a protocol wants.
std::vector<Membership> wishes(const Protocol &protocol, std::uint32_t groups,
                               std::uint32_t interfaces) {
    std::vector<Membership> all;
    all.reserve(std::size_t{groups} * interfaces);
    for (std::uint32_t i = 0; i < interfaces; ++i)
        for (std::uint32_t g = 0; g < groups; ++g)
            all.push_back(any_source(g, protocol.first_interface + i));
    return all;
}

std::size_t count_not_once(const std::vector<std::uint8_t> &seen) {
    return static_cast<std::size_t>(
        std::ranges::count_if(seen, [](std::uint8_t times) { return times != 1; }));
}

std::uint32_t number_of(const mgm::IpAddress &address) {
    return __builtin_bswap32(address.v4().be) - 0xEF00'0000U;
}

/// Runs `change` with 0, 1, 2… on a thread of its own until it goes.
class Churn {
public:
    explicit Churn(std::function<void(std::uint32_t)> change)
        : thread_([this, change = std::move(change)] {
              for (std::uint32_t i = 0; !is_done_; ++i)
                  change(i);
          }) {}
    ~Churn() {
        is_done_ = true;
        thread_.join();
    }
    Churn(const Churn &) = delete;
    Churn &operator=(const Churn &) = delete;

private:
    std::atomic<bool> is_done_{false};
    std::thread thread_;
};

/// How many of `groups` an enumeration in buffers of 64 does not return exactly once, while another
/// client joins and leaves groups behind them.
std::size_t groups_not_once(Router &router, Protocol &reader, Protocol &other,
                            std::uint32_t groups) {
    control::Transport &transport = router.transport();
    const Churn churn([&](std::uint32_t i) {
        const Membership one = any_source(groups + i % 1000, other.first_interface);
        if (i / 1000 % 2 == 0)
            (void)other.client.add(one);
        else
            (void)other.client.remove(one);
    });
    std::vector<std::uint8_t> seen(groups);
    const auto [status, handle] =
        transport.start_enumeration(reader.client.handle(), EnumerationKind::kAllSources);
    std::array<SourceGroup, 64> records;
    for (Status next = Status::kMoreData; next == Status::kMoreData;) {
        std::size_t count = 0;
        next = transport.next_groups(handle, records, count);
        for (const SourceGroup &record : std::span(records).first(count))
            if (const std::uint32_t number = number_of(record.group); number < groups)
                ++seen[number];
    }
    (void)transport.end_enumeration(handle);
    return count_not_once(seen);
}

Arrival data_to(std::uint32_t number) {
    return {.key = {.vrf = {}, .group = group(number), .source = address("10.9.8.7")},
            .interface = mgm::IfIndex{1},
            .header = {}};
}

/// How many entries, one of each group, a listing by sevens does not return exactly once, while
/// each other's olist changes and more entries are made behind them.
std::size_t entries_not_once(Router &router, Protocol &other, std::uint32_t groups) {
    router.run([&](Manager &manager) {
        for (std::uint32_t g = 0; g < groups; ++g)
            manager.new_source(data_to(g), control::LocalTransport::now());
    });
    const Churn churn([&](std::uint32_t i) {
        const Membership one = any_source(i % groups, other.first_interface);
        (void)other.client.remove(one);
        (void)other.client.add(one);
        if (i < 1000)
            router.run([&](Manager &manager) {
                manager.new_source(data_to(groups + i), control::LocalTransport::now());
            });
    });
    std::vector<std::uint8_t> seen(groups);
    std::array<control::Transport::Entry, 7> entries;
    Key last{.vrf = {}, .group = address("0.0.0.0"), .source = address("0.0.0.0")};
    for (Status next = Status::kMoreData; next == Status::kMoreData || next == Status::kOk;) {
        std::size_t count = 0;
        next = router.transport().entries_after(last, entries, count);
        if (count == 0)
            break;
        for (const auto &entry : std::span(entries).first(count))
            if (const std::uint32_t number = number_of(entry.info.key.group); number < groups)
                ++seen[number];
        last = entries.at(count - 1).info.key;
    }
    return count_not_once(seen);
}

void add_memberships(benchmark::State &state, bool is_bulk) {
    const auto groups = static_cast<std::uint32_t>(state.range(0));
    const auto interfaces = static_cast<std::uint32_t>(state.range(1));
    std::size_t heap = 0, wrong = 0;
    for ([[maybe_unused]] auto _ : state) {
        state.PauseTiming();
        Router router({.upcalls_per_second = 1'000'000});
        (void)router.rib.add({.vrf = {},
                              .prefix = *mgm::IpPrefix::parse("10.0.0.0/8"),
                              .interface = mgm::IfIndex{1},
                              .neighbor = std::nullopt});
        std::vector<std::unique_ptr<Protocol>> protocols;
        std::vector<std::vector<Membership>> wanted;
        for (std::uint32_t i = 0; i < kClients; ++i) {
            protocols.push_back(std::make_unique<Protocol>(router, i, interfaces));
            wanted.push_back(wishes(*protocols.back(), groups, interfaces));
        }
        const std::size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
        std::atomic<std::size_t> refused{0};
        state.ResumeTiming();
        {
            std::vector<std::jthread> threads;
            for (std::uint32_t i = 0; i < kClients; ++i)
                threads.emplace_back([&, i] {
                    std::vector<Status> results(wanted[i].size());
                    if (is_bulk)
                        (void)protocols[i]->client.add_all(wanted[i], results);
                    else
                        for (std::size_t k = 0; k < results.size(); ++k)
                            results[k] = protocols[i]->client.add(wanted[i][k]);
                    refused += static_cast<std::size_t>(
                        std::ranges::count_if(results, [](Status s) { return s != Status::kOk; }));
                });
        }
        state.PauseTiming();
        heap = mallinfo2().uordblks + mallinfo2().hblkhd - before;
        wrong = refused + groups_not_once(router, *protocols[0], *protocols[1], groups) +
                entries_not_once(router, *protocols[1], groups);
        protocols.clear();
        state.ResumeTiming();
    }
    if (wrong != 0)
        state.SkipWithError("memberships that were refused, or groups or entries that were not "
                            "listed exactly once");
    const auto memberships = std::int64_t{groups} * interfaces * kClients;
    state.SetItemsProcessed(state.iterations() * memberships);
    state.counters["heap_per_membership"] =
        static_cast<double>(heap) / static_cast<double>(memberships);
}

void add_one_by_one(benchmark::State &state) {
    add_memberships(state, false);
}
void add_all(benchmark::State &state) {
    add_memberships(state, true);
}
// groups, interfaces of each client: 3.3 million would be 100,000 x 11 x 3.
BENCHMARK(add_all)
    ->Args({1000, 3})
    ->Args({100'000, 4})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);
BENCHMARK(add_one_by_one)
    ->Args({1000, 3})
    ->Args({100'000, 4})
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond)
    ->Iterations(1);

} // namespace
