// SPDX-License-Identifier: BSD-3-Clause
// What has been unpublished and waits until no reader can hold it any more. First in, first out: a
// later ticket never passes before an earlier one.
//
// Thread: the writer.
#pragma once

#include "mgm/grace_period.hpp"

#include <cstdint>
#include <functional>
#include <list>
#include <utility>

namespace mgm {

class RetiredList {
    struct Waiting {
        GracePeriod::Ticket ticket;
        std::function<void()> free;
    };

public:
    explicit RetiredList(GracePeriod &grace) noexcept : grace_(grace) {}

    /// Call after the unpublishing store; `free` runs once a grace period has passed.
    void retire(std::function<void()> free) { retire(prepare(std::move(free))); }
    /// The same in two steps: the memory is taken before the store, and nothing fails after it.
    using Prepared = std::list<Waiting>;
    [[nodiscard]] static Prepared prepare(std::function<void()> free) {
        Prepared one;
        one.push_back({0, std::move(free)});
        return one;
    }
    void retire(Prepared prepared) noexcept;
    /// Frees all whose grace period has passed.
    void reclaim();
    /// A capacity is used up by things that wait: gives the readers up to kPatience to be
    /// quiescent, then reclaims. A worker that hangs for longer costs its caller a kTableFull.
    void wait_and_reclaim();
    [[nodiscard]] std::uint32_t size() const noexcept {
        return static_cast<std::uint32_t>(waiting_.size());
    }

private:
    GracePeriod &grace_;
    std::list<Waiting> waiting_;
};

} // namespace mgm
