// SPDX-License-Identifier: BSD-3-Clause
// Work that other threads hand to the control thread. Any thread posts, the control thread runs.
#pragma once

#include "control/descriptor.hpp"

#include <oneapi/tbb/concurrent_queue.h>

#include <atomic>
#include <functional>

namespace control {

class CommandQueue {
public:
    CommandQueue(); ///< aborts only if the process is out of file descriptors

    void post(std::function<void()> command);
    /// Runs at most `budget` commands; leaves the descriptor readable while more wait.
    void run(unsigned budget);
    /// Drops what waits and all that is posted from here on: a command learns it in the destructors
    /// of what it holds.
    void close();
    /// Makes the descriptor readable without a command. Async-signal-safe.
    void wake() noexcept;
    [[nodiscard]] int descriptor() const noexcept { return descriptor_.get(); }

private:
    void drop_all();

    tbb::concurrent_queue<std::function<void()>> commands_;
    std::atomic<bool> is_closed_{false};
    Descriptor descriptor_; ///< eventfd
};

} // namespace control
