// SPDX-License-Identifier: BSD-3-Clause
// What forwarding costs at least on this machine: the same ports, an rte_hash lookup, TTL,
// checksum, MACs, and the cheapest copies that DPDK can make. No validation, no RPF, no counters,
// no control. Beside it: less than that (ceilings), and what a plain program would do (clone).
//
// Thread: built on the main thread, run() on a worker's lcore.
#pragma once

#include "apps/bench/ingress.hpp"
#include "apps/bench/scenario.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <vector>

struct rte_hash;
struct rte_mempool;

namespace bench {

enum class FloorKind : std::uint8_t {
    kGenerator, ///< received and freed
    kCeiling,   ///< copies as kFloor makes them, nothing looked up, nothing rewritten
    kFloor,     ///< the cheapest copy that the scenario allows
    kFlat,      ///< own MAC: whole copies, also of long frames
    kClone,     ///< own MAC: a header mbuf and an indirect clone for each copy
};

struct FloorPools {
    rte_mempool *copies; ///< data rooms for whole frames
    rte_mempool *heads;  ///< small mbufs, for frames up to kSmallFrame
    rte_mempool *clones; ///< no data room
};

inline constexpr std::uint16_t kSmallFrame = 256;

class Floor {
public:
    static constexpr std::uint32_t kMostEntries = 1000;

    /// Entries for the first min(entries, kMostEntries) flows.
    Floor(const Scenario &scenario, std::uint16_t ingress_port, std::vector<std::uint16_t> ports,
          const FloorPools &pools);
    ~Floor();
    Floor(const Floor &) = delete;
    Floor &operator=(const Floor &) = delete;

    /// Until `ingress` is over. What is still staged then is sent, unmeasured.
    void run(FloorKind kind, const Ingress &ingress) noexcept;

private:
    template <mgm::Family F>
    class Loop;

    struct Olist {
        std::uint16_t count;
        std::array<std::uint16_t, kMaxFanOut> ports; ///< index into ports_
    };
    struct FreeHash {
        void operator()(rte_hash *hash) const noexcept;
    };

    Scenario scenario_;
    std::uint16_t ingress_port_;
    std::vector<std::uint16_t> ports_; ///< DPDK port ids
    FloorPools pools_;
    std::unique_ptr<rte_hash, FreeHash> hash_;
    struct alignas(64) Route {
        Olist olist;
    };
    std::vector<Route> routes_; ///< by position in the hash
};

/// Source MAC of the copies on the k-th port.
mgm::MacAddress port_mac(MacMode mode, std::size_t k);

} // namespace bench
