// SPDX-License-Identifier: BSD-3-Clause
// What the kernel says about its network devices, from rtnetlink: which exist, which have a
// carrier. ethdev keeps saying "up" for ports whose device is long gone; the kernel knows better.
#pragma once

#include "mgm/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

struct mnl_socket;
struct nlmsghdr;

namespace dataplane {

/// One network device of this network namespace.
struct KernelDevice {
    std::string name;
    bool is_up = false; ///< administratively up, and the other end is there
};

class LinkMonitor {
public:
    /// Subscribes to changes and reads what is there now. kUnavailable: the kernel refuses.
    static mgm::Result<LinkMonitor> open();

    /// Readable when read_changes() has something to read.
    [[nodiscard]] int descriptor() const noexcept;
    /// Takes in all that has arrived; reads everything anew after an overflow. True if anything
    /// changed.
    bool read_changes();
    /// nullptr: no such device. The kernel hands out indices in turn, so a device that was deleted
    /// and made again has another one.
    [[nodiscard]] const KernelDevice *find(unsigned index) const;

private:
    struct Close {
        void operator()(mnl_socket *socket) const noexcept;
    };
    using Devices = std::unordered_map<unsigned, KernelDevice>;
    using Socket = std::unique_ptr<mnl_socket, Close>;

    explicit LinkMonitor(Socket socket) noexcept : socket_(std::move(socket)) {}
    /// Everything as of now, over a socket of its own so that events do not get in between.
    static std::optional<Devices> read_all();
    static std::optional<Devices> read_all_once();
    static int take(const nlmsghdr *message, void *devices);

    Socket socket_; ///< subscribed to changes
    Devices devices_;
};

} // namespace dataplane
