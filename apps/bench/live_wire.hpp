// SPDX-License-Identifier: BSD-3-Clause
// A port of the router and, where it is ours, what is at the other end of its wire: a pair of
// rings, nothing, or the world behind a port by its devargs.
//
// Thread: made on the main thread, which also serves the far ends; the router's worker has the near
// ends.
#pragma once

#include "dataplane/port.hpp"

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

struct rte_mbuf;
struct rte_ring;

namespace bench {

class LiveWire {
public:
    /// `what` is "null", "ring" or devargs; `number` tells those of one kind apart.
    static mgm::Result<LiveWire> make(const std::string &what, unsigned number, std::uint16_t mtu,
                                      const dataplane::PortSettings &settings);

    /// "null" or "ring"
    static bool is_word(const std::string &what) { return what == "null" || what == "ring"; }

    [[nodiscard]] std::uint16_t port_id() const noexcept { return near_->id(); }
    [[nodiscard]] bool takes_segments() const noexcept { return near_->takes_segments(); }
    [[nodiscard]] bool is_up() const { return near_->link() == mgm::LinkState::kUp; }
    /// Its far end is in this process: drain() sees all that was sent.
    [[nodiscard]] bool has_far_end() const noexcept { return far_.has_value(); }
    /// Receives a burst at the far end and frees it.
    unsigned drain() noexcept;
    /// Sends from the far end; takes what it returns, the rest stays the caller's.
    unsigned feed(rte_mbuf **frames, unsigned count) noexcept;

private:
    struct FreeRing {
        void operator()(rte_ring *ring) const noexcept;
    };
    LiveWire() = default;
    mgm::Result<void> make_ring_pair(const std::string &name, const dataplane::PortSettings &);

    std::array<std::unique_ptr<rte_ring, FreeRing>, 2> rings_;
    std::optional<dataplane::Port> far_, near_; ///< closed before the rings go
};

} // namespace bench
