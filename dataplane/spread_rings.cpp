// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/spread.hpp"

#include <rte_mbuf.h>

namespace dataplane {

SpreadRings::SpreadRings(std::uint32_t workers, std::uint32_t frames)
    : workers_(workers),
      frames_(frames),
      lanes_(std::make_unique<std::atomic<Lane *>[]>(std::size_t{workers} * workers)) {}

SpreadRings::~SpreadRings() {
    SpreadFrame left{};
    for (const std::unique_ptr<Lane> &lane : owned_)
        while (lane->peek(&left, 1) != 0) {
            rte_pktmbuf_free(left.frame);
            lane->release(1);
        }
}

bool SpreadRings::prepare(std::uint32_t worker) {
    for (std::uint32_t to = 0; to < workers_; ++to) {
        if (to == worker || lane(worker, to) != nullptr)
            continue;
        std::unique_ptr<Lane> made = Lane::make(sizeof(SpreadFrame), frames_);
        if (made == nullptr)
            return false;
        owned_.push_back(std::move(made));
        // release: pairs with lane()
        lanes_[place(worker, to)].store(owned_.back().get(), std::memory_order_release);
    }
    return true;
}

SpreadRings::Mark SpreadRings::mark() const {
    Mark mark;
    for (const std::unique_ptr<Lane> &lane : owned_)
        mark.push_back(lane->pushed());
    return mark;
}

bool SpreadRings::is_past(const Mark &mark) const {
    for (std::size_t i = 0; i < mark.size(); ++i) // lanes only ever get more
        if (owned_[i]->released() < mark[i])
            return false;
    return true;
}

} // namespace dataplane
