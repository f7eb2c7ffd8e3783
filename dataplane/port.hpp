// SPDX-License-Identifier: BSD-3-Clause
// One DPDK port from devargs to closed: probe, configure, start, stop, close. README.md, "Ports",
// has the walk and what each driver cannot do.
//
// Thread: the port manager's. Workers only see the port id, through ActivePorts.
#pragma once

#include "dataplane/af_xdp.hpp"
#include "dataplane/port_manager.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace dataplane {

/// What all ports have in common.
struct PortSettings {
    std::uint32_t tx_queues = 1; ///< wanted, one for each worker; plan_queues() says what it gets
    std::uint16_t rx_descriptors = 1024;
    std::uint16_t tx_descriptors = 1024;
    rte_mempool *pool = nullptr;
};

class Port {
public:
    /// Probes `devargs` unless EAL has the device already, configures and starts it. What the
    /// driver cannot do but we can live without is in notes(). Nothing is left behind on error:
    /// kUnavailable (not there now), kExists (the device's name is another port's),
    /// kInvalidArgument (can never work so), kInternal (the driver's own words).
    static mgm::Result<Port> open(const PortSpec &spec, const PortSettings &settings);
    Port(Port &&other) noexcept;
    Port &operator=(Port &&other) noexcept;
    /// Stops, closes and unplugs it. Nobody may poll it any more.
    ~Port();

    [[nodiscard]] std::uint16_t id() const noexcept { return id_; }
    [[nodiscard]] mgm::MacAddress mac() const;
    /// What ethdev says; for kernel-backed ports ask the kernel instead.
    [[nodiscard]] mgm::LinkState link() const;
    /// It sends frames of several mbufs as they are.
    [[nodiscard]] bool takes_segments() const noexcept { return takes_segments_; }
    /// All of them want to be polled.
    [[nodiscard]] std::uint16_t rx_queues() const noexcept { return rx_queues_; }
    [[nodiscard]] std::uint16_t tx_queues() const noexcept { return tx_queues_; }
    /// The kernel's index of the device behind the port, 0 when there is none to watch.
    [[nodiscard]] unsigned kernel_index() const noexcept { return kernel_index_; }
    /// The driver does not find its peer again by itself: to be closed and opened anew.
    [[nodiscard]] bool is_lost() const;
    /// One line for each wish that the driver refused.
    [[nodiscard]] const std::vector<std::string> &notes() const noexcept { return notes_; }

    /// Applies what can change while it runs: MTU, MAC, groups.
    void update(const PortSpec &spec);

private:
    Port(std::uint16_t id, std::string devargs) noexcept : id_(id), devargs_(std::move(devargs)) {}
    mgm::Result<void> configure(const PortSpec &spec, const PortSettings &settings);
    void set_mtu(std::uint16_t mtu);
    void set_mac(const mgm::MacAddress &mac);
    void accept_multicast(const std::vector<mgm::MacAddress> &groups);
    mgm::Result<void> prepare_af_xdp(PortSettings &queues);
    void note(std::string text);
    void close();
    void close_af_xdp();

    std::uint16_t id_;
    std::string devargs_;
    std::string driver_;
    unsigned kernel_index_ = 0;
    std::uint16_t mtu_ = 1500;
    std::uint16_t rx_queues_ = 1;
    std::uint16_t tx_queues_ = 1;
    bool takes_segments_ = false;
    bool is_started_ = false;
    bool set_promiscuous_ = false;
    std::vector<std::string> notes_;
    std::optional<MbufPool> own_pool_; ///< net_af_xdp only
    std::vector<XdpFile> xdp_files_;   ///< their rings hold mbufs of own_pool_
};

} // namespace dataplane
