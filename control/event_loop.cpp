// SPDX-License-Identifier: BSD-3-Clause
#include "control/event_loop.hpp"

#include <algorithm>
#include <array>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

namespace control {

namespace {

sigset_t our_signals() {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : {SIGHUP, SIGINT, SIGTERM})
        sigaddset(&set, signal);
    return set;
}

Descriptor must(int fd, const char *what) {
    if (fd < 0) {
        std::perror(what);
        std::abort();
    }
    return Descriptor(fd);
}

} // namespace

EventLoop::EventLoop() : epoll_(must(::epoll_create1(EPOLL_CLOEXEC), "epoll_create1")) {}

void EventLoop::watch(int descriptor, std::function<void()> is_readable) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = descriptor;
    if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
        std::perror("epoll_ctl");
        std::abort();
    }
    watched_.push_back({descriptor, std::move(is_readable)});
}

void EventLoop::on_signal(std::function<void(int)> signal) {
    const sigset_t set = our_signals();
    signals_ = must(::signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC), "signalfd");
    watch(signals_.get(), [this, signal = std::move(signal)] {
        signalfd_siginfo info{};
        while (::read(signals_.get(), &info, sizeof info) == sizeof info)
            signal(static_cast<int>(info.ssi_signo));
    });
}

void EventLoop::on_tick(std::chrono::nanoseconds period, std::function<void()> tick) {
    timer_ = must(::timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC), "timerfd_create");
    const timespec length{.tv_sec = 0, .tv_nsec = period.count()};
    const itimerspec every{.it_interval = length, .it_value = length};
    ::timerfd_settime(timer_.get(), 0, &every, nullptr);
    watch(timer_.get(), [this, tick = std::move(tick)] {
        std::uint64_t ticks = 0;
        if (::read(timer_.get(), &ticks, sizeof ticks) > 0)
            tick();
    });
}

void EventLoop::wait(int timeout_ms) {
    std::array<epoll_event, kMost> events{};
    const int count = ::epoll_wait(epoll_.get(), events.data(), kMost, timeout_ms);
    for (int i = 0; i < count; ++i) { // count is -1 when interrupted: nothing to do
        const int descriptor = events[static_cast<std::size_t>(i)].data.fd;
        std::ranges::find(watched_, descriptor, &Watched::descriptor)->is_readable();
    }
}

void EventLoop::block_signals() {
    const sigset_t set = our_signals();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

void EventLoop::unblock_signals() {
    const sigset_t set = our_signals();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

} // namespace control
