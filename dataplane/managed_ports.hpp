// SPDX-License-Identifier: BSD-3-Clause
// The ports of the configuration, open or not: takes each through the life that port_manager.hpp
// describes.
// Thread: one at a time, the port manager's.
#pragma once

#include "dataplane/link_monitor.hpp"
#include "dataplane/port_manager.hpp"
#include "dataplane/wakeup.hpp"

#include <rte_ethdev.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace dataplane {

class Port;

class ManagedPorts {
public:
    /// `wakeup` is signalled when a device has something to say, and outlives the ports.
    ManagedPorts(const PortManagerConfig &config, LinkMonitor kernel, const Wakeup &wakeup);
    ~ManagedPorts();
    ManagedPorts(const ManagedPorts &) = delete;
    ManagedPorts &operator=(const ManagedPorts &) = delete;

    /// From the next turn on these ports and no others.
    void want(std::vector<PortSpec> ports);
    /// As PortManager::acknowledge().
    void acknowledge(std::uint16_t port_id);
    /// Looks at every port once. `try_all`: pending ones too, however recently they were tried.
    void turn(bool try_all);
    /// The longest that the thread may sleep before the next turn.
    [[nodiscard]] std::chrono::milliseconds time_to_next_turn() const;
    /// Readable when read_kernel_changes() has something to read.
    [[nodiscard]] int kernel_descriptor() const noexcept;
    /// True if the kernel's devices changed.
    bool read_kernel_changes();
    /// Workers must have stopped.
    void close_all();

private:
    struct Slot;

    void try_open(Slot &slot);
    void take_acknowledgement(Slot &slot);
    void watch(Slot &slot);
    void retune(Slot &slot, const PortSpec &spec);
    void begin_closing(Slot &slot, std::string why);
    void go_on_closing(Slot &slot);
    void close(Slot &slot);
    [[nodiscard]] mgm::LinkState link_of(const Port &port) const;
    [[nodiscard]] std::uint32_t least_loaded_worker() const;
    void log_notes(Slot &slot);
    void post(const Slot &slot, mgm::PortEvent::Kind kind, std::string what = {});
    /// EAL's interrupt thread.
    static int on_ethdev_event(std::uint16_t port_id, rte_eth_event_type event, void *self,
                               void *unused);

    const PortManagerConfig config_;
    LinkMonitor kernel_;
    const Wakeup &wakeup_;
    std::vector<std::unique_ptr<Slot>> slots_;
    std::atomic<PortMask> removed_{0}; ///< ports whose device said that it was unplugged
};

} // namespace dataplane
