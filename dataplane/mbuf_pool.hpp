// SPDX-License-Identifier: BSD-3-Clause
// A pool of packet buffers, freed with its owner.
#pragma once

#include "mgm/result.hpp"

#include <cstdint>
#include <memory>
#include <string>

struct rte_mempool;

namespace dataplane {

class MbufPool {
public:
    /// `count` mbufs with room for `frame_octets` each behind the headroom, on NUMA node `socket`
    /// (SOCKET_ID_ANY allowed). kInvalidArgument: a count of 0 or too many, a frame too long for
    /// one mbuf. kNoMemory: says how much was wanted and what to raise.
    static mgm::Result<MbufPool> create(const std::string &name, std::uint32_t count,
                                        std::uint16_t frame_octets, int socket);

    [[nodiscard]] rte_mempool *raw() const noexcept { return pool_.get(); }
    /// Leaves the pool to the caller.
    rte_mempool *release() noexcept { return pool_.release(); }
    /// Buffers that somebody holds now. Exact while nobody allocates or frees.
    [[nodiscard]] std::uint32_t in_use() const noexcept;

private:
    struct Free {
        void operator()(rte_mempool *pool) const noexcept;
    };
    explicit MbufPool(rte_mempool *pool) noexcept : pool_(pool) {}
    std::unique_ptr<rte_mempool, Free> pool_;
};

} // namespace dataplane
