// SPDX-License-Identifier: BSD-3-Clause
#include "dataplane/port_manager.hpp"

#include "dataplane/link_monitor.hpp"
#include "dataplane/port.hpp"
#include "dataplane/wakeup.hpp"
#include "mgm/log.hpp"

#include <rte_ethdev.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include <poll.h>

namespace dataplane {

using mgm::Errc;
using mgm::fail;
using mgm::LinkState;
using mgm::PortEvent;
using mgm::Result;

namespace {

const mgm::Log kLog("mgm.port");

using Clock = std::chrono::steady_clock;
constexpr std::chrono::milliseconds kRetry{1000};   ///< a pending port is tried as often
constexpr std::chrono::milliseconds kLinkPoll{500}; ///< of ports that no event tells about
constexpr std::chrono::milliseconds kGracePoll{2};  ///< while workers may still hold a port

/// One port of the configuration, open or not.
struct Slot {
    enum class State : std::uint8_t {
        kPending,      ///< not open; tried again
        kOpen,         ///< in use; polled once control has acknowledged kOpened
        kAwaitsDetach, ///< kClosing was posted, control has not acknowledged
        kAwaitsGrace,  ///< a worker may still be in it
    };
    PortSpec spec;
    State state = State::kPending;
    bool is_wanted = true;
    std::optional<Port> port; ///< in every state but kPending
    LinkState link = LinkState::kPending;
    std::uint32_t worker = 0; ///< who polls it
    /// kOpened and kClosing events that control has not acknowledged. Counted, since a port may be
    /// gone again before control has answered that it came.
    unsigned unacknowledged = 0;
    mgm::GracePeriod::Ticket ticket = 0;
    Clock::time_point next_try;
    std::string last_failure;
    std::set<std::string> notes; ///< already logged
};

} // namespace

class PortManager::Impl {
public:
    explicit Impl(const PortManagerConfig &config) : config_(config) {}
    ~Impl() { stop(); }
    Impl(const Impl &) = delete;
    Impl &operator=(const Impl &) = delete;

    Result<void> start(std::vector<PortSpec> ports);
    void reconcile(std::vector<PortSpec> ports);
    void acknowledge(std::uint16_t port_id);
    void stop();

private:
    void run();
    void wait_for_something();
    void take_commands();
    void take_acknowledgement(Slot &slot);
    void take_wanted(std::vector<PortSpec> ports);
    void turn(bool try_all);
    void try_open(Slot &slot);
    void watch(Slot &slot);
    void retune(Slot &slot, const PortSpec &spec);
    void begin_closing(Slot &slot, std::string why);
    void close(Slot &slot);
    void log_notes(Slot &slot);
    std::uint32_t least_loaded_worker() const;
    LinkState link_of(const Port &port) const;
    void post(const Slot &slot, PortEvent::Kind kind, std::string what = {});
    static int on_ethdev_event(std::uint16_t port_id, rte_eth_event_type event, void *self,
                               void *unused);

    const PortManagerConfig config_;
    // --- helper thread only (start() before there is one, stop() after)
    std::vector<std::unique_ptr<Slot>> slots_;
    std::optional<LinkMonitor> kernel_;
    bool devices_changed_ = false;
    // --- shared
    Wakeup wakeup_;
    std::atomic<PortMask> removed_{0}; ///< ports whose device said that it was unplugged
    std::mutex mutex_;
    std::optional<std::vector<PortSpec>> wanted_;
    std::vector<std::uint16_t> acknowledged_;
    bool is_stopping_ = false;
    std::thread thread_;
};

// --- called by control

Result<void> PortManager::Impl::start(std::vector<PortSpec> ports) {
    if (ports.size() > mgm::kMaxPorts)
        return fail(Errc::kInvalidArgument, "{} ports configured, DPDK has room for {}",
                    ports.size(), mgm::kMaxPorts);
    Result<LinkMonitor> monitor = LinkMonitor::open();
    if (!monitor)
        return tl::unexpected(std::move(monitor.error()));
    kernel_.emplace(std::move(*monitor));
    take_wanted(std::move(ports));
    turn(true);
    thread_ = std::thread([this] { run(); });
    return {};
}

void PortManager::Impl::reconcile(std::vector<PortSpec> ports) {
    const std::lock_guard lock(mutex_);
    wanted_ = std::move(ports);
    wakeup_.signal();
}

void PortManager::Impl::acknowledge(std::uint16_t port_id) {
    const std::lock_guard lock(mutex_);
    acknowledged_.push_back(port_id);
    wakeup_.signal();
}

void PortManager::Impl::stop() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
        wakeup_.signal();
    }
    if (thread_.joinable())
        thread_.join();
    for (const auto &slot : slots_)
        if (slot->port) {
            config_.active->forget(slot->port->id());
            close(*slot);
        }
    slots_.clear();
}

// --- the helper thread

void PortManager::Impl::run() {
    for (;;) {
        wait_for_something();
        take_commands();
        {
            const std::lock_guard lock(mutex_);
            if (is_stopping_)
                return;
        }
        turn(std::exchange(devices_changed_, false));
    }
}

void PortManager::Impl::wait_for_something() {
    const bool is_closing = std::any_of(slots_.begin(), slots_.end(), [](const auto &slot) {
        return slot->state == Slot::State::kAwaitsGrace;
    });
    std::array<pollfd, 2> wait{{{.fd = wakeup_.descriptor(), .events = POLLIN, .revents = 0},
                                {.fd = kernel_->descriptor(), .events = POLLIN, .revents = 0}}};
    const auto most = is_closing ? kGracePoll : kLinkPoll;
    (void)::poll(wait.data(), wait.size(), static_cast<int>(most.count()));
    wakeup_.clear();
    devices_changed_ = kernel_->read_changes() || devices_changed_;
}

void PortManager::Impl::take_commands() {
    std::optional<std::vector<PortSpec>> wanted;
    std::vector<std::uint16_t> acknowledged;
    {
        const std::lock_guard lock(mutex_);
        wanted = std::exchange(wanted_, std::nullopt);
        acknowledged = std::exchange(acknowledged_, {});
    }
    for (const std::uint16_t id : acknowledged)
        for (const auto &slot : slots_)
            if (slot->port && slot->port->id() == id)
                take_acknowledgement(*slot);
    if (wanted)
        take_wanted(std::move(*wanted));
}

void PortManager::Impl::take_acknowledgement(Slot &slot) {
    if (slot.unacknowledged == 0 || --slot.unacknowledged > 0)
        return;
    if (slot.state == Slot::State::kOpen) {
        config_.active->poll(slot.worker, slot.port->id());
    } else if (slot.state == Slot::State::kAwaitsDetach) {
        // No interface leads to the port any more; a turn from now no worker is in it.
        slot.ticket = config_.grace->start();
        slot.state = Slot::State::kAwaitsGrace;
    }
}

void PortManager::Impl::take_wanted(std::vector<PortSpec> ports) {
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

/// A port that stays takes its new wishes while it runs.
void PortManager::Impl::retune(Slot &slot, const PortSpec &spec) {
    if (slot.spec == spec)
        return;
    slot.spec = spec;
    if (slot.state != Slot::State::kOpen)
        return;
    slot.port->update(spec);
    log_notes(slot);
}

/// Looks at every port once. `try_all`: pending ones too, however recently they were tried.
void PortManager::Impl::turn(bool try_all) {
    // First what closes, so that what opens finds the device's name free.
    for (const auto &slot : slots_) {
        if (slot->state == Slot::State::kOpen)
            watch(*slot);
        if (slot->state == Slot::State::kAwaitsGrace && config_.grace->passed(slot->ticket))
            close(*slot);
    }
    std::erase_if(slots_, [](const auto &slot) {
        return slot->state == Slot::State::kPending && !slot->is_wanted;
    });
    for (const auto &slot : slots_)
        if (slot->state == Slot::State::kPending && (try_all || Clock::now() >= slot->next_try))
            try_open(*slot);
}

void PortManager::Impl::try_open(Slot &slot) {
    slot.next_try = Clock::now() + kRetry;
    Result<Port> port = Port::open(slot.spec, {.tx_queues = config_.workers,
                                               .rx_descriptors = config_.rx_descriptors,
                                               .tx_descriptors = config_.tx_descriptors,
                                               .pool = config_.pool});
    if (!port) {
        if (slot.last_failure != port.error().what)
            post(slot, PortEvent::Kind::kFailed, port.error().what);
        slot.last_failure = std::move(port.error().what);
        return;
    }
    slot.port.emplace(std::move(*port));
    slot.state = Slot::State::kOpen;
    slot.last_failure.clear();
    slot.worker = least_loaded_worker();
    const std::uint16_t id = slot.port->id();
    // relaxed: only says which ports to look at; the device's own state is asked through ethdev
    removed_.fetch_and(~(PortMask{1} << id), std::memory_order_relaxed);
    for (const rte_eth_event_type event : {RTE_ETH_EVENT_INTR_LSC, RTE_ETH_EVENT_INTR_RMV})
        (void)rte_eth_dev_callback_register(id, event, on_ethdev_event, this);
    (void)kernel_->read_changes(); // a tap's device is younger than what we have read
    slot.link = link_of(*slot.port);
    log_notes(slot);
    slot.unacknowledged = 1;
    post(slot, PortEvent::Kind::kOpened);
}

void PortManager::Impl::watch(Slot &slot) {
    const Port &port = *slot.port;
    if (!slot.is_wanted)
        return begin_closing(slot, "no longer configured");
    // relaxed: as in try_open()
    if ((removed_.load(std::memory_order_relaxed) & (PortMask{1} << port.id())) != 0)
        return begin_closing(slot, "the device was unplugged");
    if (port.kernel_index() != 0 && kernel_->find(port.kernel_index()) == nullptr)
        return begin_closing(slot, "the kernel's device was deleted");
    if (port.is_lost())
        return begin_closing(slot, "its peer is gone");
    const LinkState link = link_of(port);
    if (link == slot.link)
        return;
    slot.link = link;
    post(slot, PortEvent::Kind::kLink);
}

void PortManager::Impl::begin_closing(Slot &slot, std::string why) {
    config_.active->forget(slot.port->id());
    slot.state = Slot::State::kAwaitsDetach;
    slot.link = LinkState::kPending;
    ++slot.unacknowledged;
    post(slot, PortEvent::Kind::kClosing, std::move(why));
}

void PortManager::Impl::close(Slot &slot) {
    const std::uint16_t id = slot.port->id();
    for (const rte_eth_event_type event : {RTE_ETH_EVENT_INTR_LSC, RTE_ETH_EVENT_INTR_RMV})
        while (rte_eth_dev_callback_unregister(id, event, on_ethdev_event, this) == -EAGAIN)
            std::this_thread::yield(); // it is running just now
    slot.port.reset();
    slot.state = Slot::State::kPending;
    slot.next_try = Clock::now();
}

LinkState PortManager::Impl::link_of(const Port &port) const {
    if (port.kernel_index() == 0)
        return port.link();
    const KernelDevice *device = kernel_->find(port.kernel_index());
    return device != nullptr && device->is_up ? LinkState::kUp : LinkState::kDown;
}

std::uint32_t PortManager::Impl::least_loaded_worker() const {
    std::vector<unsigned> ports(config_.workers, 0);
    for (const auto &slot : slots_)
        if (slot->state == Slot::State::kOpen)
            ++ports[slot->worker];
    return static_cast<std::uint32_t>(std::min_element(ports.begin(), ports.end()) - ports.begin());
}

void PortManager::Impl::log_notes(Slot &slot) {
    for (const std::string &note : slot.port->notes())
        if (slot.notes.insert(note).second)
            kLog.info("port {}: {}", slot.spec.devargs, note);
}

void PortManager::Impl::post(const Slot &slot, PortEvent::Kind kind, std::string what) {
    PortEvent event;
    event.kind = kind;
    event.port = slot.spec.devargs;
    event.link = slot.link;
    event.what = std::move(what);
    if (slot.port) {
        event.port_id = slot.port->id();
        event.mac = slot.port->mac();
    }
    config_.events->post(std::move(event));
}

int PortManager::Impl::on_ethdev_event(std::uint16_t port_id, rte_eth_event_type event, void *self,
                                       void * /*unused*/) {
    auto &manager = *static_cast<Impl *>(self);
    if (event == RTE_ETH_EVENT_INTR_RMV)
        // relaxed: as in try_open(); the wake-up orders it before the turn that looks
        manager.removed_.fetch_or(PortMask{1} << port_id, std::memory_order_relaxed);
    manager.wakeup_.signal();
    return 0;
}

PortManager::PortManager(const PortManagerConfig &config) : impl_(std::make_unique<Impl>(config)) {}
PortManager::~PortManager() = default;
Result<void> PortManager::start(std::vector<PortSpec> ports) {
    return impl_->start(std::move(ports));
}
void PortManager::reconcile(std::vector<PortSpec> ports) {
    impl_->reconcile(std::move(ports));
}
void PortManager::acknowledge(std::uint16_t port_id) {
    impl_->acknowledge(port_id);
}
void PortManager::stop() {
    impl_->stop();
}

} // namespace dataplane
