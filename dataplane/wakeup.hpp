// SPDX-License-Identifier: BSD-3-Clause
// Wakes a thread that sleeps in poll().
#pragma once

#include <cstdint>

#include <sys/eventfd.h>
#include <unistd.h>

namespace dataplane {

class Wakeup {
public:
    Wakeup() noexcept : descriptor_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {}
    ~Wakeup() { close(descriptor_); }
    Wakeup(const Wakeup &) = delete;
    Wakeup &operator=(const Wakeup &) = delete;

    /// Any thread, any context.
    void signal() const noexcept {
        const std::uint64_t one = 1;
        // Fails only when the counter is full: the sleeper is woken already.
        [[maybe_unused]] const ssize_t written = write(descriptor_, &one, sizeof one);
    }
    /// The sleeper, after it woke and before it looks at what there is.
    void clear() const noexcept {
        std::uint64_t count = 0;
        [[maybe_unused]] const ssize_t got = read(descriptor_, &count, sizeof count);
    }
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    int descriptor_;
};

} // namespace dataplane
