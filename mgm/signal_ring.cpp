// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/signal_ring.hpp"

#include <fmt/format.h>
#include <rte_ring.h>

namespace mgm {

static_assert(kFitsARing<Signal> && sizeof(Signal) == 152);

Result<SignalRing> SignalRing::create(std::uint32_t worker) {
    const auto ring = make_ring(fmt::format("mgm_signal_{}", worker), sizeof(Signal), kSignals);
    if (!ring)
        return tl::unexpected(ring.error());
    return SignalRing(Ring(*ring));
}

bool SignalRing::raise(const Signal &signal) noexcept {
    return rte_ring_sp_enqueue_elem(ring_.get(), const_cast<Signal *>(&signal), sizeof signal) == 0;
}

unsigned SignalRing::drain(std::span<Signal> signals) noexcept {
    return rte_ring_sc_dequeue_burst_elem(ring_.get(), signals.data(), sizeof(Signal),
                                          static_cast<unsigned>(signals.size()), nullptr);
}

} // namespace mgm
