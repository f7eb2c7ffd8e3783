// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/mbuf_pool.hpp"

#include <rte_errno.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>

namespace dataplane {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

constexpr std::uint32_t kMost = 1U << 26;
constexpr unsigned kLongest = UINT16_MAX - RTE_PKTMBUF_HEADROOM;

/// The largest cache that DPDK takes for a pool of this size; it wants 1.5 caches per pool.
unsigned cache_size(std::uint32_t count) {
    return std::min<unsigned>(RTE_MEMPOOL_CACHE_MAX_SIZE, count * 2 / 3);
}

} // namespace

void MbufPool::Free::operator()(rte_mempool *pool) const noexcept {
    rte_mempool_free(pool);
}

Result<MbufPool> MbufPool::create(const std::string &name, std::uint32_t count,
                                  std::uint16_t frame_octets, int socket) {
    if (count == 0 || count > kMost)
        return fail(Errc::kInvalidArgument, "mbuf pool '{}' of {}: want 1..{}", name, count, kMost);
    if (frame_octets == 0 || frame_octets > kLongest)
        return fail(Errc::kInvalidArgument, "mbuf pool '{}': frames of {} octets, want 1..{}", name,
                    frame_octets, kLongest);

    const auto data_room = static_cast<std::uint16_t>(frame_octets + RTE_PKTMBUF_HEADROOM);
    rte_mempool *raw =
        rte_pktmbuf_pool_create(name.c_str(), count, cache_size(count), 0, data_room, socket);
    if (raw == nullptr)
        return fail(Errc::kNoMemory,
                    "mbuf pool '{}' of {} ({} MiB): {}; lower the number of mbufs, or raise -m in "
                    "[eal] args or the number of hugepages",
                    name, count, (std::uint64_t{count} * (data_room + sizeof(rte_mbuf)) >> 20) + 1,
                    rte_strerror(rte_errno));
    return MbufPool(raw);
}

std::uint32_t MbufPool::in_use() const noexcept {
    return rte_mempool_in_use_count(pool_.get());
}

} // namespace dataplane
