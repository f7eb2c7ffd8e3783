// SPDX-License-Identifier: BSD-3-Clause
// Opens, watches and closes the ports of the configuration, on a helper thread of its own: never on
// a worker.
//
// Life of a port: pending --probe ok--> open (kOpened) --acknowledge()--> polled --link change-->
// kLink … --device gone--> kClosing --acknowledge()--> grace period --> stopped and closed -->
// pending again, tried about once a second and at every netlink event, until it comes back under
// the same devargs.
// Kernel-backed ports (af_packet, af_xdp, tap) take their link state from rtnetlink; others from
// ethdev.
#pragma once

#include "dataplane/active_ports.hpp"
#include "mgm/grace_period.hpp"
#include "mgm/port_events.hpp"
#include "mgm/result.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

struct rte_mempool;

namespace dataplane {

class SpreadRings;
class TxRings;

/// One port as the configuration wants it; several VLAN interfaces may share it.
struct PortSpec {
    std::string devargs;      ///< "net_af_packet0,iface=r1" or a PCI address "0000:03:00.0"
    std::uint16_t mtu = 1500; ///< the largest of its interfaces
    std::optional<mgm::MacAddress> mac; ///< set on the port where it can be (router_mac, mac)
    std::vector<mgm::MacAddress>
        groups; ///< group MACs of the routes that accept from it; empty = all multicast
    friend bool operator==(const PortSpec &, const PortSpec &) = default;
};

struct PortManagerConfig {
    std::uint32_t workers = 1;
    std::uint16_t rx_descriptors = 1024;
    std::uint16_t tx_descriptors = 1024;
    rte_mempool *pool = nullptr; ///< rx mbufs
    ActivePorts *active = nullptr;
    SpreadRings *spread = nullptr; ///< with several workers
    TxRings *tx_rings = nullptr;   ///< with several workers
    mgm::GracePeriod *grace = nullptr;
    mgm::PortEventQueue *events = nullptr;
};

class PortManager {
public:
    explicit PortManager(const PortManagerConfig &config);
    ~PortManager(); ///< stop()
    PortManager(const PortManager &) = delete;
    PortManager &operator=(const PortManager &) = delete;

    /// Starts the helper thread and tries every port once before it returns, so that what is there
    /// is up at once.
    mgm::Result<void> start(std::vector<PortSpec> ports);
    /// The configuration was reloaded: opens what is new, closes what is no longer wanted, leaves
    /// the rest alone.
    void reconcile(std::vector<PortSpec> ports);
    /// Control has taken in a kOpened or kClosing event of the port, once for each: interfaces are
    /// attached, so a worker may poll it (before, its first frames would find no interface); or
    /// detached, so it closes after a grace period.
    void acknowledge(std::uint16_t port_id);
    /// Closes every port. Workers must have stopped.
    void stop();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

} // namespace dataplane
