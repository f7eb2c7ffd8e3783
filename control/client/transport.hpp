// SPDX-License-Identifier: BSD-3-Clause
// How a protocol reaches the group manager: in this process (LocalTransport), or over a stream.
// Client and mgm.h are thin layers on it, so that a protocol's source does not change with the
// transport.
//
// Thread: any, but the control thread, whose answer a call waits for. Called on a dispatcher's
// thread, a call is "inside" the callback that runs there (mgm-spec 8.4).
#pragma once

#include "control/manager/manager.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace control {

/// A protocol's side of the callbacks. One at a time, in order, on a thread of the client's own.
class Receiver {
public:
    virtual ~Receiver() = default;
    /// `callback` and the spans in it live until this returns, and so must those in the reply until
    /// the next call.
    virtual manager::Reply received(const manager::Callback &callback) = 0;
};

/// Counters of an entry, from its creation on (mgm-spec 4.6 to 4.8).
struct EntryStatistics {
    std::uint64_t packets = 0; ///< forwarded, or dropped by a negative entry
    std::uint64_t octets = 0;
    std::uint64_t different_if = 0;
    std::uint64_t queue_overflow = 0; ///< while Uninitialised
    std::uint64_t uninitialised = 0;
    std::uint64_t negative = 0;
    std::uint64_t discards = 0;
    std::uint64_t header_errors = 0;
    struct Oif {
        std::uint64_t ttl_too_low = 0;
        std::uint64_t frag_needed = 0;
        std::uint64_t packets = 0;
        std::uint64_t discards = 0;
    };
    std::vector<Oif> oifs{}; ///< in the order of EntryInfo::oifs
};
/// Where they come from. Control thread.
class StatisticsReader {
public:
    virtual ~StatisticsReader() = default;
    [[nodiscard]] virtual EntryStatistics read(const manager::EntryInfo &entry) = 0;
};

/// An interface of the configuration.
struct InterfaceInfo {
    mgm::IfIndex index{};
    std::string name;
    mgm::Vrf vrf{};
    std::vector<mgm::IpPrefix> addresses;
    bool is_up = false;
};

class Transport {
public:
    struct Entry {
        manager::EntryInfo info;
        EntryStatistics statistics;
    };

    virtual ~Transport() = default;

    /// `receiver` outlives the registration. The handle is 0 unless the status is kOk.
    virtual std::pair<manager::Status, manager::Handle>
    register_client(const manager::Registration &registration, Receiver &receiver) = 0;
    /// When it succeeded, no callback runs or will run (2.2).
    virtual manager::Status deregister(manager::Handle client) = 0;
    virtual manager::Status take(manager::Handle client, const manager::Link &link) = 0;
    virtual manager::Status release(manager::Handle client, const manager::Link &link) = 0;
    virtual manager::Status add(manager::Handle client, const manager::Membership &membership) = 0;
    virtual manager::Status remove(manager::Handle client,
                                   const manager::Membership &membership) = 0;
    /// Many at once, for a protocol that starts with all it knows: each is an add() of its own and
    /// has its own result in `results`, which is as long; a few hundred are one command for the
    /// control thread. Returns kOk when all are, else the status of the first that is not.
    virtual manager::Status add_all(manager::Handle client,
                                    std::span<const manager::Membership> memberships,
                                    std::span<manager::Status> results) = 0;
    virtual manager::Status update(manager::Handle client,
                                   const manager::MembershipUpdate &update) = 0;
    virtual std::pair<manager::Status, manager::Handle>
    start_enumeration(manager::Handle client, manager::EnumerationKind kind) = 0;
    virtual manager::Status next_groups(manager::Handle enumeration,
                                        std::span<manager::SourceGroup> records,
                                        std::size_t &count) = 0;
    virtual manager::Status end_enumeration(manager::Handle enumeration) = 0;
    virtual manager::Status owner_of(mgm::Vrf vrf, const manager::Link &link,
                                     manager::Identity &owner) = 0;
    virtual manager::Status set_upstream(manager::Handle client, const manager::Key &key,
                                         const mgm::IpAddress &upstream) = 0;
    /// kOk: `entry` is that of `key`; kNotFound.
    virtual manager::Status entry(const manager::Key &key, Entry &entry) = 0;
    /// Up to entries.size() of those behind `key` in the order of (group, source), of its vrf and
    /// family; `count` of them. kMoreData: there may be more; kNoMoreItems. Entries come and go
    /// between calls, one that stays is returned once.
    virtual manager::Status entries_after(const manager::Key &key, std::span<Entry> entries,
                                          std::size_t &count) = 0;
    /// Those of a vrf, by index.
    virtual manager::Status interfaces(mgm::Vrf vrf, std::vector<InterfaceInfo> &interfaces) = 0;
    /// What was adopted and not added again goes now (8.17).
    virtual manager::Status reconciled(manager::Handle client) = 0;
    /// The client is no more: the same as release of everything, then deregister (8.10), at the end
    /// of its hold time if it has one (8.17). Does not wait.
    virtual void client_ended(manager::Handle client) noexcept = 0;
    /// The same, and returns when no callback of the client runs any more, so that its receiver may
    /// go. Inside a callback it does not wait for that.
    virtual void end_client(manager::Handle client) noexcept = 0;
    /// Returns when every callback that was due has returned (8.19). kCanNotComplete inside one.
    virtual manager::Status flush() = 0;
};

} // namespace control
