// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/managed_ports.hpp"

#include "dataplane/port.hpp"
#include "dataplane/port_polling.hpp"
#include "dataplane/spread.hpp"
#include "dataplane/tx_rings.hpp"
#include "mgm/log.hpp"

#include <rte_ethdev.h>

#include <algorithm>
#include <set>
#include <thread>
#include <utility>

namespace dataplane {

using mgm::LinkState;
using mgm::PortEvent;
using mgm::Result;

namespace {

const mgm::Log kLog("mgm.port");

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kRetry{1000};   ///< a pending port is tried as often
constexpr std::chrono::milliseconds kLinkPoll{500}; ///< of ports that no event tells about
constexpr std::chrono::milliseconds kGracePoll{2};  ///< while workers may still hold a port

} // namespace

/// One port of the configuration, open or not.
struct ManagedPorts::Slot {
    enum class State : std::uint8_t {
        kPending,      ///< not open; tried again
        kOpen,         ///< in use; polled once control has acknowledged kOpened
        kAwaitsDetach, ///< kClosing was posted, control has not acknowledged
        kAwaitsGrace,  ///< a worker may still be in it
        kAwaitsLanes,  ///< frames that came by it, or go to it, wait in workers' lanes
        kAwaitsOwners, ///< a worker may still look at its lanes
    };
    PortSpec spec;
    State state = State::kPending;
    bool is_wanted = true;
    std::optional<Port> port; ///< in every state but kPending
    LinkState link = LinkState::kPending;
    std::uint32_t worker = 0; ///< who polls it, if not all do
    /// kOpened and kClosing events that control has not acknowledged. Counted, since a port may be
    /// gone again before control has answered that it came.
    unsigned unacknowledged = 0;
    mgm::GracePeriod::Ticket ticket = 0;
    SpreadRings::Mark mark; ///< in kAwaitsLanes
    Clock::time_point next_try;
    std::string last_failure;
    std::set<std::string> notes; ///< already logged
};

ManagedPorts::ManagedPorts(const PortManagerConfig &config, LinkMonitor kernel,
                           const Wakeup &wakeup)
    : config_(config), kernel_(std::move(kernel)), wakeup_(wakeup) {}
ManagedPorts::~ManagedPorts() = default;

// --- called by the port manager

void ManagedPorts::want(std::vector<PortSpec> ports) {
    for (const auto &slot : slots_)
        slot->is_wanted = false;
    for (PortSpec &spec : ports) {
        const auto known = std::find_if(slots_.begin(), slots_.end(), [&](const auto &slot) {
            return slot->spec.devargs == spec.devargs;
        });
        if (known == slots_.end()) {
            slots_.push_back(std::make_unique<Slot>());
            slots_.back()->spec = std::move(spec);
            continue;
        }
        (*known)->is_wanted = true;
        retune(**known, spec);
    }
}

void ManagedPorts::acknowledge(std::uint16_t port_id) {
    for (const auto &slot : slots_)
        if (slot->port && slot->port->id() == port_id)
            take_acknowledgement(*slot);
}

void ManagedPorts::turn(bool try_all) {
    // First what closes, so that what opens finds the device's name free.
    for (const auto &slot : slots_) {
        if (slot->state == Slot::State::kOpen)
            watch(*slot);
        else
            go_on_closing(*slot);
    }
    std::erase_if(slots_, [](const auto &slot) {
        return slot->state == Slot::State::kPending && !slot->is_wanted;
    });
    for (const auto &slot : slots_)
        if (slot->state == Slot::State::kPending && (try_all || Clock::now() >= slot->next_try))
            try_open(*slot);
}

std::chrono::milliseconds ManagedPorts::time_to_next_turn() const {
    const bool is_closing = std::any_of(slots_.begin(), slots_.end(), [](const auto &slot) {
        return slot->state > Slot::State::kAwaitsDetach;
    });
    return is_closing ? kGracePoll : kLinkPoll;
}

int ManagedPorts::kernel_descriptor() const noexcept {
    return kernel_.descriptor();
}

bool ManagedPorts::read_kernel_changes() {
    return kernel_.read_changes();
}

void ManagedPorts::close_all() {
    for (const auto &slot : slots_)
        if (slot->port) {
            config_.active->forget(slot->port->id());
            if (config_.tx_rings != nullptr)
                config_.tx_rings->finish(slot->port->id());
            close(*slot);
        }
    slots_.clear();
}

// --- the life of one port

void ManagedPorts::try_open(Slot &slot) {
    slot.next_try = Clock::now() + kRetry;
    Result<Port> port = Port::open(slot.spec, {.tx_queues = config_.workers,
                                               .rx_descriptors = config_.rx_descriptors,
                                               .tx_descriptors = config_.tx_descriptors,
                                               .pool = config_.pool});
    if (port && config_.tx_rings != nullptr &&
        !config_.tx_rings->open(port->id(), port->tx_queues()))
        port = mgm::fail(mgm::Errc::kNoMemory,
                         "no memory for the lanes of {} workers to it; lower "
                         "tx_descriptors or workers",
                         config_.workers);
    if (!port) {
        if (slot.last_failure != port.error().what)
            post(slot, PortEvent::Kind::kFailed, port.error().what);
        slot.last_failure = std::move(port.error().what);
        return;
    }
    slot.worker = least_loaded_worker();
    slot.port.emplace(std::move(*port));
    slot.state = Slot::State::kOpen;
    slot.last_failure.clear();
    const std::uint16_t id = slot.port->id();
    // relaxed: only says which ports to look at; the device's own state is asked through ethdev
    removed_.fetch_and(~(PortMask{1} << id), std::memory_order_relaxed);
    for (const rte_eth_event_type event : {RTE_ETH_EVENT_INTR_LSC, RTE_ETH_EVENT_INTR_RMV})
        (void)rte_eth_dev_callback_register(id, event, on_ethdev_event, this);
    (void)kernel_.read_changes(); // a tap's device is younger than what we have read
    slot.link = link_of(*slot.port);
    log_notes(slot);
    slot.unacknowledged = 1;
    post(slot, PortEvent::Kind::kOpened);
}

void ManagedPorts::take_acknowledgement(Slot &slot) {
    if (slot.unacknowledged == 0 || --slot.unacknowledged > 0)
        return;
    if (slot.state == Slot::State::kOpen) {
        poll_port(config_, *slot.port, slot.worker);
    } else if (slot.state == Slot::State::kAwaitsDetach) {
        // No interface leads to the port any more; a turn from now no worker is in it.
        slot.ticket = config_.grace->start();
        slot.state = Slot::State::kAwaitsGrace;
    }
}

void ManagedPorts::watch(Slot &slot) {
    const Port &port = *slot.port;
    if (!slot.is_wanted)
        return begin_closing(slot, "no longer configured");
    // relaxed: as in try_open()
    if ((removed_.load(std::memory_order_relaxed) & (PortMask{1} << port.id())) != 0)
        return begin_closing(slot, "the device was unplugged");
    if (port.kernel_index() != 0 && kernel_.find(port.kernel_index()) == nullptr)
        return begin_closing(slot, "the kernel's device was deleted");
    if (port.is_lost())
        return begin_closing(slot, "its peer is gone");
    const LinkState link = link_of(port);
    if (link == slot.link)
        return;
    slot.link = link;
    post(slot, PortEvent::Kind::kLink);
}

/// A port that stays takes its new wishes while it runs.
void ManagedPorts::retune(Slot &slot, const PortSpec &spec) {
    if (slot.spec == spec)
        return;
    slot.spec = spec;
    if (slot.state != Slot::State::kOpen)
        return;
    slot.port->update(spec);
    log_notes(slot);
}

void ManagedPorts::begin_closing(Slot &slot, std::string why) {
    config_.active->forget(slot.port->id());
    slot.state = Slot::State::kAwaitsDetach;
    slot.link = LinkState::kPending;
    ++slot.unacknowledged;
    post(slot, PortEvent::Kind::kClosing, std::move(why));
}

/// Nobody polls the port and no interface leads to it. What is on its way between workers comes to
/// its end before the device goes.
void ManagedPorts::go_on_closing(Slot &slot) {
    if (config_.tx_rings == nullptr || config_.spread == nullptr) { // one worker
        if (slot.state == Slot::State::kAwaitsGrace && config_.grace->passed(slot.ticket))
            close(slot);
        return;
    }
    const std::uint16_t id = slot.port ? slot.port->id() : mgm::kMaxPorts;
    if (slot.state == Slot::State::kAwaitsGrace && config_.grace->passed(slot.ticket)) {
        slot.mark = config_.spread->mark(); // nothing of the port comes behind it
        config_.tx_rings->end(id);
        slot.state = Slot::State::kAwaitsLanes;
    }
    if (slot.state == Slot::State::kAwaitsLanes && config_.spread->is_past(slot.mark) &&
        config_.tx_rings->is_empty(id)) {
        config_.tx_rings->close(id);
        slot.ticket = config_.grace->start();
        slot.state = Slot::State::kAwaitsOwners;
    }
    if (slot.state == Slot::State::kAwaitsOwners && config_.grace->passed(slot.ticket))
        close(slot);
}

void ManagedPorts::close(Slot &slot) {
    const std::uint16_t id = slot.port->id();
    for (const rte_eth_event_type event : {RTE_ETH_EVENT_INTR_LSC, RTE_ETH_EVENT_INTR_RMV})
        while (rte_eth_dev_callback_unregister(id, event, on_ethdev_event, this) == -EAGAIN)
            std::this_thread::yield(); // it is running just now
    slot.port.reset();
    slot.state = Slot::State::kPending;
    slot.next_try = Clock::now();
}

LinkState ManagedPorts::link_of(const Port &port) const {
    if (port.kernel_index() == 0)
        return port.link();
    const KernelDevice *device = kernel_.find(port.kernel_index());
    return device != nullptr && device->is_up ? LinkState::kUp : LinkState::kDown;
}

std::uint32_t ManagedPorts::least_loaded_worker() const {
    std::vector<unsigned> ports(config_.workers, 0);
    for (const auto &slot : slots_)
        if (slot->state == Slot::State::kOpen && slot->port->rx_queues() < config_.workers)
            ++ports[slot->worker];
    return static_cast<std::uint32_t>(std::min_element(ports.begin(), ports.end()) - ports.begin());
}

void ManagedPorts::log_notes(Slot &slot) {
    for (const std::string &note : slot.port->notes())
        if (slot.notes.insert(note).second)
            kLog.info("port {}: {}", slot.spec.devargs, note);
}

void ManagedPorts::post(const Slot &slot, PortEvent::Kind kind, std::string what) {
    PortEvent event;
    event.kind = kind;
    event.port = slot.spec.devargs;
    event.link = slot.link;
    event.what = std::move(what);
    if (slot.port) {
        event.port_id = slot.port->id();
        event.mac = slot.port->mac();
        event.takes_segments = slot.port->takes_segments();
    }
    config_.events->post(std::move(event));
}

int ManagedPorts::on_ethdev_event(std::uint16_t port_id, rte_eth_event_type event, void *self,
                                  void * /*unused*/) {
    auto &ports = *static_cast<ManagedPorts *>(self);
    if (event == RTE_ETH_EVENT_INTR_RMV)
        // relaxed: as in try_open(); the wake-up orders it before the turn that looks
        ports.removed_.fetch_or(PortMask{1} << port_id, std::memory_order_relaxed);
    ports.wakeup_.signal();
    return 0;
}

} // namespace dataplane
