// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/port.hpp"

#include "dataplane/dpdk_log.hpp"
#include "dataplane/port_probe.hpp"
#include "dataplane/port_queues.hpp"

#include <rte_errno.h>
#include <rte_ethdev.h>
#include <rte_mbuf.h>
#include <rte_mempool.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <iterator>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <utility>

namespace dataplane {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

namespace {

constexpr std::uint16_t kNoId = RTE_MAX_ETHPORTS;
constexpr std::uint16_t kAfXdpDescriptors =
    2048; ///< as long as the umem's rings; fewer lose frames
constexpr unsigned kL2Octets = RTE_ETHER_HDR_LEN + RTE_ETHER_CRC_LEN + 2 * RTE_VLAN_HLEN;

/// Drivers that stand on a kernel device; ethdev's link state of these never changes.
constexpr std::array<std::string_view, 4> kKernelBacked{"net_af_packet", "net_af_xdp", "net_tap",
                                                        "net_pcap"};

/// Drivers that say nothing of segments and send them octet for octet all the same.
constexpr std::array<std::string_view, 2> kSilentAboutSegments{"net_null", "net_pcap"};

bool is_among(std::span<const std::string_view> names, std::string_view name) {
    return std::find(names.begin(), names.end(), name) != names.end();
}

std::vector<XdpFile> difference(const std::vector<XdpFile> &all,
                                const std::vector<XdpFile> &without) {
    std::vector<XdpFile> rest;
    std::ranges::set_difference(all, without, std::back_inserter(rest));
    return rest;
}

bool is_af_xdp(const rte_eth_dev_info &info) {
    return std::string_view(info.driver_name) == "net_af_xdp";
}

rte_eth_conf configuration(const rte_eth_dev_info &info, const PortSpec &spec,
                           const PortSettings &settings, bool wants_link_interrupt) {
    rte_eth_conf conf{};
    const std::uint16_t least = std::max<std::uint16_t>(info.min_mtu, RTE_ETHER_MIN_MTU);
    const std::uint16_t most = std::max(info.max_mtu, least);
    conf.rxmode.mtu = std::clamp(spec.mtu, least, most);
    const unsigned room =
        static_cast<unsigned>(rte_pktmbuf_data_room_size(settings.pool)) - RTE_PKTMBUF_HEADROOM;
    if (spec.mtu + kL2Octets > room)
        conf.rxmode.offloads |= info.rx_offload_capa & RTE_ETH_RX_OFFLOAD_SCATTER;
    conf.txmode.offloads = info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS;
    conf.intr_conf.lsc = wants_link_interrupt ? 1 : 0;
    return conf;
}

} // namespace

Result<Port> Port::open(const PortSpec &spec, const PortSettings &settings) {
    const Result<std::uint16_t> id = probe_port(spec.devargs);
    if (!id)
        return tl::unexpected(id.error());
    if (Result<void> claimed = claim_port(*id, spec.devargs); !claimed)
        return tl::unexpected(std::move(claimed.error()));

    Port port(*id, spec.devargs); // closes it if anything below fails
    if (Result<void> done = port.configure(spec, settings); !done)
        return tl::unexpected(std::move(done.error()));
    if (spec.mac)
        port.set_mac(*spec.mac);
    port.set_mtu(spec.mtu); // many NICs take it only while they are stopped
    {
        const DpdkLogCapture log;
        if (const int error = rte_eth_dev_start(*id); error != 0)
            return fail(Errc::kInternal, "it does not start: {}", words_of(log, error));
    }
    port.is_started_ = true;
    port.accept_multicast(spec.groups);
    return port;
}

Result<void> Port::configure(const PortSpec &spec, const PortSettings &settings) {
    rte_eth_dev_info info{};
    if (const int error = rte_eth_dev_info_get(id_, &info); error != 0)
        return fail(Errc::kInternal, "it tells nothing about itself: {}", rte_strerror(-error));
    driver_ = info.driver_name;
    const bool is_kernel_backed = is_among(kKernelBacked, driver_);
    takes_segments_ =
        !is_af_xdp(info) && ((info.tx_offload_capa & RTE_ETH_TX_OFFLOAD_MULTI_SEGS) != 0 ||
                             is_among(kSilentAboutSegments, driver_));
    kernel_index_ = is_kernel_backed ? info.if_index : 0;
    const bool tells_link = !is_kernel_backed && (*info.dev_flags & RTE_ETH_DEV_INTR_LSC) != 0;
    const QueuePlan plan = plan_queues(info, settings.tx_queues);
    if (Result<void> done =
            configure_queues(id_, plan, configuration(info, spec, settings, tells_link));
        !done)
        return done;
    rx_queues_ = plan.rx;
    tx_queues_ = plan.tx;
    for (std::string &text : plan.notes(settings.tx_queues))
        note(std::move(text));
    if (!is_af_xdp(info))
        return set_up_queues(id_, plan, settings);
    PortSettings queues = settings;
    if (Result<void> done = prepare_af_xdp(queues); !done)
        return done;
    const std::vector<XdpFile> before = xdp_files();
    Result<void> done = set_up_queues(id_, plan, queues);
    xdp_files_ = difference(xdp_files(), before);
    if (!done)
        done.error().what += "; does another program use the device's queue?";
    return done;
}

Result<void> Port::prepare_af_xdp(PortSettings &queues) {
    queues.rx_descriptors = std::max(queues.rx_descriptors, kAfXdpDescriptors);
    queues.tx_descriptors = std::max(queues.tx_descriptors, kAfXdpDescriptors);
    Result<MbufPool> pool = make_af_xdp_pool(*queues.pool);
    if (!pool)
        return tl::unexpected(std::move(pool.error()));
    queues.pool = pool->raw();
    own_pool_.emplace(std::move(*pool));
    return {};
}

Port::Port(Port &&other) noexcept
    : id_(std::exchange(other.id_, kNoId)),
      devargs_(std::move(other.devargs_)),
      driver_(std::move(other.driver_)),
      kernel_index_(other.kernel_index_),
      mtu_(other.mtu_),
      rx_queues_(other.rx_queues_),
      tx_queues_(other.tx_queues_),
      takes_segments_(other.takes_segments_),
      is_started_(other.is_started_),
      set_promiscuous_(other.set_promiscuous_),
      notes_(std::move(other.notes_)),
      own_pool_(std::exchange(other.own_pool_, std::nullopt)),
      xdp_files_(std::move(other.xdp_files_)) {}

Port &Port::operator=(Port &&other) noexcept {
    if (this == &other)
        return *this;
    std::destroy_at(this); // closes what it had
    return *std::construct_at(this, std::move(other));
}

Port::~Port() {
    if (id_ != kNoId)
        close();
}

void Port::close() {
    {
        const DpdkLogCapture quiet;
        if (set_promiscuous_)
            (void)rte_eth_promiscuous_disable(id_); // the kernel's device stays: leave it as it was
        if (is_started_)
            (void)rte_eth_dev_stop(id_);
    }
    if (own_pool_)
        close_af_xdp();
    else
        unplug_port(id_);
    id_ = kNoId;
}

void Port::close_af_xdp() {
    const std::vector<rte_mbuf *> lent = lent_mbufs(xdp_files_, own_pool_->raw());
    const std::vector<XdpFile> before = xdp_files();
    unplug_port(id_);
    close_leftovers(xdp_files_);
    close_leftovers(difference(xdp_files(), before)); // closing opens some, too
    for (rte_mbuf *mbuf : lent)
        rte_pktmbuf_free(mbuf);
    // One that never got going lost mbufs for ever, but nobody else can have any.
    if (is_started_)
        retire_af_xdp_pool(std::move(*own_pool_));
    own_pool_.reset();
}

mgm::MacAddress Port::mac() const {
    mgm::MacAddress mac;
    rte_ether_addr address{};
    if (rte_eth_macaddr_get(id_, &address) == 0)
        std::memcpy(mac.octets.data(), address.addr_bytes, mac.octets.size());
    return mac;
}

mgm::LinkState Port::link() const {
    rte_eth_link link{};
    const DpdkLogCapture quiet; // some drivers say each time that a peer is missing
    const bool is_up = rte_eth_link_get_nowait(id_, &link) == 0 && link.link_status != 0;
    return is_up ? mgm::LinkState::kUp : mgm::LinkState::kDown;
}

bool Port::is_lost() const {
    const bool is_client =
        driver_ == "net_virtio_user" && devarg(devargs_, "server") != "1" && is_started_;
    return is_client && link() == mgm::LinkState::kDown;
}

void Port::update(const PortSpec &spec) {
    notes_.clear();
    set_mtu(spec.mtu);
    if (spec.mac)
        set_mac(*spec.mac);
    accept_multicast(spec.groups);
}

void Port::set_mtu(std::uint16_t mtu) {
    // Not ethdev's idea of it: configure() noted the MTU there without asking the driver.
    if (mtu == std::exchange(mtu_, mtu))
        return;
    const DpdkLogCapture quiet;
    if (const int error = rte_eth_dev_set_mtu(id_, mtu); error != 0)
        note(fmt::format("{} does not set an MTU of {} ({}); only ours is enforced", driver_, mtu,
                         rte_strerror(-error)));
}

void Port::set_mac(const mgm::MacAddress &mac) {
    rte_ether_addr address{};
    std::memcpy(address.addr_bytes, mac.octets.data(), mac.octets.size());
    const DpdkLogCapture quiet;
    if (const int error = rte_eth_dev_default_mac_addr_set(id_, &address); error != 0)
        note(fmt::format("{} does not set the MAC {} ({}); frames still leave with it", driver_,
                         mac, rte_strerror(-error)));
}

void Port::accept_multicast(const std::vector<mgm::MacAddress> &groups) {
    std::vector<rte_ether_addr> addresses(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i)
        std::memcpy(addresses[i].addr_bytes, groups[i].octets.data(), groups[i].octets.size());
    const DpdkLogCapture quiet;
    if (!groups.empty() &&
        rte_eth_dev_set_mc_addr_list(id_, addresses.data(),
                                     static_cast<std::uint32_t>(addresses.size())) == 0)
        return;
    if (rte_eth_allmulticast_enable(id_) == 0)
        return;
    if (rte_eth_promiscuous_enable(id_) == 0) {
        set_promiscuous_ = true;
        return;
    }
    note(fmt::format("{} has no multicast filter, allmulticast or promiscuous mode to set; taken "
                     "as it is",
                     driver_));
}

void Port::note(std::string text) {
    notes_.push_back(std::move(text));
}

} // namespace dataplane
