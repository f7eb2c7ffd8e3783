// SPDX-License-Identifier: BSD-3-Clause
// The helper thread, and how control's wishes reach it.
#include "dataplane/port_manager.hpp"

#include "dataplane/managed_ports.hpp"

#include <array>
#include <mutex>
#include <thread>
#include <utility>

#include <poll.h>

namespace dataplane {

using mgm::Errc;
using mgm::fail;
using mgm::Result;

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

    const PortManagerConfig config_;
    Wakeup wakeup_;
    // --- helper thread only (start() before there is one, stop() after)
    std::optional<ManagedPorts> ports_; ///< since start()
    bool devices_changed_ = false;
    // --- shared, under mutex_
    std::mutex mutex_;
    std::optional<std::vector<PortSpec>> wanted_;
    std::vector<std::uint16_t> acknowledged_;
    bool is_stopping_ = false;
    // ---
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
    ports_.emplace(config_, std::move(*monitor), wakeup_);
    ports_->want(std::move(ports));
    ports_->turn(true);
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
    if (ports_)
        ports_->close_all();
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
        ports_->turn(std::exchange(devices_changed_, false));
    }
}

void PortManager::Impl::wait_for_something() {
    std::array<pollfd, 2> wait{
        {{.fd = wakeup_.descriptor(), .events = POLLIN, .revents = 0},
         {.fd = ports_->kernel_descriptor(), .events = POLLIN, .revents = 0}}};
    (void)::poll(wait.data(), wait.size(), static_cast<int>(ports_->time_to_next_turn().count()));
    wakeup_.clear();
    devices_changed_ = ports_->read_kernel_changes() || devices_changed_;
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
        ports_->acknowledge(id);
    if (wanted)
        ports_->want(std::move(*wanted));
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
