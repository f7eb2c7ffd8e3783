// SPDX-License-Identifier: BSD-3-Clause
// Between workers and the group manager: what workers could not decide goes up, what becomes of the
// packets that they hold goes down. Control thread only.
#pragma once

#include "control/manager/manager.hpp"
#include "mgm/inject_ring.hpp"
#include "mgm/signal_ring.hpp"
#include "mgm/table_writer.hpp"

#include <array>
#include <cstddef>
#include <deque>
#include <vector>

namespace control {

class PacketSignals {
public:
    /// One ring a worker in each; none: workers hold nothing and raise nothing. All outlive it.
    PacketSignals(mgm::TableWriter &writer, std::vector<mgm::SignalRing *> up,
                  const std::vector<mgm::InjectRing *> &down);

    /// Hands at most kPerTurn signals of each worker to `manager`: a flood of new sources leaves
    /// time for everybody else.
    void drain(manager::Manager &manager);

    /// Tells every worker, since each may hold some: now or, where its ring is full, when drain()
    /// comes by again.
    void release_held(const manager::Key &key) { tell({.key = key, .is_release = true}); }
    void drop_held(const manager::Key &key) { tell({.key = key, .is_release = false}); }

private:
    static constexpr std::size_t kPerTurn = 64;
    /// Words for one worker that wait. A worker that stands still holds no more flows than its
    /// signals; what is beyond is lost, and the packets' time ends by itself.
    static constexpr std::size_t kMostWaiting = mgm::SignalRing::kSignals;

    struct Word {
        manager::Key key;
        bool is_release = false;
    };
    struct Down {
        mgm::InjectRing *ring;
        std::deque<Word> waiting;
    };

    void hand_over(const mgm::Signal &signal, manager::Manager &manager);
    void tell(const Word &word);
    [[nodiscard]] static bool try_to_tell(mgm::InjectRing &ring, const Word &word);

    mgm::TableWriter &writer_;
    std::vector<mgm::SignalRing *> up_;
    std::vector<Down> down_; ///< none where nothing is held
    std::array<mgm::Signal, kPerTurn> signals_{};
};

} // namespace control
