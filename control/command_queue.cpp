// SPDX-License-Identifier: BSD-3-Clause
#include "control/command_queue.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <sys/eventfd.h>

namespace control {

CommandQueue::CommandQueue() : descriptor_(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)) {
    if (!descriptor_) {
        std::perror("control thread: eventfd");
        std::abort();
    }
}

void CommandQueue::post(std::function<void()> command) {
    commands_.push(std::move(command));
    wake();
    // After the push: either this sees the flag, or close() sees the command.
    if (is_closed_.load())
        drop_all();
}

void CommandQueue::run(unsigned budget) {
    std::uint64_t posted = 0;
    while (::read(descriptor_.get(), &posted, sizeof posted) > 0) {
    }
    std::function<void()> command;
    for (; budget > 0 && commands_.try_pop(command); --budget)
        command();
    if (!commands_.empty())
        wake();
}

void CommandQueue::close() {
    is_closed_.store(true);
    drop_all();
}

void CommandQueue::drop_all() {
    std::function<void()> command;
    while (commands_.try_pop(command))
        command = nullptr;
}

void CommandQueue::wake() noexcept {
    const std::uint64_t one = 1;
    // A full counter is readable already, so a failed write loses nothing.
    [[maybe_unused]] const ssize_t written = ::write(descriptor_.get(), &one, sizeof one);
}

} // namespace control
