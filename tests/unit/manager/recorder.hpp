// SPDX-License-Identifier: BSD-3-Clause
// Writes down, in one order, all that the manager wants done, and complains at once about what may
// never happen.
#pragma once

#include "names.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace control::manager::test {

struct Record {
    enum class Kind : std::uint8_t { kCallback, kCompletion, kClient, kPlane };
    Kind kind{};
    std::string text;
};

/// A callback that has not returned.
struct Delivered {
    Handle client{};
    CallbackId id{};
    CallbackKind kind{};
    RpfReply unchanged; ///< RPF: the in-parameters, handed back as they came
    std::vector<std::byte> header;
};

struct Completion {
    Status status{};
    Handle handle{};
};

struct PlaneEntry {
    std::vector<mgm::IfIndex> iifs;
    std::vector<Oif> oifs;
};

class Recorder final : public Effects, public ForwardingPlane {
public:
    // --- Effects
    void reserve_client(Handle client) override;
    void client_gone(Handle client) noexcept override;
    void deliver(Handle client, CallbackId id, const Callback &callback) noexcept override;
    void complete(CallId call, Status status, Handle handle) noexcept override;
    void log(Event event, std::string_view detail) noexcept override;

    // --- ForwardingPlane
    [[nodiscard]] bool install(const mgm::RouteKey &key, std::span<const mgm::IfIndex> iifs,
                               std::span<const Oif> oifs) noexcept override;
    void remove(const mgm::RouteKey &key) noexcept override;
    void release_held(const Key &key) noexcept override;
    void drop_held(const Key &key) noexcept override;
    [[nodiscard]] std::uint64_t packets(const Key &key) noexcept override;

    // --- what the test says
    void call_begins(CallId call, const std::string &what);
    /// Who comes next, if anybody: one that adopts is told things as soon as it is there.
    void client_registers(std::optional<std::pair<std::string, CallbackSet>> who) {
        registering_ = std::move(who);
    }
    void client_registered(Handle client, const std::string &name, CallbackSet callbacks);
    bool has_room = true;                  ///< the tables; false: install() refuses
    bool has_room_for_oifs = true;         ///< false: only for entries that send nowhere
    std::optional<unsigned> refuses_after; ///< so many installs; once
    bool takes_clients = true;             ///< false: reserve_client() throws
    std::map<Key, std::uint64_t> matched;  ///< packets()

    // --- what the test reads
    std::vector<Record> records;
    std::vector<Event> events;
    std::deque<Delivered> outstanding;
    std::map<mgm::RouteKey, PlaneEntry> table;
    /// Olists that an entry had, "no entry" included, since the test last cleared them.
    std::map<mgm::RouteKey, std::vector<std::vector<Oif>>> history;
    /// What packets of the (S,G) go by: (S,G), (*,G), the longest range. Null: nothing.
    [[nodiscard]] const PlaneEntry *find(const Key &key) const;
    [[nodiscard]] std::optional<Completion> completion(CallId call) const;
    [[nodiscard]] std::vector<std::string> waiting_calls() const;
    [[nodiscard]] std::string name(Handle client) const;

private:
    struct Known {
        std::string name;
        CallbackSet callbacks;
        bool is_gone = false;
    };
    struct PendingCall {
        std::string what;
        std::optional<Completion> completion;
    };
    void add(Record::Kind kind, std::string text);

    std::map<Handle, Known> clients_;
    std::optional<std::pair<std::string, CallbackSet>> registering_;
    std::map<CallId, PendingCall> calls_;
    std::set<CallbackId> callback_ids_;
};

[[nodiscard]] mgm::RouteKey route_key(const Key &key);

} // namespace control::manager::test
