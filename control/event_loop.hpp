// SPDX-License-Identifier: BSD-3-Clause
// What wakes the control thread: descriptors that others make readable, the daemon's signals, a
// tick. Control thread only, but for block_signals().
#pragma once

#include "control/descriptor.hpp"

#include <chrono>
#include <functional>
#include <vector>

namespace control {

class EventLoop {
public:
    /// Aborts when the process is out of descriptors: without them there is no control thread.
    EventLoop();

    /// `is_readable` is called by wait() while `descriptor`, which outlives the loop, is readable.
    void watch(int descriptor, std::function<void()> is_readable);
    /// `signal` gets the number of each SIGHUP, SIGINT, SIGTERM.
    void on_signal(std::function<void(int)> signal);
    /// About every `period`; ticks that were missed count as one.
    void on_tick(std::chrono::nanoseconds period, std::function<void()> tick);

    /// Sleeps until something is to be done, `timeout_ms` at most (-1: as long as it takes), and
    /// does it.
    void wait(int timeout_ms);

    /// The signals go to loops only, not to the threads that happen to run. Before any other thread
    /// starts.
    static void block_signals();
    /// They have their default effect again.
    static void unblock_signals();

private:
    static constexpr int kMost = 8; ///< descriptors a turn
    struct Watched {
        int descriptor;
        std::function<void()> is_readable;
    };

    Descriptor epoll_, signals_, timer_;
    std::vector<Watched> watched_;
};

} // namespace control
