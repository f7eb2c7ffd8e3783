// SPDX-License-Identifier: BSD-3-Clause
// A DPDK port in memory: what a test puts in is received, what is sent can be taken out.
//
// Ports are made once for the whole program (DPDK has 32) and lent to one test at a time.
#pragma once

#include "support/packet_builder.hpp"

#include <cstdint>
#include <vector>

struct rte_mbuf;
struct rte_mempool;
struct rte_ring;

namespace support {

class RingPort {
public:
    static constexpr unsigned kRingSize = 4096; ///< holds one less

    /// Port number `k` of the program, emptied. Throws when DPDK refuses.
    static RingPort &get(unsigned k);

    [[nodiscard]] std::uint16_t id() const noexcept { return id_; }
    /// Takes `frame`; it is received in the next turn.
    void put(rte_mbuf *frame);
    /// All frames sent since the last call, as octets; the mbufs go back to their pool.
    std::vector<Octets> take();
    /// Frames sent and not taken yet.
    [[nodiscard]] unsigned sent() const;
    /// From now on the port takes only `frames` more, until drain().
    void leave_room_for(unsigned frames, rte_mempool *pool);
    /// Frees everything in both directions.
    void drain();

private:
    explicit RingPort(unsigned k);
    rte_ring *rx_ = nullptr;
    rte_ring *tx_ = nullptr;
    std::uint16_t id_ = 0;
};

/// A frame in one mbuf of `pool`, or over several when `splits` names the lengths of all segments
/// but the last (0 makes an empty segment).
rte_mbuf *make_frame(rte_mempool *pool, const Octets &octets,
                     const std::vector<std::size_t> &splits = {});
Octets octets_of(const rte_mbuf &frame);

} // namespace support
