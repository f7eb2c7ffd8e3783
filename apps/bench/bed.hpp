// SPDX-License-Identifier: BSD-3-Clause
// What all rows share: EAL, one ingress port, the sink ports, the pools.
//
// Thread: main.
#pragma once

#include "apps/bench/floor.hpp"
#include "apps/bench/ingress.hpp"
#include "apps/bench/scenario.hpp"
#include "dataplane/eal.hpp"
#include "dataplane/mbuf_pool.hpp"
#include "dataplane/port.hpp"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

namespace bench {

/// What a bed must hold: the most that any of its rows needs.
struct BedNeeds {
    std::uint16_t ports = 1;
    std::uint16_t workers = 1;
    std::uint16_t frame_octets = 64; ///< FCS included
    bool is_parked = false;
    std::uint64_t table_octets = 0;

    static BedNeeds of(const std::vector<Row> &rows);
    /// Octets of a buffer for whole frames.
    [[nodiscard]] std::uint16_t frame_room() const noexcept {
        return std::max<std::uint16_t>(frame_octets, 2048);
    }
    [[nodiscard]] std::uint32_t received_mbufs() const noexcept;
    [[nodiscard]] std::uint32_t copied_mbufs() const noexcept;
    /// Pools, tables, and a reserve; in hugepages or ordinary ones.
    [[nodiscard]] std::uint64_t mebibytes(bool is_huge) const noexcept;
};

class Bed {
public:
    /// With `is_huge` in hugepages, else in ordinary pages.
    static mgm::Result<std::unique_ptr<Bed>> create(const BedNeeds &needs, bool is_huge);
    ~Bed();
    Bed(const Bed &) = delete;
    Bed &operator=(const Bed &) = delete;

    /// The first worker's.
    [[nodiscard]] Ingress &ingress() noexcept { return *ingresses_.front(); }
    /// One for each worker, on an rx queue of its own.
    [[nodiscard]] const std::vector<std::unique_ptr<Ingress>> &ingresses() const noexcept {
        return ingresses_;
    }
    [[nodiscard]] std::uint16_t ingress_port() const noexcept { return ports_.front().id(); }
    /// The first `count` sinks' DPDK ports.
    [[nodiscard]] std::vector<std::uint16_t> sink_ports(std::size_t count) const;
    [[nodiscard]] FloorPools floor_pools() const noexcept;
    /// What frames are received in; a router makes its copies there, too.
    [[nodiscard]] rte_mempool *received() const noexcept { return received_->raw(); }
    [[nodiscard]] unsigned worker_lcore(std::size_t worker = 0) const noexcept {
        return eal_->worker_lcores()[worker];
    }
    [[nodiscard]] unsigned worker_cpu() const noexcept;
    /// Buffers of all pools that somebody holds.
    [[nodiscard]] std::uint32_t mbufs_in_use() const noexcept;

private:
    Bed() = default;
    mgm::Result<void> make_pools(const BedNeeds &needs);
    mgm::Result<void> open_ports(const BedNeeds &needs);

    std::optional<dataplane::Eal> eal_;
    std::optional<dataplane::MbufPool> received_, copies_, heads_, clones_;
    std::vector<dataplane::Port> ports_; ///< ingress first
    std::vector<std::unique_ptr<Ingress>> ingresses_;
};

} // namespace bench
