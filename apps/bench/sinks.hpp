// SPDX-License-Identifier: BSD-3-Clause
// Where copies go: net_null ports. A parked sink keeps the last 1,024 of each port, as the tx ring
// of a NIC does, in a tx callback; a blocked one takes nothing, as when that ring is full.
//
// Thread: the callback runs on whoever sends; the rest on the main thread, while nobody sends.
#pragma once

#include "apps/bench/scenario.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

struct rte_mbuf;
struct rte_mempool;
struct rte_eth_rxtx_callback;

namespace bench {

class ParkedFrames {
public:
    static constexpr std::size_t kFrames = 1024;

    /// Full from the start, of `filler`'s frames, so that a port never takes fewer than it is
    /// given.
    ParkedFrames(std::uint16_t port_id, rte_mempool *filler);
    ~ParkedFrames(); ///< frees what is parked
    ParkedFrames(const ParkedFrames &) = delete;
    ParkedFrames &operator=(const ParkedFrames &) = delete;

private:
    /// Each frame takes the place of the oldest, which goes on to be freed.
    static std::uint16_t exchange(std::uint16_t port, std::uint16_t queue, rte_mbuf **frames,
                                  std::uint16_t count, void *self);

    std::uint16_t port_id_;
    const rte_eth_rxtx_callback *callback_;
    std::size_t next_ = 0;
    std::array<rte_mbuf *, kFrames> frames_{};
};

/// While it lives, its port takes no frame.
class Blockade {
public:
    explicit Blockade(std::uint16_t port_id);
    ~Blockade();
    Blockade(const Blockade &) = delete;
    Blockade &operator=(const Blockade &) = delete;

private:
    static std::uint16_t refuse(std::uint16_t, std::uint16_t, rte_mbuf **, std::uint16_t,
                                void *) noexcept {
        return 0;
    }
    std::uint16_t port_id_;
    const rte_eth_rxtx_callback *callback_;
};

/// The sinks of one row. What they sent since they were made.
class Sinks {
public:
    Sinks(std::vector<std::uint16_t> port_ids, const Scenario &scenario, rte_mempool *filler);

    [[nodiscard]] const std::vector<std::uint16_t> &port_ids() const noexcept { return port_ids_; }
    /// Frames that all ports have taken since the last call. Nobody sends now.
    std::uint64_t take_sent();
    /// Of them, what each port has taken.
    [[nodiscard]] const std::vector<std::uint64_t> &sent_by_port() const noexcept { return sent_; }

private:
    std::vector<std::uint16_t> port_ids_;
    std::vector<std::unique_ptr<ParkedFrames>> parked_;
    std::optional<Blockade> blockade_;
    std::vector<std::uint64_t> sent_, sent_before_;
};

} // namespace bench
