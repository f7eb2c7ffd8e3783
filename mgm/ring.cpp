// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/ring.hpp"

#include <rte_errno.h>
#include <rte_memory.h>
#include <rte_ring.h>

namespace mgm {

void FreeRing::operator()(rte_ring *ring) const noexcept {
    rte_ring_free(ring);
}

Result<rte_ring *> make_ring(const std::string &name, std::size_t element_octets,
                             std::uint32_t elements) {
    rte_ring *ring = rte_ring_create_elem(name.c_str(), static_cast<unsigned>(element_octets),
                                          elements, SOCKET_ID_ANY, RING_F_SP_ENQ | RING_F_SC_DEQ);
    if (ring != nullptr)
        return ring;
    return fail(rte_errno == EEXIST ? Errc::kExists : Errc::kNoMemory,
                "cannot make ring {} of {} elements: {}; give the EAL more memory or each mgmd its "
                "own name",
                name, elements, rte_strerror(rte_errno));
}

} // namespace mgm
