// SPDX-License-Identifier: BSD-3-Clause
// Makes the packets of a live run whose ingress is a pair of rings.
//
// Thread: main.
#pragma once

#include "apps/bench/live_wire.hpp"
#include "apps/bench/wire_frame.hpp"

#include <rte_mbuf.h>

#include <array>
#include <cstddef>
#include <cstdint>

namespace bench {

/// Packets of a Traffic into the far end of the ingress, as fast as it takes them.
class Producer {
public:
    Producer(LiveWire &wire, rte_mempool *pool, const Traffic &traffic)
        : wire_(wire), pool_(pool), traffic_(traffic) {}
    ~Producer() { drop(); }
    Producer(const Producer &) = delete;
    Producer &operator=(const Producer &) = delete;

    struct Fed {
        unsigned offered;
        unsigned taken;
    };
    /// What the far end did not take comes first the next time.
    Fed feed() noexcept {
        if (first_ == count_)
            make();
        const unsigned offered = count_ - first_;
        const unsigned taken = wire_.feed(&frames_[first_], offered);
        first_ += taken;
        return {offered, taken};
    }
    void drop() noexcept {
        rte_pktmbuf_free_bulk(&frames_[first_], count_ - first_);
        first_ = count_ = 0;
    }

private:
    static constexpr unsigned kBurst = 32;

    void make() noexcept {
        first_ = count_ = 0;
        if (rte_pktmbuf_alloc_bulk(pool_, frames_.data(), kBurst) != 0)
            return;
        for (; count_ < kBurst; ++count_) {
            rte_mbuf *frame = frames_[count_];
            frame->data_len =
                write_wire_frame(rte_pktmbuf_mtod(frame, std::uint8_t *), traffic_, position_, {});
            frame->pkt_len = frame->data_len;
            position_ = (position_ + 1) % Traffic::kStreamLength;
        }
    }
    LiveWire &wire_;
    rte_mempool *pool_;
    const Traffic &traffic_;
    std::size_t position_ = 0;
    std::array<rte_mbuf *, kBurst + 1> frames_{};
    unsigned first_ = 0, count_ = 0;
};

} // namespace bench
