// SPDX-License-Identifier: BSD-3-Clause
// The manager on the control thread, and the way to it for protocols in this process. Calls arrive
// as commands; the caller waits on its own completion. Callbacks leave through one dispatcher a
// client. No lock is held while one runs.
//
// Thread: the Transport's calls: any but the control thread. What is headed so: the control thread.
#pragma once

#include "control/client/dispatcher.hpp"
#include "control/client/transport.hpp"
#include "control/command_queue.hpp"
#include "control/manager/manager.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

namespace control {

class LocalTransport : public Transport, private manager::Effects {
public:
    /// For a failure that the original writes to the event log; on the control thread.
    using Log = std::function<void(manager::Event, std::string_view)>;

    using Interfaces = std::function<std::vector<InterfaceInfo>()>;
    using Done = std::function<void(manager::Status, manager::Handle)>;

    /// All of them outlive it. Whoever owns the control thread closes `commands` before this ends:
    /// calls that still wait end in kCanNotComplete.
    LocalTransport(const manager::Options &options, const Rib &rib, manager::ForwardingPlane &plane,
                   StatisticsReader &statistics, CommandQueue &commands, Log log);
    ~LocalTransport() override;
    LocalTransport(const LocalTransport &) = delete;
    LocalTransport &operator=(const LocalTransport &) = delete;

    // --- control thread
    [[nodiscard]] manager::Manager &manager() noexcept { return manager_; }
    [[nodiscard]] static manager::Time now() noexcept;
    /// Callbacks of the client that have not returned: what its dispatcher's queue holds and the
    /// one that runs. Options::max_undelivered bounds it (8.18).
    [[nodiscard]] std::size_t outstanding(manager::Handle client) const noexcept {
        const auto found = clients_.find(client);
        return found == clients_.end() ? 0 : found->second.outstanding;
    }
    /// Timers. Called by the loop's tick.
    void tick() { manager_.advance(now()); }
    /// Where interfaces() comes from; by index.
    void set_interfaces(Interfaces interfaces) { interfaces_ = std::move(interfaces); }
    /// A call made on the control thread itself, by a client without callbacks: `done` is called
    /// with its outcome, now or later.
    void call_here(const std::function<void(const manager::Call &)> &start, Done done);

    // --- Transport
    std::pair<manager::Status, manager::Handle>
    register_client(const manager::Registration &registration, Receiver &receiver) override;
    manager::Status deregister(manager::Handle client) override;
    manager::Status take(manager::Handle client, const manager::Link &link) override;
    manager::Status release(manager::Handle client, const manager::Link &link) override;
    manager::Status add(manager::Handle client, const manager::Membership &membership) override;
    manager::Status remove(manager::Handle client, const manager::Membership &membership) override;
    manager::Status add_all(manager::Handle client,
                            std::span<const manager::Membership> memberships,
                            std::span<manager::Status> results) override;
    manager::Status update(manager::Handle client,
                           const manager::MembershipUpdate &update) override;
    std::pair<manager::Status, manager::Handle>
    start_enumeration(manager::Handle client, manager::EnumerationKind kind) override;
    manager::Status next_groups(manager::Handle enumeration,
                                std::span<manager::SourceGroup> records,
                                std::size_t &count) override;
    manager::Status end_enumeration(manager::Handle enumeration) override;
    manager::Status owner_of(mgm::Vrf vrf, const manager::Link &link,
                             manager::Identity &owner) override;
    manager::Status set_upstream(manager::Handle client, const manager::Key &key,
                                 const mgm::IpAddress &upstream) override;
    manager::Status entry(const manager::Key &key, Entry &entry) override;
    manager::Status entries_after(const manager::Key &key, std::span<Entry> entries,
                                  std::size_t &count) override;
    manager::Status interfaces(mgm::Vrf vrf, std::vector<InterfaceInfo> &interfaces) override;
    manager::Status reconciled(manager::Handle client) override;
    void client_ended(manager::Handle client) noexcept override;
    void end_client(manager::Handle client) noexcept override;
    manager::Status flush() override;

private:
    class Completion;

    // --- Effects, on the control thread
    void reserve_client(manager::Handle client) override;
    void client_gone(manager::Handle client) noexcept override;
    void deliver(manager::Handle client, manager::CallbackId id,
                 const manager::Callback &callback) noexcept override;
    void complete(manager::CallId call, manager::Status status,
                  manager::Handle handle) noexcept override;
    void log(manager::Event event, std::string_view detail) noexcept override;

    /// Runs `start` on the control thread and waits until its call is complete.
    template <class F>
    std::pair<manager::Status, manager::Handle> call(F start);
    void add_some(const manager::Call &head, manager::Handle client,
                  std::span<const manager::Membership> memberships,
                  std::span<manager::Status> results);
    /// Runs `read` on the control thread and waits for what it returns; `otherwise` when there is
    /// no control thread.
    template <class F, class T>
    T ask(F read, T otherwise);
    manager::Status show(std::optional<manager::EntryInfo> found, Entry &entry);
    void callback_returned(manager::Handle client, manager::CallbackId id,
                           const manager::Reply &reply);
    void callbacks_done(std::size_t count);
    /// The dispatcher of a client that is gone; null when somebody else has it.
    std::unique_ptr<Dispatcher> take_ended(manager::Handle client) noexcept;

    StatisticsReader &statistics_;
    CommandQueue &commands_;
    Log log_;
    Interfaces interfaces_;

    // --- control thread
    std::map<manager::CallId, Done> pending_;
    std::uint64_t last_call_ = 0;
    Receiver *registering_ = nullptr; ///< of the Register in work, for reserve_client()
    struct Delivery {
        std::unique_ptr<Dispatcher> dispatcher;
        std::size_t outstanding = 0; ///< delivered, not returned
    };
    std::map<manager::Handle, Delivery> clients_;
    std::size_t outstanding_ = 0; ///< of all clients
    std::vector<Done> flushing_;  ///< wait for it to be 0

    std::mutex ended_mutex_;
    std::map<manager::Handle, std::unique_ptr<Dispatcher>> ended_; ///< to be joined by who ended it

    manager::Manager manager_; ///< goes first: it may still have effects
};

} // namespace control
