// SPDX-License-Identifier: BSD-3-Clause
// Random operations on the real table and on a naive one; after each, both must say the same about
// every packet that the small world below can make.
#include "mgm/mfe_table.hpp"
#include "mgm/segment.hpp"
#include "mgm/segment_reader.hpp"
#include "mgm/table_writer.hpp"
#include "naive_table.hpp"

#include <gtest/gtest.h>
#include <rapidcheck.h>
#include <rapidcheck/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace mgm_test {
namespace {

using namespace mgm;

constexpr std::uint32_t kActions = 12;
constexpr std::uint16_t kVrfs = 3;

/// A world small enough that keys meet, nest and share buckets: few octet values in each place.
template <Family F>
struct World;

template <>
struct World<Family::kIpv4> {
    static constexpr unsigned kShortest = 4;
    static IpAddress group(std::uint32_t seed) {
        static constexpr std::array<std::uint32_t, 4> kFirst{224, 225, 232, 239};
        static constexpr std::array<std::uint32_t, 4> kNext{0, 1, 128, 255};
        return IpAddress(from_host(kFirst[seed & 3U] << 24U | kNext[seed >> 2U & 3U] << 16U |
                                   kNext[seed >> 4U & 3U] << 8U | kNext[seed >> 6U & 3U]));
    }
    static IpAddress source(std::uint32_t seed) {
        return IpAddress(from_host(0x0a07'0001U + seed % 5));
    }
};

template <>
struct World<Family::kIpv6> {
    static constexpr unsigned kShortest = 8;
    static IpAddress group(std::uint32_t seed) {
        static constexpr std::array<std::uint8_t, 4> kScope{0x02, 0x1e, 0x35, 0x3e};
        Ipv6Address address;
        address.octets[0] = 0xff;
        address.octets[1] = kScope[seed & 3U];
        address.octets[2] = static_cast<std::uint8_t>((seed >> 2U & 1U) * 0x80U);
        address.octets[4] = static_cast<std::uint8_t>(seed >> 3U & 1U);
        address.octets[11] = static_cast<std::uint8_t>((seed >> 4U & 3U) * 85);
        address.octets[15] = static_cast<std::uint8_t>((seed >> 6U & 3U) * 85U);
        return IpAddress(address);
    }
    static IpAddress source(std::uint32_t seed) {
        Ipv6Address address{{0x20, 0x01, 0x0d, 0xb8}};
        address.octets[15] = static_cast<std::uint8_t>(1 + seed % 5);
        return IpAddress(address);
    }
};

enum class Kind : std::uint8_t { kUpsert, kRemove, kQuiescent };

struct Operation {
    Kind kind{};
    RouteKey key;
    std::uint32_t action = 0;
};

// NOLINTNEXTLINE(readability-identifier-naming): rapidcheck's name
void showValue(const Operation &operation, std::ostream &out) {
    out << fmt::format("{} {} action {}", static_cast<int>(operation.kind), operation.key,
                       operation.action);
}

template <Family F>
rc::Gen<Operation> any_operation() {
    return rc::gen::map(
        rc::gen::tuple(rc::gen::inRange(0, 10), rc::gen::inRange<std::uint32_t>(0, 256),
                       rc::gen::inRange<std::uint32_t>(0, 5),
                       rc::gen::inRange<unsigned>(World<F>::kShortest, kAddressBits<F> + 1),
                       rc::gen::inRange(0, 3), rc::gen::inRange<std::uint16_t>(0, kVrfs),
                       rc::gen::inRange<std::uint32_t>(0, kActions)),
        [](const auto &seeds) {
            const auto &[kind, group, source, length, form, vrf, action] = seeds;
            Operation operation;
            operation.kind = kind < 6 ? Kind::kUpsert : kind < 9 ? Kind::kRemove : Kind::kQuiescent;
            operation.key.vrf = Vrf{vrf};
            operation.key.group = {World<F>::group(group), kAddressBits<F>};
            if (form == 0)
                operation.key.source = World<F>::source(source);
            if (form == 1)
                operation.key.group =
                    IpPrefix{World<F>::group(group), static_cast<std::uint8_t>(length)}.network();
            operation.action = action;
            return operation;
        });
}

/// The real table with as many interfaces as there are actions: action a sends to interface 100 +
/// a.
class RealTable {
public:
    RealTable() : segment(geometry()), grace(1), writer(segment.tables(), grace) {
        for (std::uint32_t i = 0; i <= kActions; ++i) {
            InterfaceSpec spec;
            spec.index = IfIndex{100 + i};
            spec.name = "p" + std::to_string(100 + i);
            RC_ASSERT(writer.upsert_interface(spec).has_value());
        }
        grace.online(0);
    }
    ~RealTable() { grace.offline(0); }
    RealTable(const RealTable &) = delete;
    RealTable &operator=(const RealTable &) = delete;

    static RouteAction action(std::uint32_t number) {
        RouteAction result{{IfIndex{100 + kActions}}, {}};
        for (std::uint32_t i = 0; i <= number % 3; ++i)
            result.oifs.push_back({IfIndex{100 + (number + i) % kActions},
                                   static_cast<std::uint16_t>(number), std::nullopt});
        return result;
    }
    template <Family F>
    [[nodiscard]] std::optional<std::uint32_t> action_at(MfeIndex index) const {
        if (index == kNoMfe)
            return std::nullopt;
        const Tables tables = segment.tables();
        const ForwardSet &set = tables.forward_set(tables.mfe<F>(index));
        RC_ASSERT(set.oif_count >= 1U);
        return set.oifs()->ttl_threshold;
    }

    PrivateSegment segment;
    GracePeriod grace;
    TableWriter writer;

private:
    static Geometry geometry() {
        Geometry geometry;
        geometry.interfaces = 32;
        geometry.vrfs = kVrfs;
        geometry.ipv4_entries = 400;
        geometry.ipv6_entries = 400;
        geometry.block_units = 8192;
        return geometry;
    }
};

template <Family F>
void apply(const Operation &operation, RealTable &real, NaiveTable &naive) {
    if (operation.kind == Kind::kQuiescent) {
        real.grace.quiescent(0);
        real.writer.reclaim();
        return;
    }
    if (!validate(operation.key)) {
        RC_ASSERT(
            !real.writer.upsert(operation.key, RealTable::action(operation.action)).has_value());
        return;
    }
    if (operation.kind == Kind::kUpsert) {
        const Result<void> result =
            real.writer.upsert(operation.key, RealTable::action(operation.action));
        RC_ASSERT(result.has_value());
        naive.upsert(operation.key, operation.action);
    } else {
        RC_ASSERT(real.writer.remove(operation.key).has_value() == naive.remove(operation.key));
    }
    RC_ASSERT(real.writer.find(operation.key).has_value() == naive.contains(operation.key));
}

/// Every (vrf, source, group) of the world, in bursts and one by one.
template <Family F>
void compare(const RealTable &real, const NaiveTable &naive) {
    const MfeTable<F> table(real.segment.tables());
    std::vector<FlowKey<F>> keys;
    for (std::uint32_t group = 0; group < 256; ++group)
        keys.push_back({World<F>::source(group / 3).template as<F>(),
                        World<F>::group(group).template as<F>(), group % kVrfs});
    for (std::size_t first = 0; first < keys.size(); first += 61) {
        const auto count = static_cast<unsigned>(std::min<std::size_t>(61, keys.size() - first));
        std::array<MfeIndex, kMaxFindBurst> found{};
        table.find_burst(&keys[first], count, found.data());
        for (unsigned i = 0; i < count; ++i) {
            const FlowKey<F> &key = keys[first + i];
            RC_ASSERT(found[i] == table.find(key));
            const auto expected = naive.find(Vrf{static_cast<std::uint16_t>(key.vrf)},
                                             IpAddress(key.source), IpAddress(key.group));
            RC_ASSERT(real.action_at<F>(found[i]) == expected);
        }
    }
}

/// A reader from outside sees exactly the entries that there are.
template <Family F>
void compare_from_outside(const RealTable &real, const NaiveTable &naive) {
    std::size_t seen = 0;
    SegmentReader(real.segment.tables()).visit_entries<F>([&](const EntryCopy<F> &entry) {
        ++seen;
        RouteKey key;
        key.vrf = Vrf{static_cast<std::uint16_t>(entry.key.vrf)};
        key.group = {IpAddress(entry.key.group), entry.group_length};
        if (entry.key.source != Address<F>{})
            key.source = IpAddress(entry.key.source);
        RC_ASSERT(!entry.is_changing);
        RC_ASSERT(naive.contains(key));
        RC_ASSERT(entry.oifs.front().ttl_threshold == naive.actions().at(key));
    });
    RC_ASSERT(seen == naive.size());
}

template <Family F>
void behaves_as_the_naive_table() {
    const auto operations = *rc::gen::container<std::vector<Operation>>(any_operation<F>());
    RealTable real;
    NaiveTable naive;
    std::size_t done = 0;
    for (const Operation &operation : operations) {
        apply<F>(operation, real, naive);
        if (++done % 8 == 0)
            compare<F>(real, naive);
    }
    compare<F>(real, naive);
    compare_from_outside<F>(real, naive);
    for (const auto &[key, action] : naive.actions())
        RC_ASSERT(real.writer.remove(key).has_value());
    real.grace.quiescent(0);
    RC_ASSERT(real.writer.reclaim() == 0U);
    const TableUsage usage = real.writer.usage();
    RC_ASSERT(usage.ipv4_entries + usage.ipv6_entries + usage.forward_sets == 0U);
}

RC_GTEST_PROP(Table, AnswersAsANaiveTableDoesForIpv4, ()) {
    behaves_as_the_naive_table<Family::kIpv4>();
}

RC_GTEST_PROP(Table, AnswersAsANaiveTableDoesForIpv6, ()) {
    behaves_as_the_naive_table<Family::kIpv6>();
}

} // namespace
} // namespace mgm_test
