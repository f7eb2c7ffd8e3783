// SPDX-License-Identifier: BSD-3-Clause
// How ports, which belong to dataplane/, tell control that they came, went or changed. One queue,
// any thread posts, the control thread drains it; `descriptor()` becomes readable when there is
// something, so control sleeps in epoll. Off the fast path: a mutex guards it.
#pragma once

#include "mgm/layout.hpp"

#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace mgm {

struct PortEvent {
    enum class Kind : std::uint8_t {
        kOpened,  ///< probed, configured, started: `port_id`, `mac`, `link` are valid
        kLink,    ///< `link` changed
        kClosing, ///< the device is gone or unwanted: stop using `port_id`, then acknowledge
                  ///< (PortAcknowledge)
        kFailed, ///< could not be opened now; will be tried again; `what` says why (posted once per
                 ///< reason)
    };
    Kind kind{};
    std::string port; ///< devargs as in the configuration: the identity of the port
    std::uint16_t port_id = kNoPort;
    MacAddress mac;
    LinkState link = LinkState::kPending;
    bool takes_segments = false; ///< kOpened: it sends frames of several mbufs
    std::string what;            ///< one line for the log
};

class PortEventQueue {
public:
    PortEventQueue(); ///< aborts only if the process is out of file descriptors
    ~PortEventQueue();
    PortEventQueue(const PortEventQueue &) = delete;
    PortEventQueue &operator=(const PortEventQueue &) = delete;

    void post(PortEvent event);
    [[nodiscard]] std::vector<PortEvent> drain();
    /// eventfd, readable while events wait. Owned by the queue.
    [[nodiscard]] int descriptor() const noexcept { return descriptor_; }

private:
    std::mutex mutex_;
    std::vector<PortEvent> events_;
    int descriptor_;
};

} // namespace mgm
