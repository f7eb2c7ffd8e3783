// SPDX-License-Identifier: BSD-3-Clause
// A port with fewer rx queues than there are workers: one worker receives, and each frame goes to
// the worker of its flow, over a lane for each pair of workers. The hash is of source and group
// alone, so a flow stays in order: with one worker, through one lane.
//
// Thread: SpreadRings::prepare() and what asks for marks, the port manager's; push() the receiving
// worker, lane() the worker that the frames are for.
#pragma once

#include "dataplane/burst.hpp"
#include "dataplane/frame_view.hpp"
#include "dataplane/lane.hpp"
#include "mgm/flow_hash.hpp"
#include "mgm/layout.hpp"

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

struct rte_mbuf;

namespace dataplane {

/// A frame on its way to the worker of its flow. The port is told here and not in the mbuf: a frame
/// that is shared may have come by several ports.
struct SpreadFrame {
    rte_mbuf *frame;
    std::uint64_t port_id;
};
static_assert(sizeof(SpreadFrame) == 16);

class SpreadRings {
public:
    /// `frames`: what each lane holds; a burst at least.
    SpreadRings(std::uint32_t workers, std::uint32_t frames);
    ~SpreadRings(); ///< frees what is in the lanes; workers have counted it before (worker.hpp)
    SpreadRings(const SpreadRings &) = delete;
    SpreadRings &operator=(const SpreadRings &) = delete;

    [[nodiscard]] std::uint32_t workers() const noexcept { return workers_; }

    // --- port manager
    /// `worker` will spread: makes its lanes, unless it has them. False: no memory.
    bool prepare(std::uint32_t worker);
    /// How far the receivers are, lane by lane: when they are past it, every frame that was in a
    /// lane has met its end.
    using Mark = std::vector<std::uint64_t>;
    [[nodiscard]] Mark mark() const;
    [[nodiscard]] bool is_past(const Mark &mark) const;

    // --- workers
    /// From worker `from` to worker `to`; nullptr when `from` spreads nothing.
    [[nodiscard]] Lane *lane(std::uint32_t from, std::uint32_t to) const noexcept {
        // acquire: the lane is complete; pairs with prepare()
        return lanes_[place(from, to)].load(std::memory_order_acquire);
    }

private:
    [[nodiscard]] std::size_t place(std::uint32_t from, std::uint32_t to) const noexcept {
        return std::size_t{from} * workers_ + to;
    }
    std::uint32_t workers_;
    std::uint32_t frames_;
    std::unique_ptr<std::atomic<Lane *>[]> lanes_; ///< by place(); nullptr: not made
    std::vector<std::unique_ptr<Lane>> owned_;
};

/// The flow that decides where a frame goes: IP source and group. Frames of no flow stay with the
/// worker that received them: without IP addresses, to one host or to one link, IGMP, PIM, ICMPv6.
class FlowWorkers {
public:
    FlowWorkers(const mgm::HashSalt &salt, std::uint32_t workers) noexcept
        : salt_(salt), workers_(workers) {}

    /// Worker of the frame's flow, or `receiver`.
    [[nodiscard]] std::uint32_t worker_of(const rte_mbuf &frame,
                                          std::uint32_t receiver) const noexcept;

private:
    template <mgm::Family F>
    [[nodiscard]] std::uint32_t worker_of(const std::uint8_t *addresses) const noexcept;
    mgm::HashSalt salt_;
    std::uint32_t workers_;
};

/// The receiving worker's side.
class Spreader {
public:
    Spreader(std::uint32_t worker, SpreadRings &rings, const mgm::HashSalt &salt) noexcept
        : worker_(worker),
          rings_(rings),
          flows_(salt, rings.workers()),
          staged_(std::make_unique<Staged[]>(rings.workers())) {}

    /// Whatever the flows of the next burst, their workers' lanes would take it.
    [[nodiscard]] bool has_room() const noexcept;
    /// After receive(): what is other workers' leaves the burst. What found no room in their lanes
    /// stands in no_room() until the next call, and is the caller's.
    void spread(Burst &burst) noexcept;
    [[nodiscard]] std::span<rte_mbuf *const> no_room() const noexcept {
        return std::span(no_room_).first(no_room_count_);
    }

private:
    struct Staged {
        unsigned count = 0;
        std::array<SpreadFrame, Burst::kCapacity> frames{};
    };
    void push(std::uint32_t to) noexcept;

    std::uint32_t worker_;
    SpreadRings &rings_;
    FlowWorkers flows_;
    std::unique_ptr<Staged[]> staged_; ///< by worker
    std::array<rte_mbuf *, Burst::kCapacity> no_room_{};
    unsigned no_room_count_ = 0;
};

} // namespace dataplane
