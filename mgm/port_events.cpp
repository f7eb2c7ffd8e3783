// SPDX-License-Identifier: BSD-3-Clause
#include "mgm/port_events.hpp"

#include <cstdio>
#include <cstdlib>
#include <utility>

#include <sys/eventfd.h>
#include <unistd.h>

namespace mgm {

PortEventQueue::PortEventQueue() : descriptor_(eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (descriptor_ >= 0)
        return;
    std::perror("cannot make the eventfd of the port event queue: raise `ulimit -n`");
    std::abort();
}

PortEventQueue::~PortEventQueue() {
    close(descriptor_);
}

void PortEventQueue::post(PortEvent event) {
    const std::lock_guard lock(mutex_);
    events_.push_back(std::move(event));
    // Under the lock, so that drain() cannot empty the queue and leave the descriptor readable. A
    // full counter (2^64 - 1 undrained posts) is readable as well, so the result does not matter.
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = write(descriptor_, &one, sizeof one);
}

std::vector<PortEvent> PortEventQueue::drain() {
    const std::lock_guard lock(mutex_);
    std::uint64_t posts = 0;
    [[maybe_unused]] const auto got = read(descriptor_, &posts, sizeof posts);
    return std::exchange(events_, {});
}

} // namespace mgm
