// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/lane.hpp"

#include <rte_common.h>
#include <rte_ring.h>
#include <rte_ring_elem.h>
#include <rte_ring_peek.h>

#include <cstdlib>
#include <new>

namespace dataplane {

void Lane::Free::operator()(rte_ring *ring) const noexcept {
    std::free(ring);
}

std::unique_ptr<Lane> Lane::make(unsigned octets, std::uint32_t elements) noexcept {
    // A ring has a power of two of places, one of which stays empty.
    const ssize_t memory = rte_ring_get_memsize_elem(octets, rte_align32pow2(elements + 1));
    if (memory <= 0)
        return nullptr;
    // The ring's size is a multiple of the cache line, as aligned_alloc() wants it.
    auto *ring =
        static_cast<rte_ring *>(std::aligned_alloc(kLaneLine, static_cast<std::size_t>(memory)));
    if (ring == nullptr)
        return nullptr;
    if (rte_ring_init(ring, "lane", elements, RING_F_SP_ENQ | RING_F_SC_DEQ | RING_F_EXACT_SZ) !=
        0) {
        std::free(ring);
        return nullptr;
    }
    return std::unique_ptr<Lane>(new (std::nothrow) Lane(ring, octets));
}

unsigned Lane::push(const void *elements, unsigned count) noexcept {
    const unsigned pushed =
        rte_ring_sp_enqueue_burst_elem(ring_.get(), elements, octets_, count, nullptr);
    // release: whoever sees the count sees what was done before the push; pairs with pushed(). Who
    // compares counts has made sure that nobody pushes any more. The load is relaxed: one writer.
    pushed_.value.store(pushed_.value.load(std::memory_order_relaxed) + pushed,
                        std::memory_order_release);
    return pushed;
}

unsigned Lane::room() const noexcept {
    return rte_ring_free_count(ring_.get());
}

unsigned Lane::peek(void *elements, unsigned count) noexcept {
    return rte_ring_dequeue_burst_elem_start(ring_.get(), elements, octets_, count, nullptr);
}

void Lane::release(unsigned count) noexcept {
    rte_ring_dequeue_elem_finish(ring_.get(), count);
    // release: whoever sees the count sees the elements' end; pairs with released(). The load is
    // relaxed: one writer.
    released_.value.store(released_.value.load(std::memory_order_relaxed) + count,
                          std::memory_order_release);
}

} // namespace dataplane
