// SPDX-License-Identifier: BSD-3-Clause
// Flows of the table benchmarks: keys by number, the same in each run, and tables that hold them.
#pragma once

#include "bench_main.hpp"
#include "mgm/flow_key.hpp"
#include "mgm/grace_period.hpp"
#include "mgm/mfe_table.hpp"
#include "mgm/segment.hpp"
#include "mgm/table_writer.hpp"

#include <rte_hash.h>

#include <cstdint>
#include <memory>
#include <stdexcept>

namespace benches {

/// Flow `k` of up to 16 million: a source and a group of its own.
template <mgm::Family F>
mgm::FlowKey<F> flow(std::uint32_t k) {
    mgm::FlowKey<F> key{};
    const std::uint32_t source = (k * 0x9e37'79b1U) >> 8U | 1U; // anywhere in 24 bits
    if constexpr (F == mgm::Family::kIpv4) {
        key.source.be = __builtin_bswap32(0x0a00'0000U | source);
        key.group.be = __builtin_bswap32(0xe100'0000U + k); // from 225.0.0.0 on
    } else {
        const auto fill = [](mgm::Ipv6Address &address, std::uint32_t front, std::uint32_t back) {
            for (unsigned i = 0; i < 4; ++i) {
                address.octets[i] = static_cast<std::uint8_t>(front >> (24 - 8 * i));
                address.octets[12 + i] = static_cast<std::uint8_t>(back >> (24 - 8 * i));
            }
        };
        fill(key.source, 0x2001'0db8U, source);
        fill(key.group, 0xff1e'0000U, k + 1);
    }
    return key;
}

/// The group alone.
template <mgm::Family F>
mgm::FlowKey<F> any_source(mgm::FlowKey<F> key) {
    key.source = {};
    return key;
}

template <mgm::Family F>
mgm::RouteKey route(const mgm::FlowKey<F> &key) {
    const mgm::IpAddress group(key.group);
    mgm::RouteKey route{{}, {}, {group, static_cast<std::uint8_t>(group.bits())}};
    if (key.source != mgm::Address<F>{})
        route.source = mgm::IpAddress(key.source);
    return route;
}

/// mgmd's table and its writer, in EAL's memory. One at a time.
template <mgm::Family F>
class MgmTable {
public:
    static constexpr std::uint32_t kRoom = 4096; ///< for more than `entries`

    explicit MgmTable(std::uint32_t entries)
        : segment_(required(mgm::SharedSegment::create(geometry(entries), "bench"))),
          grace_(1),
          writer_(std::make_unique<mgm::TableWriter>(segment_.tables(), grace_)) {
        for (std::uint32_t index = 1; index <= 4; ++index) {
            mgm::InterfaceSpec spec;
            spec.name = spec.port = "if" + std::to_string(index);
            spec.index = mgm::IfIndex{index};
            required(writer_->upsert_interface(spec));
        }
    }
    void set(const mgm::FlowKey<F> &key, bool is_changed = false) {
        required(writer_->upsert(route(key), is_changed ? changed_ : action_));
    }
    void remove(const mgm::FlowKey<F> &key) { required(writer_->remove(route(key))); }
    void reclaim() { writer_->reclaim(); }
    [[nodiscard]] mgm::Tables tables() const noexcept { return segment_.tables(); }

    /// All that an entry takes: its place in the hash, itself, its counters of one worker.
    static double octets_per_entry(std::uint32_t entries) {
        const auto octets = [](std::uint32_t n) {
            return static_cast<double>(mgm::layout_of(geometry(n)).total_octets);
        };
        return (octets(entries) - octets(64)) / (entries - 64);
    }
    static double mebibytes(std::uint32_t entries) {
        return static_cast<double>(mgm::layout_of(geometry(entries)).total_octets) / (1U << 20U);
    }

private:
    static mgm::Geometry geometry(std::uint32_t entries) {
        mgm::Geometry geometry;
        geometry.ipv4_entries = F == mgm::Family::kIpv4 ? entries + kRoom : 64;
        geometry.ipv6_entries = F == mgm::Family::kIpv4 ? 64 : entries + kRoom;
        return geometry;
    }
    mgm::SharedSegment segment_;
    mgm::GracePeriod grace_;
    std::unique_ptr<mgm::TableWriter> writer_;
    mgm::RouteAction action_{{mgm::IfIndex{1}},
                             {{mgm::IfIndex{2}, 0, {}}, {mgm::IfIndex{3}, 0, {}}}};
    mgm::RouteAction changed_{{mgm::IfIndex{1}},
                              {{mgm::IfIndex{3}, 0, {}}, {mgm::IfIndex{4}, 0, {}}}};
};

/// The baseline: DPDK's hash of the same keys, half full as mgmd's is (a power of two decides: of
/// 100,000 entries 38 %).
template <mgm::Family F>
class DpdkTable {
public:
    explicit DpdkTable(std::uint32_t entries);
    void set(const mgm::FlowKey<F> &key) {
        if (rte_hash_add_key(hash_.get(), &key) < 0)
            throw std::runtime_error("the hash of DPDK is full");
    }
    void remove(const mgm::FlowKey<F> &key) { rte_hash_del_key(hash_.get(), &key); }
    [[nodiscard]] const rte_hash *hash() const noexcept { return hash_.get(); }

private:
    struct Free {
        void operator()(rte_hash *hash) const noexcept { rte_hash_free(hash); }
    };
    std::unique_ptr<rte_hash, Free> hash_;
};

} // namespace benches
