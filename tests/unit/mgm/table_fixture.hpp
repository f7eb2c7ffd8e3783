// SPDX-License-Identifier: BSD-3-Clause
// A small segment in plain memory with a writer and some interfaces of odd numbers.
#pragma once

#include "mgm/mfe_table.hpp"
#include "mgm/segment.hpp"
#include "mgm/table_writer.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace mgm_test {

using namespace mgm;

inline constexpr IfIndex kIf3{3};
inline constexpr IfIndex kIf17{17};
inline constexpr IfIndex kIf99{99};
inline constexpr IfIndex kIf4711{4711};

inline Geometry small_geometry() {
    Geometry geometry;
    geometry.interfaces = 13;
    geometry.neighbors = 7;
    geometry.vrfs = 5;
    geometry.ipv4_entries = 300;
    geometry.ipv6_entries = 300;
    geometry.ipv4_ranges = 11;
    geometry.ipv6_ranges = 11;
    geometry.block_units = 4096;
    geometry.workers = 2;
    return geometry;
}

inline IpAddress address(const char *text) {
    return IpAddress::parse(text).value();
}
inline IpPrefix prefix(const char *text) {
    return IpPrefix::parse(text).value();
}

inline RouteKey route(const char *source, const char *group, std::uint16_t vrf = 0) {
    RouteKey key;
    key.vrf = Vrf{vrf};
    if (source != nullptr)
        key.source = address(source);
    key.group = prefix(group);
    return key;
}

inline RouteAction action(std::vector<IfIndex> iifs, std::initializer_list<IfIndex> oifs) {
    RouteAction result{std::move(iifs), {}};
    for (const IfIndex oif : oifs)
        result.oifs.push_back({oif, 0, std::nullopt});
    return result;
}

template <Family F>
FlowKey<F> flow(const char *source, const char *group, std::uint32_t vrf = 0) {
    return {address(source).as<F>(), address(group).as<F>(), vrf};
}
inline FlowKey<Family::kIpv4> flow4(const char *source, const char *group, std::uint32_t vrf = 0) {
    return flow<Family::kIpv4>(source, group, vrf);
}
inline FlowKey<Family::kIpv6> flow6(const char *source, const char *group, std::uint32_t vrf = 0) {
    return flow<Family::kIpv6>(source, group, vrf);
}

class TableTest : public testing::Test {
protected:
    explicit TableTest(const Geometry &geometry = small_geometry())
        : segment(geometry),
          tables(segment.tables()),
          grace(geometry.workers),
          writer(tables, grace),
          ipv4(tables),
          ipv6(tables) {
        for (const IfIndex index : {kIf3, kIf17, kIf99, kIf4711})
            EXPECT_TRUE(writer.upsert_interface(interface_spec(index)).has_value());
    }

    static InterfaceSpec interface_spec(IfIndex index) {
        InterfaceSpec spec;
        spec.index = index;
        spec.name = "p" + std::to_string(static_cast<std::uint32_t>(index));
        spec.port = "net_null" + std::to_string(static_cast<std::uint32_t>(index));
        return spec;
    }
    [[nodiscard]] IfSlot slot(IfIndex index) const { return writer.slot_of(index).value(); }
    [[nodiscard]] const InterfaceRecord &record(IfIndex index) const {
        return *tables.interface(slot(index));
    }
    [[nodiscard]] const ForwardSet &set_of(const RouteKey &key) const {
        const MfeIndex index = writer.find(key).value();
        return key.group.family() == Family::kIpv4
                   ? tables.forward_set(tables.mfe<Family::kIpv4>(index))
                   : tables.forward_set(tables.mfe<Family::kIpv6>(index));
    }
    template <class T>
    static Errc code_of(const Result<T> &result) {
        EXPECT_FALSE(result.has_value());
        return result ? Errc{} : result.error().code;
    }

    PrivateSegment segment;
    Tables tables;
    GracePeriod grace;
    TableWriter writer;
    MfeTable<Family::kIpv4> ipv4;
    MfeTable<Family::kIpv6> ipv6;
};

} // namespace mgm_test
